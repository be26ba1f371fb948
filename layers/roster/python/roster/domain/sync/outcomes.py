"""How a line of a report went: done, left alone by a rule, or tried and refused."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """What the lines of a report are told apart by."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    CONFLICT = "conflict"
    UNCHANGED = "unchanged"


class Code(StrEnum):
    """Why a record was left alone or failed, for a program; the reason says it in words."""

    DUPLICATE = "duplicate"
    NOT_IN_PLAN = "not_in_plan"
    NOT_PUSHED = "not_pushed"
    WAITS_FOR_NAMESAKE = "waits_for_namesake"
    REFUSED_BY_ROSTER = "refused_by_roster"
    REFUSED_BY_QUICKBOOKS = "refused_by_quickbooks"
    EDITED_MEANWHILE = "edited_meanwhile"
    NOT_ANSWERED = "not_answered"
    GONE = "gone"


_FAILED = frozenset(
    {
        Code.REFUSED_BY_ROSTER,
        Code.REFUSED_BY_QUICKBOOKS,
        Code.EDITED_MEANWHILE,
        Code.NOT_ANSWERED,
        Code.GONE,
    }
)
_BY_VERB = {
    "skip": Result.SKIPPED,
    "conflict": Result.CONFLICT,
    "unchanged": Result.UNCHANGED,
}


def result_of(verb: str, code: Code | None) -> Result:
    """What became of it: a skip is a failure where it was tried and refused."""
    return Result.FAILED if code in _FAILED else _BY_VERB.get(verb, Result.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whom a line that is tried again is about: a QuickBooks record, a customer here, or both."""

    record: str = ""
    customer: str = ""
    name: str = ""
