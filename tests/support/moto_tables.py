"""Cheaper transactions and queries in moto.

moto copies every item of a table at each transaction, in case it must be taken back: half a second
with a thousand customers. Here it copies what the transaction may change, and takes back just that.
For a query it sorts every item of the table, and then looks at those of one partition. Here it is
shown that partition alone.
An INSERT of a batch of statements overwrites what is there, and reads all tables before. Here it is
refused, as DynamoDB refuses it.
"""

import copy
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any
from unittest import mock

from moto.dynamodb import models
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

_INSERT = re.compile(r'INSERT INTO "(?P<table>[^"]+)" VALUE \{(?P<item>[^}]*)\}')
_NAME = re.compile(r"'([^']+)': \?")
_partition: ContextVar[DynamoType | None] = ContextVar("partition", default=None)
_transaction: ContextVar[Sequence[dict[str, Any]]] = ContextVar("transaction", default=())


@contextmanager
def cheap_tables() -> Iterator[None]:
    """Everything within copies and queries tables the cheap way."""
    write = models.DynamoDBBackend.transact_write_items

    def noting(self: Any, transact_items: list[dict[str, Any]]) -> Any:
        token = _transaction.set(transact_items)
        try:
            return write(self, transact_items)
        finally:
            _transaction.reset(token)

    query, all_items = Table.query, Table.all_items

    def within(self: Table, hash_key: Any, *args: Any, **kwargs: Any) -> Any:
        # The seventh after the key, where moto hands it on by its place.
        index = kwargs.get("index_name") or args[6:7] not in ((), (None,))
        token = _partition.set(None if index else hash_key)
        try:
            return query(self, hash_key, *args, **kwargs)
        finally:
            _partition.reset(token)

    def shown(self: Table) -> list[Any]:
        asked = _partition.get()
        if asked is None or not self.range_key_attr:
            return all_items(self)
        return list(self.items.get(asked, {}).values())

    cheap = SimpleNamespace(copy=copy.copy, deepcopy=_copied)
    with (
        mock.patch.object(models, "copy", cheap),
        mock.patch.object(models.DynamoDBBackend, "transact_write_items", noting),
        mock.patch.object(models.DynamoDBBackend, "batch_execute_statement", _inserted),
        mock.patch.object(Table, "query", within),
        mock.patch.object(Table, "all_items", shown),
    ):
        yield


def _inserted(backend: Any, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_insert(backend, one["Statement"], one["Parameters"]) for one in statements]


def _insert(backend: Any, statement: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    found = _INSERT.fullmatch(statement)
    assert found is not None, f"a kind of statement the tests do not know: {statement}"
    table: Table = backend.get_table(found["table"])
    item = dict(zip(_NAME.findall(found["item"]), parameters, strict=True))
    assert table.range_key_attr is not None
    key = (DynamoType(item[table.hash_key_attr]), DynamoType(item[table.range_key_attr]))
    if table.get_item(*key) is not None:
        message = "Duplicate primary key exists in table"
        return {"Error": {"Code": "DuplicateItem", "Message": message}}
    table.put_item(item)
    return {"TableName": found["table"]}


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
