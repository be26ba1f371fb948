"""What a person does with an import: start it, watch it, confirm or cancel it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from roster.domain.errors import FieldError, Invalid, NotFound, StaleVersion
from roster.domain.events import Actor
from roster.domain.ids import new_id
from roster.domain.imports.cards import matches_hash
from roster.domain.imports.job import Import, ImportKind, ImportStatus, closed, moved, require
from roster.domain.imports.repair import repaired_import
from roster.domain.imports.text_files import check_reading, named
from roster.domain.imports.told import Told
from roster.usecases.imports import names
from roster.usecases.imports.ports import Executions, ImportFiles, Imports, Upload
from roster.usecases.ports import Clock, Customers, Page, Settings

MAX_FILENAME = 200
MAX_UPLOAD_BYTES = 200 * 1024 * 1024


class PlanMoved(StaleVersion):
    """The customers that the plan was made against are no longer as they were."""

    code = "plan_moved"


@dataclass(frozen=True, slots=True)
class Issues:
    """The first errors and warnings of an import, as JSON objects."""

    errors: Sequence[dict[str, Any]]
    warnings: Sequence[dict[str, Any]]


def start_import(
    tenant: str,
    *,
    filename: str,
    size: int | None,
    confirm: bool | None,
    kind: ImportKind | None = None,
    asked: Mapping[str, Any],
    told: Told,
    actor: Actor,
    imports: Imports,
    files: ImportFiles,
    settings: Settings,
    clock: Clock,
) -> tuple[Import, Upload]:
    """Announce a file and say how to send it.

    `confirm` None, and what `asked` lacks of the fields of Options: as the company has set it;
    `told` is how the file is to be read; `kind` None: as its content says. Raises Invalid.
    """
    told = _check_file(filename, size, told)
    now = clock()
    import_id = new_id("imp", now)
    ours = settings.get(tenant)
    job = Import(
        id=import_id,
        tenant=tenant,
        status=ImportStatus.AWAITING_UPLOAD,
        filename=filename,
        key=names.upload_key(tenant, import_id, filename),
        created_at=now,
        updated_at=now,
        created_by=actor,
        needs_confirmation=ours.confirm_api_imports if confirm is None else confirm,
        kind=kind,
        options=replace(ours.import_options, **asked),
        told=told,
        repairs=repaired(tenant, filename, imports=imports),
    )
    return imports.add(job), files.upload_form(job.key)


def repaired(tenant: str, filename: str, *, imports: Imports) -> str | None:
    """The company's import whose error file this is, by its name."""
    named = repaired_import(filename)
    return named if named and imports.get(tenant, named) else None


def _check_file(filename: str, size: int | None, told: Told) -> Told:
    """What is told, by the names it is kept by; raises Invalid."""
    errors = []
    plain = filename.strip(" .") and "/" not in filename and "\\" not in filename
    if not plain or any(ord(c) < 32 or ord(c) == 127 for c in filename):
        errors.append(FieldError("/filename", "filename", "the plain name of a file"))
    if len(filename) > MAX_FILENAME:
        detail = f"at most {MAX_FILENAME} characters"
        errors.append(FieldError("/filename", "too_long", detail))
    if size is not None and size > MAX_UPLOAD_BYTES:
        detail = f"at most {MAX_UPLOAD_BYTES} bytes"
        errors.append(FieldError("/size", "too_large", detail))
    errors += check_reading(told.encoding, told.delimiter, at="/options")
    if errors:
        raise Invalid(errors)
    return named(told)


def read_import(tenant: str, import_id: str, *, imports: Imports) -> Import:
    """The import; raises NotFound."""
    job = imports.get(tenant, import_id)
    if job is None:
        raise NotFound(f"there is no import {import_id}")
    return job


def list_imports(tenant: str, *, limit: int, after: str | None, imports: Imports) -> Page[Import]:
    """Imports, newest first."""
    return imports.list(tenant, limit=limit, after=after)


def import_issues(job: Import, *, limit: int, files: ImportFiles) -> Issues:
    """The first errors and warnings, in the order of the file; none before there is a plan."""
    if job.plan is None:
        return Issues([], [])
    found = [
        files.lines(job, name(merged=job.merged), after=0, limit=limit)[0]
        for name in (names.errors, names.warnings)
    ]
    return Issues(*found)


def import_plan_page(
    tenant: str,
    import_id: str,
    *,
    limit: int,
    after: str | None,
    imports: Imports,
    files: ImportFiles,
) -> Page[dict[str, Any]]:
    """What the plan does row by row; raises NotFound, and WrongState before there is a plan."""
    job = read_import(tenant, import_id, imports=imports)
    if job.plan is None:
        require(job, ImportStatus.AWAITING_CONFIRMATION, to="read the plan of")
    rows, last = files.lines(job, names.PLAN, after=int(after or 0), limit=limit)
    return Page(rows, str(last) if last is not None else None)


def confirm_import(
    tenant: str,
    import_id: str,
    *,
    plan_hash: str,
    imports: Imports,
    files: ImportFiles,
    customers: Customers,
    executions: Executions,
    clock: Clock,
) -> Import:
    """Load what was planned.

    Raises NotFound, WrongState, or PlanMoved: then a new plan is being made, to be read again.
    """
    job = read_import(tenant, import_id, imports=imports)
    require(job, ImportStatus.AWAITING_CONFIRMATION, to="confirm")
    if plan_hash != job.plan_hash:
        raise PlanMoved("this is not the hash of the plan; read the plan again")
    if has_moved(job, customers=customers, files=files):
        again = moved(job, ImportStatus.PLANNING, clock(), plan=None, plan_hash=None)
        imports.save(job, again)
        executions.start(again)
        raise PlanMoved("customers changed since the plan was made; a new plan is being made")
    loading = moved(job, ImportStatus.LOADING, clock(), restarts=0, restart_mark=0)
    imports.save(job, loading)
    executions.start(loading)
    return loading


def has_moved(job: Import, *, customers: Customers, files: ImportFiles) -> bool:
    """Whether any customer that the plan looked at came, went or changed since it was made.

    Of those it changes every change counts, of others what rows are told by.
    """
    return job.matches_hash != matches_hash(
        customers.match_cards(job.tenant),
        unpack_names(files.read(job, names.NAMES) or b""),
        job.options,
    )


def pack_names(hashes: Iterable[bytes]) -> bytes:
    """Hashes of names, as one file."""
    return b"".join(sorted(hashes))


def unpack_names(content: bytes) -> set[bytes]:
    """The hashes of such a file."""
    return {content[i : i + 8] for i in range(0, len(content), 8)}


def cancel_import(tenant: str, import_id: str, *, imports: Imports, clock: Clock) -> Import:
    """Give an import up; one that is loading stops before its next chunk. Raises WrongState."""
    job = read_import(tenant, import_id, imports=imports)
    require(
        job,
        ImportStatus.AWAITING_UPLOAD,
        ImportStatus.PLANNING,
        ImportStatus.AWAITING_CONFIRMATION,
        ImportStatus.LOADING,
        to="cancel",
    )
    if job.status is ImportStatus.LOADING:
        imports.stop(tenant, import_id)
        return read_import(tenant, import_id, imports=imports)
    gone = closed(job, ImportStatus.CANCELLED, clock())
    imports.save(job, gone)
    imports.end_turn(tenant, import_id)
    return gone
