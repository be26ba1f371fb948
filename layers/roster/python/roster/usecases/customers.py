"""What a company does with its customers. Every road in (API, import, QuickBooks) ends here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from roster.domain import customer as rules
from roster.domain.counts import placed
from roster.domain.customer import Customer, Origin, Status
from roster.domain.customer_filter import CustomerFilter, Sort
from roster.domain.errors import FieldError, Gone, Invalid, Malformed, NotFound, StaleVersion, Taken
from roster.domain.events import Actor, Event, EventKind, Source
from roster.domain.ids import new_id
from roster.domain.location import Address, Location, address_from, missing_parts
from roster.domain.settings import TenantSettings
from roster.usecases.customer_fields import (
    at_once,
    emptied_by,
    missing_of_new,
    unlinked,
    wrong_choices,
)
from roster.usecases.ports import Clock, Customers, NewCustomer, Page, Settings

# A number of the counter may have been given away by hand while numbering was manual.
_NUMBER_ATTEMPTS = 20
_ORIGIN = {
    Source.API: Origin.MANUAL,
    Source.IMPORT: Origin.IMPORT,
    Source.QUICKBOOKS: Origin.QUICKBOOKS,
}


def create_customer(
    tenant: str,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    customers: Customers,
    settings: Settings,
    clock: Clock,
    request_key: str | None = None,
) -> Customer:
    """Create a customer from `values` (EDITABLE names, and `service_location` as a mapping).

    Raises Invalid (all broken rules at once) or Taken. With `request_key` it happens once: the
    same key again returns the first customer.
    """
    ours = settings.get(tenant)
    customer, locations = _draft(
        tenant, values, actor=actor, ours=ours, settings=settings, now=clock()
    )
    for _ in range(_NUMBER_ATTEMPTS):
        if ours.auto_numbering:
            taken = customers.reserve_numbers(tenant, 1)
            customer = replace(customer, number=ours.format_number(taken))
        try:
            return customers.add(NewCustomer(customer, locations), request_key=request_key)
        except Taken as clash:
            if not (ours.auto_numbering and clash.field == "number"):
                raise
    raise Taken("number", customer.number or "", None)


def wrong_with_new(
    tenant: str, values: Mapping[str, Any], *, actor: Actor, settings: Settings, clock: Clock
) -> Sequence[FieldError]:
    """The rules that creating a customer of `values` would break; nothing is created."""
    ours = settings.get(tenant)
    try:
        _draft(tenant, values, actor=actor, ours=ours, settings=settings, now=clock())
    except Invalid as invalid:
        return invalid.errors
    return ()


def _draft(
    tenant: str,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    ours: TenantSettings,
    settings: Settings,
    now: datetime,
) -> tuple[Customer, tuple[Location, ...]]:
    fields = {k: v for k, v in values.items() if k != "service_location"}
    errors = _number_errors(ours.auto_numbering, fields.get("number"))
    place = values.get("service_location")
    errors += missing_of_new(fields, place, ours)
    errors += wrong_choices(tenant, fields, None, ours=ours, settings=settings)
    address = address_from(place) if place else None
    if place is not None:
        errors += missing_parts(address or Address(), "/service_location")
    try:
        customer = rules.new_customer(
            id=new_id("cus", now),
            tenant=tenant,
            values=fields,
            source=_ORIGIN[actor.source],
            actor=actor,
            now=now,
            region=ours.country,
        )
    except Invalid as invalid:
        raise Invalid(at_once(invalid.errors, errors)) from None
    if errors:
        raise Invalid(at_once(errors))
    locations = (
        (Location(id=new_id("loc", now), customer_id=customer.id, address=address,
                  name=(place or {}).get("name")),)
        if address
        else ()
    )  # fmt: skip
    return placed(customer, locations), locations


def _number_errors(auto_numbering: bool, number: Any) -> list[FieldError]:  # noqa: FBT001
    if auto_numbering and number:
        detail = "numbers are given automatically; leave it out"
        return [FieldError("/number", "auto_numbering", detail)]
    return []


def read_customer(tenant: str, customer_id: str, *, customers: Customers) -> Customer:
    """The customer, or the one it was merged into; raises NotFound, or Gone for a deleted one."""
    customer = customers.get(tenant, customer_id)
    while customer is not None and customer.merged_into is not None:
        customer = customers.get(tenant, customer.merged_into)
    return _living(customer_id, customer)


def _living(customer_id: str, customer: Customer | None) -> Customer:
    if customer is None:
        raise NotFound(f"there is no customer {customer_id}")
    if customer.status is Status.DELETED:
        raise Gone(f"customer {customer_id} has been deleted")
    return customer


def own_customer(
    tenant: str, customer_id: str, *, if_version: int | None, customers: Customers
) -> Customer:
    """The customer itself, to be changed: one that was merged away raises WrongState.

    `if_version` None means whatever version. Raises StaleVersion, NotFound, Gone.
    """
    customer = _living(customer_id, customers.get(tenant, customer_id))
    rules.refuse_merged(customer)
    if if_version is not None and customer.version != if_version:
        raise StaleVersion(
            f"customer {customer_id} is at version {customer.version}, not {if_version}"
        )
    return customer


def edit_customer(
    tenant: str,
    customer_id: str,
    values: Mapping[str, Any],
    *,
    if_version: int | None,
    actor: Actor,
    customers: Customers,
    settings: Settings,
    clock: Clock,
    reason: str | None = None,
) -> Customer:
    """Merge `values` into the customer (absent keeps, None clears).

    `if_version` None means whatever version. Raises Invalid, Taken, StaleVersion, NotFound, Gone.
    """
    before = own_customer(tenant, customer_id, if_version=if_version, customers=customers)
    ours = settings.get(tenant)
    errors = wrong_choices(tenant, values, before, ours=ours, settings=settings)
    start = unlinked(before, values, customers=customers)
    try:
        after = rules.edit(start, values, now=clock(), region=ours.country)
    except Invalid as invalid:
        raise Invalid(at_once(invalid.errors, errors)) from None
    errors += emptied_by(before, after, ours)
    if errors:
        raise Invalid(at_once(errors))
    if after is start:
        return before
    customers.save(before, after, rules.event_of(EventKind.EDITED, before, after, actor, reason))
    return after


def deactivate_customer(
    tenant: str,
    customer_id: str,
    *,
    if_version: int | None,
    actor: Actor,
    customers: Customers,
    clock: Clock,
    reason: str | None = None,
) -> Customer:
    """Make the customer inactive (archive it); WrongState when it is."""
    before = own_customer(tenant, customer_id, if_version=if_version, customers=customers)
    after = rules.deactivate(before, now=clock())
    customers.save(
        before, after, rules.event_of(EventKind.DEACTIVATED, before, after, actor, reason)
    )
    return after


def activate_customer(
    tenant: str,
    customer_id: str,
    *,
    if_version: int | None,
    actor: Actor,
    customers: Customers,
    clock: Clock,
    reason: str | None = None,
) -> Customer:
    """Make the customer active again; WrongState when it is."""
    before = own_customer(tenant, customer_id, if_version=if_version, customers=customers)
    after = rules.activate(before, now=clock())
    customers.save(before, after, rules.event_of(EventKind.ACTIVATED, before, after, actor, reason))
    return after


def list_customers(
    tenant: str,
    *,
    wanted: CustomerFilter,
    sort: Sort | None = None,
    limit: int,
    after: str | None,
    customers: Customers,
) -> Page[Customer]:
    """A page of customers, or of those whose names have words that begin as the query's.

    Raises Malformed for a query in another order than its own.
    """
    if wanted.query and sort not in (None, Sort.NAME):
        detail = "what a query finds is sorted by name: leave out q or sort"
        raise Malformed(detail, code="unsupported_combination", pointer="?sort")
    order = sort or wanted.usual_sort
    return customers.find(tenant, wanted, sort=order, limit=limit, after=after)


def customer_options(
    tenant: str, *, query: str | None, limit: int, customers: Customers
) -> Sequence[Customer]:
    """What a pick-list offers: archived ones only once something is typed, and last."""
    if not query:
        return customers.find(tenant, CustomerFilter(), limit=limit, after=None).items
    both = [Status.ACTIVE, Status.INACTIVE]
    found = customers.search(tenant, query, both, limit=limit, after=None).items
    return sorted(found, key=lambda c: (c.status is Status.INACTIVE, c.display_name.casefold()))


def customer_history(
    tenant: str, customer_id: str, *, limit: int, after: str | None, customers: Customers
) -> Page[Event]:
    """The history of the customer, newest first."""
    read_customer(tenant, customer_id, customers=customers)
    return customers.history(tenant, customer_id, limit=limit, after=after)
