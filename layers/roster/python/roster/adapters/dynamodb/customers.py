"""The repository of customers. ADR 0004 says why each item stands where it does.

A change is one transaction: head, event, list rows where they appear, sentinels of unique values.
The head itself remembers how it was created. New lookups and the place in the order of changes go
before it (one that dangles is filtered when heads are read), list rows that stay in their place
are refreshed after it, and what no longer holds is swept by the stream function, which also
finishes what a crash left undone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from roster.adapters.dynamodb import counts, history, keys, loading, orders, part_items
from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb.customer_lookups import all_lookups, all_names, lookups
from roster.adapters.dynamodb.first_places import head_and_locations, locations_from
from roster.adapters.dynamodb.listing import page_by_name
from roster.adapters.dynamodb.orders import Orders
from roster.adapters.dynamodb.rows import ListRows
from roster.adapters.dynamodb.search import Search
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.counts import Counts
from roster.domain.customer import Customer, Status
from roster.domain.customer_filter import CustomerFilter, Sort
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
        self._search, self._orders, self._rows = Search(table), Orders(table), ListRows(table)

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
        own = [*lookups(customer).values(), orders.fresh_entry(customer)]
        self._table.write_batch(own)
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
            *map(put, items.list_rows(customer)),
            *(put(part) for part in part_items.parts(new)),
        ]
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            # A customer of this very id, if there is one, may need these.
            if refused.reasons[len(sentinels)] != "ConditionalCheckFailed":
                self._table.write_batch(deletes=map(keys.of, own))
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
        beside: list[Item] = []
        if after.status is Status.DELETED and before.status is not Status.MERGED:
            # Only here: most functions never delete a customer, and need not start with money.
            from roster.adapters.dynamodb.standings import DynamoStandings

            beside = DynamoStandings(self._table).regrouped([after])
        self.save_with(before, after, event, beside)

    def save_with(
        self, before: Customer, after: Customer, event: Event, beside: Sequence[Item]
    ) -> None:
        """Write a change and, in its transaction, what goes beside it; as `save` raises.

        StaleVersion too where a condition of what goes beside it does not hold.
        """
        self.write_ahead(before, after)
        _, takes = self._sentinel_moves(before, after)
        actions = self.change_actions(before, after, event)
        whole = len(actions)
        try:
            self._table.transact([*actions, *beside])
        except TransactionRefused as refused:
            moved = "ConditionalCheckFailed" in (refused.reasons[0], *refused.reasons[whole:])
            if moved or refused.is_conflict:
                raise StaleVersion(f"customer {after.id} was changed by someone else") from refused
            for (field, _), item in zip(takes, refused.items[1:], strict=False):
                if item:
                    raise Taken(field, getattr(after, field), item["customer"]) from refused
            raise
        self.settle_rows(before, after)

    def write_ahead(self, before: Customer, after: Customer) -> None:
        """Write what leads to `after` and did not lead to `before`, or not by its names.

        That is its lookups, and its place in the order of changes.
        """
        old_lookups, new_lookups = lookups(before), lookups(after)
        renamed = all_names(before) != all_names(after)
        ahead = [item for sk, item in new_lookups.items() if renamed or sk not in old_lookups]
        if after.status not in items.UNLISTED:
            ahead.append(orders.changed_entry(after))
        self._table.write_batch(ahead)

    def change_actions(self, before: Customer, after: Customer, event: Event) -> list[Item]:
        """A change as parts of a transaction: the head first, then the sentinels to be taken."""
        frees, takes = self._sentinel_moves(before, after)
        return [
            self._table.put_action(items.head(after), condition="v = :v", v=before.version),
            *(action for _, action in takes),
            *frees,
            *self._rows.moves(before, after),
            self._table.put_action(items.event(after.tenant, event)),
        ]

    def forget(self, states: Sequence[Customer], redacted: Sequence[Event]) -> None:
        """See `ports.Customers.forget`: the one thing that ever writes over an event.

        Nobody else writes them any more, so there are no conditions. Lookups and list rows are
        removed whatever the sweep behind each change did: one that was parked would keep a name.
        """
        tenant, customer_id = states[0].tenant, states[0].id
        partition = keys.customer_partition(tenant, customer_id)
        gone: list[Item] = []
        for prefix in (keys.LOCATION_PREFIX, keys.CONTACT_PREFIX):
            gone += self._table.query_all(partition, prefix=prefix)
        for state in states:
            for status in (Status.ACTIVE, Status.INACTIVE):
                listed = replace(state, status=status)
                gone += [*all_lookups(listed).values(), *items.list_rows(listed)]
        self._table.write_batch(
            [items.event(tenant, event) for event in redacted],
            {(item["pk"], item["sk"]): keys.of(item) for item in gone}.values(),
        )

    def settle_rows(self, before: Customer, after: Customer) -> None:
        """Bring the list rows up to `after` once its transaction is written."""
        self._rows.settle(before, after)

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

    def search(
        self, tenant: str, query: str, statuses: Sequence[Status], *, limit: int, after: str | None
    ) -> Page[Customer]:
        """See `roster.adapters.dynamodb.search`."""
        return self._search.page(
            tenant, query, lambda c: c.status in statuses, limit=limit, after=after
        )

    def find(
        self,
        tenant: str,
        wanted: CustomerFilter,
        *,
        limit: int,
        after: str | None,
        sort: Sort = Sort.NAME,
    ) -> Page[Customer]:
        """See `ports.Customers.find`: a search where words are asked for, else a list."""
        if wanted.query:
            return self._search.page(tenant, wanted.query, wanted.keeps, limit=limit, after=after)
        match sort:
            case Sort.NAME:
                return page_by_name(self._table, tenant, wanted, limit=limit, after=after)
            case Sort.NEWEST:
                return self._orders.page(
                    tenant, orders.NEWEST, wanted.keeps, limit=limit, after=after
                )
            case Sort.LATELY_CHANGED:
                below, least = orders.span_of_changes(wanted)
                return self._orders.page(
                    tenant, orders.LATELY_CHANGED, wanted.keeps, limit=limit, after=after,
                    below=below, least=least,
                )  # fmt: skip
            case Sort.OUTSTANDING | Sort.REVENUE:
                from roster.adapters.dynamodb.by_money import page_by_money

                return page_by_money(self._table, tenant, sort, wanted, limit=limit, after=after)

    def history(
        self,
        tenant: str,
        customer_id: str,
        *,
        limit: int,
        after: str | None,
        head: Customer | None = None,
    ) -> Page[Event]:
        """The events, newest first; the creation, kept in the head, comes last."""
        return history.page(self._table, tenant, customer_id, limit=limit, after=after, head=head)

    def event(self, tenant: str, customer_id: str, event_id: str) -> Event | None:
        """One entry of the history; the creation is taken from the head."""
        return history.entry(self._table, tenant, customer_id, event_id)

    def locations(self, tenant: str, customer_id: str) -> Sequence[Location]:
        """The service locations, oldest first."""
        return locations_from(head_and_locations(self._table, tenant, customer_id))

    def add_location(
        self, before: Customer, after: Customer, location: Location, event: Event
    ) -> None:
        """See `ports.Customers.add_location`: what was edited since it was added stays."""
        tenant = after.tenant
        place = self._table.put_action(part_items.location(tenant, location), condition=_ABSENT)
        self.write_ahead(before, after)
        try:
            self._table.transact([*self.change_actions(before, after, event), place])
        except TransactionRefused as refused:
            if refused.reasons[-1] == "ConditionalCheckFailed":
                return
            if refused.reasons[0] == "ConditionalCheckFailed" or refused.is_conflict:
                raise StaleVersion(f"customer {after.id} was changed by someone else") from refused
            raise
        self.settle_rows(before, after)

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
        for customer in self._listed(tenant, prefix):
            card = items.card(customer)
            yield replace(card, id=customer.merged_into) if customer.merged_into else card

    def listed(self, tenant: str) -> Iterator[Customer]:
        """See `ports.Customers.listed`: one pass over three partitions of list rows."""
        return self._listed(tenant, "")

    def _listed(self, tenant: str, prefix: str) -> Iterator[Customer]:
        for status in (Status.ACTIVE, Status.INACTIVE, Status.MERGED):
            rows = self._table.query_all(keys.list_partition(tenant, status), prefix=prefix)
            known = map(items.customer_from_row, rows)
            if status is not Status.MERGED:
                yield from known
                continue
            losers = self.get_many(tenant, (customer.id for customer in known))
            for i, survivor in survivors(tenant, losers, customers=self).items():
                if survivor.status in (Status.ACTIVE, Status.INACTIVE):
                    yield replace(losers[i], merged_into=survivor.id)

    def every_id(self, tenant: str) -> Iterator[str]:
        """The ids of all customers that ever were: the lists of every status, one after another.

        Those of the living come first: who is deleted meanwhile is met again, not missed.
        """
        for status in Status:
            for row in self._table.query_all(keys.list_partition(tenant, status)):
                yield keys.listed_customer(row["sk"])

    def claim_values(
        self, new: Sequence[NewCustomer], fields: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        """See `ports.Customers.claim_values`: one write unit a value, 25 of them a request."""
        return loading.claim_values(self._table, new, fields)

    def holders(
        self, tenant: str, values: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Customer]:
        """See `ports.Customers.holders`: a read of the marks, and one of their customers."""
        wanted = {
            (key["pk"], key["sk"]): (field, value)
            for field, value in values
            for key in (keys.unique(tenant, field, value),)
        }
        marks = self._table.get_many(keys.Key(pk=pk, sk=sk) for pk, sk in wanted)
        found = {wanted[mark["pk"], mark["sk"]]: mark["customer"] for mark in marks}
        there = self.get_many(tenant, found.values())
        return {value: there[holder] for value, holder in found.items() if holder in there}

    def load_first(
        self, new: Sequence[NewCustomer], *, claimed: Sequence[str] = (), batch: str | None = None
    ) -> None:
        """See `ports.Customers.load_first`: one write unit an item."""
        self.load_all_first([(batch, new)], claimed=claimed)

    def load_all_first(
        self,
        batches: Iterable[tuple[str | None, Sequence[NewCustomer]]],
        *,
        claimed: Sequence[str] = (),
    ) -> None:
        """See `ports.Customers.load_all_first`: every request but the last is a full one."""
        loading.load_first(self._table, batches, claimed)

    def load_again(self, new: Sequence[NewCustomer], *, batch: str | None = None) -> None:
        """See `ports.Customers.load_again`."""
        heads = self.get_many(new[0].customer.tenant, (n.customer.id for n in new)) if new else {}
        loading.load_again(self._table, new, heads, batch)

    def sweep(self, before: Customer, after: Customer) -> None:
        """Remove what led to `before` only, and mend the list rows.

        The stream function calls this for every change of a head, some time after it; it looks at
        the customer as it is now, so late and repeated calls do no harm.
        """
        now = self.get(after.tenant, after.id)
        if now is None:
            return
        old = all_lookups(before)
        stale = old.keys() - all_lookups(now).keys()
        self._table.write_batch(deletes=(keys.of(old[sk]) for sk in stale))
        orders.sweep(self._table, before, now)
        self._rows.mend(before, after, now)
