"""A tax that QuickBooks put on an invoice which had none, taken over by our own rules (S4.106)."""

from dataclasses import replace
from datetime import datetime

from roster.domain.customer import Customer
from roster.domain.errors import RosterError, WrongState
from roster.domain.invoice import Invoice, check_editable
from roster.domain.money import minor_units
from roster.domain.sync.books import TheirInvoice
from roster.domain.sync.invoices import as_kept
from roster.domain.terms import TermKind
from roster.usecases import sales
from roster.usecases.invoices import post_step
from roster.usecases.quickbooks.invoice_keeping import keeping_call
from roster.usecases.quickbooks.money_calls import MoneyCall


def took_their_tax(
    call: MoneyCall,
    customer: Customer,
    invoice: Invoice,
    theirs: TheirInvoice,
    number: str | None,
) -> Invoice | None:
    """The invoice with QuickBooks' tax on it; None where it keeps what it has.

    It is priced anew with our rate that follows QuickBooks' code, and only where that comes to
    QuickBooks' tax to the last cent: no amount is made up here. Nothing may have been paid of it.
    """
    tax = minor_units(theirs.tax, invoice.currency)
    if invoice.taxes or not tax or invoice.paid:
        return None
    settings = call.ports.books.settings
    rates = settings.terms(call.run.tenant, TermKind.TAX_RATE)
    rate = next((r.id for r in rates if r.quickbooks == theirs.tax_code_id and r.active), None)
    if theirs.tax_code_id is None or rate is None:
        return None

    def step(_: Customer, before: Invoice, __: datetime) -> Invoice:
        check_editable(before)
        if before.content != invoice.content:
            raise WrongState("the invoice was edited meanwhile", code="edited")
        after = sales.written(before, {"tax_rate_id": rate}, books=call.ports.books)
        if after.tax != tax:
            raise WrongState("the tax differs", code="tax_differs")
        after = replace(after, number=number or before.number)
        # It was approved and sent as it was; the tax is what QuickBooks made of just that.
        return replace(after, quickbooks=as_kept(theirs, after.currency, after.content))

    try:
        return post_step(
            keeping_call(call, customer),
            invoice.id,
            step,
            "taxed",
            if_version=None,
            ledger=call.ports.till.ledger,
        )
    except RosterError:
        return None
