"""What devices do at locations: points come in, entries and exits come out, reports read them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from roster.domain.customer import Status
from roster.domain.errors import FieldError, Invalid, StaleVersion, WrongState
from roster.domain.geofence import Crossing, Fence, Fix, crossings, fence_of, side_of
from roster.domain.location import Location
from roster.usecases.joining import survivors
from roster.usecases.part_ports import Sightings, Visit, Visits
from roster.usecases.parts import Call, read_part
from roster.usecases.ports import Customers, Page

MAX_POINTS = 100
MAX_REPORT_DAYS = 31
# A device's clock may run ahead a little; later than this nobody waits for its points.
_AHEAD, _LATE = timedelta(minutes=5), timedelta(days=90)
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Noted:
    """What a batch of points came to; `undecided` ones were too vague for this fence."""

    new: int
    undecided: int
    visits: Sequence[Visit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What happened at one location on one day.

    `seconds` lie between entries and their exits; who came before midnight counts from midnight,
    and who had not left by the next is in `still_there` and counts nothing.
    """

    customer_id: str
    location_id: str
    entries: int
    exits: int
    seconds: int
    devices: Sequence[str]
    still_there: Sequence[str]
    first_at: datetime
    last_at: datetime
    approximate: bool


def note_positions(
    call: Call[Location], location_id: str, fixes: Sequence[Fix], *, sightings: Sightings
) -> Noted:
    """Take a device's points for one location; in any order, and however often they come.

    Raises Invalid for points of no believable time, WrongState where nobody knows where it is.
    """
    location = read_part(call, location_id)
    fence = fence_of(location)
    if fence is None:
        raise WrongState("validate the address first: the geofence has no centre", code="no_fence")
    if errors := list(_unbelievable(fixes, call.clock())):
        raise Invalid(errors)
    decided = [(fix, side) for fix in fixes if (side := side_of(fence, fix))]
    new = 0
    visits: list[Visit] = []
    for device in sorted({fix.device for fix, _ in decided}):
        seen = [(fix.at, side) for fix, side in decided if fix.device == device]
        new += sightings.note(call.tenant, location.customer_id, location_id, device, seen)
        visits += _redraw(
            call.tenant, location, fence, device, [at for at, _ in seen], sightings=sightings
        )
    return Noted(new, len(fixes) - len(decided), visits)


def _unbelievable(fixes: Iterable[Fix], now: datetime) -> Iterator[FieldError]:
    for i, fix in enumerate(fixes):
        if fix.at > now + _AHEAD:
            yield FieldError(f"/positions/{i}/at", "in_the_future", "this has not happened yet")
        elif fix.at < now - _LATE:
            yield FieldError(f"/positions/{i}/at", "too_old", f"at most {_LATE.days} days ago")


def _redraw(
    tenant: str,
    location: Location,
    fence: Fence,
    device: str,
    moments: Sequence[datetime],
    *,
    sightings: Sightings,
) -> Sequence[Visit]:
    """Draw the crossings round these moments anew, from all that is known now.

    The mark tells whether somebody else did the same meanwhile and saw less, or more, than we.
    """
    for _ in range(_ATTEMPTS):
        mark = sightings.mark(tenant, location.id, device)
        before, seen = sightings.around(tenant, location.id, device, min(moments), max(moments))
        visits = [
            Visit(
                at=at,
                crossing=crossing,
                customer_id=location.customer_id,
                location_id=location.id,
                device=device,
                approximate=fence.approximate,
            )
            for at, crossing in crossings(before, seen)
        ]
        sightings.redraw(tenant, location.id, device, moments=[at for at, _ in seen], visits=visits)
        if sightings.settle(tenant, location.id, device, mark):
            return visits
    raise StaleVersion(f"the points of {device} keep coming from two sides")


def activity(
    tenant: str, first: date, last: date, *, limit: int, after: str | None, visits: Visits
) -> Page[Visit]:
    """A page of the crossings from `first` to `last`, both included (UTC), in the order of time."""
    if last < first or (last - first).days >= MAX_REPORT_DAYS:
        detail = f"from `from` to `to` at most {MAX_REPORT_DAYS} days, both included"
        raise Invalid([FieldError("?to", "range", detail)])
    day, _, position = after.partition("/") if after else (first.isoformat(), "", "")
    now, found = date.fromisoformat(day), list[Visit]()
    while now <= last:
        page = visits.of_day(tenant, now, limit=limit - len(found), after=position or None)
        found += page.items
        if page.next:
            return Page(found, f"{now.isoformat()}/{page.next}")
        now, position = now + timedelta(days=1), ""
        if len(found) == limit and now <= last:
            return Page(found, f"{now.isoformat()}/")
    return Page(found)


def daily(tenant: str, day: date, *, visits: Visits) -> Sequence[Stay]:
    """What happened at each location on the day (UTC), in the order they began."""
    at_location: dict[str, list[Visit]] = {}
    after: str | None = None
    while True:
        page = visits.of_day(tenant, day, limit=1000, after=after)
        for visit in page.items:
            at_location.setdefault(visit.location_id, []).append(visit)
        after = page.next
        if after is None:
            return [_stay(found) for found in at_location.values()]


def _stay(found: Sequence[Visit]) -> Stay:
    inside: dict[str, datetime] = {}
    seconds = 0.0
    for visit in found:
        if visit.crossing is Crossing.ENTRY:
            inside[visit.device] = visit.at
        else:
            midnight = visit.at.replace(hour=0, minute=0, second=0, microsecond=0)
            seconds += (visit.at - inside.pop(visit.device, midnight)).total_seconds()
    return Stay(
        customer_id=found[0].customer_id,
        location_id=found[0].location_id,
        entries=sum(visit.crossing is Crossing.ENTRY for visit in found),
        exits=sum(visit.crossing is Crossing.EXIT for visit in found),
        seconds=round(seconds),
        devices=sorted({visit.device for visit in found}),
        still_there=sorted(inside),
        first_at=found[0].at,
        last_at=found[-1].at,
        approximate=any(visit.approximate for visit in found),
    )


def names(tenant: str, found: Iterable[Visit | Stay], *, customers: Customers) -> dict[str, str]:
    """The display names of the customers behind them, or of whom they are a part of by now.

    A deleted one has none.
    """
    heads = customers.get_many(tenant, {one.customer_id for one in found})
    ends = survivors(tenant, heads, customers=customers)
    return {i: c.display_name for i, c in ends.items() if c.status is not Status.DELETED}
