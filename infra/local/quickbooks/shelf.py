"""What a company holds besides names: lists (terms, items, taxes …) and transactions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Record:
    """One list entry or transaction. `fields` is what the wire shows; the rest is the service's.

    `total` and `open` are cents: of a transaction, and what of it is unpaid or unapplied.
    `linked` names the payments applied to it, oldest first.
    """

    kind: str
    id: str
    fields: dict[str, Any]
    created: float
    updated: float
    sync_token: int = 0
    deleted: bool = False
    total: int = 0
    open: int = 0
    linked: list[str] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """False once it was deleted or made inactive."""
        return not self.deleted and bool(self.fields.get("Active", True))

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; `Record(**…)` is the way back."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class Shelf:
    """All records of one kind by Id. `label` is the attribute that must be unique, if any is."""

    label: str | None
    records: dict[str, Record] = field(default_factory=dict)
    _holders: dict[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)

    def find(self, record_id: object) -> Record | None:
        """Return the record with this Id, unless it was deleted."""
        record = self.records.get(str(record_id))
        return None if record is None or record.deleted else record

    def holder(self, text: str, parent: str = "") -> Record | None:
        """Return who holds this name below this parent; case does not matter."""
        found = self._holders.get((parent, text.casefold()))
        return self.records[found] if found is not None else None

    def put(self, record: Record, fields: dict[str, Any]) -> None:
        """Write `fields` on a record, new or known, and remember its name."""
        if (key := self._key(record)) and self._holders.get(key) == record.id:
            del self._holders[key]
        record.fields = fields
        self.records[record.id] = record
        if key := self._key(record):
            # A tax rate that was replaced keeps its name beside the new one, who holds it.
            self._holders.setdefault(key, record.id)

    def forget(self, record: Record) -> None:
        """Free the name of a record that was deleted."""
        key = self._key(record)
        if key and self._holders.get(key) == record.id:
            del self._holders[key]

    def clear(self) -> None:
        """Take everything off."""
        self.records.clear()
        self._holders.clear()

    def _key(self, record: Record) -> tuple[str, str] | None:
        text = record.fields.get(self.label) if self.label else None
        if not text:
            return None
        parent = record.fields.get("ParentRef", {}).get("value", "")
        return parent, str(text).casefold()
