"""The file of rows that failed: collected by the plan, completed by the load, fetched by people."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from roster.domain.errors import WrongState
from roster.domain.exports import ExportFormat
from roster.domain.imports.draft import PlannedRow
from roster.domain.imports.job import ErrorFile, Import
from roster.domain.imports.repair import (
    FailedRow,
    RowError,
    error_filename,
    failed_row,
    heading_row,
)
from roster.usecases.imports import names
from roster.usecases.imports.lifecycle import read_import
from roster.usecases.imports.ports import ImportFiles, Imports, Sheet, WriteTable
from roster.usecases.ports import Clock, Download

# Beyond it a workbook might pass the 2 GiB a sheet can have: then there is only CSV.
_FOR_A_WORKBOOK = 256 * 1024**2
_TEXTS = frozenset({"csv", "tsv", "iif"})


class FailedRows:
    """The failed rows of a plan while it is made: lines of JSON in a local file."""

    def __init__(self, path: Path, sheet: Sheet, headings: Sequence[str]) -> None:
        self.path, self.count = path, 0
        self._file = path.open("wb")
        delimiter = sheet.delimiter or ","
        self._write({"headings": headings, "delimiter": delimiter, "format": sheet.format})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, row: PlannedRow) -> None:
        """Keep a row that failed."""
        errors = [
            RowError(i.column, i.rule, i.detail, i.suggestion)
            for i in row.issues
            if i.severity == "error"
        ]
        self._write(FailedRow(row.line, row.cells, errors))
        self.count += 1

    def _write(self, what: Mapping[str, Any] | FailedRow) -> None:
        self._file.write(orjson.dumps(what) + b"\n")


def keep_errors(
    job: Import, failed: FailedRows, *, files: ImportFiles, write: WriteTable
) -> ErrorFile | None:
    """Make the error file of a plan, and keep what the load may add to; None without failures."""
    # With the headings alone too: the load may yet find rows that fail.
    files.write_from(job, names.FAILED, failed.path)
    if not failed.count:
        return None
    return _written(job, failed.path, (), failed.count, merged=False, files=files, write=write)


def complete_errors(
    job: Import, more: Path, folder: Path, *, files: ImportFiles, write: WriteTable
) -> ErrorFile | None:
    """The error file with the rows that failed in the load, given as lines of JSON in `more`."""
    if not more.exists() or not more.stat().st_size:
        return job.error_file
    planned = folder / "planned"
    files.read_into(job, names.FAILED, planned)
    with more.open("rb") as lines:
        added = sum(1 for _ in lines)
    count = added + (job.plan.error if job.plan else 0)
    return _written(job, planned, (more,), count, merged=True, files=files, write=write)


def failures(
    entries: Iterable[Mapping[str, Any]], issues: Iterable[Mapping[str, Any]]
) -> tuple[list[FailedRow], list[dict[str, Any]]]:
    """The rows of a chunk that failed in its load, and the issues of those that fell with others.

    A row that was to join the customer of a failed row fails with it.
    """
    errors: dict[int, list[RowError]] = {}
    for one in issues:
        if one["severity"] == "error":
            told = RowError(one["column"], one["rule"], one["detail"], one["suggestion"])
            errors.setdefault(one["line"], []).append(told)
    rows: list[FailedRow] = []
    fallen: list[dict[str, Any]] = []
    for entry in entries:
        if entry["line"] not in errors:
            continue
        rows.append(FailedRow(entry["line"], entry.get("cells", ()), errors[entry["line"]]))
        for joined in entry.get("joined", ()):
            why = RowError(
                None, "customer_failed",
                f"its customer stands in row {entry['line']}, which could not go in", None,
            )  # fmt: skip
            rows.append(FailedRow(joined["line"], joined.get("cells", ()), [why]))
            fallen.append(
                {"line": joined["line"], "value": None, "severity": "error", **asdict(why)}
            )
    return rows, fallen


def _written(
    job: Import,
    first: Path,
    others: Sequence[Path],
    count: int,
    *,
    merged: bool,
    files: ImportFiles,
    write: WriteTable,
) -> ErrorFile:
    with first.open("rb") as lines:
        about = orjson.loads(next(lines, b'{"headings": [], "delimiter": ",", "format": "csv"}'))
    headings, delimiter = about["headings"], about["delimiter"]
    rows = chain.from_iterable(_sources(first, others))
    # A row may have cells where there is no heading; they come back where they were.
    width = max(len(headings), max((len(row.cells) for row in rows), default=0))
    size = sum(path.stat().st_size for path in (first, *others))
    formats = [ExportFormat.CSV, ExportFormat.XLSX]
    if about["format"] not in _TEXTS:
        formats.reverse()
    if size > _FOR_A_WORKBOOK:
        formats = [ExportFormat.CSV]
    for one in formats:
        is_csv = one is ExportFormat.CSV
        path = first.with_name(f"error-rows.{one}")
        with write(path, xlsx=not is_csv, delimiter=delimiter, made=job.created_at) as table:
            table.row(heading_row(headings, width, csv=is_csv))
            for row in heapq.merge(*_sources(first, others), key=lambda row: row.line):
                table.row(failed_row(row, width, csv=is_csv))
        files.write_from(job, names.error_file(one, merged=merged), path)
        path.unlink()
    return ErrorFile(formats=tuple(map(str, formats)), rows=count, merged=merged)


def _sources(first: Path, others: Sequence[Path]) -> list[Iterator[FailedRow]]:
    return [_rows(first, skip=1), *(_rows(path, skip=0) for path in others)]


def _rows(path: Path, *, skip: int) -> Iterator[FailedRow]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            if number >= skip:
                found = orjson.loads(line)
                errors = [RowError(**error) for error in found["errors"]]
                yield FailedRow(found["line"], found["cells"], errors)


def dumped(rows: Iterable[FailedRow]) -> bytes:
    """Failed rows as lines of JSON."""
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def error_file_link(
    tenant: str,
    import_id: str,
    file_format: ExportFormat | None,
    *,
    imports: Imports,
    files: ImportFiles,
    clock: Clock,
) -> tuple[ErrorFile, str, ExportFormat, Download]:
    """The error file, its name and format (that of the upload, or as asked), and where it is.

    Raises NotFound, and WrongState `no_errors` while no row has failed.
    """
    job = read_import(tenant, import_id, imports=imports)
    found = job.error_file
    if found is None:
        raise WrongState("no row of the import has failed", code="no_errors")
    wanted = file_format or ExportFormat(found.formats[0])
    if wanted not in found.formats:
        detail = f"so many rows failed that they are given as {found.formats[0]} alone"
        raise WrongState(detail, code="too_large")
    filename = error_filename(job.filename, job.id, wanted)
    link = files.permit_download(
        job, names.error_file(wanted, merged=found.merged), filename=filename,
        media_type=wanted.media_type, now=clock(),
    )  # fmt: skip
    return found, filename, wanted, link
