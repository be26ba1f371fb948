"""A customer's locations and contacts: each change is a version and an event of the customer."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from roster.domain import counts
from roster.domain import parts as rules
from roster.domain.contact import Contact, edit_contact
from roster.domain.customer import Customer, changes_between, keep_billing
from roster.domain.errors import Invalid, StaleVersion, WrongState
from roster.domain.events import Actor, Event, EventKind, event_id
from roster.domain.ids import new_id
from roster.domain.job import Job
from roster.domain.location import Address, Location, edit_location, missing_parts
from roster.usecases.customers import own_customer, read_customer
from roster.usecases.joining import owners
from roster.usecases.part_ports import Geocoder, Parts, PartStep
from roster.usecases.ports import Clock, Customers, Page
from roster.usecases.record_ports import Records

# The customer may be edited meanwhile, which is no reason to refuse: a part has its own version.
_ATTEMPTS = 8
# One query, and more than a customer ever has open.
_OPEN_JOBS_LOOKED_AT = 1000


_KINDS = {
    "locations": (
        EventKind.LOCATION_ADDED,
        EventKind.LOCATION_REMOVED,
        EventKind.LOCATION_EDITED,
    ),
    "contacts": (EventKind.CONTACT_ADDED, EventKind.CONTACT_REMOVED, EventKind.CONTACT_EDITED),
}

# From the parts and the time to the parts after it, and the id of the one that it is about.
type Step[P] = Callable[[list[P], datetime], tuple[list[P], str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call[P: Location | Contact]:
    """Whose parts, who asks, and what it takes to read and change them."""

    tenant: str
    customer_id: str
    actor: Actor
    customers: Customers
    parts: Parts[P]
    clock: Clock


def list_parts[P: Location | Contact](call: Call[P], *, limit: int, after: str | None) -> Page[P]:
    """The customer's parts, oldest first; raises NotFound or Gone."""
    in_order = sorted(_everything(call), key=lambda part: part.id)
    rest = [part for part in in_order if after is None or part.id > after]
    page = rest[:limit]
    return Page(page, page[-1].id if len(rest) > limit else None)


def read_part[P: Location | Contact](call: Call[P], part_id: str) -> P:
    """One part of the customer; raises NotFound (another customer's too) or Gone."""
    return rules.find(_everything(call), part_id, None)


def _everything[P: Location | Contact](call: Call[P]) -> list[P]:
    customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
    return settled(customer, call.parts)


def settled[P: Location | Contact](customer: Customer, parts: Parts[P]) -> list[P]:
    """The parts of the customer and of all merged into it; one of its own leads."""
    own, *others = (parts.all(customer.tenant, owner) for owner in owners(customer))
    return rules.joined(own, [part for some in others for part in some])


def primary_of(customer: Customer, locations: Parts[Location]) -> Location | None:
    """The location that counts where none is named."""
    return next((one for one in settled(customer, locations) if one.primary), None)


def add_location(call: Call[Location], values: Mapping[str, Any]) -> Location:
    """A further service location; raises Invalid where street, city, state or ZIP is missing."""

    def step(parts: list[Location], now: datetime) -> tuple[list[Location], str]:
        blank = Location(
            id=new_id("loc", now), customer_id=call.customer_id, address=Address(), primary=False
        )
        location = edit_location(blank, values)
        _refuse(location)
        return rules.with_part(parts, location), location.id

    return _change(call, "locations", step)


def keep_location(
    tenant: str, location: Location, *, actor: Actor, customers: Customers, clock: Clock
) -> None:
    """Add a location that is known by its id; the same one twice is one. Raises NotFound, Gone."""
    for _ in range(_ATTEMPTS):
        now = clock()
        before = read_customer(tenant, location.customer_id, customers=customers)
        after = replace(
            counts.with_location(before, location), version=before.version + 1, updated_at=now
        )
        event = Event(
            id=event_id(after.version, now),
            kind=EventKind.LOCATION_ADDED,
            customer_id=after.id,
            version=after.version,
            at=now,
            actor=actor,
            changes=rules.changes("locations", [], [location]),
        )
        try:
            customers.add_location(before, after, location, event)
        except StaleVersion:
            continue
        return
    raise StaleVersion(f"customer {location.customer_id} keeps changing")


def change_location(
    call: Call[Location], location_id: str, values: Mapping[str, Any], *, if_version: int | None
) -> Location:
    """Merge `values` into the location; another address is validated no more."""

    def step(parts: list[Location], _: datetime) -> tuple[list[Location], str]:
        before = rules.find(parts, location_id, if_version)
        location = edit_location(before, values)
        _refuse(location, as_it_was=before.address)
        return rules.with_edited(parts, location), location_id

    return _change(call, "locations", step)


def _refuse(location: Location, *, as_it_was: Address | None = None) -> None:
    """Refuse an incomplete address; one that came so by an import may be edited step by step."""
    known = missing_parts(as_it_was, "") if as_it_was else []
    if errors := [e for e in missing_parts(location.address, "") if e not in known]:
        raise Invalid(errors)


def validate_address(call: Call[Location], location_id: str, *, geocoder: Geocoder) -> Location:
    """Find the location on the map; raises Invalid where the geocoder does not know it."""
    seen = read_part(call, location_id).address
    _refuse(Location(id=location_id, customer_id=call.customer_id, address=seen))
    position = geocoder.locate(seen)

    def step(parts: list[Location], _: datetime) -> tuple[list[Location], str]:
        location = rules.find(parts, location_id, None)
        if location.address != seen:
            raise WrongState("the address was edited meanwhile: validate it again", code="edited")
        return rules.with_edited(parts, replace(location, position=position)), location_id

    return _change(call, "locations", step)


