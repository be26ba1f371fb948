"""Read a spreadsheet, decide what becomes of each row, and write that down for loading."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from roster.domain.errors import StaleVersion
from roster.domain.ids import new_id
from roster.domain.imports.cards import CardIndex, matches_hash
from roster.domain.imports.draft import PlannedRow
from roster.domain.imports.foresight import NOTHING, Foresight
from roster.domain.imports.job import (
    ErrorFile,
    Import,
    ImportKind,
    ImportStatus,
    Reason,
    closed,
    moved,
)
from roster.domain.imports.matched import Matched
from roster.domain.imports.plan import Planner
from roster.domain.imports.reading import Header, UnreadableFile
from roster.domain.imports.row_reader import RowReader
from roster.domain.settings import TenantSettings
from roster.usecases.imports import names
from roster.usecases.imports.claim import Next, Step, begin_load
from roster.usecases.imports.comparing import Comparing
from roster.usecases.imports.entries import Entries
from roster.usecases.imports.errors import FailedRows, keep_errors
from roster.usecases.imports.kinds import (
    PlannedFile,
    RecordPorts,
    open_records,
    read_records,
)
from roster.usecases.imports.lifecycle import MAX_UPLOAD_BYTES, pack_names
from roster.usecases.imports.mapped_sheet import keep_mapping, open_mapped, other_lists
from roster.usecases.imports.ports import (
    FileGone,
    ImportFiles,
    Imports,
    OpenSpreadsheet,
    People,
    SavedMappings,
    Sheet,
    WriteTable,
)
from roster.usecases.imports.row_files import RowFiles
from roster.usecases.imports.source import Source, cells_of
from roster.usecases.ports import Clock, Customers, Settings
from roster.usecases.vocabulary import vocabulary_of

# What is asked and told once for each chunk is shared by as many rows as the load writes in a few
# seconds. A row that changes a customer is a transaction of its own: of those it manages fewer.
ROWS_PER_CHUNK, _CHANGED_PER_CHUNK = 400, 200
# Most files need one; those whose rows get in one another's way two, or three.
_PASSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPorts:
    """Everything that planning an import works with."""

    imports: Imports
    files: ImportFiles
    customers: Customers
    people: People
    settings: Settings
    mappings: SavedMappings
    open_spreadsheet: OpenSpreadsheet
    records: RecordPorts
    write_table: WriteTable
    clock: Clock


def plan_import(tenant: str, import_id: str, *, ports: PlanPorts) -> Step:
    """Plan a claimed import; ends rejected, awaiting confirmation, or ready to be loaded.

    A file that cannot be read is a rejection, not an exception. Safe to run twice: the same file
    and customers give the same plan. An import that is cancelled meanwhile stays so.
    """
    job = ports.imports.get(tenant, import_id)
    if job is None or job.status is not ImportStatus.PLANNING:
        return _gone_on(job)
    try:
        return _planned(job, ports)
    except StaleVersion:
        return _gone_on(ports.imports.get(tenant, import_id))


def _gone_on(job: Import | None) -> Step:
    """Where an import goes that is being planned no more, or by somebody else.

    To its load, if that is open: then the answer of whoever planned it was lost.
    """
    loading = job is not None and job.load_started_at is not None and job.is_open
    return Step(_load_or_report(job) if job and loading else Next.DONE, job)


def _planned(job: Import, ports: PlanPorts) -> Step:
    imports, clock = ports.imports, ports.clock
    ours = ports.settings.get(job.tenant)
    # A folder of its own: an earlier attempt that was thought dead cannot write into a plan that is
    # being loaded.
    attempt = replace(job, work=new_id("plan", clock()))
    try:
        with tempfile.TemporaryDirectory() as folder:
            changes = _made(attempt, job, Path(folder), ours, ports)
    except UnreadableFile as refusal:
        return _reject(attempt, job, Reason(refusal.code, refusal.reason), imports, clock)
    except FileGone:
        detail = "The file was replaced or removed before it could be read. Upload it again."
        return _reject(attempt, job, Reason("file_gone", detail), imports, clock)
    if not job.needs_confirmation:
        loading_job = begin_load(
            job, auto_numbering=ours.auto_numbering, imports=imports, customers=ports.customers,
            clock=clock, **changes,
        )  # fmt: skip
        return Step(_load_or_report(loading_job), loading_job)
    waiting = moved(job, ImportStatus.AWAITING_CONFIRMATION, clock(), **changes)
    imports.save(job, waiting)
    imports.end_turn(job.tenant, job.id)
    return Step(Next.DONE, waiting)


def _made(
    attempt: Import, job: Import, folder: Path, ours: TenantSettings, ports: PlanPorts
) -> dict[str, Any]:
    """Plan the file, anew as long as a plan learns what it should have known from the start.

    What the import's record keeps of it. Raises UnreadableFile, FileGone.
    """

    @cache
    def open_once(path: Path, **told: str | None) -> Source:
        """Whoever tells the kinds apart looks into it first: opening some formats is much work."""
        sheet = ports.open_spreadsheet(path, **told)
        return Source(sheet, job, imports=ports.imports, clock=ports.clock)

    foresight = NOTHING
    passes = 0
    while True:
        passes += 1
        with Entries(folder / "entries") as entries:
            made = _Plan(attempt, folder, entries, ours, ports)
            reading = made.read(open_once, foresight)
            learnt = reading.foresight()
            if passes == _PASSES or learnt == foresight:
                return made.kept(reading)
            foresight = learnt


def _load_or_report(job: Import) -> Next:
    return Next.LOAD if job.chunks else Next.REPORT


def _reject(attempt: Import, job: Import, reason: Reason, imports: Imports, clock: Clock) -> Step:
    rejected = closed(job, ImportStatus.REJECTED, clock(), reason, work=attempt.work)
    imports.save(job, rejected)
    imports.end_turn(job.tenant, job.id)
    return Step(Next.DONE, rejected)


class _Plan:
    """A plan in the making: rows go by one at a time, files grow in a local folder."""

    def __init__(
        self, job: Import, folder: Path, entries: Entries, ours: TenantSettings, ports: PlanPorts
    ) -> None:
        self._job, self._folder, self._entries, self._ours = job, folder, entries, ours
        self._ports, self._files, self._customers = ports, ports.files, ports.customers
        self._words = vocabulary_of(job.tenant, settings=ports.settings)
        self._row_files = RowFiles(folder, entries)
        self._comparing = Comparing(
            job.tenant, customers=ports.customers, people=ports.people, ours=ours,
            write=self._row_files.write,
        )  # fmt: skip
        self._chunks = 0
        self._error_file: ErrorFile | None = None

    def read(self, open_spreadsheet: OpenSpreadsheet, foresight: Foresight) -> PlannedFile:
        """Plan every row into local files."""
        job = self._job
        if (job.size or 0) > MAX_UPLOAD_BYTES:
            limit = MAX_UPLOAD_BYTES // 1024**2
            raise UnreadableFile("too_large", f"The file is larger than {limit} MB. Split it up.")
        source = self._folder / "source"
        if not source.exists():
            self._files.fetch(job, source)
        file = open_records(
            job,
            source,
            open_spreadsheet=open_spreadsheet,
            open_bundle=self._ports.records.open_bundle,
        )
        if file is None:
            reading = self._of_customers(source, open_spreadsheet, foresight)
        else:
            index = CardIndex(self._customers.match_cards(job.tenant))
            reading = read_records(
                job, file, index, customers=self._customers, ports=self._ports.records,
                ours=self._ours, now=self._ports.clock(),
            )  # fmt: skip
        headings = cells_of(reading.sheet, reading.header_row)
        with FailedRows(self._folder / "failed", reading.sheet, headings) as failed:
            self._write_rows(reading, failed)
        return reading

    def kept(self, reading: PlannedFile) -> dict[str, Any]:
        """Keep every file of the plan; what the import's record keeps of it."""
        job = self._job
        for name, path in self._row_files.paths.items():
            self._files.write_from(job, name, path)
        if self._row_files.failed is not None:
            self._error_file = keep_errors(
                job, self._row_files.failed, files=self._files, write=self._ports.write_table
            )
        for content in self._entries.chunks(reading.rows_per_chunk):
            self._chunks += 1
            self._files.write(job, names.chunk(self._chunks), content)
        manifest = [{"chunk": n} for n in range(1, self._chunks + 1)]
        self._files.write(job, names.MANIFEST, orjson.dumps(manifest))
        looked_at = reading.names()
        self._files.write(job, names.NAMES, pack_names(looked_at))
        found = matches_hash(reading.index.customers(), looked_at, job.options)
        return {
            **self._record(reading, found),
            "told": reading.told() if reading.told else job.told,
        }

    def _of_customers(
        self, source: Path, open_spreadsheet: OpenSpreadsheet, foresight: Foresight
    ) -> PlannedFile:
        sheet, mapped = open_mapped(
            self._job, source, own=self._words.custom_fields, files=self._files,
            mappings=self._ports.mappings, open_spreadsheet=open_spreadsheet,
        )  # fmt: skip
        header = mapped.header
        asked = self._job.options
        cards = self._customers.match_cards(self._job.tenant)
        index = CardIndex(cards, asked.match_by, by_id=asked.updates, foreseen=foresight.cards)
        planner = Planner(
            columns=mapped.columns, index=index, auto_numbering=self._ours.auto_numbering,
            words=self._words, options=asked, recall=self._recalled,
            foresight=foresight,
        )  # fmt: skip
        return PlannedFile(
            kind=ImportKind.CUSTOMERS,
            sheet=sheet,
            format=sheet.format,
            sheet_name=sheet.sheet,
            format_detected=header.format.name if header.format else None,
            header_row=header.number,
            columns=header.columns,
            index=index,
            rows=_rows(sheet, header, planner, asked.naming),
            names=lambda: planner.names,
            told=lambda: keep_mapping(self._job, mapped, mappings=self._ports.mappings),
            remarks=lambda: other_lists(sheet, header.number),
            rows_per_chunk=min(ROWS_PER_CHUNK, _CHANGED_PER_CHUNK)
            if asked.updates
            else ROWS_PER_CHUNK,
            foresight=planner.insight.foresight,
        )

    def _recalled(self, line: int) -> dict[str, Any]:
        """The entry of an earlier row, which may not be written yet."""
        self._comparing.flush()
        return self._entries.head(line)

    def _record(self, reading: PlannedFile, found: str) -> dict[str, Any]:
        known = tuple((c.heading, c.field) for c in reading.columns if c.heading)
        asked = orjson.dumps(self._job.options).decode()
        etag, heard = self._job.etag or "", orjson.dumps(known).decode()
        return {
            "kind": reading.kind,
            "file_format": reading.format,
            "format_detected": reading.format_detected,
            "sheet": reading.sheet_name,
            "columns": known,
            "plan": self._row_files.summary,
            "plan_hash": self._row_files.digest(etag, reading.kind, heard, asked, found),
            "matches_hash": found,
            "chunks": self._chunks,
            "chunk_rows": reading.rows_per_chunk,
            "work": self._job.work,
            "error_file": self._error_file,
        }

    def _write_rows(self, reading: PlannedFile, failed: FailedRows) -> None:
        with self._row_files.opened(failed):
            for row in reading.rows:
                self._comparing.take(row)
            self._comparing.flush()
            self._row_files.remark(reading.remarks())


def _rows(
    sheet: Sheet, header: Header, planner: Planner, naming: frozenset[str]
) -> Iterator[PlannedRow | Matched]:
    reader = RowReader(header.columns, header.format, naming=naming)
    for row in sheet.rows():
        if row.number > header.number:
            yield planner.plan(row.number, reader.read(row))
