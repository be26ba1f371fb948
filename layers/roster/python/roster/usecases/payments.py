"""Payments of a customer: recorded, applied to invoices, reversed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from roster.domain import payment as rules
from roster.domain.activities import Activity, activity
from roster.domain.customer import Customer, Status
from roster.domain.errors import FieldError, Invalid, NotFound, StaleVersion, WrongState
from roster.domain.invoice import Invoice, InvoiceStatus, reason_errors
from roster.domain.money import amount_text
from roster.domain.payment import Asked, Payment, PaymentStatus
from roster.domain.record import Family, moved, record_id
from roster.usecases import record_keeping as keeping
from roster.usecases.customers import read_customer
from roster.usecases.joining import owners
from roster.usecases.ledger_ports import Ledger, Posting
from roster.usecases.ports import Page, Settings
from roster.usecases.record_keeping import Call, Listed
from roster.usecases.record_ports import Records
from roster.usecases.settling import ATTEMPTS, keep_currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """What moving money needs beside the payments."""

    invoices: Records[Invoice]
    ledger: Ledger
    settings: Settings


def record_payment(
    call: Call[Payment],
    values: Mapping[str, Any],
    *,
    till: Till,
    request_key: str | None = None,
    payment_id: str | None = None,
) -> Payment:
    """A new payment for `invoice_id`, for `allocations`, or for nothing yet.

    What its invoices are not open for stays credit. Raises Invalid with every bad field at once.
    With `request_key` it happens once: the same key again returns the first payment. Who gives it
    an id has looked that there is none of it.
    """
    for _ in range(ATTEMPTS):
        now = call.clock()
        customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
        ours = till.settings.get(call.tenant)
        asked, invoices = _checked(call, customer, values, ours.currency, till)
        if not keep_currency(call.tenant, ours, settings=till.settings):
            continue
        start = Payment(
            id=payment_id or record_id(Family.PAYMENT, now),
            tenant=call.tenant,
            customer_id=customer.id,
            created_at=now,
            updated_at=now,
            created_by=call.actor,
            date=values.get("date") or now.date(),
            amount=values["amount"],
            currency=ours.currency,
            method=values.get("method") or None,
            reference=values.get("reference") or None,
            notes=values.get("notes") or None,
        )
        payment, paid = rules.allocated(start, asked, invoices)
        posting = _posting(call, customer, (None, payment), invoices, paid, "recorded", now)
        try:
            earlier = till.ledger.post(posting, request_key=request_key)
        except StaleVersion:
            continue
        if earlier is None:
            return payment
        first = call.records.get(call.tenant, [earlier.owner], earlier.record_id)
        if first is None:
            raise NotFound(f"payment {earlier.record_id} is gone")
        return first
    raise StaleVersion(f"customer {call.customer_id} keeps changing")


def _checked(
    call: Call[Payment], customer: Customer, values: Mapping[str, Any], currency: str, till: Till
) -> tuple[Sequence[Asked], Mapping[str, Invoice]]:
    errors = []
    if values.get("amount") is None:
        errors.append(FieldError("/amount", "required", "amount cannot be empty"))
    errors += rules.detail_errors({k: v for k, v in values.items() if v is not None}, currency)
    asked, wrong = rules.asked_for(values)
    bad_amount = any(error.pointer == "/amount" for error in errors)
    invoices = _invoices(call.tenant, customer, asked, till)
    if not wrong:
        # Against an amount that is wrong itself there is nothing to compare.
        available = sum(a.amount or 0 for a in asked) if bad_amount else values["amount"]
        wrong = rules.choice_errors(asked, invoices, available)
    if errors := [*errors, *wrong]:
        raise Invalid(errors)
    return asked, invoices


def _invoices(
    tenant: str, customer: Customer, asked: Sequence[Asked], till: Till
) -> dict[str, Invoice]:
    found = (till.invoices.get(tenant, owners(customer), one.invoice_id) for one in asked)
    return {invoice.id: invoice for invoice in found if invoice is not None}


def _posting(
    call: Call[Payment],
    customer: Customer,
    payment: tuple[Payment | None, Payment],
    before: Mapping[str, Invoice],
    paid: Sequence[Invoice],
    verb: str,
    now: datetime,
    others: tuple[Customer, ...] = (),
) -> Posting:
    after = [moved(before[invoice.id], invoice, now) for invoice in paid]
    amount = amount_text(payment[1].amount, payment[1].currency)
    label = f"{amount} {payment[1].currency}"
    told = [activity(payment[1], verb, call.actor, now, label=label)]
    told += _told_of_invoices(call, before, after, now)
    return Posting(
        customer=customer,
        others=others,
        today=now.date(),
        payments=[payment],
        invoices=[(before[invoice.id], invoice) for invoice in after],
        activities=told,
    )


def _told_of_invoices(
    call: Call[Payment], before: Mapping[str, Invoice], after: Sequence[Invoice], now: datetime
) -> list[Activity]:
    """The invoices that are paid by this, and those that are open again."""
    told = []
    for invoice in after:
        was, now_is = before[invoice.id].status, invoice.status
        if now_is is InvoiceStatus.PAID:
            told.append(activity(invoice, "paid", call.actor, now, label=invoice.number))
        elif was is InvoiceStatus.PAID:
            told.append(activity(invoice, "reopened", call.actor, now, label=invoice.number))
    return told


def apply_payment(
    call: Call[Payment], payment_id: str, values: Mapping[str, Any], *, till: Till
) -> Payment:
    """Use what is left of a payment for `invoice_id` or `allocations`.

    Raises Invalid with every bad field at once, WrongState for a payment with nothing left.
    """
    for _ in range(ATTEMPTS):
        now = call.clock()
        customer, before = keeping.find(call, payment_id)
        if before.reversed_at:
            raise WrongState("this payment has been reversed", code="reversed")
        asked, errors = rules.asked_for(values)
        if not asked and not errors:
            detail = "name invoice_id or allocations"
            raise Invalid([FieldError("/allocations", "required", detail)])
        invoices = _invoices(call.tenant, customer, asked, till)
        if errors := errors or rules.choice_errors(asked, invoices, before.unapplied):
            raise Invalid(errors)
        if not before.unapplied:
            raise WrongState("nothing of this payment is left to apply", code="nothing_left")
        payment, paid = rules.allocated(before, asked, invoices)
        after = moved(before, payment, now)
        if after is before:
            return before
        posting = _posting(call, customer, (before, after), invoices, paid, "applied", now)
        try:
            till.ledger.post(posting)
        except StaleVersion:
            continue
        return after
    raise StaleVersion(f"{payment_id} keeps changing")


def reverse_payment(
    call: Call[Payment], payment_id: str, *, reason: str | None, till: Till
) -> Payment:
    """Take a payment back: its invoices are open again. Raises WrongState the second time."""
    if errors := reason_errors(reason):
        raise Invalid(errors)
    for _ in range(ATTEMPTS):
        now = call.clock()
        customer, before = keeping.find(call, payment_id)
        invoices = _allocated_invoices(call.tenant, before, till)
        others = _others(call, customer, invoices.values())
        payment, reopened = rules.reverse(before, invoices.values(), reason, now)
        after = moved(before, payment, now)
        posting = _posting(
            call, customer, (before, after), invoices, reopened, "reversed", now, others
        )
        try:
            till.ledger.post(posting)
        except StaleVersion:
            continue
        return after
    raise StaleVersion(f"{payment_id} keeps changing")


def _allocated_invoices(tenant: str, payment: Payment, till: Till) -> dict[str, Invoice]:
    """The invoices it pays for, wherever they lie by now: a merge may have been undone."""
    found = {}
    for allocation in payment.allocations:
        invoice = till.invoices.get(tenant, [allocation.customer_id], allocation.invoice_id)
        if invoice is None:
            raise NotFound(f"invoice {allocation.invoice_id} is gone")
        found[invoice.id] = invoice
    return found


def _others(
    call: Call[Payment], customer: Customer, invoices: Iterable[Invoice]
) -> tuple[Customer, ...]:
    """Whom the invoices belong to that are not the customer's any more."""
    ids = {invoice.customer_id for invoice in invoices} - set(owners(customer))
    found: dict[str, Customer] = {}
    for owner in ids:
        other = call.customers.get(call.tenant, owner)
        while other is not None and other.status is Status.MERGED and other.merged_into:
            other = call.customers.get(call.tenant, other.merged_into)
        if other is not None:
            found[other.id] = other
    return tuple(found.values())


