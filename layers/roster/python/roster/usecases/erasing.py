"""What remains of a deleted customer, and the erasure of what is personal in it."""

from collections.abc import Iterable

from roster.domain import erasure, history
from roster.domain.customer import Customer, Status, event_of
from roster.domain.errors import NotFound, WrongState
from roster.domain.events import Actor, Event, EventKind
from roster.usecases.history import events_of
from roster.usecases.ports import Clock, Customers, Page, Traces


def read_archive(tenant: str, customer_id: str, *, customers: Customers) -> Customer:
    """The tombstone of a deleted customer; raises NotFound, WrongState for one that lives."""
    customer = customers.get(tenant, customer_id)
    if customer is None:
        raise NotFound(f"there is no customer {customer_id}")
    if customer.status is not Status.DELETED:
        raise WrongState(f"customer {customer_id} has not been deleted")
    return customer


def archived_history(
    tenant: str, customer_id: str, *, limit: int, after: str | None, customers: Customers
) -> Page[Event]:
    """The history of a deleted customer, newest first."""
    return customers.history(tenant, customer_id, limit=limit, after=after)


def erase_customer(
    tenant: str,
    customer_id: str,
    *,
    actor: Actor,
    customers: Customers,
    traces: Iterable[Traces],
    clock: Clock,
) -> Customer:
    """Erase what is personal in a deleted customer and in all that were merged into it.

    Twice is once. Raises WrongState for one that has not been deleted, NotFound.
    """
    before = read_archive(tenant, customer_id, customers=customers)
    kinds = tuple(traces)
    for loser in customers.get_many(tenant, before.absorbed).values():
        _erase(loser, actor, customers, kinds, clock)
    return _erase(before, actor, customers, kinds, clock)


def _erase(
    before: Customer,
    actor: Actor,
    customers: Customers,
    traces: Iterable[Traces],
    clock: Clock,
) -> Customer:
    """The head goes last: while it is whole, an erasure that died half-way begins anew."""
    if erasure.is_erased(before):
        return before
    for kind in traces:
        kind.forget(before)
    after = erasure.erase(before, now=clock())
    events = list(events_of(before.tenant, before.id, customers=customers))
    redacted = [erasure.redact(e) for e in events if e.kind is not EventKind.CREATED]
    customers.forget(list(history.states(before, events)), redacted)
    event = erasure.redact(event_of(EventKind.ERASED, before, after, actor))
    customers.save(before, after, event)
    return after
