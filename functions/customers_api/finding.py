"""Lists, search and pick-lists of customers."""

from dataclasses import astuple
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import AwareDatetime

from functions.customers_api.schemas import CustomerPage, Option, Options
from roster import bootstrap
from roster.domain.customer_fields import MAX_TAG_LENGTH
from roster.domain.customer_filter import CustomerFilter, QuickBooksFilter, Sort, StatusFilter
from roster.domain.errors import Forbidden, Malformed
from roster.runtime import cursors
from roster.runtime.callers import VIEWER, Module, caller
from roster.runtime.wire.customer import CustomerRow
from roster.usecases import customers as usecases

router = APIGatewayHttpRouter()
_MAX_QUERY = 200
_SORTS = [str(sort) for sort in Sort]


@router.get("/v1/customers", middlewares=VIEWER, tags=["customers"])
def list_customers(
    status: Annotated[StatusFilter, Query()] = StatusFilter.ACTIVE,
    q: Annotated[str | None, Query(max_length=_MAX_QUERY)] = None,
    tag: Annotated[str | None, Query(min_length=1, max_length=MAX_TAG_LENGTH)] = None,
    quickbooks: Annotated[QuickBooksFilter | None, Query()] = None,
    portal: Annotated[bool | None, Query()] = None,
    updated_since: Annotated[AwareDatetime | None, Query()] = None,
    inactive_since: Annotated[AwareDatetime | None, Query()] = None,
    sort: Annotated[str | None, Query(max_length=40)] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> CustomerPage:
    """Customers, by `display_name` unless `sort` says otherwise.

    `q` finds the beginnings of any words of a name, whatever their case and accents, a whole
    customer number, and the beginnings of an e-mail address, of a phone number (with or without
    the country's code) or of a tax number. It goes with no `sort` but `display_name`.

    A page costs the same at any size of the company for one of `status`, `q`, `tag`,
    `quickbooks=linked`, `portal=true`, `inactive_since` (nothing has changed since; by the last
    change unless sorted), `sort=-created_at`, `-updated_at`, and `-outstanding` and `-revenue`
    among those who have any: the others follow by name. Whatever is asked for besides
    narrows: a page may be short, even empty, and still carry `next_cursor`.
    """
    who = caller(router)
    wanted = CustomerFilter(
        status=status,
        query=q,
        tag=tag,
        quickbooks=quickbooks,
        portal=portal,
        updated_since=updated_since,
        inactive_since=inactive_since,
    )
    order = _sort(sort)
    if order in (Sort.OUTSTANDING, Sort.REVENUE) and Module.MONEY not in who.modules:
        raise Forbidden("this order tells of money, a module you do not have", code="module")
    scope = ("customers", *astuple(wanted), order or wanted.usual_sort)
    page = usecases.list_customers(
        who.tenant,
        wanted=wanted,
        sort=order,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
    )
    return CustomerPage(
        data=[CustomerRow.of(customer) for customer in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


def _sort(asked: str | None) -> Sort | None:
    if asked is None or asked in _SORTS:
        return Sort(asked) if asked else None
    detail = f"sort by one of: {', '.join(_SORTS)}"
    raise Malformed(detail, code="unsupported_sort", pointer="?sort")


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
