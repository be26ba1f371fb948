"""Where a customer is served."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.customers_api.part_schemas import (
    CompanyLocation,
    CompanyLocationList,
    LocationList,
    LocationOut,
    LocationPatch,
    NewLocation,
)
from roster import bootstrap
from roster.bootstrap import parts, records
from roster.domain.errors import WrongState
from roster.domain.location import Location, SiteStatus
from roster.runtime import conditional, cursors
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import locations_across as across
from roster.usecases import parts as usecases
from roster.usecases.parts import Call

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/locations"
_ONE = f"{_ALL}/<location_id>"


def _call(customer_id: str) -> Call[Location]:
    return parts.call(caller(router), customer_id, parts.locations())


def _answer(
    location: Location, status: HTTPStatus = HTTPStatus.OK, **headers: str
) -> Response[LocationOut]:
    return conditional.tagged(LocationOut.of(location), location.version, status, **headers)


@router.get("/v1/locations", middlewares=VIEWER, tags=["locations"])
def list_locations(
    customer_id: Annotated[str | None, Query()] = None,
    type: Annotated[str | None, Query(max_length=60)] = None,
    status: Annotated[SiteStatus | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> CompanyLocationList:
    """The service locations of active customers by their names, or of one customer.

    A page may be short, as at most 50 customers are looked into, and still carry `next_cursor`.
    """
    tenant = caller(router).tenant
    scope = ("company locations", customer_id, type, status)
    page = across.locations_across(
        tenant,
        customer_id=customer_id,
        keeps=lambda place: (
            (type is None or (place.type or "").casefold() == type.casefold())
            and status in (None, place.status)
        ),
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
        locations=parts.locations(),
    )
    return CompanyLocationList(
        data=[CompanyLocation.at(place) for place in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(_ALL, middlewares=VIEWER, tags=["locations"])
def customer_locations(
    customer_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> LocationList:
    """The service locations of a customer, oldest first."""
    scope = ("locations", customer_id)
    after = cursors.decode(cursor, *scope)
    page = usecases.list_parts(_call(customer_id), limit=limit, after=after)
    return LocationList(
        data=[LocationOut.of(location) for location in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["locations"], status_code=201)
def add_location(customer_id: str, body: NewLocation) -> Response[LocationOut]:
    """Add a service location. The first is the primary; a later one may take its place."""
    _belongs_to_one(body.customer_id, customer_id)
    if body.id is not None:
        raise WrongState(
            "a location belongs to one customer for good, and gets its id here", code="attached"
        )
    location = usecases.add_location(_call(customer_id), body.values())
    path = f"/v1/customers/{customer_id}/locations/{location.id}"
    return _answer(location, HTTPStatus.CREATED, Location=path)


def _belongs_to_one(given: str | None, customer_id: str) -> None:
    if given is not None and given != customer_id:
        raise WrongState("a location belongs to one customer for good", code="attached")


@router.get(_ONE, middlewares=VIEWER, tags=["locations"])
def read_location(customer_id: str, location_id: str) -> Response[LocationOut]:
    """Read a location; 304 when If-None-Match holds its version."""
    location = usecases.read_part(_call(customer_id), location_id)
    conditional.unless_known(router, location.version)
    return _answer(location)


@router.patch(_ONE, middlewares=OFFICE, tags=["locations"])
def edit_location(customer_id: str, location_id: str, body: LocationPatch) -> Response[LocationOut]:
    """Edit a location by merge patch. Needs If-Match.

    Another street, city, state, ZIP or country empties the coordinates until it is validated.
    """
    _belongs_to_one(body.customer_id, customer_id)
    location = usecases.change_location(
        _call(customer_id), location_id, body.values(), if_version=conditional.if_match(router)
    )
    return _answer(location)


@router.delete(_ONE, middlewares=OFFICE, tags=["locations"], status_code=204)
def remove_location(customer_id: str, location_id: str) -> Response[Any]:
    """Remove a location. Needs If-Match; 409 for the primary one while there are others.

    409 too while jobs are open there.
    """
    usecases.remove_location(
        _call(customer_id),
        location_id,
        if_version=conditional.if_match(router),
        jobs=records.jobs(),
    )
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)


@router.post(f"{_ONE}/validate-address", middlewares=OFFICE, tags=["locations"])
def validate_address(customer_id: str, location_id: str) -> Response[LocationOut]:
    """Find the location on the map and keep its position; 422 where it is not known.

    `source` says by what. The middle of a ZIP area fills the coordinates, says how wrong they may
    be in `accuracy_m`, and leaves `validated` false.
    """
    location = usecases.validate_address(_call(customer_id), location_id, geocoder=parts.geocoder())
    return _answer(location)
