"""Lists, search and pick-lists of customers."""

from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.customers_api.schemas import CustomerPage, CustomerRow, Option, Options
from roster import bootstrap
from roster.domain.customer import Status
from roster.runtime import cursors
from roster.runtime.callers import VIEWER, caller
from roster.usecases import customers as usecases

router = APIGatewayHttpRouter()
_MAX_QUERY = 200


class StatusFilter(StrEnum):
    """Which customers a list shows."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    ALL = "all"


_STATUSES = {
    StatusFilter.ACTIVE: [Status.ACTIVE],
    StatusFilter.INACTIVE: [Status.INACTIVE],
    StatusFilter.ALL: [Status.ACTIVE, Status.INACTIVE],
}


@router.get("/v1/customers", middlewares=VIEWER, tags=["customers"])
def list_customers(
    status: Annotated[StatusFilter, Query()] = StatusFilter.ACTIVE,
    q: Annotated[str | None, Query(max_length=_MAX_QUERY)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 25,
    cursor: Annotated[str | None, Query()] = None,
) -> CustomerPage:
    """Customers by name. `q` finds the beginnings of any words, whatever their case and accents."""
    who = caller(router)
    scope = ("customers", status, q)
    page = usecases.list_customers(
        who.tenant,
        statuses=_STATUSES[status],
        query=q,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
    )
    return CustomerPage(
        data=[CustomerRow.of(customer) for customer in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get("/v1/customers/options", middlewares=VIEWER, tags=["customers"])
def customer_options(
    q: Annotated[str | None, Query(max_length=_MAX_QUERY)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Options:
    """What a pick-list offers: archived customers only once something is typed, and last."""
    who = caller(router)
    found = usecases.customer_options(
        who.tenant, query=q, limit=limit, customers=bootstrap.customers()
    )
    return Options(data=[Option.of(customer) for customer in found])
