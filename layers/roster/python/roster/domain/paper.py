"""What a quote or an invoice says on paper: words in their places, not yet drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from roster.domain.invoice import Invoice
from roster.domain.location import Address
from roster.domain.money import amount_text, exponent
from roster.domain.pricing import Line, RateTax
from roster.domain.quote import Quote, QuoteStatus
from roster.domain.sales import SalesDocument
from roster.domain.settings import TenantSettings

_SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
# Countries whose offices print on Letter; A4 everywhere else.
_LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "CR", "DO", "GT", "PA", "PR", "VE"})
_MAX_ADDRESS_LINES = 10


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of lines; `share` of the width, the rest goes to the description."""

    heading: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A line below the table; `strong` is what a reader looks for."""

    name: str
    amount: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. The first of `seller` and of `buyer` is a name; `addressed` stands above it.

    `mark` says in capitals what a reader must not miss, such as DRAFT.
    """

    title: str
    number: str
    mark: str | None
    page_format: str
    seller: tuple[str, ...]
    addressed: str
    buyer: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[Total, ...]
    texts: tuple[tuple[str, str], ...]
    written: date

    def words(self) -> list[str]:
        """Everything that is printed."""
        pairs = (*self.facts, *((total.name, total.amount) for total in self.totals), *self.texts)
        return [
            *(self.title, self.number, self.mark or "", self.addressed),
            *(*self.seller, *self.buyer),
            *(word for pair in pairs for word in pair),
            *(word for row in self.rows for word in row),
            *(column.heading for column in self.columns),
        ]


def grouped(amount: int, currency: str) -> str:
    """An amount as people write it: 1,234.50, and in rupees 1,23,456.00."""
    sign = "-" if amount < 0 else ""
    whole, point, decimals = amount_text(abs(amount), currency).partition(".")
    if currency != "INR" or len(whole) <= 3:
        return f"{sign}{int(whole):,}{point}{decimals}"
    head, tail = whole[:-3], whole[-3:]
    start = len(head) % 2
    pairs = [head[i : i + 2] for i in range(start, len(head), 2)]
    return f"{sign}{','.join([*filter(None, [head[:start]]), *pairs, tail])}{point}{decimals}"


