"""Queue → one message to a customer is sent; what cannot be sent now comes back."""

from typing import Any

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.bootstrap import records
from roster.domain.events import Actor
from roster.runtime import observability
from roster.usecases.messages import send_message
from roster.usecases.record_keeping import Call

logger = observability.logger()
_ROSTER = Actor("roster")


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Send the messages that the events in the batch tell of; they may come twice."""
    failures = []
    for record in event["Records"]:
        try:
            _work(record["body"])
        except Exception:
            logger.exception("the message was not sent; it comes back")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _work(body: str) -> None:
    told = orjson.loads(body)["detail"]
    logger.append_keys(tenant=told["tenant"], message_id=told["record_id"])
    call = Call(
        tenant=told["tenant"],
        customer_id=told["customer_id"],
        actor=_ROSTER,
        customers=bootstrap.customers(),
        records=records.messages(),
        clock=bootstrap.clock,
    )
    outcome = send_message(call, told["record_id"], mailer=records.mailer())
    logger.info("a message was handled", extra={"outcome": outcome})
    observability.count("MessagesHandled", outcome=outcome)
