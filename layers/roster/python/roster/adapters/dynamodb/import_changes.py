"""What an import changes of a customer there is: fields, places and people in one transaction."""

from collections.abc import Iterator

from roster.adapters.dynamodb import keys, part_items
from roster.adapters.dynamodb.customers import DynamoCustomers
from roster.adapters.dynamodb.table import Item, Table
from roster.usecases.imports.ports import WholeChange

# Nobody edited it, and no asset stands there.
_UNTOUCHED = "attribute_not_exists(v) AND attribute_not_exists(assets)"


class DynamoImportChanges:
    """Implements `imports.ports.Changing`."""

    def __init__(self, table: Table, customers: DynamoCustomers) -> None:
        self._table, self._customers = table, customers

    def add(self, change: WholeChange) -> None:
        """See `imports.ports.Changing.add`."""
        put = self._table.put_action
        absent = "attribute_not_exists(pk)"
        self._save(change, [put(part, condition=absent) for part in _parts(change)])

    def take_away(self, change: WholeChange) -> None:
        """See `imports.ports.Changing.take_away`."""
        delete = self._table.delete_action
        gone = (keys.of(part) for part in _parts(change))
        self._save(change, [delete(key, condition=_UNTOUCHED) for key in gone])

    def _save(self, change: WholeChange, parts: list[Item]) -> None:
        self._customers.save_with(change.before, change.after, change.event, parts)


def _parts(change: WholeChange) -> Iterator[Item]:
    tenant = change.after.tenant
    for place in change.locations:
        yield part_items.location(tenant, place)
    for person in change.contacts:
        yield part_items.contact(tenant, person)
