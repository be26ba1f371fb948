"""What may be done to a customer: through the API, and by a person in the QuickBooks UI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, fields, validation
from infra.local.quickbooks.common import currency
from infra.local.quickbooks.company import TRANSACTIONS, Company

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Entry

DEEPEST_LEVEL = 4
DEFAULT_TAX_CODE = "2"
_REFERENCES = {
    "SalesTermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
    "DefaultTaxCodeRef": "TaxCode",
}
_SUFFIX = re.compile(r" \(deleted(?: \d+)?\)$")


def create(company: Company, body: dict[str, Any], now: float) -> Entry:
    """Enter a new customer as `POST /customer` without Id does; ServiceFault when refused."""
    merged = _merge(_defaults(company), validation.changes(body))
    balance = body.get("Balance")
    cents = validation.amount("Balance", balance) if balance is not None else 0
    _settle(company, None, merged)
    entry = company.add("Customer", merged, now)
    entry.balance = cents
    return entry


def update(company: Company, body: dict[str, Any], now: float) -> Entry:
    """Write over a customer as `POST /customer` with Id does.

    `sparse: true` leaves what is not sent; otherwise omitted writable attributes are emptied.
    Raises ServiceFault 610, 2020, 5010 and whatever the new content deserves.
    """
    changes = validation.changes(body)
    entity_id, token = validation.identity(body)
    entry = company.find("Customer", entity_id)
    if entry is None or (not entry.active and changes.get("Active") is not True):
        raise faults.not_found()
    if token != entry.sync_token:
        raise faults.stale(company.settings.editor)
    sparse = str(body.get("sparse", False)).lower() == "true"
    base = dict(entry.fields) if sparse else _blank(company, entry)
    merged = _merge(base, changes)
    if entry.parent_id and not (merged.get("Job") and merged.get("ParentRef")):
        # The API never turns a sub-customer into a top-level one; only a person can.
        raise faults.parent_mismatch()
    _settle(company, entry, merged)
    company.rewrite(entry, merged, now)
    return entry


def edit(company: Company, entry: Entry, body: dict[str, Any], now: float) -> None:
    """Change a customer as a person does in the UI: no SyncToken needed, parents may go."""
    changes = validation.changes(body)
    merged = _merge(dict(entry.fields), changes)
    if "ParentRef" in body and body["ParentRef"] is None:
        merged.pop("ParentRef", None)
        merged["Job"] = False
    elif changes.get("ParentRef"):
        merged["Job"] = True
    _settle(company, entry, merged)
    company.rewrite(entry, merged, now)


def touch(company: Company, entry: Entry, cents: int, now: float) -> None:
    """Save an invoice (cents > 0) or payment (cents < 0): times move, SyncTokens do not."""
    entry.balance += cents
    company.version += 1
    for one in company.line(entry):
        one.updated = now


def add_name(company: Company, kind: str, name: str, now: float) -> Entry:
    """Enter a vendor or an employee, who hold names a customer then cannot have."""
    merged = {"DisplayName": name, "Active": True}
    settle_name(company, None, merged)
    return company.add("Vendor" if kind == "Vendor" else "Employee", merged, now)


def settle_name(company: Company, entry: Entry | None, merged: dict[str, Any]) -> None:
    """Complete the names and keep them unique and marked when inactive; ServiceFault if refused."""
    _name(merged)
    _activity(company, entry, merged)
    _require_free(company, entry, merged)


def merge(company: Company, loser: Entry, survivor: Entry, now: float) -> None:
    """Merge two customers as the UI does: the loser ends inactive, its transactions move.

    ServiceFault 6000 when it has sub-customers, or when the two are one.
    """
    if loser is survivor or company.children(loser):
        raise faults.business(
            "Business Validation Error: A customer with sub-customers cannot be merged."
        )
    survivor.balance, loser.balance = survivor.balance + loser.balance, 0
    for kind in TRANSACTIONS:
        # As after a rename, the transactions' own times do not move.
        for record in company.shelf(kind).records.values():
            if record.fields["CustomerRef"]["value"] == str(loser.id):
                record.fields["CustomerRef"] = {"value": str(survivor.id)}
    mark = len(company.journal)
    name = _deleted_name(company, loser, loser.fields)
    company.rewrite(loser, loser.fields | {"Active": False, "DisplayName": name}, now)
    loser.merged_into = survivor.id
    touch(company, survivor, 0, now)
    del company.journal[mark:]
    company.note("Customer", survivor.id, "Merge", now, deleted_id=str(loser.id))


def without_suffix(name: str) -> str:
    """Return a name as it was before the entry was made inactive."""
    return _SUFFIX.sub("", name)


def _defaults(company: Company) -> dict[str, Any]:
    return {
        "Taxable": True,
        "Job": False,
        "BillWithParent": False,
        "CurrencyRef": currency(company),
        "PreferredDeliveryMethod": "Print",
        "Active": True,
    }


def _blank(company: Company, entry: Entry) -> dict[str, Any]:
    # The base of a full update: what the client cannot take away by leaving it out.
    kept = ("CurrencyRef", "ParentRef", "Job")
    return _defaults(company) | {name: entry.fields[name] for name in kept if name in entry.fields}


def _kept(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if value is not None}


def _merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    # One currency per company here, and a customer's never changes.
    merged = base | changes | {"CurrencyRef": base["CurrencyRef"]}
    # QuickBooks refuses to empty the name on cheques and keeps the old one.
    if merged.get("PrintOnCheckName") is None and "PrintOnCheckName" in base:
        merged["PrintOnCheckName"] = base["PrintOnCheckName"]
    return _kept(merged)


def _settle(company: Company, entry: Entry | None, merged: dict[str, Any]) -> None:
    _name(merged)
    _place(company, entry, merged)
    _activity(company, entry, merged)
    _refer(company, entry, merged)
    _require_free(company, entry, merged)


def _name(merged: dict[str, Any]) -> None:
    parts = " ".join(str(merged[part]) for part in fields.NAME_PARTS if part in merged)
    if "DisplayName" not in merged:
        if not parts:
            raise faults.no_name()
        merged["DisplayName"] = parts[: fields.TEXT["DisplayName"]]
    on_check = merged.get("CompanyName") or parts or merged["DisplayName"]
    merged.setdefault("PrintOnCheckName", str(on_check)[: fields.TEXT["PrintOnCheckName"]])


def _place(company: Company, entry: Entry | None, merged: dict[str, Any]) -> None:
    reference = merged.get("ParentRef")
    if bool(reference) != bool(merged["Job"]):
        raise faults.parent_mismatch()
    if not reference:
        merged["BillWithParent"] = False
        return
    unchanged = entry is not None and entry.fields.get("ParentRef") == reference
    target = reference["value"]
    number = int(target) if target.isascii() and target.isdigit() else 0
    parent = company.find("Customer", number)
    if parent is None or not (parent.active or unchanged):
        raise faults.bad_reference()
    line = company.line(parent)
    if entry is not None and entry in line:
        raise faults.ServiceFault(
            "900", "Parent cannot be child", "The same object can't be parent or child of itself."
        )
    if len(line) > DEEPEST_LEVEL:
        raise faults.business(
            "Business Validation Error: A sub-customer can be at most 4 levels below the top."
        )


def _refer(company: Company, entry: Entry | None, merged: dict[str, Any]) -> None:
    if not merged["Taxable"]:
        merged.pop("DefaultTaxCodeRef", None)
    elif company.settings.country == "US":
        merged.setdefault("DefaultTaxCodeRef", {"value": DEFAULT_TAX_CODE})
    for name, kind in _REFERENCES.items():
        reference = merged.get(name)
        if not reference or (entry is not None and entry.fields.get(name) == reference):
            continue
        target = company.shelf(kind).find(reference["value"])
        if (target is None or not target.active) and reference["value"] not in {"TAX", "NON"}:
            raise faults.bad_reference()


def _activity(company: Company, entry: Entry | None, merged: dict[str, Any]) -> None:
    was_active = entry is None or entry.active
    name = str(merged["DisplayName"])
    if was_active and not merged["Active"]:
        if entry is not None and entry.balance:
            raise faults.business(
                "The entity you are trying to delete has an open balance. : This customer "
                "cannot be deleted because it has a non-zero balance",
                "Delete List Has Balance Error",
            )
        merged["DisplayName"] = _deleted_name(company, entry, merged)
    elif not was_active and merged["Active"] and company.settings.reactivation_strips_suffix:
        merged["DisplayName"] = without_suffix(name)


def _deleted_name(company: Company, entry: Entry | None, merged: dict[str, Any]) -> str:
    parent = _parent_id(merged)
    base = without_suffix(str(merged["DisplayName"]))
    name, number = f"{base} (deleted)", 0
    while (holder := company.holder(parent, name)) is not None and holder is not entry:
        number += 1
        name = f"{base} (deleted {number})"
    return name


def _parent_id(merged: dict[str, Any]) -> int:
    return int(merged["ParentRef"]["value"]) if merged.get("ParentRef") else 0


def _require_free(company: Company, entry: Entry | None, merged: dict[str, Any]) -> None:
    holder = company.holder(_parent_id(merged), str(merged["DisplayName"]))
    if holder is None or holder is entry:
        return
    tails = {
        "id": f"Id={holder.id}",
        "null": "null",
        "sentence": (
            "Another customer, vendor or employee is already using this name. "
            "Please use a different name."
        ),
    }
    raise faults.duplicate_name(tails[company.settings.duplicate_detail])
