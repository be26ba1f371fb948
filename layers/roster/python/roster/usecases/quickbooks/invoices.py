"""Invoices of a run: what is ready goes to QuickBooks, what QuickBooks has of them is kept here.

Each write goes by itself, under a request id that does not depend on what is in it: an answer that
was lost is found again however the invoice has moved since.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from roster.domain.customer import Customer
from roster.domain.errors import RosterError
from roster.domain.invoice import FOR_QUICKBOOKS, Invoice
from roster.domain.sync.books import TheirInvoice
from roster.domain.sync.connection import FaultAction, QuickBooksFault, ReportRow
from roster.domain.sync.invoices import (
    OutInvoice,
    as_kept,
    differences,
    is_ours,
    outgoing,
    reasons_against,
)
from roster.domain.sync.others import INVOICE, ON_THE_WAY, OtherLink
from roster.domain.sync.policy import InvoiceNumbers, Policy
from roster.domain.sync.records import fingerprint
from roster.domain.sync.steps import Verb
from roster.usecases.quickbooks.invoice_facts import FactFinder
from roster.usecases.quickbooks.invoice_keeping import customer_of, noted, number_of, told_of
from roster.usecases.quickbooks.invoice_taxes import took_their_tax
from roster.usecases.quickbooks.money_calls import MoneyCall, propagates
from roster.usecases.quickbooks.money_ports import Row

_ATTEMPTS = 3
# As many writes as go well into a worker's time, five a second.
SENT_AT_ONCE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was told of invoices, payments they have that are to be taken, and whether more wait."""

    rows: tuple[ReportRow, ...] = ()
    payments: tuple[str, ...] = ()
    left: bool = False


def send_invoices(call: MoneyCall, policy: Policy, *, limit: int = SENT_AT_ONCE) -> Sent:
    """Send what is approved and ready and has moved, and void what was cancelled here.

    Raises QuickBooksFault where the run has to wait; done again it goes on where it was.
    """
    ports, run = call.ports, call.run
    sender = _Sender(call, policy)
    _settle(sender, call)
    queue = ports.invoices.awaiting(run.tenant, FOR_QUICKBOOKS)
    known = ports.links.by_ours(run.tenant, run.realm, INVOICE, [one for _, one in queue])
    for n, (owner, invoice_id) in enumerate(queue):
        if sender.writes >= limit:
            return Sent(rows=tuple(sender.rows), payments=tuple(sender.payments), left=n > 0)
        invoice = ports.invoices.get(run.tenant, [owner], invoice_id)
        if invoice is not None and invoice.queue:
            blank = OtherLink(entity=INVOICE, our_id=invoice_id, customer_id=owner)
            sender.send(invoice, known.get(invoice_id, blank))
    return Sent(rows=tuple(sender.rows), payments=tuple(sender.payments))


def _settle(sender: "_Sender", call: MoneyCall) -> None:
    """Look after those whose first write was not answered, and that wait in the queue no more."""
    ports, run = call.ports, call.run
    marks = ports.links.all(run.tenant, run.realm, ON_THE_WAY)
    known = ports.links.by_ours(run.tenant, run.realm, INVOICE, [m.our_id or "" for m in marks])
    for mark in marks:
        invoice = ports.invoices.get(run.tenant, [mark.customer_id or ""], mark.our_id or "")
        link = known.get(mark.our_id or "")
        if invoice is not None and link is not None and not invoice.queue:
            sender.settle(invoice, link)


