"""Removing customers that an import made and nobody touched since; ADR 0022 says how.

The head decides: it goes in a transaction that fails when the customer moved, and whoever adds
something to a customer looks at the head in the same transaction. What was added between our look
at the customer's partition and that transaction is found by a second look; then the customer comes
back as it was. Lookups and places in orders go last: one that dangles is filtered by its head.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import customer_lookups, keys, orders, part_items
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.customer import Customer
from roster.domain.events import Event
from roster.domain.history import states
from roster.domain.imports.touching import touched_by
from roster.usecases.imports.ports import Stays
from roster.usecases.ports import NewCustomer

_OURS = "attribute_not_exists(pk) OR customer = :id"
_UNTOUCHED_PLACE = (
    "attribute_not_exists(v) AND attribute_not_exists(assets) AND attribute_not_exists(gone)"
)
# A transaction takes 100 items: the head, its rows on shelves and its unique values come first.
_PARTS_WITH_HEAD = 40
_NOUNS = {"LOC": "location", "CON": "contact", "DOC": "document", "ONLOC": "asset"}
# As many things beside a customer as are looked at to say what they are.
_TOLD_OF = 10
_AS_READ = "v = :v AND doc = :doc"


class DynamoTakingBack:
    """Implements `imports.ports.TakingBack`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def look(self, new: Sequence[NewCustomer]) -> dict[str, Any]:
        """See `imports.ports.TakingBack.look`: the heads themselves, so that all can be derived."""
        heads = self._heads(new)
        return {customer_id: {**head} for customer_id, head in heads.items()}

    def take_back(
        self, new: Sequence[NewCustomer], noted: Mapping[str, Any], *, batch: str
    ) -> Mapping[str, Stays]:
        """See `imports.ports.TakingBack.take_back`: two queries and a transaction a customer."""
        heads = self._heads(new)
        kept: dict[str, Stays] = {}
        gone: list[Customer] = []
        for one in new:
            customer_id = one.customer.id
            known = noted.get(customer_id)
            if known is None:
                gone.append(one.customer)
                self._table.write_batch(deletes=self._rows_and_places(one.customer, one))
                self._free(one.customer)
            elif stays := self._taken_back(one, known, heads.get(customer_id)):
                kept[customer_id] = stays
            else:
                gone.append(items.customer_from(known))
        if gone:
            self._table.write_batch(
                deletes=(
                    keys.of(i) for one in gone for i in customer_lookups.all_lookups(one).values()
                )
            )
            orders.take_out(self._table, [replace(customer, batch=batch) for customer in gone])
            self._table.write_batch(
                deletes=(key for one in gone if one.version > 1 for key in orders.places_of(one))
            )
        return kept

    def _heads(self, new: Iterable[NewCustomer]) -> dict[str, Item]:
        wanted = (keys.customer(one.customer.tenant, one.customer.id) for one in new)
        return {keys.customer_of(head["pk"]): head for head in self._table.get_many(wanted)}

    def _taken_back(self, one: NewCustomer, known: Item, head: Item | None) -> Stays | None:
        """The customer as it is now if it stays, None when it is gone."""
        if head is not None:
            customer = items.customer_from(head)
            touched = self._touched(customer)
            beside = self._beside(one)
            if touched is not None or _is_gone(customer) or beside:
                return Stays(customer, touched, beside)
            if not self._removed(one, head):
                now = self._table.get(keys.customer(customer.tenant, customer.id))
                if now is not None:
                    customer = items.customer_from(now)
                    return Stays(customer, self._touched(customer), self._beside(one))
        if beside := self._beside(one):
            return Stays(self._restored(one, known), beside=beside)
        self._table.write_batch(deletes=map(keys.of, _far_parts(one)))
        self._forget(items.customer_from(known))
        return None

    def _forget(self, customer: Customer) -> None:
        """Remove what leads to what the customer was in between, and then its past itself."""
        past = self._past(customer)
        if not past:
            return
        events = map(items.event_from, reversed(past))
        led = [
            item
            for one in states(customer, events)
            for item in (*customer_lookups.all_lookups(one).values(), *items.list_rows(one))
        ]
        self._table.write_batch(deletes={(i["pk"], i["sk"]): keys.of(i) for i in led}.values())
        self._table.write_batch(deletes=map(keys.of, past))

    def _touched(self, customer: Customer) -> Event | None:
        """What changed the customer, unless all of that was taken back since."""
        if customer.version == 1:
            return None
        return touched_by(map(items.event_from, reversed(self._past(customer))))

    def _past(self, customer: Customer) -> list[Item]:
        """Its events, oldest first; who never changed has none."""
        if customer.version == 1:
            return []
        partition = keys.customer_partition(customer.tenant, customer.id)
        return [*self._table.query_all(partition, prefix=keys.EVENT_PREFIX)]

    def _beside(self, one: NewCustomer) -> tuple[str, ...]:
        """The nouns of what the customer's partition holds that the import did not write.

        Events are none of it: nobody writes one without moving the head.
        """
        partition = keys.customer_partition(one.customer.tenant, one.customer.id)
        ours = {keys.HEAD, *(part["sk"] for part in _parts(one))}
        more = (
            item
            for item in self._table.query_all(partition)
            if not item["sk"].startswith(keys.EVENT_PREFIX)
            and (item["sk"] not in ours or _is_touched(item))
        )
        found = [_noun(item["sk"]) for item in islice(more, _TOLD_OF)]
        return tuple(filter(None, found)) or (("record",) if found else ())

    def _removed(self, one: NewCustomer, head: Item) -> bool:
        customer = items.customer_from(head)
        delete = self._table.delete_action
        untouched = f"attribute_not_exists(pk) OR ({_UNTOUCHED_PLACE})"
        actions = [
            delete(keys.of(head), condition=_AS_READ, v=head["v"], doc=head["doc"]),
            *(delete(keys.of(row)) for row in items.list_rows(customer)),
            *(
                delete(keys.unique(customer.tenant, field, value), condition=_OURS, id=customer.id)
                for field, value in items.uniques(customer).items()
            ),
            *(delete(keys.of(place), condition=untouched) for place in _near_parts(one)),
        ]
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if "ConditionalCheckFailed" not in refused.reasons:
                raise
            return False
        return True

    def _restored(self, one: NewCustomer, known: Item) -> Customer:
        """Put back what was removed, for somebody added to it at that very moment."""
        customer = items.customer_from(known)
        put = self._table.put_action
        self._table.write_batch([*customer_lookups.lookups(customer).values(), *_far_parts(one)])
        actions = [
            put(known, condition="attribute_not_exists(pk)"),
            *map(put, items.list_rows(customer)),
            *(
                put(items.unique(customer.tenant, field, value, customer.id), condition=_OURS,
                    id=customer.id)
                for field, value in items.uniques(customer).items()
            ),
            *(put(part) for part in _near_parts(one) if not _tells_of(customer, part)),
        ]  # fmt: skip
        self._table.transact(actions)
        return customer

    def _rows_and_places(self, customer: Customer, one: NewCustomer) -> Iterable[keys.Key]:
        """What an attempt that died may have written of a customer without its head."""
        return map(keys.of, [*items.list_rows(customer), *_parts(one)])

    def _free(self, customer: Customer) -> None:
        for field, value in items.uniques(customer).items():
            key = keys.unique(customer.tenant, field, value)
            self._table.delete(key, condition="customer = :id", id=customer.id)


