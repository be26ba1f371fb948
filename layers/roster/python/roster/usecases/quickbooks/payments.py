"""Payments of a run: what QuickBooks received for our invoices is received here (S4.107).

A payment is never edited here: one that changed there is taken back and recorded as it is now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from roster.domain.customer import Customer
from roster.domain.errors import RosterError, WrongState
from roster.domain.ids import derived_id
from roster.domain.money import amount_text
from roster.domain.payment import Payment
from roster.domain.sync.books import TheirPayment
from roster.domain.sync.connection import ReportRow
from roster.domain.sync.others import INVOICE, PAYMENT, OtherLink
from roster.domain.sync.payments import (
    Part,
    content_of,
    is_older,
    method_of,
    notes_of,
    parts_of,
    why_taken_back,
)
from roster.domain.sync.steps import Verb
from roster.usecases import record_keeping as keeping
from roster.usecases.joining import owners
from roster.usecases.payments import record_payment, reverse_payment
from roster.usecases.quickbooks.money_calls import MoneyCall, told
from roster.usecases.quickbooks.money_ports import Row
from roster.usecases.record_keeping import Call

_NOON = time(12, tzinfo=UTC)


def take_payments(call: MoneyCall, rows: Iterable[Row]) -> list[ReportRow]:
    """Bring the payments here to what QuickBooks' `rows` say; the same rows again do nothing."""
    ports, run = call.ports, call.run
    theirs = [ports.wire.read_payment(row) for row in rows]
    if not theirs:
        return []
    known = dict(ports.links.by_theirs(run.tenant, run.realm, PAYMENT, [one.id for one in theirs]))
    named = {invoice for one in theirs for invoice, _ in one.settles}
    invoices = ports.links.by_theirs(run.tenant, run.realm, INVOICE, sorted(named))
    ours = {
        their_id: (link.our_id, link.customer_id)
        for their_id, link in invoices.items()
        if link.our_id and link.customer_id
    }
    taker = _Taker(call, ours)
    for one in theirs:
        blank = OtherLink(entity=PAYMENT, quickbooks_id=one.id)
        known[one.id] = taker.take(one, known.get(one.id, blank))
    return taker.rows


def invoices_there(call: MoneyCall) -> list[Row]:
    """QuickBooks' invoices that came from here, and what is deleted of them; a call a thousand."""
    ports, run = call.ports, call.run
    sent = ports.links.all(run.tenant, run.realm, INVOICE)
    ids = {link.quickbooks_id for link in sent if link.quickbooks_id and not link.gone}
    rows = call.by_ids(INVOICE, sorted(ids))
    gone = ids - {str(row["Id"]) for row in rows}
    return [*rows, *({"Id": one, "status": "Deleted"} for one in sorted(gone))]


def all_payments(call: MoneyCall, rows: Iterable[Row]) -> list[Row]:
    """QuickBooks' payments of invoices, and those that are here and not there any more.

    A call for every thousand payments.
    """
    ports, run = call.ports, call.run
    here = {
        link.quickbooks_id
        for link in ports.links.all(run.tenant, run.realm, PAYMENT, by_theirs=True)
        if link.quickbooks_id and link.parts
    }
    named = {one for row in rows for one in ports.wire.read_invoice(row).payments}
    found = call.by_ids(PAYMENT, sorted(here | named))
    gone = here - {str(row["Id"]) for row in found}
    return [*found, *({"Id": one, "status": "Deleted"} for one in sorted(gone))]


