"""Products and services: each by its id, and once more in the order of names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from pydantic import TypeAdapter

from roster.adapters.dynamodb import customer_items, keys
from roster.adapters.dynamodb.table import Item as Stored
from roster.adapters.dynamodb.table import Table, TransactionRefused
from roster.domain.errors import StaleVersion
from roster.domain.item import Item
from roster.domain.text import fold
from roster.usecases.ports import Page

_ITEM = TypeAdapter(Item)
_IN_KEYS = {"id", "tenant", "version"}
_REQUEST = "request"
_REQUEST_KEPT = timedelta(days=2)
_ABSENT = "attribute_not_exists(pk)"


class DynamoItems:
    """Items in the business table; implements `items.Items`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, item_id: str) -> Item | None:
        """One request unit."""
        found = self._table.get(keys.item(tenant, item_id))
        return _from(found, tenant) if found else None

    def page(
        self, tenant: str, *, active: bool | None, name: str, limit: int, after: str | None
    ) -> Page[Item]:
        """One query, two for active and inactive ones together."""
        rows: list[Stored] = []
        more = False
        for one in (True, False) if active is None else (active,):
            found, last = self._table.query(
                keys.items_partition(tenant, active=one),
                prefix=fold(name) if name else "",
                after=after,
                limit=limit,
            )
            rows += found
            more = more or last is not None
        rows.sort(key=lambda row: str(row["sk"]))
        page = rows[:limit]
        more = more or len(rows) > limit
        position = str(page[-1]["sk"]) if more and page else None
        return Page([_from(row, tenant) for row in page], position)

    def add(self, item: Item, *, request_key: str | None) -> Item:
        """See `items.Items.add`."""
        actions = [
            self._table.put_action(_stored(item), condition=_ABSENT),
            self._table.put_action(_row(item)),
        ]
        if request_key:
            mark = customer_items.unique(item.tenant, _REQUEST, request_key, item.id)
            until = int((datetime.now(UTC) + _REQUEST_KEPT).timestamp())
            actions.append(self._table.put_action({**mark, "ttl": until}, condition=_ABSENT))
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            mark_there = refused.items[-1] if request_key else None
            first = self.get(item.tenant, mark_there["customer"]) if mark_there else None
            if first is None:
                raise
            return first
        return item

    def save(self, before: Item, after: Item) -> None:
        """See `items.Items.save`; a row that moves is taken from where it stood."""
        old, new = _row(before), _row(after)
        actions = [
            self._table.put_action(_stored(after), condition="v = :v", v=before.version),
            self._table.put_action(new),
        ]
        if (old["pk"], old["sk"]) != (new["pk"], new["sk"]):
            actions.append(self._table.delete_action(keys.of(old)))
        self._change(actions, before)

    def remove(self, item: Item) -> None:
        """See `items.Items.remove`."""
        row = _row(item)
        key = keys.item(item.tenant, item.id)
        self._change(
            [
                self._table.delete_action(key, condition="v = :v", v=item.version),
                self._table.delete_action(keys.of(row)),
            ],
            item,
        )

    def _change(self, actions: list[Stored], item: Item) -> None:
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if "ConditionalCheckFailed" in refused.reasons or refused.is_conflict:
                raise StaleVersion(f"{item.id} was changed by someone else") from refused
            raise


def _content(item: Item) -> Stored:
    values: dict[str, Any] = _ITEM.dump_python(
        item, mode="json", exclude=_IN_KEYS, exclude_defaults=True
    )
    return {"v": item.version, "doc": orjson.dumps(values).decode()}


def _stored(item: Item) -> Stored:
    return {**keys.item(item.tenant, item.id), **_content(item)}


def _row(item: Item) -> Stored:
    key = keys.item_row(item.tenant, fold(item.name), item.id, active=item.active)
    return {**key, **_content(item)}


def _from(found: Stored, tenant: str) -> Item:
    item_id = str(found["sk"]).rpartition("#")[2]
    own = {"id": item_id, "tenant": tenant, "version": found["v"]}
    return _ITEM.validate_python(orjson.loads(found["doc"]) | own)
