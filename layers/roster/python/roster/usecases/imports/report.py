"""Close an import: put together what its chunks have to report, and say how it ended."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from roster.domain.imports.job import (
    ErrorFile,
    Import,
    ImportStatus,
    Reason,
    Run,
    closed,
    final_status,
)
from roster.domain.imports.repair import FailedRow
from roster.usecases.imports import names
from roster.usecases.imports.claim import fail_import
from roster.usecases.imports.errors import complete_errors, dumped, failures
from roster.usecases.imports.ports import ImportFiles, Imports, WriteTable
from roster.usecases.ports import Clock


class ChunksMissing(Exception):
    """The workflow says that all chunks are loaded, and the record says that some are not."""


def close_import(
    tenant: str,
    import_id: str,
    *,
    failure: str | None,
    imports: Imports,
    files: ImportFiles,
    write_table: WriteTable,
    clock: Clock,
) -> Import | None:
    """Bring a loaded or undone import to its end, or mark one failed of which `failure` says why.

    None when there is nothing to close (any more): a repeated report does no harm.
    """
    job = imports.get(tenant, import_id)
    if job is None or not job.is_open:
        return None
    if failure is not None:
        detail = "The import could not be carried out; our logs say why. Upload the file again."
        return fail_import(job, Reason("machine_failed", detail), imports=imports, clock=clock)
    if job.status is ImportStatus.UNDOING:
        return _close_undo(job, imports=imports, files=files, clock=clock)
    if job.status is not ImportStatus.LOADING or job.tally.chunks < job.chunks:
        raise ChunksMissing(f"{job.tally.chunks} of {job.chunks} chunks are loaded")
    told = _merge(job, imports, files, write_table)
    ended = closed(job, final_status(job), clock(), merged=told.merged, error_file=told.error_file)
    imports.save(job, ended)
    imports.end_turn(tenant, import_id)
    return ended


def _close_undo(job: Import, *, imports: Imports, files: ImportFiles, clock: Clock) -> Import:
    if job.undone_chunks < job.chunks:
        raise ChunksMissing(f"{job.undone_chunks} of {job.chunks} chunks are undone")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kept"
        with path.open("wb") as into:
            for chunk in imports.chunks_with_issues(job.tenant, job.id, Run.UNDO, job.undo_round):
                for one in orjson.loads(
                    files.read(job, names.kept(chunk, job.undo_round)) or b"[]"
                ):
                    into.write(orjson.dumps(one) + b"\n")
        if path.stat().st_size:
            files.write_from(job, names.KEPT, path)
    ended = closed(job, ImportStatus.UNDONE, clock())
    imports.save(job, ended)
    imports.end_turn(job.tenant, job.id)
    return ended


@dataclass(frozen=True, slots=True)
class _Merged:
    """What loading added to what the plan had to tell: whether anything, and the error file."""

    merged: bool
    error_file: ErrorFile | None


def _merge(job: Import, imports: Imports, files: ImportFiles, write_table: WriteTable) -> _Merged:
    """Put what the chunks have to report with what the plan had: then it stands in `final`."""
    chunks = list(imports.chunks_with_issues(job.tenant, job.id))
    if not chunks:
        return _Merged(merged=False, error_file=job.error_file)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {"error": folder / "errors", "warning": folder / "warnings"}
        kinds = {"error": names.errors, "warning": names.warnings}
        for severity, path in paths.items():
            files.read_into(job, kinds[severity](merged=False), path)
        failed = folder / "failed"
        with failed.open("wb") as into:
            for chunk in chunks:
                rows, issues = _of_chunk(job, chunk, files)
                into.write(dumped(rows))
                for issue in issues:
                    with paths[issue["severity"]].open("ab") as out:
                        out.write(orjson.dumps(issue) + b"\n")
        for severity, path in paths.items():
            files.write_from(job, kinds[severity](merged=True), path)
        found = complete_errors(job, failed, folder, files=files, write=write_table)
    return _Merged(merged=True, error_file=found)


def _of_chunk(
    job: Import, chunk: int, files: ImportFiles
) -> tuple[list[FailedRow], list[dict[str, Any]]]:
    """The rows of a chunk that failed while it was loaded, and all there is to tell of it."""
    issues: list[dict[str, Any]] = orjson.loads(files.read(job, names.result(chunk)) or b"[]")
    if all(issue["severity"] != "error" for issue in issues):
        return [], issues
    entries = orjson.loads(files.read(job, names.chunk(chunk)) or b"[]")
    rows, fallen = failures(entries, issues)
    return rows, [*issues, *fallen]
