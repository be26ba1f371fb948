"""Invoices and credit memos: create, update, void, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, fields, validation
from infra.local.quickbooks.clock import day
from infra.local.quickbooks.sales import ledger, lines, taxing
from infra.local.quickbooks.sales.stock import sell
from infra.local.quickbooks.sales.terms import due_day
from infra.local.quickbooks.schema import COMMON_READ_ONLY, Schema

if TYPE_CHECKING:
    from collections.abc import Collection

    from infra.local.quickbooks.company import Company, Entry
    from infra.local.quickbooks.shelf import Record

Fields = dict[str, Any]
_STATUS = {
    "EmailStatus": frozenset({"NotSet", "NeedToSend", "EmailSent"}),
    "PrintStatus": frozenset({"NotSet", "NeedToPrint", "PrintComplete"}),
    "GlobalTaxCalculation": frozenset({"TaxExcluded", "TaxInclusive", "NotApplicable"}),
}
_ONLINE = frozenset(
    {
        "AllowIPNPayment",
        "AllowOnlinePayment",
        "AllowOnlineCreditCardPayment",
        "AllowOnlineACHPayment",
    }
)
_READ_ONLY = (
    *COMMON_READ_ONLY,
    "Balance",
    "TotalAmt",
    "HomeBalance",
    "HomeTotalAmt",
    "LinkedTxn",
    "CurrencyRef",
    "ExchangeRate",
    "RecurDataRef",
    "TaxExemptionRef",
    "InvoiceLink",
    "DeliveryInfo",
    "RemainingCredit",
    "TxnSource",
)


def _schema(name: str) -> Schema:
    return Schema(
        name,
        text={"DocNumber": 21, "PrivateNote": 4000, "TrackingNum": 31},
        flags=_ONLINE | {"ApplyTaxAfterDiscount", "AutoDocNumber"},
        choices=_STATUS,
        references=frozenset(
            {
                "CustomerRef",
                "SalesTermRef",
                "ClassRef",
                "DepartmentRef",
                "ProjectRef",
                "ShipMethodRef",
                "DepositToAccountRef",
                "PaymentMethodRef",
            }
        ),
        parts={name: fields.PARTS[name] for name in fields.ADDRESSES}
        | {
            "BillEmail": ("EmailAddress", {"Address": 100}),
            "BillEmailCc": ("EmailAddress", {"Address": 200}),
            "CustomerMemo": ("MemoRef", {"value": 1000}),
        },
        numbers={"Deposit": (0, 99_999_999_999)},
        dates=frozenset({"TxnDate", "DueDate", "ShipDate"}),
        whole=frozenset({"Line", "TxnTaxDetail"}),
        read_only=_READ_ONLY,
    )


SCHEMAS = {name: _schema(name) for name in ("Invoice", "CreditMemo")}
# Without one of these in a sparse update the amounts stay what they are.
_AMOUNTS = frozenset({"Line", "TxnTaxDetail", "CustomerRef", "GlobalTaxCalculation"})


def create(
    company: Company, kind: str, body: Fields, now: float, include: Collection[str] = ()
) -> Record:
    """Save a new invoice or credit memo; ServiceFault when refused."""
    changes = _kept(validation.changes(body, SCHEMAS[kind]))
    merged = _defaults(company, now) | changes
    customer = ledger.customer_of(company, merged.get("CustomerRef"), active=True)
    ledger.require_open(company, merged["TxnDate"])
    total = _sum(company, customer, merged)
    _dress(company, kind, customer, merged)
    _number(company, kind, merged, body, include)
    record = company.enter(kind, merged, now)
    record.total = total
    sell(company, kind, merged, 1, now)
    ledger.owe(company, record, record.total, now)
    return record


def update(
    company: Company, kind: str, body: Fields, now: float, include: Collection[str] = ()
) -> Record:
    """Write over an invoice or credit memo: sparse or in full."""
    changes = validation.changes(body, SCHEMAS[kind])
    record = named(company, kind, body)
    return _rewrite(company, record, changes, now, body, include)


def edit(company: Company, record: Record, body: Fields, now: float) -> Record:
    """Change one as a person does: without SyncToken."""
    changes = validation.changes(body, SCHEMAS[record.kind])
    return _rewrite(company, record, changes, now, {"sparse": True} | body, ())


def void(company: Company, record: Record, now: float) -> Record:
    """Set every amount to nothing; what paid it stays as unapplied money."""
    ledger.require_open(company, record.fields["TxnDate"])
    ledger.release(company, record, now)
    sell(company, record.kind, record.fields, -1, now)
    empty = [one | ({"Amount": 0} if "Amount" in one else {}) for one in record.fields["Line"]]
    for one in empty:
        if "SalesItemLineDetail" in one:
            detail = dict(one["SalesItemLineDetail"])
            detail |= {name: 0 for name in ("Qty", "TaxInclusiveAmt") if name in detail}
            one["SalesItemLineDetail"] = detail
    changes = {"Line": empty, "TxnTaxDetail": {"TotalTax": 0}, "PrivateNote": "Voided"}
    company.alter(record, record.fields | changes, now, voided=True)
    ledger.owe(company, record, 0, now)
    record.total = 0
    return record


def delete(company: Company, record: Record, now: float) -> None:
    """Take it off the books; what paid it stays as unapplied money."""
    ledger.require_open(company, record.fields["TxnDate"])
    ledger.release(company, record, now)
    sell(company, record.kind, record.fields, -1, now)
    ledger.owe(company, record, 0, now)
    company.drop(record, now)


def named(company: Company, kind: str, body: Fields) -> Record:
    """Return the transaction a client's Id and SyncToken name; ServiceFault 610 or 5010."""
    if body.get("Id") in (None, ""):
        raise faults.missing("Id")
    entity_id, token = validation.identity(body)
    record = company.shelf(kind).find(entity_id)
    if record is None:
        raise faults.not_found()
    if token != record.sync_token:
        raise faults.stale(company.settings.editor)
    return record


