"""What a row says of the customer it is: the fields it sets, and the places and people it adds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from roster.domain.contact import CONTACT_FIELDS, Contact
from roster.domain.counts import with_location
from roster.domain.customer import Customer, changes_between
from roster.domain.history import plain, typed
from roster.domain.imports.draft import FieldChange
from roster.domain.imports.headings import NAME_FIELDS, Column
from roster.domain.location import ADDRESS_FIELDS, Location
from roster.domain.text import fold

# A customer has a name and is of a kind and a role; flags hold an answer whatever a cell lacks. Its
# number and its id elsewhere tell it from others: without them the next row might be it.
_NEVER_CLEARED = NAME_FIELDS | {
    "number",
    "external_id",
    "kind",
    "role",
    "status",
    "billing_same_as_service",
    "verified",
    "portal_access",
}
_BILLING = "billing_address"
_WHOLE = frozenset({"lines", "whole"})
# Versions and times are those of the change, not of the customer.
_OF_THE_CHANGE = frozenset({"version", "updated_at"})


class Blanks:
    """Which fields a row leaves blank, as a PATCH that empties them."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self._columns: dict[str, list[int]] = {}
        for column in columns:
            if column.field and column.field not in _NEVER_CLEARED:
                self._columns.setdefault(column.field, []).append(column.index)

    def of(self, cells: Sequence[str]) -> dict[str, Any]:
        """The fields of which every cell is blank: None, or such parts of an address as None."""
        found: dict[str, Any] = {}
        billing: dict[str, None] = {}
        filled = False
        for name, places in self._columns.items():
            is_blank = not any(i < len(cells) and cells[i].strip() for i in places)
            parent, _, part = name.partition(".")
            if parent == _BILLING:
                filled |= not is_blank
                if is_blank:
                    billing |= dict.fromkeys(ADDRESS_FIELDS if part in _WHOLE else (part,))
            elif is_blank and parent == "custom":
                found.setdefault(parent, {})[part] = None
            elif is_blank and not part:
                found[name] = None
        if filled:
            billing = {part: None for part in billing if f"{_BILLING}.{part}" in self._columns}
        return {**found, _BILLING: billing} if billing else found


def patch(
    head: Customer,
    values: Mapping[str, Any],
    *,
    blank: Mapping[str, Any],
    typed_notes: str | None,
    kept: Sequence[str],
    several: bool = False,
) -> dict[str, Any]:
    """What a row of `values` sets of `head`: fields, parts of an address, own fields by name.

    `kept` are remarks of ours on cells that fit no field: they join the notes. Where `several` rows
    speak of the customer, the tags of one are not all it has, nor is its spelling of the name the
    only one.
    """
    found: dict[str, Any] = {**blank, **values}
    if several:
        for name in NAME_FIELDS & found.keys():
            known = getattr(head, name)
            if known and fold(known) == fold(found[name] or ""):
                found[name] = known
    for name in (_BILLING, "custom"):
        if blank.get(name) and values.get(name):
            found[name] = {**blank[name], **values[name]}
    found["notes"] = _notes(head.notes, typed_notes, kept, is_cleared="notes" in blank)
    if found.get("tags"):
        had = head.tags if several else ()
        found["tags"] = tuple(dict.fromkeys((*had, *found["tags"])))
    return found


def _notes(
    known: str | None, typed_notes: str | None, kept: Sequence[str], *, is_cleared: bool
) -> str | None:
    """The notes with what the row says; themselves where every line of it stands there already."""
    remarks = [line for text in kept for line in text.splitlines()]
    said = [*(typed_notes or "").splitlines(), *remarks]
    there = (known or "").splitlines()
    if not is_cleared and all(line in there for line in said):
        return known
    # A row has a note of its own or its cell is blank: never both.
    base = typed_notes if typed_notes or is_cleared else known
    lines = (base or "").splitlines()
    return "\n".join([*lines, *(line for line in remarks if line not in lines)]) or None


def field_changes(before: Customer, after: Customer) -> tuple[FieldChange, ...]:
    """The fields in which the two differ, as JSON values."""
    return tuple(
        FieldChange(field=one.field, old=plain(one.old), new=plain(one.new))
        for one in changes_between(before, after)
    )


def settable(changes: Iterable[FieldChange]) -> dict[str, Any]:
    """The changes as values that, set on what was, make what is to be."""
    found = {one.field: one.new for one in changes}
    for one in changes:
        if one.field == "custom":
            found["custom"] = {**dict.fromkeys(one.old or {}), **(one.new or {})}
    return found


def values_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Such values as `customer.edit` takes them, from the JSON of a plan."""
    return {name: typed(name, value) for name, value in stored.items()}


def what_was(before: Customer, after: Customer) -> dict[str, Any]:
    """Everything of `before` that `after` has otherwise, as JSON: what an undo sets back."""
    return {
        f.name: plain(old)
        for f in fields(Customer)
        if f.name not in _OF_THE_CHANGE
        and (old := getattr(before, f.name)) != getattr(after, f.name)
    }


def as_it_was(customer: Customer, stored: Mapping[str, Any]) -> Customer:
    """`customer` with what `what_was` told set back."""
    return replace(customer, **{name: typed(name, value) for name, value in stored.items()})


def with_places(customer: Customer, places: Iterable[Location]) -> Customer:
    """`customer` with the figures of more places."""
    for place in places:
        customer = with_location(customer, place)
    return customer


def new_places(
    rows: Iterable[Mapping[str, Any]], known: Iterable[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """Those of the addresses that are none of the known ones, each once."""
    return _new(rows, known, ADDRESS_FIELDS)


def new_people(
    rows: Iterable[Mapping[str, Any]], known: Iterable[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """Those of the people that are none of the known ones, each once."""
    return _new(rows, known, CONTACT_FIELDS)


def _new(
    rows: Iterable[Mapping[str, Any]], known: Iterable[Mapping[str, Any]], names: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    there = [_folded(one, names) for one in known]
    for row in rows:
        said = _folded(row, names)
        # Who says less than we know says nothing new.
        if said and not any(said.items() <= one.items() for one in there):
            there.append(said)
            yield row


def _folded(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    return {name: fold(value) for name in names if (value := values.get(name))}


def address_of(place: Location) -> dict[str, Any]:
    """The address of a place as a row would say it."""
    return {name: getattr(place.address, name) for name in ADDRESS_FIELDS}


def person_of(contact: Contact) -> dict[str, Any]:
    """A contact as a row would say it."""
    return {name: getattr(contact, name) for name in CONTACT_FIELDS}
