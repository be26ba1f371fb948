"""Tasks of a customer, and the company's across customers."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.records_api.task_schemas import (
    ListedTask,
    TaskIn,
    TaskList,
    TaskOut,
    TaskPage,
    TaskPatch,
    TaskRow,
)
from roster import bootstrap
from roster.bootstrap import records
from roster.domain.task import Task, TaskFilter, TaskStatus
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import record_keeping as keeping
from roster.usecases import tasks as usecases
from roster.usecases.record_keeping import Call

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/tasks"
_ONE = f"{_ALL}/<task_id>"


def _call(customer_id: str) -> Call[Task]:
    return records.call(caller(router), customer_id, records.tasks())


@router.get("/v1/tasks", middlewares=VIEWER, tags=["tasks"])
def list_tasks(
    customer_id: Annotated[str | None, Query()] = None,
    status: Annotated[TaskStatus | None, Query()] = None,
    assignee: Annotated[str | None, Query()] = None,
    due_from: Annotated[date | None, Query()] = None,
    due_to: Annotated[date | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> TaskList:
    """The company's tasks by due date, those without one last; of one customer newest first.

    A task is overdue from the day (UTC) after its due date on until it is done.
    """
    who = caller(router)
    wanted = TaskFilter(
        status=status, assignee=assignee, due_from=due_from, due_to=due_to, overdue=overdue
    )
    scope = ("all tasks", customer_id, wanted)
    page = usecases.all_tasks(
        who.tenant,
        wanted,
        customer_id=customer_id,
        today=bootstrap.clock().date(),
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
        records=records.tasks(),
    )
    return TaskList(
        data=[ListedTask.listed(one) for one in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(_ALL, middlewares=VIEWER, tags=["tasks"])
def customer_tasks(
    customer_id: str,
    status: Annotated[TaskStatus | None, Query()] = None,
    assignee: Annotated[str | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> TaskPage:
    """The tasks of a customer, newest first."""
    wanted = TaskFilter(status=status, assignee=assignee, overdue=overdue)
    scope = ("tasks", customer_id, wanted)
    page = usecases.tasks_of_customer(
        _call(customer_id), wanted, limit=limit, after=cursors.decode(cursor, *scope)
    )
    return TaskPage(
        data=[TaskRow.of(task) for task in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["tasks"], status_code=201)
def add_task(customer_id: str, body: TaskIn) -> Response[TaskOut]:
    """Add a task; with `remind_at` the timeline reminds of it at that moment."""
    call = _call(customer_id)
    key = idempotency.of_request(router, call.tenant)
    task = usecases.add_task(
        call, body.values(), schedule=records.reminder_schedule(), request_key=key
    )
    path = f"/v1/customers/{task.customer_id}/tasks/{task.id}"
    return conditional.tagged(TaskOut.of(task), task.version, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["tasks"])
def read_task(customer_id: str, task_id: str) -> Response[TaskOut]:
    """Read a task; 304 when If-None-Match holds its version."""
    task = keeping.read(_call(customer_id), task_id)
    conditional.unless_known(router, task.version)
    return conditional.tagged(TaskOut.of(task), task.version)


@router.patch(_ONE, middlewares=OFFICE, tags=["tasks"])
def edit_task(customer_id: str, task_id: str, body: TaskPatch) -> Response[TaskOut]:
    """Edit, complete (`status` done), reopen or move a task by merge patch. Needs If-Match."""
    task = usecases.change_task(
        _call(customer_id),
        task_id,
        body.values(),
        if_version=conditional.if_match(router),
        schedule=records.reminder_schedule(),
    )
    return conditional.tagged(TaskOut.of(task), task.version)


@router.delete(_ONE, middlewares=OFFICE, tags=["tasks"], status_code=204)
def remove_task(customer_id: str, task_id: str) -> Response[Any]:
    """Remove a task; its reminder will not fire. Needs If-Match."""
    keeping.remove(_call(customer_id), task_id, if_version=conditional.if_match(router))
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
