"""Customers with what an export says of them: heads in batches, their parts side by side."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol

from roster.adapters.dynamodb.parts import DynamoParts
from roster.domain import history
from roster.domain.contact import Contact
from roster.domain.customer import Customer, Status
from roster.domain.events import Event
from roster.domain.exports import WholeCustomer
from roster.domain.location import Location
from roster.domain.parts import facts, location_from_facts, with_one_primary
from roster.usecases.joining import joined_locations, owners
from roster.usecases.ports import Customers

# As many connections as the client keeps.
_AT_ONCE = 8
# Deleted or merged away after its list row was read.
_GONE = (Status.DELETED, Status.MERGED)
_PAGE = 100


class _EveryCustomer(Customers, Protocol):
    def every_id(self, tenant: str) -> Iterator[str]:
        """The ids of all customers that ever were."""


class DynamoWholeCustomers:
    """Implements `export_ports.WholeCustomers`.

    The parts of a customer stand in its own partition: a query for its locations, and one for its
    contacts where it ever changed, since who never did has none. Several customers at a time.
    """

    def __init__(
        self,
        customers: _EveryCustomer,
        locations: DynamoParts[Location],
        contacts: DynamoParts[Contact],
    ) -> None:
        self._customers, self._locations, self._contacts = customers, locations, contacts
        self._pool = ThreadPoolExecutor(_AT_ONCE)

    def whole(self, tenant: str, customer_ids: Sequence[str]) -> Sequence[WholeCustomer]:
        """See `export_ports.WholeCustomers.whole`."""
        heads = self._customers.get_many(tenant, customer_ids)
        there = [
            head
            for customer_id in customer_ids
            if (head := heads.get(customer_id)) and head.status not in _GONE
        ]
        return list(self._pool.map(self._now, there))

    def everyone(self, tenant: str) -> Iterator[str]:
        """See `export_ports.WholeCustomers.everyone`: one pass over the lists of every status."""
        return self._customers.every_id(tenant)

    def whole_at(
        self, tenant: str, customer_ids: Sequence[str], moment: datetime
    ) -> Sequence[WholeCustomer]:
        """See `export_ports.WholeCustomers.whole_at`.

        Of whom nothing changed since the moment, the history need not be read.
        """
        heads = self._customers.get_many(tenant, customer_ids)
        there = [
            head
            for customer_id in customer_ids
            if (head := heads.get(customer_id)) and head.created_at <= moment
        ]
        return list(self._pool.map(lambda head: self._then(head, moment), there))

    def _now(self, head: Customer) -> WholeCustomer:
        places = joined_locations(head, customers=self._customers)
        people = 0
        if head.version > 1:
            people = sum(len(self._contacts.all(head.tenant, owner)) for owner in owners(head))
        return _whole(head, [places], people)

    def _then(self, head: Customer, moment: datetime) -> WholeCustomer:
        if head.updated_at <= moment:
            return self._now(head)
        later = self._since(head.tenant, head.id, moment)
        then = history.at_moment(head, later, moment)
        places, people = [], 0
        for owner in owners(then):
            events = later if owner == then.id else self._since(head.tenant, owner, moment)
            undone = [event for event in events if event.at > moment]
            now = {one.id: facts(one) for one in self._locations.all(head.tenant, owner)}
            before = history.parts_before("locations", now, undone)
            places.append([location_from_facts(i, owner, told) for i, told in before.items()])
            known = {one.id: facts(one) for one in self._contacts.all(head.tenant, owner)}
            people += len(history.parts_before("contacts", known, undone))
        return _whole(then, places, people)

    def _since(self, tenant: str, customer_id: str, moment: datetime) -> list[Event]:
        """The events after the moment, newest first, and the one that led up to it."""
        found: list[Event] = []
        after: str | None = None
        while True:
            page = self._customers.history(tenant, customer_id, limit=_PAGE, after=after)
            for event in page.items:
                found.append(event)
                if event.at <= moment:
                    return found
            after = page.next
            if after is None:
                return found


def _whole(head: Customer, places: Sequence[Sequence[Location]], people: int) -> WholeCustomer:
    """With the primary place: the customer's own before those of customers merged into it."""
    first = next((some for some in places if some), ())
    primary = next((one for one in with_one_primary(first) if one.primary), None) if first else None
    return WholeCustomer(head, primary, sum(map(len, places)), people)
