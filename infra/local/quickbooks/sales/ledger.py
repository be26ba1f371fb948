"""Money between transactions: what pays what, and what a customer owes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.quickbooks import faults

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company, Entry
    from infra.local.quickbooks.shelf import Record

# What a payment can settle: an invoice is a charge, a credit memo adds to the money.
SETTLED = ("Invoice", "CreditMemo")


def customer_of(company: Company, reference: dict[str, str] | None, *, active: bool) -> Entry:
    """Return the customer a transaction names; ServiceFault 2020 or 2500."""
    if not reference:
        raise faults.missing("CustomerRef")
    target = reference["value"]
    number = int(target) if target.isascii() and target.isdigit() else 0
    entry = company.find("Customer", number)
    if entry is None or (active and not entry.active):
        raise faults.bad_reference()
    return entry


def require_open(company: Company, *days: str) -> None:
    """Refuse what lies in a closed period; ServiceFault 6000."""
    closed = company.settings.book_close_date
    if closed and any(day <= closed for day in days):
        raise faults.books_closed()


def owe(company: Company, record: Record, cents: int, now: float) -> None:
    """Set what of a transaction is open; its customer owes that much more or less.

    Times move up the line of customers, SyncTokens do not.
    """
    entry = company.entries[int(record.fields["CustomerRef"]["value"])]
    change = cents - record.open
    record.open = cents
    entry.balance += change if record.kind == "Invoice" else -change
    company.version += 1
    for one in company.line(entry):
        one.updated = now
    if company.settings.sales_events_on_customer:
        company.note("Customer", entry.id, "Update", now)


def apply(company: Company, payment: Record, now: float) -> None:
    """Let a payment's lines settle what they name."""
    for kind, record_id, cents in parts(payment):
        target = company.shelf(kind).records[record_id]
        target.linked.append(payment.id)
        _move(company, target, target.open - cents, now)


def withdraw(company: Company, payment: Record, now: float) -> None:
    """Undo `apply`: what was settled is open again."""
    for kind, record_id, cents in parts(payment):
        target = company.shelf(kind).records[record_id]
        target.linked.remove(payment.id)
        _move(company, target, target.open + cents, now)


def release(company: Company, record: Record, now: float) -> None:
    """Take every payment off an invoice or credit memo; the money stays unapplied."""
    for payment_id in dict.fromkeys(record.linked):
        payment = company.shelf("Payment").records[payment_id]
        _take_off(company, payment, record, record.total, now)


def shrink(company: Company, record: Record, now: float) -> None:
    """Take off what is paid beyond the total, from the latest payment first."""
    for payment_id in reversed(list(dict.fromkeys(record.linked))):
        if record.open < 0:
            payment = company.shelf("Payment").records[payment_id]
            _take_off(company, payment, record, -record.open, now)


def parts(payment: Record) -> list[tuple[str, str, int]]:
    """Return what a payment settles: kind, Id and cents."""
    return [
        (line["LinkedTxn"][0]["TxnType"], line["LinkedTxn"][0]["TxnId"], line["Amount"])
        for line in payment.fields["Line"]
    ]


def unapplied(total: int, lines: list[tuple[str, str, int]]) -> int:
    """Return what is left of a payment, in cents; credit memos add to it."""
    charged = sum(cents for kind, _, cents in lines if kind == "Invoice")
    credited = sum(cents for kind, _, cents in lines if kind == "CreditMemo")
    return total + credited - charged


def _take_off(company: Company, payment: Record, target: Record, most: int, now: float) -> None:
    kept = []
    for line in payment.fields["Line"]:
        linked, amount = line["LinkedTxn"][0], line["Amount"]
        taken = 0
        if (linked["TxnType"], linked["TxnId"]) == (target.kind, target.id):
            taken = min(most, amount)
        most -= taken
        if taken:
            owe(company, target, target.open + taken, now)
        if amount > taken:
            kept.append(line | {"Amount": amount - taken})
        elif taken:
            target.linked.remove(payment.id)
    company.alter(payment, payment.fields | {"Line": kept}, now)
    left = unapplied(payment.total, parts(payment))
    if left < 0:
        # A credit is gone that this payment used: what it paid is open again.
        charge = next(one for one in reversed(parts(payment)) if one[0] == "Invoice")
        invoice = company.shelf("Invoice").records[charge[1]]
        _take_off(company, payment, invoice, -left, now)
        return
    owe(company, payment, left, now)


def _move(company: Company, target: Record, cents: int, now: float) -> None:
    # As with customers: what happens to a balance moves the time, not the SyncToken.
    owe(company, target, cents, now)
    target.updated = now
    company.note(target.kind, target.id, "Update", now)
