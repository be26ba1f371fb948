"""Batch writes straight into moto's memory, ten times as fast, where their cost is no question."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from roster.adapters.dynamodb.table import Table, item_to_wire
from tests.support import aws


@contextmanager
def at_once() -> Iterator[None]:
    """Within, the puts of batch writes are there at once and no stream tells of them."""
    (account,) = dynamodb_backends.values()
    backend = account[aws.ENVIRONMENT["AWS_DEFAULT_REGION"]]

    def write_batch(
        table: Table,
        puts: Iterable[Mapping[str, Any]] = (),
        deletes: Iterable[Mapping[str, object]] = (),
    ) -> None:
        assert not list(deletes), "only puts are known here"
        stored = backend.tables[table.name].items
        for item in map(item_to_wire, puts):
            kept = _item(item)
            stored[kept.hash_key][kept.range_key] = kept

    with mock.patch.object(Table, "write_batch", write_batch):
        yield


def _item(wire: dict[str, Any]) -> Item:
    attributes = {name: DynamoType(value) for name, value in wire.items()}
    made = Item(attributes["pk"], attributes["sk"], {})
    # One by one, moto would sum up the item's size at each attribute.
    dict.update(made.attrs, attributes)
    return made
