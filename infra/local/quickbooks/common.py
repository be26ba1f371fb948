"""What every entity on the wire has: identity, money, currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks.clock import stamp

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company, Entry
    from infra.local.quickbooks.shelf import Record

CURRENCY_NAMES = {
    "USD": "United States Dollar",
    "CAD": "Canadian Dollar",
    "GBP": "British Pound Sterling",
    "INR": "Indian Rupee",
}


def identity(company: Company, one: Entry | Record, *, listed: bool = False) -> dict[str, Any]:
    """Return `domain` to `MetaData`; a list may show the SyncToken before the latest edit."""
    token = one.sync_token
    if listed and token and company.settings.stale_lists:
        token -= 1
    return {
        "domain": "QBO",
        "sparse": False,
        "Id": str(one.id),
        "SyncToken": str(token),
        "MetaData": {
            "CreateTime": stamp(one.created),
            "LastUpdatedTime": stamp(one.updated),
        },
    }


def money(cents: int) -> int | float:
    """Return cents as the number QuickBooks sends: 0, 85, 477.5."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def currency(company: Company) -> dict[str, str]:
    """Return the company's currency as a reference."""
    code = company.settings.currency
    return {"value": code, "name": CURRENCY_NAMES.get(code, code)}
