"""Create, read and edit one customer."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.customers_api import new_customers
from functions.customers_api.moments import moment
from functions.customers_api.schemas import CustomerIn, CustomerPatch
from roster import bootstrap
from roster.bootstrap import quickbooks
from roster.domain.customer import Customer
from roster.domain.errors import FieldError
from roster.domain.sync.by_hand import already_there
from roster.runtime import conditional, idempotency, observability
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.runtime.wire.customer import CustomerOut
from roster.usecases import customer_fields, history
from roster.usecases import customers as usecases

router = APIGatewayHttpRouter()


def answer(
    customer: Customer, status: HTTPStatus = HTTPStatus.OK, **headers: str
) -> Response[CustomerOut]:
    """A customer with its version as ETag."""
    shown = customer_fields.with_billing(customer, customers=bootstrap.customers())
    return _answer(CustomerOut.of(shown), customer, status, **headers)


def _saved(
    customer: Customer, status: HTTPStatus, also: Sequence[str] = (), **headers: str
) -> Response[CustomerOut]:
    """The answer to a save: the customer, and tips where there are any."""
    shown = customer_fields.with_billing(customer, customers=bootstrap.customers())
    ours = bootstrap.company_settings().get(customer.tenant)
    tips = [*customer_fields.tips(customer, ours), *also]
    body = CustomerOut.of(shown).model_copy(update={"tips": tips})
    return _answer(body, customer, status, **headers)


def _answer(
    body: CustomerOut, customer: Customer, status: HTTPStatus, **headers: str
) -> Response[CustomerOut]:
    return conditional.tagged(body, customer.version, status, **headers)


def also_wrong(found: Sequence[Mapping[str, Any]]) -> Iterable[FieldError]:
    """What else is wrong with the body of a create, after what its schema says is."""
    event = router.current_event
    if (event.http_method, event.raw_path) != ("POST", "/v1/customers") or not event.body:
        return ()
    return new_customers.also_wrong(caller(router), event.json_body, found)


@router.post("/v1/customers", middlewares=OFFICE, tags=["customers"], status_code=201)
def create_customer(body: CustomerIn) -> Response[CustomerOut]:
    """Create a customer.

    A name is enough and the number comes by itself, unless the company's settings require more:
    `required_fields` of `GET /v1/settings` says what. One of the `tips` names who has the name in
    the QuickBooks company that is synced.
    """
    who = caller(router)
    customer = usecases.create_customer(
        who.tenant,
        body.values(),
        actor=who.actor,
        customers=bootstrap.customers(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
        request_key=_request_key(who.tenant),
    )
    observability.count("CustomersCreated", source=customer.source)
    name = customer.display_name
    tips = [already_there(name, one) for one in quickbooks.namesakes(who.tenant, name)]
    return _saved(customer, HTTPStatus.CREATED, tips, Location=f"/v1/customers/{customer.id}")


def _request_key(tenant: str) -> str | None:
    key = router.current_event.headers.get("idempotency-key")
    return idempotency.request_key(tenant, "POST /v1/customers", key) if key else None


@router.get("/v1/customers/<customer_id>", middlewares=VIEWER, tags=["customers"])
def read_customer(
    customer_id: str, as_of: Annotated[str | None, Query(max_length=40)] = None
) -> Response[CustomerOut]:
    """Read a customer; 304 when If-None-Match holds its version.

    `as_of` is a time (RFC 3339) or a date, which means its end in UTC: the customer as it was then.
    """
    who = caller(router)
    if as_of is not None:
        # Without an ETag: what was is nothing that If-Match could be about.
        then = history.customer_at(
            who.tenant,
            customer_id,
            moment(as_of, "as_of"),
            customers=bootstrap.customers(),
            settings=bootstrap.company_settings(),
        )
        return Response(status_code=200, content_type="application/json", body=CustomerOut.of(then))
    customer = usecases.read_customer(who.tenant, customer_id, customers=bootstrap.customers())
    # A linked billing address moves with the location, and the version does not.
    if not customer.billing_same_as_service:
        conditional.unless_known(router, customer.version)
    return answer(customer)


@router.patch("/v1/customers/<customer_id>", middlewares=OFFICE, tags=["customers"])
def edit_customer(customer_id: str, body: CustomerPatch) -> Response[CustomerOut]:
    """Edit a customer by merge patch. Needs If-Match."""
    who = caller(router)
    customer = usecases.edit_customer(
        who.tenant,
        customer_id,
        body.values(),
        if_version=conditional.if_match(router),
        actor=who.actor,
        customers=bootstrap.customers(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    return _saved(customer, HTTPStatus.OK)
