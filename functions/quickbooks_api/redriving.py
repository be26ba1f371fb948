"""Trying again what a run could not do, and planning again what it did."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field

from roster.bootstrap import quickbooks
from roster.domain.errors import FieldError, Invalid
from roster.domain.sync.outcomes import Code, Result
from roster.domain.sync.replays import Difference
from roster.domain.sync.steps import Verb
from roster.runtime import cursors
from roster.runtime.callers import OFFICE, caller
from roster.usecases.quickbooks.redriving import (
    MOST_LINES,
    Lines,
    Redriven,
    redrive,
    redrive_rows,
)
from roster.usecases.quickbooks.replaying import Replayed, replay

router = APIGatewayHttpRouter()
type Ids = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=200)]
type Positions = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=200)]],
    Field(min_length=1, max_length=MOST_LINES),
]


class LinesIn(BaseModel):
    """Which lines of the run's report; `verb` is a line's `action`. Skips, if nothing is said."""

    model_config = ConfigDict(extra="forbid")

    verb: Verb | None = None
    result: Result | None = None
    code: Code | None = None
    reason: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    quickbooks_ids: Ids = []
    customer_ids: Ids = []

    def lines(self) -> Lines:
        """The domain's words for it."""
        found = Lines(
            verb=self.verb,
            result=self.result,
            code=self.code,
            reason=self.reason,
            quickbooks_ids=frozenset(self.quickbooks_ids),
            customer_ids=frozenset(self.customer_ids),
        )
        said = self.verb or self.result or self.code
        return found if said else replace(found, verb=Verb.SKIP)


class RedriveIn(BaseModel):
    """The `position`s of lines in the run's report, or a filter of them."""

    model_config = ConfigDict(extra="forbid")

    rows: Positions | None = None
    filter: LinesIn | None = None


class RedrivenOut(BaseModel):
    """How many lines are tried again, and by which run; with a `next_cursor` the report goes on.

    Only lines of customers are; how many fitted besides is `left_out`.
    """

    lines: int
    left_out: int
    run_id: str | None
    next_cursor: str | None

    @classmethod
    def of(cls, done: Redriven, scope: str) -> Self:
        """The wire form."""
        return cls(
            lines=done.lines,
            left_out=done.left_out,
            run_id=done.run.id if done.run else None,
            next_cursor=cursors.encode(done.next, "quickbooks-redrive", scope),
        )


class DifferenceOut(BaseModel):
    """What was decided about a record and what would be now, None for nothing.

    `record` is a QuickBooks id, or a customer's id where ours goes there; empty where only the
    order of the steps differs.
    """

    slice: int
    record: str
    then: dict[str, Any] | None
    now: dict[str, Any] | None

    @classmethod
    def of(cls, one: Difference) -> Self:
        """The wire form."""
        then, now = one.then, one.now
        return cls(
            slice=one.slice,
            record=one.record,
            then=dict(then) if then is not None else None,
            now=dict(now) if now is not None else None,
        )


class EngineOut(BaseModel):
    """Which versions of the rules decided then, and which one does now."""

    then: list[str]
    now: str


class ReplayOut(BaseModel):
    """A run planned again; with a `next_cursor` it goes on, and all of this is of one page.

    `differing` counts the differences, the first hundred of which are listed.
    """

    run_id: str
    slices: int
    records: int
    same: bool
    differing: int
    differences: list[DifferenceOut]
    engine: EngineOut
    next_cursor: str | None

    @classmethod
    def of(cls, done: Replayed) -> Self:
        """The wire form."""
        return cls(
            run_id=done.run.id,
            slices=done.slices,
            records=done.records,
            same=done.differing == 0,
            differing=done.differing,
            differences=[DifferenceOut.of(one) for one in done.differences],
            engine=EngineOut(then=list(done.then), now=done.now),
            next_cursor=cursors.encode(done.next, "quickbooks-replay", done.run.id),
        )


@router.post("/v1/quickbooks/runs/<run_id>/redrive", middlewares=OFFICE, tags=["quickbooks"])
def try_again(run_id: str, body: RedriveIn, cursor: cursors.Cursor = None) -> Response[RedrivenOut]:
    """Start a run that looks at these lines of the report again, and at nothing else.

    409 while another run is under way. Without lines that fit, none is started.
    """
    tenant, ports = caller(router).tenant, quickbooks.ports()
    after = cursors.decode(cursor, "quickbooks-redrive", run_id)
    if body.rows is not None and body.filter is not None:
        detail = "say either which rows or which filter"
        raise Invalid([FieldError(p, "only_one", detail) for p in ("/rows", "/filter")])
    if body.rows is not None:
        done = redrive_rows(tenant, run_id, body.rows, ports=ports)
    else:
        lines = (body.filter or LinesIn()).lines()
        done = redrive(tenant, run_id, lines, after=after, ports=ports)
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=RedrivenOut.of(done, run_id),
    )


@router.post("/v1/quickbooks/runs/<run_id>/replay", middlewares=OFFICE, tags=["quickbooks"])
def plan_again(run_id: str, cursor: cursors.Cursor = None) -> ReplayOut:
    """Plan the run again from what it was planned from, and compare; nothing is changed.

    410 when that is no longer kept: after 90 days, or after a customer's data were erased.
    """
    after = cursors.decode(cursor, "quickbooks-replay", run_id)
    done = replay(caller(router).tenant, run_id, after=after, ports=quickbooks.ports())
    return ReplayOut.of(done)
