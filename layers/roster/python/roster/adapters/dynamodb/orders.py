"""Customers in an order other than by name: entries that lead to heads, the last one first.

An entry is written before the change that it tells of, at single price, and says no more than what
sorts it and whose it is. One that no longer holds is passed over because the head is looked at,
and swept by the stream function. A customer is fresh until its first change: that entry stands for
both its creation and its last change. An import writes one for many customers.
"""

from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from math import ceil

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import encoding, keys
from roster.adapters.dynamodb.heads import cheap_heads
from roster.adapters.dynamodb.listing import Keeps
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer, Status
from roster.domain.customer_filter import CustomerFilter
from roster.usecases.ports import NewCustomer, Page

# What a page may cost, in read units for 25 rows.
_UNITS_OF_A_PAGE, _ROWS_OF_A_PAGE = 15.0, 25
_UNIT_BYTES, _HEAD_UNITS, _AGAIN_UNITS = 4096, 0.5, 1.0
# Names of attributes, and what a map takes.
_FRAME_BYTES = 12
# Eight entries of an import lead to 200 customers and are one read unit.
_BATCHES_AT_ONCE = 8
_FRESH, _CREATED, _CHANGED = "fresh", "created", "changed"


@dataclass(frozen=True, slots=True)
class Order:
    """An order: its partitions, how many entries to read of each at first, and which still hold.

    `lags` says that the entry is newer than the head, which was read at half price.
    """

    partitions: Mapping[str, int]
    holds: Callable[[Customer, str], bool]
    lags: Callable[[Customer, str], bool]


def moment_token(ms: int) -> str:
    """Milliseconds as they sort."""
    return f"{ms:014d}"


def _created_at(customer: Customer) -> str:
    return moment_token(encoding.milliseconds(customer.created_at))


def _changed_at(customer: Customer) -> str:
    return moment_token(encoding.milliseconds(customer.updated_at))


# When a customer was created never changes, so a head read a little late is as good.
NEWEST = Order(
    {_FRESH: _BATCHES_AT_ONCE, _CREATED: _ROWS_OF_A_PAGE},
    holds=lambda customer, token: _created_at(customer) == token,
    lags=lambda _, __: False,
)
# Who was never changed has no entry but the fresh one.
LATELY_CHANGED = Order(
    {_FRESH: _BATCHES_AT_ONCE, _CHANGED: _ROWS_OF_A_PAGE},
    holds=lambda customer, token: _changed_at(customer) == token,
    lags=lambda customer, token: _changed_at(customer) < token,
)


def fresh_entry(customer: Customer) -> Item:
    """The entry of a customer that is created by itself."""
    return {**keys.order_entry(customer.tenant, _FRESH, _created_at(customer), customer.id)}


def loaded_together(
    new: Sequence[NewCustomer], batch: str | None, *, but: Container[str] = ()
) -> tuple[list[NewCustomer], list[Item]]:
    """Customers that are loaded together, as they are to be written, and their entries.

    There is one entry for each moment of creation. `batch` names them, so that loading the same
    ones again writes the same entries; each customer remembers it. `but` are no longer fresh.
    """
    named: list[NewCustomer] = []
    entries: list[Item] = []
    by_moment = sorted(new, key=lambda one: _created_at(one.customer))
    for token, together in groupby(by_moment, key=lambda one: _created_at(one.customer)):
        some = list(together)
        ids = [one.customer.id for one in some]
        name = batch or ids[0]
        named += [
            one
            if one.customer.batch == name
            else replace(one, customer=replace(one.customer, batch=name))
            for one in some
        ]
        # Ids made in one go begin alike: half of each is said once.
        shared = _shared_beginning(ids)
        entries.append(
            {
                **keys.order_entry(some[0].customer.tenant, _FRESH, token, name),
                "of": shared,
                "ids": {i.removeprefix(shared): True for i in ids if i not in but},
            }
        )
    return named, [entry for entry in entries if entry["ids"]]


def _shared_beginning(ids: Sequence[str]) -> str:
    first, last = min(ids), max(ids)
    pairs = zip(first[:-1], last[:-1], strict=False)
    alike = takewhile(lambda pair: pair[0] == pair[1], pairs)
    return "".join(character for character, _ in alike)


