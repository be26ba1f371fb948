"""Create and update an entry of a list, through the API and as a person does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, validation

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.schema import Schema
    from infra.local.quickbooks.shelf import Record

Fields = dict[str, Any]
_SUFFIX = re.compile(r" \(deleted(?: \d+)?\)$")


@dataclass(frozen=True)
class ListKind:
    """How one list is written.

    `settle` completes and checks the merged fields (the record is None for a new one).
    `kept` survive a full update that leaves them out. `suffixed`: inactivation appends
    " (deleted)" to the name.
    """

    schema: Schema
    defaults: Callable[[Company], Fields]
    settle: Callable[[Company, Record | None, Fields], None]
    required: tuple[str, ...] = ("Name",)
    kept: tuple[str, ...] = ()
    suffixed: bool = True

    @property
    def name(self) -> str:
        """The entity's name."""
        return self.schema.name


def create(kind: ListKind, company: Company, body: Fields, now: float) -> Record:
    """Add an entry as `POST` without Id does; ServiceFault when refused."""
    merged = _merged(kind.defaults(company), validation.changes(body, kind.schema))
    _check(kind, company, None, merged)
    return company.enter(kind.name, merged, now)


def update(kind: ListKind, company: Company, body: Fields, now: float) -> Record:
    """Write over an entry as `POST` with Id does: sparse or in full."""
    changes = validation.changes(body, kind.schema)
    record = _named(kind, company, body, changes)
    if str(body.get("sparse", False)).lower() == "true":
        base = dict(record.fields)
    else:
        kept = {name: record.fields[name] for name in kind.kept if name in record.fields}
        base = kind.defaults(company) | kept
    return _write(kind, company, record, _merged(base, changes), now)


def edit(kind: ListKind, company: Company, record: Record, body: Fields, now: float) -> Record:
    """Change an entry as a person does: without SyncToken."""
    changes = validation.changes(body, kind.schema)
    return _write(kind, company, record, _merged(dict(record.fields), changes), now)


def _named(kind: ListKind, company: Company, body: Fields, changes: Fields) -> Record:
    entity_id, token = validation.identity(body)
    record = company.shelf(kind.name).find(entity_id)
    if record is None or (not record.active and changes.get("Active") is not True):
        raise faults.not_found()
    if token != record.sync_token:
        raise faults.stale(company.settings.editor)
    return record


def _write(kind: ListKind, company: Company, record: Record, merged: Fields, now: float) -> Record:
    label = "Name"
    if kind.suffixed and record.active and not merged["Active"]:
        merged[label] = f"{_SUFFIX.sub('', merged[label])} (deleted)"
    elif kind.suffixed and not record.active and merged["Active"]:
        merged[label] = _SUFFIX.sub("", merged[label])
    _check(kind, company, record, merged)
    company.alter(record, merged, now)
    return record


def _merged(base: Fields, changes: Fields) -> Fields:
    return {name: value for name, value in (base | changes).items() if value is not None}


def _check(kind: ListKind, company: Company, record: Record | None, merged: Fields) -> None:
    for name in kind.required:
        if name not in merged:
            raise faults.missing(name)
    kind.settle(company, record, merged)
    label = company.shelf(kind.name).label or "Name"
    parent = merged.get("ParentRef", {}).get("value", "")
    holder = company.shelf(kind.name).holder(str(merged[label]), parent)
    if holder is None or holder is record:
        return
    if not merged.get("Active", True):
        # A second "X (deleted)" gets a number, as names do.
        number = 1
        while company.shelf(kind.name).holder(f"{merged[label]} {number}", parent):
            number += 1
        merged[label] = f"{merged[label][:-1]} {number})"
        return
    raise faults.duplicate_name(f"Id={holder.id}")
