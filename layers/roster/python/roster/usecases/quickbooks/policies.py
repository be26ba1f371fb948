"""How a company has its sync go, and what that locks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from roster.domain.errors import FieldError, Invalid, Locked
from roster.domain.sync.choosing import broken_rules, chosen, lock_on
from roster.domain.sync.policy import SERVICE_ITEM, Policy, looks_anew
from roster.domain.terms import TermKind

_CLOCKS_DIFFER = timedelta(minutes=5)
_ITEM = "/service_item"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """The policy, None until one is chosen, and whether a company of QuickBooks is connected.

    `anew` asks the next run to look at every record of both sides. `backup_at` is when QuickBooks'
    data was last backed up, as somebody has told; `realm` the company, connected or not any more.
    """

    policy: Policy | None = None
    connected: bool = False
    anew: bool = False
    backup_at: datetime | None = None
    realm: str | None = None


class Policies(Protocol):
    """Where policies are kept."""

    def get(self, tenant: str) -> SyncSettings:
        """The company's settings of the sync, strongly consistent."""

    def save(
        self, tenant: str, policy: Policy, *, anew: bool, backup_at: datetime | None = None
    ) -> None:
        """Keep the policy, and a backup that was told of beside the last one.

        `anew` stays until a run has looked at everything.
        """

    def looked(self, tenant: str, policy: Policy) -> None:
        """A run that went by this policy has looked at everything; one chosen since stays asked."""


def wrong_with(
    before: Policy | None,
    values: Mapping[str, Any],
    *,
    backup_at: datetime | None,
    now: datetime | None,
    why_unusable: Callable[[str], str | None],
) -> list[FieldError]:
    """Every rule that a choice of `values` instead of `before` breaks.

    A new `service_item` is refused for the reason that `why_unusable` gives, which is asked only
    for what can be a name.
    """
    errors = [*_wrong_backup(backup_at, now), *broken_rules(values)]
    item = values.get("service_item") or SERVICE_ITEM
    if any(error.pointer == _ITEM for error in errors):
        return errors
    known = before.service_item if before else SERVICE_ITEM
    if item not in (SERVICE_ITEM, known) and (why := why_unusable(item)):
        errors.append(FieldError(_ITEM, "unusable", why))
    return errors


def choose_policy(
    tenant: str,
    values: Mapping[str, Any],
    *,
    policies: Policies,
    backup_at: datetime | None = None,
    now: datetime | None = None,
    why_unusable: Callable[[str], str | None] = lambda _: None,
) -> SyncSettings:
    """Keep the policy of `values`, changed at any time; raises Invalid as `wrong_with` says.

    A change of what is taken along makes the next run look at everything. A backup made at
    `backup_at` is remembered until another is told of.
    """
    before = policies.get(tenant)
    errors = wrong_with(
        before.policy, values, backup_at=backup_at, now=now, why_unusable=why_unusable
    )
    if errors:
        raise Invalid(errors)
    policy = chosen(values)
    anew = before.anew or looks_anew(before.policy, policy)
    policies.save(tenant, policy, anew=anew, backup_at=backup_at)
    return replace(before, policy=policy, anew=anew, backup_at=backup_at or before.backup_at)


def _wrong_backup(at: datetime | None, now: datetime | None) -> list[FieldError]:
    if at is None or now is None or at <= now + _CLOCKS_DIFFER:
        return []
    detail = "a backup is confirmed once it has been made: this time is yet to come"
    return [FieldError("/backup_confirmed_at", "future", detail)]


def require_unlocked(tenant: str, kind: TermKind, *, policies: Policies) -> None:
    """Raise Locked where QuickBooks leads the company's terms of that kind."""
    now = policies.get(tenant)
    why = lock_on(now.policy, kind) if now.connected else None
    if why is not None:
        raise Locked(why)
