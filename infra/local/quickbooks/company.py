"""The book of one company: customers, vendors and employees share one Id sequence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["Customer", "Vendor", "Employee"]
KINDS: tuple[Kind, ...] = ("Customer", "Vendor", "Employee")


@dataclass(slots=True)
class Entry:
    """One name in the book. `fields` holds what was written; the rest is the service's own.

    `balance` is in cents and the entry's own; `created` and `updated` are epoch seconds.
    """

    kind: Kind
    id: int
    fields: dict[str, Any]
    created: float
    updated: float
    sync_token: int = 0
    balance: int = 0
    project: bool = False

    @property
    def active(self) -> bool:
        """False once it was made inactive."""
        return bool(self.fields.get("Active", True))

    @property
    def parent_id(self) -> int:
        """Id of the parent customer; 0 at the top."""
        reference = self.fields.get("ParentRef")
        return int(reference["value"]) if reference else 0


@dataclass(slots=True)
class Settings:
    """What differs between companies, or is not known well enough to be one fixed answer.

    `duplicate_detail`: how a 6240 ends: `id`, `null` or `sentence`.
    `reactivation_strips_suffix`: whether Active:true alone takes " (deleted)" off the name.
    `stale_lists`: lists show the SyncToken before the latest edit, as has been reported.
    `editor`: the person a 5010 names.
    """

    company_name: str = "Stand-in Field Services"
    country: str = "US"
    currency: str = "USD"
    duplicate_detail: Literal["id", "null", "sentence"] = "id"
    reactivation_strips_suffix: bool = True
    stale_lists: bool = False
    editor: str = "Dana Whitfield"
    using_sales_tax: bool = True
    custom_txn_numbers: bool = False


@dataclass
class Company:
    """One realm. Names are unique per level: the top one spans customers, vendors, employees."""

    realm: str
    opened: float
    settings: Settings = field(default_factory=Settings)
    entries: dict[int, Entry] = field(default_factory=dict)
    next_id: int = 1
    addresses: dict[str, int] = field(default_factory=dict)
    _names: dict[tuple[int, str], int] = field(default_factory=dict, repr=False, compare=False)
    _children: dict[int, set[int]] = field(
        default_factory=lambda: defaultdict(set), repr=False, compare=False
    )

    def find(self, kind: Kind, entity_id: int) -> Entry | None:
        """Return the entry with this Id, if it is of this kind."""
        entry = self.entries.get(entity_id)
        return entry if entry is not None and entry.kind == kind else None

    def of_kind(self, kind: Kind) -> Iterator[Entry]:
        """Iterate over all entries of one kind, in order of Id."""
        return (entry for entry in self.entries.values() if entry.kind == kind)

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
        return entry

    def rewrite(self, entry: Entry, fields: dict[str, Any], moment: float) -> None:
        """Replace what is written about an entry: the SyncToken goes up, the time moves."""
        self._names.pop(self._key(entry), None)
        self._children[entry.parent_id].discard(entry.id)
        entry.fields = fields
        entry.sync_token += 1
        entry.updated = moment
        self._index(entry)

    def line(self, entry: Entry) -> list[Entry]:
        """Return the entry and its ancestors, the top one first."""
        line = [entry]
        while line[0].parent_id:
            line.insert(0, self.entries[line[0].parent_id])
        return line

    def full_name(self, entry: Entry) -> str:
        """Return `Parent:Child`, computed anew: a parent's rename shows in its children."""
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
        """Return everything as JSON values."""
        return {
            "realm": self.realm,
            "opened": self.opened,
            "settings": asdict(self.settings),
            "next_id": self.next_id,
            "addresses": self.addresses,
            "entries": [asdict(entry) for entry in self.entries.values()],
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
        return company

    def _key(self, entry: Entry) -> tuple[int, str]:
        return entry.parent_id, str(entry.fields["DisplayName"]).casefold()

    def _index(self, entry: Entry) -> None:
        self._names[self._key(entry)] = entry.id
        if entry.parent_id:
            self._children[entry.parent_id].add(entry.id)
