"""The record of every export."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.encoding import dump, milliseconds, moment
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer_filter import CustomerFilter, QuickBooksFilter, StatusFilter
from roster.domain.events import Actor, Source
from roster.domain.exports import OPEN, Export, ExportFormat, ExportStatus
from roster.usecases.export_ports import ExportHeld
from roster.usecases.ports import Page

# The file is gone after a week; its record stays a little longer, to say so.
_KEPT = timedelta(days=30)


class DynamoExports:
    """Exports in the business table; implements `export_ports.Exports`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, export_id: str) -> Export | None:
        """The export, strongly consistent."""
        found = self._table.get(keys.export(tenant, export_id))
        return _export_from(found) if found else None

    def list(self, tenant: str, *, limit: int, after: str | None) -> Page[Export]:
        """One query, backwards: ids are ordered by time."""
        found, last = self._table.query(
            keys.exports_partition(tenant), after=after, limit=limit, forward=False
        )
        return Page([_export_from(item) for item in found], last)

    def add(self, export: Export) -> None:
        """See `export_ports.Exports.add`."""
        self._table.put(
            {
                **keys.export(export.tenant, export.id),
                "ttl": int((export.created_at + _KEPT).timestamp()),
                "leased_until": 0,
                "attempt": export.attempt,
                **_state(export),
                "doc": dump(
                    {
                        "format": export.format,
                        "created": milliseconds(export.created_at),
                        "as_of": milliseconds(export.as_of) if export.as_of else None,
                        "by": [export.created_by.user, export.created_by.source],
                        "wanted": {k: v for k, v in asdict(export.wanted).items() if v is not None},
                    }
                ),
            },
            condition="attribute_not_exists(pk)",
        )

    def claim(
        self, tenant: str, export_id: str, *, now: datetime, lease: timedelta
    ) -> Export | None:
        """See `export_ports.Exports.claim`: one conditional update."""
        key = keys.export(tenant, export_id)
        claimed = self._table.update(
            key,
            "SET leased_until = :until, #status = :running, updated = :now, rows_done = :none"
            " ADD attempt :one",
            condition="attribute_exists(pk) AND leased_until < :now"
            " AND (#status = :queued OR #status = :running)",
            names={"#status": "status"},
            until=milliseconds(now + lease),
            now=milliseconds(now),
            queued=str(ExportStatus.QUEUED),
            running=str(ExportStatus.RUNNING),
            none=0,
            one=1,
        )
        if claimed is not None:
            return _export_from(claimed)
        held = self.get(tenant, export_id)
        if held is None or held.status not in OPEN:
            return None
        raise ExportHeld(export_id)

    def save(self, export: Export, *, lease: timedelta = timedelta()) -> bool:
        """See `export_ports.Exports.save`: the number of the attempt keeps others out."""
        state = _state(export)
        saved = self._table.update(
            keys.export(export.tenant, export.id),
            "SET leased_until = :until, #status = :status, updated = :updated,"
            " rows_done = :rows_done, reason = :reason",
            condition="attempt = :attempt AND (#status = :queued OR #status = :running)",
            names={"#status": "status"},
            until=milliseconds(export.updated_at + lease),
            attempt=export.attempt,
            queued=str(ExportStatus.QUEUED),
            running=str(ExportStatus.RUNNING),
            **state,
        )
        return saved is not None


def _state(export: Export) -> Item:
    return {
        "status": str(export.status),
        "updated": milliseconds(export.updated_at),
        "rows_done": export.rows_done,
        "reason": export.reason,
    }


def _export_from(item: Item) -> Export:
    stored: dict[str, Any] = orjson.loads(item["doc"])
    user, source = stored["by"]
    return Export(
        id=item["sk"],
        tenant=item["pk"].rpartition("#")[0],
        format=ExportFormat(stored["format"]),
        wanted=_filter_from(stored["wanted"]),
        as_of=moment(stored["as_of"]) if stored.get("as_of") else None,
        created_at=moment(stored["created"]),
        created_by=Actor(user, Source(source)),
        status=ExportStatus(item["status"]),
        updated_at=moment(item["updated"]),
        attempt=item["attempt"],
        rows_done=item["rows_done"],
        reason=item.get("reason"),
    )


def _filter_from(stored: dict[str, Any]) -> CustomerFilter:
    linked = stored.get("quickbooks")
    return CustomerFilter(
        status=StatusFilter(stored["status"]),
        query=stored.get("query"),
        tag=stored.get("tag"),
        quickbooks=QuickBooksFilter(linked) if linked else None,
        portal=stored.get("portal"),
        updated_since=_time(stored.get("updated_since")),
        inactive_since=_time(stored.get("inactive_since")),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
