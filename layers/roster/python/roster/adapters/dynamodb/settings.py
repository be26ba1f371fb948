"""What each company has set, as one item, and the counter its customer numbers come from."""

from collections.abc import Mapping
from typing import Any

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Table
from roster.domain.settings import SETTABLE, TenantSettings


class DynamoSettings:
    """Company settings in the business table; implements `ports.Settings`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str) -> TenantSettings:
        """The settings as of now; what is not stored has its default."""
        stored = self._table.get(keys.settings(tenant)) or {}
        return TenantSettings(**{k: v for k, v in stored.items() if k in SETTABLE})

    def save(self, tenant: str, values: Mapping[str, Any]) -> None:
        """Set field by field, so that two who set different things both succeed."""
        given = {name: values[name] for name in SETTABLE if name in values}
        kept = {name: value for name, value in given.items() if value is not None}
        cleared = [f"#{name}" for name in given if name not in kept]
        clauses = []
        if kept:
            clauses.append("SET " + ", ".join(f"#{name} = :{name}" for name in kept))
        if cleared:
            clauses.append("REMOVE " + ", ".join(cleared))
        if clauses:
            names = {f"#{name}": name for name in given}
            self._table.update(keys.settings(tenant), " ".join(clauses), names=names, **kept)

    def next_number(self, tenant: str) -> int:
        """One more than what the counter stands at."""
        counter = self._table.get(keys.counter(tenant, keys.CUSTOMER_NUMBER))
        return (counter["n"] if counter else 0) + 1

    def raise_next_number(self, tenant: str, number: int) -> bool:
        """See `ports.Settings.raise_next_number`; a number that is next already is no step back."""
        raised = self._table.update(
            keys.counter(tenant, keys.CUSTOMER_NUMBER),
            "SET #n = :last",
            condition="attribute_not_exists(#n) OR #n <= :last",
            names={"#n": "n"},
            last=number - 1,
        )
        return raised is not None
