"""A customer as items of the table: its head, list row, lookups, sentinels, locations and events.

Every item is its keys, what conditions look at, and one JSON text `doc`: thin items cost a third of
the CPU of attribute-by-attribute ones, and the history may hold any JSON value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

import orjson

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.keys import LookupKind
from roster.adapters.dynamodb.table import Item
from roster.domain.billing import BillingContact
from roster.domain.contact import Contact
from roster.domain.customer import (
    EMPTY,
    Customer,
    Kind,
    Origin,
    Role,
    Status,
    default_display_name,
)
from roster.domain.events import Actor, Change, Event, EventKind, Source
from roster.domain.location import (
    ADDRESS_FIELDS,
    DEFAULT_RADIUS_M,
    Address,
    Location,
    Position,
    PositionSource,
    SiteStatus,
)
from roster.domain.matching import MatchCard, match_card
from roster.domain.text import dialled_otherwise, digits, fold, national_digits, words
from roster.usecases.ports import NewCustomer

# What a list row shows, and a match card needs; `notes` and addresses stay in the head. A row calls
# them by one letter: at 327 bytes a row, a page of 25 still is two read units.
_ROW_LETTERS = {
    "number": "n",
    "kind": "k",
    "role": "r",
    "company_name": "c",
    "full_name": "f",
    "first_name": "g",
    "last_name": "l",
    "email": "e",
    "phone": "p",
    "mobile": "m",
    "external_id": "x",
    "tags": "t",
    "source": "s",
    "quickbooks": "q",
    "portal_access": "a",
    "verified": "v",
    "locations_count": "j",
    "primary_location": "w",
    "assets_owned": "o",
    "assets_on_location": "h",
}
_COUNTED = ("locations_count", "assets_owned", "assets_on_location")
_ROW_FIELDS = tuple(_ROW_LETTERS)
_ROW_LETTERS |= {"display_name": "d", "created": "b", "updated": "u"}
_ROW_NAMES = {letter: name for name, letter in _ROW_LETTERS.items()}
_HEAD_FIELDS = (
    "website",
    "notes",
    "billing_same_as_service",
    "gstin",
    "pan",
    "tax_rate_id",
    "payment_term_id",
    "default_discount_percent",
    "custom",
    "phone_e164",
    "mobile_e164",
)
_ALL_FIELDS = (*_ROW_FIELDS, *_HEAD_FIELDS)
_row_values, _all_values = attrgetter(*_ROW_FIELDS), attrgetter(*_ALL_FIELDS)
UNLISTED = frozenset({Status.DELETED, Status.MERGED})
UNIQUE_FIELDS = ("number", "external_id", "quickbooks")
_DEFAULTS: dict[str, Any] = {
    "kind": Kind.COMPANY,
    "role": Role.END_CUSTOMER,
    **EMPTY,
    **dict.fromkeys(_COUNTED, 0),
}
_NAMING = ("company_name", "full_name", "first_name", "last_name")
# What a field is called in the document, and what it need not say.
_ALL_USUAL = [(name, _DEFAULTS.get(name, ())) for name in _ALL_FIELDS]
_ROW_USUAL = [(_ROW_LETTERS[name], _DEFAULTS.get(name, ())) for name in _ROW_FIELDS]


def dump(value: Any) -> str:
    """JSON as the table keeps it."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v is not None and v != _DEFAULTS.get(k, ())}


