"""Bringing back what one event did to a customer's locations or contacts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from roster.domain.contact import Contact
from roster.domain.events import Event
from roster.domain.location import Address, Location
from roster.domain.part_past import (
    contact_again,
    location_again,
    old_parts,
    restore_contact,
    restore_location,
    touched_since,
)
from roster.usecases.parts import Call, take_step


def restore_locations(
    call: Call[Location],
    event: Event,
    only: Sequence[str] | None,
    *,
    since: Collection[Event],
    if_version: int | None,
    next_version: int,
) -> None:
    """Set the locations back to what they were before `event`; `since` are the later events.

    `next_version`: what comes back has this version, which it never had before.
    """

    def again(location_id: str, old: Mapping[str, Any]) -> Location:
        blank = Location(
            id=location_id,
            customer_id=call.customer_id,
            version=next_version,
            address=Address(),
        )
        return location_again(blank, old)

    def restore(location: Location, old: Mapping[str, Any]) -> Location:
        # What this event changed and nobody asks back has been changed since as well.
        left = touched_since([event], location.id) - set(old)
        touched = left | touched_since(since, location.id)
        return restore_location(location, old, touched=touched)

    def step(parts: list[Location], _: datetime) -> tuple[list[Location], str]:
        return old_parts(parts, event, only, again=again, restore=restore), ""

    take_step(call, "locations", step, if_version=if_version, reason=_reason(event))


def restore_contacts(
    call: Call[Contact],
    event: Event,
    only: Sequence[str] | None,
    *,
    if_version: int | None,
    next_version: int,
) -> None:
    """Set the contacts back to what they were before `event`; see `restore_locations`."""

    def again(contact_id: str, old: Mapping[str, Any]) -> Contact:
        blank = Contact(id=contact_id, customer_id=call.customer_id, version=next_version)
        return contact_again(blank, old)

    def step(parts: list[Contact], _: datetime) -> tuple[list[Contact], str]:
        return old_parts(parts, event, only, again=again, restore=restore_contact), ""

    take_step(call, "contacts", step, if_version=if_version, reason=_reason(event))


def _reason(event: Event) -> str:
    return f"restored what {event.id} changed"
