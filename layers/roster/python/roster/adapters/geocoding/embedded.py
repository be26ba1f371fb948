"""Addresses by the middle of their ZIP area, from a data set that ships with the code.

It never calls anybody, and says how little it knows: half the distance to the third nearest other
ZIP area, some 6 km in the middle. ADR 0009.
"""

from collections.abc import Sequence
from functools import cache

from roster.domain.errors import FieldError, Invalid
from roster.domain.geofence import distance_m
from roster.domain.location import Address, Position, PositionSource
from roster.domain.text import fold

_HOME = {"us", "usa", "united states", "united states of america"}
_NEIGHBOURS = 3
# A degree of latitude is 111 km; the third neighbour of any ZIP area but a few lies within three.
_NEAR_DEGREES = 3.0
_UNKNOWN_M = 100_000
_ZIP_DIGITS = 5


class ZipCentroids:
    """Knows the ZIP areas of the United States; implements `part_ports.Geocoder`."""

    def locate(self, address: Address) -> Position:
        """The middle of the address's ZIP area."""
        if address.country and fold(address.country) not in _HOME:
            detail = "the embedded geocoder knows addresses in the United States only"
            raise Invalid([FieldError("/country", "country_not_covered", detail)])
        found = _find(address.zip or "")
        state = (address.state or "").strip().upper()
        if len(state) == 2 and state != found["state"]:
            detail = f"the ZIP {address.zip} lies in {found['state']}, not in {state}"
            raise Invalid([FieldError("/zip", "zip_of_another_state", detail)])
        latitude, longitude = float(found["lat"]), float(found["long"])
        return Position(
            latitude=latitude,
            longitude=longitude,
            accuracy_m=_accuracy(latitude, longitude),
            source=PositionSource.ZIP_CENTROID,
        )


def _find(typed: str) -> dict[str, str]:
    # Half a second the first time, so only where somebody asks.
    import zipcodes

    code, _, plus = typed.strip().partition("-")
    if len(code) == _ZIP_DIGITS and code.isascii() and code.isdigit() and len(plus) in (0, 4):
        found: Sequence[dict[str, str]] = zipcodes.matching(code)
        if found:
            return found[0]
    raise Invalid([FieldError("/zip", "unknown_zip", f"there is no ZIP {typed!r}")])


@cache
def _middles() -> Sequence[tuple[float, float]]:
    """The middles of all delivery areas; post boxes and firms of their own tell no distance."""
    import zipcodes

    return sorted(
        {
            (float(row["lat"]), float(row["long"]))
            for row in zipcodes.list_all()
            if row["zip_code_type"] == "STANDARD"
        }
    )


def _accuracy(latitude: float, longitude: float) -> int:
    away = sorted(
        distance_m(latitude, longitude, lat, lon)
        for lat, lon in _middles()
        if abs(lat - latitude) < _NEAR_DEGREES and (lat, lon) != (latitude, longitude)
    )
    return round(away[_NEIGHBOURS - 1] / 2) if len(away) >= _NEIGHBOURS else _UNKNOWN_M