def add_contact(call: Call[Contact], values: Mapping[str, Any]) -> Contact:
    """A further contact; raises Invalid."""

    def step(parts: list[Contact], now: datetime) -> tuple[list[Contact], str]:
        blank = Contact(id=new_id("con", now), customer_id=call.customer_id, primary=False)
        contact = edit_contact(blank, values)
        return rules.with_part(parts, contact), contact.id

    return _change(call, "contacts", step)


def change_contact(
    call: Call[Contact], contact_id: str, values: Mapping[str, Any], *, if_version: int | None
) -> Contact:
    """Merge `values` into the contact; raises Invalid."""

    def step(parts: list[Contact], _: datetime) -> tuple[list[Contact], str]:
        contact = edit_contact(rules.find(parts, contact_id, if_version), values)
        return rules.with_edited(parts, contact), contact_id

    return _change(call, "contacts", step)


def remove_location(
    call: Call[Location], location_id: str, *, if_version: int | None, jobs: Records[Job]
) -> None:
    """Remove a location; the primary one only when it is the last.

    Bills that went to the last one keep going there: its address becomes the billing address.
    Raises WrongState while open jobs are to be done there.
    """
    customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
    there = jobs.open(call.tenant, owners(customer), limit=_OPEN_JOBS_LOOKED_AT)
    if any(job.location_id == location_id for job in there):
        detail = "jobs are open at this location: end them or move them first"
        raise WrongState(detail, code="open_jobs")
    _remove(call, "locations", location_id, if_version)


def remove_contact(call: Call[Contact], contact_id: str, *, if_version: int | None) -> None:
    """Remove a contact; the primary one only when it is the last."""
    _remove(call, "contacts", contact_id, if_version)


def _remove[P: Location | Contact](
    call: Call[P], family: str, part_id: str, if_version: int | None
) -> None:
    def step(parts: list[P], _: datetime) -> tuple[list[P], str]:
        return rules.without(parts, rules.find(parts, part_id, if_version)), part_id

    take_step(call, family, step)


def _change[P: Location | Contact](
    call: Call[P],
    family: str,
    step: Step[P],
) -> P:
    after, part_id = take_step(call, family, step)
    return rules.find(after, part_id, None)


def take_step[P: Location | Contact](
    call: Call[P],
    family: str,
    step: Step[P],
    *,
    if_version: int | None = None,
    reason: str | None = None,
) -> tuple[list[P], str]:
    """Take one step; again where the customer moved between our look and our write.

    `if_version` is the customer's: StaleVersion where it is another.
    """
    for _ in range(_ATTEMPTS):
        now = call.clock()
        customer = own_customer(
            call.tenant, call.customer_id, if_version=if_version, customers=call.customers
        )
        before = settled(customer, call.parts)
        after, part_id = step(before, now)
        planned = _planned(family, customer, before, after, call.actor, now, reason)
        if planned is None:
            return after, part_id
        try:
            call.parts.save(_counted(call, planned, after))
        except StaleVersion:
            continue
        return after, part_id
    raise StaleVersion(f"customer {call.customer_id} keeps changing")


def _counted[P: Location | Contact](
    call: Call[P], step: PartStep[P], after: Sequence[P]
) -> PartStep[P]:
    """The step with what it changes of the figures: nothing, where it is about contacts."""
    places = [part for part in after if isinstance(part, Location)]
    moved = (*step.puts, *step.removes)
    touched = {part.customer_id for part in moved if isinstance(part, Location)}
    if not touched:
        return step
    known = call.customers.counts(call.tenant, sorted(touched))
    later = [
        counts.with_sites(known[owner], [p for p in places if p.customer_id == owner])
        for owner in known
    ]
    return replace(
        step,
        after=counts.placed(step.after, places),
        counts=[one for one in later if one is not known[one.customer_id]],
    )


def _last_place[P: Location | Contact](before: Sequence[P], after: Sequence[P]) -> Location | None:
    """The location with which the last place of service goes."""
    last = before[0] if before and not after else None
    return last if isinstance(last, Location) else None


def _planned[P: Location | Contact](
    family: str,
    customer: Customer,
    before: Sequence[P],
    after: Sequence[P],
    actor: Actor,
    now: datetime,
    reason: str | None,
) -> PartStep[P] | None:
    changes = rules.changes(family, before, after)
    if not changes:
        return None
    later = replace(customer, version=customer.version + 1, updated_at=now)
    there, stay = {part.id: part for part in before}, {part.id for part in after}
    if gone := _last_place(before, after):
        later = keep_billing(later, gone.address)
        changes += changes_between(customer, later)
    event = Event(
        id=event_id(later.version, now),
        kind=_kind(family, there, stay),
        customer_id=customer.id,
        version=later.version,
        at=now,
        actor=actor,
        changes=changes,
        reason=reason,
    )
    return PartStep(
        before=customer,
        after=later,
        event=event,
        puts=[part for part in after if there.get(part.id) != part],
        removes=[part for part in before if part.id not in stay],
    )


def _kind(family: str, before: Collection[str], after: Collection[str]) -> EventKind:
    added, removed, edited = _KINDS[family]
    if set(after) - set(before):
        return added
    return removed if set(before) - set(after) else edited
