"""Tasks on the wire."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from functions.records_api.record_schemas import CustomerRef, RecordIn, RecordOut
from roster.domain.task import Task, TaskKind, TaskStatus
from roster.runtime.moments import Day, Moment
from roster.usecases.record_keeping import Listed


class TaskPatch(RecordIn):
    """A merge patch of a task. `remind_at` lies in the future; moving it reminds again."""

    title: str = ""
    due_date: Day | None = None
    assignee: str | None = None
    kind: TaskKind = TaskKind.OTHER
    notes: str | None = None
    status: TaskStatus = TaskStatus.OPEN
    remind_at: Moment | None = None


class TaskIn(TaskPatch):
    """A new task."""

    title: str


class TaskRow(RecordOut):
    """A task as a list shows it; `reminded_at` is when its reminder fired."""

    title: str
    due_date: date | None
    assignee: str | None
    kind: TaskKind
    status: TaskStatus
    completed_at: datetime | None
    remind_at: datetime | None
    reminded_at: datetime | None


class TaskOut(TaskRow):
    """A task as stored."""

    notes: str | None


class TaskPage(BaseModel):
    """A page of a customer's tasks; `next_cursor` is null at the end."""

    data: list[TaskRow]
    next_cursor: str | None


class ListedTask(TaskRow):
    """A task with its customer."""

    customer: CustomerRef

    @classmethod
    def listed(cls, one: Listed[Task]) -> Self:
        """The wire form of a task in a list across customers."""
        return cls.of(one.record, customer=CustomerRef.of(one.customer))


class TaskList(BaseModel):
    """A page of tasks across customers; `next_cursor` is null at the end."""

    data: list[ListedTask]
    next_cursor: str | None
