"""Where devices are, seen from the geofence of a location."""

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.customers_api.part_schemas import PositionsIn, PositionsOut
from roster.bootstrap import parts
from roster.runtime.callers import OFFICE, caller
from roster.usecases import visits as usecases

router = APIGatewayHttpRouter()


@router.post(
    "/v1/customers/<customer_id>/locations/<location_id>/positions",
    middlewares=OFFICE,
    tags=["locations"],
)
def note_positions(customer_id: str, location_id: str, body: PositionsIn) -> PositionsOut:
    """Take at most 100 GPS points; answers with the entries and exits round them.

    A point is its device and its moment: sent twice it is one, and late ones find their place.
    """
    call = parts.call(caller(router), customer_id, parts.locations())
    fixes = [point.fix() for point in body.positions]
    noted = usecases.note_positions(call, location_id, fixes, sightings=parts.sightings())
    return PositionsOut.of(noted)
