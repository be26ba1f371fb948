"""All of a run that is not customers, taxes and terms: items, invoices and payments, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roster.domain.sync.connection import ReportRow
from roster.domain.sync.others import INVOICE, ITEM, PAYMENT
from roster.domain.sync.policy import Policy
from roster.usecases.quickbooks.invoice_hearing import hear_invoices
from roster.usecases.quickbooks.invoices import send_invoices
from roster.usecases.quickbooks.items import carry_items
from roster.usecases.quickbooks.money_calls import MoneyCall
from roster.usecases.quickbooks.money_ports import Row
from roster.usecases.quickbooks.payments import all_payments, take_payments

# What the change feed is to be asked for beside customers.
FED = (ITEM, INVOICE, PAYMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was told, the reads it took, and whether invoices wait for the next slice."""

    rows: tuple[ReportRow, ...]
    calls: int
    left: bool


def keep_books(call: MoneyCall, policy: Policy, fed: Mapping[str, Sequence[Row]] | None) -> Kept:
    """Carry items, hear of invoices, take payments, send invoices; `fed` is the change feed's.

    Without a feed everything is looked at. Done again it does nothing. Raises QuickBooksFault where
    the run has to wait: what was done until then is kept, and not done twice.
    """
    rows = carry_items(call, policy, None if fed is None else fed.get(ITEM, ()))
    if fed is not None:
        rows += hear_invoices(call, policy, fed.get(INVOICE, ()))
        rows += take_payments(call, fed.get(PAYMENT, ()))
    else:
        rows += take_payments(call, all_payments(call))
    sent = send_invoices(call, policy)
    rows += sent.rows
    if sent.payments:
        # It was there before we knew of it, and so were these.
        rows += take_payments(call, call.by_ids(PAYMENT, sorted(set(sent.payments))))
    return Kept(rows=tuple(rows), calls=call.calls, left=sent.left)
