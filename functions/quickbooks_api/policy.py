"""How the sync goes: which way, who leads, what comes along."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Self

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict

from roster import bootstrap
from roster.bootstrap import quickbooks
from roster.domain.errors import FieldError
from roster.domain.sync.choosing import lock_on
from roster.domain.sync.policy import (
    InvoiceNumbers,
    ItemsDirection,
    MappingOption,
    Mode,
    Policy,
    Primary,
)
from roster.domain.terms import TermKind
from roster.runtime.callers import ADMIN, VIEWER, caller
from roster.runtime.moments import Moment
from roster.usecases.quickbooks import policies as usecases
from roster.usecases.quickbooks.policies import SyncSettings
from roster.usecases.quickbooks.service_item import why_unusable

router = APIGatewayHttpRouter()
_PATH = "/v1/quickbooks/settings"
_POLICY = {one.name for one in fields(Policy)}


class SyncSettingsIn(BaseModel):
    """The settings of the sync, as a whole; what is left out is as the mode has it.

    `backup_confirmed_at` is no setting but somebody's word that QuickBooks' data was backed up
    then; left out, the last word stands.
    """

    model_config = ConfigDict(extra="forbid")

    mode: Mode | None = None
    primary: Primary | None = None
    include_inactive: bool | None = None
    sync_taxes: bool | None = None
    sync_terms: bool | None = None
    items: ItemsDirection | None = None
    invoice_numbers: InvoiceNumbers | None = None
    report: bool | None = None
    default_option: MappingOption | None = None
    service_item: str | None = None
    backup_confirmed_at: Moment | None = None


class LocksOut(BaseModel):
    """Why tax rates and payment terms cannot be edited here; null where they can."""

    tax_rates: str | None
    payment_terms: str | None


class SyncSettingsOut(BaseModel):
    """The settings of the sync; `mode` is null until one was chosen, and nothing is synced."""

    mode: Mode | None
    primary: Primary | None = None
    include_inactive: bool | None = None
    sync_taxes: bool | None = None
    sync_terms: bool | None = None
    items: ItemsDirection | None = None
    invoice_numbers: InvoiceNumbers | None = None
    report: bool | None = None
    default_option: MappingOption | None = None
    service_item: str | None = None
    backup_confirmed_at: datetime | None = None
    locks: LocksOut

    @classmethod
    def of(cls, found: SyncSettings) -> Self:
        """The wire form."""
        policy = found.policy if found.connected else None
        locks = LocksOut(
            tax_rates=lock_on(policy, TermKind.TAX_RATE),
            payment_terms=lock_on(policy, TermKind.PAYMENT_TERM),
        )
        values: dict[str, Any] = {"mode": None}
        if found.policy is not None:
            values = {n: getattr(found.policy, n) for n in _POLICY}
        return cls(locks=locks, backup_confirmed_at=found.backup_at, **values)


@router.get(_PATH, middlewares=VIEWER, tags=["quickbooks"])
def read_settings() -> SyncSettingsOut:
    """Which way the sync goes and what comes along."""
    return SyncSettingsOut.of(quickbooks.policies().get(caller(router).tenant))


@router.put(_PATH, middlewares=ADMIN, tags=["quickbooks"])
def choose_settings(body: SyncSettingsIn) -> SyncSettingsOut:
    """Choose, at any time, how the sync goes; for administrators.

    Taxes and terms are QuickBooks' own in both directions, and Roster's own where it leads.
    Items go one way or not at all. Lines of invoices that are on none of the company's own items
    stand on QuickBooks' item named `service_item`, which must be there and have an income account.
    """
    tenant = caller(router).tenant
    kept = quickbooks.policies()
    return SyncSettingsOut.of(usecases.choose_policy(tenant, policies=kept, **_said(tenant, body)))


def _said(tenant: str, body: SyncSettingsIn) -> dict[str, Any]:
    """What a choice is made from, as the use cases take it."""
    return {
        "values": body.model_dump(exclude_unset=True, include=_POLICY),
        "backup_at": body.backup_confirmed_at,
        "now": bootstrap.clock(),
        "why_unusable": lambda name: why_unusable(tenant, name, ports=quickbooks.ports()),
    }


def also_wrong(found: Sequence[Mapping[str, Any]]) -> Iterable[FieldError]:
    """The rules that the rest of a choice breaks; `found` are the schema's errors in its body.

    A field that the schema refused is judged no further.
    """
    event = router.current_event
    if (event.http_method, event.raw_path) != ("PUT", _PATH) or not event.body:
        return ()
    given, refused = event.json_body, {e["loc"][1] for e in found if len(e["loc"]) > 1}
    if not isinstance(given, dict) or any(e["loc"][:1] != ("body",) for e in found):
        return ()
    body = SyncSettingsIn.model_validate({n: v for n, v in given.items() if n not in refused})
    tenant = caller(router).tenant
    before = quickbooks.policies().get(tenant).policy
    errors = usecases.wrong_with(before, **_said(tenant, body))
    return [e for e in errors if e.pointer.removeprefix("/") not in refused]
