"""Money in pure numbers: whatever happens, what is kept is what the records add up to."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.domain import invoice as invoices
from roster.domain import payment as payments
from roster.domain.errors import Invalid, RosterError
from roster.domain.events import Actor
from roster.domain.invoice import Invoice, InvoiceStatus
from roster.domain.payment import MAX_INVOICES, Allocation, Asked, Payment, PaymentStatus
from roster.domain.pricing import price
from roster.domain.sales import with_prices
from roster.domain.standing import (
    MAX_SUM,
    Standing,
    after_invoice,
    after_payment,
    total,
)

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
_RECORD: dict[str, Any] = {
    "tenant": "acme", "created_at": NOW, "updated_at": NOW, "created_by": Actor("olga"),
}  # fmt: skip


def an_invoice(n: int = 1, amount: int = 100, owner: str = "cus_1", **values: Any) -> Invoice:
    line = {"description": "Work", "quantity": 1, "unit_price": amount}
    bare = Invoice(
        **_RECORD,
        id=f"inv_{n}",
        customer_id=owner,
        number=f"INV-{n:05d}",
        currency="USD",
        customer_name="Acme",
        **{"date": TODAY, "due_date": TODAY, **values},
    )
    return with_prices(bare, price([line], currency="USD", rates={}))


def a_payment(n: int = 1, amount: int = 100, **values: Any) -> Payment:
    values = {"customer_id": "cus_1", "date": TODAY, "currency": "USD", **values}
    return Payment(**_RECORD, id=f"pay_{n}", amount=amount, **values)


@dataclass
class Books:
    """Records of two customers, and the standings that were moved along with them."""

    today: date = TODAY
    invoices: dict[str, Invoice] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)

    def put(self, invoice: Invoice) -> None:
        before = self.invoices.get(invoice.id)
        own = self.standings.get(invoice.customer_id, Standing())
        self.standings[invoice.customer_id] = after_invoice(own, before, invoice, self.today)
        self.invoices[invoice.id] = invoice

    def pay(self, payment: Payment, paid: Any = ()) -> None:
        own = self.standings.get(payment.customer_id, Standing())
        before = self.payments.get(payment.id)
        self.standings[payment.customer_id] = after_payment(own, before, payment)
        self.payments[payment.id] = payment
        for invoice in paid:
            self.put(invoice)

    def check(self) -> None:
        for owner in ("cus_1", "cus_2"):
            kept = self.standings.get(owner, Standing())
            own = [i for i in self.invoices.values() if i.customer_id == owner]
            counted = [i for i in own if not i.cancelled_at]
            assert kept.billed == sum(i.total for i in counted)
            assert kept.received == sum(i.paid for i in counted)
            assert kept.outstanding == sum(i.outstanding for i in own)
            assert kept.billed - kept.received == kept.outstanding >= 0
            assert kept.open_invoices == sum(i.outstanding > 0 for i in own)
            of_projects = [i for i in counted if i.project_id]
            assert kept.project_billed == sum(i.total for i in of_projects)
            assert kept.project_received == sum(i.paid for i in of_projects)
            credit = [p.unapplied for p in self.payments.values() if p.customer_id == owner]
            assert kept.unapplied == sum(credit)
            assert min(credit, default=0) >= 0
            for days in (0, 1, 5, 40):
                day = self.today + timedelta(days=days)
                late = sum(i.outstanding for i in own if i.due_date < day)
                assert kept.overdue(day) == late
            assert all(day >= kept.settled_until for day in kept.due)
        allocated = dict.fromkeys(self.invoices, 0)
        for payment in self.payments.values():
            for allocation in () if payment.reversed_at else payment.allocations:
                allocated[allocation.invoice_id] += allocation.amount
        assert {i.id: i.paid for i in self.invoices.values()} == allocated
        for invoice in self.invoices.values():
            assert invoice.status is status_by_the_book(invoice)


def status_by_the_book(invoice: Invoice) -> InvoiceStatus:
    if invoice.cancelled_at:
        return InvoiceStatus.CANCELLED
    if 0 < invoice.paid < invoice.total:
        return InvoiceStatus.PARTIALLY_PAID
    if invoice.paid == invoice.total and (invoice.total > 0 or invoice.sent_at):
        return InvoiceStatus.PAID
    return InvoiceStatus.SENT if invoice.sent_at else InvoiceStatus.PENDING


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["bill", "bill", "pay", "pay", "spread", "receipt", "apply", "reverse", "cancel",
             "edit", "send", "days"]
        ),
        st.integers(0, 40),
        st.sampled_from([0, 1, 2, 99, 100, 250, 10**15 - 1]),
    ),
    max_size=30,
)  # fmt: skip


def take(books: Books, action: str, n: int, amount: int) -> None:  # noqa: C901
    serial = len(books.invoices) + len(books.payments)
    known = sorted(books.invoices)
    invoice = books.invoices[known[n % len(known)]] if known else an_invoice()
    paid = sorted(books.payments)
    payment = books.payments[paid[n % len(paid)]] if paid else a_payment()
    own = {i.id: i for i in books.invoices.values() if not i.cancelled_at}
    if action == "days":
        books.today += timedelta(days=n % 7)
    elif action == "bill":
        due = books.today + timedelta(days=n - 20)
        project = "prj_1" if n % 3 == 0 else None
        owner = f"cus_{1 + n % 2}"
        books.put(an_invoice(serial, amount, owner, due_date=due, project_id=project))
    elif action in ("pay", "receipt", "spread"):
        asked = []
        if action == "pay" and invoice.id in own:
            asked = [Asked("/invoice_id", invoice.id, None)]
        elif action == "spread":
            asked = [Asked("", i, max(1, amount // 4)) for i in sorted(own)[:3]]
        start = a_payment(serial, max(1, amount), customer_id=f"cus_{1 + n % 2}")
        if not payments.choice_errors(asked, own, start.amount):
            books.pay(*payments.allocated(start, asked, own))
    elif not known or not paid:
        return
    elif action == "apply" and invoice.id in own:
        books.pay(*payments.allocated(payment, [Asked("", invoice.id, None)], own))
    elif action == "reverse":
        held = [books.invoices[a.invoice_id] for a in payment.allocations]
        books.pay(*payments.reverse(payment, held, None, NOW))
    elif action == "cancel":
        books.put(invoices.cancel(invoice, None, NOW))
    elif action == "edit":
        invoices.check_editable(invoice)
        other = an_invoice(0, amount)
        due = books.today + timedelta(days=n - 20)
        books.put(
            replace(
                invoice,
                lines=other.lines,
                subtotal=other.subtotal,
                total=other.total,
                due_date=due,
                project_id=None,
            )
        )
    elif action == "send":
        books.put(invoices.send(invoice, NOW))


@settings(max_examples=1500, deadline=None)
@given(steps=_STEPS)
def test_standings_are_what_the_records_add_up_to_after_any_history(
    steps: list[tuple[str, int, int]],
) -> None:
    books = Books()
    for action, n, amount in steps:
        with suppress(RosterError):
            take(books, action, n, amount)
        books.check()
    both = total(books.standings.values(), books.today)
    assert both.outstanding == sum(s.outstanding for s in books.standings.values())
    assert both.overdue(books.today) == sum(
        s.overdue(books.today) for s in books.standings.values()
    )


def test_what_is_due_is_told_by_the_day_without_a_write() -> None:
    standing = Standing()
    for n, days in enumerate((-3, 0, 1, 30)):
        due = TODAY + timedelta(days=days)
        standing = after_invoice(standing, None, an_invoice(n, 10**n, due_date=due), TODAY)
    by_day = {days: standing.overdue(TODAY + timedelta(days=days)) for days in (0, 1, 2, 30, 31)}
    assert by_day == {0: 1, 1: 11, 2: 111, 30: 111, 31: 1111}


def test_a_standing_stays_small_however_old_its_debts_are() -> None:
    standing = Standing()
    for n in range(1000):
        due = TODAY + timedelta(days=n)
        standing = after_invoice(standing, None, an_invoice(n, 5, due_date=due), due)
    assert (len(standing.due), standing.past_due, standing.outstanding) == (1, 4995, 5000)


def test_a_clock_that_goes_back_loses_nothing() -> None:
    first, second = an_invoice(1, 10), an_invoice(2, 20, due_date=TODAY - timedelta(days=5))
    standing = after_invoice(Standing(), None, first, TODAY + timedelta(days=2))
    standing = after_invoice(standing, None, second, TODAY)
    standing = after_invoice(standing, first, invoices.credited(first, 10), TODAY)
    assert (standing.outstanding, standing.overdue(TODAY + timedelta(days=2))) == (20, 20)


def test_sums_that_could_not_be_kept_are_refused() -> None:
    full = Standing(billed=MAX_SUM)
    with pytest.raises(Invalid):
        after_invoice(full, None, an_invoice(1, 1), TODAY)


@pytest.mark.parametrize(
    ("amount", "allocated", "is_reversed", "status"),
    [
        (100, 0, False, PaymentStatus.UNAPPLIED),
        (100, 40, False, PaymentStatus.PARTIALLY_APPLIED),
        (100, 100, False, PaymentStatus.APPLIED),
        (100, 100, True, PaymentStatus.REVERSED),
        (100, 0, True, PaymentStatus.REVERSED),
    ],
)
def test_the_status_of_a_payment_follows_what_it_pays_for(
    amount: int, allocated: int, is_reversed: bool, status: PaymentStatus
) -> None:
    allocation = Allocation(invoice_id="i", customer_id="c", number="n", amount=allocated)
    payment = a_payment(
        1,
        amount,
        allocations=(allocation,) if allocated else (),
        reversed_at=NOW if is_reversed else None,
    )
    assert payment.status is status
    assert (payment.open_by is not None) == (payment.unapplied > 0)


def test_a_payment_stays_within_what_one_transaction_can_take_back() -> None:
    own = {f"inv_{n}": an_invoice(n, 10) for n in range(MAX_INVOICES + 1)}
    asked = [Asked("", i, 10) for i in own]
    with pytest.raises(Invalid):
        payments.allocated(a_payment(1, 1000), asked, own)
    done, _ = payments.allocated(a_payment(1, 1000), asked[:MAX_INVOICES], own)
    assert len(done.allocations) == MAX_INVOICES
    scattered = {f"inv_{n}": an_invoice(n, 10, f"cus_9{n}") for n in range(10)}
    with pytest.raises(Invalid):
        payments.allocated(a_payment(1, 1000), [Asked("", i, 10) for i in scattered], scattered)
