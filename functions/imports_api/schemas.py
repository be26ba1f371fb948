"""Imports on the wire."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from roster.domain.exports import ExportFormat
from roster.domain.imports.job import ErrorFile, Import, ImportKind, ImportStatus
from roster.domain.imports.options import BlankCells, ImportMode, MatchBy
from roster.domain.imports.progress import ImportPhase, progress_of, undo_percent
from roster.domain.imports.touching import KeptCode
from roster.usecases.imports.lifecycle import Issues
from roster.usecases.imports.ports import Upload
from roster.usecases.ports import Download


class Strict(BaseModel):
    """A body that may hold nothing we do not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


# Spaces and tabs at the ends mean something here.
type Delimiter = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=20)
]
type SheetName = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=200)
]
type Encoding = Annotated[str, Field(min_length=1, max_length=40)]


class ImportOptions(Strict):
    """How the import goes; what is left out is as the company has set it, or worked out.

    Without `kind` the file's content says what its rows become.
    `match_by` is what tells that a row is a customer there is: `auto` is our own id, then the name
    with nothing that contradicts it; else that one value alone. `blank_cells` `clear`: a blank cell
    empties its field. `encoding` and `delimiter` (one character, or "tab") are for text files,
    `sheet` for workbooks.
    """

    confirm: bool | None = None
    kind: ImportKind | None = None
    mode: ImportMode | None = None
    match_by: MatchBy | None = None
    blank_cells: BlankCells | None = None
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    sheet: SheetName | None = None

    def asked(self) -> dict[str, Any]:
        """What was given of what an import does with customers there are."""
        return self.model_dump(include={"mode", "match_by", "blank_cells"}, exclude_none=True)


class ImportIn(Strict):
    """The file that is to be imported: its name, and its size in bytes where it is known."""

    filename: Annotated[str, Field(min_length=1)]
    size: Annotated[int | None, Field(ge=1)] = None
    options: ImportOptions = ImportOptions()


class Confirmation(Strict):
    """The hash of the plan that was looked at."""

    plan_hash: Annotated[str, Field(min_length=1, max_length=128)]


class Nothing(Strict):
    """An empty body."""


class UploadOut(BaseModel):
    """How to send the file: a form POST with `fields` first and the file as `file` last."""

    method: Literal["POST", "PUT"]
    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


class ProgressOut(BaseModel):
    """Rows: `rows_total` is null until the file has been read.

    `joined` are those that added a place or a person to the customer of another row.
    `cancelled` are those nobody got to; once an import has come to its end all kinds add up to
    `rows_total`. `percent`, `rows_per_second` and `estimated_end` are those of the phase, the last
    two null while there is no basis for them. `rows_read` counts while the plan is made.
    """

    rows_total: int | None
    rows_read: int | None
    done: int
    created: int
    updated: int
    joined: int
    skipped: int
    failed: int
    cancelled: int
    phase: ImportPhase | None
    percent: int
    rows_per_second: float | None
    estimated_end: datetime | None


class PlanOut(BaseModel):
    """What the plan does with the rows."""

    create: int
    update: int
    join: int
    skip: int
    error: int


class ReasonOut(BaseModel):
    """Why an import was rejected or failed, in words for a person."""

    code: str
    detail: str


class IssueOut(BaseModel):
    """One thing to know about a row; `line` is its number in the file."""

    line: int
    column: str | None
    value: str | None
    rule: str
    detail: str
    severity: Literal["error", "warning"]
    suggestion: str | None


class ColumnOut(BaseModel):
    """A heading of the file and the field it was taken for; null: left out."""

    heading: str
    field: str | None


class ImportUndoOut(BaseModel):
    """How an undo stands: what was `removed`, or `restored` to what it was before the import.

    What was `kept` stays as it is because it was touched since.
    """

    started_at: datetime
    started_by: str
    removed: int
    restored: int
    kept: int
    percent: int

    @classmethod
    def of(cls, job: Import) -> Self | None:
        """The undo of an import, None before there is one."""
        if job.undo_started_at is None:
            return None
        return cls(
            started_at=job.undo_started_at,
            started_by=job.undo_by.user if job.undo_by else "",
            removed=job.tally.removed,
            restored=job.tally.restored,
            kept=job.kept,
            percent=undo_percent(job),
        )


