"""A customer's standing: what was billed, what came in, what is due and what is overdue.

billed is the sum of invoices that are not cancelled, received what was paid on them (that is the
revenue), outstanding = billed - received. Each is a sum over records, so a change of a record moves
a standing by what the record counts after it less what it counted before.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from roster.domain.errors import FieldError, Invalid
from roster.domain.invoice import Invoice
from roster.domain.payment import Payment

FORMULA = (
    "revenue = received = payments allocated to invoices that are not cancelled; "
    "billed = totals of invoices that are not cancelled; "
    "outstanding = billed - received; overdue = outstanding of invoices due before today; "
    "unapplied_credit = payments - what of them is allocated"
)
# What the table's JSON and the sort keys of the orders hold.
MAX_SUM = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Sums in minor units over the records that lie with one customer.

    `due` is what is outstanding by due date, from `settled_until` on; what was due before that day
    is in `past_due` as one sum, so that a standing stays small.
    """

    billed: int = 0
    received: int = 0
    unapplied: int = 0
    open_invoices: int = 0
    project_billed: int = 0
    project_received: int = 0
    past_due: int = 0
    settled_until: date = date.min
    due: Mapping[date, int] = field(default_factory=dict)

    @property
    def outstanding(self) -> int:
        """What is still due in all."""
        return self.billed - self.received

    def overdue(self, day: date) -> int:
        """What was due before that day, which is not before the last change."""
        return self.past_due + sum(amount for due, amount in self.due.items() if due < day)


def after_invoice(
    standing: Standing, before: Invoice | None, after: Invoice, today: date
) -> Standing:
    """The standing once `before` (None: a new one) has become `after`.

    Raises Invalid when the sums would leave what can be kept.
    """
    moved = standing
    for invoice, sign in ((before, -1), (after, 1)):
        if invoice is not None and not invoice.cancelled_at:
            moved = _with(moved, invoice, sign)
    if moved.billed > MAX_SUM:
        detail = f"all invoices of a customer come to {MAX_SUM} minor units at most"
        raise Invalid([FieldError("/lines", "total", detail)])
    return _settled(moved, today)


def after_payment(standing: Standing, before: Payment | None, after: Payment) -> Standing:
    """The standing once `before` (None: a new one) has become `after`, its invoices apart."""
    was = before.unapplied if before else 0
    return replace(standing, unapplied=standing.unapplied + after.unapplied - was)


def total(standings: Iterable[Standing], today: date) -> Standing:
    """The standing of a customer of whom several have become one."""
    listed = [_settled(standing, today) for standing in standings]
    due: Counter[date] = Counter()
    for standing in listed:
        due.update(standing.due)
    return Standing(
        billed=sum(s.billed for s in listed),
        received=sum(s.received for s in listed),
        unapplied=sum(s.unapplied for s in listed),
        open_invoices=sum(s.open_invoices for s in listed),
        project_billed=sum(s.project_billed for s in listed),
        project_received=sum(s.project_received for s in listed),
        past_due=sum(s.past_due for s in listed),
        settled_until=max((s.settled_until for s in listed), default=today),
        due=dict(due),
    )


def _with(standing: Standing, invoice: Invoice, sign: int) -> Standing:
    billed, received = sign * invoice.total, sign * invoice.paid
    of_project = invoice.project_id is not None
    past_due, due = standing.past_due, dict(standing.due)
    if invoice.due_date < standing.settled_until:
        past_due += sign * invoice.outstanding
    else:
        due[invoice.due_date] = due.get(invoice.due_date, 0) + sign * invoice.outstanding
    return replace(
        standing,
        billed=standing.billed + billed,
        received=standing.received + received,
        open_invoices=standing.open_invoices + sign * bool(invoice.outstanding),
        project_billed=standing.project_billed + billed * of_project,
        project_received=standing.project_received + received * of_project,
        past_due=past_due,
        due={day: amount for day, amount in due.items() if amount},
    )


def _settled(standing: Standing, today: date) -> Standing:
    """What was due before today as one sum; a clock that goes back changes nothing."""
    if today <= standing.settled_until:
        return standing
    return replace(
        standing,
        past_due=standing.overdue(today),
        settled_until=today,
        due={day: amount for day, amount in standing.due.items() if day >= today},
    )
