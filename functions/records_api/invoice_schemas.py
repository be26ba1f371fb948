"""Invoices on the wire."""

from datetime import date as day
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from functions.records_api.record_schemas import CustomerRef, RecordIn, RecordOut
from functions.records_api.sales_schemas import SalesIn, SalesOut
from roster.domain.invoice import Invoice, InvoiceStatus


class InvoiceIn(SalesIn):
    """An invoice, of which only the lines have to be said.

    `due_date` follows from the payment term unless it is given; null lets it follow again.
    """

    due_date: day | None = None
    project_id: str | None = None


class CancelIn(RecordIn):
    """Why, if it is to be kept."""

    reason: str | None = None


class NothingIn(RecordIn):
    """Nothing needs to be said."""


class InQuickBooksOut(BaseModel):
    """An invoice as QuickBooks has it; amounts in minor units of its currency.

    Where they differ from the invoice's own, the report of the run says so.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: str | None
    tax: int
    total: int
    balance: int
    voided: bool


class _OnADay(RecordOut):
    overdue: bool

    @classmethod
    def on(cls, invoice: Invoice, today: day, **more: Any) -> Self:
        """The wire form as of a day."""
        return cls.of(
            invoice,
            status=invoice.status,
            outstanding=invoice.outstanding,
            overdue=invoice.is_overdue(today),
            quickbooks_id=invoice.quickbooks_id,
            **more,
        )


class InvoiceOut(SalesOut, _OnADay):
    """An invoice; amounts in minor units of `currency`, `outstanding` is `total` less `paid`.

    `overdue`: something of it was due before today.
    """

    status: InvoiceStatus
    due_date: day
    paid: int
    outstanding: int
    approved: bool
    ready_for_sync: bool
    sent_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    quote_id: str | None
    project_id: str | None
    quickbooks_id: str | None
    quickbooks: InQuickBooksOut | None


class InvoiceRow(_OnADay):
    """An invoice as lists show it; amounts in minor units of `currency`."""

    number: str
    date: day
    status: InvoiceStatus
    due_date: day
    currency: str
    total: int
    paid: int
    outstanding: int
    approved: bool
    ready_for_sync: bool
    customer_name: str
    quote_id: str | None
    project_id: str | None


class InvoiceOfCustomer(InvoiceRow):
    """An invoice in the list across customers, and the customer it hangs on."""

    customer: CustomerRef


class InvoicePage(BaseModel):
    """A page of a customer's invoices, newest first; it may be short and still go on."""

    data: list[InvoiceRow]
    next_cursor: str | None


class InvoicesPage(BaseModel):
    """A page of invoices across customers, by date, newest first; it may be short and go on."""

    data: list[InvoiceOfCustomer]
    next_cursor: str | None
