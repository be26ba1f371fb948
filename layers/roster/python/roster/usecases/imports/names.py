"""Where an import's files stand: keys of uploads in the bucket, and names of working files."""

from dataclasses import dataclass

from roster.domain.tenant import is_tenant

INBOX, UPLOADS, WORK = "inbox", "imports", "work"

PLAN = "plan/rows.jsonl"
MAPPING = "plan/mapping.json"
NAMES = "plan/names.bin"
MANIFEST = "load/manifest.json"
KEPT = "final/kept.jsonl"
# The rows that failed by the plan: headings first, then each with its cells as typed and why.
FAILED = "plan/failed.jsonl"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a key in the bucket says: whose file, its name, and the import it was announced by."""

    tenant: str
    filename: str
    import_id: str | None


def upload_key(tenant: str, import_id: str, filename: str) -> str:
    """Where the file of an announced import is sent."""
    return f"{tenant}/{UPLOADS}/{import_id}/{filename}"


def work_key(tenant: str, import_id: str, name: str) -> str:
    """Where a working file stands; no rule listens there."""
    return f"{tenant}/{WORK}/{import_id}/{name}"


def arrival(key: str) -> Arrival | None:
    """What has arrived at `key`; None for a folder marker or anything that is no upload.

    Nor is it one under a name that no company can have: nobody could ever see what came of it.
    """
    if not is_tenant(key.partition("/")[0]):
        return None
    match key.split("/"):
        case [tenant, folder, *path] if folder == INBOX and path and path[-1]:
            return Arrival(tenant, path[-1], None)
        case [tenant, folder, import_id, filename] if folder == UPLOADS and filename:
            return Arrival(tenant, filename, import_id)
    return None


def errors(*, merged: bool) -> str:
    """The rows that could not become customers: as planned, or with what loading found."""
    return "final/errors.jsonl" if merged else "plan/errors.jsonl"


def warnings(*, merged: bool) -> str:
    """The rows that became customers with something to look at."""
    return "final/warnings.jsonl" if merged else "plan/warnings.jsonl"


def chunk(number: int) -> str:
    """The rows of one chunk."""
    return f"load/chunk-{number:05d}.json"


def found(number: int, undo: int) -> str:
    """Which customers of a chunk were there when its so-manieth undo began."""
    return f"load/found-{number:05d}{_of_round(undo)}.json"


def kept(number: int, undo: int) -> str:
    """The customers of one chunk that its so-manieth undo left in their place."""
    return f"load/kept-{number:05d}{_of_round(undo)}.json"


def _of_round(undo: int) -> str:
    return f"-{undo}" if undo > 1 else ""


def result(number: int) -> str:
    """What loading one chunk has to report."""
    return f"load/result-{number:05d}.json"


def error_file(file_format: str, *, merged: bool) -> str:
    """The rows that failed, as the file a person puts right."""
    return f"{'final' if merged else 'plan'}/error-rows.{file_format}"
