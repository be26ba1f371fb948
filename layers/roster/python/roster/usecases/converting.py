"""An accepted quote becomes an invoice, once."""

from dataclasses import fields, replace
from datetime import datetime

from roster.domain import invoice as invoice_rules
from roster.domain import quote as rules
from roster.domain.activities import activity
from roster.domain.customer import Customer
from roster.domain.errors import NotFound, StaleVersion, WrongState
from roster.domain.invoice import Invoice
from roster.domain.quote import Quote
from roster.domain.record import Family, moved, record_id
from roster.domain.sales import SalesDocument
from roster.usecases import record_keeping as keeping
from roster.usecases.joining import owners
from roster.usecases.ledger_ports import Ledger, Posting
from roster.usecases.record_keeping import Call
from roster.usecases.record_ports import Records
from roster.usecases.sales import Books
from roster.usecases.settling import ATTEMPTS, keep_currency

# What an invoice has of its own, and does not take over from its quote.
_OWN = ("id", "customer_id", "version", "created_at", "updated_at", "created_by", "number", "date")
_TAKEN_OVER = tuple(f.name for f in fields(SalesDocument) if f.name not in _OWN)


def convert_quote(
    call: Call[Quote],
    quote_id: str,
    *,
    invoices: Records[Invoice],
    books: Books,
    ledger: Ledger,
) -> tuple[Invoice, bool]:
    """The invoice of the quote, and whether it was made now; at the prices that were accepted.

    Raises WrongState unless the quote is accepted.
    """
    number: str | None = None
    for _ in range(ATTEMPTS):
        now = call.clock()
        customer, quote = keeping.find(call, quote_id)
        if quote.invoice_id is not None:
            return _made_before(customer, quote.invoice_id, invoices), False
        rules.check_convertible(quote)
        ours = books.settings.get(call.tenant)
        if ours.currency != quote.currency:
            detail = f"{quote.number} is in {quote.currency}, and your currency is {ours.currency}"
            raise WrongState(detail, code="other_currency")
        if not keep_currency(call.tenant, ours, settings=books.settings):
            continue
        if number is None:
            taken = books.numbers.take(call.tenant, invoice_rules.SERIES)
            number = invoice_rules.number_text(taken)
        invoice = _invoice(call, customer, quote, number, now)
        converted = moved(quote, replace(quote, invoice_id=invoice.id), now)
        posting = Posting(
            customer=customer,
            today=now.date(),
            invoices=[(None, invoice)],
            quotes=[(quote, converted)],
            activities=[
                activity(converted, "converted", call.actor, now, label=quote.number),
                activity(invoice, "created", call.actor, now, label=number),
            ],
        )
        try:
            ledger.post(posting)
        except StaleVersion:
            continue
        return invoice, True
    raise StaleVersion(f"{quote_id} keeps changing")


def _made_before(customer: Customer, invoice_id: str, invoices: Records[Invoice]) -> Invoice:
    found = invoices.get(customer.tenant, owners(customer), invoice_id)
    if found is None:
        raise NotFound(f"invoice {invoice_id} is gone")
    return found


def _invoice(
    call: Call[Quote], customer: Customer, quote: Quote, number: str, now: datetime
) -> Invoice:
    today = now.date()
    invoice = Invoice(
        id=record_id(Family.INVOICE, now),
        customer_id=customer.id,
        created_at=now,
        updated_at=now,
        created_by=call.actor,
        number=number,
        date=today,
        due_date=today,
        quote_id=quote.id,
        **{name: getattr(quote, name) for name in _TAKEN_OVER},
    )
    return replace(invoice, due_date=invoice_rules.due_by_terms(invoice))
