"""Addresses, and the service locations of a customer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from roster.domain.errors import FieldError, WrongState
from roster.domain.quick import quick_dataclass
from roster.domain.text import has_control_characters

REQUIRED_OF_A_LOCATION = ("street", "city", "state", "zip")
# What a position was found by: a change of these makes it another place.
PLACING_FIELDS = (*REQUIRED_OF_A_LOCATION, "country")
DEFAULT_RADIUS_M, MIN_RADIUS_M, MAX_RADIUS_M = 150, 50, 5000


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address as typed. `state` and `zip` keep their letters and leading zeros."""

    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None


ADDRESS_FIELDS = tuple(f.name for f in fields(Address))


class SiteStatus(StrEnum):
    """Whether a location is served."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class PositionSource(StrEnum):
    """How a position was found."""

    ZIP_CENTROID = "zip_centroid"
    AMAZON_LOCATION = "amazon_location"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place on the map, WGS 84 degrees; the truth lies within about `accuracy_m` metres."""

    latitude: float
    longitude: float
    accuracy_m: int
    source: PositionSource

    @property
    def exact(self) -> bool:
        """Whether the address itself was found; the middle of a ZIP area says nothing of it."""
        return self.source is not PositionSource.ZIP_CENTROID


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place where services are provided; it belongs to exactly one customer.

    `version` counts its own changes from 1 and is its ETag; `assets` are those that are here.
    """

    id: str
    customer_id: str
    version: int = 1
    address: Address
    name: str | None = None
    primary: bool = True
    quickbooks_id: str | None = None
    position: Position | None = None
    radius_m: int = DEFAULT_RADIUS_M
    type: str | None = None
    status: SiteStatus = SiteStatus.ACTIVE
    assets: int = 0

    @property
    def validated(self) -> bool:
        """Whether a geocoder knows the address, as it is now."""
        return self.position is not None and self.position.exact


def address_from(values: Mapping[str, Any]) -> Address | None:
    """The address in `values` (keys as ADDRESS_FIELDS), or None when nothing is given."""
    given = {k: v for k in ADDRESS_FIELDS if (v := values.get(k))}
    return Address(**given) if given else None


def merged_address(before: Address | None, patch: Mapping[str, Any]) -> Address | None:
    """`before` with the parts in `patch` set: an absent one keeps, None clears (RFC 7396)."""
    return address_from({**(asdict(before) if before else {}), **patch})


def check_part(part: str, value: str) -> list[FieldError]:
    """The rules that one typed part of an address breaks."""
    if has_control_characters(value):
        return [FieldError(f"/{part}", "control_character", "no control characters")]
    return []


def missing_parts(address: Address, at: str) -> list[FieldError]:
    """What a service address lacks, as errors that point below `at` ("/service_location")."""
    return [
        FieldError(f"{at}/{part}", "required", f"a service location needs its {part}")
        for part in REQUIRED_OF_A_LOCATION
        if not getattr(address, part)
    ]


def edit_location(location: Location, values: Mapping[str, Any]) -> Location:
    """`location` with `values` merged in (ADDRESS_FIELDS, `name`, `type`, `status`, `primary`,
    `radius_m`).

    Another street, city, state, ZIP or country drops the position until it is validated again.
    Raises WrongState for a radius round a place that is not known.
    """
    address = merged_address(
        location.address, {k: v for k, v in values.items() if k in ADDRESS_FIELDS}
    )
    address = address or Address()
    after = replace(
        location,
        address=address,
        **{k: values[k] for k in ("name", "primary", "type") if k in values},
        status=SiteStatus(values.get("status", location.status) or SiteStatus.ACTIVE),
    )
    if any(getattr(address, part) != getattr(location.address, part) for part in PLACING_FIELDS):
        after = replace(after, position=None, radius_m=DEFAULT_RADIUS_M)
    if "radius_m" in values:
        if after.position is None:
            raise WrongState("validate the address before its geofence is set", code="no_position")
        after = replace(after, radius_m=values["radius_m"] or DEFAULT_RADIUS_M)
    return after
