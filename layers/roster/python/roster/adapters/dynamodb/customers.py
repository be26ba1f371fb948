"""The repository of customers. ADR 0004 says why each item stands where it does.

A change is one transaction: head, event, list row when it moves, sentinels of unique values. The
head itself remembers how it was created. New
lookups go before it (one that dangles is filtered when heads are read), a list row that stays in
its place is refreshed after it, and lookups that no longer hold are swept by the stream function,
which also finishes what a crash left undone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from roster.adapters.dynamodb import counts, keys
from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb.listing import narrowed_page
from roster.adapters.dynamodb.search import Search
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.counts import Counts
from roster.domain.customer import Customer, Status, creation_id, creation_of
from roster.domain.customer_filter import CustomerFilter
from roster.domain.errors import StaleVersion, Taken
from roster.domain.events import Event
from roster.domain.location import Location
from roster.domain.matching import MatchCard
from roster.domain.text import fold
from roster.usecases.joining import survivors
from roster.usecases.ports import NewCustomer, Page

_REQUEST = "request"
_REQUEST_KEPT = timedelta(days=2)
_NUMBER_COUNTER = keys.CUSTOMER_NUMBER
_ABSENT = "attribute_not_exists(pk)"


class DynamoCustomers:
    """Customers in the business table; implements `ports.Customers`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._search = Search(table)

    def get(self, tenant: str, customer_id: str) -> Customer | None:
        """The head, strongly consistent: one request unit up to 4 KB."""
        found = self._table.get(keys.customer(tenant, customer_id))
        return items.customer_from(found) if found else None

    def get_many(self, tenant: str, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """The heads that exist, by id."""
        heads = self._table.get_many(keys.customer(tenant, i) for i in customer_ids)
        return {c.id: c for c in map(items.customer_from, heads)}

    def add(self, new: NewCustomer, *, request_key: str | None = None) -> Customer:
        """Write a new customer in one transaction; see `ports.Customers.add`."""
        customer = new.customer
        own = items.lookups(customer)
        self._table.write_batch(own.values())
        put = self._table.put_action
        sentinels = [
            (
                field,
                put(items.unique(customer.tenant, field, value, customer.id), condition=_ABSENT),
            )
            for field, value in items.uniques(customer).items()
        ]
        if request_key:
            until = int((customer.created_at + _REQUEST_KEPT).timestamp())
            mark = items.unique(customer.tenant, _REQUEST, request_key, customer.id)
            sentinels.append((_REQUEST, put({**mark, "ttl": until}, condition=_ABSENT)))
        actions = [
            *(action for _, action in sentinels),
            put(items.head(customer), condition=_ABSENT),
            put(items.list_row(customer)),
            *(put(part) for part in items.parts(new)),
        ]
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            # A customer of this very id, if there is one, may need these lookups.
            if refused.reasons[len(sentinels)] != "ConditionalCheckFailed":
                self._table.write_batch(deletes=(_key(item) for item in own.values()))
            earlier = self._already_added(customer, [f for f, _ in sentinels], refused)
            if earlier is not None:
                return earlier
            raise
        return customer

    def _already_added(
        self, customer: Customer, sentinels: Sequence[str], refused: TransactionRefused
    ) -> Customer | None:
        held = {
            field: item
            for field, reason, item in zip(sentinels, refused.reasons, refused.items, strict=False)
            if reason == "ConditionalCheckFailed"
        }
        if _REQUEST in held:
            holder = held[_REQUEST]
            return self.get(customer.tenant, holder["customer"]) if holder else None
        for field, holder in held.items():
            value = getattr(customer, field)
            raise Taken(field, value, holder["customer"] if holder else None) from refused
        if "ConditionalCheckFailed" in refused.reasons:
            return self.get(customer.tenant, customer.id)
        return None

    def save(self, before: Customer, after: Customer, event: Event) -> None:
        """Write a change; see `ports.Customers.save`."""
        if after is before:
            return
        self.write_lookups(before, after)
        _, takes = self._sentinel_moves(before, after)
        actions = self.change_actions(before, after, event)
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if refused.reasons[0] == "ConditionalCheckFailed" or refused.is_conflict:
                raise StaleVersion(f"customer {after.id} was changed by someone else") from refused
            for (field, _), item in zip(takes, refused.items[1:], strict=False):
                if item:
                    raise Taken(field, getattr(after, field), item["customer"]) from refused
            raise
        if items.list_row_key(before) == items.list_row_key(after):
            self.refresh_row(after)

    def write_lookups(self, before: Customer, after: Customer) -> None:
        """Write the lookups that `after` is found by and `before` was not, or not by its names."""
        old_lookups, new_lookups = items.lookups(before), items.lookups(after)
        renamed = items.all_names(before) != items.all_names(after)
        self._table.write_batch(
            item for sk, item in new_lookups.items() if renamed or sk not in old_lookups
        )

    def change_actions(self, before: Customer, after: Customer, event: Event) -> list[Item]:
        """A change as parts of a transaction: the head first, then the sentinels to be taken."""
        frees, takes = self._sentinel_moves(before, after)
        return [
            self._table.put_action(items.head(after), condition="v = :v", v=before.version),
            *(action for _, action in takes),
            *frees,
            *self._row_moves(before, after),
            self._table.put_action(items.event(after.tenant, event)),
        ]

    def forget(self, states: Sequence[Customer], redacted: Sequence[Event]) -> None:
        """See `ports.Customers.forget`: the one thing that ever writes over an event.

        Nobody else writes them any more, so there are no conditions. Lookups are removed whatever
        the sweep behind each change did: one that was parked would keep a name.
        """
        tenant, customer_id = states[0].tenant, states[0].id
        partition = keys.customer_partition(tenant, customer_id)
        gone: list[Item] = []
        for prefix in (keys.LOCATION_PREFIX, keys.CONTACT_PREFIX):
            gone += self._table.query_all(partition, prefix=prefix)
        for state in states:
            gone += items.lookups(replace(state, status=Status.INACTIVE)).values()
        self._table.write_batch(
            [items.event(tenant, event) for event in redacted],
            {(item["pk"], item["sk"]): _key(item) for item in gone}.values(),
        )

    def _row_moves(self, before: Customer, after: Customer) -> list[Item]:
        old, new = items.list_row_key(before), items.list_row_key(after)
        if old == new:
            return []
        moves = [self._table.delete_action(old)]
        if after.status is not Status.DELETED:
            moves.append(self._table.put_action(items.list_row(after)))
        return moves

    def refresh_row(self, customer: Customer) -> None:
        """Bring the list row up to this version; an older version never overwrites a newer."""
        row = items.list_row(customer)
        self._table.put(row, condition="attribute_exists(pk) AND v < :v", v=customer.version)

    def _sentinel_moves(
        self, before: Customer, after: Customer
    ) -> tuple[list[Item], list[tuple[str, Item]]]:
        old, new = items.uniques(before), items.uniques(after)
        frees = [
            self._table.delete_action(
                keys.unique(before.tenant, field, value),
                condition="attribute_not_exists(pk) OR customer = :id",
                id=before.id,
            )
            for field, value in old.items()
            if new.get(field) != value
        ]
        takes = [
            (
                field,
                self._table.put_action(
                    items.unique(after.tenant, field, value, after.id), condition=_ABSENT
                ),
            )
            for field, value in new.items()
            if old.get(field) != value
        ]
        return frees, takes

    def list_by_status(
        self, tenant: str, statuses: Sequence[Status], *, limit: int, after: str | None
    ) -> Page[Customer]:
        """One query per status, merged by name: 2 request units a page of 25 in one status."""
        rows: list[Item] = []
        more = False
        for status in statuses:
            found, last = self._table.query(
                keys.list_partition(tenant, status), after=after, limit=limit
            )
            rows += found
            more = more or last is not None
        rows.sort(key=lambda row: row["sk"])
        page = rows[:limit]
        more = more or len(rows) > limit
        return Page(
            [items.customer_from_row(row) for row in page],
            page[-1]["sk"] if more and page else None,
        )

    def search(
        self, tenant: str, query: str, statuses: Sequence[Status], *, limit: int, after: str | None
    ) -> Page[Customer]:
        """See `roster.adapters.dynamodb.search`."""
        return self._search.page(
            tenant, query, lambda c: c.status in statuses, limit=limit, after=after
        )

    def find(
        self, tenant: str, wanted: CustomerFilter, *, limit: int, after: str | None
    ) -> Page[Customer]:
        """See `ports.Customers.find`: a search where words are asked for, else the list."""
        if wanted.query:
            return self._search.page(tenant, wanted.query, wanted.keeps, limit=limit, after=after)
        if wanted.narrows:
            return narrowed_page(
                self._table, tenant, wanted.statuses, wanted.keeps, limit=limit, after=after
            )
        return self.list_by_status(tenant, wanted.statuses, limit=limit, after=after)

    def history(
        self, tenant: str, customer_id: str, *, limit: int, after: str | None
    ) -> Page[Event]:
        """The events, newest first; the creation, kept in the head, comes last."""
        if after == creation_id(customer_id):
            return Page([])
        partition = keys.customer_partition(tenant, customer_id)
        found, last = self._table.query(
            partition,
            prefix=keys.EVENT_PREFIX,
            after=keys.EVENT_PREFIX + after if after else None,
            limit=limit,
            forward=False,
        )
        events = [items.event_from(item) for item in found]
        if events and (last is not None or len(events) == limit):
            return Page(events, events[-1].id)
        customer = self.get(tenant, customer_id)
        if customer is not None:
            later = events if after is None else self._all_events(partition)
            events.append(creation_of(customer, later))
        return Page(events)

    def event(self, tenant: str, customer_id: str, event_id: str) -> Event | None:
        """One entry of the history; the creation is taken from the head."""
        found = self._table.get(keys.event(tenant, customer_id, event_id))
        if found is not None:
            return items.event_from(found)
        customer = self.get(tenant, customer_id)
        if customer is None or event_id != creation_id(customer_id):
            return None
        return creation_of(customer, self._all_events(keys.customer_partition(tenant, customer_id)))

    def _all_events(self, partition: str) -> list[Event]:
        found = self._table.query_all(partition, prefix=keys.EVENT_PREFIX, forward=False)
        return [items.event_from(item) for item in found]

    def locations(self, tenant: str, customer_id: str) -> Sequence[Location]:
        """The service locations, oldest first."""
        partition = keys.customer_partition(tenant, customer_id)
        found = self._table.query_all(partition, prefix=keys.LOCATION_PREFIX)
        return [items.location_from(item) for item in found]

    def add_location(
        self, before: Customer, after: Customer, location: Location, event: Event
    ) -> None:
        """See `ports.Customers.add_location`: what was edited since it was added stays."""
        tenant = after.tenant
        place = self._table.put_action(items.location(tenant, location), condition=_ABSENT)
        try:
            self._table.transact([*self.change_actions(before, after, event), place])
        except TransactionRefused as refused:
            if refused.reasons[-1] == "ConditionalCheckFailed":
                return
            if refused.reasons[0] == "ConditionalCheckFailed" or refused.is_conflict:
                raise StaleVersion(f"customer {after.id} was changed by someone else") from refused
            raise
        self.refresh_row(after)

    def counts(self, tenant: str, owners: Iterable[str]) -> Mapping[str, Counts]:
        """See `ports.Customers.counts`: half a request unit and more a partition."""
        return counts.read(self._table, tenant, owners)

    def position(self, customer: Customer) -> str:
        """The sort key of the customer's list row."""
        return items.list_row_key(customer)["sk"]

    def reserve_numbers(self, tenant: str, count: int) -> int:
        """See `ports.Customers.reserve_numbers`."""
        now = self._table.update(
            keys.counter(tenant, _NUMBER_COUNTER), "ADD #n :count", names={"#n": "n"}, count=count
        )
        last: int = now["n"] if now else 0
        return last - count + 1

    def same_name(self, tenant: str, display_name: str) -> Sequence[MatchCard]:
        """See `ports.Customers.same_name`: one query for each status."""
        folded = fold(display_name)
        prefix = keys.list_row(tenant, Status.ACTIVE, folded, "")["sk"]
        return [card for card in self._cards(tenant, prefix) if card.name == folded]

    def match_cards(self, tenant: str) -> Iterable[MatchCard]:
        """See `ports.Customers.match_cards`: one pass over three partitions of list rows."""
        return self._cards(tenant, "")

    def _cards(self, tenant: str, prefix: str) -> Iterator[MatchCard]:
        for status in (Status.ACTIVE, Status.INACTIVE, Status.MERGED):
            rows = self._table.query_all(keys.list_partition(tenant, status), prefix=prefix)
            known = map(items.customer_from_row, rows)
            if status is not Status.MERGED:
                yield from map(items.card, known)
                continue
            losers = self.get_many(tenant, (customer.id for customer in known))
            for i, survivor in survivors(tenant, losers, customers=self).items():
                if survivor.status in (Status.ACTIVE, Status.INACTIVE):
                    yield replace(items.card(losers[i]), id=survivor.id)

    def claim_values(
        self, new: Sequence[NewCustomer], fields: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        """See `ports.Customers.claim_values`: one conditional put, one write unit, a value."""
        lost: dict[str, tuple[str, ...]] = {}
        for one in new:
            customer, own = one.customer, items.uniques(one.customer)
            taken = tuple(
                field
                for field in fields
                if field in own
                and not self._table.put(
                    items.unique(customer.tenant, field, own[field], customer.id),
                    condition="attribute_not_exists(pk) OR customer = :id",
                    id=customer.id,
                )
            )
            if taken:
                lost[customer.id] = taken
        return lost

    def load_first(self, new: Sequence[NewCustomer], *, claimed: Sequence[str] = ()) -> None:
        """See `ports.Customers.load_first`: one write unit an item."""
        self._table.write_batch(item for one in new for item in _all_items(one, leave=claimed))

    def load_again(self, new: Sequence[NewCustomer]) -> None:
        """See `ports.Customers.load_again`.

        A head that is not there is written conditionally with all that hangs on it; beside a head
        that is there, only what is missing is put, and it is derived from the head as it is now.
        """
        heads = self.get_many(new[0].customer.tenant, (n.customer.id for n in new)) if new else {}
        for one in new:
            there = heads.get(one.customer.id)
            if there is None:
                self._complete(one, head=True)
            else:
                self._complete(NewCustomer(there, one.locations), head=False)

    def _complete(self, new: NewCustomer, *, head: bool) -> None:
        customer = new.customer
        wanted = [i for i in _all_items(new) if i["sk"] != keys.HEAD]
        if customer.status is Status.DELETED:
            return
        if head:
            self._table.put(items.head(customer), condition=_ABSENT)
        for item in wanted:
            self._table.put(item, condition=_ABSENT)

    def sweep(self, before: Customer, after: Customer) -> None:
        """Remove the lookups that held for `before` only, and mend a list row left behind.

        The stream function calls this for every change of a head, some time after it; it looks at
        the customer as it is now, so late and repeated calls do no harm.
        """
        now = self.get(after.tenant, after.id)
        if now is None:
            return
        stale = items.lookups(before).keys() - items.lookups(now).keys()
        old = items.lookups(before)
        if stale:
            self._table.write_batch(deletes=(_key(old[sk]) for sk in stale))
        if now.status is not Status.DELETED:
            row: Any = self._table.get(items.list_row_key(now))
            if row is not None and row["v"] < now.version:
                self.refresh_row(now)


def _key(item: Item) -> keys.Key:
    return keys.Key(pk=item["pk"], sk=item["sk"])


def _all_items(new: NewCustomer, *, leave: Sequence[str] = ()) -> Iterable[Item]:
    customer = new.customer
    yield items.head(customer)
    yield items.list_row(customer)
    yield from items.lookups(customer).values()
    for field, value in items.uniques(customer).items():
        if field not in leave:
            yield items.unique(customer.tenant, field, value, customer.id)
    yield from items.parts(new)
