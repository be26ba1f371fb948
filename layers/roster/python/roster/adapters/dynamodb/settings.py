"""What each company has set, as one item."""

from dataclasses import fields

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Table
from roster.domain.settings import TenantSettings


class DynamoSettings:
    """Company settings in the business table; implements `ports.Settings`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str) -> TenantSettings:
        """The settings as of now; what is not stored has its default."""
        stored = self._table.get(keys.settings(tenant)) or {}
        known = {f.name for f in fields(TenantSettings)}
        return TenantSettings(**{k: v for k, v in stored.items() if k in known})
