"""Jobs of a customer, and the company's across customers."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.records_api.job_schemas import JobIn, JobOut, JobPage, JobPatch, JobRow
from roster import bootstrap
from roster.bootstrap import parts, records
from roster.domain.job import Job, JobFilter, JobStatus
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import jobs as usecases
from roster.usecases.record_keeping import Call

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/jobs"
_ONE = f"{_ALL}/<job_id>"


def _call(customer_id: str) -> Call[Job]:
    return records.call(caller(router), customer_id, records.jobs())


@router.get("/v1/jobs", middlewares=VIEWER, tags=["jobs"])
def list_jobs(
    customer_id: Annotated[str | None, Query()] = None,
    status: Annotated[JobStatus | None, Query()] = None,
    assignee: Annotated[str | None, Query()] = None,
    scheduled_from: Annotated[date | None, Query()] = None,
    scheduled_to: Annotated[date | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> JobPage:
    """The company's jobs by when they begin, unscheduled ones last; of one customer newest first.

    Days are in UTC and both included. Each has its service address as it is now.
    """
    who = caller(router)
    wanted = JobFilter(
        status=status, assignee=assignee, first_day=scheduled_from, last_day=scheduled_to
    )
    scope = ("all jobs", customer_id, wanted)
    page = usecases.all_jobs(
        who.tenant,
        wanted,
        customer_id=customer_id,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
        records=records.jobs(),
        places=parts.places(),
    )
    return JobPage(
        data=[JobRow.shown(one) for one in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(_ALL, middlewares=VIEWER, tags=["jobs"])
def customer_jobs(
    customer_id: str,
    status: Annotated[JobStatus | None, Query()] = None,
    assignee: Annotated[str | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> JobPage:
    """The jobs of a customer, newest first."""
    wanted = JobFilter(status=status, assignee=assignee)
    scope = ("jobs", customer_id, wanted)
    page = usecases.jobs_of_customer(
        _call(customer_id),
        wanted,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        places=parts.places(),
    )
    return JobPage(
        data=[JobRow.shown(one) for one in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["jobs"], status_code=201)
def add_job(customer_id: str, body: JobIn) -> Response[JobOut]:
    """Add a job at one of the customer's locations, the primary one unless another is named."""
    call = _call(customer_id)
    key = idempotency.of_request(router, call.tenant)
    job = usecases.add_job(
        call,
        body.values(),
        places=parts.places(),
        locations=parts.locations(),
        request_key=key,
    )
    path = f"/v1/customers/{job.customer_id}/jobs/{job.id}"
    shown = JobOut.shown(usecases.show_job(call, job, places=parts.places()))
    return conditional.tagged(shown, shown.version, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["jobs"])
def read_job(customer_id: str, job_id: str) -> Response[JobOut]:
    """Read a job with its service address and the customer's phone number as they are now.

    They may move while the job does not, so there is no 304.
    """
    found = usecases.read_job(_call(customer_id), job_id, places=parts.places())
    shown = JobOut.shown(found)
    return conditional.tagged(shown, shown.version)


@router.patch(_ONE, middlewares=OFFICE, tags=["jobs"])
def edit_job(customer_id: str, job_id: str, body: JobPatch) -> Response[JobOut]:
    """Edit, start, end, cancel or reopen a job by merge patch. Needs If-Match."""
    call = _call(customer_id)
    job = usecases.change_job(
        call,
        job_id,
        body.values(),
        if_version=conditional.if_match(router),
        places=parts.places(),
    )
    shown = JobOut.shown(usecases.show_job(call, job, places=parts.places()))
    return conditional.tagged(shown, shown.version)


@router.delete(_ONE, middlewares=OFFICE, tags=["jobs"], status_code=204)
def remove_job(customer_id: str, job_id: str) -> Response[Any]:
    """Remove a scheduled job. Needs If-Match; 409 once it was begun: cancel it then."""
    usecases.remove_job(_call(customer_id), job_id, if_version=conditional.if_match(router))
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
