"""Payments: several invoices at once, credits, unapplied money; update, void, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, validation
from infra.local.quickbooks.clock import day
from infra.local.quickbooks.sales import bills, ledger
from infra.local.quickbooks.sales.lines import cents
from infra.local.quickbooks.schema import COMMON_READ_ONLY, Schema

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.shelf import Record

Fields = dict[str, Any]
SCHEMA = Schema(
    "Payment",
    text={"PaymentRefNum": 21, "PrivateNote": 4000},
    flags=frozenset({"ProcessPayment"}),
    references=frozenset(
        {"CustomerRef", "DepositToAccountRef", "PaymentMethodRef", "ARAccountRef", "ProjectRef"}
    ),
    dates=frozenset({"TxnDate"}),
    whole=frozenset({"Line", "TotalAmt"}),
    read_only=(
        *COMMON_READ_ONLY,
        "UnappliedAmt",
        "CurrencyRef",
        "ExchangeRate",
        "CreditCardPayment",
        "TransactionLocationType",
        "LinkedTxn",
        "TxnSource",
        "TaxExemptionRef",
    ),
)
_LINE = ("Id", "LineNum", "Amount", "LinkedTxn", "LineEx", "DetailType", "Description")
_LINK = ("TxnId", "TxnType", "TxnLineId")
_UNDEPOSITED = "4"


def create(company: Company, body: Fields, now: float) -> Record:
    """Save a new payment; ServiceFault when refused."""
    changes = validation.changes(body, SCHEMA)
    merged = _kept(_defaults(now) | changes)
    if "TotalAmt" not in merged:
        raise faults.missing("TotalAmt")
    total = _check(company, None, merged, merged.get("Line", []))
    record = company.enter("Payment", merged, now)
    _book(company, record, total, now)
    return record


def update(company: Company, body: Fields, now: float) -> Record:
    """Write over a payment; its lines are replaced as a whole when sent."""
    changes = validation.changes(body, SCHEMA)
    record = bills.named(company, "Payment", body)
    sparse = str(body.get("sparse", False)).lower() == "true"
    return _rewrite(company, record, changes, now, sparse=sparse)


def edit(company: Company, record: Record, body: Fields, now: float) -> Record:
    """Change one as a person does: without SyncToken."""
    return _rewrite(company, record, validation.changes(body, SCHEMA), now, sparse=True)


def void(company: Company, record: Record, now: float) -> Record:
    """Set the amounts to nothing: what it paid is open again."""
    ledger.require_open(company, record.fields["TxnDate"])
    ledger.withdraw(company, record, now)
    changes = {"TotalAmt": 0, "Line": [], "PrivateNote": "Voided"}
    company.alter(record, record.fields | changes, now, voided=True)
    record.total = 0
    ledger.owe(company, record, 0, now)
    return record


def delete(company: Company, record: Record, now: float) -> None:
    """Take it off the books: what it paid is open again."""
    ledger.require_open(company, record.fields["TxnDate"])
    ledger.withdraw(company, record, now)
    ledger.owe(company, record, 0, now)
    company.drop(record, now)


def _rewrite(
    company: Company, record: Record, changes: Fields, now: float, *, sparse: bool
) -> Record:
    base = dict(record.fields) if sparse else _defaults(record.created)
    merged = _kept(base | changes)
    merged.setdefault("TotalAmt", record.total / 100)
    if "TotalAmt" not in changes and sparse:
        merged["TotalAmt"] = record.total / 100
    sent = changes.get("Line", None if sparse else [])
    if sent is None:
        sent = [one | {"Amount": one["Amount"] / 100} for one in record.fields["Line"]]
    total = _check(company, record, merged, sent)
    ledger.withdraw(company, record, now)
    ledger.owe(company, record, 0, now)
    company.alter(record, merged, now)
    _book(company, record, total, now)
    return record


def _book(company: Company, record: Record, total: int, now: float) -> None:
    record.total = total
    ledger.apply(company, record, now)
    ledger.owe(company, record, ledger.unapplied(total, ledger.parts(record)), now)


def _check(company: Company, record: Record | None, merged: Fields, sent: object) -> int:
    # Everything is looked at before anything is written: a refusal leaves no trace.
    days = [merged["TxnDate"]] + ([record.fields["TxnDate"]] if record else [])
    ledger.require_open(company, *days)
    customer = ledger.customer_of(company, merged.get("CustomerRef"), active=record is None)
    family = {one.id for one in company.line(customer)}
    for name, kind in (("DepositToAccountRef", "Account"), ("PaymentMethodRef", "PaymentMethod")):
        if name in merged and company.shelf(kind).find(merged[name]["value"]) is None:
            raise faults.bad_reference()
    total = cents(merged["TotalAmt"], "TotalAmt")
    if total < 0:
        raise faults.business("Business Validation Error: Payment amounts must be zero or greater.")
    if not isinstance(sent, list):
        raise faults.unreadable("failed to parse json object; a property")
    # A line of nothing links nothing.
    merged["Line"] = [line for line in map(_line, sent) if line["Amount"]]
    merged["TotalAmt"] = total
    paid: dict[tuple[str, str], int] = {}
    for line in merged["Line"]:
        link = line["LinkedTxn"][0]
        key = link["TxnType"], link["TxnId"]
        paid[key] = paid.get(key, 0) + line["Amount"]
    before: dict[tuple[str, str], int] = {}
    for kind, record_id, amount in ledger.parts(record) if record else []:
        before[kind, record_id] = before.get((kind, record_id), 0) + amount
    for (kind, record_id), amount in paid.items():
        target = company.shelf(kind).find(record_id)
        if target is None:
            raise faults.bad_reference()
        owner = company.entries[int(target.fields["CustomerRef"]["value"])]
        if owner.id not in family and customer not in company.line(owner):
            raise faults.business(
                "Business Validation Error: The transactions belong to different customers."
            )
        if amount > target.open + before.get((kind, record_id), 0):
            raise faults.business(
                "Business Validation Error: You cannot apply more than the open balance."
            )
    parts = [(kind, record_id, amount) for (kind, record_id), amount in paid.items()]
    if ledger.unapplied(total, parts) < 0:
        raise faults.business(
            "Business Validation Error: The amount applied is more than the payment."
        )
    return total


def _line(one: Any) -> Fields:
    if not isinstance(one, dict):
        raise faults.unreadable("failed to parse json object; a property")
    for name in one:
        if name not in _LINE:
            raise faults.unknown_property(name, "Line", _LINE)
    links = one.get("LinkedTxn")
    if not isinstance(links, list) or len(links) != 1 or not isinstance(links[0], dict):
        raise faults.missing("LinkedTxn")
    for name in links[0]:
        if name not in _LINK:
            raise faults.unknown_property(name, "LinkedTxn", _LINK)
    kind = links[0].get("TxnType")
    if kind not in ledger.SETTLED:
        raise faults.wrong_choice("TxnType", kind)
    amount = cents(one.get("Amount"))
    if amount < 0:
        raise faults.business("Business Validation Error: Payment amounts must be zero or greater.")
    return {"Amount": amount, "LinkedTxn": [{"TxnId": str(links[0].get("TxnId")), "TxnType": kind}]}


def _defaults(moment: float) -> Fields:
    return {
        "TxnDate": day(moment),
        "DepositToAccountRef": {"value": _UNDEPOSITED},
        "ProcessPayment": False,
        "Line": [],
    }


def _kept(changes: Fields) -> Fields:
    return {name: value for name, value in changes.items() if value is not None}
