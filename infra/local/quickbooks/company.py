"""The book of one company: customers, vendors and employees share one Id sequence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from infra.local.quickbooks.settings import Settings
from infra.local.quickbooks.shelf import Record, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["Customer", "Vendor", "Employee"]
KINDS: tuple[Kind, ...] = ("Customer", "Vendor", "Employee")
TRANSACTIONS = ("Invoice", "Payment", "CreditMemo")
# Kinds of records, and the attribute that must be unique in each.
LABELS: dict[str, str | None] = {
    "Account": "Name",
    "Class": "Name",
    "Item": "Name",
    "PaymentMethod": "Name",
    "TaxAgency": "DisplayName",
    "TaxCode": "Name",
    "TaxRate": "Name",
    "Term": "Name",
    "Invoice": "DocNumber",
    "CreditMemo": "DocNumber",
    "Payment": None,
}
_REPLAYS = 20_000


@dataclass(slots=True)
class Entry:
    """One name in the book. `fields` holds what was written; the rest is the service's own.

    `balance` is in cents and the entry's own; `created` and `updated` are epoch seconds.
    `merged_into` is the Id of the customer this one was merged into, or 0.
    """

    kind: Kind
    id: int
    fields: dict[str, Any]
    created: float
    updated: float
    sync_token: int = 0
    balance: int = 0
    project: bool = False
    merged_into: int = 0

    @property
    def active(self) -> bool:
        """False once it was made inactive."""
        return bool(self.fields.get("Active", True))

    @property
    def parent_id(self) -> int:
        """Id of the parent customer; 0 at the top."""
        reference = self.fields.get("ParentRef")
        return int(reference["value"]) if reference else 0


@dataclass(frozen=True, slots=True)
class Change:
    """One thing webhooks could tell of; `at` is epoch seconds."""

    entity: str
    id: str
    operation: Literal["Create", "Update", "Delete", "Merge", "Void"]
    at: float
    deleted_id: str | None = None


@dataclass
class Company:
    """One realm. Names are unique per level: the top one spans customers, vendors, employees.

    `version` counts every change; `journal` collects the changes webhooks may tell of until
    somebody takes them. `replays` keeps the answers given to each `requestid`.
    """

    realm: str
    opened: float
    settings: Settings = field(default_factory=Settings)
    entries: dict[int, Entry] = field(default_factory=dict)
    next_id: int = 1
    addresses: dict[str, int] = field(default_factory=dict)
    shelves: dict[str, Shelf] = field(
        default_factory=lambda: {kind: Shelf(label) for kind, label in LABELS.items()}
    )
    last_ids: dict[str, int] = field(default_factory=dict)
    next_number: int = 1001
    replays: dict[str, Any] = field(default_factory=dict)
    version: int = field(default=0, compare=False)
    journal: list[Change] = field(default_factory=list, repr=False, compare=False)
    # Rows of the latest queries, good while `version` is `found_at`; see search.py.
    found: dict[Any, list[Any]] = field(default_factory=dict, repr=False, compare=False)
    found_at: int = field(default=0, compare=False)
    _names: dict[tuple[int, str], int] = field(default_factory=dict, repr=False, compare=False)
    _children: dict[int, set[int]] = field(
        default_factory=lambda: defaultdict(set), repr=False, compare=False
    )

    def find(self, kind: Kind, entity_id: int) -> Entry | None:
        """Return the entry with this Id, if it is of this kind."""
        entry = self.entries.get(entity_id)
        return entry if entry is not None and entry.kind == kind and self._shown(entry) else None

    def of_kind(self, kind: Kind) -> Iterator[Entry]:
        """Iterate over all entries of one kind, in order of Id."""
        return (one for one in self.entries.values() if one.kind == kind and self._shown(one))

    def holder(self, parent_id: int, name: str) -> Entry | None:
        """Return who holds this name on this level; case does not matter."""
        holder = self._names.get((parent_id, name.casefold()))
        return self.entries[holder] if holder is not None else None

    def add(self, kind: Kind, fields: dict[str, Any], moment: float) -> Entry:
        """Enter a new name under the next Id."""
        entry = Entry(kind, self.next_id, fields, created=moment, updated=moment)
        self.next_id += 1
        self.entries[entry.id] = entry
        self._index(entry)
        self.note(kind, entry.id, "Create", moment)
        return entry

    def rewrite(self, entry: Entry, fields: dict[str, Any], moment: float) -> None:
        """Replace what is written about an entry: the SyncToken goes up, the time moves."""
        was_active = entry.active
        self._names.pop(self._key(entry), None)
        self._children[entry.parent_id].discard(entry.id)
        entry.fields = fields
        entry.sync_token += 1
        entry.updated = moment
        self._index(entry)
        self.note(entry.kind, entry.id, self._operation(was_active, entry.active), moment)

    def shelf(self, kind: str) -> Shelf:
        """Return all records of a kind of LABELS."""
        return self.shelves[kind]

    def enter(
        self, kind: str, fields: dict[str, Any], moment: float, *, record_id: str | None = None
    ) -> Record:
        """Add a record under the next Id of its kind; transactions share one sequence."""
        if record_id is None:
            sequence = "Txn" if kind in TRANSACTIONS else kind
            self.last_ids[sequence] = self.last_ids.get(sequence, 0) + 1
            record_id = str(self.last_ids[sequence])
        record = Record(kind, record_id, {}, created=moment, updated=moment)
        self.shelves[kind].put(record, fields)
        self.note(kind, record.id, "Create", moment)
        return record

    def alter(
        self, record: Record, fields: dict[str, Any], moment: float, *, voided: bool = False
    ) -> None:
        """Write over a record: the SyncToken goes up, the time moves."""
        was_active = record.active
        self.shelves[record.kind].put(record, fields)
        record.sync_token += 1
        record.updated = moment
        operation = "Void" if voided else self._operation(was_active, record.active)
        self.note(record.kind, record.id, operation, moment)

    def drop(self, record: Record, moment: float) -> None:
        """Delete a transaction: what is left tells change data capture of it."""
        record.deleted, record.updated = True, moment
        self.shelves[record.kind].forget(record)
        self.note(record.kind, record.id, "Delete", moment)

    def note(
        self,
        entity: str,
        record_id: object,
        operation: Literal["Create", "Update", "Delete", "Merge", "Void"],
        moment: float,
        *,
        deleted_id: str | None = None,
    ) -> None:
        """Write a change into the journal."""
        self.version += 1
        self.journal.append(Change(entity, str(record_id), operation, moment, deleted_id))

    def remember(self, request_id: str, answer: dict[str, Any]) -> None:
        """Keep the answer to a `requestid`; the oldest of very many are forgotten."""
        self.replays[request_id] = answer
        if len(self.replays) > _REPLAYS:
            del self.replays[next(iter(self.replays))]

    def line(self, entry: Entry) -> list[Entry]:
        """Return the entry and its ancestors, the top one first."""
        line = [entry]
        while line[0].parent_id:
            line.insert(0, self.entries[line[0].parent_id])
        return line

    def full_name(self, entry: Entry) -> str:
        """Return `Parent:Child`, computed anew: a parent's rename shows in its children."""
        if not entry.parent_id:
            return str(entry.fields["DisplayName"])
        return ":".join(str(one.fields["DisplayName"]) for one in self.line(entry))

    def children(self, entry: Entry) -> list[Entry]:
        """Return the direct sub-customers, in order of Id."""
        return [self.entries[one] for one in sorted(self._children.get(entry.id, ()))]

    def balance_with_jobs(self, entry: Entry) -> int:
        """Return the balance of an entry and everything below it, in cents."""
        below = self._children.get(entry.id, ())
        return entry.balance + sum(self.balance_with_jobs(self.entries[one]) for one in below)

    def address_id(self, address: dict[str, str]) -> int:
        """Return the Id all equal addresses share."""
        key = "\x1f".join(f"{name}={address[name]}" for name in sorted(address))
        return self.addresses.setdefault(key, len(self.addresses) + 2)

    def dump(self) -> dict[str, Any]:
        """Return everything as JSON values, without copying: use it before the next change."""
        return {
            "realm": self.realm,
            "opened": self.opened,
            "settings": asdict(self.settings),
            "next_id": self.next_id,
            "addresses": self.addresses,
            "entries": [
                {name: getattr(entry, name) for name in Entry.__slots__}
                for entry in self.entries.values()
            ],
            "records": [
                record.as_json()
                for shelf in self.shelves.values()
                for record in shelf.records.values()
            ],
            "last_ids": self.last_ids,
            "next_number": self.next_number,
            "replays": self.replays,
        }

    @classmethod
    def load(cls, saved: dict[str, Any]) -> Company:
        """Rebuild a company from `dump()`."""
        company = cls(saved["realm"], saved["opened"], Settings(**saved["settings"]))
        company.next_id, company.addresses = saved["next_id"], saved["addresses"]
        for one in saved["entries"]:
            entry = Entry(**one)
            company.entries[entry.id] = entry
            company._index(entry)
        records = [Record(**one) for one in saved.get("records", ())]
        for record in records:
            company.shelves[record.kind].records[record.id] = record
        # An active record holds its name before an inactive one.
        for record in sorted(records, key=lambda one: not one.active):
            if not record.deleted:
                company.shelves[record.kind].put(record, record.fields)
        company.last_ids = saved.get("last_ids", {})
        company.next_number = saved.get("next_number", company.next_number)
        company.replays = saved.get("replays", {})
        return company

    def _operation(self, was: bool, is_now: bool) -> Literal["Update", "Delete"]:  # noqa: FBT001 — a state
        return self.settings.inactivation_event if was and not is_now else "Update"

    def _shown(self, entry: Entry) -> bool:
        return not (entry.merged_into and self.settings.merged_rows_vanish)

    def _key(self, entry: Entry) -> tuple[int, str]:
        return entry.parent_id, str(entry.fields["DisplayName"]).casefold()

    def _index(self, entry: Entry) -> None:
        self._names[self._key(entry)] = entry.id
        if entry.parent_id:
            self._children[entry.parent_id].add(entry.id)
