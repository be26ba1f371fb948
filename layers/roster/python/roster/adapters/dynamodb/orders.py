"""Customers in an order other than by name: entries that lead to heads, the last one first.

An entry is written before the change that it tells of, at single price, and says no more than what
sorts it and whose it is. One that no longer holds is passed over because the head is looked at,
and swept by the stream function. An import writes one entry for many customers.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from math import ceil

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.heads import cheap_heads
from roster.adapters.dynamodb.listing import Keeps
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter
from roster.domain.errors import Malformed
from roster.usecases.ports import Page

# What a page may cost, in read units for 25 rows.
_UNITS_OF_A_PAGE, _ROWS_OF_A_PAGE = 15.0, 25
_UNIT_BYTES, _HEAD_UNITS, _AGAIN_UNITS = 4096, 0.5, 1.0
# Eight entries of an import lead to 200 customers and are one read unit.
_BATCHES_AT_ONCE = 8
_CREATED, _CHANGED = "created", "changed"


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
    return moment_token(items.milliseconds(customer.created_at))


def _changed_at(customer: Customer) -> str:
    return moment_token(items.milliseconds(customer.updated_at))


# When a customer was created never changes, so a head read a little late is as good.
NEWEST = Order(
    {_CREATED: _BATCHES_AT_ONCE},
    holds=lambda customer, token: _created_at(customer) == token,
    lags=lambda _, __: False,
)
# Who was never changed has no entry but that of its creation.
LATELY_CHANGED = Order(
    {_CHANGED: _ROWS_OF_A_PAGE, _CREATED: _BATCHES_AT_ONCE},
    holds=lambda customer, token: _changed_at(customer) == token,
    lags=lambda customer, token: _changed_at(customer) < token,
)


def created_entry(customer: Customer) -> Item:
    """The entry of a customer that was created by itself."""
    return {**keys.order_entry(customer.tenant, _CREATED, _created_at(customer), customer.id)}


def created_entries(customers: Iterable[Customer], batch: str | None) -> Iterator[Item]:
    """The entries of customers that were loaded together, one for each moment.

    `batch` names them, so that loading the same ones again writes the same entries.
    """
    for token, together in groupby(sorted(customers, key=_created_at), key=_created_at):
        some = list(together)
        ids = [customer.id for customer in some]
        # Ids made in one go begin alike: half of each is said once.
        shared = _shared_beginning(ids)
        key = keys.order_entry(some[0].tenant, _CREATED, token, batch or ids[0])
        yield {**key, "of": shared, "ids": ",".join(i.removeprefix(shared) for i in ids)}


def _shared_beginning(ids: Sequence[str]) -> str:
    first, last = min(ids), max(ids)
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(character for character, _ in alike)


def changed_entry(customer: Customer) -> Item:
    """The entry of a customer's last change."""
    return {**keys.order_entry(customer.tenant, _CHANGED, _changed_at(customer), customer.id)}


def stale_entries(before: Customer, now: Customer) -> list[Item]:
    """The entries of `before` that hold no longer; those of imports are left."""
    stale = []
    if before.version > 1 and _changed_at(before) != _changed_at(now):
        stale.append(changed_entry(before))
    if now.status in items.UNLISTED and now.merged_into is None:
        stale.append(created_entry(now))
    return stale


def span_of_changes(wanted: CustomerFilter) -> tuple[str | None, str]:
    """What the order of changes is read below, and from which on, for a filter."""
    quiet, since = wanted.inactive_since, wanted.updated_since
    # Rounded up, for what comes in the same millisecond: the filter itself looks closer.
    below = moment_token(items.milliseconds(quiet) + 1) if quiet else None
    return below, moment_token(items.milliseconds(since)) if since else ""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A customer's place in an order: an entry, and which of the entry's customers it is."""

    sk: str
    place: int
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
                next_position = f"{looked_at[-1].place + 1}@{looked_at[-1].sk}"
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
    """Where to begin: before the sort key `start`; `done` customers of the entry `sk` are shown."""

    start: str | None = None
    sk: str = ""
    done: int = 0

    @classmethod
    def of(cls, after: str | None, below: str | None) -> "_Position":
        if after is None:
            return cls(below)
        done, _, sk = after.partition("@")
        if not done.isdecimal():
            raise Malformed("the cursor is not one of this list", code="bad_cursor")
        # The entry itself may hold more: "!" is the place right behind it.
        return cls(f"{sk}!", sk, int(done))


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
        shown = self._position.done if sk == self._position.sk else 0
        for place, customer_id in enumerate(_ids(item)):
            if place >= shown:
                yield _Mark(sk, place, customer_id)


def _ids(item: Item) -> list[str]:
    if "ids" in item:
        return [item["of"] + end for end in item["ids"].split(",")]
    return [keys.order_parts(item["sk"])[1]]


def _size(item: Item) -> int:
    return sum(len(name) + len(value) for name, value in item.items())


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
