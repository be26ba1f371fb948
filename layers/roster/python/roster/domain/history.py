"""The past of a customer, from its head and its events: nothing else is kept of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from roster.domain import customer as rules
from roster.domain.billing import BillingContact, contact_from
from roster.domain.customer import Customer, Kind, Role, Status
from roster.domain.customer_values import e164
from roster.domain.errors import FieldError, Invalid, NotFound, WrongState
from roster.domain.events import Actor, Change, Event, EventKind, Source
from roster.domain.location import Address, address_from

_ENUMS: Mapping[str, type] = {"kind": Kind, "role": Role, "status": Status}
_DEFAULTS = {f.name: f.default for f in fields(Customer) if f.default is not MISSING} | rules.EMPTY


def typed(name: str, stored: Any) -> Any:
    """A field's value as the record holds it, from the JSON value that an event holds."""
    if stored is None:
        return _DEFAULTS.get(name)
    if isinstance(stored, list):
        return tuple(stored)
    if name == "billing_address" and isinstance(stored, Mapping):
        return address_from(stored)
    if name == "billing_contact" and isinstance(stored, Mapping):
        return contact_from(stored)
    return _ENUMS[name](stored) if name in _ENUMS else stored


def plain(value: Any) -> Any:
    """A field's value as JSON: what `typed` takes."""
    if isinstance(value, Address | BillingContact):
        return {k: v for k, v in asdict(value).items() if v is not None}
    return list(value) if isinstance(value, tuple) else value


def at_moment(customer: Customer, events: Iterable[Event], moment: datetime) -> Customer:
    """`customer` as it was at `moment`, by taking back `events`, which come newest first.

    Raises NotFound for a moment before its creation.
    """
    if moment < customer.created_at:
        raise NotFound(f"customer {customer.id} was not there yet", code="not_yet_created")
    return _taken_back(customer, events, lambda event: event.at <= moment)


def at_version(customer: Customer, events: Iterable[Event], version: int) -> Customer:
    """`customer` as its change number `version` left it; raises NotFound where there is none."""
    if not 1 <= version <= customer.version:
        raise NotFound(f"customer {customer.id} has no version {version}", code="no_such_version")
    return _taken_back(customer, events, lambda event: event.version <= version)


def states(customer: Customer, events: Iterable[Event]) -> Iterator[Customer]:
    """The customer as it is and as each of its versions left it, newest first."""
    yield customer
    for event in events:
        if event.kind is EventKind.CREATED or event.version > customer.version:
            continue
        old = {c.field: typed(c.field, c.old) for c in event.changes if c.field in rules.TRACKED}
        customer = undialled(replace(customer, version=event.version - 1, **old), customer)
        yield customer


def _taken_back(customer: Customer, events: Iterable[Event], is_reached: Any) -> Customer:
    values: dict[str, Any] = {}
    version, updated = 1, customer.created_at
    for event in events:
        # Written after the head was read.
        if event.version > customer.version:
            continue
        if event.kind is EventKind.CREATED:
            break
        if is_reached(event):
            version, updated = event.version, event.at
            break
        values |= {c.field: typed(c.field, c.old) for c in event.changes}
    ours = {name: value for name, value in values.items() if name in rules.TRACKED}
    return undialled(replace(customer, version=version, updated_at=updated, **ours), customer)


def undialled(customer: Customer, was: Customer) -> Customer:
    """`customer` without the E.164 forms of phones that it has no longer, or had not yet."""
    return replace(
        customer,
        phone_e164=was.phone_e164 if customer.phone == was.phone else None,
        mobile_e164=was.mobile_e164 if customer.mobile == was.mobile else None,
    )


def dialled(customer: Customer, region: str) -> Customer:
    """`customer` with the E.164 forms that it lacks, of phones as one dials them in `region`."""
    return replace(
        customer,
        phone_e164=customer.phone_e164 or e164(customer.phone, region),
        mobile_e164=customer.mobile_e164 or e164(customer.mobile, region),
    )