def _unusual(usual: Sequence[tuple[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    return {
        name: value
        for (name, empty), value in zip(usual, values, strict=True)
        if value is not None and value != empty
    }


def _actor(actor: Actor) -> list[str | None]:
    return [actor.user, actor.source, actor.run]


def _actor_from(stored: list[Any]) -> Actor:
    return Actor(stored[0], Source(stored[1]), stored[2])


@lru_cache(maxsize=256)
def milliseconds(at: datetime) -> int:
    """A moment as the table keeps it."""
    return int(at.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """A moment as it was stored."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def head(customer: Customer) -> Item:
    """The item that is the customer."""
    values = _unusual(_ALL_USUAL, _all_values(customer))
    values["display_name"] = customer.display_name
    values["created"] = milliseconds(customer.created_at)
    values["updated"] = milliseconds(customer.updated_at)
    values["by"] = _actor(customer.created_by)
    values |= _given({
        "merged_into": customer.merged_into,
        "absorbed": customer.absorbed,
        "batch": customer.batch,
        "place": _place(customer.first_place),
        "billing_address": _given(asdict(customer.billing_address))
        if customer.billing_address
        else None,
        "billing_contact": _json(customer.billing_contact),
    })  # fmt: skip
    return {
        **keys.customer(customer.tenant, customer.id),
        "v": customer.version,
        "status": str(customer.status),
        "doc": dump(values),
    }


def list_row(customer: Customer, shelf: str | None = None) -> Item:
    """The customer's row in the list of its status, or on one of the list's shelves.

    Of a deleted one it says that it was there and nothing else: no list shows it, exports of the
    past find it, and there is nothing in it to erase.
    """
    if customer.status is Status.DELETED:
        return {**list_row_key(customer), "v": customer.version, "doc": "{}"}
    short = _unusual(_ROW_USUAL, _row_values(customer))
    by_itself = default_display_name({name: getattr(customer, name) for name in _NAMING})
    if customer.display_name != by_itself:
        short[_ROW_LETTERS["display_name"]] = customer.display_name
    short[_ROW_LETTERS["created"]] = milliseconds(customer.created_at)
    short[_ROW_LETTERS["updated"]] = milliseconds(customer.updated_at)
    return {**list_row_key(customer, shelf), "v": customer.version, "doc": dump(short)}


def list_row_key(customer: Customer, shelf: str | None = None) -> keys.Key:
    """Where the customer's list row stands; it moves with the status and the folded name."""
    name = "" if customer.status is Status.DELETED else fold(customer.display_name)
    return keys.list_row(customer.tenant, customer.status, name, customer.id, shelf)


def shelves(customer: Customer) -> list[str | None]:
    """Where rows of the customer stand: the list itself, None, and its shelves.

    One that was deleted or merged away stands in the list of its status alone, which is shown to
    nobody: exports of the past find it there, and imports what leads to a survivor.
    """
    if customer.status in UNLISTED:
        return [None]
    found: list[str | None] = [None]
    if customer.quickbooks:
        found.append(keys.LINKED_SHELF)
    if customer.portal_access:
        found.append(keys.PORTAL_SHELF)
    return found + list(dict.fromkeys(keys.tag_shelf(fold(tag)) for tag in customer.tags))


def list_rows(customer: Customer) -> list[Item]:
    """All rows of the customer: the same one on every shelf it stands on."""
    return [list_row(customer, shelf) for shelf in shelves(customer)]


def customer_from(item: Item) -> Customer:
    """A customer from its head."""
    tenant, _, customer_id = item["pk"].split("#", 2)
    return _customer(tenant, customer_id, item["status"], item["v"], orjson.loads(item["doc"]))


def customer_from_row(item: Item) -> Customer:
    """A customer from its list row: what a list shows, without notes and addresses."""
    tenant, status = keys.list_parts(item["pk"])
    stored: dict[str, Any] = orjson.loads(item["doc"])
    # Rows written before ADR 0012 spell their fields out, until their customer is next changed.
    values = {_ROW_NAMES.get(letter, letter): value for letter, value in stored.items()}
    return _customer(tenant, keys.listed_customer(item["sk"]), status, item["v"], values)


def _customer(
    tenant: str, customer_id: str, status: str, version: int, values: dict[str, Any]
) -> Customer:
    by = values.pop("by", None)
    billing = values.pop("billing_address", None)
    contact = values.pop("billing_contact", None)
    place = values.pop("place", None)
    values.setdefault("display_name", default_display_name(values))
    return Customer(
        id=customer_id,
        tenant=tenant,
        version=version,
        status=Status(status),
        created_at=moment(values.pop("created")),
        updated_at=moment(values.pop("updated")),
        created_by=_actor_from(by) if by else Actor(""),
        source=Origin(values.pop("source", Origin.MANUAL)),
        kind=Kind(values.pop("kind", Kind.COMPANY)),
        role=Role(values.pop("role", Role.END_CUSTOMER)),
        tags=tuple(values.pop("tags", ())),
        absorbed=tuple(values.pop("absorbed", ())),
        billing_address=Address(**billing) if billing else None,
        billing_contact=BillingContact(**contact) if contact else None,
        first_place=_place_from(customer_id, place) if place else None,
        **values,
    )


def all_names(customer: Customer) -> str:
    """Every folded word of the customer's names once: of the firm and of the person behind it."""
    given = (customer.display_name, customer.company_name, customer.full_name)
    different = filter(None, dict.fromkeys(given))
    return " ".join(dict.fromkeys(word for name in different for word in words(name)))


def tokens(customer: Customer, *, before: bool = False) -> list[tuple[str, LookupKind]]:
    """What the customer is found by; nothing for a deleted one, or one that was merged away.

    `before`: what it was found by until ADR 0028, which its lookups may still be.
    """
    return _tokens(customer, all_names(customer), before=before)


def _tokens(customer: Customer, names: str, *, before: bool) -> list[tuple[str, LookupKind]]:
    if customer.status in UNLISTED:
        return []
    dialled = _dialled_before if before else _dialled
    found = [(word, LookupKind.NAME) for word in names.split()]
    found += [(email.casefold(), LookupKind.EMAIL) for email in (customer.email,) if email]
    numbers = (
        (customer.phone, customer.phone_e164),
        (customer.mobile, customer.mobile_e164),
    )
    phones = {phone for typed, e164 in numbers if typed for phone in dialled(typed, e164)}
    found += [(phone, LookupKind.PHONE) for phone in sorted(phones) if phone]
    taxes = dict.fromkeys(tax.casefold() for tax in (customer.gstin, customer.pan) if tax)
    return found + [(tax, LookupKind.TAX) for tax in taxes]


def _dialled_before(typed: str | None, e164: str | None) -> Iterable[str]:
    """The digits of a phone: as typed, and with the country's code, else without it."""
    own = digits(typed or "")
    if e164 is None:
        return [own]
    return [digits(e164), own if own != digits(e164) else national_digits(e164)]


def _dialled(typed: str | None, e164: str | None) -> Iterable[str]:
    """The digits a phone is looked for by: those without the country's code, as typed.

    Whoever looks turns the others into these (`text.dialled_otherwise`); where they cannot be
    turned into what was typed, "00 44 20 …" say, there are both.
    """
    *international, own = _dialled_before(typed, e164)
    turned = dialled_otherwise(international[0], surely=True) if international else ()
    return [own] if own in turned else [*international, own]


def lookups(customer: Customer, *, before: bool = False) -> dict[str, Item]:
    """The customer's lookup items by sort key; none for a deleted one. `before`: see `tokens`."""
    name = all_names(customer)
    return {
        key["sk"]: {**key, "name": name}
        for token, kind in _tokens(customer, name, before=before)
        for key in [keys.lookup(customer.tenant, token, kind, customer.id)]
    }


def all_lookups(customer: Customer) -> dict[str, Item]:
    """Every lookup item that the customer, written at whatever time, may have."""
    return lookups(customer, before=True) | lookups(customer)


def uniques(customer: Customer) -> dict[str, str]:
    """The values of the customer that must be its alone, by field; a deleted one holds none."""
    if customer.status is Status.DELETED:
        return {}
    return {f: value for f in UNIQUE_FIELDS if (value := getattr(customer, f))}


def unique(tenant: str, field: str, value: str, customer_id: str) -> Item:
    """The sentinel of one unique value."""
    return {**keys.unique(tenant, field, value), "customer": customer_id}


def event(tenant: str, event: Event) -> Item:
    """One entry of the history."""
    return {
        **keys.event(tenant, event.customer_id, event.id),
        "doc": dump(
            {
                "kind": event.kind,
                "v": event.version,
                "at": milliseconds(event.at),
                "by": _actor(event.actor),
                "changes": [[c.field, _json(c.old), _json(c.new)] for c in event.changes],
                **({"reason": event.reason} if event.reason else {}),
            }
        ),
    }


def _json(value: Any) -> Any:
    return _given(asdict(value)) if isinstance(value, Address | BillingContact) else value


def event_from(item: Item) -> Event:
    """An entry of the history back."""
    stored = orjson.loads(item["doc"])
    return Event(
        id=item["sk"].removeprefix(keys.EVENT_PREFIX),
        kind=EventKind(stored["kind"]),
        customer_id=item["pk"].split("#", 2)[2],
        version=stored["v"],
        at=moment(stored["at"]),
        actor=_actor_from(stored["by"]),
        changes=tuple(Change(*change) for change in stored["changes"]),
        reason=stored.get("reason"),
    )


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


def locations_from(found: Iterable[Item]) -> list[Location]:
    """The locations, oldest first, of a customer's head and location items, in any order.

    What stands in an item of its own says more than the head: it was written later.
    """
    places: dict[str, Location] = {}
    gone: set[str] = set()
    for item in sorted(found, key=lambda one: str(one["sk"])):
        if item["sk"] == keys.HEAD:
            if first := customer_from(item).first_place:
                places[first.id] = first
        elif "gone" in item:
            gone.add(item["sk"].removeprefix(keys.LOCATION_PREFIX))
        else:
            place = location_from(item)
            places[place.id] = place
    return [places[i] for i in sorted(places) if i not in gone]


def _place(place: Location | None) -> dict[str, Any] | None:
    return {"id": place.id, **_location_values(place)} if place else None


def _place_from(customer_id: str, stored: dict[str, Any]) -> Location:
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


def card(customer: Customer) -> MatchCard:
    """What matching compares of a customer."""
    return match_card(
        id=customer.id,
        display_name=customer.display_name,
        full_name=customer.full_name,
        email=customer.email,
        phone=customer.phone,
        external_id=customer.external_id,
        number=customer.number,
        version=customer.version,
        state="" if customer.status is Status.ACTIVE else customer.status,
    )


def parts(new: NewCustomer) -> Iterable[Item]:
    """What hangs below a new customer's head: locations, but for one told by the head, contacts."""
    first = new.customer.first_place
    for place in new.locations:
        if first is None or place.id != first.id:
            yield location(new.customer.tenant, place)
    for person in new.contacts:
        yield contact(new.customer.tenant, person)
