"""What a quote or invoice comes to: lines, discounts, tax by rate and totals that add up.

Each line is rounded by itself and everything above it is a sum of lines, so that no total can
differ from what it is the total of:

    line      amount = quantity × unit_price, discount = amount × percent, net = amount − discount,
              tax = net × rate, total = net + tax
    document  subtotal = Σ amount, discount = Σ discount, tax = Σ line tax = Σ tax of rates,
              total = subtotal − discount + tax = Σ line total
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roster.domain.customer_values import PERCENT_RULE, percent
from roster.domain.errors import FieldError, Invalid
from roster.domain.gst import Levy, Split, split_for
from roster.domain.item import Item
from roster.domain.money import MAX_AMOUNT, decimal_text, is_currency, rounded, scaled
from roster.domain.text import has_control_characters, is_invisible

MAX_LINES, MAX_DESCRIPTION, MAX_ITEM_ID = 200, 1000, 50
# All descriptions together in UTF-8, so that a document and its history stay far below 400 KB.
MAX_DESCRIPTIONS_BYTES = 100_000
QUANTITY_PLACES, MAX_QUANTITY = 6, 10**9
_PERCENT_PLACES = 4
# What a line leaves to its document unless it says otherwise.
_DEFAULTED = ("tax_rate_id", "discount_percent")
_GIVEN = ("description", "quantity", "unit_price", "item_id", *_DEFAULTED)
_QUANTITY_RULE = (
    f"a number above 0, at most {MAX_QUANTITY:,}, with at most {QUANTITY_PLACES} decimals"
)
_PRICE_RULE = f"a whole number of minor units, at most {MAX_AMOUNT} either way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A tax rate as a document needs it; `percent` is decimal text from 0 to 100."""

    id: str
    name: str
    percent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One priced line; amounts in minor units, `net` is after the discount and before tax.

    A negative `unit_price` takes something off. Without a `tax_rate_id` the line is not taxed.
    `follows` names the fields that were left to the document: priced again, they follow it.
    """

    description: str
    quantity: str
    unit_price: int
    item_id: str | None
    tax_rate_id: str | None
    tax_percent: str
    discount_percent: str
    amount: int
    discount: int
    net: int
    tax: int
    follows: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """What the line adds to the document's total."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPart:
    """What a tax consists of, such as CGST at 9 percent; parts add up to the tax exactly."""

    name: Levy
    percent: str
    tax: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTax:
    """The tax of all lines with one rate; `parts` only where GST is split, as stored."""

    tax_rate_id: str
    name: str
    percent: str
    taxable: int
    tax: int
    parts: tuple[TaxPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A document's lines and what they come to, in minor units of `currency`."""

    currency: str
    lines: tuple[Line, ...]
    taxes: tuple[RateTax, ...]
    subtotal: int
    discount: int
    tax: int
    total: int


def rate_ids(lines: Iterable[Mapping[str, Any]], default_rate_id: str | None) -> set[str]:
    """The tax rates to look up before `price`: a line that names none has the default."""
    named = (line.get("tax_rate_id", default_rate_id) for line in lines)
    return {rate_id for rate_id in named if isinstance(rate_id, str)}


def price(
    lines: Sequence[Mapping[str, Any]],
    *,
    currency: str,
    rates: Mapping[str, Rate],
    default_rate_id: str | None = None,
    default_discount_percent: str = "0",
    seller_gstin: str | None = None,
    buyer_gstin: str | None = None,
) -> Priced:
    """Price `lines`, each with `description`, `quantity`, `unit_price` and perhaps `item_id`,
    `tax_rate_id`, `discount_percent`; raises Invalid naming every bad field of every line.

    An absent `tax_rate_id` or `discount_percent` is the default, null is none. No lines come to 0.
    """
    if not is_currency(currency):
        raise Invalid([FieldError("/currency", "currency", "an ISO 4217 code such as USD")])
    split = split_for(seller_gstin, buyer_gstin)
    errors = _size_errors(lines)
    if errors:
        raise Invalid(errors)
    defaults = dict(zip(_DEFAULTED, (default_rate_id, default_discount_percent), strict=True))
    priced = []
    for n, given in enumerate(lines):
        line = {**defaults, **given}
        found = _line_errors(line, rates, f"/lines/{n}")
        if not found:
            made = _priced_line(line, given, rates, split)
            found = _line_limit_errors(made, f"/lines/{n}")
            priced.append(made)
        errors += found
    if errors:
        raise Invalid(errors)
    document = _added_up(priced, currency, rates, split)
    if not 0 <= document.total <= MAX_AMOUNT or document.subtotal > MAX_AMOUNT:
        detail = f"the total is {document.total}; from 0 to {MAX_AMOUNT} minor units is possible"
        raise Invalid([FieldError("/lines", "total", detail)])
    return document


def left_to_its_item(line: Mapping[str, Any]) -> bool:
    """Whether the line leaves its description or its price to the item it names."""
    return any(line.get(name) in (None, "") for name in ("description", "unit_price"))


def line_of_item(line: Mapping[str, Any], item: Item) -> dict[str, Any]:
    """`line` with what it does not say itself taken from its item; an untaxed item is not taxed."""
    filled = dict(line)
    if filled.get("description") in (None, ""):
        filled["description"] = (item.description or item.name)[:MAX_DESCRIPTION]
    if filled.get("unit_price") in (None, ""):
        filled["unit_price"] = item.unit_price
    if "tax_rate_id" not in filled and not item.taxable:
        filled["tax_rate_id"] = None
    elif "tax_rate_id" not in filled and item.tax_rate_id:
        filled["tax_rate_id"] = item.tax_rate_id
    return filled


def _size_errors(lines: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    if len(lines) > MAX_LINES:
        return [FieldError("/lines", "too_many", f"at most {MAX_LINES} lines")]
    texts = (line.get("description") for line in lines)
    size = sum(len(text.encode(errors="replace")) for text in texts if isinstance(text, str))
    if size > MAX_DESCRIPTIONS_BYTES:
        detail = f"all descriptions together at most {MAX_DESCRIPTIONS_BYTES:,} bytes"
        return [FieldError("/lines", "too_large", detail)]
    return []


def _line_errors(
    line: Mapping[str, Any], rates: Mapping[str, Rate], pointer: str
) -> list[FieldError]:
    errors = [
        FieldError(f"{pointer}/{name}", "required", f"{name} cannot be empty")
        for name in ("description", "quantity", "unit_price")
        if line.get(name) in (None, "")
    ]
    missing = {error.pointer for error in errors}

    def check(name: str, code: str, detail: str, *, good: bool) -> None:
        where = f"{pointer}/{name}"
        if not good and where not in missing:
            errors.append(FieldError(where, code, detail))

    detail = f"text of at most {MAX_DESCRIPTION} characters, something of which can be seen"
    check("description", "text", detail, good=_is_description(line.get("description")))
    quantity = scaled(line.get("quantity"), QUANTITY_PLACES)
    fits = quantity is not None and 0 < quantity <= MAX_QUANTITY * 10**QUANTITY_PLACES
    check("quantity", "quantity", _QUANTITY_RULE, good=fits)
    unit_price = line.get("unit_price")
    whole = isinstance(unit_price, int) and not isinstance(unit_price, bool)
    check("unit_price", "amount", _PRICE_RULE, good=whole and abs(unit_price or 0) <= MAX_AMOUNT)
    item_id = line.get("item_id")
    short = isinstance(item_id, str) and 0 < len(item_id) <= MAX_ITEM_ID
    check("item_id", "text", "the id of an item", good=item_id is None or short)
    rate_id = line.get("tax_rate_id")
    known = rate_id is None or (isinstance(rate_id, str) and rate_id in rates)
    check("tax_rate_id", "unknown", "there is no such tax rate to choose", good=known)
    off = line.get("discount_percent")
    check("discount_percent", "percent", PERCENT_RULE, good=off is None or percent(off) is not None)
    return errors


def _is_description(given: object) -> bool:
    return (
        isinstance(given, str)
        and len(given) <= MAX_DESCRIPTION
        and not has_control_characters(given)
        and not is_invisible(given)
    )


def _priced_line(
    line: Mapping[str, Any], given: Mapping[str, Any], rates: Mapping[str, Rate], split: Split
) -> Line:
    quantity = scaled(line["quantity"], QUANTITY_PLACES) or 0
    rate_id, off = line["tax_rate_id"], percent(line["discount_percent"] or "0") or "0"
    rate = rates[rate_id].percent if rate_id is not None else "0"
    amount = rounded(quantity * line["unit_price"], 10**QUANTITY_PLACES)
    discount = _share(amount, off)
    net = amount - discount
    return Line(
        description=line["description"],
        quantity=decimal_text(quantity, QUANTITY_PLACES),
        unit_price=line["unit_price"],
        item_id=line.get("item_id"),
        tax_rate_id=rate_id,
        tax_percent=rate,
        discount_percent=off,
        amount=amount,
        discount=discount,
        net=net,
        tax=_tax(net, rate, split),
        follows=tuple(name for name in _DEFAULTED if name not in given),
    )


def _share(amount: int, of_percent: str, *, parts: int = 1) -> int:
    """So much percent of `amount`, divided by `parts`, rounded once."""
    percents = scaled(of_percent, _PERCENT_PLACES) or 0
    return rounded(amount * percents, 100 * 10**_PERCENT_PLACES * parts)


def _tax(net: int, rate: str, split: Split) -> int:
    """The tax of one line; where it is levied in halves, twice the rounded half.

    CGST and SGST are two taxes of half the rate each: returns in which they differ are refused, so
    there is never an odd paisa to give to one of them.
    """
    parts = len(split) or 1
    return parts * _share(net, rate, parts=parts)


def _line_limit_errors(line: Line, pointer: str) -> list[FieldError]:
    if abs(line.amount) <= MAX_AMOUNT and abs(line.total) <= MAX_AMOUNT:
        return []
    detail = f"quantity × unit_price with tax is at most {MAX_AMOUNT} minor units either way"
    return [FieldError(f"{pointer}/unit_price", "amount", detail)]


def _added_up(
    lines: Sequence[Line], currency: str, rates: Mapping[str, Rate], split: Split
) -> Priced:
    used = dict.fromkeys(line.tax_rate_id for line in lines if line.tax_rate_id is not None)
    taxes = tuple(_rate_tax(rates[rate_id], lines, split) for rate_id in used)
    return Priced(
        currency=currency,
        lines=tuple(lines),
        taxes=taxes,
        subtotal=sum(line.amount for line in lines),
        discount=sum(line.discount for line in lines),
        tax=sum(line.tax for line in lines),
        total=sum(line.total for line in lines),
    )


def _rate_tax(rate: Rate, lines: Sequence[Line], split: Split) -> RateTax:
    having = [line for line in lines if line.tax_rate_id == rate.id]
    tax = sum(line.tax for line in having)
    each = decimal_text(rounded((scaled(rate.percent, 4) or 0) * 10, len(split) or 1), 5)
    return RateTax(
        tax_rate_id=rate.id,
        name=rate.name,
        percent=rate.percent,
        taxable=sum(line.net for line in having),
        tax=tax,
        # Every line's tax is a multiple of the number of parts, so nothing is lost here.
        parts=tuple(TaxPart(name=name, percent=each, tax=tax // len(split)) for name in split),
    )


def given_line(line: Line) -> dict[str, Any]:
    """What `price` was given for the line, to price it again."""
    return {name: getattr(line, name) for name in _GIVEN if name not in line.follows}


def priced_from(stored: Mapping[str, Any]) -> Priced:
    """What `dataclasses.asdict` made of a priced document, as one again."""
    taxes = tuple(
        RateTax(
            **{
                **tax,
                "parts": tuple(
                    TaxPart(name=Levy(part["name"]), percent=part["percent"], tax=part["tax"])
                    for part in tax["parts"]
                ),
            }
        )
        for tax in stored["taxes"]
    )
    lines = tuple(Line(**{**line, "follows": tuple(line["follows"])}) for line in stored["lines"])
    return Priced(**{**stored, "lines": lines, "taxes": taxes})
