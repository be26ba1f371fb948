"""What a preflight answers with: its checks, always all of them and in one order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

# So many examples are shown of what may be thousands.
MOST_EXAMPLES = 10


class Code(StrEnum):
    """The checks, in the order they are shown in."""

    CONNECTION = "connection"
    COMPANY = "company"
    SUBSCRIPTION = "subscription"
    MODE = "mode"
    RUN = "run_under_way"
    BACKUP = "backup_before_first_sync"
    DAILY_BACKUPS = "daily_backups"
    CUSTOMERS = "unwanted_customers"
    ITEMS = "unwanted_items"
    NAMES_REFUSED = "names_refused"
    NAMES_SHORTENED = "names_shortened"
    NAMES_TWICE = "names_twice"
    NAMES_TAKEN = "names_taken"
    ACCOUNTS = "items_without_accounts"
    TERMS = "taxes_and_terms"
    JOBS = "jobs"
    SHIP_TO = "missing_ship_to"
    CURRENCY = "currency"
    UNDECIDED = "undecided_customers"
    CONFLICTS = "open_conflicts"


class Result(StrEnum):
    """A failed check keeps the sync from starting or from doing anything; a warning does not."""

    PASS = "pass"  # noqa: S105 — no secret
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A record that a check is about: a customer here or one of QuickBooks', or `href` alone."""

    name: str
    customer_id: str | None = None
    quickbooks_id: str | None = None
    href: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to go on that a person may choose, and whether it is open to them now."""

    code: str
    title: str
    allowed: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found and what to do about it; `count` is how many it is about, if it counts."""

    code: Code
    result: Result
    title: str
    detail: str
    steps: tuple[str, ...] = ()
    count: int | None = None
    examples: tuple[Example, ...] = ()
    options: tuple[Option, ...] = ()


def passed(code: Code, title: str, detail: str, *, count: int | None = None) -> Check:
    """A check with nothing to do."""
    return Check(code=code, result=Result.PASS, title=title, detail=detail, count=count)


def unchecked(code: Code, title: str, why: str) -> Check:
    """A check that could not be made, and why."""
    return Check(
        code=code,
        result=Result.WARN,
        title=title,
        detail=f"This could not be checked: {why}.",
        steps=("Ask for the preflight again when that is done.",),
    )


def is_ready(checks: Iterable[Check]) -> bool:
    """Whether nothing stands in the way."""
    return all(check.result is not Result.FAIL for check in checks)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 customer", "12 customers"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def some(examples: Sequence[Example]) -> tuple[Example, ...]:
    """Those that are shown."""
    return tuple(examples[:MOST_EXAMPLES])
