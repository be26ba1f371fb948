"""The connection to QuickBooks and its runs on the wire."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from roster.domain.sync.connection import Connection, ReportRow, Run
from roster.domain.sync.outcomes import Code, Result


class AuthorizeOut(BaseModel):
    """Where a person lets us into their QuickBooks company."""

    authorize_url: str


class StatusOut(BaseModel):
    """The connection; no token is ever shown."""

    status: str
    realm: str | None = None
    connected_at: datetime | None = None
    connected_by: str | None = None
    last_pull: datetime | None = None
    run: str | None = None
    reads_this_month: int = 0
    reason: str | None = None

    @classmethod
    def of(cls, connection: Connection, reads: int) -> Self:
        """The wire form of a connection."""
        return cls(
            status=connection.status,
            realm=connection.realm,
            connected_at=connection.connected_at,
            connected_by=connection.connected_by,
            last_pull=connection.last_pull,
            run=connection.run,
            reads_this_month=reads,
            reason=connection.reason,
        )


class RunIn(BaseModel):
    """What a run is limited to: `plan` is the id of a run that only planned.

    A `full` one looks at every record of both sides, whether or not it changed.
    """

    model_config = ConfigDict(extra="forbid")

    plan: str | None = None
    full: bool = False


class NoPlanIn(BaseModel):
    """There is nothing to say about a plan."""

    model_config = ConfigDict(extra="forbid")


class RunOut(BaseModel):
    """One run: `counts` has its actions by kind, `calls` what was asked of QuickBooks.

    QuickBooks meters the `reads` among them, and the `polls`, which read a day's lists. A `dry` run
    only plans; the same plan has the same `plan_hash`. `plan` is the run that this one carries out,
    `redrives` the one of which it tries lines again.
    """

    id: str
    status: str
    mode: str
    trigger: str
    started_at: datetime
    finished_at: datetime | None
    slices: int
    calls: int
    reads: int
    polls: int
    dry: bool
    plan: str | None
    plan_hash: str | None
    redrives: str | None
    counts: dict[str, int]
    reason: str | None
    # A paused run goes on by itself after this.
    waits_until: datetime | None

    @classmethod
    def of(cls, run: Run) -> Self:
        """The wire form of a run."""
        return cls(
            id=run.id,
            status=run.status,
            mode=run.mode,
            trigger=run.trigger,
            started_at=run.started_at,
            finished_at=run.finished_at,
            slices=run.slice - 1,
            calls=run.calls,
            reads=run.reads,
            polls=run.polls,
            dry=run.dry,
            plan=run.plan,
            plan_hash=run.plan_hash if run.dry and run.is_over else None,
            redrives=run.redrives,
            counts=dict(run.counts),
            reason=run.reason,
            waits_until=None if run.is_over else run.not_before,
        )


class RunPage(BaseModel):
    """A page of runs, newest first."""

    data: list[RunOut]
    next_cursor: str | None


class SyncChangeOut(BaseModel):
    """A field's old and new value."""

    field: str
    old: Any
    new: Any


class RowOut(BaseModel):
    """One line of a report: what was done about one QuickBooks record, and why.

    `position` names the line in its report; `code` says the reason to a program, where it has one.
    """

    position: str
    action: str
    result: Result
    code: Code | None
    kind: str
    reason: str
    name: str
    quickbooks_id: str
    customer_id: str | None
    changes: list[SyncChangeOut]

    @classmethod
    def of(cls, row: ReportRow) -> Self:
        """The wire form of a line."""
        return cls(
            position=row.position,
            action=row.verb,
            result=row.result,
            code=row.code,
            kind=row.kind,
            reason=row.reason,
            name=row.name,
            quickbooks_id=row.quickbooks_id,
            customer_id=row.customer_id,
            changes=[SyncChangeOut(field=c.field, old=c.old, new=c.new) for c in row.changes],
        )


class ReportPage(BaseModel):
    """A page of a run's report; `redrives` is the run of which it tried lines again."""

    redrives: str | None
    data: list[RowOut]
    next_cursor: str | None
