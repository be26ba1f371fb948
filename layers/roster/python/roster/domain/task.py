"""What somebody shall do for a customer: calls, visits and other follow-ups, with a reminder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from roster.domain.errors import FieldError, Invalid
from roster.domain.record import Family, Record
from roster.domain.record_values import text_errors, without_empty_texts

_TEXTS = {"title": 200, "assignee": 100, "notes": 10_000}
_FURTHEST_REMINDER = timedelta(days=5 * 366)
# Sorts after every date, and before what ends a range of keys.
_NO_DATE = "~"


class TaskKind(StrEnum):
    """What kind of follow-up it is."""

    CALL = "call"
    VISIT = "visit"
    OTHER = "other"


class TaskStatus(StrEnum):
    """Whether it is still to be done."""

    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Record):
    """A task as stored; `reminded_at` is when its reminder fired, None until then."""

    family: ClassVar[Family] = Family.TASK
    title: str
    due_date: date | None = None
    assignee: str | None = None
    kind: TaskKind = TaskKind.OTHER
    notes: str | None = None
    status: TaskStatus = TaskStatus.OPEN
    completed_at: datetime | None = None
    remind_at: datetime | None = None
    reminded_at: datetime | None = None

    @property
    def shelf(self) -> str:
        """Its status."""
        return str(self.status)

    @property
    def sorted_by(self) -> str:
        """When it is due; without a date it comes last."""
        return self.due_date.isoformat() if self.due_date else _NO_DATE

    @property
    def open_by(self) -> str | None:
        """When it is due, until it is done."""
        return self.sorted_by if self.status is TaskStatus.OPEN else None

    def awaits(self, remind_at: datetime) -> bool:
        """Whether a reminder set for that moment is still wanted."""
        return (
            self.status is TaskStatus.OPEN
            and self.remind_at == remind_at
            and self.reminded_at is None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks are wanted; None does not ask, dates are both included."""

    status: TaskStatus | None = None
    assignee: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    overdue: bool | None = None

    def fits(self, task: Task, today: date) -> bool:
        """Whether the task is wanted."""
        return (
            self.status in (None, task.status)
            and (self.assignee is None or _same(self.assignee, task.assignee))
            and (self.overdue is None or self.overdue == is_overdue(task, today))
            and self._is_due(task.due_date)
        )

    def _is_due(self, due: date | None) -> bool:
        if due is None:
            return self.due_from is None and self.due_to is None
        return (self.due_from is None or self.due_from <= due) and (
            self.due_to is None or due <= self.due_to
        )


def _same(one: str, other: str | None) -> bool:
    return other is not None and one.strip().casefold() == other.casefold()


def is_overdue(task: Task, today: date) -> bool:
    """Whether it should have been done before today."""
    return task.status is TaskStatus.OPEN and task.due_date is not None and task.due_date < today


def edit_task(task: Task, values: Mapping[str, Any], now: datetime) -> Task:
    """The task with `values` merged in; raises Invalid with every broken rule.

    A reminder that is moved may fire again.
    """
    errors = text_errors(values, _TEXTS, required="title")
    values = without_empty_texts(values)
    remind_at = values.get("remind_at")
    if remind_at is not None and remind_at != task.remind_at:
        errors += _reminder_errors(remind_at, now)
    if errors:
        raise Invalid(errors)
    after = replace(task, **values)
    if remind_at is not None:
        after = replace(after, remind_at=_in_milliseconds(remind_at))
    if after.remind_at != task.remind_at:
        after = replace(after, reminded_at=None)
    if after.status is not task.status:
        after = replace(after, completed_at=now if after.status is TaskStatus.DONE else None)
    return after


def _reminder_errors(remind_at: datetime, now: datetime) -> list[FieldError]:
    if remind_at <= now:
        return [FieldError("/remind_at", "past", "a reminder lies in the future")]
    if remind_at > now + _FURTHEST_REMINDER:
        return [FieldError("/remind_at", "too_late", "at most five years ahead")]
    return []


def _in_milliseconds(moment: datetime) -> datetime:
    """The moment in UTC, as precisely as the table keeps it."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
