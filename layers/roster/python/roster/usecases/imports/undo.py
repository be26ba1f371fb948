"""Undo an import: asking for it, taking one chunk back, and what it left in its place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from operator import itemgetter
from typing import Any

import orjson

from roster.domain.customer import Customer
from roster.domain.errors import WrongState
from roster.domain.events import Actor
from roster.domain.imports.job import UNDOABLE, Import, ImportStatus, Run, Tally, moved, require
from roster.domain.imports.touching import KeptCode, why_touched
from roster.domain.job import Job
from roster.usecases.imports import names
from roster.usecases.imports.lifecycle import read_import
from roster.usecases.imports.ports import Changing, Executions, ImportFiles, Imports, TakingBack
from roster.usecases.imports.record_rows import RowsOf, take_back_records
from roster.usecases.imports.restoring import Restoring
from roster.usecases.imports.rows import batches, planned_row
from roster.usecases.imports.updates import Ports, is_update
from roster.usecases.ports import Clock, Customers, NewCustomer, Page, Settings
from roster.usecases.record_ports import Records

# Every step holds by itself: the lease only spares two workers the same work.
LEASE = timedelta(seconds=60)
# How long a worker of a load that was given up may go on behind its lease: its function's limit.
LOAD_MAY_LINGER = timedelta(seconds=120)


def undo_import(
    tenant: str,
    import_id: str,
    *,
    actor: Actor,
    imports: Imports,
    executions: Executions,
    clock: Clock,
) -> Import:
    """Remove the customers that the import created and set back those it changed.

    Those touched since stay as they are; it can be asked again for them.

    Raises NotFound, and WrongState before its end, when nothing is left to undo, or after 90 days.
    """
    job = read_import(tenant, import_id, imports=imports)
    if not job.is_undoable:
        require(job, *UNDOABLE, to="undo")
    now, until = clock(), job.undo_until
    if until is None:
        raise WrongState("the import has created nothing that could be undone")
    if now > until:
        raise WrongState(f"the import could be undone until {until:%Y-%m-%d}", code="undo_too_late")
    again = job.status is ImportStatus.UNDONE
    undoing = moved(
        job, ImportStatus.UNDOING, now, undo_started_at=now, undo_by=actor, reason=None,
        restarts=0, restart_mark=job.chunks_done, undo_round=max(job.undo_round, 1) + again,
        undone_before=job.tally.undone_chunks if again else job.undone_before,
        kept_before=job.tally.kept if again else job.kept_before,
    )  # fmt: skip
    imports.save(job, undoing)
    executions.start(undoing)
    return undoing


def undo_chunk(
    tenant: str,
    import_id: str,
    chunk: int,
    *,
    imports: Imports,
    files: ImportFiles,
    taking_back: TakingBack,
    customers: Customers,
    changing: Changing,
    jobs: Callable[[], Records[Job]],
    settings: Settings,
    records: RowsOf,
    clock: Clock,
) -> Tally:
    """Remove the chunk's customers or what it added to some, set back those it changed; count.

    However often it is tried: the same customers go, and come to the same.

    Raises ChunkHeld while an earlier attempt, or one at loading it, may still be writing.
    """
    job = imports.get(tenant, import_id)
    if job is None or job.status is not ImportStatus.UNDOING:
        return Tally()
    now = clock()
    claimed = imports.claim_chunk(
        tenant, import_id, chunk, now=now, lease=LEASE, run=Run.UNDO, undo=job.undo_round
    )
    if claimed is None:
        return Tally()
    unfinished = imports.claim_chunk(
        tenant, import_id, chunk, now=now, lease=LEASE, over_for=LOAD_MAY_LINGER
    )
    content = files.read(job, names.chunk(chunk))
    if content is None:
        raise FileNotFoundError(f"chunk {chunk} of {import_id} is no longer there")
    entries = orjson.loads(content)
    left = _left_before(job, chunk, files)
    if job.kind is not None and job.hangs_on_customers:
        some = [one for one in entries if left is None or one["line"] in left]
        there, touched = take_back_records(job, chunk, some, rows=records(job.kind), files=files)
        if unfinished is not None:
            loaded = Tally(created=there, chunks=1)
            imports.finish_chunk(tenant, import_id, chunk, loaded, issues=0)
        done = Tally(removed=there - len(touched), kept=len(touched))
        return _undone(job, chunk, done, touched, imports=imports, files=files)
    ours = settings.get(tenant)
    changes = [one for one in entries if is_update(one)]
    updates = Restoring(job, ours, Ports(
        customers=customers, changing=changing, jobs=jobs, settings=settings, clock=clock
    ))  # fmt: skip
    rows = [planned_row(job, one, ours) for one in entries if not is_update(one)]
    if left is not None:
        changes = [one for one in changes if one["line"] in left]
    wanted = [row for row in rows if left is None or row.line in left]
    noted = _noted(job, chunk, [row.new for row in wanted], files, taking_back)
    if unfinished is not None:
        joined = sum(row.joined for row in rows if row.new.customer.id in noted)
        changed = updates.loaded(changes)
        loaded = Tally(
            created=len(noted), updated=changed.updated, joined=joined + changed.joined, chunks=1
        )
        imports.finish_chunk(tenant, import_id, chunk, loaded, issues=0)
    kept: list[dict[str, Any]] = []
    for batch, together in batches(job, chunk, rows):
        some = [row for row in together if left is None or row.line in left]
        stay = taking_back.take_back([row.new for row in some], noted, batch=batch) if some else {}
        kept += [
            _told(row.line, one.customer, *why_touched(one.customer, one.touched_by, one.beside))
            for row in some
            if (one := stay.get(row.new.customer.id))
        ]
    removed = len(noted) - len(kept)
    restored, unrestored = updates.undo(changes)
    kept += [_told(one.line, one.customer, one.code, one.detail) for one in unrestored]
    kept.sort(key=itemgetter("line"))
    done = Tally(removed=removed, restored=restored, kept=len(kept))
    return _undone(job, chunk, done, kept, imports=imports, files=files)


def _left_before(job: Import, chunk: int, files: ImportFiles) -> set[int] | None:
    """The lines of the chunk that the undo before this one left; None: there was none before."""
    if job.undo_round <= 1:
        return None
    content = files.read(job, names.kept(chunk, job.undo_round - 1))
    return {one["line"] for one in orjson.loads(content or b"[]")}


def _undone(
    job: Import,
    chunk: int,
    done: Tally,
    kept: list[dict[str, Any]],
    *,
    imports: Imports,
    files: ImportFiles,
) -> Tally:
    if kept:
        files.write(job, names.kept(chunk, job.undo_round), orjson.dumps(kept))
    tally = replace(done, undone_chunks=1)
    imports.finish_chunk(
        job.tenant, job.id, chunk, tally, issues=len(kept), run=Run.UNDO, undo=job.undo_round
    )
    return tally


def _noted(
    job: Import,
    chunk: int,
    new: Sequence[NewCustomer],
    files: ImportFiles,
    taking_back: TakingBack,
) -> Mapping[str, Any]:
    """Which customers were there before the first was removed: a later attempt could not tell."""
    content = files.read(job, names.found(chunk, job.undo_round))
    if content is None:
        content = orjson.dumps(taking_back.look(new))
        files.write(job, names.found(chunk, job.undo_round), content)
    noted: dict[str, Any] = orjson.loads(content)
    return noted


def _told(line: int, customer: Customer, code: KeptCode, detail: str) -> dict[str, Any]:
    return {
        "line": line,
        "customer_id": customer.id,
        "name": customer.display_name,
        "code": code,
        "detail": detail,
    }


def kept_customers(
    tenant: str,
    import_id: str,
    *,
    limit: int,
    after: str | None,
    imports: Imports,
    files: ImportFiles,
) -> Page[dict[str, Any]]:
    """The customers that the undo left in their place, and why; empty before it is through."""
    job = read_import(tenant, import_id, imports=imports)
    if job.undo_started_at is None:
        raise WrongState("nobody has undone the import")
    if job.status is not ImportStatus.UNDONE or not job.kept:
        return Page([])
    rows, last = files.lines(job, names.KEPT, after=int(after or 0), limit=limit)
    return Page(rows, str(last) if last is not None else None)
