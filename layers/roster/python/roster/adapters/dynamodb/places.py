"""Locations by where they lie, many at once."""

from collections.abc import Iterable, Mapping

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Table
from roster.domain.location import Location


class DynamoPlaces:
    """Implements `jobs.Places`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, tenant: str, wanted: Iterable[tuple[str, str]]) -> Mapping[str, Location]:
        """One batch for every hundred, a request unit each."""
        found = self._table.get_many(
            keys.location(tenant, customer_id, location_id) for customer_id, location_id in wanted
        )
        places = [items.location_from(item) for item in found]
        return {place.id: place for place in places}
