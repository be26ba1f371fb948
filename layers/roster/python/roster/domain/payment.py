"""Payments: what came in, which invoices it pays, and what is left as credit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from roster.domain.errors import FieldError, Invalid, WrongState
from roster.domain.invoice import Invoice
from roster.domain.money import MAX_AMOUNT, amount_text
from roster.domain.record import Family, Record
from roster.domain.sales import FIRST_DAY, LAST_DAY
from roster.domain.text import has_control_characters, is_invisible

# As many invoices as fit into one transaction with all that hangs on them.
MAX_INVOICES = 15
# Of a transaction's 100 places a reversal needs 14 for itself, so many for each invoice, and so
# many for each customer that was merged away and may stand by itself again.
_ROOM, _WEIGHT, _FOREIGN_WEIGHT = 86, 5, 6
# Characters at most; notes may have line breaks.
_LIMITS = {"method": 50, "reference": 100, "notes": 2000}
_AMOUNT_RULE = f"a whole number of minor units from 1 to {MAX_AMOUNT}"


class PaymentStatus(StrEnum):
    """How much of a payment pays for something."""

    UNAPPLIED = "unapplied"
    PARTIALLY_APPLIED = "partially_applied"
    APPLIED = "applied"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """So much of a payment for one invoice, which lies with the customer of `customer_id`."""

    invoice_id: str
    customer_id: str
    number: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Record):
    """A payment as stored, in minor units of `currency`.

    A reversed one keeps its allocations as what they were; they are not in force any more.
    """

    family: ClassVar[Family] = Family.PAYMENT

    date: date
    amount: int
    currency: str
    method: str | None = None
    reference: str | None = None
    notes: str | None = None
    allocations: tuple[Allocation, ...] = ()
    reversed_at: datetime | None = None
    reverse_reason: str | None = None

    @property
    def unapplied(self) -> int:
        """What is left as credit; nothing of a reversed one."""
        return 0 if self.reversed_at else self.amount - sum(a.amount for a in self.allocations)

    @property
    def status(self) -> PaymentStatus:
        """How much of it pays for something."""
        if self.reversed_at:
            return PaymentStatus.REVERSED
        if self.unapplied == 0:
            return PaymentStatus.APPLIED
        return PaymentStatus.PARTIALLY_APPLIED if self.allocations else PaymentStatus.UNAPPLIED

    @property
    def shelf(self) -> str:
        """The status."""
        return str(self.status)

    @property
    def sorted_by(self) -> str:
        """The date."""
        return f"{self.date}"

    @property
    def open_by(self) -> str | None:
        """The date while some of it is credit."""
        return f"{self.date}" if self.unapplied else None


@dataclass(frozen=True, slots=True)
class Asked:
    """An allocation as it was asked for: of None, as much as there is. `pointer` names it."""

    pointer: str
    invoice_id: str
    amount: int | None


def detail_errors(values: Mapping[str, Any], currency: str) -> list[FieldError]:
    """Every rule that a payment's own values break, its allocations apart."""
    errors = []
    if "amount" in values and not _is_amount(values["amount"]):
        errors.append(FieldError("/amount", "amount", _AMOUNT_RULE))
    if values.get("currency") not in (None, currency):
        errors.append(FieldError("/currency", "currency", f"amounts are in {currency}"))
    if (day := values.get("date")) and not FIRST_DAY <= day <= LAST_DAY:
        errors.append(FieldError("/date", "range", f"from {FIRST_DAY} to {LAST_DAY}"))
    for name, limit in _LIMITS.items():
        text = values.get(name)
        if text and (len(text) > limit or has_control_characters(text) or is_invisible(text)):
            detail = f"at most {limit} characters, something of which can be seen"
            errors.append(FieldError(f"/{name}", "text", detail))
    return errors


