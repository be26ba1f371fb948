"""What becomes of our invoices in QuickBooks: heard of, kept, and told where it differs."""

from collections.abc import Sequence
from dataclasses import replace

from roster.domain.sync.books import TheirInvoice
from roster.domain.sync.connection import ReportRow
from roster.domain.sync.invoices import as_kept, differences
from roster.domain.sync.others import INVOICE, OtherLink
from roster.domain.sync.policy import Policy
from roster.domain.sync.steps import Verb
from roster.usecases.quickbooks.invoice_keeping import customer_of, noted, number_of, told_of
from roster.usecases.quickbooks.money_calls import MoneyCall
from roster.usecases.quickbooks.money_ports import Row


def hear_invoices(call: MoneyCall, policy: Policy, rows: Sequence[Row]) -> list[ReportRow]:
    """Keep what QuickBooks says of invoices that came from here; its own do not come (S4.101).

    What a person changes there of amounts, voids or deletes is told of and changes nothing here.
    """
    ports, run = call.ports, call.run
    theirs = [ports.wire.read_invoice(row) for row in rows]
    known = ports.links.by_theirs(run.tenant, run.realm, INVOICE, [one.id for one in theirs])
    found: list[ReportRow] = []
    for one in theirs:
        if (link := known.get(one.id)) is not None:
            found += _heard(call, policy, one, link)
    return found


def _heard(
    call: MoneyCall, policy: Policy, theirs: TheirInvoice, link: OtherLink
) -> list[ReportRow]:
    ports, run = call.ports, call.run
    over = theirs.voided or theirs.deleted
    token = link.sync_token if theirs.deleted else theirs.sync_token
    moved = replace(link, sync_token=token, gone=link.gone or over)
    if moved != link:
        ports.links.save(run.tenant, run.realm, moved)
    owner = link.customer_id or ""
    invoice = ports.invoices.get(run.tenant, [owner], link.our_id or "")
    customer = customer_of(call, invoice) if invoice else None
    if invoice is None or customer is None or invoice.quickbooks is None:
        return []
    if theirs.deleted:
        kept = replace(invoice.quickbooks, voided=True, balance=0, total=0, tax=0)
    else:
        kept = as_kept(theirs, invoice.currency, invoice.quickbooks.content)
        if invoice.quickbooks.voided and not kept.total:
            # Only its note says that it is void, and a person may write another.
            kept = replace(kept, voided=True)
    number = None if over else number_of(policy, theirs)
    after = replace(invoice, quickbooks=kept, number=number or invoice.number)
    if after == invoice:
        return []
    after = noted(
        call, customer, invoice,
        lambda one: replace(one, quickbooks=kept, number=number or one.number),
    )  # fmt: skip
    before = invoice.quickbooks
    if kept.voided and not before.voided and not invoice.cancelled_at:
        what = "was voided or deleted in QuickBooks and stands here: cancel it here as well"
        return [told_of(call, after, Verb.CONFLICT, what, moved)]
    was, now = differences(invoice, before), differences(after, kept)
    if now and now != was:
        return [told_of(call, after, Verb.CONFLICT, f"differs: its {' and its '.join(now)}", moved)]
    return []
