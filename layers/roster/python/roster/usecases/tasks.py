"""Tasks for customers: who does what until when."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from roster.domain.customer import Customer
from roster.domain.record import Family, record_id
from roster.domain.task import Task, TaskFilter, TaskStatus, edit_task
from roster.usecases import record_keeping as keeping
from roster.usecases.customers import read_customer
from roster.usecases.joining import owners
from roster.usecases.narrowing import narrowed
from roster.usecases.ports import Customers, Page
from roster.usecases.record_keeping import Call, Listed
from roster.usecases.record_ports import Records
from roster.usecases.reminders import ReminderSchedule, plan_reminder


def add_task(
    call: Call[Task],
    values: Mapping[str, Any],
    *,
    schedule: ReminderSchedule,
    request_key: str | None,
) -> Task:
    """A new task; raises Invalid, and Unavailable where its reminder cannot be set."""

    def make(customer: Customer, now: datetime) -> Task:
        blank = Task(
            id=record_id(Family.TASK, now),
            tenant=call.tenant,
            customer_id=customer.id,
            created_at=now,
            updated_at=now,
            created_by=call.actor,
            title="",
        )
        task = edit_task(blank, {"title": None, **values}, now)
        plan_reminder(task, now, schedule=schedule)
        return task

    return keeping.add(call, make, verb="created", request_key=request_key)


def change_task(
    call: Call[Task],
    task_id: str,
    values: Mapping[str, Any],
    *,
    if_version: int | None,
    schedule: ReminderSchedule,
) -> Task:
    """Merge `values` into the task; `status` completes and reopens it. Raises Invalid."""

    def step(task: Task, now: datetime) -> Task:
        after = edit_task(task, values, now)
        if (after.remind_at, after.status) != (task.remind_at, task.status):
            plan_reminder(after, now, schedule=schedule)
        return after

    return keeping.change(call, task_id, step, if_version=if_version, verbs=_told)


def _told(before: Task, after: Task) -> Sequence[str]:
    verbs: list[str] = []
    if after.status is not before.status:
        verbs.append("completed" if after.status is TaskStatus.DONE else "reopened")
    rest = replace(
        after,
        status=before.status,
        completed_at=before.completed_at,
        version=before.version,
        updated_at=before.updated_at,
    )
    return verbs if rest == before else [*verbs, "edited"]


def tasks_of_customer(
    call: Call[Task], wanted: TaskFilter, *, limit: int, after: str | None
) -> Page[Task]:
    """The customer's tasks that are wanted, newest first; raises NotFound or Gone."""
    customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
    return _of(customer, wanted, call.records, call.clock().date(), limit, after)


def _of(
    customer: Customer,
    wanted: TaskFilter,
    records: Records[Task],
    today: date,
    limit: int,
    after: str | None,
) -> Page[Task]:
    return narrowed(
        lambda size, position: records.page(
            customer.tenant, owners(customer), limit=size, after=position
        ),
        lambda task: wanted.fits(task, today),
        lambda task: task.id,
        limit=limit,
        after=after,
    )


def all_tasks(
    tenant: str,
    wanted: TaskFilter,
    *,
    customer_id: str | None,
    today: date,
    limit: int,
    after: str | None,
    customers: Customers,
    records: Records[Task],
) -> Page[Listed[Task]]:
    """The company's tasks by due date; of one customer, if asked, the newest first."""
    if customer_id is not None:
        customer = read_customer(tenant, customer_id, customers=customers)
        page = _of(customer, wanted, records, today, limit, after)
        return Page([Listed(task, customer) for task in page.items], page.next)
    shelves = _shelves(wanted)
    since = wanted.due_from.isoformat() if wanted.due_from else ""
    until = _until(wanted, today)
    if not shelves or (until and since > until):
        return Page([])
    return keeping.across(
        tenant,
        shelves,
        customer_id=None,
        limit=limit,
        after=after,
        customers=customers,
        records=records,
        since=since,
        until=until,
        newest_first=False,
        keeps=lambda task: wanted.fits(task, today),
    )


def _shelves(wanted: TaskFilter) -> list[str]:
    return [
        str(status)
        for status in TaskStatus
        if wanted.status in (None, status) and not (wanted.overdue and status is TaskStatus.DONE)
    ]


def _until(wanted: TaskFilter, today: date) -> str:
    """The last due date to look at; empty for all."""
    bounds = [wanted.due_to] if wanted.due_to else []
    if wanted.overdue:
        bounds.append(today - timedelta(days=1))
    return min(bounds).isoformat() if bounds else ""
