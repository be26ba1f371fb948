"""Quotes: drafted from what is known of a customer, sent, and answered."""

from datetime import date as day
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel

from functions.records_api.invoice_schemas import InvoiceOut, NothingIn
from functions.records_api.record_schemas import CustomerRef, RecordIn, RecordOut
from functions.records_api.sales_schemas import SalesIn, SalesOut
from roster import bootstrap
from roster.bootstrap import records, sales
from roster.domain.quote import Quote, QuoteStatus
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import converting
from roster.usecases import quotes as usecases
from roster.usecases import record_keeping as keeping
from roster.usecases.record_keeping import Call, Listed

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/quotes"
_ONE = f"{_ALL}/<quote_id>"

_From = Annotated[day | None, Query(alias="from")]
_To = Annotated[day | None, Query(alias="to")]


class QuoteIn(SalesIn):
    """A quote, of which only the lines have to be said, and these may follow later.

    `valid_until` is 30 days after `date` unless told otherwise; null never expires.
    """

    valid_until: day | None = None


class QuoteOut(SalesOut):
    """A quote; `status` is as of today: a sent one expires by itself after `valid_until`."""

    status: QuoteStatus
    valid_until: day | None
    sent_at: datetime | None
    decided_at: datetime | None
    reason: str | None
    invoice_id: str | None


class QuoteRow(RecordOut):
    """A quote as lists show it; `total` in minor units of `currency`."""

    number: str
    date: day
    status: QuoteStatus
    currency: str
    total: int
    customer_name: str
    valid_until: day | None
    invoice_id: str | None


class QuoteRowOfCustomer(QuoteRow):
    """A quote in the list across customers, and the customer it hangs on."""

    customer: CustomerRef


class QuotePage(BaseModel):
    """A page of a customer's quotes, newest first; it may be short and still go on."""

    data: list[QuoteRow]
    next_cursor: str | None


class QuotesPage(BaseModel):
    """A page of quotes across customers, by date, newest first; it may be short and go on."""

    data: list[QuoteRowOfCustomer]
    next_cursor: str | None


class SendQuoteIn(RecordIn):
    """`valid_until` extends the quote while it is sent."""

    valid_until: day | None = None


class RejectQuoteIn(RecordIn):
    """Why, if it is known."""

    reason: str | None = None


def _call(customer_id: str) -> Call[Quote]:
    return records.call(caller(router), customer_id, sales.quotes())


