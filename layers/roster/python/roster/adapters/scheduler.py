"""Reminders as one-time schedules of EventBridge Scheduler, which go once they have fired."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from roster.domain.errors import Unavailable
from roster.usecases.reminders import Reminder

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient


class SchedulerReminders:
    """Implements `reminders.ReminderSchedule`."""

    def __init__(
        self,
        client: "EventBridgeSchedulerClient",
        *,
        prefix: str,
        target: str,
        role: str,
        dead_letters: str,
    ) -> None:
        self._client, self._prefix = client, prefix
        self._target, self._role, self._dead_letters = target, role, dead_letters

    def set(self, reminder: Reminder, *, at: datetime) -> None:
        """See `reminders.ReminderSchedule.set`; a schedule's name is its task and its second."""
        second = _rounded_up(at)
        try:
            self._client.create_schedule(
                Name=f"{self._prefix}{reminder.task_id}-{int(second.timestamp())}",
                ScheduleExpression=f"at({second:%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self._target,
                    "RoleArn": self._role,
                    "Input": message_of(reminder),
                    "DeadLetterConfig": {"Arn": self._dead_letters},
                    "RetryPolicy": {
                        "MaximumRetryAttempts": 185,
                        "MaximumEventAgeInSeconds": 86_400,
                    },
                },
            )
        except self._client.exceptions.ConflictException:
            return
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("the scheduler did not take the reminder") from error


def _rounded_up(moment: datetime) -> datetime:
    """Schedules know whole seconds, and none may fire before its moment."""
    moment = moment.astimezone(UTC)
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + timedelta(seconds=1)


def message_of(reminder: Reminder) -> str:
    """What the schedule hands to the function."""
    return orjson.dumps(
        {
            "tenant": reminder.tenant,
            "customer_id": reminder.customer_id,
            "task_id": reminder.task_id,
            "remind_at": reminder.remind_at,
        }
    ).decode()


def reminder_from(event: dict[str, Any]) -> Reminder:
    """A reminder from what the function was handed; raises KeyError or ValueError otherwise."""
    return Reminder(
        tenant=str(event["tenant"]),
        customer_id=str(event["customer_id"]),
        task_id=str(event["task_id"]),
        remind_at=datetime.fromisoformat(event["remind_at"]),
    )
