"""Locations, contacts and positions on the wire."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel as Model
from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from functions.customers_api.schemas import AddressIn, AddressPart, Strict
from roster.domain.contact import Contact, check_contact
from roster.domain.geofence import Crossing, Fix, fence_of
from roster.domain.location import (
    MAX_RADIUS_M,
    MIN_RADIUS_M,
    REQUIRED_OF_A_LOCATION,
    Location,
    PositionSource,
    SiteStatus,
)
from roster.runtime.moments import Moment
from roster.runtime.wire.customer import AddressOut
from roster.usecases.locations_across import Place
from roster.usecases.part_ports import Visit
from roster.usecases.visits import MAX_POINTS, Noted

SiteType = Annotated[str | None, Field(max_length=60)]
Flag = Annotated[bool, Field(strict=True)]
PartId = Annotated[str | None, Field(max_length=100)]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class GeofenceIn(Strict):
    """How wide the circle round a location is; null is the usual 150 m."""

    radius_m: Annotated[int, Field(strict=True, ge=MIN_RADIUS_M, le=MAX_RADIUS_M)] | None


class LocationPatch(AddressIn):
    """What may be set on a location; in a merge patch an absent field keeps, null clears."""

    name: AddressPart = None
    type: SiteType = None
    status: SiteStatus | None = None
    primary: Flag = False
    geofence: GeofenceIn | None = None
    customer_id: PartId = None

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        given = self.model_dump(exclude_unset=True, exclude={"customer_id"})
        if "geofence" in given:
            given["radius_m"] = (given.pop("geofence") or {}).get("radius_m")
        return {k: v or None if isinstance(v, str) else v for k, v in given.items()}


class NewLocation(AddressIn):
    """A further service location; street, city, state and ZIP are required.

    `id` and `customer_id` are read only to refuse: a location belongs to one customer.
    """

    street: Annotated[str, Field(min_length=1, max_length=255)]
    city: Annotated[str, Field(min_length=1, max_length=255)]
    state: Annotated[str, Field(min_length=1, max_length=255)]
    zip: Annotated[str, Field(min_length=1, max_length=255)]
    name: AddressPart = None
    type: SiteType = None
    status: SiteStatus | None = None
    primary: Flag = False
    id: PartId = None
    customer_id: PartId = None

    @field_validator(*REQUIRED_OF_A_LOCATION, mode="before")
    @classmethod
    def _is_there(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None or (isinstance(value, str) and not value.strip()):
            detail = f"a service location needs its {info.field_name}"
            raise PydanticCustomError("required", "{detail}", {"detail": detail})
        return value

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        return self.model_dump(exclude_unset=True, exclude={"id", "customer_id"})


class GeofenceOut(Model):
    """A circle. `approximate`: the centre is known to `reach_m` only, which then decides."""

    latitude: float
    longitude: float
    radius_m: int
    reach_m: int
    approximate: bool


class LocationOut(AddressOut):
    """A service location. Coordinates are empty until the address is looked up.

    `source` says by what: only a geocoder that knows the address itself makes it `validated`.
    """

    id: str
    customer_id: str
    name: str | None
    type: str | None
    status: SiteStatus
    assets_count: int
    primary: bool
    validated: bool
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    source: PositionSource | None
    geofence: GeofenceOut | None
    quickbooks: str | None
    version: int

    @classmethod
    def of(cls, location: Location) -> Self:
        """The wire form of a location."""
        place, fence = location.position, fence_of(location)
        nowhere = dict.fromkeys(("latitude", "longitude", "accuracy_m", "source"))
        return cls(
            id=location.id,
            customer_id=location.customer_id,
            name=location.name,
            type=location.type,
            status=location.status,
            assets_count=location.assets,
            primary=location.primary,
            validated=location.validated,
            geofence=GeofenceOut(
                latitude=fence.latitude,
                longitude=fence.longitude,
                radius_m=fence.radius_m,
                reach_m=fence.reach_m,
                approximate=fence.approximate,
            )
            if fence
            else None,
            quickbooks=location.quickbooks_id,
            version=location.version,
            **(asdict(place) if place else nowhere),
            **cls.parts_of(location.address),
        )


class LocationList(Model):
    """A page of a customer's locations, oldest first; `next_cursor` is null at the end."""

    data: list[LocationOut]
    next_cursor: str | None


class CompanyLocation(LocationOut):
    """A location in a list across customers; `customer_name` says whose it is."""

    customer_name: str

    @classmethod
    def at(cls, place: Place) -> Self:
        """The wire form of a location and its customer, to which merges may have led."""
        values = LocationOut.of(place.location).model_dump()
        values["customer_id"] = place.customer.id
        return cls(**values, customer_name=place.customer.display_name)


class CompanyLocationList(Model):
    """A page of the company's locations by customer; `next_cursor` is null at the end."""

    data: list[CompanyLocation]
    next_cursor: str | None


class ContactPatch(Strict):
    """What may be set on a contact; in a merge patch an absent field keeps, null clears."""

    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    primary: Flag = False

    @field_validator("*", mode="after")
    @classmethod
    def _keeps_the_rules(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str) and value and info.field_name:
            for error in check_contact({info.field_name: value}):
                raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
        return value

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        return self.model_dump(exclude_unset=True)


class ContactIn(ContactPatch):
    """A new contact; a name, an e-mail address or a number is enough."""


class ContactOut(Model):
    """A person at a customer."""

    id: str
    customer_id: str
    first_name: str | None
    last_name: str | None
    title: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    primary: bool
    version: int

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """The wire form of a contact."""
        return cls(**asdict(contact))


class ContactList(Model):
    """A page of a customer's contacts, oldest first; `next_cursor` is null at the end."""

    data: list[ContactOut]
    next_cursor: str | None


class PointIn(Strict):
    """Where a device was; `accuracy_m` is how wrong that may be."""

    device: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:@-]{1,64}$")]
    at: Moment
    latitude: Annotated[Degrees, Field(ge=-90, le=90)]
    longitude: Annotated[Degrees, Field(ge=-180, le=180)]
    accuracy_m: Annotated[Degrees, Field(ge=0, le=1_000_000)] = 0.0

    def fix(self) -> Fix:
        """The point as the domain has it, to the millisecond, which is what is kept."""
        at = self.at.astimezone(UTC)
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return Fix(self.device, at, self.latitude, self.longitude, self.accuracy_m)


class PositionsIn(Strict):
    """Points of one or more devices, in any order."""

    positions: Annotated[list[PointIn], Field(min_length=1, max_length=MAX_POINTS)]


class VisitOut(Model):
    """A device's entry into or exit from a geofence."""

    at: datetime
    event: Crossing
    device: str
    approximate: bool

    @classmethod
    def of(cls, visit: Visit) -> Self:
        """The wire form of a crossing."""
        return cls(
            at=visit.at, event=visit.crossing, device=visit.device, approximate=visit.approximate
        )


class PositionsOut(Model):
    """What the points came to: entries and exits round them, from all that is known now.

    `undecided` points were too vague, or too near the border, to say on which side they are.
    """

    accepted: int
    undecided: int
    events: list[VisitOut]

    @classmethod
    def of(cls, noted: Noted) -> Self:
        """The wire form of what a batch came to."""
        return cls(
            accepted=noted.new,
            undecided=noted.undecided,
            events=[VisitOut.of(visit) for visit in noted.visits],
        )
