"""Invoices, credit memos and payments as QuickBooks puts them on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import fields
from infra.local.quickbooks.common import currency, identity, money

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.shelf import Record

_ONLINE = (
    "AllowIPNPayment",
    "AllowOnlinePayment",
    "AllowOnlineCreditCardPayment",
    "AllowOnlineACHPayment",
)
# What comes after the lines, in the order the wire has it.
_TAIL = (
    "CustomerRef",
    "CustomerMemo",
    "BillAddr",
    "ShipAddr",
    "ProjectRef",
    "ClassRef",
    "DepartmentRef",
    "SalesTermRef",
    "DueDate",
    "ShipMethodRef",
    "ShipDate",
    "TrackingNum",
    "GlobalTaxCalculation",
    "TotalAmt",
    "ApplyTaxAfterDiscount",
    "PrintStatus",
    "EmailStatus",
    "BillEmail",
    "BillEmailCc",
    "Balance",
    "RemainingCredit",
    "Deposit",
    "PaymentMethodRef",
    "DepositToAccountRef",
)
_CUSTOM = [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}]
_EXTRA = {
    "declaredType": "com.intuit.schema.finance.v3.NameValue",
    "scope": "javax.xml.bind.JAXBElement$GlobalScope",
}


def bill(company: Company, record: Record) -> dict[str, Any]:
    """Return an invoice or credit memo as a JSON object."""
    written = record.fields
    body: dict[str, Any] = {}
    if record.kind == "Invoice":
        body |= {name: written[name] for name in _ONLINE if name in written}
    body |= identity(company, record)
    body["CustomField"] = _CUSTOM
    if "DocNumber" in written:
        body["DocNumber"] = written["DocNumber"]
    body["TxnDate"] = written["TxnDate"]
    body["CurrencyRef"] = currency(company)
    if "PrivateNote" in written:
        body["PrivateNote"] = written["PrivateNote"]
    if record.kind == "Invoice":
        linked = dict.fromkeys(record.linked)
        body["LinkedTxn"] = [{"TxnId": one, "TxnType": "Payment"} for one in linked]
    body["Line"] = _lines(company, written["Line"])
    body["TxnTaxDetail"] = _tax(written["TxnTaxDetail"])
    computed: dict[str, Any] = {
        "CustomerRef": customer_ref(company, record),
        "TotalAmt": money(record.total),
        "Balance": money(record.open),
    }
    if record.kind == "CreditMemo":
        computed["RemainingCredit"] = money(record.open)
    for name in fields.ADDRESSES:
        if name in written:
            shared = str(company.address_id(written[name]))
            computed[name] = {"Id": shared, **written[name], "Lat": "INVALID", "Long": "INVALID"}
    body |= {name: (written | computed)[name] for name in _TAIL if name in written | computed}
    return body


def payment(company: Company, record: Record) -> dict[str, Any]:
    """Return a payment as a JSON object."""
    written = record.fields
    body: dict[str, Any] = {"CustomerRef": customer_ref(company, record)}
    for name in ("DepositToAccountRef", "PaymentMethodRef", "PaymentRefNum", "ARAccountRef"):
        if name in written:
            body[name] = written[name]
    body |= {
        "TotalAmt": money(record.total),
        "UnappliedAmt": money(record.open),
        "ProcessPayment": written["ProcessPayment"],
    }
    body |= identity(company, record)
    body |= {"TxnDate": written["TxnDate"], "CurrencyRef": currency(company)}
    if "PrivateNote" in written:
        body["PrivateNote"] = written["PrivateNote"]
    body["Line"] = [_applied(company, line) for line in written["Line"]]
    return body


def tombstone(company: Company, record: Record) -> dict[str, Any]:
    """Return what change data capture tells of a deleted transaction."""
    changed = identity(company, record)["MetaData"]["LastUpdatedTime"]
    return {
        "status": "Deleted",
        "domain": "QBO",
        "Id": record.id,
        "MetaData": {"LastUpdatedTime": changed},
    }


def customer_ref(company: Company, record: Record) -> dict[str, str]:
    """Return `{value, name}`; of a sub-customer the name is its own alone."""
    entry = company.entries[int(record.fields["CustomerRef"]["value"])]
    return {"value": str(entry.id), "name": str(entry.fields["DisplayName"])}


def _lines(company: Company, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown, subtotal = [], 0
    for line in lines:
        one = line | ({"Amount": money(line["Amount"])} if "Amount" in line else {})
        if "SalesItemLineDetail" in one:
            subtotal += line["Amount"]
            detail = one["SalesItemLineDetail"]
            item = company.shelf("Item").records[detail["ItemRef"]["value"]]
            named = {"ItemRef": {"value": item.id, "name": item.fields["Name"]}}
            one["SalesItemLineDetail"] = named | {
                name: value for name, value in detail.items() if name != "ItemRef"
            }
        shown.append(one)
    after = next(
        (number for number, one in enumerate(shown) if one["DetailType"] == "DiscountLineDetail"),
        len(shown),
    )
    amount = {"Amount": money(subtotal)}
    shown.insert(after, amount | {"DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    return shown


def _tax(detail: dict[str, Any]) -> dict[str, Any]:
    shown = detail | {"TotalTax": money(detail["TotalTax"])}
    if "TaxLine" in detail:
        shown["TaxLine"] = [
            line
            | {"Amount": money(line["Amount"])}
            | {
                "TaxLineDetail": line["TaxLineDetail"]
                | {"NetAmountTaxable": money(line["TaxLineDetail"]["NetAmountTaxable"])}
            }
            for line in detail["TaxLine"]
        ]
    return shown


def _applied(company: Company, line: dict[str, Any]) -> dict[str, Any]:
    link = line["LinkedTxn"][0]
    target = company.shelf(link["TxnType"]).records[link["TxnId"]]
    told = {
        "txnId": target.id,
        "txnOpenBalance": f"{(target.open + line['Amount']) / 100:.2f}",
        "txnReferenceNumber": target.fields.get("DocNumber", ""),
    }
    extras: list[dict[str, Any]] = [
        {
            "name": "{http://schema.intuit.com/finance/v3}NameValue",
            **_EXTRA,
            "value": {"Name": name, "Value": value},
            "nil": False,
            "globalScope": True,
            "typeSubstituted": False,
        }
        for name, value in told.items()
    ]
    return {
        "Amount": money(line["Amount"]),
        "LinkedTxn": [dict(link)],
        "LineEx": {"any": extras},
    }
