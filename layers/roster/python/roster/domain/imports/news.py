"""What a change of an import is worth telling others: told by its record before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roster.domain.imports.job import Import, ImportStatus
from roster.domain.imports.progress import ImportPhase, progress_of

# Percent: a step this wide is told once, however many chunks end within it.
STEP = 5


class ImportNews(StrEnum):
    """What happened to an import."""

    CREATED = "created"
    PLANNED = "planned"
    STARTED = "started"
    PROGRESS = "progress"
    COMPLETED = "completed"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"


_ENDS = {
    ImportStatus.COMPLETED: ImportNews.COMPLETED,
    ImportStatus.COMPLETED_WITH_ERRORS: ImportNews.COMPLETED,
    ImportStatus.REJECTED: ImportNews.REJECTED,
    ImportStatus.FAILED: ImportNews.FAILED,
    ImportStatus.CANCELLED: ImportNews.CANCELLED,
    ImportStatus.UNDONE: ImportNews.UNDONE,
}


@dataclass(frozen=True, slots=True)
class ImportEvent:
    """One piece of news of `job`, as it was then; the same change gives the same `id`."""

    id: str
    kind: ImportNews
    job: Import
    at: datetime
    phase: ImportPhase | None
    percent: int


def news_of(before: Import | None, after: Import, at: datetime) -> Iterator[ImportEvent]:
    """What the change from `before` (None: there was none) tells, in the order it happened."""
    if before is None:
        yield _told(ImportNews.CREATED, after, after.created_at)
        return
    if before.revision != after.revision:
        for kind in _moves(before, after):
            yield _told(kind, after, after.updated_at)
        return
    earlier, now = progress_of(before, at), progress_of(after, at)
    if now.phase is not None and now.percent // STEP > earlier.percent // STEP:
        yield _told(ImportNews.PROGRESS, after, at)


def _moves(before: Import, after: Import) -> Iterator[ImportNews]:
    if before.plan is None and after.plan is not None:
        yield ImportNews.PLANNED
    if before.load_started_at is None and after.load_started_at is not None:
        yield ImportNews.STARTED
    if before.status is not after.status and after.status in _ENDS:
        yield _ENDS[after.status]


def _told(kind: ImportNews, job: Import, at: datetime) -> ImportEvent:
    progress = progress_of(job, at)
    step = f"{progress.phase}-{progress.percent // STEP * STEP}"
    mark = f"{job.revision}-{step}" if kind is ImportNews.PROGRESS else str(job.revision)
    event_id = f"{job.id}-{kind}-{mark}"
    return ImportEvent(event_id, kind, job, at, progress.phase, progress.percent)