class _Sender:
    def __init__(self, call: MoneyCall, policy: Policy) -> None:
        self._call, self._policy = call, policy
        self._facts = FactFinder(call, policy)
        self.rows: list[ReportRow] = []
        self.payments: list[str] = []
        self.writes = 0

    def send(self, invoice: Invoice, link: OtherLink) -> None:
        """Do what is owed for one invoice; a refusal of it does not stop the others."""
        customer = customer_of(self._call, invoice)
        if customer is None:
            # Its books are closed with it: there is nobody left to whom it would be shown.
            return
        there = self._facts.there(invoice, customer)
        # A customer that comes to be in QuickBooks, or another item, makes it another matter.
        content = f"{invoice.content} {there} {self._policy.service_item}"
        if invoice.cancelled_at:
            content = f"void {link.sync_token}"
        call = self._call
        if not call.tries_again and link.is_refused(content, call.ports.clock()):
            return
        try:
            if invoice.cancelled_at:
                self._void(invoice, customer, link)
            elif why := self._put(invoice, customer, there, link):
                self._refused(invoice, link, content, why)
        except QuickBooksFault as fault:
            if propagates(fault):
                raise
            if fault.action is FaultAction.RESYNC:
                self._facts.forget_service_item()
            self._refused(invoice, link, content, fault.detail, there=True)
        except RosterError as error:
            self._refused(invoice, link, content, error.detail)

    def _put(
        self, invoice: Invoice, customer: Customer, there: str | None, link: OtherLink
    ) -> str | None:
        """Write an invoice and keep what became of it; or why it cannot be written."""
        facts = self._facts.of(invoice, there)
        if reasons := reasons_against(invoice, facts):
            return "; ".join(reasons)
        out = outgoing(invoice, facts)
        self.writes += 1
        if link.quickbooks_id is None:
            link, theirs = self._created(invoice, link, out)
            verb, what = Verb.CREATE_THERE, "is in QuickBooks now"
        else:
            found = self._updated(invoice, link, out)
            if found is None:
                return "it was voided or deleted in QuickBooks; cancel it here as well"
            theirs = found
            link = replace(link, sync_token=theirs.sync_token, content=invoice.content)
            verb, what = Verb.UPDATE_THERE, "was changed in QuickBooks as it was here"
        link = replace(link, refused="", refused_at=None)
        self._save(link)
        self._arrived(invoice.id, invoice.customer_id)
        if theirs.payments:
            self.payments += theirs.payments
        after, taxed = self._keep(invoice, customer, theirs, link.content)
        self._tell(
            after, verb, what + (f", as number {theirs.number}" if theirs.number else ""), link
        )
        if taxed:
            self._tell(after, Verb.UPDATE_HERE, "has got the tax that QuickBooks put on it", link)
        self._tell_differences(after, link)
        return None

    def _created(
        self, invoice: Invoice, link: OtherLink, out: OutInvoice
    ) -> tuple[OtherLink, TheirInvoice]:
        call, tried = self._call, bool(link.sending)
        mark = OtherLink(entity=ON_THE_WAY, our_id=invoice.id, customer_id=invoice.customer_id)
        if not tried:
            self._save(mark)
            link = replace(link, sending=invoice.content)
            self._save(link)
        request = fingerprint({"of": self._place(invoice), "new": link.attempt})
        try:
            row = call.write(INVOICE, call.ports.wire.new_invoice(out), request_id=request)
        except QuickBooksFault as fault:
            if fault.action is not FaultAction.NUMBER_TAKEN:
                raise
            theirs = self._holder(invoice, fault)
        else:
            theirs = call.ports.wire.read_invoice(row)
        if tried:
            # The answer may be the first one's: what has happened to it since is not in it.
            fresh = call.read(INVOICE, theirs.id)
            theirs = call.ports.wire.read_invoice(fresh) if fresh else theirs
        linked = replace(
            link, quickbooks_id=theirs.id, sync_token=theirs.sync_token, content=link.sending,
            sending="",
        )  # fmt: skip
        return linked, theirs

    def _holder(self, invoice: Invoice, fault: QuickBooksFault) -> TheirInvoice:
        """The invoice that has the number already, if it is this one."""
        rows = self._call.matching(INVOICE, "DocNumber", invoice.number)
        found = [self._call.ports.wire.read_invoice(row) for row in rows]
        ours = next((one for one in found if is_ours(one, invoice)), None)
        if ours is None:
            detail = f"another invoice in QuickBooks has the number {invoice.number}"
            raise QuickBooksFault(fault.action, detail, fault_code=fault.fault_code)
        return ours

    def _updated(self, invoice: Invoice, link: OtherLink, out: OutInvoice) -> TheirInvoice | None:
        if link.gone:
            return None
        wire, quickbooks_id = self._call.ports.wire, link.quickbooks_id or ""

        def change(token: str) -> Row:
            of = (*self._place(invoice), quickbooks_id, token, invoice.content)
            body = wire.changed_invoice(quickbooks_id, token, out)
            return self._call.write(INVOICE, body, request_id=fingerprint({"of": of}))

        theirs = self._written(link, change)
        return None if theirs is None or theirs.voided or theirs.deleted else theirs

    def _written(self, link: OtherLink, write: Callable[[str], Row]) -> TheirInvoice | None:
        """Write at the SyncToken that is known, and at a later one where it has moved on.

        None where the invoice is gone; one that was voided or deleted meanwhile is left as it is.
        """
        read, token = self._call.ports.wire.read_invoice, link.sync_token
        attempt = 0
        while True:
            attempt += 1
            try:
                return read(write(token))
            except QuickBooksFault as fault:
                if fault.action is FaultAction.MISSING:
                    return None
                if fault.action is not FaultAction.REREAD or attempt == _ATTEMPTS:
                    raise
            row = self._call.read(INVOICE, link.quickbooks_id or "")
            theirs = read(row) if row else None
            if theirs is None or theirs.voided or theirs.deleted:
                return theirs
            token = theirs.sync_token

    def _void(self, invoice: Invoice, customer: Customer, link: OtherLink) -> None:
        theirs = self._voided(invoice, link)
        self.writes += 1
        self._save(replace(link, sync_token=theirs.sync_token, gone=True) if theirs else link)
        kept = invoice.quickbooks
        if theirs is not None and kept is not None:
            kept = as_kept(theirs, invoice.currency, kept.content)
        if kept is not None:
            there = replace(kept, voided=True)
            noted(self._call, customer, invoice, lambda one: replace(one, quickbooks=there))
        self._tell(invoice, Verb.UPDATE_THERE, "was cancelled here and is void in QuickBooks", link)

    def _voided(self, invoice: Invoice, link: OtherLink) -> TheirInvoice | None:
        """The invoice as void there; None where it is gone."""

        def void(token: str) -> Row:
            of = {"of": self._place(invoice), "void": link.quickbooks_id or "", "at": token}
            body = {"Id": link.quickbooks_id or "", "SyncToken": token}
            return self._call.write(INVOICE, body, request_id=fingerprint(of), operation="void")

        return self._written(link, void)

    def _keep(
        self, invoice: Invoice, customer: Customer, theirs: TheirInvoice, content: str
    ) -> tuple[Invoice, bool]:
        """The invoice with what QuickBooks made of it; whether it took QuickBooks' tax."""
        number = number_of(self._policy, theirs)
        if content == invoice.content:
            taxed = took_their_tax(self._call, customer, invoice, theirs, number)
            if taxed is not None:
                return taxed, True
        kept = as_kept(theirs, invoice.currency, content)
        after = noted(
            self._call, customer, invoice,
            lambda one: replace(one, quickbooks=kept, number=number or one.number),
        )  # fmt: skip
        return after, False

    def _tell_differences(self, invoice: Invoice, link: OtherLink) -> None:
        there = invoice.quickbooks
        if there is not None and (found := differences(invoice, there)):
            self._tell(invoice, Verb.CONFLICT, f"differs: its {' and its '.join(found)}", link)

    def _refused(
        self, invoice: Invoice, link: OtherLink, content: str, detail: str, *, there: bool = False
    ) -> None:
        """Keep and tell why not; `there` where QuickBooks itself has said no to a first write.

        Only then is that write over: of one that was not answered, there may be an invoice.
        """
        run = self._call.run
        stored = self._call.ports.links.by_ours(run.tenant, run.realm, INVOICE, [invoice.id])
        before = stored.get(invoice.id, link)
        if there and before.quickbooks_id is None:
            before = replace(before, attempt=before.attempt + 1, sending="")
            self._arrived(invoice.id, invoice.customer_id)
        self._save(replace(before, refused=content, refused_at=self._call.ports.clock()))
        self._tell(invoice, Verb.SKIP, f"was left out: {detail}", link)

    def settle(self, invoice: Invoice, link: OtherLink) -> None:
        """Find out whether an invoice that is not to be sent any more had arrived before."""
        customer = customer_of(self._call, invoice)
        there = self._facts.there(invoice, customer) if customer else None
        if customer is not None and link.sending and link.quickbooks_id is None:
            rows = self._call.matching(INVOICE, "DocNumber", invoice.number)
            if self._policy.invoice_numbers is InvoiceNumbers.QUICKBOOKS and there:
                rows = self._call.matching(INVOICE, "CustomerRef", there)
            found = [self._call.ports.wire.read_invoice(row) for row in rows]
            theirs = next((one for one in found if is_ours(one, invoice, sent_to=there)), None)
            content, link = link.sending, replace(link, attempt=link.attempt + 1, sending="")
            if theirs is not None:
                link = replace(
                    link, quickbooks_id=theirs.id, sync_token=theirs.sync_token, content=content
                )
            self._save(link)
            if theirs is not None:
                after, _ = self._keep(invoice, customer, theirs, content)
                self.payments += theirs.payments
                self._tell(after, Verb.LINK, "had arrived in QuickBooks as it was before", link)
        self._arrived(invoice.id, invoice.customer_id)

    def _arrived(self, invoice_id: str, owner: str) -> None:
        mark = OtherLink(entity=ON_THE_WAY, our_id=invoice_id, customer_id=owner)
        self._call.ports.links.forget(self._call.run.tenant, self._call.run.realm, mark)

    def _save(self, link: OtherLink) -> None:
        self._call.ports.links.save(self._call.run.tenant, self._call.run.realm, link)

    def _place(self, invoice: Invoice) -> tuple[str, ...]:
        return (self._call.run.tenant, self._call.run.realm, INVOICE, invoice.id)

    def _tell(self, invoice: Invoice, verb: Verb, what: str, link: OtherLink) -> None:
        self.rows.append(told_of(self._call, invoice, verb, what, link))
