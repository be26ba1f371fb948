"""What a run would do about items, invoices and payments, told without doing it.

Items are told step by step. Invoices and payments are looked at one by one: what stands against an
invoice, what a payment would be here. What would follow of that, such as a tax that QuickBooks
reckons, is not known before it is done.
"""

from collections.abc import Iterable, Mapping, Sequence

from roster.domain.invoice import FOR_QUICKBOOKS, Invoice
from roster.domain.money import amount_text
from roster.domain.sync.books import TheirPayment
from roster.domain.sync.invoices import reasons_against
from roster.domain.sync.others import INVOICE, ITEM, PAYMENT, OtherLink
from roster.domain.sync.payments import content_of, is_older, parts_of, why_taken_back
from roster.domain.sync.policy import Policy
from roster.domain.sync.steps import Verb
from roster.usecases.quickbooks.invoice_facts import FactFinder
from roster.usecases.quickbooks.invoice_keeping import customer_of, told_of
from roster.usecases.quickbooks.items import carry_items
from roster.usecases.quickbooks.money_calls import MoneyCall, told
from roster.usecases.quickbooks.money_ports import Row
from roster.usecases.quickbooks.payments import all_payments, invoices_there

# Of more invoices than these it is told how many they are.
TOLD_AT_ONCE = 300


def rehearse_hearing(
    call: MoneyCall, policy: Policy, fed: Mapping[str, Sequence[Row]] | None
) -> None:
    """Tell what would come of items and payments; `fed` as for `hear_books`."""
    carry_items(call, policy, None if fed is None else fed.get(ITEM, ()), dry=True)
    rows = all_payments(call, invoices_there(call)) if fed is None else fed.get(PAYMENT, ())
    _payments(call, rows)


def _payments(call: MoneyCall, rows: Iterable[Row]) -> None:
    ports, run = call.ports, call.run
    theirs = [ports.wire.read_payment(row) for row in rows]
    if not theirs:
        return
    currency = ports.books.settings.get(run.tenant).currency
    known = ports.links.by_theirs(run.tenant, run.realm, PAYMENT, [one.id for one in theirs])
    named = {invoice for one in theirs for invoice, _ in one.settles}
    links = ports.links.by_theirs(run.tenant, run.realm, INVOICE, sorted(named))
    ours = {
        their_id: (link.our_id, link.customer_id)
        for their_id, link in links.items()
        if link.our_id and link.customer_id
    }
    for one in theirs:
        link = known.get(one.id, OtherLink(entity=PAYMENT, quickbooks_id=one.id))
        _payment(call, one, link, ours, currency)


def _payment(
    call: MoneyCall,
    theirs: TheirPayment,
    link: OtherLink,
    ours: Mapping[str, tuple[str, str]],
    currency: str,
) -> None:
    parts = parts_of(theirs, ours, currency)
    is_known = parts or link.parts or link.content
    if is_older(theirs, link) or not is_known or content_of(theirs, parts) == link.content:
        return

    def tell(verb: Verb, what: str, customer_id: str | None = None) -> None:
        name = theirs.reference or theirs.id
        told(
            call, PAYMENT, verb, name, f"Payment {name} {what}.", quickbooks_id=theirs.id,
            customer_id=customer_id,
        )  # fmt: skip

    if parts and theirs.currency not in (None, currency):
        what = f"was left out: it is in {theirs.currency}, and amounts here are in {currency}"
        tell(Verb.SKIP, what)
        return
    if link.parts:
        what = f"was {why_taken_back(theirs)}: what was received for it here is taken back"
        tell(Verb.DEACTIVATE_HERE, what, link.parts[0][0])
    for part in parts:
        amount = f"{amount_text(part.amount, currency)} {currency}"
        what = f"is to be received: {amount} for {_invoices(len(part.settles))}"
        tell(Verb.CREATE_HERE, what, part.customer_id)


def _invoices(count: int) -> str:
    return "one invoice" if count == 1 else f"{count} invoices"


def rehearse_sending(call: MoneyCall, policy: Policy) -> None:
    """Tell of the invoices that are ready what would become of each."""
    ports, run = call.ports, call.run
    queue = ports.invoices.awaiting(run.tenant, FOR_QUICKBOOKS)
    known = ports.links.by_ours(run.tenant, run.realm, INVOICE, [one for _, one in queue])
    facts = FactFinder(call, policy)
    for owner, invoice_id in queue[:TOLD_AT_ONCE]:
        invoice = ports.invoices.get(run.tenant, [owner], invoice_id)
        if invoice is not None and invoice.queue:
            blank = OtherLink(entity=INVOICE, our_id=invoice_id, customer_id=owner)
            _invoice(call, facts, invoice, known.get(invoice_id, blank))
    left = len(queue) - TOLD_AT_ONCE
    if left > 0:
        reason = f"{left} more invoices are ready for QuickBooks and were not looked at."
        told(call, INVOICE, Verb.SKIP, "More invoices", reason, our_id="more")


def _invoice(call: MoneyCall, facts: FactFinder, invoice: Invoice, link: OtherLink) -> None:
    customer = customer_of(call, invoice)
    if customer is None:
        return
    if invoice.cancelled_at:
        what = "was cancelled here and is to be void in QuickBooks"
        told_of(call, invoice, Verb.UPDATE_THERE, what, link)
        return
    reasons = reasons_against(invoice, facts.of(invoice, facts.there(invoice, customer)))
    if reasons:
        told_of(call, invoice, Verb.SKIP, f"is left out: {'; '.join(reasons)}", link)
    elif link.quickbooks_id is None:
        told_of(call, invoice, Verb.CREATE_THERE, "is to go to QuickBooks", link)
    else:
        what = "is to be changed in QuickBooks as it was here"
        told_of(call, invoice, Verb.UPDATE_THERE, what, link)
