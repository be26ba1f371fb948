"""Vendors and employees: they share Ids and the top level of names with customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import customers, faults, fields, validation

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company, Entry

Fields = dict[str, Any]
_SCHEMAS = {"Vendor": fields.VENDOR, "Employee": fields.EMPLOYEE}


def save(company: Company, kind: str, body: Fields, now: float, *, fresh: bool) -> Entry:
    """Create or update a vendor or employee; ServiceFault when refused."""
    changes = validation.changes(body, _SCHEMAS[kind])
    if fresh:
        merged = _kept({"Active": True} | changes)
        customers.settle_name(company, None, merged)
        return company.add("Vendor" if kind == "Vendor" else "Employee", merged, now)
    entity_id, token = validation.identity(body)
    entry = company.entries.get(entity_id)
    if entry is None or entry.kind != kind:
        raise faults.not_found()
    if token != entry.sync_token:
        raise faults.stale(company.settings.editor)
    sparse = str(body.get("sparse", False)).lower() == "true"
    merged = _kept((dict(entry.fields) if sparse else {"Active": True}) | changes)
    customers.settle_name(company, entry, merged)
    # Captured: making inactive what is inactive already changes nothing.
    if merged != entry.fields:
        company.rewrite(entry, merged, now)
    return entry


def _kept(changes: Fields) -> Fields:
    return {name: value for name, value in changes.items() if value is not None}
