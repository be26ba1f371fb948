"""What a person does with an export, and what the worker does."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from roster.domain.customer_filter import CustomerFilter
from roster.domain.errors import NotFound, Unavailable
from roster.domain.events import Actor
from roster.domain.exports import (
    FILE_KEPT,
    HEADINGS,
    Export,
    ExportFormat,
    ExportStatus,
    WholeCustomer,
    cells_of,
)
from roster.domain.ids import new_id
from roster.usecases.export_ports import (
    ExportFiles,
    ExportQueue,
    Exports,
    ExportTable,
    WholeCustomers,
)
from roster.usecases.ports import Clock, Customers, Download, Page

PAGE = 200
# Longer than a page may take, shorter than the queue waits before it hands an export out again.
LEASE = timedelta(minutes=3)
_TOLD_EVERY = timedelta(seconds=2)
MAX_ROWS = 1_048_575


class ExportLost(Exception):
    """Another attempt has taken this export over."""


class _Refused(Exception):
    """The export cannot be made, and trying again would not help; the reason is for a person."""


def start_export(
    tenant: str,
    *,
    file_format: ExportFormat,
    wanted: CustomerFilter,
    actor: Actor,
    exports: Exports,
    queue: ExportQueue,
    clock: Clock,
) -> Export:
    """Ask for an export; raises Unavailable when nobody could be told to make it."""
    now = clock()
    export = Export(
        id=new_id("exp", now),
        tenant=tenant,
        format=file_format,
        wanted=wanted,
        created_at=now,
        created_by=actor,
        updated_at=now,
    )
    exports.add(export)
    try:
        queue.send(export)
    except Unavailable:
        exports.save(replace(export, status=ExportStatus.FAILED, reason="it could not be begun"))
        raise
    return export


def read_export(tenant: str, export_id: str, *, exports: Exports, clock: Clock) -> Export:
    """The export; raises NotFound."""
    found = exports.get(tenant, export_id)
    if found is None:
        raise NotFound(f"there is no export {export_id}")
    return found.as_of(clock())


def list_exports(
    tenant: str, *, limit: int, after: str | None, exports: Exports, clock: Clock
) -> Page[Export]:
    """Exports, newest first."""
    page = exports.list(tenant, limit=limit, after=after)
    return Page([export.as_of(clock()) for export in page.items], page.next)


def export_link(export: Export, *, files: ExportFiles, clock: Clock) -> Download | None:
    """Where a completed export is fetched from, as long as its file is kept."""
    now = clock()
    if export.status is not ExportStatus.COMPLETED or now - export.updated_at > FILE_KEPT:
        return None
    return files.permit_download(export, now=now)


def write_export(
    tenant: str,
    export_id: str,
    *,
    until: datetime,
    exports: Exports,
    files: ExportFiles,
    customers: Customers,
    whole: WholeCustomers,
    clock: Clock,
) -> Export | None:
    """Make the file, from the start however often it was begun; None when nothing is to be done.

    An export that would take longer than `until` fails. Raises ExportHeld and ExportLost.
    """
    export = exports.claim(tenant, export_id, now=clock(), lease=LEASE)
    if export is None:
        return None
    try:
        with files.writing(export) as table:
            rows = _write_rows(
                export, table, until=until, exports=exports, customers=customers, whole=whole,
                clock=clock,
            )  # fmt: skip
    except _Refused as refusal:
        return _ended(export, exports, clock, status=ExportStatus.FAILED, reason=str(refusal))
    return _ended(export, exports, clock, status=ExportStatus.COMPLETED, rows_done=rows)


def _ended(export: Export, exports: Exports, clock: Clock, **how: object) -> Export:
    ended: Export = replace(export, updated_at=clock(), **how)  # type: ignore[arg-type]
    if not exports.save(ended):
        raise ExportLost(export.id)
    return ended


def _write_rows(
    export: Export,
    table: ExportTable,
    *,
    until: datetime,
    exports: Exports,
    customers: Customers,
    whole: WholeCustomers,
    clock: Clock,
) -> int:
    table.row(HEADINGS)
    rows, told = 0, export.updated_at
    for some in _pages(export, customers, whole):
        for one in some:
            table.row(cells_of(one, export.format))
        rows += len(some)
        now = clock()
        if now > until:
            raise _Refused("too many customers for one export: narrow it by a filter")
        if rows > MAX_ROWS:
            raise _Refused(f"more than {MAX_ROWS} customers do not fit into one sheet")
        if now - told >= _TOLD_EVERY:
            told = now
            if not exports.save(replace(export, rows_done=rows, updated_at=now), lease=LEASE):
                raise ExportLost(export.id)
    return rows


def _pages(
    export: Export, customers: Customers, whole: WholeCustomers
) -> Iterator[Sequence[WholeCustomer]]:
    """The customers page by page, each once: one that is renamed meanwhile may come by again."""
    seen: set[str] = set()
    after: str | None = None
    while True:
        page = customers.find(export.tenant, export.wanted, limit=PAGE, after=after)
        fresh = [c.id for c in page.items if c.id not in seen]
        seen.update(fresh)
        # As they are now: what a list or a search read may be older.
        found = whole.whole(export.tenant, fresh)
        yield [one for one in found if export.wanted.keeps(one.customer)]
        after = page.next
        if after is None:
            return
