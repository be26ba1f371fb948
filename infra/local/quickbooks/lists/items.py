"""Items: what an invoice line sells, with the accounts each type needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.quickbooks import faults
from infra.local.quickbooks.lists.writing import Fields, ListKind
from infra.local.quickbooks.schema import COMMON_READ_ONLY, Schema

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.shelf import Record

_TYPES = frozenset({"Inventory", "Service", "NonInventory", "Category"})
# Types of account each reference takes.
_ACCOUNTS = {
    "IncomeAccountRef": {"Income", "Other Income"},
    "ExpenseAccountRef": {"Expense", "Cost of Goods Sold"},
    "AssetAccountRef": {"Other Current Asset"},
}
_INVENTORY = ("QtyOnHand", "InvStartDate", *_ACCOUNTS)
_PLENTY = 99_999_999_999


def _settle(company: Company, record: Record | None, merged: Fields) -> None:
    _place(company, record, merged)
    if record is not None and record.fields["Type"] != merged["Type"]:
        allowed = {record.fields["Type"], merged["Type"]} == {"Service", "NonInventory"}
        if not allowed:
            raise faults.business("Business Validation Error: The type of an item cannot change.")
    if merged["Type"] == "Category":
        for name in ("UnitPrice", "PurchaseCost", "Taxable", "TrackQtyOnHand"):
            merged.pop(name, None)
        return
    merged.setdefault("UnitPrice", 0)
    merged.setdefault("PurchaseCost", 0)
    for name, types in _ACCOUNTS.items():
        _account(company, merged, name, types)
    if merged["Type"] == "Inventory":
        _inventory(merged)
        return
    if record is not None and record.fields.get("TrackQtyOnHand"):
        raise faults.business("Business Validation Error: Quantities on hand stay tracked.")
    if merged.get("TrackQtyOnHand"):
        raise faults.business("Business Validation Error: Only inventory is tracked by quantity.")
    if "IncomeAccountRef" not in merged and (
        merged["Type"] == "Service" or "ExpenseAccountRef" not in merged
    ):
        raise faults.missing("IncomeAccountRef")


def _inventory(merged: Fields) -> None:
    for name in _INVENTORY:
        if name not in merged:
            raise faults.missing(name)
    if not merged.get("TrackQtyOnHand"):
        raise faults.business("Business Validation Error: Inventory is tracked by quantity.")


def _place(company: Company, record: Record | None, merged: Fields) -> None:
    reference = merged.get("ParentRef")
    merged["SubItem"] = reference is not None
    if reference is None:
        del merged["SubItem"]
        return
    parent = company.shelf("Item").find(reference["value"])
    if parent is None or not parent.active or parent is record:
        raise faults.bad_reference()


def _account(company: Company, merged: Fields, name: str, types: set[str]) -> None:
    if name not in merged:
        return
    account = company.shelf("Account").find(merged[name]["value"])
    if account is None or not account.active:
        raise faults.bad_reference()
    if account.fields["AccountType"] not in types:
        wanted = " or ".join(sorted(types))
        raise faults.business(
            f"Business Validation Error: {name} needs an account of type {wanted}."
        )


def full_name(company: Company, record: Record) -> str:
    """Return `Category:Item`."""
    names = [record.fields["Name"]]
    while reference := record.fields.get("ParentRef"):
        record = company.shelf("Item").records[reference["value"]]
        names.insert(0, record.fields["Name"])
    return ":".join(names)


def _defaults(_: Company) -> Fields:
    return {"Active": True, "Taxable": False, "Type": "Service", "TrackQtyOnHand": False}


ITEM = ListKind(
    Schema(
        "Item",
        text={
            "Name": 100,
            "Sku": 100,
            "Description": 4000,
            "PurchaseDesc": 1000,
        },
        flags=frozenset({"Active", "Taxable", "TrackQtyOnHand", "SubItem", "SalesTaxIncluded"}),
        choices={"Type": _TYPES},
        references=frozenset(
            {*_ACCOUNTS, "ParentRef", "SalesTaxCodeRef", "PurchaseTaxCodeRef", "ClassRef"}
        ),
        numbers={
            "UnitPrice": (-_PLENTY, _PLENTY),
            "PurchaseCost": (-_PLENTY, _PLENTY),
            "QtyOnHand": (-_PLENTY, _PLENTY),
            "ReorderPoint": (0, _PLENTY),
        },
        dates=frozenset({"InvStartDate"}),
        no_colon=frozenset({"Name"}),
        read_only=COMMON_READ_ONLY,
    ),
    _defaults,
    _settle,
    kept=("Type", "TrackQtyOnHand", "QtyOnHand", "InvStartDate"),
)
