"""Deleting a customer for good, and what stands in the way of it."""

from collections.abc import Callable

from roster.domain import customer as rules
from roster.domain.customer import Customer
from roster.domain.errors import FieldError, OpenWorkLeft, StaleVersion
from roster.domain.events import Actor, EventKind
from roster.usecases.customers import own_customer
from roster.usecases.joining import owners
from roster.usecases.ports import Clock, Customers
from roster.usecases.record_ports import OpenWork

# Money may move while we look, which is no reason to refuse.
_ATTEMPTS = 8


def delete_customer(
    tenant: str,
    customer_id: str,
    *,
    if_version: int | None,
    leaves_open_work: bool,
    actor: Actor,
    customers: Customers,
    work: OpenWork,
    tell_sync: Callable[[Customer], None],
    clock: Clock,
) -> None:
    """Delete an inactive customer for good: its name and number are free again.

    With it go those that were merged into it, after it: one that a crash left keeps nothing but
    its number and ids, until it is erased. Raises OpenWorkLeft unless nothing is open or
    `leaves_open_work`; records stay archived. `tell_sync` is called before, so that
    whoever dies in between has told in vain rather than not at all.
    """
    for attempt in range(_ATTEMPTS):
        now = clock()
        before = own_customer(tenant, customer_id, if_version=if_version, customers=customers)
        after = rules.delete(before, now=now)
        if not leaves_open_work:
            _refuse_open_work(before, work)
        tell_sync(before)
        event = rules.event_of(EventKind.DELETED, before, after, actor)
        try:
            customers.save(before, after, event)
        except StaleVersion:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            break
    absorbed = customers.get_many(tenant, before.absorbed) if before.absorbed else {}
    for loser in absorbed.values():
        gone = rules.delete_with_survivor(loser, now=now)
        customers.save(loser, gone, rules.event_of(EventKind.DELETED, loser, gone, actor))


def _refuse_open_work(customer: Customer, work: OpenWork) -> None:
    """Raise OpenWorkLeft with what is open, counted by family."""
    counts = work.counts(customer.tenant, owners(customer))
    if counts:
        raise OpenWorkLeft(
            FieldError(
                "?confirm_open_work", str(family), f"{n} open {family}{'s' if n > 1 else ''}"
            )
            for family, n in sorted(counts.items())
        )