def _is_gone(customer: Customer) -> bool:
    """Whether it was deleted or merged away; what was imported as inactive is as it was."""
    return customer.status in items.UNLISTED


def _parts(one: NewCustomer) -> list[Item]:
    """Its parts as items of their own: so locations were written before heads told of them."""
    tenant = one.customer.tenant
    places = (part_items.location(tenant, place) for place in one.locations)
    return [*places, *(part_items.contact(tenant, person) for person in one.contacts)]


def _near_parts(one: NewCustomer) -> list[Item]:
    """Parts that go in one transaction with the head."""
    return _parts(one)[:_PARTS_WITH_HEAD]


def _far_parts(one: NewCustomer) -> list[Item]:
    """Parts for which a transaction has no room: they go when the head is gone.

    Whoever touches one looks at the head, or writes it, in the same transaction.
    """
    return _parts(one)[_PARTS_WITH_HEAD:]


def _noun(sk: str) -> str:
    """What an item below a customer is, for people; empty for what goes with another one."""
    what, _, rest = sk.partition("#")
    return rest.partition("#")[0] if what == "REC" else _NOUNS.get(what, "")


def _tells_of(customer: Customer, part: Item) -> bool:
    first = customer.first_place
    return first is not None and part["sk"] == keys.LOCATION_PREFIX + first.id


def _is_touched(item: Item) -> bool:
    return item["sk"] != keys.HEAD and bool({"v", "assets", "gone"} & item.keys())
