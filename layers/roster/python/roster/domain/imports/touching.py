"""Whether anybody touched a customer since an import did, and in which way: what an undo asks."""

from collections.abc import Iterable
from enum import StrEnum

from roster.domain.customer import Customer, Status
from roster.domain.events import Event, EventKind, Source

# What the events of an undo of an import say.
UNDONE = "undo"
_LINK = "quickbooks"
_DONE = {
    EventKind.DEACTIVATED: "made inactive",
    EventKind.ACTIVATED: "made active again",
}


class KeptCode(StrEnum):
    """Why an undo leaves something as it is; the names are part of the API."""

    EDITED = "edited"
    IMPORTED = "imported"
    ADDED_TO = "added_to"
    MERGED = "merged"
    DELETED = "deleted"
    LINKED = "linked"
    IN_USE = "in_use"
    VALUE_TAKEN = "value_taken"


def touched_by(events: Iterable[Event]) -> Event | None:
    """The last of `events`, which come newest first, that is still in force.

    What an import did and the undo of that import are in force no more, nor is what lies between.
    """
    taken_back: list[str | None] = []
    for event in events:
        is_imported = event.actor.source is Source.IMPORT
        if is_imported and event.reason == UNDONE:
            taken_back.append(event.actor.run)
        elif is_imported and taken_back and taken_back[-1] == event.actor.run:
            taken_back.pop()
        else:
            return event
    return None


def why_touched(
    customer: Customer, event: Event | None, beside: Iterable[str] = ()
) -> tuple[KeptCode, str]:
    """Why a customer stays, by what touched it last and the nouns of what was added to it."""
    match customer.status:
        case Status.DELETED:
            return KeptCode.DELETED, f"deleted{_by(event)}"
        case Status.MERGED:
            return KeptCode.MERGED, f"merged into customer {customer.merged_into}{_by(event)}"
    if event is not None and event.actor.source is Source.IMPORT:
        undo = f"changed by import {event.actor.run} on {event.at:%Y-%m-%d}: undo that one first"
        return KeptCode.IMPORTED, undo
    if things := sorted(set(beside)):
        return KeptCode.ADDED_TO, f"added to it since: {', '.join(things)}"
    if event is None:
        return KeptCode.EDITED, "changed since"
    if any(change.field == _LINK and change.new for change in event.changes):
        return KeptCode.LINKED, f"linked with QuickBooks on {event.at:%Y-%m-%d}"
    return KeptCode.EDITED, f"{_DONE.get(event.kind, 'changed')}{_by(event)}"


def _by(event: Event | None) -> str:
    if event is None:
        return " since"
    who = "the QuickBooks sync" if event.actor.source is Source.QUICKBOOKS else event.actor.user
    return f" by {who} on {event.at:%Y-%m-%d}"
