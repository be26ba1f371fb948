"""What quotes and invoices have in common on the wire."""

from datetime import date as day
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from functions.records_api.record_schemas import RecordIn, RecordOut
from roster.domain.gst import Levy


# The rules of lines are the domain's, which names every bad field of every line at once.
def _one_of(*types: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": name} for name in (*types, "null")]})


_Text = Annotated[Any, _one_of("string")]
_Decimal = Annotated[Any, _one_of("string", "number")]
_Whole = Annotated[Any, _one_of("integer")]


class SalesLineIn(BaseModel):
    """A line: `quantity` a decimal as text or number, `unit_price` in minor units.

    Without `tax_rate_id` or `discount_percent` (0 to 100) it follows the document; null is none.
    With `item_id` description, price and tax are the item's where the line does not say them.
    """

    model_config = ConfigDict(extra="forbid")

    description: _Text = None
    quantity: _Decimal = None
    unit_price: _Whole = None
    item_id: _Text = None
    tax_rate_id: _Text = None
    discount_percent: _Decimal = None


class BillingAddressIn(BaseModel):
    """The address a quote or invoice is for."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None


class SalesIn(RecordIn):
    """What may be said of a quote or an invoice; the rest comes from the customer.

    `currency` is the company's and is read only to refuse another.
    """

    date: day | None = None
    currency: str | None = None
    customer_name: str | None = None
    email: str | None = None
    phone: str | None = None
    billing_address: BillingAddressIn | None = None
    gstin: str | None = None
    pan: str | None = None
    tax_rate_id: str | None = None
    discount_percent: _Decimal = None
    payment_term_id: str | None = None
    reference: str | None = None
    notes: str | None = None
    lines: list[SalesLineIn] | None = None


class _FromRecord(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SalesLineOut(_FromRecord):
    """A priced line in minor units; `net` is `amount` less `discount`, `total` is with `tax`."""

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
    total: int


class TaxPartOut(_FromRecord):
    """A part of a tax: CGST and SGST (or UTGST) within a state, IGST between two."""

    name: Levy
    percent: str
    tax: int


class TaxByRateOut(_FromRecord):
    """The tax of all lines with one rate, in minor units; `parts` where GST is split."""

    tax_rate_id: str
    name: str
    percent: str
    taxable: int
    tax: int
    parts: list[TaxPartOut]


class BillingAddressOut(_FromRecord):
    """The address a quote or invoice is for."""

    street: str | None
    unit: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None


class SalesOut(RecordOut):
    """A quote or an invoice; amounts in minor units of `currency`.

    `subtotal` is before `discount`; `total` is `subtotal` less `discount`, with `tax`.
    """

    number: str
    date: day
    currency: str
    customer_name: str
    email: str | None
    phone: str | None
    billing_address: BillingAddressOut | None
    gstin: str | None
    pan: str | None
    seller_gstin: str | None
    tax_rate_id: str | None
    discount_percent: str
    payment_term_id: str | None
    payment_term_name: str | None
    due_days: int | None
    reference: str | None
    notes: str | None
    lines: list[SalesLineOut]
    taxes: Annotated[list[TaxByRateOut], Field(description="Add up to `tax`.")]
    subtotal: int
    discount: int
    tax: int
    total: int
