"""What of a customer is not done yet."""

from collections.abc import Mapping, Sequence

from roster.adapters.dynamodb import keys, record_keys
from roster.adapters.dynamodb.table import Table
from roster.domain.record import Family

_COUNTED = 500


class DynamoOpenWork:
    """The open records of all families; implements `record_ports.OpenWork`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def counts(self, tenant: str, owners: Sequence[str]) -> Mapping[Family, int]:
        """One query an owner."""
        found: dict[Family, int] = {}
        for owner in owners:
            partition = keys.customer_partition(tenant, owner)
            rows, _ = self._table.query(partition, prefix=record_keys.OPEN_PREFIX, limit=_COUNTED)
            for row in rows:
                family = Family(record_keys.family_of_open(row["sk"]))
                found[family] = found.get(family, 0) + 1
        return found