def edit_payment(
    call: Call[Payment], payment_id: str, values: Mapping[str, Any], *, if_version: int | None
) -> Payment:
    """Change method, reference or notes; the money of a payment is never edited."""

    def step(payment: Payment, _: datetime) -> Payment:
        if errors := rules.detail_errors(values, payment.currency):
            raise Invalid(errors)
        kept: dict[str, Any] = {name: value or None for name, value in values.items()}
        return replace(payment, **kept)

    return keeping.change(call, payment_id, step, if_version=if_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which payments a list shows."""

    status: PaymentStatus | None = None
    since: date | None = None
    until: date | None = None

    def keeps(self, payment: Payment) -> bool:
        """Whether the payment is shown."""
        return (
            (self.status is None or payment.status is self.status)
            and (self.since is None or payment.date >= self.since)
            and (self.until is None or payment.date <= self.until)
        )


def payments_of_customer(
    call: Call[Payment], wanted: Wanted, *, limit: int, after: str | None
) -> Page[Payment]:
    """The customer's payments, newest first; raises NotFound or Gone."""
    return keeping.narrowed(call, wanted.keeps, limit=limit, after=after)


def list_payments(
    call: Call[Payment], wanted: Wanted, *, limit: int, after: str | None
) -> Page[Listed[Payment]]:
    """Payments of the call's customer if it names one, else of the company by date."""
    if call.customer_id:
        customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
        page = payments_of_customer(call, wanted, limit=limit, after=after)
        return Page([Listed(payment, customer) for payment in page.items], page.next)
    return keeping.across(
        call.tenant,
        [str(one) for one in ((wanted.status,) if wanted.status else PaymentStatus)],
        customer_id=None,
        limit=limit,
        after=after,
        customers=call.customers,
        records=call.records,
        since=str(wanted.since or ""),
        until=str(wanted.until or ""),
    )
