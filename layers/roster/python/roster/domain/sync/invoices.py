"""An invoice of ours as QuickBooks gets it, or every reason why it cannot have it yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as day
from decimal import Decimal

from roster.domain.invoice import InQuickBooks, Invoice
from roster.domain.money import amount_text, decimal_text, exponent, minor_units
from roster.domain.pricing import Line
from roster.domain.sync.books import TheirCompany, TheirInvoice
from roster.domain.sync.policy import InvoiceNumbers

MAX_NUMBER, MAX_MEMO, MAX_NOTE, MAX_LINES = 21, 1000, 4000, 750
_TAXED, _UNTAXED = "TAX", "NON"
_HOME = "US"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutLine:
    """A line in QuickBooks' terms; numbers as decimal text in major units.

    Without quantity and price there is only the amount.
    """

    description: str
    amount: str
    item_id: str
    quantity: str | None = None
    unit_price: str | None = None
    tax_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutInvoice:
    """An invoice in QuickBooks' terms. `tax` None leaves the tax to QuickBooks.

    Without `number` QuickBooks numbers it, if it has to be asked for that with `asks_for_number`.
    """

    customer_id: str
    date: day
    due_date: day
    lines: tuple[OutLine, ...]
    note: str
    number: str | None = None
    asks_for_number: bool = False
    term_id: str | None = None
    memo: str | None = None
    tax: str | None = None
    tax_code_id: str | None = None
    untaxed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an invoice is put into QuickBooks' terms by.

    `customer_id` is QuickBooks' id of the customer or of the job the work was for; `items` theirs
    by ours; `untaxable` ours that are not to be taxed; `service_id` the item for what is none of
    ours, or `no_service` why there is none; `codes` their tax codes by our rates; `no_tax_code` one
    of theirs that takes nothing.
    """

    customer_id: str | None
    company: TheirCompany
    numbers: InvoiceNumbers
    service_id: str | None
    items: Mapping[str, str] = field(default_factory=dict)
    untaxable: frozenset[str] = frozenset()
    codes: Mapping[str, str] = field(default_factory=dict)
    no_tax_code: str | None = None
    term_id: str | None = None
    no_service: str | None = None

    @property
    def is_american(self) -> bool:
        """Whether lines are taxed or not, and the tax is the invoice's."""
        return (self.company.country or _HOME).upper() in (_HOME, "USA")


def reasons_against(invoice: Invoice, facts: Facts) -> list[str]:
    """Why the invoice cannot be sent; every reason at once, none where it can."""
    company = facts.company
    closed = company.books_closed
    rules = [
        (not invoice.lines, "it has no lines"),
        (facts.customer_id is None, "its customer is not in QuickBooks yet"),
        (
            facts.service_id is None,
            facts.no_service or "QuickBooks has no item to put its lines on",
        ),
        (
            company.home_currency not in (None, invoice.currency),
            f"it is in {invoice.currency}, and QuickBooks' books are in {company.home_currency}",
        ),
        (
            closed is not None and invoice.date <= closed,
            f"QuickBooks' books are closed up to {closed}",
        ),
        (
            facts.numbers is InvoiceNumbers.OURS and len(invoice.number) > MAX_NUMBER,
            f"QuickBooks takes numbers of at most {MAX_NUMBER} characters",
        ),
        (
            sum(1 + bool(line.discount) for line in invoice.lines) > MAX_LINES,
            f"QuickBooks takes at most {MAX_LINES} lines",
        ),
    ]
    found = [why for broken, why in rules if broken]
    if not facts.is_american and company.uses_sales_tax and invoice.taxes:
        names = {tax.tax_rate_id: tax.name for tax in invoice.taxes}
        found += [
            f"its tax rate “{name}” is not linked with a tax code of QuickBooks"
            for rate, name in names.items()
            if rate not in facts.codes
        ]
        if facts.no_tax_code is None and any(line.tax_rate_id is None for line in invoice.lines):
            found.append("it has untaxed lines, and no tax rate of 0 % is linked with QuickBooks")
    return found


