"""How far an import is: what is being done with it, how much of that is done, and when it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from roster.domain.imports.job import Import, ImportStatus

# Of less than that no speed can be told.
_BASIS = timedelta(seconds=1)


class ImportPhase(StrEnum):
    """What is being done with an import."""

    PLANNING = "planning"
    LOADING = "loading"
    UNDOING = "undoing"


_PHASES = {
    ImportStatus.PLANNING: ImportPhase.PLANNING,
    ImportStatus.LOADING: ImportPhase.LOADING,
    ImportStatus.UNDOING: ImportPhase.UNDOING,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent` of the phase; the speed and the end are None where there is no basis for them.

    Without a phase it is how much of the file has come to its end.
    """

    phase: ImportPhase | None
    percent: int
    rows_per_second: float | None = None
    estimated_end: datetime | None = None


def progress_of(job: Import, now: datetime) -> Progress:
    """How far the import is at the moment `now`."""
    phase = _PHASES.get(job.status)
    match phase:
        case ImportPhase.PLANNING:
            return _planning(job, now)
        case ImportPhase.LOADING:
            total = job.plan.rows if job.plan else 0
            loaded = job.tally.loaded
            done = job.done + job.tally.cancelled
            return _moving(phase, loaded, done, total, job.load_started_at, now)
        case ImportPhase.UNDOING:
            gone = job.tally.removed + job.tally.restored + job.kept
            total = job.tally.created + job.tally.updated
            moving = _moving(phase, gone, gone, total, job.undo_started_at, now)
            return Progress(phase, undo_percent(job), moving.rows_per_second, moving.estimated_end)
    total = job.plan.rows if job.plan else 0
    is_over = job.closed_at is not None and not total
    return Progress(None, 100 if is_over else _percent(job.done, total))


def undo_percent(job: Import) -> int:
    """How much of the undo is done."""
    if job.status is ImportStatus.UNDONE:
        return 100
    return _percent(job.undone_chunks, job.chunks)


def _percent(done: int, total: int) -> int:
    return min(done * 100 // total, 100) if total else 0


def _planning(job: Import, now: datetime) -> Progress:
    read = job.reading
    if read is None or read.revision != job.revision:
        return Progress(ImportPhase.PLANNING, 0)
    expected = max(read.expected or 0, read.rows)
    moving = _moving(ImportPhase.PLANNING, read.rows, read.rows, expected, read.started_at, read.at)
    if read.expected is None:
        return Progress(ImportPhase.PLANNING, 0, moving.rows_per_second)
    end = max(moving.estimated_end, now) if moving.estimated_end else None
    # Writing the plan down comes after the last row.
    return Progress(ImportPhase.PLANNING, min(moving.percent, 99), moving.rows_per_second, end)


def _moving(
    phase: ImportPhase, rows: int, done: int, total: int, since: datetime | None, now: datetime
) -> Progress:
    """`rows` were worked off since then; `done` of `total` are, with those that needed no work."""
    percent = _percent(done, total)
    if since is None or not rows or now - since < _BASIS:
        return Progress(phase, percent)
    speed = rows / (now - since).total_seconds()
    left = timedelta(seconds=max(total - done, 0) / speed)
    return Progress(phase, percent, round(speed, 1), now + left)
