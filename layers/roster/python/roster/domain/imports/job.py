"""One import: a spreadsheet on its way to becoming customers, and the states it goes through."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from roster.domain.errors import WrongState
from roster.domain.events import Actor
from roster.domain.imports.options import Options
from roster.domain.imports.told import Told


class ImportStatus(StrEnum):
    """Where an import stands; the names are part of the API."""

    AWAITING_UPLOAD = "awaiting_upload"
    PLANNING = "planning"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    LOADING = "loading"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


# Something must be at work on these: the sweeper starts it again when nothing is.
OPEN = frozenset({ImportStatus.PLANNING, ImportStatus.LOADING, ImportStatus.UNDOING})
UNDOABLE = (
    ImportStatus.COMPLETED,
    ImportStatus.COMPLETED_WITH_ERRORS,
    ImportStatus.CANCELLED,
    ImportStatus.FAILED,
)
UNDO_WITHIN = timedelta(days=90)
# The bucket forgets the chunks of a plan after 120 days.
_CHUNKS_KEPT = timedelta(days=118)


class Run(StrEnum):
    """What is done with an import's chunks."""

    LOAD = "load"
    UNDO = "undo"


class ImportKind(StrEnum):
    """What the rows of the file become."""

    CUSTOMERS = "customers"
    NOTES = "notes"
    ATTACHMENTS = "attachments"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an import was rejected or failed: a stable code, and a sentence for a person."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What the plan does with the rows of the file."""

    create: int = 0
    update: int = 0
    join: int = 0
    skip: int = 0
    error: int = 0

    @property
    def rows(self) -> int:
        """All rows below the heading."""
        return self.create + self.update + self.join + self.skip + self.error


