"""What the use cases of a customer's parts need from the outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from roster.domain.contact import Contact
from roster.domain.counts import Counts
from roster.domain.customer import Customer
from roster.domain.events import Event
from roster.domain.geofence import Crossing, Side
from roster.domain.location import Address, Location, Position
from roster.usecases.ports import Page


@dataclass(frozen=True, slots=True)
class PartStep[P: Location | Contact]:
    """A change of a customer's parts: the customer a version later, its event, what moved.

    `counts` are those that move with it, each a version later.
    """

    before: Customer
    after: Customer
    event: Event
    puts: Sequence[P]
    removes: Sequence[P]
    counts: Sequence[Counts] = ()


class Parts[P: Location | Contact](Protocol):
    """One kind of parts of customers."""

    def get(self, tenant: str, owners: Sequence[str], part_id: str) -> P | None:
        """The part of one of the owners, strongly consistent."""

    def all(self, tenant: str, customer_id: str) -> Sequence[P]:
        """Every one the customer has, strongly consistent."""

    def save(self, step: PartStep[P]) -> None:
        """Write the step whole, or raise StaleVersion when the customer moved meanwhile."""


class Geocoder(Protocol):
    """Finds addresses on the map."""

    def locate(self, address: Address) -> Position:
        """Where the address is; raises Invalid when it is not known, Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One device's entry into or exit from the fence of a location.

    `approximate`: the fence was wider than asked for, as its centre was not known well enough.
    """

    at: datetime
    crossing: Crossing
    customer_id: str
    location_id: str
    device: str
    approximate: bool


class Sightings(Protocol):
    """Where devices were seen from a location's fence, and what they did."""

    def mark(self, tenant: str, location_id: str, device: str) -> int:
        """How often the device's crossings were drawn up."""

    def note(
        self,
        tenant: str,
        customer_id: str,
        location_id: str,
        device: str,
        seen: Sequence[tuple[datetime, Side]],
    ) -> int:
        """Keep what was seen, a moment that is known already as it was; how many are new."""

    def around(
        self, tenant: str, location_id: str, device: str, first: datetime, last: datetime
    ) -> tuple[Side | None, Sequence[tuple[datetime, Side]]]:
        """The side just before `first`; and all that was seen until just after `last`."""

    def redraw(
        self,
        tenant: str,
        location_id: str,
        device: str,
        *,
        moments: Iterable[datetime],
        visits: Sequence[Visit],
    ) -> None:
        """Of those moments, let exactly `visits` be the crossings."""

    def settle(self, tenant: str, location_id: str, device: str, mark: int) -> bool:
        """Count one up if the mark still is `mark`."""


class Visits(Protocol):
    """The crossings by day."""

    def of_day(self, tenant: str, day: date, *, limit: int, after: str | None) -> Page[Visit]:
        """A page of the day's crossings (UTC), in the order of time."""
