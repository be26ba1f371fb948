"""The customer record and its rules: what a field may hold, how a life goes, what a change is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from roster.domain.errors import FieldError, Gone, Invalid, WrongState
from roster.domain.events import Actor, Change, Event, EventKind, event_id
from roster.domain.location import Address, address_from, merged_address
from roster.domain.text import has_control_characters, is_invisible


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


@dataclass(frozen=True, slots=True, kw_only=True)
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
    quickbooks: str | None = None
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()


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
)
# What an event records besides: a change of these is history too.
TRACKED = (*EDITABLE, "status", "quickbooks", "merged_into", "absorbed")

MAX_LENGTH = {
    "display_name": 500,
    "number": 40,
    "company_name": 255,
    "full_name": 255,
    "first_name": 100,
    "last_name": 100,
    "email": 254,
    "phone": 50,
    "mobile": 50,
    "website": 1000,
    "notes": 4000,
    "external_id": 100,
}
_NAMES = ("display_name", "company_name", "full_name", "first_name", "last_name")
MAX_TAGS, MAX_TAG_LENGTH, MAX_ADDRESS_PART = 50, 50, 255


def default_display_name(values: Mapping[str, Any]) -> str | None:
    """The name a customer goes by unless told otherwise: the company's, else the person's."""
    return values.get("company_name") or values.get("full_name") or _joined(values)


def _joined(values: Mapping[str, Any]) -> str | None:
    parts = (values.get("first_name"), values.get("last_name"))
    return " ".join(p for p in parts if p) or None


def _text_error(name: str, value: str) -> FieldError | None:
    limit = MAX_LENGTH[name]
    if len(value) > limit:
        return FieldError(f"/{name}", "too_long", f"at most {limit} characters")
    if has_control_characters(value) or (name != "notes" and "\n" in value):
        return FieldError(f"/{name}", "control_character", "no control characters")
    if name in _NAMES and value and is_invisible(value):
        return FieldError(f"/{name}", "invisible", "a name must have something that can be seen")
    if name == "email" and not _looks_like_email(value):
        return FieldError("/email", "email", "not an e-mail address")
    return None


def _looks_like_email(value: str) -> bool:
    local, at, domain = value.rpartition("@")
    return bool(at and local and "." in domain.strip(".") and not any(c.isspace() for c in value))


def check_fields(values: Mapping[str, Any]) -> list[FieldError]:
    """Every rule that `values` (a subset of EDITABLE, None for empty) breaks, all at once."""
    errors = [
        error
        for name in MAX_LENGTH
        if isinstance(value := values.get(name), str) and (error := _text_error(name, value))
    ]
    tags = values.get("tags") or ()
    if len(tags) > MAX_TAGS:
        errors.append(FieldError("/tags", "too_many", f"at most {MAX_TAGS} tags"))
    errors.extend(error for i, tag in enumerate(tags) if (error := _tag_error(i, tag)))
    return errors


def _tag_error(position: int, tag: str) -> FieldError | None:
    pointer = f"/tags/{position}"
    if len(tag) > MAX_TAG_LENGTH:
        return FieldError(pointer, "too_long", f"at most {MAX_TAG_LENGTH} characters")
    if has_control_characters(tag):
        return FieldError(pointer, "control_character", "no control characters")
    if is_invisible(tag):
        return FieldError(pointer, "invisible", "a tag must have something that can be seen")
    return None


def new_customer(
    *,
    id: str,
    tenant: str,
    values: Mapping[str, Any],
    source: Origin,
    actor: Actor,
    now: datetime,
) -> Customer:
    """A new, active customer from `values` (keys of EDITABLE; empty text counts as not given).

    `billing_address` may be a mapping.
    Raises Invalid with every broken rule; a name of some kind is the one thing required.
    """
    given = {k: v for k, v in values.items() if v not in (None, "", (), [])}
    if isinstance(billing := given.get("billing_address"), Mapping):
        given["billing_address"] = address_from(billing)
    errors = check_fields(given)
    given.setdefault("full_name", _joined(given))
    display_name: str = given.pop("display_name", None) or default_display_name(given) or ""
    if not display_name:
        errors.append(FieldError("/display_name", "required", "a customer needs a name"))
    if errors:
        raise Invalid(errors)
    given.setdefault("kind", Kind.COMPANY if given.get("company_name") else _kind_of(given))
    return Customer(
        id=id,
        tenant=tenant,
        source=source,
        created_at=now,
        updated_at=now,
        created_by=actor,
        display_name=display_name,
        **_typed(given),
    )


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
    return typed


def edit(customer: Customer, values: Mapping[str, Any], *, now: datetime) -> Customer:
    """`customer` with `values` merged in: absent keeps, None clears; itself if nothing moved.

    Names that were derived keep following the names they derive from. `billing_address` may be a
    mapping of the parts to set; an Address takes the place of the whole. Raises Invalid.
    """
    before = {name: getattr(customer, name) for name in EDITABLE}
    merged = before | {k: v if v not in ("", []) else None for k, v in values.items()}
    if isinstance(parts := values.get("billing_address"), Mapping):
        merged["billing_address"] = merged_address(customer.billing_address, parts)
    errors = check_fields({k: merged[k] for k in values if merged[k] is not None})
    errors.extend(
        FieldError(f"/{name}", "required", f"{name} cannot be empty")
        for name in ("kind", "role")
        if merged[name] is None
    )
    if "full_name" not in values and before["full_name"] == _joined(before):
        merged["full_name"] = _joined(merged)
    derived = before["display_name"] == default_display_name(before)
    if merged["display_name"] is None or (derived and "display_name" not in values):
        merged["display_name"] = default_display_name(merged) or merged["display_name"]
    if not merged["display_name"]:
        errors.append(FieldError("/display_name", "required", "a customer needs a name"))
    if errors:
        raise Invalid(errors)
    updates: dict[str, Any] = {**dict.fromkeys(EDITABLE), "tags": (), **_typed(merged)}
    return _moved(customer, replace(customer, **updates), now)


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
    """The tombstone of an inactive customer; raises WrongState for an active one."""
    return _to(customer, Status.DELETED, only_from=Status.INACTIVE, now=now)


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
        id=f"evt_{1:010d}_{customer.id.partition('_')[2]}",
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