def parts_before(
    family: str, now: Mapping[str, Mapping[str, Any]], events: Iterable[Event]
) -> dict[str, dict[str, Any]]:
    """The facts of a customer's parts, by id, before `events`, which come newest first.

    `now` are their facts after them; a part of which nothing is left was not there.
    """
    found = {part_id: dict(facts) for part_id, facts in now.items()}
    for event in events:
        for change in event.changes:
            match change.field.split("/"):
                case [of, part_id, name] if of == family:
                    found.setdefault(part_id, {})[name] = change.old
    return {part_id: facts for part_id, facts in found.items() if any(facts.values())}


@dataclass(frozen=True, slots=True)
class Override:
    """What QuickBooks has in a field that was edited here, and stays as it is here.

    `since` is when it was first edited after QuickBooks last set it; that was in the run `run`,
    None where QuickBooks never did.
    """

    theirs: Any
    since: datetime
    run: str | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who set a field to what it holds now, and what it held before; values are JSON."""

    field: str
    value: Any
    old: Any
    at: datetime
    actor: Actor
    event_id: str
    override: Override | None = None


def overridden(
    found: Iterable[Provenance], events: Sequence[Event], theirs: Mapping[str, Any]
) -> tuple[Provenance, ...]:
    """`found` with what QuickBooks has instead, by field in `theirs`; `events` as `provenance`."""
    return tuple(
        replace(one, override=_override(one, events, theirs[one.field]))
        if one.field in theirs
        else one
        for one in found
    )


def _override(one: Provenance, events: Sequence[Event], theirs: Any) -> Override:
    since = one.at
    for event in events:
        if not any(change.field == one.field for change in event.changes):
            continue
        if event.actor.source is Source.QUICKBOOKS:
            return Override(plain(theirs), since, event.actor.run)
        since = event.at
    return Override(plain(theirs), since, None)


def provenance(customer: Customer, events: Iterable[Event]) -> tuple[Provenance, ...]:
    """For every field that was ever set, its last change; `events` newest first, creation last."""
    found: dict[str, Provenance] = {}
    for event in events:
        if event.version > customer.version:
            continue
        for change in event.changes:
            if change.field in rules.TRACKED and change.field not in found:
                value = plain(getattr(customer, change.field))
                old = plain(change.old)
                found[change.field] = Provenance(
                    change.field, value, old, event.at, event.actor, event.id
                )
    return tuple(found[name] for name in rules.TRACKED if name in found)


def old_values(event: Event, only: Sequence[str] | None) -> dict[str, Any]:
    """What has to be set to take `event` back, or only the fields `only` of it.

    Raises Invalid for a field that the event did not change or nobody may set, WrongState for an
    event that changed no such field.
    """
    if event.kind is EventKind.CREATED:
        raise WrongState("a creation cannot be taken back: delete the customer instead")
    old = {c.field: typed(c.field, c.old) for c in event.changes if c.field in rules.EDITABLE}
    strange = [
        FieldError(f"/fields/{i}", "not_in_event", f"the event changed no field {name!r}")
        for i, name in enumerate(only or ())
        if name not in old
    ]
    if strange:
        raise Invalid(strange)
    if not old:
        raise WrongState("this event changed nothing that can be set: use its opposite")
    return {name: value for name, value in old.items() if only is None or name in only}


_SHOWN = 60
_KINDS: Mapping[EventKind, str] = {
    EventKind.DEACTIVATED: "status_changed",
    EventKind.ACTIVATED: "status_changed",
    EventKind.DELETED: "deletion",
    EventKind.ERASED: "erasure",
}
_BY: Mapping[Source, str] = {Source.IMPORT: " by an import", Source.QUICKBOOKS: " by a sync"}
_OF_PARTS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.LOCATION_ADDED: ("added", "location"),
    EventKind.LOCATION_EDITED: ("edited", "location"),
    EventKind.LOCATION_REMOVED: ("removed", "location"),
    EventKind.CONTACT_ADDED: ("added", "contact"),
    EventKind.CONTACT_EDITED: ("edited", "contact"),
    EventKind.CONTACT_REMOVED: ("removed", "contact"),
    EventKind.ASSET_ADDED: ("added", "asset"),
    EventKind.ASSET_MOVED: ("moved", "asset"),
    EventKind.ASSET_REMOVED: ("removed", "asset"),
}
# What a part is called by, in this order.
_CALLED_BY = ("name", "first_name", "last_name", "email", "street", "city", "state", "zip")
_ROADS: Mapping[Source, str] = {Source.IMPORT: "import", Source.QUICKBOOKS: "sync_update"}


def timeline_kind(event: Event) -> str:
    """What the timeline calls an event: an edit is told by its road, a change of status by one."""
    if event.kind is EventKind.EDITED:
        return _ROADS.get(event.actor.source, "edited")
    return _KINDS.get(event.kind, str(event.kind))


def sentence(event: Event) -> str:
    """The event in one line for a person."""
    who = event.actor.user or str(event.actor.source)
    if event.kind in (EventKind.MERGED, EventKind.UNMERGED):
        text = f"{who} {_of_a_merge(event)}"
    elif event.kind is EventKind.EDITED:
        told = [_told(c) for c in event.changes if "/" not in c.field]
        told += _parts_told(event.changes)
        text = f"{who} {'; '.join(told) or 'changed nothing'}"
    elif found := _OF_PARTS.get(event.kind):
        text = f"{who} {_of_a_part(event, *found)}"
    else:
        road = _BY.get(event.actor.source, "")
        text = f"{who} {event.kind} the customer{road}"
    return f"{text} ({_short(event.reason)})" if event.reason else text


def _parts_told(changes: Iterable[Change]) -> Iterator[str]:
    """The parts that came or went with an edit: an import changes a customer whole."""
    found: dict[tuple[str, bool], set[str]] = {}
    for change in changes:
        family, slash, rest = change.field.partition("/")
        if slash:
            came = change.old is None
            found.setdefault((family, came), set()).add(rest.partition("/")[0])
    for (family, came), ids in found.items():
        what = family if len(ids) > 1 else family.removesuffix("s")
        yield f"{'added' if came else 'removed'} {len(ids)} {what}"


def _of_a_merge(event: Event) -> str:
    changes = {change.field: change for change in event.changes}
    undone = event.kind is EventKind.UNMERGED
    verb, word = ("parted", "from") if undone else ("merged", "into")
    if into := changes.get("merged_into"):
        return f"{verb} the customer {word} {into.old if undone else into.new}"
    both = changes["absorbed"]
    more, fewer = (both.old, both.new) if undone else (both.new, both.old)
    return f"{verb} {next(i for i in more if i not in (fewer or ()))} {word} the customer"


def _of_a_part(event: Event, verb: str, what: str) -> str:
    """The part that came or went by what it is called, else what was done to it field by field."""
    changes = [replace(c, field=c.field.rsplit("/", 1)[1]) for c in event.changes]
    if verb == "edited":
        return f"edited a {what}: {'; '.join(_told(c) for c in changes)}"
    values = {c.field: c.old if verb == "removed" else c.new for c in changes}
    called = [str(value) for name in _CALLED_BY if (value := values.get(name))]
    text = f"{verb} {'an' if what[0] in 'aeiou' else 'a'} {what}"
    return f"{text}: {_short(called)}" if called else text


def _told(change: Change) -> str:
    name = change.field.replace("_", " ")
    if change.new in (None, [], ()):
        return f"cleared {name}, which was {_short(change.old)}"
    if change.old in (None, [], ()):
        return f"set {name} to {_short(change.new)}"
    return f"changed {name} from {_short(change.old)} to {_short(change.new)}"


def _short(value: Any) -> str:
    value = plain(value)
    if isinstance(value, Mapping):
        text = ", ".join(str(part) for part in value.values())
    elif isinstance(value, list):
        text = ", ".join(map(str, value))
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
