"""How often the check before creating finds who is there already, on the labelled sets."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import customer_lookups
from roster.adapters.dynamodb.duplicates import DynamoDuplicates
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer, Origin, new_customer
from roster.domain.errors import Invalid
from roster.domain.events import Actor
from roster.usecases.duplicates import existing_customers
from tests.support.duplicates import Labelled

# By the set's name, the share of checks that shows a double, at the least.
LEAST_FOUND: Mapping[str, float] = {
    "FEBRL 1, all fields": 0.85,
    "FEBRL 3, names and addresses": 0.84,
    "Chicago sites": 0.96,
    "Fodor's and Zagat's restaurants": 0.98,
}
_TENANT, _NOW = "acme", datetime(2026, 1, 1, tzinfo=UTC)


class Shelf:
    """What the check reads of a table, in memory: moto takes minutes for thousands of queries."""

    def __init__(self) -> None:
        self._order: defaultdict[str, list[str]] = defaultdict(list)
        self._items: dict[tuple[str, str], Item] = {}

    def put(self, item: Item) -> None:
        key = item["pk"], item["sk"]
        if key not in self._items:
            insort(self._order[item["pk"]], item["sk"])
        self._items[key] = item

    @contextmanager
    def without(self, gone: Iterable[Item]) -> Iterator[None]:
        """The same without these."""
        for item in (kept := list(gone)):
            order = self._order[item["pk"]]
            del order[bisect_left(order, item["sk"])]
            del self._items[item["pk"], item["sk"]]
        yield
        for item in kept:
            self.put(item)

    def query(
        self, pk: str, *, prefix: str = "", limit: int, after: str | None = None
    ) -> tuple[list[Item], None]:
        order = self._order[pk]
        start = bisect_left(order, max(prefix, after or ""))
        found = [sk for sk in order[start : start + limit] if sk.startswith(prefix)]
        return [self._items[pk, sk] for sk in found], None

    def get_many(self, wanted: Iterable[Mapping[str, str]]) -> Iterator[Item]:
        keys = [(key["pk"], key["sk"]) for key in wanted]
        return (self._items[key] for key in keys if key in self._items)


@dataclass(frozen=True, slots=True)
class Checked:
    """`asked`: how many records have a double; `found`: for how many a double was shown.

    `shown`: answers per check, `doubles`: the share of all doubles that were shown.
    """

    asked: int
    found: float
    doubles: float
    shown: float


def check_before(labelled: Labelled) -> Checked:
    """Create each record that has a double once more, while all others are there."""
    shelf = Shelf()
    kept = {i: _written(i, typed) for i, typed in labelled.typed.items()}
    for written in kept.values():
        for item in written:
            shelf.put(item)
    doubles: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in labelled.same:
        doubles[one].add(other)
        doubles[other].add(one)
    there, every, shown = 0, 0, 0
    for record, others in sorted(doubles.items()):
        with shelf.without(kept[record]):
            answers = _asked(labelled.typed[record], shelf)
        shown += len(answers)
        every += len(answers & others)
        there += bool(answers & others)
    count = len(doubles)
    return Checked(count, there / count, every / sum(map(len, doubles.values())), shown / count)


def _asked(typed: Mapping[str, Any], shelf: Shelf) -> set[str]:
    found = existing_customers(
        _TENANT,
        name=typed["company_name"] or None,
        email=typed.get("email") or None,
        phone=typed.get("phone") or None,
        duplicates=DynamoDuplicates(cast("Table", shelf)),
    )
    return {one.customer.id for one in found}


def _written(customer_id: str, typed: Mapping[str, Any]) -> list[Item]:
    try:
        customer = _customer(customer_id, typed)
    except Invalid:
        # What no door lets in, such as an e-mail address of two.
        customer = _customer(customer_id, {"company_name": typed["company_name"] or "?"})
    lookups = customer_lookups.lookups(customer).values()
    return [items.head(customer), items.list_row(customer), *lookups]


def _customer(customer_id: str, typed: Mapping[str, Any]) -> Customer:
    return new_customer(
        id=customer_id,
        tenant=_TENANT,
        values=typed,
        source=Origin.MANUAL,
        actor=Actor("olga"),
        now=_NOW,
    )
