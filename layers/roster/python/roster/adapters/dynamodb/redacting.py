"""Records that an erasure keeps, without what is personal in them."""

from collections.abc import Callable

from roster.adapters.dynamodb.records import DynamoRecords
from roster.adapters.dynamodb.table import Table
from roster.domain.customer import Customer
from roster.domain.record import Record

_AT_ONCE = 100


class RedactedRecords[R: Record]:
    """One family of records; implements `ports.Traces`. What `redact` leaves alone is done."""

    def __init__(self, table: Table, records: DynamoRecords[R], redact: Callable[[R], R]) -> None:
        self._table, self._records, self._redact = table, records, redact

    def forget(self, customer: Customer) -> None:
        """Redact all records of a deleted customer, one transaction each."""
        tenant, owners, after = customer.tenant, [customer.id], None
        while True:
            page = self._records.page(tenant, owners, limit=_AT_ONCE, after=after)
            for row in page.items:
                before = self._records.get(tenant, owners, row.id)
                if before is not None and (redacted := self._redact(before)) != before:
                    self._table.transact(self._records.change_actions(before, redacted))
            if (after := page.next) is None:
                return
