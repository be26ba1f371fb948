"""Lists as QuickBooks puts them on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks.common import currency, identity
from infra.local.quickbooks.lists.items import full_name

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.shelf import Record

_ACCOUNT = (
    "Name",
    "SubAccount",
    "ParentRef",
    "Description",
    "FullyQualifiedName",
    "Active",
    "Classification",
    "AccountType",
    "AccountSubType",
    "AcctNum",
    "CurrentBalance",
    "CurrentBalanceWithSubAccounts",
    "CurrencyRef",
)
_ITEM = (
    "Name",
    "Sku",
    "Description",
    "Active",
    "SubItem",
    "ParentRef",
    "Level",
    "FullyQualifiedName",
    "Taxable",
    "UnitPrice",
    "Type",
    "IncomeAccountRef",
    "PurchaseDesc",
    "PurchaseCost",
    "ExpenseAccountRef",
    "AssetAccountRef",
    "TrackQtyOnHand",
    "QtyOnHand",
    "InvStartDate",
    "SalesTaxCodeRef",
    "PurchaseTaxCodeRef",
)


def show(company: Company, record: Record, *, listed: bool = False) -> dict[str, Any]:
    """Return a list entry as a JSON object."""
    written, same = record.fields, identity(company, record, listed=listed)
    match record.kind:
        case "Account":
            known = written | {
                "FullyQualifiedName": written["Name"],
                "CurrentBalance": 0,
                "CurrentBalanceWithSubAccounts": 0,
                "CurrencyRef": currency(company),
            }
            return {name: known[name] for name in _ACCOUNT if name in known} | same
        case "Item":
            known = written | {"FullyQualifiedName": full_name(company, record)}
            for name in ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef"):
                if name in known:
                    account = company.shelf("Account").records[known[name]["value"]]
                    known[name] = {"value": account.id, "name": account.fields["Name"]}
            ordered = {name: known[name] for name in _ITEM if name in known}
            return ordered | {k: v for k, v in known.items() if k not in ordered} | same
        case "TaxCode" if not record.id.isdigit():
            # TAX and NON have neither lists nor `domain` nor SyncToken.
            shown = ("Name", "Description", "Taxable", "TaxGroup")
            kept = {name: written[name] for name in shown}
            return kept | {"Id": record.id, "MetaData": same["MetaData"]}
        case "TaxCode":
            lists = {
                name: _named_rates(company, written[name])
                for name in ("SalesTaxRateList", "PurchaseTaxRateList")
            }
            return written | lists | same
        case "Class":
            path = {"SubClass": "ParentRef" in written, "FullyQualifiedName": written["Name"]}
            return written | path | same
    return written | same


def _named_rates(company: Company, listed: dict[str, Any]) -> dict[str, Any]:
    def named(one: dict[str, Any]) -> dict[str, Any]:
        rate = company.shelf("TaxRate").records[one["TaxRateRef"]["value"]]
        return one | {"TaxRateRef": {"value": rate.id, "name": rate.fields["Name"]}}

    return {"TaxRateDetail": [named(one) for one in listed["TaxRateDetail"]]}