def outgoing(invoice: Invoice, facts: Facts) -> OutInvoice:
    """The invoice as QuickBooks gets it; only where nothing stands against it."""
    lines: list[OutLine] = []
    for line in invoice.lines:
        lines += _lines(invoice, line, facts)
    rates = [tax.tax_rate_id for tax in invoice.taxes]
    ours = facts.numbers is InvoiceNumbers.OURS
    return OutInvoice(
        customer_id=facts.customer_id or "",
        date=invoice.date,
        due_date=invoice.due_date,
        lines=tuple(lines),
        note=note_of(invoice),
        number=invoice.number if ours else None,
        asks_for_number=not ours and facts.company.own_numbers,
        term_id=facts.term_id,
        memo=(invoice.notes or "")[:MAX_MEMO] or None,
        tax=amount_text(invoice.tax, invoice.currency) if rates else None,
        tax_code_id=facts.codes.get(rates[0]) if facts.is_american and len(rates) == 1 else None,
        untaxed=not facts.is_american and not rates,
    )


def note_of(invoice: Invoice) -> str:
    """The private note by which an invoice of ours is known again in QuickBooks."""
    return f"Roster {invoice.id}"


def _lines(invoice: Invoice, line: Line, facts: Facts) -> list[OutLine]:
    """The line, and what is taken off it as one of its own, taxed alike.

    QuickBooks' own discount is of the whole invoice: taken from lines of several rates it would
    move tax from one to the other.
    """
    item = facts.items.get(line.item_id or "", facts.service_id or "")
    code = _code(invoice, line, facts)
    places = exponent(invoice.currency)
    out = [
        OutLine(
            description=line.description,
            amount=amount_text(line.amount, invoice.currency),
            item_id=item,
            quantity=line.quantity,
            unit_price=decimal_text(line.unit_price, places),
            tax_code=code,
        )
    ]
    if line.discount:
        off = OutLine(
            description=f"Discount {line.discount_percent} %",
            amount=amount_text(-line.discount, invoice.currency),
            item_id=facts.service_id or "",
            tax_code=code,
        )
        out.append(off)
    return out


def _code(invoice: Invoice, line: Line, facts: Facts) -> str | None:
    if not facts.is_american:
        if not facts.company.uses_sales_tax:
            return None
        return facts.codes.get(line.tax_rate_id or "", facts.no_tax_code)
    if invoice.taxes:
        return _TAXED if line.tax_rate_id and Decimal(line.tax_percent) else _UNTAXED
    # We have said nothing of tax: QuickBooks' own applies to what may be taxed (S4.106).
    if not facts.company.uses_sales_tax:
        return None
    return _UNTAXED if line.item_id in facts.untaxable else _TAXED


def as_kept(theirs: TheirInvoice, currency: str, content: str) -> InQuickBooks:
    """What of QuickBooks' invoice ours remembers."""
    return InQuickBooks(
        id=theirs.id,
        number=theirs.number,
        tax=minor_units(theirs.tax, currency),
        total=minor_units(theirs.total, currency),
        balance=minor_units(theirs.balance, currency),
        content=content,
        voided=theirs.voided or theirs.deleted,
    )


def differences(invoice: Invoice, there: InQuickBooks) -> list[str]:
    """In what amounts the two differ, in words; none where they agree."""
    pairs = (("tax", invoice.tax, there.tax), ("total", invoice.total, there.total))
    if there.voided:
        return []
    return [
        f"{name} is {amount_text(ours, invoice.currency)} here and"
        f" {amount_text(theirs, invoice.currency)} in QuickBooks"
        for name, ours, theirs in pairs
        if ours != theirs
    ]


def is_ours(theirs: TheirInvoice, invoice: Invoice, *, sent_to: str | None = None) -> bool:
    """Whether an invoice in QuickBooks is this one, sent before without our hearing of it.

    A person may have changed the note by which it is known: where it is certain that it was sent
    to the customer `sent_to`, our number at that customer tells as well.
    """
    if theirs.deleted:
        return False
    numbered = sent_to is not None and theirs.customer_id == sent_to
    return theirs.note == note_of(invoice) or (numbered and theirs.number == invoice.number)
