"""How many locations and assets a customer has, and of which kinds.

What lies in one customer's partition is counted there; the customer's own totals take in all that
was merged into it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from roster.domain.asset import Asset
from roster.domain.customer import Customer
from roster.domain.errors import WrongState
from roster.domain.location import Location, SiteStatus

# Type and status; a type that is not known is "".
type Kind = tuple[str, str]
type Tally = Mapping[Kind, int]

MAX_KINDS = 200
_LABEL = 40
_PLAIN_SITE: Kind = ("", str(SiteStatus.ACTIVE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted in one partition; `version` is 0 before it is stored.

    `sites` leaves out the active ones of no type: they are the rest of the customer's total, so
    that an import need not write this.
    """

    customer_id: str
    version: int = 0
    owned: Tally = field(default_factory=dict)
    on_location: Tally = field(default_factory=dict)
    sites: Tally = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A customer's assets and sites by type and status, with all that was merged into it."""

    owned: Tally
    on_location: Tally
    sites: Tally


def site_kind(location: Location) -> Kind:
    """What a location counts as."""
    return location.type or "", str(location.status)


def asset_kind(asset: Asset) -> Kind:
    """What an asset counts as."""
    return asset.type or "", str(asset.status)


def tally(kinds: Iterable[Kind]) -> Tally:
    """How many there are of each."""
    found: dict[Kind, int] = {}
    for kind in kinds:
        found[kind] = found.get(kind, 0) + 1
    return found


def total(some: Tally) -> int:
    """How many there are in all."""
    return sum(some.values())


def added(one: Tally, other: Tally) -> Tally:
    """Both together."""
    return {k: one.get(k, 0) + other.get(k, 0) for k in (*one, *(k for k in other if k not in one))}


def shifted(some: Tally, kind: Kind, by: int) -> Tally:
    """One more or one less of a kind; raises WrongState for a kind too many."""
    after = {**some, kind: some.get(kind, 0) + by}
    if len(after) > MAX_KINDS and kind not in some:
        detail = f"a customer has at most {MAX_KINDS} combinations of type and status"
        raise WrongState(detail, code="too_many_types")
    return {k: n for k, n in after.items() if n}


def with_sites(counts: Counts, locations: Iterable[Location]) -> Counts:
    """`counts` with exactly these locations, those of its partition."""
    sites = tally(map(site_kind, locations))
    special = {kind: n for kind, n in sites.items() if kind != _PLAIN_SITE}
    return _later(counts, replace(counts, sites=special))


def with_asset_moved(counts: Counts, before: Asset | None, after: Asset | None) -> Counts:
    """`counts` with an asset as it is after instead of before; None is no asset."""
    owned, here = counts.owned, counts.on_location
    for asset, by in ((before, -1), (after, 1)):
        if asset and asset.customer_id == counts.customer_id:
            owned = shifted(owned, asset_kind(asset), by)
        if asset and asset.location_customer_id == counts.customer_id:
            here = shifted(here, asset_kind(asset), by)
    return _later(counts, replace(counts, owned=owned, on_location=here))


def _later(before: Counts, after: Counts) -> Counts:
    return before if after == before else replace(after, version=before.version + 1)


def placed(customer: Customer, locations: Sequence[Location]) -> Customer:
    """`customer` with the totals of all its locations, of which one leads."""
    return replace(customer, **totals(locations))


def totals(locations: Sequence[Location]) -> dict[str, Any]:
    """What a customer tells of all its locations, of which one leads."""
    first = next((place for place in locations if place.primary), None)
    label = _label(first) if first else None
    return {"locations_count": len(locations), "primary_location": label}


def with_location(customer: Customer, location: Location) -> Customer:
    """`customer` with the totals of a location more, active and of no type."""
    label = customer.primary_location if customer.locations_count else _label(location)
    count = customer.locations_count + 1
    return replace(customer, locations_count=count, primary_location=label)


def _label(location: Location) -> str | None:
    label = location.name or location.address.city
    return label[:_LABEL] if label else None


def breakdown(customer: Customer, counts: Iterable[Counts]) -> Breakdown:
    """The customer's breakdown from what is stored for it and for all merged into it."""
    owned: Tally = {}
    here: Tally = {}
    sites: Tally = {}
    for one in counts:
        owned, here = added(owned, one.owned), added(here, one.on_location)
        sites = added(sites, one.sites)
    if plain := customer.locations_count - total(sites):
        sites = added(sites, {_PLAIN_SITE: plain})
    return Breakdown(owned=owned, on_location=here, sites=sites)
