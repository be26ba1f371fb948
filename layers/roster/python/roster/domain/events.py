"""The history of a customer: who changed what, from what, when and by which road."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from roster.domain.ids import new_id


class Source(StrEnum):
    """The road a change came by."""

    API = "api"
    IMPORT = "import"
    QUICKBOOKS = "quickbooks"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `user` is a person's or a program's name, `run` the import or sync run."""

    user: str
    source: Source = Source.API
    run: str | None = None


class EventKind(StrEnum):
    """What happened to a customer."""

    CREATED = "created"
    EDITED = "edited"
    DEACTIVATED = "deactivated"
    ACTIVATED = "activated"
    DELETED = "deleted"
    ERASED = "erased"
    MERGED = "merged"
    UNMERGED = "unmerged"
    LOCATION_ADDED = "location_added"
    LOCATION_EDITED = "location_edited"
    LOCATION_REMOVED = "location_removed"
    CONTACT_ADDED = "contact_added"
    CONTACT_EDITED = "contact_edited"
    CONTACT_REMOVED = "contact_removed"
    ASSET_ADDED = "asset_added"
    ASSET_MOVED = "asset_moved"
    ASSET_REMOVED = "asset_removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One field's old and new value, as JSON values; None means empty."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the history. `version` is the customer's version that the change made."""

    id: str
    kind: EventKind
    customer_id: str
    version: int
    at: datetime
    actor: Actor
    changes: tuple[Change, ...] = ()
    reason: str | None = None


def event_id(version: int, at: datetime) -> str:
    """An id that orders a customer's events by version, whatever the writers' clocks say."""
    return f"evt_{version:010d}_{new_id('e', at)[2:]}"
