"""Virtual fences: whether a device is at a location, and when it came and went. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

from roster.domain.location import Location

EARTH_RADIUS_M = 6_371_008.8


class Side(StrEnum):
    """Where a device is, seen from a fence."""

    INSIDE = "inside"
    OUTSIDE = "outside"


class Crossing(StrEnum):
    """What a device did to a fence."""

    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Fence:
    """A circle round a location; its centre is right to about `accuracy_m` metres."""

    latitude: float
    longitude: float
    radius_m: int
    accuracy_m: int

    @property
    def approximate(self) -> bool:
        """Whether the centre is known less well than the circle is wide."""
        return self.accuracy_m > self.radius_m

    @property
    def reach_m(self) -> int:
        """How far from the centre a device still may be at the location."""
        return max(self.radius_m, self.accuracy_m)


@dataclass(frozen=True, slots=True)
class Fix:
    """One position a device reported, right to about `accuracy_m` metres."""

    device: str
    at: datetime
    latitude: float
    longitude: float
    accuracy_m: float = 0.0


def fence_of(location: Location) -> Fence | None:
    """The fence of a location; None while nobody knows where it is."""
    place = location.position
    if place is None:
        return None
    return Fence(place.latitude, place.longitude, location.radius_m, place.accuracy_m)


def distance_m(latitude: float, longitude: float, other_lat: float, other_lon: float) -> float:
    """Metres between two places on a sphere (haversine; within 0.5 % of the ellipsoid)."""
    one, two = radians(latitude), radians(other_lat)
    up = sin((two - one) / 2) ** 2
    along = sin(radians(other_lon - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(up + cos(one) * cos(two) * along)))


def side_of(fence: Fence, fix: Fix) -> Side | None:
    """Where the fix puts the device; None where it is too vague to say.

    Between the fence and the fix's own accuracy beyond it lies a strip that decides nothing:
    a device that stands at the border does not come and go all day.
    """
    away = distance_m(fence.latitude, fence.longitude, fix.latitude, fix.longitude)
    if away <= fence.reach_m:
        return Side.INSIDE if fix.accuracy_m <= fence.reach_m else None
    return Side.OUTSIDE if away > fence.reach_m + fix.accuracy_m else None


def crossings(
    before: Side | None, seen: Iterable[tuple[datetime, Side]]
) -> Iterator[tuple[datetime, Crossing]]:
    """What one device did, from where it was `before` (None: never seen) and what followed.

    `seen` is put in the order of time; entries and exits alternate, an entry first.
    """
    last = before or Side.OUTSIDE
    for at, side in sorted(seen):
        if side is not last:
            yield at, Crossing.ENTRY if side is Side.INSIDE else Crossing.EXIT
        last = side
