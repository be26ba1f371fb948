"""Lists, search and pick-lists of customers."""

from dataclasses import astuple
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import AwareDatetime

from functions.customers_api.schemas import CustomerPage, CustomerRow, Option, Options
from roster import bootstrap
from roster.domain.customer import MAX_TAG_LENGTH
from roster.domain.customer_filter import CustomerFilter, QuickBooksFilter, StatusFilter
from roster.domain.errors import Malformed
from roster.runtime import cursors
from roster.runtime.callers import VIEWER, caller
from roster.usecases import customers as usecases

router = APIGatewayHttpRouter()
_MAX_QUERY = 200
# The one order there is a list in; others would need a second list of every customer.
_BY_NAME = "display_name"


@router.get("/v1/customers", middlewares=VIEWER, tags=["customers"])
def list_customers(
    status: Annotated[StatusFilter, Query()] = StatusFilter.ACTIVE,
    q: Annotated[str | None, Query(max_length=_MAX_QUERY)] = None,
    tag: Annotated[str | None, Query(min_length=1, max_length=MAX_TAG_LENGTH)] = None,
    quickbooks: Annotated[QuickBooksFilter | None, Query()] = None,
    updated_since: Annotated[AwareDatetime | None, Query()] = None,
    inactive_since: Annotated[AwareDatetime | None, Query()] = None,
    sort: Annotated[str, Query(max_length=40)] = _BY_NAME,
    limit: Annotated[int, Query(ge=1, le=200)] = 25,
    cursor: Annotated[str | None, Query()] = None,
) -> CustomerPage:
    """Customers by name. `q` finds the beginnings of any words, whatever their case and accents.

    It finds a whole customer number too. `tag`, `quickbooks`, `updated_since` and `inactive_since`
    (nothing has changed since) narrow: a page may be short, and still carry `next_cursor`.
    """
    if sort != _BY_NAME:
        raise Malformed("sort by display_name", code="unsupported_sort", pointer="?sort")
    who = caller(router)
    wanted = CustomerFilter(
        status=status,
        query=q,
        tag=tag,
        quickbooks=quickbooks,
        updated_since=updated_since,
        inactive_since=inactive_since,
    )
    scope = ("customers", *astuple(wanted))
    page = usecases.list_customers(
        who.tenant,
        wanted=wanted,
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
