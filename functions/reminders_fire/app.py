"""A schedule's moment has come → the timeline says that something was to be done."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.adapters.scheduler import reminder_from
from roster.bootstrap import records
from roster.domain.events import Actor
from roster.runtime import observability
from roster.usecases.record_keeping import Call
from roster.usecases.reminders import fire_reminder

logger = observability.logger()
_ROSTER = Actor("roster")


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Handle one reminder; it may come late and twice."""
    reminder = reminder_from(event)
    logger.append_keys(tenant=reminder.tenant, task_id=reminder.task_id)
    call = Call(
        tenant=reminder.tenant,
        customer_id=reminder.customer_id,
        actor=_ROSTER,
        customers=bootstrap.customers(),
        records=records.tasks(),
        clock=bootstrap.clock,
    )
    outcome = fire_reminder(call, reminder)
    logger.info("a reminder fired", extra={"outcome": outcome})
    observability.count("RemindersFired", outcome=outcome)
    return {"outcome": outcome}
