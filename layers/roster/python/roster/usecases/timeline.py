"""The timeline: the changes of a customer and what happened around it, as one ledger."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from roster.domain.activities import Activity
from roster.domain.customer import Customer
from roster.domain.events import Event
from roster.usecases.customers import read_customer
from roster.usecases.joining import owners
from roster.usecases.ports import Customers, Page
from roster.usecases.record_ports import Activities

type Entry = Event | Activity
type _Fetch = Callable[[int, str | None], Page[Event] | Page[Activity]]

_EXHAUSTED = ""


@dataclass(slots=True)
class _Source:
    """One ledger: what is left of what was read of it, and the last entry that was given out."""

    name: str
    position: str | None
    entries: list[Entry] = field(default_factory=list)
    goes_on: bool = False

    def read(self, fetch: _Fetch, limit: int) -> None:
        if self.position == _EXHAUSTED:
            return
        page = fetch(limit, self.position)
        self.entries = list(page.items)
        self.goes_on = page.next is not None

    def take(self) -> Entry:
        entry = self.entries.pop(0)
        self.position = entry.id if self.entries or self.goes_on else _EXHAUSTED
        return entry


def customer_timeline(
    tenant: str,
    customer_id: str,
    *,
    limit: int,
    after: str | None,
    customers: Customers,
    activities: Activities,
) -> Page[Entry]:
    """A page of the customer's timeline; see `timeline_of`. Raises NotFound or Gone."""
    customer = read_customer(tenant, customer_id, customers=customers)
    return timeline_of(
        customer, limit=limit, after=after, customers=customers, activities=activities
    )


def timeline_of(
    customer: Customer,
    *,
    limit: int,
    after: str | None,
    customers: Customers,
    activities: Activities,
) -> Page[Entry]:
    """A page of the timeline, newest first, with that of all who were merged into the customer.

    Each ledger keeps its own order, whatever the writers' clocks said.
    """
    tenant = customer.tenant
    positions: dict[str, str] = json.loads(after) if after else {}
    sources: list[_Source] = []
    for owner in owners(customer):
        head = customer if owner == customer.id else None
        for name, fetch in _ledgers(tenant, owner, head, customers, activities).items():
            source = _Source(name, positions.get(name))
            source.read(fetch, limit)
            sources.append(source)
    taken: list[Entry] = []
    while len(taken) < limit and (ready := [s for s in sources if s.entries]):
        newest = max(ready, key=lambda source: source.entries[0].at)
        taken.append(newest.take())
    if not any(source.entries or source.goes_on for source in sources):
        return Page(taken)
    return Page(taken, json.dumps({s.name: p for s in sources if (p := _position(s)) is not None}))


def _position(source: _Source) -> str | None:
    if source.entries or source.goes_on:
        return source.position
    return _EXHAUSTED


def _ledgers(
    tenant: str,
    owner: str,
    head: Customer | None,
    customers: Customers,
    activities: Activities,
) -> dict[str, _Fetch]:
    return {
        f"e{owner}": lambda limit, after: customers.history(
            tenant, owner, limit=limit, after=after, head=head
        ),
        f"a{owner}": lambda limit, after: activities.page(tenant, owner, limit=limit, after=after),
    }
