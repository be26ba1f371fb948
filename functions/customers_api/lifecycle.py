"""Deactivate, activate and delete a customer; archive and unarchive are the same two verbs."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.customers_api.record import answer
from functions.customers_api.schemas import Confirmed
from roster import bootstrap
from roster.bootstrap import quickbooks, records
from roster.domain.customer import Customer
from roster.runtime import conditional
from roster.runtime.callers import OFFICE, caller
from roster.runtime.wire.customer import CustomerOut
from roster.usecases import customers as usecases
from roster.usecases import deleting

router = APIGatewayHttpRouter()


def _change(
    change: Callable[..., Customer], customer_id: str, body: Confirmed
) -> Response[CustomerOut]:
    who = caller(router)
    customer = change(
        who.tenant,
        customer_id,
        if_version=conditional.if_match(router),
        actor=who.actor,
        customers=bootstrap.customers(),
        clock=bootstrap.clock,
        reason=body.reason,
    )
    return answer(customer)


@router.post("/v1/customers/<customer_id>/deactivate", middlewares=OFFICE, tags=["customers"])
def deactivate_customer(customer_id: str, body: Confirmed) -> Response[CustomerOut]:
    """Make a customer inactive: it leaves the active list and can still be opened and edited."""
    return _change(usecases.deactivate_customer, customer_id, body)


@router.post("/v1/customers/<customer_id>/archive", middlewares=OFFICE, tags=["customers"])
def archive_customer(customer_id: str, body: Confirmed) -> Response[CustomerOut]:
    """The same as deactivate."""
    return _change(usecases.deactivate_customer, customer_id, body)


@router.post("/v1/customers/<customer_id>/activate", middlewares=OFFICE, tags=["customers"])
def activate_customer(customer_id: str, body: Confirmed) -> Response[CustomerOut]:
    """Make an inactive customer active again, with its data intact."""
    return _change(usecases.activate_customer, customer_id, body)


@router.post("/v1/customers/<customer_id>/unarchive", middlewares=OFFICE, tags=["customers"])
def unarchive_customer(customer_id: str, body: Confirmed) -> Response[CustomerOut]:
    """The same as activate."""
    return _change(usecases.activate_customer, customer_id, body)


@router.delete(
    "/v1/customers/<customer_id>", middlewares=OFFICE, tags=["customers"], status_code=204
)
def delete_customer(
    customer_id: str,
    confirm: Annotated[Literal["true"], Query()],
    confirm_open_work: Annotated[Literal["true", "false"], Query()] = "false",
) -> Response[Any]:
    """Delete an inactive customer. This cannot be undone; `confirm=true` says you know.

    With open invoices, unapplied payments, jobs or other open work it is 409 `open_work`, which
    counts them, unless `confirm_open_work=true`. Its money stays readable under `/archive`.
    """
    _ = confirm
    who = caller(router)
    deleting.delete_customer(
        who.tenant,
        customer_id,
        if_version=conditional.if_match(router),
        leaves_open_work=confirm_open_work == "true",
        actor=who.actor,
        customers=bootstrap.customers(),
        work=records.open_work(),
        tell_sync=quickbooks.tell_of_deletion,
        clock=bootstrap.clock,
    )
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
