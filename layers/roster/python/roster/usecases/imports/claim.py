"""Who works on an import: claiming it for an execution, its turn, and starting over."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roster.domain.errors import StaleVersion
from roster.domain.events import Actor, Source
from roster.domain.ids import derived_id
from roster.domain.imports.job import (
    Import,
    ImportKind,
    ImportStatus,
    PlanSummary,
    Reason,
    closed,
    moved,
)
from roster.usecases.imports import names
from roster.usecases.imports.lifecycle import has_moved, repaired
from roster.usecases.imports.ports import Executions, ImportFiles, Imports
from roster.usecases.ports import Clock, Customers, Settings

MAX_RESTARTS = 5
_DROPPED = Actor("bucket", Source.IMPORT)
_WAIT_AT_LEAST, _WAIT_AT_MOST = 2, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedFile:
    """A file that the bucket says was put: `token` tells one put from the next of the same key."""

    bucket: str
    key: str
    etag: str
    token: str
    size: int
    at: datetime
    version: str | None = None


class Next(StrEnum):
    """What the workflow does after a claim or a plan."""

    IGNORE = "ignore"
    WAIT = "wait"
    PLAN = "plan"
    LOAD = "load"
    REPORT = "report"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Step:
    """Where the workflow goes, and with which import; `seconds` to wait for its turn."""

    next: Next
    job: Import | None = None
    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPorts:
    """Everything that claiming an import works with."""

    imports: Imports
    files: ImportFiles
    customers: Customers
    settings: Settings
    clock: Clock


def claim_arrival(file: ArrivedFile, *, execution: str, ports: ClaimPorts) -> Step:
    """Take up a file that arrived in the bucket, unless it is not ours or someone already did.

    A dropped file becomes an import here; an announced one was made by `start_import`.
    """
    arrival = names.arrival(file.key)
    if arrival is None:
        return Step(Next.IGNORE)
    if arrival.import_id is None:
        job = _dropped(file, arrival, execution, ports)
    else:
        found = ports.imports.get(arrival.tenant, arrival.import_id)
        if found is None or found.key != file.key:
            return Step(Next.IGNORE)
        job = found
        if job.status is ImportStatus.AWAITING_UPLOAD:
            job = _saved(ports.imports, job, moved(
                job, ImportStatus.PLANNING, ports.clock(), execution=execution, etag=file.etag,
                object_version=file.version, size=file.size,
            ))  # fmt: skip
    return _in_turn(job, execution, ports)


def claim_again(
    tenant: str,
    import_id: str,
    *,
    replaces: str | None,
    execution: str,
    ports: ClaimPorts,
) -> Step:
    """Take an open import over from the execution it `replaces`; ignored when someone else did."""
    job = ports.imports.get(tenant, import_id)
    if job is None or not job.is_open:
        return Step(Next.IGNORE, job)
    if job.execution != execution and job.execution == replaces:
        again = moved(job, job.status, ports.clock(), execution=execution)
        job = _saved(ports.imports, job, again)
    return _in_turn(job, execution, ports)


def _saved(imports: Imports, before: Import, after: Import) -> Import:
    imports.save(before, after)
    return after


def _dropped(
    file: ArrivedFile, arrival: names.Arrival, execution: str, ports: ClaimPorts
) -> Import:
    put = (file.bucket, file.key, file.etag, file.version or file.token)
    now, ours = ports.clock(), ports.settings.get(arrival.tenant)
    job = Import(
        id=derived_id("imp", file.at, *put),
        tenant=arrival.tenant,
        status=ImportStatus.PLANNING,
        filename=arrival.filename,
        key=file.key,
        etag=file.etag,
        object_version=file.version,
        size=file.size,
        created_at=now,
        updated_at=now,
        created_by=_DROPPED,
        needs_confirmation=ours.confirm_dropped_files,
        options=ours.import_options,
        execution=execution,
        repairs=repaired(arrival.tenant, arrival.filename, imports=ports.imports),
    )
    return ports.imports.add(job, arrival="\x1f".join(put))


def _in_turn(job: Import, execution: str, ports: ClaimPorts) -> Step:
    """The tenant's imports go one after another: each is matched against what the last one made."""
    imports, clock = ports.imports, ports.clock
    if not job.is_open or job.execution != execution:
        return Step(Next.IGNORE, job)
    if not _take_turn(job, imports):
        age = (clock() - job.updated_at).total_seconds()
        return Step(Next.WAIT, job, round(min(_WAIT_AT_MOST, max(_WAIT_AT_LEAST, age / 10))))
    if job.status is ImportStatus.PLANNING:
        return Step(Next.PLAN, job)
    if job.status is ImportStatus.UNDOING:
        return Step(Next.LOAD if job.chunks else Next.REPORT, job)
    if job.load_started_at is None:
        if has_moved(job, customers=ports.customers, files=ports.files):
            again = moved(job, ImportStatus.PLANNING, clock(), plan=None, plan_hash=None)
            return Step(Next.PLAN, _saved(imports, job, again))
        job = begin_load(
            job,
            auto_numbering=ports.settings.get(job.tenant).auto_numbering,
            imports=imports,
            customers=ports.customers,
            clock=clock,
        )
    return Step(Next.LOAD if job.chunks else Next.REPORT, job)


