"""What quotes and invoices have in common: whom they are for, and lines that have been priced."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from roster.domain.customer_fields import check_fields, check_together
from roster.domain.customer_values import PERCENT_RULE, gstin, pan, percent
from roster.domain.errors import FieldError
from roster.domain.location import Address, check_part
from roster.domain.pricing import Line, Priced, RateTax
from roster.domain.record import Record
from roster.domain.text import has_control_characters, is_invisible

# Characters at most; notes may have line breaks.
_LIMITS = {"customer_name": 255, "reference": 100, "notes": 2000}
_MAX_PART = 255
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
# What a customer lends to a new document, and the document keeps when the customer changes.
FROM_THE_CUSTOMER = ("email", "phone", "gstin", "pan", "tax_rate_id", "payment_term_id")
_REQUIRED = ("date", "customer_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesDocument(Record):
    """A quote or an invoice; amounts in minor units of `currency`.

    Name, address and tax numbers are as they were when the document was written. `seller_gstin`
    is the company's own, by which the taxes are split.
    """

    number: str
    date: date
    currency: str
    customer_name: str
    email: str | None = None
    phone: str | None = None
    billing_address: Address | None = None
    gstin: str | None = None
    pan: str | None = None
    seller_gstin: str | None = None
    tax_rate_id: str | None = None
    discount_percent: str = "0"
    payment_term_id: str | None = None
    payment_term_name: str | None = None
    due_days: int | None = None
    reference: str | None = None
    notes: str | None = None
    lines: tuple[Line, ...] = ()
    taxes: tuple[RateTax, ...] = ()
    subtotal: int = 0
    discount: int = 0
    tax: int = 0
    total: int = 0

    @property
    def sorted_by(self) -> str:
        """The date."""
        return f"{self.date}"


# What rows of lists do without.
NOT_IN_ROWS = (
    *("email", "phone", "billing_address", "gstin", "pan", "seller_gstin", "reference", "notes"),
    *("tax_rate_id", "discount_percent", "payment_term_id", "payment_term_name", "due_days"),
    *("lines", "taxes"),
)


def with_prices[D: SalesDocument](document: D, priced: Priced) -> D:
    """The document with these lines and what they come to."""
    return replace(
        document,
        currency=priced.currency,
        lines=priced.lines,
        taxes=priced.taxes,
        subtotal=priced.subtotal,
        discount=priced.discount,
        tax=priced.tax,
        total=priced.total,
    )


def detail_errors(document: SalesDocument, values: Mapping[str, Any]) -> list[FieldError]:
    """Every rule that new details of a document break, its lines and choices apart."""
    errors = [
        FieldError(f"/{name}", "required", f"{name} cannot be empty")
        for name in _REQUIRED
        if name in values and not values[name]
    ]
    if (day := values.get("date")) and not FIRST_DAY <= day <= LAST_DAY:
        errors.append(FieldError("/date", "range", f"from {FIRST_DAY} to {LAST_DAY}"))
    for name, limit in _LIMITS.items():
        text = values.get(name)
        if text and (len(text) > limit or has_control_characters(text) or is_invisible(text)):
            detail = f"at most {limit} characters, something of which can be seen"
            errors.append(FieldError(f"/{name}", "text", detail))
    shared = {name: values.get(name) or None for name in ("email", "phone", "gstin", "pan")}
    numbers = {name: values.get(name, getattr(document, name)) for name in ("gstin", "pan")}
    errors += [*check_fields(shared), *check_together(numbers)]
    for part, text in (values.get("billing_address") or {}).items():
        if text and len(text) > _MAX_PART:
            where = f"/billing_address/{part}"
            errors.append(FieldError(where, "too_long", f"at most {_MAX_PART} characters"))
        for error in check_part(part, text or ""):
            errors.append(replace(error, pointer=f"/billing_address{error.pointer}"))
    off = values.get("discount_percent")
    if off is not None and percent(off) is None:
        errors.append(FieldError("/discount_percent", "percent", PERCENT_RULE))
    if values.get("currency") not in (None, document.currency):
        detail = f"amounts are in {document.currency}"
        errors.append(FieldError("/currency", "currency", detail))
    return errors


def kept_details(values: Mapping[str, Any]) -> dict[str, Any]:
    """Details that broke no rule, as a document keeps them: one spelling, None for empty."""
    kept = {name: value or None for name, value in values.items()}
    for name, spelling in (("gstin", gstin), ("pan", pan)):
        if given := kept.get(name):
            kept[name] = spelling(given)
    if "discount_percent" in values:
        kept["discount_percent"] = percent(values["discount_percent"] or "0") or "0"
    kept.pop("currency", None)
    return kept
