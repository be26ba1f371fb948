"""Locations and contacts, below the head of their customer.

The customer's head is written with each change of them: its version puts the changes in order, so
that one of the parts is primary whoever else is at work, and nothing is added to a customer that
is being deleted.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from roster.adapters.dynamodb import counts, first_places, keys, part_items
from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.contact import Contact
from roster.domain.customer import Customer
from roster.domain.errors import StaleVersion
from roster.domain.location import Location
from roster.usecases.part_ports import PartStep


class _Customers(Protocol):
    def write_ahead(self, before: Customer, after: Customer) -> None:
        """Write what leads to the customer as it will be."""

    def settle_rows(self, before: Customer, after: Customer) -> None:
        """Bring the list rows up to this version."""


class DynamoParts[P: Location | Contact]:
    """One kind of parts in the business table; implements `part_ports.Parts`."""

    def __init__(
        self,
        table: Table,
        customers: _Customers,
        prefix: str,
        to_item: Callable[[str, P], Item],
        from_item: Callable[[Item], P],
    ) -> None:
        self._table, self._customers = table, customers
        self._prefix = prefix
        self._to_item = to_item
        self._from_item = from_item

    def get(self, tenant: str, owners: Sequence[str], part_id: str) -> P | None:
        """Half a request unit an owner, and one at least."""
        partitions = (keys.customer_partition(tenant, owner) for owner in owners)
        wanted = [keys.Key(pk=pk, sk=self._prefix + part_id) for pk in partitions]
        found = next(self._table.get_many(wanted), None)
        return self._from_item(found) if found else None

    def all(self, tenant: str, customer_id: str) -> Sequence[P]:
        """One query, oldest first."""
        partition = keys.customer_partition(tenant, customer_id)
        return [
            self._from_item(item) for item in self._table.query_all(partition, prefix=self._prefix)
        ]

    def save(self, step: PartStep[P]) -> None:
        """See `part_ports.Parts.save`: head, event and parts in one transaction."""
        tenant = step.after.tenant
        put = self._table.put_action
        actions = [
            put(items.head(step.after), condition="v = :v", v=step.before.version),
            put(items.event(tenant, step.event)),
            *(put(self._to_item(tenant, part)) for part in step.puts),
            *(self._removal(step, part) for part in step.removes),
            *(counts.put_action(self._table, tenant, after) for after in step.counts),
        ]
        self._customers.write_ahead(step.before, step.after)
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if "ConditionalCheckFailed" in refused.reasons or refused.is_conflict:
                raise StaleVersion(f"customer {step.after.id} moved meanwhile") from refused
            raise
        self._customers.settle_rows(step.before, step.after)

    def _removal(self, step: PartStep[P], part: P) -> Item:
        gone = self._to_item(step.after.tenant, part)
        return self._table.delete_action(keys.of(gone))


class DynamoLocations(DynamoParts[Location]):
    """Locations, of which a customer's head may tell one: see `first_places`."""

    def get(self, tenant: str, owners: Sequence[str], part_id: str) -> Location | None:
        """Half a request unit an owner; twice that for a location that heads tell of."""
        found = first_places.find(self._table, tenant, ((owner, part_id) for owner in owners))
        return found.get(part_id)

    def all(self, tenant: str, customer_id: str) -> Sequence[Location]:
        """One query, oldest first."""
        found = first_places.head_and_locations(self._table, tenant, customer_id)
        return first_places.locations_from(found)

    def _removal(self, step: PartStep[Location], part: Location) -> Item:
        first = step.before.first_place
        is_told_of = first is not None and first.id == part.id
        # The head of a customer that was merged into this one was not read: it may tell of it.
        if is_told_of or part.customer_id != step.after.id:
            return self._table.put_action(part_items.removed_location(step.after.tenant, part))
        return super()._removal(step, part)


def locations(table: Table, customers: _Customers) -> DynamoParts[Location]:
    """The service locations of customers."""
    return DynamoLocations(
        table, customers, keys.LOCATION_PREFIX, part_items.location, part_items.location_from
    )


def contacts(table: Table, customers: _Customers) -> DynamoParts[Contact]:
    """The contacts of customers."""
    return DynamoParts(
        table, customers, keys.CONTACT_PREFIX, part_items.contact, part_items.contact_from
    )
