"""Looking into a customer's past, and bringing a part of it back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from roster.domain import customer as rules
from roster.domain import history
from roster.domain.contact import Contact
from roster.domain.customer import Customer
from roster.domain.errors import NotFound
from roster.domain.events import Actor, Change, Event
from roster.domain.history import Provenance
from roster.domain.location import Location
from roster.domain.part_past import CONTACT_EVENTS, LOCATION_EVENTS
from roster.usecases.customers import edit_customer, read_customer
from roster.usecases.part_ports import Parts
from roster.usecases.part_restore import restore_contacts, restore_locations
from roster.usecases.parts import Call
from roster.usecases.ports import Clock, Customers, Settings

_PAGE = 100

type Point = int | datetime
# By field what QuickBooks has where it differs from what was edited here and stays so.
type Overrides = Callable[[Customer], Mapping[str, Any]]


def events_of(tenant: str, customer_id: str, *, customers: Customers) -> Iterator[Event]:
    """All events, newest first and the creation last, read page by page as they are asked for."""
    after: str | None = None
    while True:
        page = customers.history(tenant, customer_id, limit=_PAGE, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def customer_at(
    tenant: str, customer_id: str, point: Point, *, customers: Customers, settings: Settings
) -> Customer:
    """The customer as it was at a moment, or as a version left it; raises NotFound, Gone."""
    then = _customer_at(tenant, customer_id, point, customers=customers)
    return history.dialled(then, settings.get(tenant).country)


def _customer_at(tenant: str, customer_id: str, point: Point, *, customers: Customers) -> Customer:
    now = read_customer(tenant, customer_id, customers=customers)
    if isinstance(point, int):
        return _at(now, point, customers)
    # While it was merged away the survivor of that time answers for it, and else it does itself.
    own = now if now.id == customer_id else customers.get(tenant, customer_id)
    then = _at(own or now, point, customers)
    if then.merged_into is None:
        return then
    return _customer_at(tenant, then.merged_into, point, customers=customers)


def _at(now: Customer, point: Point, customers: Customers) -> Customer:
    events = events_of(now.tenant, now.id, customers=customers)
    if isinstance(point, int):
        return history.at_version(now, events, point)
    return history.at_moment(now, events, point)


def customer_provenance(
    tenant: str, customer_id: str, *, overrides: Overrides, customers: Customers
) -> tuple[Provenance, ...]:
    """Who set each field to what it holds, and what QuickBooks has in those it does not lead."""
    now = read_customer(tenant, customer_id, customers=customers)
    events = list(events_of(tenant, now.id, customers=customers))
    found = history.provenance(now, events)
    theirs = overrides(now)
    return history.overridden(found, events, theirs) if theirs else found


def customer_diff(
    tenant: str, customer_id: str, start: Point, end: Point, *, customers: Customers
) -> tuple[Customer, Customer, tuple[Change, ...]]:
    """The customer at two points, and the fields in which they differ."""
    now = read_customer(tenant, customer_id, customers=customers)
    one, other = _at(now, start, customers), _at(now, end, customers)
    return one, other, rules.changes_between(one, other)


def restore_event(
    tenant: str,
    customer_id: str,
    event_id: str,
    fields: Sequence[str] | None,
    *,
    if_version: int | None,
    actor: Actor,
    customers: Customers,
    locations: Parts[Location],
    contacts: Parts[Contact],
    settings: Settings,
    clock: Clock,
) -> Customer:
    """Set what the event changed (or only `fields` of it) back, as an edit like any other.

    Raises Invalid (a value that is no longer valid is named), Taken, WrongState, StaleVersion.
    """
    now = read_customer(tenant, customer_id, customers=customers)
    event = customers.event(tenant, customer_id, event_id)
    if event is None:
        raise NotFound(f"customer {customer_id} has no event {event_id}")
    if event.kind in LOCATION_EVENTS:
        restore_locations(
            Call(
                tenant=tenant,
                customer_id=customer_id,
                actor=actor,
                customers=customers,
                parts=locations,
                clock=clock,
            ),
            event,
            fields,
            since=list(_since(tenant, event, customers=customers)),
            if_version=if_version,
            next_version=now.version + 1,
        )
        return read_customer(tenant, customer_id, customers=customers)
    if event.kind in CONTACT_EVENTS:
        restore_contacts(
            Call(
                tenant=tenant,
                customer_id=customer_id,
                actor=actor,
                customers=customers,
                parts=contacts,
                clock=clock,
            ),
            event,
            fields,
            if_version=if_version,
            next_version=now.version + 1,
        )
        return read_customer(tenant, customer_id, customers=customers)
    return edit_customer(
        tenant,
        customer_id,
        history.old_values(event, fields),
        if_version=if_version,
        actor=actor,
        customers=customers,
        settings=settings,
        clock=clock,
        reason=f"restored what {event_id} changed",
    )


def _since(tenant: str, event: Event, *, customers: Customers) -> Iterator[Event]:
    """The customer's events after that one, newest first."""
    found = events_of(tenant, event.customer_id, customers=customers)
    return takewhile(lambda one: one.version > event.version, found)
