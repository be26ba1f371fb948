"""What happened at customers' locations, from the entries and exits of their geofences."""

from datetime import date, datetime
from typing import Annotated, Self

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel

from roster import bootstrap
from roster.bootstrap import parts
from roster.domain.geofence import Crossing
from roster.runtime import cursors
from roster.runtime.callers import VIEWER, caller
from roster.usecases import visits as usecases
from roster.usecases.part_ports import Visit
from roster.usecases.visits import Stay

router = APIGatewayHttpRouter()


class ActivityRow(BaseModel):
    """An entry or an exit. `approximate`: the geofence was as wide as its centre is vague."""

    at: datetime
    event: Crossing
    customer_id: str
    customer_name: str | None
    location_id: str
    device: str
    approximate: bool

    @classmethod
    def of(cls, visit: Visit, name: str | None) -> Self:
        """The wire form of a crossing."""
        return cls(
            at=visit.at,
            event=visit.crossing,
            customer_id=visit.customer_id,
            customer_name=name,
            location_id=visit.location_id,
            device=visit.device,
            approximate=visit.approximate,
        )


class ActivityPage(BaseModel):
    """A page of entries and exits in the order of time; `next_cursor` is null at the end."""

    data: list[ActivityRow]
    next_cursor: str | None


class DailyRow(BaseModel):
    """A day at one location.

    `seconds_on_site` adds up all devices; one that had not left by midnight is in `still_there`
    and counts on the next day.
    """

    customer_id: str
    customer_name: str | None
    location_id: str
    entries: int
    exits: int
    seconds_on_site: int
    devices: list[str]
    still_there: list[str]
    first_at: datetime
    last_at: datetime
    approximate: bool

    @classmethod
    def of(cls, stay: Stay, name: str | None) -> Self:
        """The wire form of a day at a location."""
        return cls(
            customer_id=stay.customer_id,
            customer_name=name,
            location_id=stay.location_id,
            entries=stay.entries,
            exits=stay.exits,
            seconds_on_site=stay.seconds,
            devices=list(stay.devices),
            still_there=list(stay.still_there),
            first_at=stay.first_at,
            last_at=stay.last_at,
            approximate=stay.approximate,
        )


class DailyReport(BaseModel):
    """What happened on one day (UTC)."""

    date: date
    data: list[DailyRow]


@router.get("/v1/reports/activity", middlewares=VIEWER, tags=["reports"])
def activity_report(
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ActivityPage:
    """Who came to a customer and left, from one day to another, both included (UTC, 31 at most)."""
    who = caller(router)
    scope = ("activity", first.isoformat(), last.isoformat())
    page = usecases.activity(
        who.tenant,
        first,
        last,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        visits=parts.visits(),
    )
    names = usecases.names(who.tenant, page.items, customers=bootstrap.customers())
    return ActivityPage(
        data=[ActivityRow.of(visit, names.get(visit.customer_id)) for visit in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get("/v1/reports/daily", middlewares=VIEWER, tags=["reports"])
def daily_report(day: Annotated[date, Query(alias="date")]) -> DailyReport:
    """What happened at each location on one day (UTC): visits, devices, time on site."""
    who = caller(router)
    found = usecases.daily(who.tenant, day, visits=parts.visits())
    names = usecases.names(who.tenant, found, customers=bootstrap.customers())
    return DailyReport(
        date=day, data=[DailyRow.of(stay, names.get(stay.customer_id)) for stay in found]
    )
