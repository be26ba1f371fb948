"""Payments: recorded against invoices or as credit, applied, reversed."""

from datetime import date as day
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.records_api.payment_schemas import (
    AllocationsIn,
    PaymentIn,
    PaymentOfCustomer,
    PaymentOut,
    PaymentPage,
    PaymentPatch,
    PaymentRow,
    PaymentsPage,
    ReverseIn,
)
from functions.records_api.record_schemas import CustomerRef
from functions.records_api.refusing import not_deletable
from roster.bootstrap import records, sales
from roster.domain.payment import Payment, PaymentStatus
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import payments as usecases
from roster.usecases import record_keeping as keeping
from roster.usecases.payments import Wanted
from roster.usecases.record_keeping import Call

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/payments"
_ONE = f"{_ALL}/<payment_id>"

_From = Annotated[day | None, Query(alias="from")]
_To = Annotated[day | None, Query(alias="to")]


def _call(customer_id: str) -> Call[Payment]:
    return records.call(caller(router), customer_id, sales.payments())


def _shown(
    payment: Payment, status: HTTPStatus = HTTPStatus.OK, **headers: str
) -> Response[PaymentOut]:
    return conditional.tagged(PaymentOut.shown(payment), payment.version, status, **headers)


@router.get(_ALL, middlewares=VIEWER, tags=["payments"])
def list_payments_of_customer(
    customer_id: str,
    status: Annotated[PaymentStatus | None, Query()] = None,
    since: _From = None,
    until: _To = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> PaymentPage:
    """The customer's payments, newest first."""
    scope = ("payments", customer_id, status, since, until)
    page = usecases.payments_of_customer(
        _call(customer_id),
        Wanted(status=status, since=since, until=until),
        limit=limit,
        after=cursors.decode(cursor, *scope),
    )
    return PaymentPage(
        data=[PaymentRow.shown(payment) for payment in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get("/v1/payments", middlewares=VIEWER, tags=["payments"])
def list_payments(
    customer_id: Annotated[str | None, Query()] = None,
    status: Annotated[PaymentStatus | None, Query()] = None,
    since: _From = None,
    until: _To = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> PaymentsPage:
    """The payments of all customers by date, newest first; a page may be short and still go on."""
    scope = ("all_payments", customer_id, status, since, until)
    page = usecases.list_payments(
        _call(customer_id or ""),
        Wanted(status=status, since=since, until=until),
        limit=limit,
        after=cursors.decode(cursor, *scope),
    )
    return PaymentsPage(
        data=[
            PaymentOfCustomer.shown(listed.record, customer=CustomerRef.of(listed.customer))
            for listed in page.items
        ],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["payments"], status_code=201)
def record_payment(customer_id: str, body: PaymentIn) -> Response[PaymentOut]:
    """Record a payment against an invoice, several, or none.

    What its invoices are not open for stays as unapplied credit, and `tips` say so.
    """
    call = _call(customer_id)
    key = idempotency.of_request(router, call.tenant)
    payment = usecases.record_payment(call, body.values(), till=sales.till(), request_key=key)
    path = f"/v1/customers/{payment.customer_id}/payments/{payment.id}"
    return _shown(payment, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["payments"])
def read_payment(customer_id: str, payment_id: str) -> Response[PaymentOut]:
    """Read a payment; 304 when If-None-Match holds its version."""
    payment = keeping.read(_call(customer_id), payment_id)
    conditional.unless_known(router, payment.version)
    return _shown(payment)


@router.patch(_ONE, middlewares=OFFICE, tags=["payments"])
def edit_payment(customer_id: str, payment_id: str, body: PaymentPatch) -> Response[PaymentOut]:
    """Change method, reference or notes. Needs If-Match."""
    version = conditional.if_match(router)
    call = _call(customer_id)
    return _shown(usecases.edit_payment(call, payment_id, body.values(), if_version=version))


@router.delete(_ONE, middlewares=OFFICE, tags=["payments"])
def refuse_to_delete_payment(customer_id: str, payment_id: str) -> Response[str]:
    """Not allowed: a payment is reversed, never deleted."""
    del customer_id, payment_id
    return not_deletable(router, "a payment is never deleted: reverse it")


@router.post(f"{_ONE}/apply", middlewares=OFFICE, tags=["payments"])
def apply_payment(customer_id: str, payment_id: str, body: AllocationsIn) -> Response[PaymentOut]:
    """Use unapplied credit of a payment for invoices."""
    call = _call(customer_id)
    return _shown(usecases.apply_payment(call, payment_id, body.values(), till=sales.till()))


@router.post(f"{_ONE}/reverse", middlewares=OFFICE, tags=["payments"])
def reverse_payment(
    customer_id: str, payment_id: str, body: Annotated[ReverseIn | None, Body()] = None
) -> Response[PaymentOut]:
    """Take a payment back: its invoices are open again, its credit is gone."""
    reason = body.reason if body else None
    call = _call(customer_id)
    return _shown(usecases.reverse_payment(call, payment_id, reason=reason, till=sales.till()))
