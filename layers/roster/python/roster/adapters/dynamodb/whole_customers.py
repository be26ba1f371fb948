"""Customers with what an export says of them: heads in batches, locations side by side."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from roster.domain.customer import Status
from roster.domain.exports import WholeCustomer
from roster.domain.location import Location
from roster.usecases.ports import Customers

# As many connections as the client keeps.
_AT_ONCE = 8


class DynamoWholeCustomers:
    """Implements `export_ports.WholeCustomers`.

    The locations of a customer stand in its own partition: a query each, so several at a time.
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
            if (head := heads.get(customer_id)) and head.status is not Status.DELETED
        ]
        places = self._pool.map(lambda head: self._customers.locations(tenant, head.id), there)
        return [WholeCustomer(head, _primary(own)) for head, own in zip(there, places, strict=True)]


def _primary(places: Sequence[Location]) -> Location | None:
    return next((p for p in places if p.primary), places[0] if places else None)
