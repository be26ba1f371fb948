"""How a company has its sync go, and what that locks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from roster.domain.errors import Locked
from roster.domain.sync.choosing import chosen, lock_on
from roster.domain.sync.policy import Policy, looks_anew
from roster.domain.terms import TermKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """The policy, None until one is chosen, and the realm of the company that is connected, if any.

    `anew` asks the next run to look at every record of both sides.
    """

    policy: Policy | None = None
    realm: str | None = None
    anew: bool = False

    @property
    def connected(self) -> bool:
        """Whether a company of QuickBooks is connected."""
        return self.realm is not None


class Policies(Protocol):
    """Where policies are kept."""

    def get(self, tenant: str) -> SyncSettings:
        """The company's settings of the sync, strongly consistent."""

    def save(self, tenant: str, policy: Policy, *, anew: bool) -> None:
        """Keep the policy; `anew` stays until a run has looked at everything."""

    def looked(self, tenant: str, policy: Policy) -> None:
        """A run that went by this policy has looked at everything; one chosen since stays asked."""


def choose_policy(tenant: str, values: Mapping[str, Any], *, policies: Policies) -> SyncSettings:
    """Keep the policy of `values`, changed at any time; raises Invalid.

    A change of what is taken along makes the next run look at everything.
    """
    before = policies.get(tenant)
    policy = chosen(values)
    anew = before.anew or looks_anew(before.policy, policy)
    policies.save(tenant, policy, anew=anew)
    return SyncSettings(policy=policy, realm=before.realm, anew=anew)


def require_unlocked(tenant: str, kind: TermKind, *, policies: Policies) -> None:
    """Raise Locked where QuickBooks leads the company's terms of that kind."""
    now = policies.get(tenant)
    why = lock_on(now.policy, kind) if now.connected else None
    if why is not None:
        raise Locked(why)