class ImportRow(BaseModel):
    """An import in the list."""

    id: str
    status: ImportStatus
    kind: ImportKind | None
    filename: str
    created_at: datetime
    updated_at: datetime
    created_by: str
    repairs: str | None
    progress: ProgressOut
    reason: ReasonOut | None

    @classmethod
    def values(cls, job: Import, now: datetime) -> dict[str, Any]:
        """What every view of an import holds, at the moment `now`."""
        return {
            "id": job.id,
            "status": job.status,
            "kind": job.kind,
            "filename": job.filename,
            "created_at": job.created_at,
            "updated_at": job.updated_at,
            "created_by": job.created_by.user,
            "repairs": job.repairs,
            "progress": ProgressOut(
                rows_total=job.plan.rows if job.plan else None,
                rows_read=job.rows_read,
                done=job.done,
                **job.counts,
                **asdict(progress_of(job, now)),
            ),
            "reason": ReasonOut(code=job.reason.code, detail=job.reason.detail)
            if job.reason
            else None,
        }

    @classmethod
    def of(cls, job: Import, now: datetime) -> Self:
        """The row of an import, at the moment `now`."""
        return cls(**cls.values(job, now))


class ImportOptionsOut(BaseModel):
    """What an import does with rows of customers there are."""

    mode: ImportMode
    match_by: MatchBy
    blank_cells: BlankCells


class ImportOut(ImportRow):
    """An import; `errors` and `warnings` are the first 200, in the order of the file.

    `format_detected` is the system whose export the file is, as far as its headings tell.
    """

    options: ImportOptionsOut

    format: str | None
    format_detected: str | None
    sheet: str | None
    columns: Sequence[ColumnOut]
    plan: PlanOut | None
    plan_hash: str | None
    cancelling: bool
    undo_until: datetime | None
    undo: ImportUndoOut | None
    errors: Sequence[IssueOut]
    warnings: Sequence[IssueOut]

    @classmethod
    def whole(cls, job: Import, issues: Issues, now: datetime) -> Self:
        """All of an import, at the moment `now`."""
        plan = job.plan
        return cls(
            **cls.values(job, now),
            options=ImportOptionsOut(**asdict(job.options)),
            format=job.file_format,
            format_detected=job.format_detected,
            sheet=job.sheet,
            columns=[ColumnOut(heading=heading, field=field) for heading, field in job.columns],
            plan=PlanOut(**asdict(plan)) if plan else None,
            plan_hash=job.plan_hash if job.status is ImportStatus.AWAITING_CONFIRMATION else None,
            cancelling=job.stop and job.status is ImportStatus.LOADING,
            undo_until=job.undo_until if job.is_undoable else None,
            undo=ImportUndoOut.of(job),
            errors=[IssueOut(**issue) for issue in issues.errors],
            warnings=[IssueOut(**issue) for issue in issues.warnings],
        )


class StartedImport(ImportRow):
    """A new import, and how to send its file."""

    upload: UploadOut

    @classmethod
    def started(cls, job: Import, upload: Upload, now: datetime) -> Self:
        """What starting an import answers."""
        form = UploadOut(
            method="POST", url=upload.url, fields=upload.fields, headers=upload.headers
        )
        return cls(**cls.values(job, now), upload=form)


class ImportPage(BaseModel):
    """A page of imports, newest first."""

    data: Sequence[ImportRow]
    next_cursor: str | None


class KeptOut(BaseModel):
    """What an undo left in its place; `line` is where it stood in the file.

    That is the customer, or its note or document `record_id`. `code` says why: it was `edited`, or
    `imported` to by a later import (undo that one first, then ask again), something was `added_to`
    it, it was `merged`, `deleted` or `linked` with QuickBooks, what the import added is `in_use`,
    or the number or id it had belongs to another customer by now (`value_taken`).
    """

    line: int
    customer_id: str
    record_id: str | None = None
    name: str
    code: KeptCode
    detail: str


class KeptPage(BaseModel):
    """A page of them, in the order of the file."""

    data: Sequence[KeptOut]
    next_cursor: str | None


class ErrorFileOut(BaseModel):
    """Where the rows that failed can be fetched from, in the layout of the upload."""

    url: str
    expires_at: datetime
    filename: str
    format: ExportFormat
    rows: int

    @classmethod
    def of(cls, found: ErrorFile, filename: str, file_format: ExportFormat, link: Download) -> Self:
        """The address of an error file."""
        return cls(
            url=link.url, expires_at=link.expires_at, filename=filename, format=file_format,
            rows=found.rows,
        )  # fmt: skip


class FieldChangeOut(BaseModel):
    """A field of a customer as it is, and as the row wants it."""

    field: str
    old: Any
    new: Any


class PlannedRowOut(BaseModel):
    """A row of the file and what becomes of it; `same_as` is what is there already, or another row.

    One that joins adds its places and people to the customer of the row that `same_as` names.
    `customer_id` is the customer that the row changes or adds something to.
    """

    line: int
    action: Literal["create", "update", "join", "skip", "error"]
    name: str
    customer_id: str | None = None
    reason: str | None = None
    same_as: str | None = None
    changes: Sequence[FieldChangeOut] = ()
    locations_added: int = 0
    contacts_added: int = 0
    issues: Sequence[IssueOut]


class PlanPage(BaseModel):
    """A page of the plan, in the order of the file."""

    data: Sequence[PlannedRowOut]
    next_cursor: str | None