def _rewrite(
    company: Company,
    record: Record,
    changes: Fields,
    now: float,
    body: Fields,
    include: Collection[str],
) -> Record:
    sparse = str(body.get("sparse", False)).lower() == "true"
    base = dict(record.fields) if sparse else _defaults(company, record.created)
    merged = _kept(base | changes)
    ledger.require_open(company, record.fields["TxnDate"], merged["TxnDate"])
    moved = merged.get("CustomerRef") != record.fields["CustomerRef"]
    customer = ledger.customer_of(company, merged.get("CustomerRef"), active=moved)
    recounted = not sparse or bool(_AMOUNTS & changes.keys())
    total = record.total
    if recounted:
        if "TxnTaxDetail" not in changes:
            # What was worked out before is no wish of the client's; the code chosen is.
            merged["TxnTaxDetail"] = {
                name: value
                for name, value in record.fields["TxnTaxDetail"].items()
                if name == "TxnTaxCodeRef" and not moved
            }
        if "Line" not in changes:
            merged["Line"] = _as_sent(merged.get("Line"))
        total = _sum(company, customer, merged)
    if sparse and "TxnDate" in changes and "DueDate" not in changes:
        merged.pop("DueDate", None)
    if "SalesTermRef" in changes and "DueDate" not in changes:
        merged.pop("DueDate", None)
    _dress(company, record.kind, customer, merged)
    # Only a new transaction is numbered by itself.
    merged.pop("AutoDocNumber", None)
    if merged.get("DocNumber") != record.fields.get("DocNumber"):
        _number(company, record.kind, merged, body, include, record)
    if moved:
        ledger.release(company, record, now)
    sell(company, record.kind, record.fields, -1, now)
    sell(company, record.kind, merged, 1, now)
    paid = record.total - record.open
    ledger.owe(company, record, 0, now)
    company.alter(record, merged, now)
    record.total = total
    ledger.owe(company, record, total - paid, now)
    ledger.shrink(company, record, now)
    return record


def _sum(company: Company, customer: Entry, merged: Fields) -> int:
    read = lines.read(company, merged.get("Line"))
    wish = merged.get("TxnTaxDetail") or {}
    if not isinstance(wish, dict):
        raise faults.unreadable("failed to parse json object; a property")
    calculation = merged.get("GlobalTaxCalculation", "TaxExcluded")
    if calculation == "NotApplicable":
        read.taxable.clear()
    inclusive = calculation == "TaxInclusive"
    detail, tax = taxing.work_out(company, customer, read, wish, inclusive=inclusive)
    merged["Line"], merged["TxnTaxDetail"] = read.kept, detail
    total = read.subtotal - read.discount + (0 if inclusive else tax)
    if total < 0:
        raise faults.business(
            "Business Validation Error: Transaction amounts must be zero or greater."
        )
    return total


def _defaults(company: Company, moment: float) -> Fields:
    fields: Fields = dict.fromkeys(sorted(_ONLINE), False)
    fields |= {
        "TxnDate": day(moment),
        "ApplyTaxAfterDiscount": False,
        "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet",
    }
    if company.settings.country != "US":
        fields["GlobalTaxCalculation"] = "TaxExcluded"
    return fields


def _dress(company: Company, kind: str, customer: Entry, merged: Fields) -> None:
    for name in fields.ADDRESSES:
        if name not in merged and name in customer.fields:
            merged[name] = customer.fields[name]
    if "BillAddr" in merged:
        merged.setdefault("ShipAddr", merged["BillAddr"])
    email = customer.fields.get("PrimaryEmailAddr")
    if email and "BillEmail" not in merged:
        merged["BillEmail"] = email
    if kind == "Invoice":
        due_day(company, customer, merged)


def _number(
    company: Company,
    kind: str,
    merged: Fields,
    body: Fields,
    include: Collection[str],
    record: Record | None = None,
) -> None:
    automatic = bool(merged.pop("AutoDocNumber", False))
    number = merged.get("DocNumber")
    own = company.settings.custom_txn_numbers
    if number is None and record is None and "DocNumber" not in body and (automatic or not own):
        while _used(company, kind, str(company.next_number), None):
            company.next_number += 1
        merged["DocNumber"] = str(company.next_number)
        company.next_number += 1
        return
    if not number:
        return
    warned = company.settings.warn_duplicate_numbers and "allowduplicatedocnum" not in include
    if warned and _used(company, kind, number, record):
        raise faults.duplicate_number(number)
    if number.isascii() and number.isdigit() and len(number) < 16:
        company.next_number = max(company.next_number, int(number) + 1)


def _used(company: Company, kind: str, number: str, record: Record | None) -> bool:
    holder = company.shelf(kind).holder(number)
    return holder is not None and holder is not record


def _as_sent(kept: list[Fields] | None) -> list[Fields]:
    # Stored lines count in cents; what a client sends does not.
    return [
        one | ({"Amount": one["Amount"] / 100} if "Amount" in one else {}) for one in kept or []
    ]


def _kept(changes: Fields) -> Fields:
    return {name: value for name, value in changes.items() if value is not None}
