"""What a person does with an export, and what the worker does."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import batched

from roster.domain.customer_filter import CustomerFilter
from roster.domain.errors import FieldError, Invalid, Malformed, NotFound, Unavailable
from roster.domain.events import Actor
from roster.domain.export_columns import ExportColumns
from roster.domain.exports import (
    FILE_KEPT,
    Export,
    ExportFormat,
    ExportStatus,
    WholeCustomer,
)
from roster.domain.ids import new_id
from roster.usecases.export_ports import (
    ExportFiles,
    ExportQueue,
    Exports,
    ExportTable,
    WholeCustomers,
)
from roster.usecases.ports import Clock, Customers, Download, Page, Settings
from roster.usecases.vocabulary import vocabulary_of

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
    as_of: datetime | None = None,
    actor: Actor,
    exports: Exports,
    queue: ExportQueue,
    clock: Clock,
) -> Export:
    """Ask for an export; raises Unavailable when nobody could be told to make it.

    Raises Invalid for an `as_of` in the future, and Malformed for words to search in the past.
    """
    now = clock()
    if as_of is not None:
        _check_moment(as_of, wanted, now)
    export = Export(
        id=new_id("exp", now),
        tenant=tenant,
        format=file_format,
        wanted=wanted,
        as_of=as_of,
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


def _check_moment(as_of: datetime, wanted: CustomerFilter, now: datetime) -> None:
    if as_of > now:
        raise Invalid([FieldError("/as_of", "future", "a moment that has not come yet")])
    if wanted.query:
        # Words lead to customers as they are now; there are none that lead into the past.
        detail = "q cannot be used with as_of: the other filters can"
        raise Malformed(detail, code="unsupported_filter", pointer="/filters/q")


def read_export(tenant: str, export_id: str, *, exports: Exports, clock: Clock) -> Export:
    """The export; raises NotFound."""
    found = exports.get(tenant, export_id)
    if found is None:
        raise NotFound(f"there is no export {export_id}")
    return found.seen_at(clock())


def list_exports(
    tenant: str, *, limit: int, after: str | None, exports: Exports, clock: Clock
) -> Page[Export]:
    """Exports, newest first."""
    page = exports.list(tenant, limit=limit, after=after)
    return Page([export.seen_at(clock()) for export in page.items], page.next)


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
    settings: Settings,
    clock: Clock,
) -> Export | None:
    """Make the file, from the start however often it was begun; None when nothing is to be done.

    An export that would take longer than `until` fails. Raises ExportHeld and ExportLost.
    """
    export = exports.claim(tenant, export_id, now=clock(), lease=LEASE)
    if export is None:
        return None
    words = vocabulary_of(tenant, settings=settings)
    columns = ExportColumns(words, as_of=export.as_of)
    try:
        with files.writing(export) as table:
            rows = _write_rows(
                export, table, columns, until=until, exports=exports, customers=customers,
                whole=whole, clock=clock,
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
    columns: ExportColumns,
    *,
    until: datetime,
    exports: Exports,
    customers: Customers,
    whole: WholeCustomers,
    clock: Clock,
) -> int:
    table.row(columns.headings)
    rows, told = 0, export.updated_at
    pages = _past_pages(export, whole) if export.as_of else _pages(export, customers, whole)
    for some in pages:
        for one in some:
            table.row(columns.row(one, export.format))
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


def _past_pages(export: Export, whole: WholeCustomers) -> Iterator[Sequence[WholeCustomer]]:
    """Everybody who was there at the moment and was then as wanted, page by page, each once."""
    if export.as_of is None:
        return
    seen: set[str] = set()
    for some in batched(whole.everyone(export.tenant), PAGE, strict=False):
        fresh = [one for one in dict.fromkeys(some) if one not in seen]
        seen.update(fresh)
        found = whole.whole_at(export.tenant, fresh, export.as_of)
        yield [one for one in found if export.wanted.keeps(one.customer)]
