"""All of a run that is not customers, taxes and terms: items, invoices and payments, in order."""

from collections.abc import Mapping, Sequence

from roster.domain.sync.connection import ReportRow
from roster.domain.sync.others import INVOICE, ITEM, PAYMENT
from roster.domain.sync.policy import Policy
from roster.usecases.quickbooks.invoice_hearing import hear_invoices
from roster.usecases.quickbooks.invoices import send_invoices
from roster.usecases.quickbooks.items import carry_items
from roster.usecases.quickbooks.money_calls import MoneyCall
from roster.usecases.quickbooks.money_ports import Row
from roster.usecases.quickbooks.payments import all_payments, invoices_there, take_payments

# What the change feed is to be asked for beside customers.
FED = (ITEM, INVOICE, PAYMENT)


def hear_books(
    call: MoneyCall, policy: Policy, fed: Mapping[str, Sequence[Row]] | None
) -> list[ReportRow]:
    """Carry items, hear of invoices, take payments; `fed` is what the change feed brought.

    Without a feed everything is looked at. Done again it does nothing. Raises QuickBooksFault where
    the run has to wait: what was done until then is kept, and not done twice.
    """
    if fed is not None:
        rows = carry_items(call, policy, fed.get(ITEM, ()))
        rows += hear_invoices(call, policy, fed.get(INVOICE, ()))
        return rows + take_payments(call, fed.get(PAYMENT, ()))
    rows = carry_items(call, policy)
    invoices = invoices_there(call)
    rows += hear_invoices(call, policy, invoices)
    return rows + take_payments(call, all_payments(call, invoices))


def send_books(call: MoneyCall, policy: Policy) -> tuple[list[ReportRow], bool]:
    """Send the invoices that are ready, and whether more of them wait.

    What one has been paid before we knew of its being there is taken too.
    """
    sent = send_invoices(call, policy)
    rows = list(sent.rows)
    if sent.payments:
        rows += take_payments(call, call.by_ids(PAYMENT, sorted(set(sent.payments))))
    return rows, sent.left
