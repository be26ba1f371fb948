"""Projects of customers."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from functions.records_api.record_schemas import CustomerRef, RecordIn, RecordOut
from roster import bootstrap
from roster.bootstrap import parts, records
from roster.domain.project import Phase, Project, check_project
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import projects as usecases
from roster.usecases import record_keeping as keeping

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/projects"
_ONE = f"{_ALL}/<project_id>"


class ProjectPatch(RecordIn):
    """What may be set on a project; in a merge patch an absent field keeps, null clears.

    `closed` ends it whatever its dates say. `location_id` is one of the customer's locations.
    """

    name: str | None = None
    description: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    closed: Annotated[bool | None, Field(strict=True)] = None
    location_id: str | None = None

    @field_validator("*", mode="after")
    @classmethod
    def _keeps_the_rules(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name == "name" and not value:
            raise PydanticCustomError("required", "name cannot be empty")
        # With the fields before it: dates have an order.
        for error in check_project({**info.data, str(info.field_name): value}):
            if error.pointer == f"/{info.field_name}":
                raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
        return value


class ProjectIn(ProjectPatch):
    """A new project; a name is enough."""

    name: str


class ProjectRow(RecordOut):
    """A project as a list shows it; its phase is that of today (UTC)."""

    name: str
    start_date: date | None
    end_date: date | None
    closed: bool
    phase: Phase
    location_id: str | None

    @classmethod
    def today(cls, project: Project, **more: Any) -> Self:
        """The wire form of a project, with its phase."""
        return cls.of(project, phase=project.phase(bootstrap.clock().date()), **more)


class ProjectOut(ProjectRow):
    """A project as stored."""

    description: str | None


class ProjectPage(BaseModel):
    """A page of a customer's projects, newest first; `next_cursor` is null at the end."""

    data: list[ProjectRow]
    next_cursor: str | None


class CompanyProject(ProjectRow):
    """A project in a list across customers."""

    customer: CustomerRef


class CompanyProjectPage(BaseModel):
    """A page of projects, the latest start first; `next_cursor` is null at the end."""

    data: list[CompanyProject]
    next_cursor: str | None


def _call(customer_id: str) -> usecases.Call:
    who = caller(router)
    return usecases.Call(
        tenant=who.tenant,
        customer_id=customer_id,
        actor=who.actor,
        customers=bootstrap.customers(),
        records=records.projects(),
        locations=parts.locations(),
        clock=bootstrap.clock,
    )


def _answer(
    project: Project, status: HTTPStatus = HTTPStatus.OK, **headers: str
) -> Response[ProjectOut]:
    return conditional.tagged(ProjectOut.today(project), project.version, status, **headers)


@router.get("/v1/projects", middlewares=VIEWER, tags=["projects"])
def all_projects(
    customer_id: Annotated[str | None, Query()] = None,
    phase: Annotated[Phase | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> CompanyProjectPage:
    """The company's projects, the latest start first.

    A page may be short, as at most 500 projects are looked at, and still carry `next_cursor`.
    """
    scope = ("projects", customer_id, phase)
    today = bootstrap.clock().date()
    page = keeping.across(
        caller(router).tenant,
        ["open", "closed"] if phase in (None, Phase.PAST) else ["open"],
        customer_id=customer_id,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
        records=records.projects(),
        keeps=lambda project: phase in (None, project.phase(today)),
    )
    return CompanyProjectPage(
        data=[
            CompanyProject.today(listed.record, customer=CustomerRef.of(listed.customer))
            for listed in page.items
        ],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(_ALL, middlewares=VIEWER, tags=["projects"])
def list_projects(
    customer_id: str,
    phase: Annotated[Phase | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ProjectPage:
    """The projects of a customer, newest first."""
    scope = ("projects", customer_id, phase)
    page = usecases.of_customer(
        _call(customer_id), phase, limit=limit, after=cursors.decode(cursor, *scope)
    )
    return ProjectPage(
        data=[ProjectRow.today(project) for project in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["projects"], status_code=201)
def add_project(customer_id: str, body: ProjectIn) -> Response[ProjectOut]:
    """Add a project."""
    call = _call(customer_id)
    key = idempotency.of_request(router, call.tenant)
    project = usecases.add_project(call, body.values(), request_key=key)
    path = f"/v1/customers/{project.customer_id}/projects/{project.id}"
    return _answer(project, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["projects"])
def read_project(customer_id: str, project_id: str) -> Response[ProjectOut]:
    """Read a project. Its phase moves by itself, so there is no 304."""
    return _answer(keeping.read(_call(customer_id), project_id))


@router.patch(_ONE, middlewares=OFFICE, tags=["projects"])
def edit_project(customer_id: str, project_id: str, body: ProjectPatch) -> Response[ProjectOut]:
    """Edit a project by merge patch; `closed` ends or reopens it. Needs If-Match."""
    version = conditional.if_match(router)
    return _answer(
        usecases.edit_project(_call(customer_id), project_id, body.values(), if_version=version)
    )


@router.delete(_ONE, middlewares=OFFICE, tags=["projects"], status_code=204)
def remove_project(customer_id: str, project_id: str) -> Response[Any]:
    """Remove a project. Needs If-Match."""
    keeping.remove(_call(customer_id), project_id, if_version=conditional.if_match(router))
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
