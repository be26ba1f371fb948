"""How a customer stands, and the books of one that was deleted."""

from dataclasses import asdict

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel

from functions.records_api.invoice_schemas import InvoiceOut, InvoicePage, InvoiceRow
from functions.records_api.payment_schemas import PaymentOut, PaymentPage, PaymentRow
from functions.records_api.quotes import QuoteOut, QuotePage, QuoteRow
from roster import bootstrap
from roster.bootstrap import sales
from roster.domain.errors import NotFound
from roster.runtime import cursors
from roster.runtime.callers import VIEWER, caller
from roster.usecases import erasing, standings
from roster.usecases.customers import read_customer
from roster.usecases.joining import owners

router = APIGatewayHttpRouter()
_ARCHIVE = "/v1/customers/<customer_id>/archive"


class StandingOut(BaseModel):
    """How a customer stands, in minor units of `currency`; `formula` says how it adds up.

    `project_billed` and `project_received` are those of invoices for projects.
    """

    revenue: int
    outstanding: int
    overdue: int
    unapplied_credit: int
    billed: int
    received: int
    open_invoices: int
    project_billed: int
    project_received: int
    currency: str
    formula: str


@router.get("/v1/customers/<customer_id>/standing", middlewares=VIEWER, tags=["customers"])
def read_standing(customer_id: str) -> StandingOut:
    """What the customer owes and has paid, as of this moment."""
    who = caller(router)
    customer = read_customer(who.tenant, customer_id, customers=bootstrap.customers())
    found = standings.read_standing(
        customer,
        ledger=sales.ledger(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    return StandingOut.model_validate(asdict(found))


def _archived(customer_id: str) -> tuple[str, tuple[str, ...]]:
    who = caller(router)
    gone = erasing.read_archive(who.tenant, customer_id, customers=bootstrap.customers())
    return who.tenant, owners(gone)


@router.get(f"{_ARCHIVE}/invoices", middlewares=VIEWER, tags=["customers"])
def archived_invoices(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> InvoicePage:
    """The invoices of a deleted customer, newest first."""
    tenant, ids = _archived(customer_id)
    scope = ("archived_invoices", customer_id)
    after = cursors.decode(cursor, *scope)
    page = sales.invoices().page(tenant, ids, limit=limit, after=after)
    today = bootstrap.clock().date()
    return InvoicePage(
        data=[InvoiceRow.on(invoice, today) for invoice in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(f"{_ARCHIVE}/invoices/<invoice_id>", middlewares=VIEWER, tags=["customers"])
def archived_invoice(customer_id: str, invoice_id: str) -> InvoiceOut:
    """An invoice of a deleted customer, as it was written: the books need name and address."""
    tenant, ids = _archived(customer_id)
    invoice = sales.invoices().get(tenant, ids, invoice_id)
    if invoice is None:
        raise NotFound(f"the customer had no such invoice: {invoice_id}")
    return InvoiceOut.on(invoice, bootstrap.clock().date())


@router.get(f"{_ARCHIVE}/quotes", middlewares=VIEWER, tags=["customers"])
def archived_quotes(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> QuotePage:
    """The quotes of a deleted customer, newest first."""
    tenant, ids = _archived(customer_id)
    scope = ("archived_quotes", customer_id)
    after = cursors.decode(cursor, *scope)
    page = sales.quotes().page(tenant, ids, limit=limit, after=after)
    today = bootstrap.clock().date()
    return QuotePage(
        data=[QuoteRow.of(quote, status=quote.status_on(today)) for quote in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(f"{_ARCHIVE}/quotes/<quote_id>", middlewares=VIEWER, tags=["customers"])
def archived_quote(customer_id: str, quote_id: str) -> QuoteOut:
    """A quote of a deleted customer, as it was written."""
    tenant, ids = _archived(customer_id)
    quote = sales.quotes().get(tenant, ids, quote_id)
    if quote is None:
        raise NotFound(f"the customer had no such quote: {quote_id}")
    return QuoteOut.of(quote, status=quote.status_on(bootstrap.clock().date()))


@router.get(f"{_ARCHIVE}/payments", middlewares=VIEWER, tags=["customers"])
def archived_payments(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> PaymentPage:
    """The payments of a deleted customer, newest first."""
    tenant, ids = _archived(customer_id)
    scope = ("archived_payments", customer_id)
    after = cursors.decode(cursor, *scope)
    page = sales.payments().page(tenant, ids, limit=limit, after=after)
    return PaymentPage(
        data=[PaymentRow.shown(payment) for payment in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(f"{_ARCHIVE}/payments/<payment_id>", middlewares=VIEWER, tags=["customers"])
def archived_payment(customer_id: str, payment_id: str) -> PaymentOut:
    """A payment of a deleted customer."""
    tenant, ids = _archived(customer_id)
    payment = sales.payments().get(tenant, ids, payment_id)
    if payment is None:
        raise NotFound(f"the customer had no such payment: {payment_id}")
    return PaymentOut.shown(payment)
