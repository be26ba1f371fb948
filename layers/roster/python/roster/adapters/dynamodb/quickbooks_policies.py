"""How companies have their sync go: one item each, beside the connection."""

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Table
from roster.domain.sync.connection import ConnectionStatus
from roster.domain.sync.policy import Policy
from roster.usecases.quickbooks.policies import SyncSettings

_POLICY = TypeAdapter(Policy)


class DynamoPolicies:
    """Implements `quickbooks.policies.Policies`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str) -> SyncSettings:
        """See `quickbooks.policies.Policies.get`: two items, of the connection status and realm."""
        wanted = (keys.quickbooks_settings(tenant), keys.quickbooks_connection(tenant))
        found = {item["sk"]: item for item in self._table.get_many(wanted)}
        kept = found.get(wanted[0]["sk"])
        connection = found.get(wanted[1]["sk"], {})
        status = connection.get("status", ConnectionStatus.DISCONNECTED)
        return SyncSettings(
            policy=_POLICY.validate_python(kept["policy"]) if kept else None,
            realm=None if status == ConnectionStatus.DISCONNECTED else connection["realm"],
            anew=bool(kept and kept.get("anew")),
        )

    def save(self, tenant: str, policy: Policy, *, anew: bool) -> None:
        """See `quickbooks.policies.Policies.save`."""
        item = {**keys.quickbooks_settings(tenant), "policy": _stored(policy), "anew": anew}
        self._table.put(item)

    def looked(self, tenant: str, policy: Policy) -> None:
        """See `quickbooks.policies.Policies.looked`."""
        self._table.update(
            keys.quickbooks_settings(tenant),
            "REMOVE anew",
            condition="#policy = :policy",
            names={"#policy": "policy"},
            policy=_stored(policy),
        )


def _stored(policy: Policy) -> dict[str, Any]:
    return {k: v if isinstance(v, bool) else str(v) for k, v in asdict(policy).items()}
