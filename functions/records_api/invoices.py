"""Invoices: written from what is known of a customer, approved, sent, cancelled."""

from datetime import date as day
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.records_api.invoice_schemas import (
    CancelIn,
    InvoiceIn,
    InvoiceOfCustomer,
    InvoiceOut,
    InvoicePage,
    InvoiceRow,
    InvoicesPage,
    NothingIn,
)
from functions.records_api.record_schemas import CustomerRef
from functions.records_api.refusing import not_deletable
from roster import bootstrap
from roster.bootstrap import records, sales
from roster.domain.invoice import Invoice, InvoiceStatus
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import invoices as usecases
from roster.usecases import record_keeping as keeping
from roster.usecases.invoices import Wanted
from roster.usecases.record_keeping import Call

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/invoices"
_ONE = f"{_ALL}/<invoice_id>"

_Nothing = Annotated[NothingIn | None, Body()]
_From = Annotated[day | None, Query(alias="from")]
_To = Annotated[day | None, Query(alias="to")]


def _call(customer_id: str) -> Call[Invoice]:
    return records.call(caller(router), customer_id, sales.invoices())


def _shown(
    invoice: Invoice, status: HTTPStatus = HTTPStatus.OK, **headers: str
) -> Response[InvoiceOut]:
    today = bootstrap.clock().date()
    return conditional.tagged(InvoiceOut.on(invoice, today), invoice.version, status, **headers)


@router.get(_ALL, middlewares=VIEWER, tags=["invoices"])
def list_invoices_of_customer(
    customer_id: str,
    status: Annotated[InvoiceStatus | None, Query()] = None,
    since: _From = None,
    until: _To = None,
    overdue: Annotated[bool, Query()] = False,  # noqa: FBT002 - a parameter of the query
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> InvoicePage:
    """The customer's invoices, newest first. `overdue`: due before today and not paid."""
    scope = ("invoices", customer_id, status, since, until, overdue)
    page = usecases.invoices_of_customer(
        _call(customer_id),
        Wanted(status=status, since=since, until=until, overdue=overdue),
        limit=limit,
        after=cursors.decode(cursor, *scope),
    )
    today = bootstrap.clock().date()
    return InvoicePage(
        data=[InvoiceRow.on(invoice, today) for invoice in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get("/v1/invoices", middlewares=VIEWER, tags=["invoices"])
def list_invoices(
    customer_id: Annotated[str | None, Query()] = None,
    status: Annotated[InvoiceStatus | None, Query()] = None,
    since: _From = None,
    until: _To = None,
    overdue: Annotated[bool, Query()] = False,  # noqa: FBT002 - a parameter of the query
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> InvoicesPage:
    """The invoices of all customers by date, newest first; a page may be short and still go on."""
    scope = ("all_invoices", customer_id, status, since, until, overdue)
    page = usecases.list_invoices(
        _call(customer_id or ""),
        Wanted(status=status, since=since, until=until, overdue=overdue),
        limit=limit,
        after=cursors.decode(cursor, *scope),
    )
    today = bootstrap.clock().date()
    return InvoicesPage(
        data=[
            InvoiceOfCustomer.on(listed.record, today, customer=CustomerRef.of(listed.customer))
            for listed in page.items
        ],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["invoices"], status_code=201)
def create_invoice(customer_id: str, body: InvoiceIn) -> Response[InvoiceOut]:
    """Write an invoice; what is left out comes from the customer.

    It is due by the customer's payment term unless `due_date` or another term is given.
    """
    call = _call(customer_id)
    invoice = usecases.create_invoice(
        call,
        body.values(),
        books=sales.books(),
        ledger=sales.ledger(),
        request_key=idempotency.of_request(router, call.tenant),
    )
    path = f"/v1/customers/{invoice.customer_id}/invoices/{invoice.id}"
    return _shown(invoice, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["invoices"])
def read_invoice(customer_id: str, invoice_id: str) -> Response[InvoiceOut]:
    """Read an invoice. `overdue` is as of today, so a known version is sent again."""
    return _shown(keeping.read(_call(customer_id), invoice_id))


@router.patch(_ONE, middlewares=OFFICE, tags=["invoices"])
def edit_invoice(customer_id: str, invoice_id: str, body: InvoiceIn) -> Response[InvoiceOut]:
    """Edit an invoice of which nothing is paid; `lines` are replaced as a whole. Needs If-Match.

    Other prices take the approval back.
    """
    version = conditional.if_match(router)
    invoice = usecases.edit_invoice(
        _call(customer_id),
        invoice_id,
        body.values(),
        if_version=version,
        books=sales.books(),
        ledger=sales.ledger(),
    )
    return _shown(invoice)


@router.delete(_ONE, middlewares=OFFICE, tags=["invoices"])
def refuse_to_delete_invoice(customer_id: str, invoice_id: str) -> Response[str]:
    """Not allowed: an invoice is cancelled, never deleted."""
    del customer_id, invoice_id
    return not_deletable(router, "an invoice is never deleted: cancel it")


@router.post(f"{_ONE}/approve", middlewares=OFFICE, tags=["invoices"])
def approve_invoice(
    customer_id: str, invoice_id: str, body: _Nothing = None
) -> Response[InvoiceOut]:
    """Approve an invoice; twice is once."""
    del body
    return _shown(usecases.approve_invoice(_call(customer_id), invoice_id))


@router.post(f"{_ONE}/send", middlewares=OFFICE, tags=["invoices"])
def send_invoice(customer_id: str, invoice_id: str, body: _Nothing = None) -> Response[InvoiceOut]:
    """Note that an invoice was sent; the first time counts."""
    del body
    return _shown(usecases.send_invoice(_call(customer_id), invoice_id))


@router.post(f"{_ONE}/ready-for-sync", middlewares=OFFICE, tags=["invoices"])
def mark_invoice_ready(
    customer_id: str, invoice_id: str, body: _Nothing = None
) -> Response[InvoiceOut]:
    """Let the accounting system have an approved invoice."""
    del body
    return _shown(usecases.mark_invoice_ready(_call(customer_id), invoice_id))


@router.post(f"{_ONE}/cancel", middlewares=OFFICE, tags=["invoices"])
def cancel_invoice(
    customer_id: str, invoice_id: str, body: Annotated[CancelIn | None, Body()] = None
) -> Response[InvoiceOut]:
    """Cancel an invoice of which nothing is paid, for good: it counts nowhere any more."""
    reason = body.reason if body else None
    call = _call(customer_id)
    return _shown(usecases.cancel_invoice(call, invoice_id, reason=reason, ledger=sales.ledger()))
