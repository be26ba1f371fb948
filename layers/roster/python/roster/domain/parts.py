"""What hangs on a customer in numbers, one of them the primary: its locations and its contacts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from roster.domain.contact import Contact
from roster.domain.errors import NotFound, StaleVersion, WrongState
from roster.domain.events import Change
from roster.domain.location import (
    Address,
    Location,
    Position,
    PositionSource,
    SiteStatus,
    address_from,
)

MAX_PARTS = 500
_POSITION = ("latitude", "longitude", "accuracy_m", "source")


def with_one_primary[P: Location | Contact](parts: Sequence[P]) -> list[P]:
    """The parts, oldest first, exactly one of them primary.

    Imports and QuickBooks add locations without asking for the others: where none is marked the
    oldest counts, where several are, the first of them.
    """
    ordered = sorted(parts, key=lambda part: part.id)
    marked = [part.id for part in ordered if part.primary] or [part.id for part in ordered]
    return [replace(part, primary=part.id == marked[0]) for part in ordered]


def joined[P: Location | Contact](own: Sequence[P], others: Sequence[P]) -> list[P]:
    """A customer's own parts and those of customers merged into it.

    Its own primary leads, unless one of the others was made the primary instead of it.
    """
    if any(part.primary for part in own) or not any(part.primary for part in others):
        own = with_one_primary(own)
    if any(part.primary for part in own):
        others = [replace(part, primary=False) for part in others]
    return with_one_primary([*own, *others])


def find[P: Location | Contact](parts: Sequence[P], part_id: str, if_version: int | None) -> P:
    """The part of that id; raises NotFound, or StaleVersion when `if_version` is another."""
    part = next((part for part in parts if part.id == part_id), None)
    if part is None:
        raise NotFound(f"the customer has no {part_id}")
    if if_version is not None and part.version != if_version:
        raise StaleVersion(f"{part_id} is at version {part.version}, not {if_version}")
    return part


def with_part[P: Location | Contact](parts: Sequence[P], part: P) -> list[P]:
    """The parts after `part` is added; the first is the primary whatever it says."""
    if len(parts) >= MAX_PARTS:
        raise WrongState(f"a customer has at most {MAX_PARTS} of these", code="too_many")
    new = replace(part, primary=part.primary or not parts)
    return _led_by([*parts, new], new)


def with_edited[P: Location | Contact](parts: Sequence[P], after: P) -> list[P]:
    """The parts with `after` in the place of the one of its id; WrongState if none is primary."""
    before = find(parts, after.id, None)
    if before.primary and not after.primary:
        raise WrongState("one is the primary: make another one that instead", code="primary")
    if after != before:
        after = replace(after, version=before.version + 1)
    return _led_by([after if part.id == after.id else part for part in parts], after)


def refuse_in_use(part: Location | Contact) -> None:
    """Raise WrongState for a location that assets stand at."""
    if isinstance(part, Location) and part.assets:
        detail = f"{part.assets} assets are here: move them first"
        raise WrongState(detail, code="has_assets")


def without[P: Location | Contact](parts: Sequence[P], gone: P) -> list[P]:
    """The parts without `gone`; the primary goes last, WrongState before."""
    refuse_in_use(gone)
    if gone.primary and len(parts) > 1:
        raise WrongState("this is the primary: make another one that first", code="primary")
    return [part for part in parts if part.id != gone.id]


def _led_by[P: Location | Contact](parts: list[P], part: P) -> list[P]:
    """Let `part`, if it is primary, be the only one that is."""
    if not part.primary:
        return parts
    return [
        replace(other, primary=False, version=other.version + 1)
        if other.primary and other.id != part.id
        else other
        for other in parts
    ]


def facts(part: Location | Contact) -> dict[str, Any]:
    """What the history tells of a part, by field name."""
    values = asdict(part)
    for name in ("id", "customer_id", "version"):
        del values[name]
    if isinstance(part, Location):
        position = values.pop("position") or {}
        values |= {**values.pop("address"), **position, "validated": part.validated}
        values["quickbooks"] = values.pop("quickbooks_id")
        del values["assets"]
        if part.status is SiteStatus.ACTIVE:
            values["status"] = None
        if part.position is None:
            del values["radius_m"]
    return values


def location_from_facts(part_id: str, customer_id: str, facts: Mapping[str, Any]) -> Location:
    """The location of which the history tells `facts`."""
    position: dict[str, Any] = {name: facts.get(name) for name in _POSITION}
    return Location(
        id=part_id,
        customer_id=customer_id,
        name=facts.get("name"),
        type=facts.get("type"),
        status=SiteStatus(facts.get("status") or SiteStatus.ACTIVE),
        primary=bool(facts.get("primary")),
        address=address_from(facts) or Address(),
        position=Position(**{**position, "source": PositionSource(position["source"])})
        if position["source"]
        else None,
    )


def changes[P: Location | Contact](
    family: str, before: Sequence[P], after: Sequence[P]
) -> tuple[Change, ...]:
    """The fields in which the parts differ, as `locations/<id>/street`."""
    old = {part.id: facts(part) for part in before}
    new = {part.id: facts(part) for part in after}
    return tuple(
        change
        for part_id in dict.fromkeys((*old, *new))
        for change in _changes(f"{family}/{part_id}", old.get(part_id, {}), new.get(part_id, {}))
    )


def _changes(at: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        # A part that comes or goes has no flag that is not set.
        if was != now and (was or now or None not in (was, now)):
            yield Change(f"{at}/{name}", was, now)
