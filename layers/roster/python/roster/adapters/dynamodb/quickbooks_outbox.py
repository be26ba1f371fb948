"""What is on its way to QuickBooks: the batch that is not answered yet, and who is owed a look."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from roster.adapters.dynamodb import quickbooks_keys
from roster.adapters.dynamodb.table import Table
from roster.domain.location import Address
from roster.domain.sync.steps import PushStep
from roster.usecases.ports import Page
from roster.usecases.quickbooks.ports import Batch

_BATCH = TypeAdapter(Batch)
_ADDRESS = "billing_address"
# It holds what customers are called: what is never answered does not stay.
_KEPT = timedelta(days=30)


class DynamoOutbox:
    """Implements `quickbooks.ports.Outbox`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def batch(self, tenant: str, realm: str) -> Batch | None:
        """See `quickbooks.ports.Outbox.batch`; strongly consistent."""
        item = self._table.get(quickbooks_keys.outbox(tenant, realm))
        if item is None:
            return None
        batch: Batch = _BATCH.validate_json(zlib.decompress(bytes(item["doc"])))
        return replace(batch, steps=tuple(map(_whole, batch.steps)))

    def keep(self, tenant: str, realm: str, batch: Batch) -> None:
        """See `quickbooks.ports.Outbox.keep`; packed, for thirty long addresses to fit an item."""
        text = _BATCH.dump_json(batch, exclude_defaults=True)
        until = int((batch.at + _KEPT).timestamp())
        key = quickbooks_keys.outbox(tenant, realm)
        self._table.put({**key, "doc": zlib.compress(text), "ttl": until})

    def drop(self, tenant: str, realm: str) -> None:
        """See `quickbooks.ports.Outbox.drop`."""
        self._table.delete(quickbooks_keys.outbox(tenant, realm))

    def owe(self, tenant: str, realm: str, customer_ids: Iterable[str]) -> None:
        """See `quickbooks.ports.Outbox.owe`."""
        marks = (quickbooks_keys.owed(tenant, realm, i) for i in sorted(set(customer_ids)))
        self._table.write_batch({**mark} for mark in marks)

    def settle(self, tenant: str, realm: str, customer_ids: Iterable[str]) -> None:
        """See `quickbooks.ports.Outbox.settle`."""
        marks = [quickbooks_keys.owed(tenant, realm, i) for i in sorted(set(customer_ids))]
        self._table.write_batch(deletes=marks)

    def owed(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[str]:
        """See `quickbooks.ports.Outbox.owed`."""
        pk = quickbooks_keys.owed(tenant, realm, "")["pk"]
        found, last = self._table.query(pk, limit=limit, after=after)
        return Page([item["sk"] for item in found], last)


def _whole(step: PushStep) -> PushStep:
    if step.write is None:
        return step
    fields, ours = _values(step.write.fields), _values(step.write.ours)
    return replace(step, write=replace(step.write, fields=fields, ours=ours))


def _values(stored: Mapping[str, Any]) -> dict[str, Any]:
    address = stored.get(_ADDRESS)
    return dict(stored) | ({_ADDRESS: Address(**address)} if address else {})
