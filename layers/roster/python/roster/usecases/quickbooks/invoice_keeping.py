"""What QuickBooks has of an invoice, kept with ours; nothing of what is owed moves by it."""

from collections.abc import Callable
from datetime import datetime

from roster.domain.customer import Customer
from roster.domain.invoice import Invoice
from roster.domain.sync.books import TheirInvoice
from roster.domain.sync.connection import ReportRow
from roster.domain.sync.others import INVOICE, OtherLink
from roster.domain.sync.policy import InvoiceNumbers, Policy
from roster.domain.sync.steps import Verb
from roster.usecases import record_keeping as keeping
from roster.usecases.quickbooks.money_calls import MoneyCall, told
from roster.usecases.record_keeping import Call


def told_of(call: MoneyCall, invoice: Invoice, verb: Verb, what: str, link: OtherLink) -> ReportRow:
    """A line of the report about an invoice."""
    return told(
        call, INVOICE, verb, invoice.number, f"Invoice {invoice.number} {what}.",
        quickbooks_id=link.quickbooks_id or "", our_id=invoice.id,
        customer_id=invoice.customer_id,
    )  # fmt: skip


def number_of(policy: Policy, theirs: TheirInvoice) -> str | None:
    """QuickBooks' number where it is to be ours as well (S4.104)."""
    if policy.invoice_numbers is not InvoiceNumbers.QUICKBOOKS or theirs.voided:
        return None
    return theirs.number


def customer_of(call: MoneyCall, invoice: Invoice) -> Customer | None:
    """Whom an invoice hangs on now; None where that was deleted."""
    heads = keeping.living(call.run.tenant, [invoice.customer_id], call.ports.customers)
    return heads.get(invoice.customer_id)


def noted(
    call: MoneyCall, customer: Customer, invoice: Invoice, step: Callable[[Invoice], Invoice]
) -> Invoice:
    """The invoice after a step that moves nothing of what is owed."""

    def dated(one: Invoice, _: datetime) -> Invoice:
        return step(one)

    return keeping.change(
        keeping_call(call, customer),
        invoice.id,
        dated,
        if_version=None,
        verbs=lambda before, _: ("synced",) if before.quickbooks_id is None else (),
        label=lambda one: one.number,
    )


def keeping_call(call: MoneyCall, customer: Customer) -> Call[Invoice]:
    """What the invoices of a customer are kept with."""
    return Call(
        tenant=call.run.tenant,
        customer_id=customer.id,
        actor=call.actor,
        customers=call.ports.customers,
        records=call.ports.invoices,
        clock=call.ports.clock,
    )