def changed_entry(customer: Customer) -> Item:
    """The entry of a customer's last change."""
    return {**keys.order_entry(customer.tenant, _CHANGED, _changed_at(customer), customer.id)}


def sweep(table: Table, before: Customer, now: Customer) -> None:
    """Take away the entries of `before` that hold no longer.

    With its first change a customer is no longer fresh: its entry moves to those of the created.
    """
    created = keys.order_entry(now.tenant, _CREATED, _created_at(now), now.id)
    stale = []
    if now.status is Status.DELETED:
        stale.append(created)
    elif before.version == 1:
        table.write_batch([{**created}])
    if now.status is Status.DELETED or before.version == 1:
        take_out(table, [now])
    if before.version > 1 and _changed_at(before) != _changed_at(now):
        stale.append(keys.of(changed_entry(before)))
    table.write_batch(deletes=stale)


def take_out(table: Table, together: Sequence[Customer]) -> None:
    """Remove customers, of one moment and one batch or each by itself, from the fresh ones."""
    first = together[0]
    if first.batch is None:
        table.write_batch(deletes=(keys.of(fresh_entry(customer)) for customer in together))
        return
    key = keys.order_entry(first.tenant, _FRESH, _created_at(first), first.batch)
    entry = table.get(key)
    if entry is None:
        return
    names = {f"#{n}": c.id.removeprefix(entry["of"]) for n, c in enumerate(together)}
    left = table.update(
        key,
        "REMOVE " + ", ".join(f"ids.{name}" for name in names),
        condition="attribute_exists(pk)",
        names=names,
    )
    if left is not None and not left["ids"]:
        table.delete(key, condition="ids = :none", none={})


def places_of(customer: Customer) -> list[keys.Key]:
    """Where a customer stands that is fresh no longer."""
    created = keys.order_entry(customer.tenant, _CREATED, _created_at(customer), customer.id)
    return [created, keys.of(changed_entry(customer))]


def span_of_changes(wanted: CustomerFilter) -> tuple[str | None, str]:
    """What the order of changes is read below, and from which on, for a filter."""
    quiet, since = wanted.inactive_since, wanted.updated_since
    below = None
    if quiet:
        # Rounded up, for what is earlier in the same millisecond.
        below = moment_token(encoding.milliseconds(quiet) + bool(quiet.microsecond % 1000))
    return below, moment_token(encoding.milliseconds(since)) if since else ""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A customer's place in an order: an entry, and which of the entry's customers it is."""

    sk: str
    customer_id: str

    @property
    def token(self) -> str:
        return keys.order_parts(self.sk)[0]


class Orders:
    """Pages of customers in an order."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def page(
        self,
        tenant: str,
        order: Order,
        keeps: Keeps,
        *,
        limit: int,
        after: str | None,
        below: str | None = None,
        least: str = "",
    ) -> Page[Customer]:
        """Customers that `keeps` lets pass, sorted by what is less than `below`, at least `least`.

        A page that would cost more than a page may is short and goes on.
        """
        reading = _Reading(self._table, tenant, order, _Position.of(after, below), least)
        budget = _UNITS_OF_A_PAGE * max(1, limit / _ROWS_OF_A_PAGE)
        found: dict[str, Customer] = {}
        spent, next_position = 0.0, after
        while len(found) < limit:
            affordable = int((budget - spent - reading.units) / _HEAD_UNITS)
            if affordable < 1:
                return Page(list(found.values()), next_position)
            marks = reading.take(min(limit - len(found), affordable))
            affordable = max(1, int((budget - spent - reading.units) / _HEAD_UNITS))
            looked_at = marks[:affordable]
            heads, units = self._heads(tenant, order, looked_at)
            spent += units
            for mark in looked_at:
                head = heads.get(mark.customer_id)
                if head is not None and order.holds(head, mark.token) and keeps(head):
                    found.setdefault(head.id, head)
            if looked_at:
                next_position = f"{looked_at[-1].customer_id}@{looked_at[-1].sk}"
            if len(looked_at) < len(marks):
                break
            if reading.is_over:
                return Page(list(found.values()))
        return Page(list(found.values()), next_position)

    def _heads(
        self, tenant: str, order: Order, marks: Sequence[_Mark]
    ) -> tuple[dict[str, Customer], float]:
        """The customers behind the marks, and what they cost."""
        heads = cheap_heads(self._table, tenant, (mark.customer_id for mark in marks))
        lagging = {
            mark.customer_id
            for mark in marks
            if (head := heads.get(mark.customer_id)) and order.lags(head, mark.token)
        }
        again = self._table.get_many(keys.customer(tenant, i) for i in lagging)
        heads |= {c.id: c for c in map(items.customer_from, again)}
        missing = sum(mark.customer_id not in heads for mark in marks)
        return heads, len(marks) * _HEAD_UNITS + (len(lagging) + missing) * _AGAIN_UNITS


