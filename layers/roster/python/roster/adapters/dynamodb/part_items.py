"""Service locations and contacts as items of the table."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import orjson

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.encoding import dump
from roster.adapters.dynamodb.table import Item
from roster.domain.contact import Contact
from roster.domain.location import (
    ADDRESS_FIELDS,
    DEFAULT_RADIUS_M,
    Address,
    Location,
    Position,
    PositionSource,
    SiteStatus,
)
from roster.usecases.ports import NewCustomer


def location(tenant: str, location: Location) -> Item:
    """One service location."""
    return {
        **keys.location(tenant, location.customer_id, location.id),
        # A location that nobody has edited carries no version: imports write many of them.
        **({"v": location.version} if location.version > 1 else {}),
        **({"assets": location.assets} if location.assets else {}),
        "doc": dump(_location_values(location)),
    }


def removed_location(tenant: str, location: Location) -> Item:
    """What stands for a removed location that the head of its customer still tells of."""
    return {**keys.location(tenant, location.customer_id, location.id), "gone": True}


def _location_values(location: Location) -> dict[str, Any]:
    values = {
        "name": location.name,
        "primary": location.primary,
        "quickbooks": location.quickbooks_id,
        "position": asdict(location.position) if location.position else None,
        "radius": None if location.radius_m == DEFAULT_RADIUS_M else location.radius_m,
        "type": location.type,
        "status": None if location.status is SiteStatus.ACTIVE else location.status,
        **_address_values(location.address),
    }
    return {k: v for k, v in values.items() if v is not None}


def _address_values(address: Address) -> dict[str, Any]:
    # Unlike asdict, this copies nothing: an import makes hundreds of thousands of them.
    return {part: getattr(address, part) for part in ADDRESS_FIELDS}


def location_from(item: Item) -> Location:
    """A service location back."""
    return _location_from(
        item["sk"].removeprefix(keys.LOCATION_PREFIX),
        item["pk"].split("#", 2)[2],
        orjson.loads(item["doc"]),
        version=item.get("v", 1),
        assets=item.get("assets", 0),
    )


def place_doc(place: Location | None) -> dict[str, Any] | None:
    """What the head of its customer tells of a location that has no item of its own."""
    return {"id": place.id, **_location_values(place)} if place else None


def place_from(customer_id: str, stored: dict[str, Any]) -> Location:
    """The location that the head tells of, back."""
    return _location_from(stored.pop("id"), customer_id, stored)


def _location_from(
    location_id: str, customer_id: str, stored: dict[str, Any], *, version: int = 1, assets: int = 0
) -> Location:
    position = stored.pop("position", None)
    return Location(
        id=location_id,
        customer_id=customer_id,
        version=version,
        position=Position(**{**position, "source": PositionSource(position["source"])})
        if position
        else None,
        radius_m=stored.pop("radius", DEFAULT_RADIUS_M),
        type=stored.pop("type", None),
        status=SiteStatus(stored.pop("status", SiteStatus.ACTIVE)),
        assets=assets,
        name=stored.pop("name", None),
        primary=stored.pop("primary"),
        quickbooks_id=stored.pop("quickbooks", None),
        address=Address(**stored),
    )


def contact(tenant: str, contact: Contact) -> Item:
    """One person at a customer."""
    values = {
        k: v
        for k, v in asdict(contact).items()
        if v is not None and k not in ("id", "customer_id", "version")
    }
    return {
        **keys.contact(tenant, contact.customer_id, contact.id),
        # As with locations: who was never edited carries no version.
        **({"v": contact.version} if contact.version > 1 else {}),
        "doc": dump(values),
    }


def contact_from(item: Item) -> Contact:
    """A contact back."""
    return Contact(
        id=item["sk"].removeprefix(keys.CONTACT_PREFIX),
        customer_id=item["pk"].split("#", 2)[2],
        version=item.get("v", 1),
        **orjson.loads(item["doc"]),
    )


def parts(new: NewCustomer) -> Iterable[Item]:
    """What hangs below a new customer's head: locations, but for one told by the head, contacts."""
    first = new.customer.first_place
    for place in new.locations:
        if first is None or place.id != first.id:
            yield location(new.customer.tenant, place)
    for person in new.contacts:
        yield contact(new.customer.tenant, person)
