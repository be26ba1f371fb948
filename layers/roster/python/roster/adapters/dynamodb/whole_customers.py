"""Customers with what an export says of them: heads in batches, locations side by side."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from roster.domain.customer import Customer, Status
from roster.domain.exports import WholeCustomer
from roster.domain.location import Location
from roster.usecases.joining import joined_locations
from roster.usecases.ports import Customers

# As many connections as the client keeps.
_AT_ONCE = 8
# Deleted or merged away after its list row was read.
_GONE = (Status.DELETED, Status.MERGED)


class DynamoWholeCustomers:
    """Implements `export_ports.WholeCustomers`.

    The locations of a customer stand beside it and beside all it absorbed: a query each, so several
    at a time.
    """

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._pool = ThreadPoolExecutor(_AT_ONCE)

    def whole(self, tenant: str, customer_ids: Sequence[str]) -> Sequence[WholeCustomer]:
        """See `export_ports.WholeCustomers.whole`."""
        heads = self._customers.get_many(tenant, customer_ids)
        there = [
            head
            for customer_id in customer_ids
            if (head := heads.get(customer_id)) and head.status not in _GONE
        ]
        places = self._pool.map(self._locations, there)
        return [WholeCustomer(head, _primary(own)) for head, own in zip(there, places, strict=True)]

    def _locations(self, customer: Customer) -> Sequence[Location]:
        return joined_locations(customer, customers=self._customers)


def _primary(places: Sequence[Location]) -> Location | None:
    return next((place for place in places if place.primary), None)
