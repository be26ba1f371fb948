"""Taking back what one event did to a customer's locations or contacts."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from roster.domain.contact import CONTACT_FIELDS, Contact, edit_contact
from roster.domain.customer_fields import MAX_ADDRESS_PART
from roster.domain.errors import FieldError, Invalid, WrongState
from roster.domain.events import Change, Event, EventKind
from roster.domain.location import (
    ADDRESS_FIELDS,
    DEFAULT_RADIUS_M,
    MAX_RADIUS_M,
    MIN_RADIUS_M,
    PLACING_FIELDS,
    Location,
    Position,
    PositionSource,
    check_part,
    edit_location,
    missing_parts,
)
from roster.domain.parts import MAX_PARTS, refuse_in_use

_ADDED = frozenset({EventKind.LOCATION_ADDED, EventKind.CONTACT_ADDED})
_REMOVED = frozenset({EventKind.LOCATION_REMOVED, EventKind.CONTACT_REMOVED})
LOCATION_EVENTS = frozenset(
    {EventKind.LOCATION_ADDED, EventKind.LOCATION_EDITED, EventKind.LOCATION_REMOVED}
)
CONTACT_EVENTS = frozenset(
    {EventKind.CONTACT_ADDED, EventKind.CONTACT_EDITED, EventKind.CONTACT_REMOVED}
)
_WORDS = ("name", "type", "status")
# One place on the map: no single coordinate of it is brought back.
_POSITION = tuple(f.name for f in fields(Position))

type _Old = Mapping[str, Any]


def old_parts[P: Location | Contact](
    parts: Sequence[P],
    event: Event,
    only: Sequence[str] | None,
    *,
    again: Callable[[str, _Old], P],
    restore: Callable[[P, _Old], P],
) -> list[P]:
    """`parts` as they were before `event`, or only the fields `only` of it ("contacts/<id>/email").

    What was added goes, what was removed comes back under its id (`again` makes it), what was
    edited holds what it held (`restore` sets it). Raises Invalid for a field that the event did not
    change and for each value that may not be any more; WrongState for a part that is not there,
    and where none would be the primary.
    """
    changes = _by_part(_wanted(event, only))
    there = {part.id: part for part in parts}
    errors: list[FieldError] = []
    for (family, part_id), found in changes.items():
        old = {name: change.old for name, change in found.items()}
        is_whole = only is None and _is_whole(event, found)
        if is_whole and event.kind in _ADDED:
            if part_id in there:
                refuse_in_use(there.pop(part_id))
            continue
        part = there.get(part_id)
        comes_back = is_whole and event.kind in _REMOVED
        if part is None and not comes_back:
            # Somebody else is the primary by now.
            if set(old) == {"primary"}:
                continue
            raise WrongState(f"{part_id} is not there any more", code="part_gone")
        try:
            there[part_id] = again(part_id, old) if part is None else restore(part, old)
        except Invalid as invalid:
            at = f"/{family}/{part_id}"
            errors += [replace(e, pointer=f"{at}{e.pointer}") for e in invalid.errors]
    if errors:
        raise Invalid(errors)
    if len(there) > max(MAX_PARTS, len(parts)):
        raise WrongState(f"a customer has at most {MAX_PARTS} of these", code="too_many")
    leaders = [i for (_, i), found in changes.items() if "primary" in found and i in there]
    return _counted(parts, _led([there[i] for i in sorted(there)], leaders))


def _wanted(event: Event, only: Sequence[str] | None) -> list[Change]:
    changed = {change.field for change in event.changes}
    strange = [
        FieldError(f"/fields/{i}", "not_in_event", f"the event changed no field {name!r}")
        for i, name in enumerate(only or ())
        if name not in changed
    ]
    if strange:
        raise Invalid(strange)
    return [change for change in event.changes if only is None or change.field in only]


def _by_part(changes: Sequence[Change]) -> dict[tuple[str, str], dict[str, Change]]:
    found: defaultdict[tuple[str, str], dict[str, Change]] = defaultdict(dict)
    for change in changes:
        family, part_id, name = change.field.split("/", 2)
        found[family, part_id][name] = change
    return dict(found)


def _is_whole(event: Event, found: Mapping[str, Change]) -> bool:
    """Whether the event brought this part, or took it: others only stopped being the primary."""
    if event.kind in _ADDED:
        return all(change.old is None for change in found.values())
    return all(change.new is None for change in found.values())


def _led[P: Location | Contact](parts: list[P], restored: Sequence[str]) -> list[P]:
    """Exactly one of them is the primary: of several, the one that is again what it was."""
    marked = [part.id for part in parts if part.primary]
    if parts and not marked:
        raise WrongState("one is the primary: make another one that instead", code="primary")
    if len(marked) > 1:
        leader = next((i for i in marked if i in restored), marked[0])
        return [replace(part, primary=part.id == leader) for part in parts]
    return parts


def _counted[P: Location | Contact](before: Sequence[P], after: Sequence[P]) -> list[P]:
    """Each part that was there and differs is one version on."""
    was = {part.id: part for part in before}
    return [
        replace(part, version=was[part.id].version + 1)
        if part.id in was and part != was[part.id]
        else part
        for part in after
    ]


def contact_again(blank: Contact, old: _Old) -> Contact:
    """A contact that was removed, in the place of `blank`; raises Invalid."""
    return restore_contact(blank, {"primary": False, **old})


def restore_contact(contact: Contact, old: _Old) -> Contact:
    """`contact` with old values set; raises Invalid."""
    values = {name: value for name, value in old.items() if name in CONTACT_FIELDS}
    return edit_contact(replace(contact, primary=_primary(contact, old)), values)


def location_again(blank: Location, old: _Old) -> Location:
    """A location that was removed, in the place of `blank`; raises Invalid."""
    location = _location(blank, {"primary": False, **old}, keeps_position=True)
    return _valid(location, old, missing_parts(location.address, ""))


def restore_location(location: Location, old: _Old, *, touched: Collection[str]) -> Location:
    """`location` with old values set; raises Invalid.

    `touched` are fields of it that later events changed: a position is that of its address, and
    comes back only where no other part of the address has been changed since.
    """
    after = _location(location, old, keeps_position=not set(PLACING_FIELDS) & set(touched))
    # One that came incomplete by an import may stay so.
    lacking = missing_parts(location.address, "")
    return _valid(after, old, [e for e in missing_parts(after.address, "") if e not in lacking])


def _location(location: Location, old: _Old, *, keeps_position: bool) -> Location:
    values = {name: old[name] for name in (*ADDRESS_FIELDS, *_WORDS) if name in old}
    after = edit_location(replace(location, primary=_primary(location, old)), values)
    if "quickbooks" in old:
        after = replace(after, quickbooks_id=old["quickbooks"])
    if any(name in old for name in _POSITION):
        position = _position(after.position, old)
        # To be nowhere again fits any address.
        if keeps_position or position is None:
            after = replace(after, position=position)
    if after.position is None:
        return replace(after, radius_m=DEFAULT_RADIUS_M)
    return replace(after, radius_m=old.get("radius_m") or after.radius_m)


def _valid(location: Location, old: _Old, errors: list[FieldError]) -> Location:
    errors += [error for name in (*ADDRESS_FIELDS, "name") if (error := _text_error(name, old))]
    if not MIN_RADIUS_M <= location.radius_m <= MAX_RADIUS_M:
        detail = f"from {MIN_RADIUS_M} to {MAX_RADIUS_M} metres"
        errors.append(FieldError("/radius_m", "out_of_range", detail))
    if errors:
        raise Invalid(errors)
    return location


def _primary(part: Location | Contact, old: _Old) -> bool:
    return bool(old["primary"]) if "primary" in old else part.primary


def _text_error(name: str, old: _Old) -> FieldError | None:
    value = old.get(name)
    if value is None:
        return None
    if len(value) > MAX_ADDRESS_PART:
        return FieldError(f"/{name}", "too_long", f"at most {MAX_ADDRESS_PART} characters")
    return next(iter(check_part(name, value)), None)


def _position(now: Position | None, old: _Old) -> Position | None:
    values = {name: old.get(name, getattr(now, name, None)) for name in _POSITION}
    if any(value is None for value in values.values()):
        return None
    return Position(**{**values, "source": PositionSource(values["source"])})


def touched_since(events: Collection[Event], part_id: str) -> frozenset[str]:
    """The fields of one part that these events changed."""
    return frozenset(
        change.field.rsplit("/", 1)[1]
        for event in events
        for change in event.changes
        if f"/{part_id}/" in change.field
    )