def _take_turn(job: Import, imports: Imports) -> bool:
    holder = imports.take_turn(job.tenant, job.id)
    if holder is None:
        return True
    other = imports.get(job.tenant, holder)
    if other is not None and other.is_open:
        return False
    imports.end_turn(job.tenant, holder)
    return imports.take_turn(job.tenant, job.id) is None


def begin_load(
    job: Import,
    *,
    auto_numbering: bool,
    imports: Imports,
    customers: Customers,
    clock: Clock,
    **changes: object,
) -> Import:
    """Set the import loading; its block of customer numbers is its own before the first is used.

    A crash between the two leaves a gap in the numbers and nothing else.
    """
    plan = changes.get("plan", job.plan)
    first = None
    numbered = auto_numbering and changes.get("kind", job.kind) in (None, ImportKind.CUSTOMERS)
    if numbered and isinstance(plan, PlanSummary) and plan.create:
        first = customers.reserve_numbers(job.tenant, plan.create)
    now = clock()
    after = moved(
        job, ImportStatus.LOADING, now, load_started_at=now, number_first=first, **changes
    )
    return _saved(imports, job, after)


def resume_imports(*, imports: Imports, executions: Executions, clock: Clock) -> Sequence[Import]:
    """Start the work again on every open import that nothing works on; those that were.

    One that was started MAX_RESTARTS times without getting any further fails, with a reason. One
    that cannot be looked at keeps none behind it waiting: raises ExceptionGroup after the others.
    """
    resumed, broken = [], []
    for tenant, import_id in imports.open():
        try:
            job = _resumed(tenant, import_id, imports, executions, clock)
        except Exception as error:  # noqa: BLE001 - told once all have been looked at
            broken.append(error)
        else:
            resumed += [job] if job else []
    if broken:
        raise ExceptionGroup(f"{len(broken)} imports could not be looked at", broken)
    return resumed


def _resumed(
    tenant: str, import_id: str, imports: Imports, executions: Executions, clock: Clock
) -> Import | None:
    job = imports.get(tenant, import_id)
    if job is None or not job.is_open:
        return None
    if job.execution is not None and executions.is_running(job.execution):
        return None
    # Somebody else moved it just now: then it is not for us to start.
    with suppress(StaleVersion):
        return _resume(job, imports=imports, executions=executions, clock=clock)
    return None


def _resume(job: Import, *, imports: Imports, executions: Executions, clock: Clock) -> Import:
    further = job.chunks_done > job.restart_mark
    restarts = 1 if further else job.restarts + 1
    if restarts > MAX_RESTARTS:
        return fail_import(job, Reason(
            "stuck", f"the import was started again {MAX_RESTARTS} times and got no further; "
            f"{job.tally.created} rows have become customers, {job.tally.removed} of which were "
            "removed again",
        ), imports=imports, clock=clock)  # fmt: skip
    again = moved(job, job.status, clock(), restarts=restarts, restart_mark=job.chunks_done)
    imports.save(job, again)
    executions.start(again)
    return again


def fail_import(job: Import, reason: Reason, *, imports: Imports, clock: Clock) -> Import:
    """Close an import that the machine could not bring to its end."""
    failed = closed(job, ImportStatus.FAILED, clock(), reason)
    imports.save(job, failed)
    imports.end_turn(job.tenant, job.id)
    return failed
