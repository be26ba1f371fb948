"""The conflict inbox: one item for each field of a record that was edited on both sides."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from roster.adapters.dynamodb import keys, quickbooks_keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.sync.connection import ReportRow, Run
from roster.domain.sync.steps import Conflict
from roster.usecases.ports import Page
from roster.usecases.quickbooks.conflicts import ConflictState, Entry, Resolution

_CONFLICT, _RESOLUTION = TypeAdapter(Conflict), TypeAdapter(Resolution)
_NAMES = {"#state": "state", "#run": "run"}


class DynamoConflicts:
    """Implements `quickbooks.conflicts.Conflicts`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def save(self, run: Run, rows: Sequence[ReportRow]) -> None:
        """Put what was edited on both sides into the inbox; the newest takes an older one's place.

        Done again before its links are written, a run overwrites nobody's word: until then, nothing
        can be resolved.
        """
        self._table.write_batch(
            {
                **quickbooks_keys.conflict(run.tenant, run.realm, row.quickbooks_id, one.field),
                "state": str(ConflictState.OPEN),
                "run": run.id,
                "at": run.started_at.isoformat(),
                "name": row.name,
                "customer": row.customer_id,
                "doc": _CONFLICT.dump_json(one).decode(),
            }
            for row in rows
            for one in row.conflicts
        )

    def get(self, tenant: str, realm: str, quickbooks_id: str, field: str) -> Entry | None:
        """See `quickbooks.conflicts.Conflicts.get`."""
        item = self._table.get(quickbooks_keys.conflict(tenant, realm, quickbooks_id, field))
        return _entry(item) if item else None

    def page(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[Entry]:
        """See `quickbooks.conflicts.Conflicts.page`."""
        pk = quickbooks_keys.conflict(tenant, realm, "", "")["pk"]
        found, last = self._table.query(pk, limit=limit, after=after)
        return Page([_entry(item) for item in found], last)

    def resolve(
        self, tenant: str, realm: str, entry: Entry, resolution: Resolution
    ) -> Entry | None:
        """See `quickbooks.conflicts.Conflicts.resolve`."""
        text = _RESOLUTION.dump_json(resolution).decode()
        return self._moved(
            tenant,
            realm,
            entry,
            "SET #state = :state, resolution = :resolution",
            state=str(ConflictState.RESOLVED),
            resolution=text,
        )

    def reopen(self, tenant: str, realm: str, entry: Entry) -> Entry | None:
        """See `quickbooks.conflicts.Conflicts.reopen`."""
        state = str(ConflictState.REOPENED)
        return self._moved(tenant, realm, entry, "SET #state = :state", state=state)

    def forget(self, tenant: str, realm: str, ids: Iterable[str]) -> None:
        """Take away what is said of these records."""
        for quickbooks_id in ids:
            key = quickbooks_keys.conflict(tenant, realm, quickbooks_id, "")
            told = self._table.query_all(key["pk"], prefix=key["sk"])
            self._table.write_batch(deletes=[keys.of(i) for i in told])

    def _moved(
        self, tenant: str, realm: str, entry: Entry, expression: str, **values: Any
    ) -> Entry | None:
        """The entry after a change; None when a run has put another in its place."""
        item = self._table.update(
            quickbooks_keys.conflict(tenant, realm, entry.quickbooks_id, entry.field),
            expression,
            condition="#run = :run",
            names=_NAMES,
            run=entry.run,
            **values,
        )
        return _entry(item) if item else None


def _entry(item: Item) -> Entry:
    kept: Mapping[str, Any] = item
    quickbooks_id, _, field = kept["sk"].rpartition("#")
    resolution = kept.get("resolution")
    return Entry(
        quickbooks_id=quickbooks_id,
        field=field,
        name=kept.get("name") or "",
        customer_id=kept.get("customer"),
        run=kept["run"],
        at=datetime.fromisoformat(kept["at"]),
        state=ConflictState(kept["state"]),
        conflict=_CONFLICT.validate_json(kept["doc"]),
        resolution=_RESOLUTION.validate_json(resolution) if resolution else None,
    )
