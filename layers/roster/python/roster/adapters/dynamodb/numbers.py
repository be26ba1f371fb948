"""The company's series of document numbers, one counter each."""

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Table


class DynamoNumbers:
    """Counters in the business table; implements `sales.Numbers`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, tenant: str, series: str) -> int:
        """See `sales.Numbers.take`; a number that was taken for nothing is a gap."""
        now = self._table.update(
            keys.counter(tenant, series), "ADD #n :one", names={"#n": "n"}, one=1
        )
        return int(now["n"]) if now else 1
