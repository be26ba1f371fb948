"""Everything a customer comes to, in one query: its money, its assets and sites, its projects."""

from collections.abc import Sequence

from roster.adapters.dynamodb import keys, record_keys
from roster.adapters.dynamodb.counts import counts_from
from roster.adapters.dynamodb.projects import project_counts_from
from roster.adapters.dynamodb.standings import held_from
from roster.adapters.dynamodb.table import Item, Table
from roster.usecases.profile import Sums


class DynamoSums:
    """Implements `profile.ReadSums`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, tenant: str, owners: Sequence[str]) -> Sums:
        """One query an owner, over three small items."""
        found: dict[str, list[Item]] = {
            record_keys.STANDING: [],
            record_keys.COUNTS: [],
            record_keys.PROJECTS: [],
        }
        for owner in owners:
            partition = keys.customer_partition(tenant, owner)
            for item in self._table.query_all(partition, prefix=record_keys.SUM_PREFIX):
                found[item["sk"]].append(item)
        return Sums(
            standings=[held_from(item).standing for item in found[record_keys.STANDING]],
            counts=[counts_from(item) for item in found[record_keys.COUNTS]],
            projects=[project_counts_from(item) for item in found[record_keys.PROJECTS]],
        )