def _is_amount(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 < given <= MAX_AMOUNT


def asked_for(values: Mapping[str, Any]) -> tuple[list[Asked], list[FieldError]]:
    """What `invoice_id` or `allocations` ask for, and every rule that they break by themselves."""
    one, several = values.get("invoice_id"), values.get("allocations")
    if one and several:
        detail = "either invoice_id or allocations"
        return [], [FieldError("/invoice_id", "allocations", detail)]
    if one:
        return [Asked("/invoice_id", one, None)], []
    asked, errors, seen = [], [], set[str]()
    for n, given in enumerate(several or ()):
        pointer, invoice_id, amount = f"/allocations/{n}", given["invoice_id"], given.get("amount")
        if not _is_amount(amount):
            errors.append(FieldError(f"{pointer}/amount", "amount", _AMOUNT_RULE))
        if invoice_id in seen:
            detail = "this invoice is named above already"
            errors.append(FieldError(f"{pointer}/invoice_id", "twice", detail))
        seen.add(invoice_id)
        asked.append(Asked(f"{pointer}/invoice_id", invoice_id, amount))
    if len(asked) > MAX_INVOICES:
        detail = f"a payment pays for at most {MAX_INVOICES} invoices"
        errors = [FieldError("/allocations", "too_many", detail)]
    return asked, errors


def choice_errors(
    asked: Sequence[Asked], invoices: Mapping[str, Invoice], available: int
) -> list[FieldError]:
    """Every rule that allocations break against the customer's invoices as they are.

    `available` is what there is to allocate.
    """
    errors = []
    for one in asked:
        invoice = invoices.get(one.invoice_id)
        if invoice is None:
            detail = f"the customer has no invoice {one.invoice_id}"
            errors.append(FieldError(one.pointer, "unknown", detail))
        elif invoice.cancelled_at:
            detail = f"{invoice.number} is cancelled"
            errors.append(FieldError(one.pointer, "cancelled", detail))
    wanted = sum(one.amount or 0 for one in asked)
    if wanted > available:
        detail = f"{wanted} in all, of {available} that there are to allocate"
        errors.append(FieldError("/allocations", "more_than_paid", detail))
    return errors


def allocated(
    payment: Payment, asked: Sequence[Asked], invoices: Mapping[str, Invoice]
) -> tuple[Payment, tuple[Invoice, ...]]:
    """The payment and its invoices after allocations that break no rule.

    No invoice gets more than it is open for; what is left of the payment stays credit. Raises
    Invalid when the payment would pay for too many invoices.
    """
    held = {a.invoice_id: a for a in payment.allocations}
    paid: list[Invoice] = []
    left = payment.unapplied
    for one in asked:
        before = invoices[one.invoice_id]
        amount = min(left, before.outstanding, left if one.amount is None else one.amount)
        if not amount:
            continue
        left -= amount
        earlier = held.get(before.id)
        held[before.id] = Allocation(
            invoice_id=before.id,
            customer_id=before.customer_id,
            number=before.number,
            amount=amount + (earlier.amount if earlier else 0),
        )
        paid.append(replace(before, paid=before.paid + amount))
    foreign = {a.customer_id for a in held.values()} - {payment.customer_id}
    if len(held) > MAX_INVOICES or _WEIGHT * len(held) + _FOREIGN_WEIGHT * len(foreign) > _ROOM:
        detail = f"a payment pays for at most {MAX_INVOICES} invoices, of several merged fewer"
        raise Invalid([FieldError("/allocations", "too_many", detail)])
    return replace(payment, allocations=tuple(held.values())), tuple(paid)


def reverse(
    payment: Payment, invoices: Iterable[Invoice], reason: str | None, now: datetime
) -> tuple[Payment, tuple[Invoice, ...]]:
    """The payment taken back, and its invoices open again; raises WrongState the second time."""
    if payment.reversed_at:
        raise WrongState("this payment has been reversed", code="reversed")
    amounts = {a.invoice_id: a.amount for a in payment.allocations}
    reopened = tuple(replace(i, paid=i.paid - amounts[i.id]) for i in invoices)
    return replace(payment, reversed_at=now, reverse_reason=reason), reopened


def tips(payment: Payment) -> list[str]:
    """What whoever records a payment should know: how much of it is credit."""
    if not payment.unapplied:
        return []
    text = amount_text(payment.unapplied, payment.currency)
    return [f"{text} {payment.currency} of it pay for no invoice: kept as unapplied credit"]