def _shown(quote: Quote, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response[QuoteOut]:
    today = bootstrap.clock().date()
    body = QuoteOut.of(quote, status=quote.status_on(today))
    return conditional.tagged(body, quote.version, status, **headers)


@router.get(_ALL, middlewares=VIEWER, tags=["quotes"])
def list_quotes_of_customer(
    customer_id: str,
    status: Annotated[QuoteStatus | None, Query()] = None,
    since: _From = None,
    until: _To = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> QuotePage:
    """The customer's quotes, newest first."""
    scope = ("quotes", customer_id, status, since, until)
    page = usecases.quotes_of_customer(
        _call(customer_id),
        status=status,
        since=since,
        until=until,
        limit=limit,
        after=cursors.decode(cursor, *scope),
    )
    today = bootstrap.clock().date()
    return QuotePage(
        data=[QuoteRow.of(quote, status=quote.status_on(today)) for quote in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get("/v1/quotes", middlewares=VIEWER, tags=["quotes"])
def list_quotes(
    customer_id: Annotated[str | None, Query()] = None,
    status: Annotated[QuoteStatus | None, Query()] = None,
    since: _From = None,
    until: _To = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> QuotesPage:
    """The quotes of all customers by date, newest first; of one, as they were drafted."""
    scope = ("all_quotes", customer_id, status, since, until)
    page = usecases.list_quotes(
        _call(customer_id or ""),
        status=status,
        since=since,
        until=until,
        limit=limit,
        after=cursors.decode(cursor, *scope),
    )
    return QuotesPage(
        data=[_row(listed) for listed in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


def _row(listed: Listed[Quote]) -> QuoteRowOfCustomer:
    status = listed.record.status_on(bootstrap.clock().date())
    customer = CustomerRef.of(listed.customer)
    return QuoteRowOfCustomer.of(listed.record, status=status, customer=customer)


@router.post(_ALL, middlewares=OFFICE, tags=["quotes"], status_code=201)
def draft_quote(customer_id: str, body: QuoteIn) -> Response[QuoteOut]:
    """Draft a quote; what is left out comes from the customer."""
    call = _call(customer_id)
    key = idempotency.of_request(router, call.tenant)
    quote = usecases.draft_quote(call, body.values(), books=sales.books(), request_key=key)
    path = f"/v1/customers/{quote.customer_id}/quotes/{quote.id}"
    return _shown(quote, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["quotes"])
def read_quote(customer_id: str, quote_id: str) -> Response[QuoteOut]:
    """Read a quote."""
    return _shown(keeping.read(_call(customer_id), quote_id))


@router.patch(_ONE, middlewares=OFFICE, tags=["quotes"])
def edit_quote(customer_id: str, quote_id: str, body: QuoteIn) -> Response[QuoteOut]:
    """Edit a draft by merge patch; `lines` are replaced as a whole. Needs If-Match."""
    version = conditional.if_match(router)
    quote = usecases.edit_quote(
        _call(customer_id), quote_id, body.values(), if_version=version, books=sales.books()
    )
    return _shown(quote)


@router.delete(_ONE, middlewares=OFFICE, tags=["quotes"], status_code=204)
def delete_quote(customer_id: str, quote_id: str) -> Response[Any]:
    """Delete a draft; its number is not given again. Needs If-Match."""
    version = conditional.if_match(router)
    usecases.delete_quote(_call(customer_id), quote_id, if_version=version)
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)


@router.post(f"{_ONE}/send", middlewares=OFFICE, tags=["quotes"])
def send_quote(
    customer_id: str, quote_id: str, body: Annotated[SendQuoteIn | None, Body()] = None
) -> Response[QuoteOut]:
    """Mark a quote as sent; one that is sent or expired may be sent again for longer."""
    until = body.valid_until if body else None
    return _shown(usecases.send_quote(_call(customer_id), quote_id, valid_until=until))


@router.post(f"{_ONE}/accept", middlewares=OFFICE, tags=["quotes"])
def accept_quote(
    customer_id: str, quote_id: str, body: Annotated[NothingIn | None, Body()] = None
) -> Response[QuoteOut]:
    """Note that the customer accepts a sent quote."""
    del body
    return _shown(usecases.answer_quote(_call(customer_id), quote_id, QuoteStatus.ACCEPTED))


@router.post(f"{_ONE}/reject", middlewares=OFFICE, tags=["quotes"])
def reject_quote(
    customer_id: str, quote_id: str, body: Annotated[RejectQuoteIn | None, Body()] = None
) -> Response[QuoteOut]:
    """Note that the customer rejects a sent quote."""
    reason = body.reason if body else None
    return _shown(
        usecases.answer_quote(_call(customer_id), quote_id, QuoteStatus.REJECTED, reason=reason)
    )


@router.post(f"{_ONE}/convert", middlewares=OFFICE, tags=["quotes"], status_code=201)
def convert_quote(
    customer_id: str, quote_id: str, body: Annotated[NothingIn | None, Body()] = None
) -> Response[InvoiceOut]:
    """Make the invoice of an accepted quote, at its prices; asked again, answer the same one."""
    del body
    invoice, is_new = converting.convert_quote(
        _call(customer_id),
        quote_id,
        invoices=sales.invoices(),
        books=sales.books(),
        ledger=sales.ledger(),
    )
    return conditional.tagged(
        InvoiceOut.on(invoice, bootstrap.clock().date()),
        invoice.version,
        HTTPStatus.CREATED if is_new else HTTPStatus.OK,
        Location=f"/v1/customers/{invoice.customer_id}/invoices/{invoice.id}",
    )
