"""The customer record and its rules: what a field may hold, how a life goes, what a change is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from roster.domain import customer_values as normal
from roster.domain.billing import BillingContact, contact_from, merged_contact
from roster.domain.customer_fields import check_fields, check_together
from roster.domain.errors import FieldError, Gone, Invalid, WrongState
from roster.domain.events import Actor, Change, Event, EventKind, event_id
from roster.domain.location import Address, Location, address_from, merged_address
from roster.domain.quick import quick_dataclass


class Kind(StrEnum):
    """An individual or a company that purchases from us."""

    INDIVIDUAL = "individual"
    COMPANY = "company"


class Role(StrEnum):
    """Whether the customer sells on or uses what it buys."""

    END_CUSTOMER = "end_customer"
    DISTRIBUTOR = "distributor"


class Status(StrEnum):
    """One state for inactive and archived alike; no list shows a tombstone or a merged one."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETED = "deleted"
    MERGED = "merged"


class Origin(StrEnum):
    """The route a record was created by."""

    MANUAL = "manual"
    QUICKBOOKS = "quickbooks"
    IMPORT = "import"


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer as stored. `version` counts its changes from 1 and is its ETag."""

    id: str
    tenant: str
    version: int = 1
    status: Status = Status.ACTIVE
    source: Origin = Origin.MANUAL
    created_at: datetime
    updated_at: datetime
    created_by: Actor
    display_name: str
    number: str | None = None
    kind: Kind = Kind.COMPANY
    role: Role = Role.END_CUSTOMER
    company_name: str | None = None
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    website: str | None = None
    notes: str | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    billing_address: Address | None = None
    billing_same_as_service: bool = False
    billing_contact: BillingContact | None = None
    gstin: str | None = None
    pan: str | None = None
    tax_rate_id: str | None = None
    payment_term_id: str | None = None
    default_discount_percent: str | None = None
    verified: bool = False
    portal_access: bool = False
    custom: Mapping[str, Any] = field(default_factory=dict)
    # Beside what was typed; they follow it, so they are no history of their own.
    phone_e164: str | None = None
    mobile_e164: str | None = None
    quickbooks: str | None = None
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    # Counted with all that was merged into it, in the transaction of what is counted.
    locations_count: int = 0
    primary_location: str | None = None
    assets_owned: int = 0
    assets_on_location: int = 0
    # What an import loaded it with, and the place it gave it: that of this id in the list of the
    # customer's locations until one is kept there.
    batch: str | None = None
    first_place: Location | None = None


# What a person, a spreadsheet or QuickBooks may set. The rest is the system's own.
EDITABLE = (
    "display_name",
    "number",
    "kind",
    "role",
    "company_name",
    "full_name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "website",
    "notes",
    "external_id",
    "tags",
    "billing_address",
    "billing_same_as_service",
    "billing_contact",
    "gstin",
    "pan",
    "tax_rate_id",
    "payment_term_id",
    "default_discount_percent",
    "verified",
    "portal_access",
    "custom",
)
# What an editable field holds when it is empty; None where it is not listed.
EMPTY: dict[str, Any] = {
    "tags": (),
    "custom": {},
    "billing_same_as_service": False,
    "verified": False,
    "portal_access": False,
}
DEFAULT_REGION = "US"
# What an event records besides: a change of these is history too.
TRACKED = (*EDITABLE, "status", "quickbooks", "merged_into", "absorbed")


def default_display_name(values: Mapping[str, Any]) -> str | None:
    """The name a customer goes by unless told otherwise: the company's, else the person's."""
    return values.get("company_name") or values.get("full_name") or joined_name(values)


def joined_name(values: Mapping[str, Any]) -> str | None:
    """First and last name as one."""
    parts = (values.get("first_name"), values.get("last_name"))
    return " ".join(p for p in parts if p) or None


def new_customer(
    *,
    id: str,
    tenant: str,
    values: Mapping[str, Any],
    source: Origin,
    actor: Actor,
    now: datetime,
    region: str | None = DEFAULT_REGION,
    checked: bool = False,
    also: Mapping[str, Any] | None = None,
) -> Customer:
    """A new, active customer from `values` (keys of EDITABLE; empty text counts as not given).

    `billing_address` and `billing_contact` may be mappings; `region` is the country in which
    phone numbers without a country code are dialled, None leaves phones as typed. Values that are
    `checked` break no rule; `also` are fields that nobody types.
    Raises Invalid with every broken rule; a name of some kind is the one thing required.
    """
    given = given_values(values, checked=checked)
    return Customer(
        id=id,
        tenant=tenant,
        source=source,
        created_at=now,
        updated_at=now,
        created_by=actor,
        phone_e164=normal.e164(given.get("phone"), region),
        mobile_e164=normal.e164(given.get("mobile"), region),
        **_typed(given),
        **(also or {}),
    )


def given_values(values: Mapping[str, Any], *, checked: bool = False) -> dict[str, Any]:
    """What of a new customer's `values` is given, with its names and kind worked out.

    Raises Invalid with every broken rule; those that are `checked` break none but the last two.
    """
    given = {k: v for k, v in values.items() if v or (v is not None and v not in ("", (), []))}
    if "billing_address" in given and isinstance(billing := given["billing_address"], Mapping):
        given["billing_address"] = address_from(billing)
    if "billing_contact" in given and isinstance(contact := given["billing_contact"], Mapping):
        given["billing_contact"] = contact_from(contact)
    errors = [] if checked else [*check_fields(given), *check_together(given)]
    if given.get("billing_same_as_service") and given.get("billing_address"):
        errors.append(_TWO_BILLING_ADDRESSES)
    given.setdefault("full_name", joined_name(given))
    given["display_name"] = given.get("display_name") or default_display_name(given) or ""
    if not given["display_name"]:
        errors.append(FieldError("/display_name", "required", "a customer needs a name"))
    if errors:
        raise Invalid(errors)
    given.setdefault("kind", Kind.COMPANY if given.get("company_name") else _kind_of(given))
    return given


def _kind_of(values: Mapping[str, Any]) -> Kind:
    person = values.get("first_name") or values.get("last_name") or values.get("full_name")
    return Kind.INDIVIDUAL if person else Kind.COMPANY


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    typed = {k: v for k, v in values.items() if v is not None}
    if "tags" in typed:
        typed["tags"] = tuple(dict.fromkeys(typed["tags"]))
    for name, kind in (("kind", Kind), ("role", Role)):
        if name in typed:
            typed[name] = kind(typed[name])
    for name, form in _FORMS.items():
        if name in typed:
            typed[name] = form(typed[name])
    if "custom" in typed:
        typed["custom"] = {k: v for k, v in typed["custom"].items() if v is not None}
    return typed


_FORMS: dict[str, Callable[[Any], str | None]] = {
    "gstin": normal.gstin,
    "pan": normal.pan,
    "default_discount_percent": normal.percent,
}
_TWO_BILLING_ADDRESSES = FieldError(
    "/billing_address",
    "billing_same_as_service",
    "the billing address is the service address: clear billing_same_as_service to set another",
)


def edit(
    customer: Customer,
    values: Mapping[str, Any],
    *,
    now: datetime,
    region: str = DEFAULT_REGION,
) -> Customer:
    """`customer` with `values` merged in: absent keeps, None clears; itself if nothing moved.

    Names that were derived keep following the names they derive from. `billing_address` and
    `billing_contact` may be mappings of the parts to set; an Address or a BillingContact takes the
    place of the whole. `custom` is merged name by name. Raises Invalid.
    """
    before = {name: getattr(customer, name) for name in EDITABLE}
    merged = before | {k: v if v not in ("", []) else None for k, v in values.items()}
    if isinstance(parts := values.get("billing_address"), Mapping):
        merged["billing_address"] = merged_address(customer.billing_address, parts)
    if isinstance(parts := values.get("billing_contact"), Mapping):
        merged["billing_contact"] = merged_contact(customer.billing_contact, parts)
    if merged["custom"] is not None:
        merged["custom"] = {**customer.custom, **merged["custom"]}
    errors = check_fields({k: merged[k] for k in values if merged[k] is not None})
    if "gstin" in values or "pan" in values:
        errors.extend(check_together(merged))
    errors.extend(_settle_billing(merged, values))
    errors.extend(
        FieldError(f"/{name}", "required", f"{name} cannot be empty")
        for name in ("kind", "role")
        if merged[name] is None
    )
    if "full_name" not in values and before["full_name"] == joined_name(before):
        merged["full_name"] = joined_name(merged)
    derived = before["display_name"] == default_display_name(before)
    if merged["display_name"] is None or (derived and "display_name" not in values):
        merged["display_name"] = default_display_name(merged) or merged["display_name"]
    if not merged["display_name"]:
        errors.append(FieldError("/display_name", "required", "a customer needs a name"))
    if errors:
        raise Invalid(errors)
    updates: dict[str, Any] = {**dict.fromkeys(EDITABLE), **EMPTY, **_typed(merged)}
    for name in ("phone", "mobile"):
        if merged[name] != before[name]:
            updates[f"{name}_e164"] = normal.e164(merged[name], region)
    return _moved(customer, replace(customer, **updates), now)


def _settle_billing(merged: dict[str, Any], values: Mapping[str, Any]) -> list[FieldError]:
    """Keep one billing address: none is stored while it is the service address."""
    if not merged["billing_same_as_service"]:
        return []
    given = values.get("billing_address")
    if isinstance(given, Address) and "billing_same_as_service" not in values:
        # A whole address is set by QuickBooks or by a restore: it says where bills go now.
        merged["billing_same_as_service"] = False
        return []
    merged["billing_address"] = None
    return [_TWO_BILLING_ADDRESSES] if isinstance(given, Mapping) and any(given.values()) else []


def keep_billing(customer: Customer, address: Address) -> Customer:
    """`customer` without its last place of service, at `address`: bills keep going there."""
    if not customer.billing_same_as_service:
        return customer
    return replace(customer, billing_same_as_service=False, billing_address=address)


def _moved(before: Customer, after: Customer, now: datetime) -> Customer:
    if after == before:
        return before
    return replace(after, version=before.version + 1, updated_at=now)


def link_quickbooks(customer: Customer, quickbooks_id: str | None, *, now: datetime) -> Customer:
    """`customer` linked to that QuickBooks id (None unlinks)."""
    return _moved(customer, replace(customer, quickbooks=quickbooks_id), now)


def deactivate(customer: Customer, *, now: datetime) -> Customer:
    """Make inactive (archive); raises WrongState when it already is."""
    return _to(customer, Status.INACTIVE, only_from=Status.ACTIVE, now=now)


def activate(customer: Customer, *, now: datetime) -> Customer:
    """Make active again (unarchive); raises WrongState when it already is."""
    return _to(customer, Status.ACTIVE, only_from=Status.INACTIVE, now=now)


def delete(customer: Customer, *, now: datetime) -> Customer:
    """The tombstone of an inactive customer; raises WrongState for an active one.

    And for one that has assets, which would be without owner or place.
    """
    if customer.assets_owned or customer.assets_on_location:
        detail = "it owns assets, or assets are at its locations: move or remove them first"
        raise WrongState(detail, code="has_assets")
    return _to(customer, Status.DELETED, only_from=Status.INACTIVE, now=now)


def delete_with_survivor(customer: Customer, *, now: datetime) -> Customer:
    """The tombstone of one that was merged into a customer that has been deleted."""
    return _moved(customer, replace(customer, status=Status.DELETED), now)


def refuse_merged(customer: Customer) -> None:
    """Raise WrongState for a customer that is a part of another one."""
    if customer.merged_into is not None:
        detail = f"customer {customer.id} is merged into {customer.merged_into}: use that one"
        raise WrongState(detail, code="merged")


def _to(customer: Customer, status: Status, *, only_from: Status, now: datetime) -> Customer:
    if customer.status is Status.DELETED:
        raise Gone(f"customer {customer.id} has been deleted")
    refuse_merged(customer)
    if customer.status is not only_from:
        if status is Status.DELETED:
            detail = "only an inactive customer can be deleted: deactivate it first"
        else:
            detail = f"the customer is already {customer.status}"
        raise WrongState(detail)
    return _moved(customer, replace(customer, status=status), now)


def changes_between(before: Customer, after: Customer) -> tuple[Change, ...]:
    """The tracked fields in which the two differ."""
    return tuple(
        Change(name, old, new)
        for name in TRACKED
        if (old := getattr(before, name)) != (new := getattr(after, name))
    )


def creation_id(customer_id: str) -> str:
    """The id of the entry that tells how the customer came to be."""
    return f"evt_{1:010d}_{customer_id.partition('_')[2]}"


def creation_of(customer: Customer, later: Iterable[Event]) -> Event:
    """How it all began: `customer` with `later`, its events newest first, taken back.

    The creation is not stored as an event: the head knows when, by whom and by which road, and
    what it held then is what it holds now with every change undone.
    """
    values: dict[str, Any] = {name: getattr(customer, name) for name in TRACKED}
    for event in later:
        # The parts of a customer have a history of their own, in the same events.
        values |= {c.field: c.old for c in event.changes if c.field in values}
    return Event(
        id=creation_id(customer.id),
        kind=EventKind.CREATED,
        customer_id=customer.id,
        version=1,
        at=customer.created_at,
        actor=customer.created_by,
        changes=tuple(Change(name, None, value) for name, value in values.items() if value),
    )


def event_of(
    kind: EventKind,
    before: Customer,
    after: Customer,
    actor: Actor,
    reason: str | None = None,
) -> Event:
    """The history entry of the step from `before` to `after`."""
    return Event(
        id=event_id(after.version, after.updated_at),
        kind=kind,
        customer_id=after.id,
        version=after.version,
        at=after.updated_at,
        actor=actor,
        changes=changes_between(before, after),
        reason=reason,
    )
