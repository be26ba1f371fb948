"""Payments on the wire."""

from datetime import date as day
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from functions.records_api.record_schemas import CustomerRef, RecordIn, RecordOut
from roster.domain.payment import Payment, PaymentStatus, tips

# The rules of amounts are the domain's, which names every bad field at once.
_Amount = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "null"}]})]
_MAX_ID = 100


class AllocationIn(BaseModel):
    """So much of a payment, in minor units, for one invoice."""

    model_config = ConfigDict(extra="forbid")

    invoice_id: Annotated[str, Field(max_length=_MAX_ID)]
    amount: _Amount = None


class AllocationsIn(RecordIn):
    """What a payment is for: one invoice as far as it goes, or several with their amounts."""

    invoice_id: Annotated[str | None, Field(max_length=_MAX_ID)] = None
    allocations: list[AllocationIn] | None = None


class PaymentPatch(RecordIn):
    """What may be changed of a payment; its money is reversed, never edited."""

    method: str | None = None
    reference: str | None = None
    notes: str | None = None


class PaymentIn(AllocationsIn, PaymentPatch):
    """A payment of `amount` minor units in the company's `currency`, today unless `date` says so.

    With neither `invoice_id` nor `allocations` it is a general receipt: credit to apply later.
    """

    amount: _Amount = None
    currency: str | None = None
    date: day | None = None


class ReverseIn(RecordIn):
    """Why, if it is to be kept."""

    reason: str | None = None


class AllocationOut(BaseModel):
    """So much of a payment for one invoice, which lies with the customer of `customer_id`."""

    model_config = ConfigDict(from_attributes=True)

    invoice_id: str
    customer_id: str
    number: str
    amount: int


class PaymentRow(RecordOut):
    """A payment as lists show it; amounts in minor units of `currency`.

    `unapplied` is credit. A reversed payment shows what it was allocated to before.
    """

    date: day
    status: PaymentStatus
    amount: int
    currency: str
    unapplied: int
    method: str | None
    reference: str | None
    allocations: list[AllocationOut]
    reversed_at: datetime | None

    @classmethod
    def shown(cls, payment: Payment, **more: Any) -> Self:
        """The wire form."""
        return cls.of(payment, status=payment.status, unapplied=payment.unapplied, **more)


class PaymentOut(PaymentRow):
    """A payment; `tips` say what became of the part that no invoice was open for."""

    notes: str | None
    reverse_reason: str | None
    tips: list[str]

    @classmethod
    def shown(cls, payment: Payment, **more: Any) -> Self:
        """The wire form."""
        return super().shown(payment, tips=tips(payment), **more)


class PaymentOfCustomer(PaymentRow):
    """A payment in the list across customers, and the customer it hangs on."""

    customer: CustomerRef


class PaymentPage(BaseModel):
    """A page of a customer's payments, newest first; it may be short and still go on."""

    data: list[PaymentRow]
    next_cursor: str | None


class PaymentsPage(BaseModel):
    """A page of payments across customers, by date, newest first; it may be short and go on."""

    data: list[PaymentOfCustomer]
    next_cursor: str | None