class _Taker:
    def __init__(self, call: MoneyCall, ours: Mapping[str, tuple[str, str]]) -> None:
        self._call, self._ours = call, ours
        self._currency = call.ports.books.settings.get(call.run.tenant).currency
        self.rows: list[ReportRow] = []

    def take(self, theirs: TheirPayment, link: OtherLink) -> OtherLink:
        """Bring one payment up to date; returns its link then."""
        parts = parts_of(theirs, self._ours, self._currency)
        if is_older(theirs, link) or (not parts and not link.parts and not link.content):
            return link
        content = content_of(theirs, parts)
        moved = replace(
            link, gone=theirs.deleted,
            sync_token=link.sync_token if theirs.deleted else theirs.sync_token,
        )  # fmt: skip
        if content == link.content:
            if moved != link:
                self._save(moved)
            return moved
        if parts and theirs.currency not in (None, self._currency):
            self._tell(
                theirs, Verb.SKIP,
                f"was left out: it is in {theirs.currency}, and amounts here are in"
                f" {self._currency}",
            )  # fmt: skip
            return link
        for customer_id, payment_id in link.parts:
            self._take_back(theirs, customer_id, payment_id)
        if link.parts:
            # From here on the old ones are over, whatever becomes of the new.
            moved = replace(moved, parts=(), content="", attempt=link.attempt + 1)
            self._save(moved)
        made = [self._record(theirs, part, n, moved) for n, part in enumerate(parts)]
        moved = replace(moved, content=content, parts=tuple(one for one in made if one))
        self._save(moved)
        return moved

    def _take_back(self, theirs: TheirPayment, customer_id: str, payment_id: str) -> None:
        customer = self._head(customer_id)
        if customer is None:
            return
        why = why_taken_back(theirs)
        try:
            payment = reverse_payment(
                self._keeping(customer), payment_id, reason=why, till=self._call.ports.till
            )
        except WrongState:
            # Taken back before, by a person or by a run that did not come to its end.
            return
        amount = amount_text(payment.amount, payment.currency)
        self._tell(
            theirs, Verb.DEACTIVATE_HERE,
            f"was {why}: {amount} {payment.currency} were taken back here", customer,
        )  # fmt: skip

    def _record(
        self, theirs: TheirPayment, part: Part, n: int, link: OtherLink
    ) -> tuple[str, str] | None:
        ports, run = self._call.ports, self._call.run
        customer = self._head(part.customer_id)
        if customer is None:
            self._tell(theirs, Verb.SKIP, "was left out: its customer is gone")
            return None
        at = datetime.combine(theirs.date or run.started_at.date(), _NOON)
        own = (run.tenant, run.realm, theirs.id, f"{link.attempt}", f"{n}")
        payment_id = derived_id("pay", at, *own)
        first = ports.payments.get(run.tenant, owners(customer), payment_id)
        if first is not None:
            return first.customer_id, first.id
        settles = self._standing(theirs, customer, part)
        if not settles:
            return None
        values = {
            "amount": sum(amount for _, amount in settles),
            "date": at.date(),
            "method": method_of(theirs),
            "reference": theirs.reference,
            "notes": notes_of(theirs, self._currency),
            "allocations": [{"invoice_id": i, "amount": amount} for i, amount in settles],
        }
        try:
            payment = record_payment(
                self._keeping(customer), values, till=ports.till, payment_id=payment_id
            )
        except RosterError as error:
            self._tell(theirs, Verb.SKIP, f"could not be taken over: {error.detail}", customer)
            return None
        self._tell_recorded(theirs, payment, customer)
        return payment.customer_id, payment.id

    def _standing(
        self, theirs: TheirPayment, customer: Customer, part: Part
    ) -> Sequence[tuple[str, int]]:
        """What of a part is for invoices that stand here."""
        ports, run = self._call.ports, self._call.run
        kept = []
        for invoice_id, amount in part.settles:
            invoice = ports.invoices.get(run.tenant, owners(customer), invoice_id)
            if invoice is not None and not invoice.cancelled_at:
                kept.append((invoice_id, amount))
                continue
            number = invoice.number if invoice else invoice_id
            self._tell(theirs, Verb.CONFLICT, f"pays {number}, which is cancelled here", customer)
        return kept

    def _tell_recorded(self, theirs: TheirPayment, payment: Payment, customer: Customer) -> None:
        amount = amount_text(payment.amount, payment.currency)
        numbers = ", ".join(one.number for one in payment.allocations)
        what = f"was received: {amount} {payment.currency}"
        self._tell(theirs, Verb.CREATE_HERE, f"{what} for {numbers}" if numbers else what, customer)
        if payment.unapplied:
            left = amount_text(payment.unapplied, payment.currency)
            detail = f"is {left} {payment.currency} more than is open here: kept as credit"
            self._tell(theirs, Verb.CONFLICT, detail, customer)

    def _head(self, customer_id: str) -> Customer | None:
        heads = keeping.living(self._call.run.tenant, [customer_id], self._call.ports.customers)
        return heads.get(customer_id)

    def _keeping(self, customer: Customer) -> Call[Payment]:
        return Call(
            tenant=self._call.run.tenant,
            customer_id=customer.id,
            actor=self._call.actor,
            customers=self._call.ports.customers,
            records=self._call.ports.payments,
            clock=self._call.ports.clock,
        )

    def _save(self, link: OtherLink) -> None:
        self._call.ports.links.save(self._call.run.tenant, self._call.run.realm, link)

    def _tell(
        self, theirs: TheirPayment, verb: Verb, what: str, customer: Customer | None = None
    ) -> None:
        name = theirs.reference or theirs.id
        self.rows.append(
            told(
                self._call, PAYMENT, verb, name, f"Payment {name} {what}.",
                quickbooks_id=theirs.id, customer_id=customer.id if customer else None,
            )
        )  # fmt: skip
