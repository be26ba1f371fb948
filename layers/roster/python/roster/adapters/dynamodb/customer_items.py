"""A customer as items of the table: its head, list rows, sentinels and events.

Every item is its keys, what conditions look at, and one JSON text `doc`: thin items cost a third of
the CPU of attribute-by-attribute ones, and the history may hold any JSON value. Lookups are made in
`customer_lookups`, locations and contacts in `part_items`.
"""

from collections.abc import Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any

import orjson

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.encoding import actor_doc, actor_from, dump, milliseconds, moment
from roster.adapters.dynamodb.part_items import place_doc, place_from
from roster.adapters.dynamodb.table import Item
from roster.domain.billing import BillingContact
from roster.domain.customer import (
    EMPTY,
    Customer,
    Kind,
    Origin,
    Role,
    Status,
    default_display_name,
)
from roster.domain.events import Actor, Change, Event, EventKind
from roster.domain.location import Address
from roster.domain.matching import MatchCard, match_card
from roster.domain.text import fold

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


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v is not None and v != _DEFAULTS.get(k, ())}


def _unusual(usual: Sequence[tuple[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    return {
        name: value
        for (name, empty), value in zip(usual, values, strict=True)
        if value is not None and value != empty
    }


def head(customer: Customer) -> Item:
    """The item that is the customer."""
    values = _unusual(_ALL_USUAL, _all_values(customer))
    values["display_name"] = customer.display_name
    values["created"] = milliseconds(customer.created_at)
    values["updated"] = milliseconds(customer.updated_at)
    values["by"] = actor_doc(customer.created_by)
    values |= _given({
        "merged_into": customer.merged_into,
        "absorbed": customer.absorbed,
        "batch": customer.batch,
        "place": place_doc(customer.first_place),
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
        created_by=actor_from(by) if by else Actor(""),
        source=Origin(values.pop("source", Origin.MANUAL)),
        kind=Kind(values.pop("kind", Kind.COMPANY)),
        role=Role(values.pop("role", Role.END_CUSTOMER)),
        tags=tuple(values.pop("tags", ())),
        absorbed=tuple(values.pop("absorbed", ())),
        billing_address=Address(**billing) if billing else None,
        billing_contact=BillingContact(**contact) if contact else None,
        first_place=place_from(customer_id, place) if place else None,
        **values,
    )


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
                "by": actor_doc(event.actor),
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
        actor=actor_from(stored["by"]),
        changes=tuple(Change(*change) for change in stored["changes"]),
        reason=stored.get("reason"),
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
