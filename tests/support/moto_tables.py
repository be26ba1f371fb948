"""Cheaper transactions and queries in moto.

moto copies every item of a table at each transaction, in case it must be taken back: half a second
with a thousand customers. Here it copies what the transaction may change, and takes back just that.
It also sorts every item of a table at each query; here, those of the partition that is asked for.
"""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any
from unittest import mock

from moto.dynamodb import models
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_transaction: ContextVar[Sequence[dict[str, Any]]] = ContextVar("transaction", default=())
_partition: ContextVar[DynamoType | None] = ContextVar("partition", default=None)


@contextmanager
def cheap_transactions() -> Iterator[None]:
    """Everything within copies tables the cheap way."""
    write = models.DynamoDBBackend.transact_write_items

    def noting(self: Any, transact_items: list[dict[str, Any]]) -> Any:
        token = _transaction.set(transact_items)
        try:
            return write(self, transact_items)
        finally:
            _transaction.reset(token)

    cheap = SimpleNamespace(copy=copy.copy, deepcopy=_copied)
    with (
        mock.patch.object(models, "copy", cheap),
        mock.patch.object(models.DynamoDBBackend, "transact_write_items", noting),
    ):
        yield


@contextmanager
def cheap_queries() -> Iterator[None]:
    """Everything within looks at one partition where a query asks for one."""
    whole = Table.all_items

    def query(self: Table, hash_key: DynamoType | None, *rest: Any, **others: Any) -> Any:
        token = _partition.set(hash_key)
        try:
            return ask(self, hash_key, *rest, **others)
        finally:
            _partition.reset(token)

    def all_items(self: Table) -> list[Item]:
        asked = _partition.get()
        if asked is None:
            return whole(self)
        found: dict[DynamoType, Item] = self.items.get(asked, {})
        return sorted(found.values(), key=lambda item: str(item.range_key and item.range_key.value))

    ask = Table.query
    with (
        mock.patch.object(Table, "query", query),
        mock.patch.object(Table, "all_items", all_items),
    ):
        yield


def _copied(value: Any) -> Any:
    return _table(value) if isinstance(value, Table) else copy.deepcopy(value)


def _table(table: Table) -> Table:
    kept = copy.copy(table)
    kept.items = table.items.copy()
    for partition, sort in _touched(table):
        if partition not in kept.items:
            continue
        if kept.items[partition] is table.items[partition]:
            kept.items[partition] = copy.copy(table.items[partition])
        found = kept.items[partition]
        if sort is None:
            kept.items[partition] = copy.deepcopy(found)
        elif sort in found:
            found[sort] = copy.deepcopy(found[sort])
    if table.stream_shard is not None:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.items = list(table.stream_shard.items)
    return kept


def _touched(table: Table) -> Iterator[tuple[DynamoType, DynamoType | None]]:
    for action in _transaction.get():
        (request,) = action.values()
        if request.get("TableName") == table.name:
            key = request.get("Key") or request["Item"]
            range_attribute = table.range_key_attr
            yield (
                DynamoType(key[table.hash_key_attr]),
                DynamoType(key[range_attribute]) if range_attribute else None,
            )
