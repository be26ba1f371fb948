"""Service locations and contacts of customers: where they lie, who was seen there."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from roster import bootstrap
from roster.runtime import settings

if TYPE_CHECKING:
    from roster.adapters.dynamodb.parts import DynamoParts
    from roster.adapters.dynamodb.places import DynamoPlaces
    from roster.adapters.dynamodb.visits import DynamoSightings, DynamoVisits
    from roster.domain.contact import Contact
    from roster.domain.location import Location
    from roster.runtime.callers import Caller
    from roster.usecases.part_ports import Geocoder
    from roster.usecases.parts import Call as PartCall


def locations() -> "DynamoParts[Location]":
    """The service locations of customers."""
    from roster.adapters.dynamodb import parts

    return parts.locations(bootstrap.table(), bootstrap.customers())


@cache
def contacts() -> "DynamoParts[Contact]":
    """The contacts of customers."""
    from roster.adapters.dynamodb import parts

    return parts.contacts(bootstrap.table(), bootstrap.customers())


def call[P: Location | Contact](
    who: "Caller", customer_id: str, kept: "DynamoParts[P]"
) -> "PartCall[P]":
    """What it takes to change a customer's locations or contacts for somebody."""
    from roster.usecases.parts import Call

    return Call(
        tenant=who.tenant,
        customer_id=customer_id,
        actor=who.actor,
        customers=bootstrap.customers(),
        parts=kept,
        clock=bootstrap.clock,
    )


@cache
def places() -> "DynamoPlaces":
    """Locations, many at once."""
    from roster.adapters.dynamodb.places import DynamoPlaces

    return DynamoPlaces(bootstrap.table())


@cache
def geocoder() -> "Geocoder":
    """Who finds addresses on the map."""
    if settings.read(settings.GeocoderSettings).geocoder == "amazon_location":
        from roster.adapters.geocoding.amazon_location import AmazonLocation

        return AmazonLocation(geo_places())
    from roster.adapters.geocoding.embedded import ZipCentroids

    return ZipCentroids()


@cache
def geo_places() -> Any:
    """The Amazon Location client for places."""
    return boto3.client("geo-places", config=bootstrap.CONFIG)


@cache
def sightings() -> "DynamoSightings":
    """Where devices were seen from the fences of locations."""
    from roster.adapters.dynamodb.visits import DynamoSightings

    return DynamoSightings(bootstrap.table())


@cache
def visits() -> "DynamoVisits":
    """Who came and went, by day."""
    from roster.adapters.dynamodb.visits import DynamoVisits

    return DynamoVisits(bootstrap.table())