@dataclass(frozen=True, slots=True)
class _Position:
    """Where to begin: before the sort key `start`, behind a customer of the entry `sk`."""

    start: str | None = None
    sk: str = ""
    customer_id: str = ""

    @classmethod
    def of(cls, after: str | None, below: str | None) -> "_Position":
        if after is None:
            return cls(below)
        customer_id, _, sk = after.partition("@")
        # The entry itself may hold more: "!" is the place right behind it.
        return cls(f"{sk}!", sk, customer_id)


class _Run:
    """One partition of an order, the last entry first, read as far as it is needed."""

    def __init__(self, table: Table, partition: str, at_first: int, position: _Position) -> None:
        self._table, self._partition, self._position = table, partition, position
        self._limit, self._after = at_first, position.start
        self.marks: deque[_Mark] = deque()
        self.is_read = False

    def fill(self) -> int:
        """Read on until there is a mark, or no more; what it cost."""
        units = 0
        while not self.marks and not self.is_read:
            found, self._after = self._table.query(
                self._partition, after=self._after, limit=self._limit, forward=False
            )
            self.is_read = self._after is None
            for item in found:
                self.marks.extend(self._marks(item))
            if len(self.marks) <= len(found):
                # Entries of one customer each are small.
                self._limit = _ROWS_OF_A_PAGE
            units += max(1, ceil(sum(map(_size, found)) / _UNIT_BYTES))
        return units

    def _marks(self, item: Item) -> Iterator[_Mark]:
        sk = item["sk"]
        shown = self._position.customer_id if sk == self._position.sk else ""
        for customer_id in _ids(item):
            if customer_id > shown:
                yield _Mark(sk, customer_id)


def _ids(item: Item) -> list[str]:
    if "ids" in item:
        return sorted(item["of"] + end for end in item["ids"])
    return [keys.order_parts(item["sk"])[1]]


def _size(item: Item) -> int:
    frame = sum(len(item[name]) for name in ("pk", "sk")) + _FRAME_BYTES
    return frame + len(item.get("of", "")) + sum(len(end) + 2 for end in item.get("ids", ()))


class _Reading:
    """The entries of all of an order's partitions as one; `units` is what they cost so far."""

    def __init__(
        self, table: Table, tenant: str, order: Order, position: _Position, least: str
    ) -> None:
        self._runs = [
            _Run(table, keys.order_partition(tenant, name), at_first, position)
            for name, at_first in order.partitions.items()
        ]
        self._least = least
        self.units = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to take."""
        return all(run.is_read and not run.marks for run in self._runs)

    def take(self, count: int) -> list[_Mark]:
        """The next marks; fewer than `count` at the end."""
        taken: list[_Mark] = []
        while len(taken) < count:
            for run in self._runs:
                self.units += run.fill()
            ready = [run for run in self._runs if run.marks]
            if not ready:
                break
            mark = max(ready, key=lambda run: run.marks[0].sk).marks.popleft()
            if mark.token < self._least:
                for run in self._runs:
                    run.marks.clear()
                    run.is_read = True
                break
            # Created and changed in the same millisecond: two entries, one place.
            if not (taken and taken[-1] == mark):
                taken.append(mark)
        return taken
