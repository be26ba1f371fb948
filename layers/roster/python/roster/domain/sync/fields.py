"""Field by field: what moved on which side since the two last agreed, and who has the word."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roster.domain.events import Change
from roster.domain.location import Address
from roster.domain.sync.order import Newer
from roster.domain.sync.policy import Mode, Policy, Primary
from roster.domain.sync.records import COMPARED, MAPPED, Link
from roster.domain.sync.steps import Conflict

_WORDS = {
    "display_name": "name",
    "company_name": "company name",
    "first_name": "first name",
    "last_name": "last name",
    "email": "e-mail",
    "billing_address": "billing address",
    "active": "status",
}
_PHONES = ("phone", "mobile")
_PUNCTUATION = re.compile(r"[\s()./-]")


class Ruling(StrEnum):
    """What becomes of a field."""

    # Both sides have the same.
    AGREED = "agreed"
    # Nobody edited it; where the sides differ, one of them cannot hold what the other does.
    QUIET = "quiet"
    TO_HERE = "to_here"
    TO_THERE = "to_there"
    # An edit there while Roster leads, an edit here while QuickBooks does.
    LEFT_THERE = "left_there"
    LEFT_HERE = "left_here"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ruling on one field; `conflict` where both sides had edited it."""

    field: str
    ruling: Ruling
    ours: Any
    theirs: Any
    conflict: Conflict | None = None


type Order = Callable[[str], Newer]


@dataclass(frozen=True, slots=True)
class Bases:
    """What the sides last agreed on; all empty where they never met."""

    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    left: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()

    @classmethod
    def of(cls, link: Link) -> "Bases":
        """The bases that a link remembers."""
        return cls(link.base_ours, link.base_theirs, link.left, link.owed)


def verdicts(
    bases: Bases,
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    policy: Policy,
    order: Order,
    *,
    unusable: Iterable[str] = (),
) -> tuple[Verdict, ...]:
    """The three-way comparison of every field; what is `unusable` here counts as not edited."""
    broken = frozenset(unusable)
    return tuple(
        _verdict(
            name,
            bases,
            ours.get(name),
            theirs.get(name),
            policy,
            order,
            edited_there=name not in broken
            and (name in bases.left or theirs.get(name) != bases.theirs.get(name)),
        )
        for name in COMPARED
    )


def _verdict(
    name: str,
    bases: Bases,
    ours: Any,
    theirs: Any,
    policy: Policy,
    order: Order,
    *,
    edited_there: bool,
) -> Verdict:
    if ours == theirs or (not bases.theirs and _is_spelling(name, ours, theirs)):
        return Verdict(name, Ruling.AGREED, ours, theirs)
    edited_here = name in bases.owed or ours != bases.ours.get(name)
    if not edited_here and not edited_there:
        return Verdict(name, Ruling.QUIET, ours, theirs)
    if edited_here and edited_there:
        winner, why = _winner(name, policy, order)
        conflict = Conflict(
            field=name,
            base=bases.ours.get(name),
            ours=ours,
            theirs=theirs,
            winner=winner,
            why=why,
        )
        ruling = Ruling.TO_HERE if winner is Primary.QUICKBOOKS else Ruling.TO_THERE
        return Verdict(name, ruling, ours, theirs, conflict)
    if edited_there:
        ruling = Ruling.TO_HERE if policy.mode.pulls else Ruling.LEFT_THERE
    else:
        ruling = Ruling.TO_THERE if policy.mode.pushes else Ruling.LEFT_HERE
    return Verdict(name, ruling, ours, theirs)


def _is_spelling(name: str, ours: str | None, theirs: str | None) -> bool:
    """Whether two systems only write the same number or e-mail address differently."""
    if not ours or not theirs:
        return False
    if name in _PHONES:
        return _PUNCTUATION.sub("", ours) == _PUNCTUATION.sub("", theirs)
    return name == "email" and ours.casefold() == theirs.casefold()


def _winner(name: str, policy: Policy, order: Order) -> tuple[Primary, str]:
    match policy.mode:
        case Mode.QUICKBOOKS_TO_ROSTER:
            return Primary.QUICKBOOKS, "QuickBooks leads"
        case Mode.ROSTER_TO_QUICKBOOKS:
            return Primary.ROSTER, "Roster leads"
    last = order(name)
    if last.side is not None:
        return last.side, last.why
    return policy.primary, f"{last.why}, and {policy.primary.spoken} is the primary system"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a link remembers after a look."""

    base_ours: Mapping[str, Any]
    base_theirs: Mapping[str, Any]
    left: tuple[str, ...]
    owed: tuple[str, ...]
    to_push: bool


def agreed(
    bases: Bases, found: Iterable[Verdict], seen: Mapping[str, Any], *, to_push: bool
) -> Agreed:
    """The bases after `found`: theirs is what was `seen`, ours moves only where both agree.

    So a field that ours won, or that was left as it is here, still reads as edited here.
    """
    ours = dict(bases.ours)
    left, owed = set(bases.left), set(bases.owed)
    for verdict in found:
        match verdict.ruling:
            case Ruling.AGREED | Ruling.TO_HERE:
                is_same = verdict.ruling is Ruling.AGREED
                ours[verdict.field] = verdict.ours if is_same else verdict.theirs
                left.discard(verdict.field)
                owed.discard(verdict.field)
            case Ruling.TO_THERE:
                left.discard(verdict.field)
                # A plain edit here is found by its customer's change; these are not.
                if verdict.conflict is not None or not bases.theirs:
                    owed.add(verdict.field)
                    to_push = True
            case Ruling.LEFT_THERE:
                left.add(verdict.field)
    kept = {name: value for name, value in ours.items() if value is not None}
    return Agreed(kept, dict(seen), tuple(sorted(left)), tuple(sorted(owed)), to_push)


def overrides(link: Link, ours: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that were edited here and not sent: shown as local overrides (A-17)."""
    return tuple(
        name
        for name in COMPARED
        if (name in link.owed or ours.get(name) != link.base_ours.get(name))
        and ours.get(name) != link.base_theirs.get(name)
    )


def create_changes(values: Mapping[str, Any]) -> tuple[Change, ...]:
    """The fields of a record that is new on the other side."""
    return tuple(Change(name, None, values[name]) for name in MAPPED if values.get(name))


def words_of(names: Iterable[str]) -> str:
    """Fields as a person calls them."""
    return ", ".join(_WORDS.get(name, name) for name in names)


def own_address(address: Address | None, *others: Address | None) -> Address | None:
    """`address` unless it is empty or one of `others`: only a place of its own is a location."""
    return None if address is None or address in others else address