def money(amount: int, currency: str) -> str:
    """An amount with its currency: ₹1,23,456.00, KWD 1.500."""
    symbol = _SYMBOLS.get(currency)
    sign, digits = ("-" if amount < 0 else ""), grouped(abs(amount), currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{currency} {sign}{digits}"


def quote_paper(quote: Quote, ours: TenantSettings, today: date) -> Paper:
    """A quote, as its status is `today`."""
    status = quote.status_on(today)
    until = [("Valid until", _day(quote.valid_until))] if quote.valid_until else []
    plain = status in (QuoteStatus.SENT, QuoteStatus.ACCEPTED)
    return sales_paper(
        quote,
        ours,
        title="Quote",
        addressed="For",
        mark=None if plain else str(status).upper(),
        dates=until,
    )


def invoice_paper(invoice: Invoice, ours: TenantSettings) -> Paper:
    """An invoice with what was paid of it; a tax invoice where the company has a GSTIN."""
    settled = []
    if invoice.paid:
        due = money(invoice.outstanding, invoice.currency)
        settled = [
            Total("Paid", grouped(-invoice.paid, invoice.currency)),
            Total("Amount due", due, strong=True),
        ]
    owed = invoice.outstanding and ours.payment_instructions
    return sales_paper(
        invoice,
        ours,
        title="Tax invoice" if invoice.seller_gstin else "Invoice",
        addressed="Bill to",
        mark="CANCELLED" if invoice.cancelled_at else None,
        dates=[("Due", _day(invoice.due_date))],
        settled=settled,
        texts=[("How to pay", ours.payment_instructions or "")] if owed else [],
    )


def sales_paper(
    document: SalesDocument,
    ours: TenantSettings,
    *,
    title: str,
    addressed: str,
    mark: str | None,
    dates: Sequence[tuple[str, str]],
    settled: Sequence[Total] = (),
    texts: Sequence[tuple[str, str]] = (),
) -> Paper:
    """A quote or an invoice on the letterhead of today; `settled` follows the total.

    The company's GSTIN is the one that the document was priced with.
    """
    columns, rows = _table(document)
    facts = [("Number", document.number), ("Date", _day(document.date)), *dates]
    if document.reference:
        facts.append(("Reference", document.reference))
    if document.payment_term_name:
        facts.append(("Terms", document.payment_term_name))
    facts.append(("Currency", document.currency))
    notes = [("Notes", document.notes)] if document.notes else []
    return Paper(
        title=title,
        number=document.number,
        mark=mark,
        page_format="Letter" if ours.country in _LETTER else "A4",
        seller=_seller(document, ours),
        addressed=addressed,
        buyer=_buyer(document),
        facts=tuple(facts),
        columns=columns,
        rows=rows,
        totals=(*_totals(document), *settled),
        texts=(*notes, *texts),
        written=document.updated_at.date(),
    )


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else ""


def _seller(document: SalesDocument, ours: TenantSettings) -> tuple[str, ...]:
    number = document.seller_gstin
    return _lines(
        ours.company_name,
        *(ours.company_address or "").splitlines(),
        ours.company_phone,
        ours.company_email,
        ours.company_website,
        _tax_number("GSTIN", number),
        _tax_number("PAN", ours.pan or (number[2:12] if number else None)),
    )


def _buyer(document: SalesDocument) -> tuple[str, ...]:
    return _lines(
        document.customer_name,
        *_address(document.billing_address),
        document.phone,
        document.email,
        _tax_number("GSTIN", document.gstin),
        _tax_number("PAN", document.pan),
    )


def _tax_number(name: str, number: str | None) -> str | None:
    return f"{name} {number}" if number else None


def _lines(*given: str | None) -> tuple[str, ...]:
    """What is there, each on a line; what would be too many lines of an address shares one."""
    lines = [" ".join(line.split()) for line in given if line and line.strip()]
    over = len(lines) - _MAX_ADDRESS_LINES - 1
    if over > 0:
        lines[1 : over + 2] = [", ".join(lines[1 : over + 2])]
    return tuple(lines)


def _address(address: Address | None) -> tuple[str | None, ...]:
    if address is None:
        return ()
    town = " ".join(part for part in (address.state, address.zip) if part)
    return (
        ", ".join(part for part in (address.street, address.unit) if part),
        ", ".join(part for part in (address.city, town) if part),
        address.country,
    )


def _table(document: SalesDocument) -> tuple[tuple[Column, ...], tuple[tuple[str, ...], ...]]:
    """Discount and tax have columns only where a line has them."""
    off = any(line.discount for line in document.lines)
    taxed = any(line.tax_rate_id for line in document.lines)
    wide = exponent(document.currency) > 0
    columns = [
        Column("Description"),
        Column("Quantity", 0.11),
        Column("Unit price", 0.16 if wide else 0.14),
        *([Column("Discount", 0.1)] if off else []),
        *([Column("Tax", 0.09)] if taxed else []),
        Column("Amount", 0.17),
    ]
    rows = [_row(line, document.currency, off=off, taxed=taxed) for line in document.lines]
    return tuple(columns), tuple(rows)


def _row(line: Line, currency: str, *, off: bool, taxed: bool) -> tuple[str, ...]:
    return (
        line.description,
        line.quantity,
        grouped(line.unit_price, currency),
        *([f"{line.discount_percent}%" if line.discount else ""] if off else []),
        *([f"{line.tax_percent}%" if line.tax_rate_id else ""] if taxed else []),
        grouped(line.amount, currency),
    )


def _totals(document: SalesDocument) -> list[Total]:
    currency = document.currency
    totals = []
    if document.discount or document.taxes:
        totals.append(Total("Subtotal", grouped(document.subtotal, currency)))
    if document.discount:
        totals.append(Total("Discount", grouped(-document.discount, currency)))
    for tax in document.taxes:
        totals += _tax_totals(tax, currency)
    return [*totals, Total("Total", money(document.total, currency), strong=True)]


def _tax_totals(tax: RateTax, currency: str) -> list[Total]:
    on = grouped(tax.taxable, currency)
    if not tax.parts:
        return [Total(f"{tax.name} ({tax.percent}%) on {on}", grouped(tax.tax, currency))]
    return [
        Total(f"{part.name.name} {part.percent}% on {on}", grouped(part.tax, currency))
        for part in tax.parts
    ]
