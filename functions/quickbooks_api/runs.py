"""Runs of the sync: start one now, follow it, read what it did and why."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.quickbooks_api.schemas import NoPlanIn, ReportPage, RowOut, RunIn, RunOut, RunPage
from roster.bootstrap import quickbooks
from roster.domain.errors import FieldError, Invalid, WrongState
from roster.domain.sync.connection import Trigger
from roster.domain.sync.outcomes import Code, Result
from roster.domain.sync.steps import Verb
from roster.runtime import cursors
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases.quickbooks import connecting as usecases
from roster.usecases.quickbooks.redriving import Lines, fitting_lines
from roster.usecases.quickbooks.runs import message_of, start_run

router = APIGatewayHttpRouter()
_TAGS = ["quickbooks"]


@router.post("/v1/quickbooks/runs", middlewares=OFFICE, tags=_TAGS)
def start(body: Annotated[RunIn | None, Body()] = None) -> Response[RunOut]:
    """Start a run now; 409 while one is under way, nothing is connected, or no mode is chosen.

    With the id of a plan, what stands in that is done and nothing else; a full one looks at every
    record of both sides. QuickBooks' taxes, terms and other names, which the schedule reads once a
    day, are read anew where they are older than ten minutes.
    """
    said = body or RunIn()
    if said.full and said.plan is not None:
        detail = "a run is either limited to a plan or full"
        raise Invalid([FieldError(p, "only_one", detail) for p in ("/plan", "/full")])
    return _started(dry=False, plan=said.plan, full=said.full)


@router.post("/v1/quickbooks/plan", middlewares=OFFICE, tags=_TAGS)
def plan(body: Annotated[NoPlanIn | None, Body()] = None) -> Response[RunOut]:
    """Start a run that only plans: its report says what a sync would do, on both sides, and why."""
    _ = body
    return _started(dry=True, plan=None)


def _started(*, dry: bool, plan: str | None, full: bool = False) -> Response[RunOut]:
    ports = quickbooks.ports()
    tenant = caller(router).tenant
    run = start_run(tenant, trigger=Trigger.REQUEST, ports=ports, dry=dry, plan=plan, full=full)
    if run is None:
        raise WrongState("a run is under way", code="run_under_way")
    # Where this fails the run is stored all the same: the dispatcher takes it up minutes later.
    ports.queue.send(message_of(run))
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=RunOut.of(run),
    )


@router.get("/v1/quickbooks/runs", middlewares=VIEWER, tags=_TAGS)
def list_runs(
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> RunPage:
    """The runs, newest first."""
    page = usecases.runs(
        caller(router).tenant,
        limit=limit,
        after=cursors.decode(cursor, "quickbooks-runs"),
        ports=quickbooks.ports(),
    )
    return RunPage(
        data=[RunOut.of(run) for run in page.items],
        next_cursor=cursors.encode(page.next, "quickbooks-runs"),
    )


@router.get("/v1/quickbooks/runs/<run_id>", middlewares=VIEWER, tags=_TAGS)
def read_run(run_id: str) -> RunOut:
    """One run."""
    found = usecases.run(caller(router).tenant, run_id, ports=quickbooks.ports())
    return RunOut.of(found)


@router.get("/v1/quickbooks/runs/<run_id>/report", middlewares=VIEWER, tags=_TAGS)
def read_report(
    run_id: str,
    verb: Annotated[Verb | None, Query()] = None,
    result: Annotated[Result | None, Query()] = None,
    code: Annotated[Code | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ReportPage:
    """What the run did about each QuickBooks record, and why: also what it skipped, what failed.

    `verb` is a line's `action`. A page of some lines may be short and still have a `next_cursor`.
    """
    tenant, ports = caller(router).tenant, quickbooks.ports()
    scope = ("quickbooks-report", run_id)
    run = usecases.run(tenant, run_id, ports=ports)
    page = fitting_lines(
        tenant,
        run_id,
        Lines(verb=verb, result=result, code=code),
        limit=limit,
        after=cursors.decode(cursor, *scope),
        ports=ports,
    )
    return ReportPage(
        redrives=run.redrives,
        data=[RowOut.of(row) for row in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )
