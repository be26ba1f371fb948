"""Trying again what a run could not do."""

from http import HTTPStatus
from typing import Annotated, Self

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field

from roster import bootstrap
from roster.domain.sync.steps import Verb
from roster.runtime import cursors
from roster.runtime.callers import OFFICE, caller
from roster.usecases.quickbooks.redriving import Lines, Redriven, redrive

router = APIGatewayHttpRouter()
_AT_ONCE = 400
type Ids = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=200)]


class RedriveIn(BaseModel):
    """Which lines of the run's report: skipped ones, unless `verb` says otherwise."""

    model_config = ConfigDict(extra="forbid")

    verb: Verb = Verb.SKIP
    reason: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    quickbooks_ids: Ids = []
    customer_ids: Ids = []


class RedrivenOut(BaseModel):
    """How many are tried again, and by which run; with a `next_cursor` the report goes on."""

    records: int
    customers: int
    run_id: str | None
    next_cursor: str | None

    @classmethod
    def of(cls, done: Redriven, scope: str) -> Self:
        """The wire form."""
        return cls(
            records=done.records,
            customers=done.customers,
            run_id=done.run.id if done.run else None,
            next_cursor=cursors.encode(done.next, "quickbooks-redrive", scope),
        )


@router.post("/v1/quickbooks/runs/<run_id>/redrive", middlewares=OFFICE, tags=["quickbooks"])
def try_again(run_id: str, body: RedriveIn, cursor: cursors.Cursor = None) -> Response[RedrivenOut]:
    """Look again at whom these lines are about, though they did not change since.

    Without a `run_id` in the answer, the run under way or the next one does it.
    """
    lines = Lines(
        verb=body.verb,
        reason=body.reason,
        quickbooks_ids=frozenset(body.quickbooks_ids),
        customer_ids=frozenset(body.customer_ids),
    )
    done = redrive(
        caller(router).tenant,
        run_id,
        lines,
        limit=_AT_ONCE,
        after=cursors.decode(cursor, "quickbooks-redrive", run_id),
        ports=bootstrap.quickbooks(),
    )
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=RedrivenOut.of(done, run_id),
    )
