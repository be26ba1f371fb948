"""DynamoDB stream → event bus, and the tidying up behind each write.

The handler never raises: a record that fails twice is parked in a queue with an alarm, and one
that cannot even be parked is reported, so that the stream comes back to it.
"""

from typing import Any

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.adapters.dynamodb.stream import step_of
from roster.bootstrap import stream
from roster.runtime import observability
from roster.usecases import announcing

logger = observability.logger()
_TRIES = 2


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Handle records in order; what is neither handled nor parked comes again with the rest."""
    for record in event["Records"]:
        if not (_handled(record) or _parked(record)):
            sequence = record["dynamodb"]["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": sequence}]}
    return {"batchItemFailures": []}


def _handled(record: dict[str, Any]) -> bool:
    for _ in range(_TRIES):
        try:
            _handle(record)
        except Exception:
            logger.exception("a record of the stream failed", extra=_where(record))
        else:
            return True
    return False


def _handle(record: dict[str, Any]) -> None:
    step = step_of(record)
    if step is None:
        return
    if step.event:
        announcing.announce(step.tenant, step.event, announcements=stream.event_bus())
    if step.activity:
        announcing.announce_activity(step.activity, announcements=stream.event_bus())
    for told in step.imports:
        announcing.announce_import(told, announcements=stream.event_bus())
    if step.before and step.after:
        announcing.tidy_up(step.before, step.after, customers=bootstrap.customers())


def _parked(record: dict[str, Any]) -> bool:
    try:
        stream.parked_records().send(orjson.dumps(record, default=str).decode())
    except Exception:
        logger.exception("a record of the stream could not be parked", extra=_where(record))
        return False
    observability.count("RecordsParked")
    return True


def _where(record: dict[str, Any]) -> dict[str, Any]:
    keys = record["dynamodb"].get("Keys", {})
    return {"sequence": record["dynamodb"].get("SequenceNumber"), "keys": keys}
