"""Reminders of tasks: a moment at which the timeline says that something was to be done.

The schedule is made before the task is written, so that no task waits for a reminder that nobody
will send; a schedule whose task was not written, was moved or was done fires into nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from roster.domain.activities import activity
from roster.domain.errors import Gone, NotFound, StaleVersion
from roster.domain.record import moved
from roster.domain.task import Task
from roster.usecases import record_keeping as keeping
from roster.usecases.record_keeping import Call

# No request takes longer: when the schedule fires, the write of its task has succeeded or failed.
_SHORTEST_NOTICE = timedelta(seconds=30)
_ATTEMPTS = 8
_NOUN = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """What fires; `customer_id` is the one the task lies with."""

    tenant: str
    customer_id: str
    task_id: str
    remind_at: datetime


class ReminderSchedule(Protocol):
    """Calls back once at a moment."""

    def set(self, reminder: Reminder, *, at: datetime) -> None:
        """Have the reminder fire at `at`; the same twice is one. Raises Unavailable."""


class Outcome(StrEnum):
    """What a reminder that fired came to."""

    TOLD = "told"
    NOT_WANTED = "not_wanted"
    NO_TASK = "no_task"


def plan_reminder(task: Task, now: datetime, *, schedule: ReminderSchedule) -> None:
    """Make sure that the task's reminder, if one is still wanted, will fire; before it is written.

    One that is due in less than half a minute fires half a minute from now; one that is past (of a
    task that is reopened) never will.
    """
    if task.remind_at is None or task.remind_at <= now or not task.awaits(task.remind_at):
        return
    reminder = Reminder(
        tenant=task.tenant,
        customer_id=task.customer_id,
        task_id=task.id,
        remind_at=task.remind_at,
    )
    schedule.set(reminder, at=max(task.remind_at, now + _SHORTEST_NOTICE))


def fire_reminder(call: Call[Task], reminder: Reminder) -> Outcome:
    """Tell the timeline, once however often it fires; not of a task that no longer wants it."""
    for _ in range(_ATTEMPTS):
        now = call.clock()
        try:
            customer, before = keeping.find(call, reminder.task_id)
        except (NotFound, Gone):
            return Outcome.NO_TASK
        if not before.awaits(reminder.remind_at):
            return Outcome.NOT_WANTED
        after = moved(before, replace(before, reminded_at=now), now)
        told = replace(activity(after, "fired", call.actor, now), noun=_NOUN)
        try:
            call.records.save(customer, before, after, [told])
        except StaleVersion:
            continue
        return Outcome.TOLD
    raise StaleVersion(f"{reminder.task_id} keeps changing")
