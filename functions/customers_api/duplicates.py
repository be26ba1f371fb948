"""Customers that may exist already: before creating one, and pairs to review."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.customers_api.duplicate_schemas import (
    DuplicatePage,
    DuplicatePair,
    PossibleDuplicate,
    PossibleDuplicates,
    QuickBooksName,
    ScanOut,
)
from roster import bootstrap
from roster.bootstrap import duplicates, quickbooks
from roster.domain.customer_fields import MAX_LENGTH
from roster.domain.errors import Malformed
from roster.runtime import cursors
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import duplicates as usecases

router = APIGatewayHttpRouter()


@router.get("/v1/customers/duplicates", middlewares=VIEWER, tags=["duplicates"])
def existing_customers(
    name: Annotated[str | None, Query(max_length=MAX_LENGTH["display_name"])] = None,
    email: Annotated[str | None, Query(max_length=MAX_LENGTH["email"])] = None,
    phone: Annotated[str | None, Query(max_length=MAX_LENGTH["phone"])] = None,
) -> PossibleDuplicates:
    """Active and inactive customers that may be the one about to be created, the best first.

    At least one of `name`, `email` and `phone` is needed. Deleted customers are never shown.
    """
    given = [text.strip() if text else "" for text in (name, email, phone)]
    if not any(given):
        raise Malformed("give a name, an email or a phone", code="nothing_given", pointer="?name")
    tenant = caller(router).tenant
    found = usecases.existing_customers(
        tenant,
        name=given[0] or None,
        email=given[1] or None,
        phone=given[2] or None,
        duplicates=duplicates.repository(),
    )
    holders = quickbooks.namesakes(tenant, given[0]) if given[0] else ()
    return PossibleDuplicates(
        data=[PossibleDuplicate.of(one) for one in found],
        quickbooks=[
            QuickBooksName(kind=one.kind, id=one.id, name=one.name, active=one.active)
            for one in holders
        ],
    )


@router.post("/v1/duplicates/scan", middlewares=OFFICE, tags=["duplicates"], status_code=202)
def start_scan() -> Response[ScanOut]:
    """Start a search of all customers for duplicates; 409 while one runs."""
    scan = usecases.start_scan(
        caller(router).tenant,
        duplicates=duplicates.repository(),
        starter=duplicates.scans(),
        clock=bootstrap.clock,
    )
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=ScanOut.of(scan),
        headers={"Location": "/v1/duplicates/scan"},
    )


@router.get("/v1/duplicates/scan", middlewares=VIEWER, tags=["duplicates"])
def read_scan() -> ScanOut:
    """How far the last search is, and what it came to."""
    scan = usecases.read_scan(caller(router).tenant, duplicates=duplicates.repository())
    return ScanOut.of(scan)


@router.get("/v1/duplicates", middlewares=VIEWER, tags=["duplicates"])
def list_pairs(
    limit: Annotated[int, Query(ge=1, le=50)] = 25,
    cursor: cursors.Cursor = None,
) -> DuplicatePage:
    """Pairs that the last search found, the best first; a page may be short and still go on."""
    page = usecases.pairs_to_review(
        caller(router).tenant,
        limit=limit,
        after=cursors.decode(cursor, "duplicates"),
        duplicates=duplicates.repository(),
        customers=bootstrap.customers(),
    )
    return DuplicatePage(
        data=[DuplicatePair.of(pair) for pair in page.items],
        next_cursor=cursors.encode(page.next, "duplicates"),
    )


@router.post(
    "/v1/duplicates/<pair_id>/dismiss", middlewares=OFFICE, tags=["duplicates"], status_code=204
)
def dismiss_pair(pair_id: str) -> Response[Any]:
    """Say that the two are not one: they stay out of the review until one of them changes."""
    usecases.dismiss_pair(caller(router).tenant, pair_id, duplicates=duplicates.repository())
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
