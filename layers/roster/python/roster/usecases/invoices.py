"""Invoices of a customer: written from what is known of it, sent, cancelled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from roster.domain import invoice as rules
from roster.domain.activities import activity
from roster.domain.customer import Customer
from roster.domain.errors import FieldError, Invalid, NotFound, StaleVersion
from roster.domain.invoice import OPEN_STATUSES, Invoice, InvoiceStatus
from roster.domain.record import Family, moved, record_id
from roster.domain.settings import TenantSettings
from roster.usecases import record_keeping as keeping
from roster.usecases import sales
from roster.usecases.customers import read_customer
from roster.usecases.ledger_ports import Ledger, Posting
from roster.usecases.ports import Page
from roster.usecases.projects import project_of
from roster.usecases.record_keeping import Call, Listed
from roster.usecases.sales import Books
from roster.usecases.settling import ATTEMPTS, keep_currency

_OWN = ("due_date", "project_id")


def create_invoice(
    call: Call[Invoice],
    values: Mapping[str, Any],
    *,
    books: Books,
    ledger: Ledger,
    quote_id: str | None = None,
    request_key: str | None = None,
) -> Invoice:
    """A new invoice; what `values` leave out comes from the customer. Raises Invalid.

    With `request_key` it happens once: the same key again returns the first invoice.
    """
    number: str | None = None
    for _ in range(ATTEMPTS):
        now = call.clock()
        customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
        ours = books.settings.get(call.tenant)
        start = _started(call, customer, ours, quote_id, now)
        invoice = _written(customer, start, values, books=books, is_new=True)
        if not keep_currency(call.tenant, ours, settings=books.settings):
            continue
        if number is None:
            number = rules.number_text(books.numbers.take(call.tenant, rules.SERIES))
        invoice = replace(invoice, number=number)
        told = activity(invoice, "created", call.actor, now, label=number)
        posting = Posting(
            customer=customer, today=now.date(), invoices=[(None, invoice)], activities=[told]
        )
        try:
            earlier = ledger.post(posting, request_key=request_key)
        except StaleVersion:
            continue
        if earlier is None:
            return invoice
        first = call.records.get(call.tenant, [earlier.owner], earlier.record_id)
        if first is None:
            raise NotFound(f"invoice {earlier.record_id} is gone")
        return first
    raise StaleVersion(f"customer {call.customer_id} keeps changing")


def _started(
    call: Call[Invoice],
    customer: Customer,
    ours: TenantSettings,
    quote_id: str | None,
    now: datetime,
) -> Invoice:
    """An invoice of which nothing has been said yet but whom it is for."""
    today = now.date()
    return Invoice(
        id=record_id(Family.INVOICE, now),
        tenant=call.tenant,
        customer_id=customer.id,
        created_at=now,
        updated_at=now,
        created_by=call.actor,
        number="",
        date=today,
        due_date=today,
        currency=ours.currency,
        seller_gstin=ours.gstin,
        quote_id=quote_id,
        **sales.from_the_customer(customer, customers=call.customers),
    )


def _written(
    customer: Customer,
    before: Invoice,
    values: Mapping[str, Any],
    *,
    books: Books,
    is_new: bool = False,
) -> Invoice:
    """`before` with `values` merged in and priced; raises Invalid with every bad field at once."""
    own = {name: value for name, value in values.items() if name in _OWN}
    shared = {name: value for name, value in values.items() if name not in _OWN}
    errors = rules.own_errors(own)
    project_id = own.get("project_id")
    if project_id and project_id != before.project_id and not errors:
        errors = _project_errors(customer, project_id, books)
    try:
        after = sales.written(before, shared, books=books)
    except Invalid as refused:
        raise Invalid([*refused.errors, *errors]) from refused
    after = replace(after, due_date=_due(before, after, own, is_new=is_new))
    if "project_id" in own:
        after = replace(after, project_id=own["project_id"] or None)
    if errors := [*errors, *rules.due_date_errors(after)]:
        raise Invalid(errors)
    return after


def _project_errors(customer: Customer, project_id: str, books: Books) -> list[FieldError]:
    try:
        project_of(customer, project_id, projects=books.projects)
    except Invalid as refused:
        return [*refused.errors]
    return []


def _due(before: Invoice, after: Invoice, own: Mapping[str, Any], *, is_new: bool) -> date:
    """The day that was given, else by the terms; one that was given once stays."""
    given: date | None = own.get("due_date")
    if given is not None:
        return given
    by_terms = "due_date" in own or is_new or before.due_date == rules.due_by_terms(before)
    return rules.due_by_terms(after) if by_terms else before.due_date


def edit_invoice(
    call: Call[Invoice],
    invoice_id: str,
    values: Mapping[str, Any],
    *,
    if_version: int | None,
    books: Books,
    ledger: Ledger,
) -> Invoice:
    """Merge `values` in and price it again; raises Invalid, or WrongState once anything is paid."""

    def step(customer: Customer, invoice: Invoice, _: datetime) -> Invoice:
        rules.check_editable(invoice)
        return rules.edited(invoice, _written(customer, invoice, values, books=books))

    return post_step(call, invoice_id, step, "edited", if_version=if_version, ledger=ledger)


def cancel_invoice(
    call: Call[Invoice], invoice_id: str, *, reason: str | None, ledger: Ledger
) -> Invoice:
    """Cancel it for good; raises WrongState when it is, or when anything is paid."""
    if errors := rules.reason_errors(reason):
        raise Invalid(errors)

    def step(_: Customer, invoice: Invoice, now: datetime) -> Invoice:
        return rules.cancel(invoice, reason, now)

    return post_step(call, invoice_id, step, "cancelled", if_version=None, ledger=ledger)


def post_step(
    call: Call[Invoice],
    invoice_id: str,
    step: Callable[[Customer, Invoice, datetime], Invoice],
    verb: str,
    *,
    if_version: int | None,
    ledger: Ledger,
) -> Invoice:
    """One step that moves what the customer owes; raises what `step` raises."""
    for _ in range(ATTEMPTS):
        now = call.clock()
        customer, before = keeping.find(call, invoice_id)
        keeping.refuse_stale(before, if_version)
        after = moved(before, step(customer, before, now), now)
        if after is before:
            return before
        posting = Posting(
            customer=customer,
            today=now.date(),
            invoices=[(before, after)],
            activities=[activity(after, verb, call.actor, now, label=after.number)],
        )
        try:
            ledger.post(posting)
        except StaleVersion:
            continue
        return after
    raise StaleVersion(f"{invoice_id} keeps changing")


def approve_invoice(call: Call[Invoice], invoice_id: str) -> Invoice:
    """Approve it; raises WrongState for a cancelled one."""
    return _step(call, invoice_id, "approved", lambda invoice, _: rules.approve(invoice))


def send_invoice(call: Call[Invoice], invoice_id: str) -> Invoice:
    """Note that it was sent; raises WrongState for a cancelled one or one without lines."""
    return _step(call, invoice_id, "sent", rules.send)


def mark_invoice_ready(call: Call[Invoice], invoice_id: str) -> Invoice:
    """Let the accounting system have it; raises WrongState unless it is approved."""
    return _step(call, invoice_id, "marked_ready", lambda invoice, _: rules.mark_ready(invoice))


def _step(
    call: Call[Invoice], invoice_id: str, verb: str, step: Callable[[Invoice, datetime], Invoice]
) -> Invoice:
    """One step that leaves what the customer owes alone."""
    return keeping.change(
        call,
        invoice_id,
        step,
        if_version=None,
        verbs=lambda _before, _after: (verb,),
        label=lambda invoice: invoice.number,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which invoices a list shows; `overdue`: those due before today with something due."""

    status: InvoiceStatus | None = None
    since: date | None = None
    until: date | None = None
    overdue: bool = False

    def keeps(self, invoice: Invoice, today: date) -> bool:
        """Whether the invoice is shown."""
        return (
            (self.status is None or invoice.status is self.status)
            and (self.since is None or invoice.date >= self.since)
            and (self.until is None or invoice.date <= self.until)
            and (not self.overdue or invoice.is_overdue(today))
        )

    @property
    def shelves(self) -> Sequence[str]:
        """The shelves on which such invoices stand."""
        if self.status is not None:
            return (str(self.status),)
        return [str(one) for one in (OPEN_STATUSES if self.overdue else InvoiceStatus)]


def invoices_of_customer(
    call: Call[Invoice], wanted: Wanted, *, limit: int, after: str | None
) -> Page[Invoice]:
    """The customer's invoices, newest first; raises NotFound or Gone."""
    today = call.clock().date()
    return keeping.narrowed(
        call, lambda invoice: wanted.keeps(invoice, today), limit=limit, after=after
    )


def list_invoices(
    call: Call[Invoice], wanted: Wanted, *, limit: int, after: str | None
) -> Page[Listed[Invoice]]:
    """Invoices of the call's customer if it names one, else of the company by date."""
    if call.customer_id:
        customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
        page = invoices_of_customer(call, wanted, limit=limit, after=after)
        return Page([Listed(invoice, customer) for invoice in page.items], page.next)
    today = call.clock().date()
    return keeping.across(
        call.tenant,
        wanted.shelves,
        customer_id=None,
        limit=limit,
        after=after,
        customers=call.customers,
        records=call.records,
        since=str(wanted.since or ""),
        until=str(wanted.until or ""),
        keeps=lambda invoice: wanted.keeps(invoice, today),
    )
