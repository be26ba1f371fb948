"""Field by field: what moved on which side since the two last agreed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roster.domain.events import Change
from roster.domain.location import Address
from roster.domain.sync.records import MAPPED

_WORDS = {
    "display_name": "name",
    "company_name": "company name",
    "first_name": "first name",
    "last_name": "last name",
    "email": "e-mail",
    "billing_address": "billing address",
}


@dataclass(frozen=True, slots=True)
class Differences:
    """`updates` go from our value to theirs; `conflicts` are those of them that we had edited."""

    updates: tuple[Change, ...]
    conflicts: tuple[Change, ...]


def differences(
    base: Mapping[str, Any], theirs: Mapping[str, Any], ours: Mapping[str, Any]
) -> Differences:
    """The three-way comparison: a field QuickBooks did not touch keeps what it is here."""
    moved = [
        Change(name, ours.get(name), theirs.get(name))
        for name in MAPPED
        if theirs.get(name) != base.get(name) and theirs.get(name) != ours.get(name)
    ]
    edited_here = [c for c in moved if ours.get(c.field) != base.get(c.field)]
    return Differences(tuple(moved), tuple(edited_here))


def create_changes(values: Mapping[str, Any]) -> tuple[Change, ...]:
    """The fields of a record that is new here."""
    return tuple(Change(name, None, values[name]) for name in MAPPED if values.get(name))


def merged(ours: Mapping[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """`ours` after `changes`, without empties."""
    after = {**ours, **{c.field: c.new for c in changes}}
    return {name: value for name, value in after.items() if value}


def words_of(changes: Iterable[Change]) -> str:
    """The fields of `changes` as a person calls them."""
    return ", ".join(_WORDS.get(c.field, c.field) for c in changes)


def own_address(address: Address | None, *others: Address | None) -> Address | None:
    """`address` unless it is empty or one of `others`: only a place of its own is a location."""
    return None if address is None or address in others else address
