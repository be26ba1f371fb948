"""Rows that add to the customer of an earlier row: its further places, people and particulars."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from roster.domain.customer_fields import MAX_LENGTH
from roster.domain.imports.draft import Draft
from roster.domain.terms import CUSTOMER_FIELD
from roster.domain.text import digits, fold

# The entry of an earlier row with all that was added to it: "values", "locations", "contacts".
type Recall = Callable[[int], Mapping[str, Any]]
type Key = tuple[str, ...]

# Rows of one customer mostly stand together; the others are recalled.
_REMEMBERED = 1000
_NUMBERS = ("phone", "mobile")
# What names the customer, or is one's own: it is not compared.
_NOT_COMPARED = frozenset({"display_name", "kind", "notes", "tags", "custom", "status",
                           *CUSTOMER_FIELD.values()})  # fmt: skip
_IDS = ("external_id", "number")


@dataclass(slots=True)
class _Known:
    """What the customer of a row has so far."""

    values: dict[str, Any]
    places: set[Key]
    people: set[Key]


def place_key(place: Mapping[str, Any]) -> Key:
    """What tells one address from another: "NV" and "Nevada" are one place, if its city is."""
    return tuple(fold(place.get(part) or "") for part in ("street", "unit", "city", "zip"))


def _person_key(person: Mapping[str, Any]) -> Key:
    name = f"{person.get('first_name') or ''} {person.get('last_name') or ''}"
    return (fold(name), (person.get("email") or "").casefold(), digits(person.get("phone") or ""))


class Joining:
    """Works out what a row adds; `recall` gives the entry of an earlier row."""

    def __init__(self, recall: Recall) -> None:
        self._recall = recall
        self._known: OrderedDict[int, _Known] = OrderedDict()

    def is_sure(self, draft: Draft, head: int) -> bool:
        """Whether more than the name says that the row is of the customer of row `head`."""
        there = self._of(head).values
        named_by_person = not draft.values.get("company_name")
        telling = (*_IDS, "email", *_NUMBERS, *(() if named_by_person else ("full_name",)))
        given = [name for name in telling if draft.values.get(name) and there.get(name)]
        return any(_same(name, there[name], draft.values[name]) for name in given)

    def values_of(self, head: int) -> Mapping[str, Any]:
        """What the customer of row `head` has so far."""
        return self._of(head).values

    def add(self, draft: Draft, head: int, *, with_ids: bool = False) -> dict[str, Any]:
        """Leave the draft what is new, and return the values the customer of row `head` gets.

        What was empty is filled; what differs stays as it was, and goes to the notes.
        """
        known = self._of(head)
        draft.locations = [place for place in draft.locations if _is_new(place, known)]
        draft.contacts = [one for one in draft.contacts if _person_key(one) not in known.people]
        known.places.update(map(place_key, draft.locations))
        known.people.update(map(_person_key, draft.contacts))
        filled, differing = _compared(draft, known.values, with_ids=with_ids)
        texts = [*differing]
        notes = known.values.get("notes") or ""
        if own := _unsaid(draft.values.get("notes") or "", notes):
            texts.insert(0, own)
        for text in texts:
            longer = f"{notes}\n{text}" if notes else text
            if len(longer) > MAX_LENGTH["notes"]:
                draft.warn("notes", "notes_full", "left out: the notes have no more room", text)
                continue
            notes = filled["notes"] = longer
        known.values |= filled
        return filled

    def _of(self, head: int) -> _Known:
        known = self._known.get(head)
        if known is None:
            entry = self._recall(head)
            known = self._known[head] = _Known(
                dict(entry["values"]),
                set(map(place_key, entry["locations"])),
                set(map(_person_key, entry["contacts"])),
            )
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(head)
        return known


def _unsaid(text: str, notes: str) -> str:
    """What is left of `text` without the lines that stand in `notes`."""
    said = set(notes.split("\n"))
    return "" if text in notes else "\n".join(one for one in text.split("\n") if one not in said)


def _is_new(place: Mapping[str, Any], known: _Known) -> bool:
    key = place_key(place)
    if key in known.places:
        return False
    # An address without a street is another one only if no other could be meant.
    return bool(place.get("street")) or not any(
        all(not part or part == there for part, there in zip(key, other, strict=True))
        for other in known.places
    )


def _compared(
    draft: Draft, there: Mapping[str, Any], *, with_ids: bool
) -> tuple[dict[str, Any], list[str]]:
    filled: dict[str, Any] = {}
    differing: list[str] = []
    for name, value in draft.values.items():
        if name in _NOT_COMPARED:
            continue
        if not there.get(name) and (name not in _IDS or with_ids):
            filled[name] = value
        elif not _same(name, there.get(name), value):
            text = _text(value)
            differing.append(f"{draft.heading(name) or name.replace('_', ' ')}: {text}")
            detail = "differs from the row it joins: kept in the notes"
            draft.warn(name, "differs", detail, text)
    for name in (*CUSTOMER_FIELD.values(), *(("kind",) if with_ids else ())):
        if draft.values.get(name) and not there.get(name):
            filled[name] = draft.values[name]
    tags = [*there.get("tags", ())]
    if new := [tag for tag in draft.values.get("tags", ()) if tag not in tags]:
        filled["tags"] = [*tags, *new]
    custom = there.get("custom", {})
    if more := {k: v for k, v in draft.values.get("custom", {}).items() if k not in custom}:
        filled["custom"] = {**custom, **more}
    return filled, differing


def _same(name: str, one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(fold(str(one.get(k) or "")) == fold(str(v)) for k, v in other.items())
    if name in _NUMBERS:
        return digits(str(one)) == digits(str(other))
    return str(one).casefold() == str(other).casefold()


def _text(value: Any) -> str:
    return ", ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)
