"""Close an import: put together what its chunks have to report, and say how it ended."""

import tempfile
from pathlib import Path

import orjson

from roster.domain.imports.job import Import, ImportStatus, Reason, Run, closed, final_status
from roster.usecases.imports import names
from roster.usecases.imports.claim import fail_import
from roster.usecases.imports.ports import ImportFiles, Imports
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
    merged = _merge_issues(job, imports, files)
    ended = closed(job, final_status(job), clock(), merged=merged)
    imports.save(job, ended)
    imports.end_turn(tenant, import_id)
    return ended


def _close_undo(job: Import, *, imports: Imports, files: ImportFiles, clock: Clock) -> Import:
    if job.tally.undone_chunks < job.chunks:
        raise ChunksMissing(f"{job.tally.undone_chunks} of {job.chunks} chunks are undone")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kept"
        with path.open("wb") as into:
            for chunk in imports.chunks_with_issues(job.tenant, job.id, Run.UNDO):
                for one in orjson.loads(files.read(job, names.kept(chunk)) or b"[]"):
                    into.write(orjson.dumps(one) + b"\n")
        if path.stat().st_size:
            files.write_from(job, names.KEPT, path)
    ended = closed(job, ImportStatus.UNDONE, clock())
    imports.save(job, ended)
    imports.end_turn(job.tenant, job.id)
    return ended


def _merge_issues(job: Import, imports: Imports, files: ImportFiles) -> bool:
    """Whether loading had anything to add to the issues of the plan; then they stand in `final`."""
    chunks = list(imports.chunks_with_issues(job.tenant, job.id))
    if not chunks:
        return False
    with tempfile.TemporaryDirectory() as folder:
        paths = {"error": Path(folder) / "errors", "warning": Path(folder) / "warnings"}
        kinds = {"error": names.errors, "warning": names.warnings}
        for severity, path in paths.items():
            files.read_into(job, kinds[severity](merged=False), path)
        for chunk in chunks:
            for issue in orjson.loads(files.read(job, names.result(chunk)) or b"[]"):
                with paths[issue["severity"]].open("ab") as into:
                    into.write(orjson.dumps(issue) + b"\n")
        for severity, path in paths.items():
            files.write_from(job, kinds[severity](merged=True), path)
    return True