@dataclass(frozen=True, slots=True)
class Tally:
    """What finished chunks did so far, loaded and undone; it only grows.

    All but chunks count rows; `joined` rows added to the customer of another row.
    """

    created: int = 0
    updated: int = 0
    joined: int = 0
    skipped: int = 0
    failed: int = 0
    cancelled: int = 0
    chunks: int = 0
    removed: int = 0
    restored: int = 0
    kept: int = 0
    undone_chunks: int = 0

    @property
    def loaded(self) -> int:
        """Rows that the load has worked off."""
        return self.created + self.updated + self.joined + self.skipped + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFile:
    """The file of rows that failed: its `formats`, that of the upload first, and its `rows`.

    `merged`: with those that failed in the load.
    """

    formats: tuple[str, ...]
    rows: int
    merged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far a plan has read its file: `rows`, of about so many `expected`, between two moments.

    It tells of the import at `revision`: a later one reads anew, or is through.
    """

    revision: int
    rows: int
    expected: int | None
    started_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import as stored. `revision` counts its changes, chunk tallies aside.

    `kind` is None until somebody says it or the plan has found it by the file's content.
    `execution` is the workflow execution at work on it, `work` the folder of its plan's files,
    `restarts` how often the sweeper began again without progress (`restart_mark` chunks).
    `told` is what a person said about how its file is to be read.
    `undo_by` asked for the undo that began, or is to begin, at `undo_started_at`; it is number
    `undo_round`, and those before it went through `undone_before` chunks and kept `kept_before`
    rows. `repairs` is the import whose error file this is.
    """

    id: str
    tenant: str
    status: ImportStatus
    filename: str
    key: str
    created_at: datetime
    updated_at: datetime
    created_by: Actor
    needs_confirmation: bool
    options: Options = field(default_factory=Options)
    revision: int = 1
    kind: ImportKind | None = None
    etag: str | None = None
    object_version: str | None = None
    size: int | None = None
    execution: str | None = None
    file_format: str | None = None
    format_detected: str | None = None
    sheet: str | None = None
    columns: tuple[tuple[str, str | None], ...] = ()
    plan: PlanSummary | None = None
    plan_hash: str | None = None
    matches_hash: str | None = None
    work: str | None = None
    chunks: int = 0
    # Of imports that were planned before it was kept, too.
    chunk_rows: int = 200
    number_first: int | None = None
    load_started_at: datetime | None = None
    closed_at: datetime | None = None
    reason: Reason | None = None
    merged: bool = False
    restarts: int = 0
    restart_mark: int = 0
    undo_started_at: datetime | None = None
    undo_by: Actor | None = None
    undo_round: int = 0
    undone_before: int = 0
    kept_before: int = 0
    told: Told = field(default_factory=Told)
    error_file: ErrorFile | None = None
    repairs: str | None = None
    tally: Tally = Tally()
    reading: Reading | None = None
    stop: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something must be at work on it."""
        return self.status in OPEN

    @property
    def hangs_on_customers(self) -> bool:
        """Whether its rows are added to customers, instead of becoming some."""
        return self.kind in (ImportKind.NOTES, ImportKind.ATTACHMENTS)

    @property
    def rows_read(self) -> int | None:
        """Rows of the file that have been looked at; None before anybody noted any."""
        if self.plan is not None:
            return self.plan.rows
        is_of_now = self.reading is not None and self.reading.revision == self.revision
        return self.reading.rows if self.reading and is_of_now else None

    @property
    def skipped(self) -> int:
        """Rows that were left out because the customer was there already, so far."""
        return (self.plan.skip if self.plan else 0) + self.tally.skipped

    @property
    def failed(self) -> int:
        """Rows that could not become customers, so far."""
        return (self.plan.error if self.plan else 0) + self.tally.failed

    @property
    def cancelled(self) -> int:
        """Rows that nobody got to, for the import was cancelled or broke off."""
        if self.closed_at is None or self.plan is None:
            return self.tally.cancelled
        return self.plan.rows - self.done

    @property
    def done(self) -> int:
        """Rows that have come to their end, one way or another."""
        if self.load_started_at is None:
            return 0
        brought = self.tally.created + self.tally.updated + self.tally.joined
        return brought + self.skipped + self.failed

    @property
    def counts(self) -> dict[str, int]:
        """What became of the rows; once it is closed they add up to those of the file."""
        has_begun = self.load_started_at is not None
        return {
            "created": self.tally.created,
            "updated": self.tally.updated,
            "joined": self.tally.joined,
            "skipped": self.skipped if has_begun else 0,
            "failed": self.failed if has_begun else 0,
            "cancelled": self.cancelled,
        }

    @property
    def chunks_done(self) -> int:
        """How far the work on it has got, as a number that grows with every finished chunk."""
        return self.tally.chunks + self.tally.undone_chunks

    @property
    def undone_chunks(self) -> int:
        """How many chunks the latest undo has been through."""
        return self.tally.undone_chunks - self.undone_before

    @property
    def kept(self) -> int:
        """How many rows the latest undo has left as they are."""
        return self.tally.kept - self.kept_before

    @property
    def is_undoable(self) -> bool:
        """Whether an undo may be asked for: the first, or one more for what the last one left."""
        return self.status in UNDOABLE or (self.status is ImportStatus.UNDONE and self.kept > 0)

    @property
    def undo_until(self) -> datetime | None:
        """Until when it can be undone; None before it has begun to load."""
        if self.load_started_at is None:
            return None
        return min(self.load_started_at + UNDO_WITHIN, self.created_at + _CHUNKS_KEPT)


def moved(job: Import, status: ImportStatus, now: datetime, **changes: Any) -> Import:
    """`job` in another state (or the same one) with `changes`, at its next revision."""
    return replace(job, status=status, updated_at=now, revision=job.revision + 1, **changes)


def closed(
    job: Import, status: ImportStatus, now: datetime, reason: Reason | None = None, **changes: Any
) -> Import:
    """`job` at its end."""
    return moved(job, status, now, reason=reason, closed_at=now, **changes)


def final_status(job: Import) -> ImportStatus:
    """How a load that went through its chunks ends."""
    if job.tally.cancelled:
        return ImportStatus.CANCELLED
    if job.failed:
        return ImportStatus.COMPLETED_WITH_ERRORS
    return ImportStatus.COMPLETED


def require(job: Import, *statuses: ImportStatus, to: str) -> None:
    """Raise WrongState unless the import is in one of `statuses`."""
    if job.status not in statuses:
        wanted = " or ".join(statuses)
        raise WrongState(f"the import is {job.status}; to {to} it, it must be {wanted}")
