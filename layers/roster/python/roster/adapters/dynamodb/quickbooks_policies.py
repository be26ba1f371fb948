"""How companies have their sync go: one item each, beside the connection."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from roster.adapters.dynamodb import quickbooks_keys
from roster.adapters.dynamodb.encoding import milliseconds, moment
from roster.adapters.dynamodb.table import Table
from roster.domain.sync.connection import ConnectionStatus
from roster.domain.sync.policy import Policy
from roster.usecases.quickbooks.policies import SyncSettings

_POLICY = TypeAdapter(Policy)


class DynamoPolicies:
    """Implements `quickbooks.policies.Policies`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, *, consistent: bool = True) -> SyncSettings:
        """See `quickbooks.policies.Policies.get`: two items, of the connection no secret.

        For who can do with settings of a moment ago, it costs half.
        """
        wanted = (quickbooks_keys.settings(tenant), quickbooks_keys.connection(tenant))
        found = {item["sk"]: item for item in self._table.get_many(wanted, consistent=consistent)}
        kept = found.get(wanted[0]["sk"])
        connection = found.get(wanted[1]["sk"], {})
        connected = connection.get("status", ConnectionStatus.DISCONNECTED)
        return SyncSettings(
            policy=_POLICY.validate_python(kept["policy"]) if kept else None,
            connected=connected != ConnectionStatus.DISCONNECTED,
            anew=bool(kept and kept.get("anew")),
            backup_at=moment(kept["backed_up"]) if kept and kept.get("backed_up") else None,
            realm=connection.get("realm"),
        )

    def save(
        self, tenant: str, policy: Policy, *, anew: bool, backup_at: datetime | None = None
    ) -> None:
        """See `quickbooks.policies.Policies.save`."""
        told: dict[str, Any] = {"backed_up": milliseconds(backup_at)} if backup_at else {}
        self._table.update(
            quickbooks_keys.settings(tenant),
            "SET #policy = :policy, anew = :anew" + (", backed_up = :backed_up" if told else ""),
            names={"#policy": "policy"},
            policy=_stored(policy),
            anew=anew,
            **told,
        )

    def looked(self, tenant: str, policy: Policy) -> None:
        """See `quickbooks.policies.Policies.looked`."""
        self._table.update(
            quickbooks_keys.settings(tenant),
            "REMOVE anew",
            condition="#policy = :policy",
            names={"#policy": "policy"},
            policy=_stored(policy),
        )


def _stored(policy: Policy) -> dict[str, Any]:
    return {k: v if isinstance(v, bool) else str(v) for k, v in asdict(policy).items()}
