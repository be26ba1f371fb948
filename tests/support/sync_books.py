"""A QuickBooks company without wires: tokens, unique names, a late feed, replayed requests."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from roster.domain.location import Address
from roster.domain.sync.outgoing import as_sent
from roster.domain.sync.records import ACTIVE, MAPPED, TheirCustomer
from roster.domain.sync.steps import NameHolder
from roster.domain.text import fold

# How late a list or the feed may be; the overlap of two looks is longer.
LATE = timedelta(minutes=4)


class Stale(Exception):
    """5010: the record has moved since it was read."""


class NameTaken(Exception):
    """6240: somebody in QuickBooks has that name."""


@dataclass
class Record:
    """One customer record with every state it had, and when people last edited each field."""

    states: list[tuple[datetime, TheirCustomer]]
    edits: dict[str, datetime] = field(default_factory=dict)

    @property
    def now(self) -> TheirCustomer:
        """The state of this moment."""
        return self.states[-1][1]


class Books:
    """The QuickBooks side; every time is QuickBooks' own, which is the true one."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.others: dict[str, NameHolder] = {}
        self.replies: dict[str, TheirCustomer] = {}
        self.merges: dict[str, str] = {}
        self.writes = 0
        self.created: Counter[str] = Counter()
        self._next = 1

    def _id(self) -> str:
        self._next += 1
        return str(self._next)

    def has_name(self, name: str, but: str | None = None) -> bool:
        """Whether somebody active has it; inactive ones are renamed, which frees it."""
        key = name.casefold()
        active = (r.now for i, r in self.records.items() if i != but and r.now.active)
        return any(t.display_name.casefold() == key for t in active) or any(
            o.name.casefold() == key for o in self.others.values() if o.active
        )

    def holders(self) -> dict[str, tuple[NameHolder, ...]]:
        """Who has which folded name, as a search over the three lists tells."""
        found: dict[str, list[NameHolder]] = {}
        for i, record in self.records.items():
            holder = NameHolder("customer", i, record.now.display_name, record.now.active)
            found.setdefault(fold(holder.name), []).append(holder)
        for other in self.others.values():
            found.setdefault(fold(other.name), []).append(other)
        return {name: tuple(some) for name, some in found.items()}

    def add(self, name: str, at: datetime, values: Mapping[str, Any], **more: Any) -> str:
        """Somebody enters a customer or a job."""
        new = self._id()
        record = TheirCustomer(
            id=new,
            sync_token="0",
            display_name=name,
            values=_kept({**{k: sent_as(k, v) for k, v in values.items()}, "display_name": name}),
            created_at=at,
            last_updated=at,
            **more,
        )
        self.records[new] = Record([(at, record)], dict.fromkeys((*MAPPED, ACTIVE), at))
        return new

    def add_other(self, kind: str, name: str) -> None:
        """Somebody enters a vendor or an employee."""
        new = self._id()
        self.others[new] = NameHolder(kind, new, name)

    def invoice(self, key: str, at: datetime) -> None:
        """An invoice of the customer: the record's time moves and its token does not."""
        record = self.records[key]
        record.states.append((at, replace(record.now, last_updated=at)))

    def edit(self, key: str, at: datetime, fields: Mapping[str, Any], *, person: bool) -> None:
        """Change fields (None empties one); raises NameTaken."""
        record = self.records[key]
        before = record.now
        active = bool(fields.get(ACTIVE, before.active))
        name = fields.get("display_name") or before.display_name
        if active and self.has_name(name, but=key):
            raise NameTaken
        values = {**before.values, **{k: sent_as(k, v) for k, v in fields.items() if k in MAPPED}}
        after = replace(
            before,
            sync_token=str(int(before.sync_token) + 1),
            display_name=name,
            active=active,
            values=_kept({**values, "display_name": name}),
            last_updated=at,
        )
        record.states.append((at, after))
        if person:
            record.edits |= {f: at for f in fields if after.base.get(f) != before.base.get(f)}

    def move(self, key: str, at: datetime, **more: Any) -> None:
        """Change what is not a field: the parent, the shipping address."""
        record = self.records[key]
        token = str(int(record.now.sync_token) + 1)
        after = replace(record.now, sync_token=token, last_updated=at, **more)
        record.states.append((at, after))

    def merge(self, loser: str, winner: str, at: datetime) -> None:
        """Merge two in the screen: the loser becomes inactive, its invoices move."""
        self.edit(loser, at, {ACTIVE: False}, person=False)
        self.invoice(winner, at)
        self.merges[loser] = winner

    def write(
        self,
        key: str | None,
        token: str | None,
        fields: Mapping[str, Any],
        at: datetime,
        request: str,
        customer_id: str,
    ) -> TheirCustomer:
        """What the API does; the same request is answered as it was the first time."""
        if request in self.replies:
            return self.replies[request]
        if key is None:
            if self.has_name(fields["display_name"]):
                raise NameTaken
            values = {k: v for k, v in fields.items() if k in MAPPED}
            active = bool(fields.get(ACTIVE, True))
            key = self.add(fields["display_name"], at, values, active=active)
            self.records[key].edits = {}
            self.created[customer_id] += 1
        else:
            if self.records[key].now.sync_token != token:
                raise Stale
            self.edit(key, at, fields, person=False)
        self.writes += 1
        self.replies[request] = self.records[key].now
        return self.records[key].now

    def listed(self, at: datetime, late: timedelta, since: datetime | None) -> list[TheirCustomer]:
        """The whole list, or what the feed has: both may be `late`, and show what was then."""
        found = []
        for record in self.records.values():
            seen = [state for moment, state in record.states if moment <= at - late]
            if seen and (since is None or seen[-1].last_updated >= since):
                found.append(seen[-1])
        return found


def _normal(value: Any) -> Any:
    """As QuickBooks keeps it: texts without doubled spaces."""
    return " ".join(value.split()) or None if isinstance(value, str) else value


def sent_as(name: str, value: Any) -> Any:
    """What QuickBooks makes of our value."""
    return _normal(as_sent(name, value))


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v not in (None, "", Address())}
