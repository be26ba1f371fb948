"""Invoices: what a customer owes, until when, and how much of it came in."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from roster.domain.errors import FieldError, WrongState
from roster.domain.record import Family
from roster.domain.sales import LAST_DAY, NOT_IN_ROWS, SalesDocument
from roster.domain.text import has_control_characters, is_invisible

SERIES, NUMBER_PREFIX, NUMBER_WIDTH = "invoice", "INV-", 5
MAX_REASON, MAX_ID = 500, 50
# The queue of invoices that QuickBooks is to get, or is to void.
FOR_QUICKBOOKS = "quickbooks"


class InvoiceStatus(StrEnum):
    """How far an invoice is; it follows from what happened to it and what was paid."""

    PENDING = "pending"
    SENT = "sent"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    CANCELLED = "cancelled"


OPEN_STATUSES = (InvoiceStatus.PENDING, InvoiceStatus.SENT, InvoiceStatus.PARTIALLY_PAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class InQuickBooks:
    """What QuickBooks has of an invoice, in minor units; `content` is what it was sent of ours."""

    id: str
    number: str | None
    tax: int
    total: int
    balance: int
    content: str
    voided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(SalesDocument):
    """An invoice as stored; `paid` is the sum of what payments in force allocate to it.

    `ready_for_sync` is what the accounting system may take; it needs `approved`.
    """

    family: ClassVar[Family] = Family.INVOICE

    due_date: date
    paid: int = 0
    approved: bool = False
    ready_for_sync: bool = False
    sent_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    quote_id: str | None = None
    project_id: str | None = None
    quickbooks: InQuickBooks | None = None

    @property
    def quickbooks_id(self) -> str | None:
        """Its id in QuickBooks, once it is there."""
        return self.quickbooks.id if self.quickbooks else None

    @property
    def content(self) -> str:
        """A short text that moves when something moves that QuickBooks gets; payments do not."""
        lines = [
            (line.description, line.quantity, line.unit_price, line.item_id, line.tax_rate_id,
             line.tax_percent, line.amount, line.discount, line.tax)
            for line in self.lines
        ]  # fmt: skip
        told = (
            *(f"{self.date}", f"{self.due_date}", self.currency, self.payment_term_id),
            *(self.project_id, self.notes, self.tax, self.total, lines),
        )
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]

    @property
    def queue(self) -> str | None:
        """The accounting system: to get what it may have and has not, or to void what is over."""
        there = self.quickbooks
        if self.cancelled_at:
            owed = there is not None and not there.voided
        else:
            owed = self.ready_for_sync and (there is None or there.content != self.content)
        return FOR_QUICKBOOKS if owed else None

    @property
    def outstanding(self) -> int:
        """What is still due; nothing of a cancelled one."""
        return 0 if self.cancelled_at else self.total - self.paid

    @property
    def status(self) -> InvoiceStatus:
        """The status that follows from the facts; an invoice over nothing is paid once sent."""
        if self.cancelled_at:
            return InvoiceStatus.CANCELLED
        if self.outstanding == 0 and (self.total or self.sent_at):
            return InvoiceStatus.PAID
        if self.paid:
            return InvoiceStatus.PARTIALLY_PAID
        return InvoiceStatus.SENT if self.sent_at else InvoiceStatus.PENDING

    @property
    def shelf(self) -> str:
        """The status."""
        return str(self.status)

    @property
    def open_by(self) -> str | None:
        """The due date while something is due."""
        return f"{self.due_date}" if self.outstanding else None

    def is_overdue(self, day: date) -> bool:
        """Whether something should have come in before that day."""
        return self.outstanding > 0 and self.due_date < day


INVOICE_NOT_IN_ROWS = (*NOT_IN_ROWS, "cancel_reason")


def number_text(n: int) -> str:
    """The invoice number that the counter's value `n` stands for."""
    return f"{NUMBER_PREFIX}{n:0{NUMBER_WIDTH}d}"


def due_by_terms(invoice: Invoice) -> date:
    """When it is due by its payment term; at once without one."""
    return min(invoice.date + timedelta(days=invoice.due_days or 0), LAST_DAY)


def own_errors(values: Mapping[str, Any]) -> list[FieldError]:
    """Every rule that what only invoices have breaks, by itself."""
    project_id = values.get("project_id")
    if project_id and (len(project_id) > MAX_ID or not project_id.isprintable()):
        return [FieldError("/project_id", "text", f"at most {MAX_ID} characters")]
    return []


def due_date_errors(invoice: Invoice) -> list[FieldError]:
    """What is wrong with an invoice that would be due before it is written."""
    if invoice.date <= invoice.due_date <= LAST_DAY:
        return []
    detail = f"from the date of the invoice, {invoice.date}, to {LAST_DAY}"
    return [FieldError("/due_date", "range", detail)]


def reason_errors(reason: str | None) -> list[FieldError]:
    """What is wrong with why something was taken back; it need not be said."""
    if not reason:
        return []
    if len(reason) > MAX_REASON or has_control_characters(reason) or is_invisible(reason):
        detail = f"at most {MAX_REASON} characters, something of which can be seen"
        return [FieldError("/reason", "text", detail)]
    return []


def check_editable(invoice: Invoice) -> None:
    """Raise WrongState unless the invoice may still be changed."""
    refuse_cancelled(invoice)
    if invoice.paid:
        detail = f"{invoice.number} has been paid in part or whole: reverse its payments first"
        raise WrongState(detail, code="has_payments")


def refuse_cancelled(invoice: Invoice) -> None:
    """Raise WrongState for a cancelled invoice."""
    if invoice.cancelled_at:
        raise WrongState(f"{invoice.number} is cancelled", code="cancelled")


def edited(before: Invoice, after: Invoice) -> Invoice:
    """`after` an edit of `before`: an approval was of the old amounts, and goes with them."""
    prices = ("lines", "taxes", "subtotal", "discount", "tax", "total")
    if all(getattr(before, name) == getattr(after, name) for name in prices):
        return after
    return replace(after, approved=False, ready_for_sync=False)


def approve(invoice: Invoice) -> Invoice:
    """The invoice approved; twice is once. Raises WrongState for a cancelled one."""
    refuse_cancelled(invoice)
    return replace(invoice, approved=True)


def send(invoice: Invoice, now: datetime) -> Invoice:
    """The invoice as sent; the first time counts. Raises WrongState: cancelled, or no lines."""
    refuse_cancelled(invoice)
    if not invoice.lines:
        raise WrongState(f"{invoice.number} has no lines yet", code="no_lines")
    return invoice if invoice.sent_at else replace(invoice, sent_at=now)


def mark_ready(invoice: Invoice) -> Invoice:
    """The invoice ready for the accounting system; raises WrongState unless it is approved."""
    refuse_cancelled(invoice)
    if not invoice.approved:
        raise WrongState(f"{invoice.number} has not been approved", code="not_approved")
    return replace(invoice, ready_for_sync=True)


def cancel(invoice: Invoice, reason: str | None, now: datetime) -> Invoice:
    """The invoice cancelled for good; raises WrongState when it is, or when anything is paid."""
    check_editable(invoice)
    return replace(invoice, cancelled_at=now, cancel_reason=reason)


def credited(invoice: Invoice, amount: int) -> Invoice:
    """The invoice with so much more paid; a negative amount takes it back."""
    return replace(invoice, paid=invoice.paid + amount)
