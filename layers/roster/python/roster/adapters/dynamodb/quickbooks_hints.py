"""What webhooks said: which connections are to be looked at soon, and who was merged."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from roster.adapters.dynamodb import quickbooks_keys
from roster.adapters.dynamodb.encoding import milliseconds
from roster.adapters.dynamodb.table import Table


class DynamoHints:
    """Implements `quickbooks.hearing.Hints`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def companies(self, realm: str) -> Sequence[str]:
        """See `quickbooks.hearing.Hints.companies`: one query."""
        found = self._table.query_all(quickbooks_keys.realm(realm, "")["pk"])
        return [item["sk"] for item in found]

    def hurry(self, tenant: str, at: datetime) -> None:
        """See `quickbooks.hearing.Hints.hurry`; who was heard first sets the time."""
        self._table.update(
            quickbooks_keys.due(tenant),
            "SET hinted = :at",
            condition="attribute_exists(pk) AND attribute_not_exists(hinted)",
            at=milliseconds(at),
        )

    def merged(self, tenant: str, realm: str, losers: Mapping[str, str]) -> None:
        """See `quickbooks.hearing.Hints.merged`."""
        self._table.write_batch(
            {**quickbooks_keys.merge(tenant, realm, loser), "into": survivor}
            for loser, survivor in losers.items()
        )

    def merges(self, tenant: str, realm: str) -> dict[str, str]:
        """Who was merged in QuickBooks as far as we heard, from the loser to the survivor."""
        found = self._table.query_all(quickbooks_keys.merge(tenant, realm, "")["pk"])
        return {item["sk"]: item["into"] for item in found}
