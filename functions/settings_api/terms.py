"""Tax rates and payment terms, which customers choose from; 423 where QuickBooks leads them."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.settings_api.schemas import (
    PaymentTermIn,
    PaymentTermOut,
    PaymentTermPage,
    PaymentTermPatch,
    TaxRateIn,
    TaxRateOut,
    TaxRatePage,
    TaxRatePatch,
)
from roster import bootstrap
from roster.bootstrap import quickbooks
from roster.domain.terms import Term, TermKind
from roster.runtime.callers import ADMIN, VIEWER, caller
from roster.usecases import terms as usecases

router = APIGatewayHttpRouter()
_RATE, _TERM = TermKind.TAX_RATE, TermKind.PAYMENT_TERM


class TermFilter(StrEnum):
    """Which of them a list shows."""

    ACTIVE = "active"
    ALL = "all"


def _listed(kind: TermKind, status: TermFilter) -> list[Term]:
    tenant = caller(router).tenant
    settings = bootstrap.company_settings()
    all_of_them = status is TermFilter.ALL
    return list(usecases.list_terms(tenant, kind, inactive_too=all_of_them, settings=settings))


def _defined(kind: TermKind, body: TaxRateIn | PaymentTermIn) -> Term:
    return usecases.define_term(
        caller(router).tenant,
        kind,
        body.values(),
        settings=bootstrap.company_settings(),
        policies=quickbooks.policies(),
        clock=bootstrap.clock,
    )


def _read(kind: TermKind, term_id: str) -> Term:
    settings = bootstrap.company_settings()
    return usecases.read_term(caller(router).tenant, kind, term_id, settings=settings)


def _edited(kind: TermKind, term_id: str, body: TaxRatePatch | PaymentTermPatch) -> Term:
    return usecases.edit_term(
        caller(router).tenant,
        kind,
        term_id,
        body.values(),
        settings=bootstrap.company_settings(),
        policies=quickbooks.policies(),
    )


def _deleted(kind: TermKind, term_id: str) -> Response[Any]:
    usecases.delete_term(
        caller(router).tenant,
        kind,
        term_id,
        settings=bootstrap.company_settings(),
        policies=quickbooks.policies(),
    )
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)


def _made[T: (TaxRateOut, PaymentTermOut)](body: T, path: str) -> Response[T]:
    return Response(
        status_code=int(HTTPStatus.CREATED),
        content_type="application/json",
        body=body,
        headers={"Location": f"{path}/{body.id}"},
    )


@router.get("/v1/tax-rates", middlewares=VIEWER, tags=["settings"])
def list_tax_rates(status: Annotated[TermFilter, Query()] = TermFilter.ACTIVE) -> TaxRatePage:
    """The tax rates to choose from, by name; `status=all` shows inactive ones too."""
    return TaxRatePage(data=[TaxRateOut.of(term) for term in _listed(_RATE, status)])


@router.post("/v1/tax-rates", middlewares=ADMIN, tags=["settings"], status_code=201)
def define_tax_rate(body: TaxRateIn) -> Response[TaxRateOut]:
    """Define a tax rate; for administrators."""
    return _made(TaxRateOut.of(_defined(_RATE, body)), "/v1/tax-rates")


@router.get("/v1/tax-rates/<tax_rate_id>", middlewares=VIEWER, tags=["settings"])
def read_tax_rate(tax_rate_id: str) -> TaxRateOut:
    """Read a tax rate, inactive or not."""
    return TaxRateOut.of(_read(_RATE, tax_rate_id))


@router.patch("/v1/tax-rates/<tax_rate_id>", middlewares=ADMIN, tags=["settings"])
def edit_tax_rate(tax_rate_id: str, body: TaxRatePatch) -> TaxRateOut:
    """Edit a tax rate by merge patch; for administrators."""
    return TaxRateOut.of(_edited(_RATE, tax_rate_id, body))


@router.delete("/v1/tax-rates/<tax_rate_id>", middlewares=ADMIN, tags=["settings"], status_code=204)
def delete_tax_rate(tax_rate_id: str) -> Response[Any]:
    """Delete a tax rate. One that a customer has chosen stays, as inactive."""
    return _deleted(_RATE, tax_rate_id)


@router.get("/v1/payment-terms", middlewares=VIEWER, tags=["settings"])
def list_payment_terms(
    status: Annotated[TermFilter, Query()] = TermFilter.ACTIVE,
) -> PaymentTermPage:
    """The payment terms to choose from, by name; `status=all` shows inactive ones too."""
    return PaymentTermPage(data=[PaymentTermOut.of(term) for term in _listed(_TERM, status)])


@router.post("/v1/payment-terms", middlewares=ADMIN, tags=["settings"], status_code=201)
def define_payment_term(body: PaymentTermIn) -> Response[PaymentTermOut]:
    """Define a payment term; for administrators."""
    return _made(PaymentTermOut.of(_defined(_TERM, body)), "/v1/payment-terms")


@router.get("/v1/payment-terms/<payment_term_id>", middlewares=VIEWER, tags=["settings"])
def read_payment_term(payment_term_id: str) -> PaymentTermOut:
    """Read a payment term, inactive or not."""
    return PaymentTermOut.of(_read(_TERM, payment_term_id))


@router.patch("/v1/payment-terms/<payment_term_id>", middlewares=ADMIN, tags=["settings"])
def edit_payment_term(payment_term_id: str, body: PaymentTermPatch) -> PaymentTermOut:
    """Edit a payment term by merge patch; for administrators."""
    return PaymentTermOut.of(_edited(_TERM, payment_term_id, body))


@router.delete(
    "/v1/payment-terms/<payment_term_id>", middlewares=ADMIN, tags=["settings"], status_code=204
)
def delete_payment_term(payment_term_id: str) -> Response[Any]:
    """Delete a payment term. One that a customer has chosen stays, as inactive."""
    return _deleted(_TERM, payment_term_id)
