"""Records of customers: each lies with its customer, on a shelf of the company, and open or not.

All of a change is one transaction, with a look at the customer's head: nothing is added to a
customer that is being deleted, and lists show a record in the request after its write.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import orjson
from pydantic import TypeAdapter

from roster.adapters.dynamodb import customer_items, keys, record_keys
from roster.adapters.dynamodb.living import living_check
from roster.adapters.dynamodb.merged import merged_rows
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.activities import Activity
from roster.domain.customer import Customer
from roster.domain.errors import StaleVersion
from roster.domain.record import Record
from roster.usecases.narrowing import narrowed
from roster.usecases.ports import Page

_IN_KEYS = frozenset({"id", "tenant", "customer_id", "version"})
_ABSENT = "attribute_not_exists(pk)"
_REQUEST = "request"
_REQUEST_KEPT = timedelta(days=2)
# Sort before and after everything a record may be sorted by.
_FIRST, _LAST = " ", "\x7f"
_NO_BODY = "{}"
_ATTEMPTS = 5


class DynamoRecords[R: Record]:
    """One family of records in the business table; implements `record_ports.Records`.

    `row_omits` names fields (with defaults) that lists do without: they lie in an item of their
    own, so that a list reads little and a step that leaves them alone does not write them.
    """

    def __init__(self, table: Table, kind: type[R], *, row_omits: Sequence[str] = ()) -> None:
        self._table = table
        self._family = str(kind.family)
        self._adapter = TypeAdapter(kind)
        self._body = frozenset(row_omits)

    def get(self, tenant: str, owners: Sequence[str], record_id: str) -> R | None:
        """One request unit an owner, up to 4 KB, and as much again for what lists do without."""
        for _ in range(_ATTEMPTS):
            wanted = [
                record_keys.record(tenant, owner, self._family, record_id) for owner in owners
            ]
            if self._body:
                wanted += [
                    record_keys.record_body(tenant, owner, self._family, record_id)
                    for owner in owners
                ]
            found = {item["sk"][:4]: item for item in self._table.get_many(wanted)}
            record = found.get(record_keys.RECORD_PREFIX)
            if record is None:
                return None
            body = found.get(record_keys.BODY_PREFIX[:4], {}).get("doc", _NO_BODY)
            # The two are read side by side, not as one: a write may come in between.
            if record.get("body", _NO_BODY) == _digest(body):
                tenant, _, owner = record["pk"].split("#", 2)
                return self._load(record, tenant, owner, orjson.loads(body))
        raise StaleVersion(f"{record_id} keeps changing")

    def page(self, tenant: str, owners: Sequence[str], *, limit: int, after: str | None) -> Page[R]:
        """One query an owner; ids are in the order of time across all of them.

        Without what lists do without: no record of a list is to be saved.
        """
        prefix = record_keys.records_prefix(self._family)
        found: list[R] = []
        more = False
        for owner in owners:
            partition = keys.customer_partition(tenant, owner)
            rows, last = self._table.query(
                partition,
                prefix=prefix,
                after=prefix + after if after else None,
                limit=limit,
                forward=False,
            )
            found += map(self._record, rows)
            more = more or last is not None
        found.sort(key=lambda record: record.id, reverse=True)
        page = found[:limit]
        more = more or len(found) > limit
        return Page(page, page[-1].id if more and page else None)

    def open(self, tenant: str, owners: Sequence[str], *, limit: int) -> Sequence[R]:
        """One query an owner."""
        rows: list[Item] = []
        for owner in owners:
            partition = keys.customer_partition(tenant, owner)
            prefix = record_keys.open_records_prefix(self._family)
            rows += self._table.query(partition, prefix=prefix, limit=limit)[0]
        rows.sort(key=lambda row: str(row["sk"]))
        return [self._from_row(row) for row in rows[:limit]]

    def across(
        self,
        tenant: str,
        shelves: Sequence[str],
        *,
        limit: int,
        after: str | None,
        since: str = "",
        until: str = "",
        newest_first: bool = True,
        keeps: Callable[[R], bool] = lambda _: True,
    ) -> Page[R]:
        """One query a shelf for every 100 rows looked at, 500 at most."""
        if until and since > until:
            # DynamoDB refuses a range that ends before it begins.
            return Page([])
        partitions = [record_keys.shelf_partition(tenant, self._family, shelf) for shelf in shelves]
        page = narrowed(
            lambda size, start: merged_rows(
                self._table,
                partitions,
                share=max(1, size // len(partitions)),
                after=start,
                between=(since or _FIRST, f"{until}{_LAST}") if since or until else None,
                newest_first=newest_first,
            ),
            lambda row: keeps(self._from_row(row)),
            lambda row: str(row["sk"]),
            limit=limit,
            after=after,
        )
        return Page([self._from_row(row) for row in page.items], page.next)

    def awaiting(self, tenant: str, queue: str) -> Sequence[tuple[str, str]]:
        """Owner and id of all that stand in a queue, oldest first; one query."""
        found = self._table.query_all(record_keys.awaiting(tenant, self._family, queue, "")["pk"])
        return [(str(row["owner"]), str(row["sk"])) for row in found]

    def add(
        self,
        customer: Customer,
        record: R,
        activities: Sequence[Activity],
        *,
        request_key: str | None = None,
    ) -> R:
        """See `record_ports.Records.add`."""
        actions = [*self.change_actions(None, record), self.living_check(customer)]
        actions += [self._table.put_action(activity_item(told)) for told in activities]
        if request_key:
            actions.append(self.request_action(record, request_key))
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if request_key and refused.reasons[-1] == "ConditionalCheckFailed":
                mark = refused.items[-1] or {}
                first = self.get(record.tenant, [mark["owner"]], mark["customer"])
                if first is not None:
                    return first
            raise _moved_meanwhile(refused, record.id) from refused
        return record

    def add_once(self, customer: Customer, record: R, told: Activity) -> None:
        """See `record_ports.Records.add_once`."""
        entry = self._table.put_action(activity_item(told), condition=_ABSENT)
        actions = [*self.change_actions(None, record), self.living_check(customer), entry]
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if refused.reasons[-1] != "ConditionalCheckFailed":
                raise _moved_meanwhile(refused, record.id) from refused

    def take_back(self, record: R, told_id: str) -> None:
        """See `record_ports.Records.take_back`."""
        entry = record_keys.activity(record.tenant, record.customer_id, told_id)
        actions = [*self.change_actions(record, None), self._table.delete_action(entry)]
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            raise _moved_meanwhile(refused, record.id) from refused

    def save(
        self, customer: Customer, before: R, after: R | None, activities: Sequence[Activity]
    ) -> None:
        """See `record_ports.Records.save`."""
        actions = [*self.change_actions(before, after), self.living_check(customer)]
        actions += [self._table.put_action(activity_item(told)) for told in activities]
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            raise _moved_meanwhile(refused, before.id) from refused

    def forget(self, customer: Customer) -> None:
        """Remove all records of the family, from every list."""
        tenant, owner = customer.tenant, customer.id
        partition = keys.customer_partition(tenant, owner)
        found = self._table.query_all(partition, prefix=record_keys.records_prefix(self._family))
        for record in map(self._record, found):
            gone = [keys.of(item) for item in self._items(record).values()]
            body = record_keys.record_body(tenant, owner, self._family, record.id)
            self._table.write_batch(deletes=[*gone, body])

    def change_actions(self, before: R | None, after: R | None) -> list[Item]:
        """A change as parts of a transaction: the record itself first, then where it is listed."""
        old, new = self._items(before), self._items(after)
        given = {"condition": "v = :v", "v": before.version} if before else {"condition": _ABSENT}
        first = next(iter(new or old))
        if old and first in new and first not in old:
            # It comes to another customer: what stands there is written as new.
            here = next(iter(old))
            actions = [
                self._table.put_action(new[first], condition=_ABSENT),
                self._table.delete_action(keys.of(old.pop(here)), **given),
            ]
        elif first in new:
            actions = [self._table.put_action(new[first], **given)]
        else:
            actions = [self._table.delete_action(keys.of(old[first]), **given)]
        actions += [
            self._table.delete_action(keys.of(item))
            for key, item in old.items()
            if key != first and key not in new
        ]
        return actions + [
            self._table.put_action(item)
            for key, item in new.items()
            if key != first and old.get(key) != item
        ]

    def living_check(self, customer: Customer) -> Item:
        """That the customer lives, as a part of a transaction."""
        return living_check(self._table, customer)

    def request_action(self, record: R, request_key: str) -> Item:
        """The mark that this request made this record, as a part of a transaction."""
        mark = customer_items.unique(record.tenant, _REQUEST, request_key, record.id)
        until = int((record.created_at + _REQUEST_KEPT).timestamp())
        item = {**mark, "owner": record.customer_id, "ttl": until}
        return self._table.put_action(item, condition=_ABSENT)

    def _items(self, record: R | None) -> dict[tuple[str, str], Item]:
        """Every item of the record by its key, the record itself first; none of no record."""
        if record is None:
            return {}
        family, tenant, owner = self._family, record.tenant, record.customer_id
        doc = self._doc(record, exclude=_IN_KEYS | self._body)
        row = {"v": record.version, "owner": owner, "doc": doc}
        found: list[Item] = [
            {
                **record_keys.record(tenant, owner, family, record.id),
                "v": record.version,
                "doc": doc,
            },
            {
                **record_keys.shelf_row(tenant, family, record.shelf, record.sorted_by, record.id),
                **row,
            },
        ]
        if record.open_by is not None:
            key = record_keys.open_record(tenant, owner, family, record.open_by, record.id)
            found.append({**key, **row})
        if record.queue is not None:
            # A pointer and no copy: what does not move the place is not written again.
            found.append(
                {**record_keys.awaiting(tenant, family, record.queue, record.id), "owner": owner}
            )
        if self._body and (body := self._doc(record, include=self._body)) != _NO_BODY:
            found[0]["body"] = _digest(body)
            found.append({**record_keys.record_body(tenant, owner, family, record.id), "doc": body})
        return {(item["pk"], item["sk"]): item for item in found}

    def _doc(
        self,
        record: R,
        *,
        include: frozenset[str] | None = None,
        exclude: frozenset[str] | None = None,
    ) -> str:
        values = self._adapter.dump_python(
            record,
            mode="json",
            include=set(include) if include is not None else None,
            exclude=set(exclude) if exclude is not None else None,
            exclude_defaults=True,
        )
        return orjson.dumps(values).decode()

    def _record(self, item: Item) -> R:
        tenant, _, owner = item["pk"].split("#", 2)
        return self._load(item, tenant, owner, {})

    def _from_row(self, row: Item) -> R:
        return self._load(row, row["pk"].split("#", 1)[0], row["owner"], {})

    def _load(self, item: Item, tenant: str, owner: str, body: dict[str, Any]) -> R:
        values: dict[str, Any] = orjson.loads(item["doc"])
        record_id = item["sk"].rpartition("#")[2]
        own = {"id": record_id, "tenant": tenant, "customer_id": owner, "version": item["v"]}
        return self._adapter.validate_python(values | body | own)


class DynamoActivities:
    """The timeline's own entries; implements `record_ports.Activities`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def page(
        self, tenant: str, customer_id: str, *, limit: int, after: str | None
    ) -> Page[Activity]:
        """One query, newest first."""
        rows, last = self._table.query(
            keys.customer_partition(tenant, customer_id),
            prefix=record_keys.ACTIVITY_PREFIX,
            after=record_keys.ACTIVITY_PREFIX + after if after else None,
            limit=limit,
            forward=False,
        )
        found = [activity_from(row) for row in rows]
        return Page(found, found[-1].id if last is not None and found else None)


_ACTIVITY = TypeAdapter(Activity)
_ACTIVITY_IN_KEYS = {"id", "tenant", "customer_id"}


def activity_item(told: Activity) -> Item:
    """One entry of the timeline as an item."""
    values = _ACTIVITY.dump_python(
        told, mode="json", exclude=_ACTIVITY_IN_KEYS, exclude_defaults=True
    )
    key = record_keys.activity(told.tenant, told.customer_id, told.id)
    return {**key, "doc": orjson.dumps(values).decode()}


def activity_from(item: Item) -> Activity:
    """An entry of the timeline back."""
    tenant, _, customer_id = item["pk"].split("#", 2)
    own = {
        "id": item["sk"].removeprefix(record_keys.ACTIVITY_PREFIX),
        "tenant": tenant,
        "customer_id": customer_id,
    }
    return _ACTIVITY.validate_python(orjson.loads(item["doc"]) | own)


def _digest(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=9).hexdigest() if body != _NO_BODY else body


def _moved_meanwhile(refused: TransactionRefused, record_id: str) -> Exception:
    if "ConditionalCheckFailed" in refused.reasons or refused.is_conflict:
        return StaleVersion(f"{record_id} or its customer was changed by someone else")
    return refused
