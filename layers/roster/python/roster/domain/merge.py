"""Two records of one customer become one by a pointer, so that it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from roster.domain import customer as rules
from roster.domain.customer import Customer, Status
from roster.domain.errors import FieldError, Invalid, TouchedSince, WrongState
from roster.domain.events import Event
from roster.domain.history import plain, typed, undialled

# They belong to one record each and keep leading to it.
_OWN = frozenset({"number", "external_id"})
_BILLING = ("billing_address", "billing_same_as_service")
CHOOSABLE = tuple(name for name in rules.EDITABLE if name not in _OWN)


class Choice(StrEnum):
    """Whose value the survivor gets."""

    SURVIVOR = "survivor"
    LOSER = "loser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """That `loser_id` was merged into `survivor_id`, and the entry each history has of it."""

    id: str
    tenant: str
    survivor_id: str
    loser_id: str
    survivor_event: str
    loser_event: str
    at: datetime
    is_undone: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Both records of a merge."""

    survivor: Customer
    loser: Customer


def check_loser(survivor: Customer, loser_id: str, loser: Customer | None) -> Customer:
    """The loser, if it may be merged into `survivor`; raises Invalid with the rule it breaks."""
    if loser_id == survivor.id:
        broken = ("itself", "a customer cannot be merged with itself")
    elif loser is None:
        broken = ("unknown", f"there is no customer {loser_id}")
    elif loser.status is Status.DELETED:
        broken = ("deleted", "a deleted customer cannot be merged")
    elif loser.merged_into is not None:
        broken = ("merged", f"it is merged into {loser.merged_into} already")
    else:
        return loser
    raise Invalid([FieldError("/loser_id", *broken)])


def merge(
    survivor: Customer, loser: Customer, choices: Mapping[str, Choice], *, now: datetime
) -> Pair:
    """Both after the merge: what `choices` names goes that way, gaps are filled from the loser.

    Raises Invalid for a choice that is none.
    """
    strange = [
        FieldError(f"/fields/{name}", "not_a_choice", f"{name!r} is nothing to choose")
        for name in choices
        if name not in CHOOSABLE
    ]
    if strange:
        raise Invalid(strange)
    taken = {
        name: getattr(loser, name)
        for name in CHOOSABLE
        if choices.get(name, _default(survivor, name)) is Choice.LOSER
    }
    # Given even where they stay: derived names would follow what is taken from the loser.
    kept = {name: getattr(survivor, name) for name in ("display_name", "full_name")}
    edited = rules.edit(survivor, kept | taken, now=now)
    # As dialled where the loser was entered, which no edit here could know.
    dialled = {f"{n}_e164": getattr(loser, f"{n}_e164") for n in ("phone", "mobile") if n in taken}
    return Pair(
        replace(
            edited,
            **dialled,
            absorbed=(*survivor.absorbed, loser.id, *loser.absorbed),
            locations_count=survivor.locations_count + loser.locations_count,
            primary_location=(survivor if survivor.locations_count else loser).primary_location,
            assets_owned=survivor.assets_owned + loser.assets_owned,
            assets_on_location=survivor.assets_on_location + loser.assets_on_location,
            version=survivor.version + 1,
            updated_at=now,
        ),
        replace(
            loser,
            status=Status.MERGED,
            merged_into=survivor.id,
            version=loser.version + 1,
            updated_at=now,
        ),
    )


def _default(survivor: Customer, name: str) -> Choice:
    # Where bills go is one thing: with only half of it the survivor would lose its own.
    names = _BILLING if name in _BILLING else (name,)
    return Choice.SURVIVOR if any(getattr(survivor, n) for n in names) else Choice.LOSER


def unmerge(pair: Pair, events: tuple[Event, Event], *, now: datetime) -> Pair:
    """Both as they were before the merge, of which `events` are the entries (survivor's first).

    What was set on the survivor meanwhile stays where the merge had not touched it; otherwise
    TouchedSince names it. Raises WrongState where one of them is no longer what the merge made it.
    """
    survivor, loser = pair.survivor, pair.loser
    if loser.status is not Status.MERGED or loser.merged_into != survivor.id:
        raise WrongState(f"customer {loser.id} is not merged into {survivor.id} any more")
    if survivor.status in (Status.DELETED, Status.MERGED):
        raise WrongState(f"customer {survivor.id} is {survivor.status}")
    of_survivor = [c for c in events[0].changes if c.field != "absorbed"]
    touched = [
        FieldError(f"/{c.field}", "touched_since", f"{c.field} was changed after the merge")
        for c in of_survivor
        if plain(getattr(survivor, c.field)) != plain(c.new)
    ]
    if touched:
        raise TouchedSince(touched)
    back: dict[str, Any] = {c.field: typed(c.field, c.old) for c in of_survivor}
    parted = {loser.id, *loser.absorbed}
    before = {c.field: typed(c.field, c.old) for c in events[1].changes}
    parted_survivor = replace(
        survivor,
        **back,
        absorbed=tuple(i for i in survivor.absorbed if i not in parted),
        version=survivor.version + 1,
        updated_at=now,
    )
    return Pair(
        undialled(parted_survivor, survivor),
        replace(loser, **before, version=loser.version + 1, updated_at=now),
    )
