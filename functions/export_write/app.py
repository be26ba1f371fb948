"""Queue → one export's file, from the start each time: a worker that was killed leaves nothing."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.adapters.export_queue import message_from
from roster.bootstrap import exports
from roster.runtime import observability
from roster.usecases.exports import write_export

logger = observability.logger()
# What ending in good order may take.
_SPARED = timedelta(seconds=30)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Make the exports of the batch; those that fail, or are another's, come back later."""
    failures = []
    for record in event["Records"]:
        try:
            _work(record["body"], timedelta(milliseconds=context.get_remaining_time_in_millis()))
        except Exception:
            logger.exception("the export was not made; it comes back")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _work(body: str, time_left: timedelta) -> None:
    tenant, export_id = message_from(body)
    logger.append_keys(tenant=tenant, export_id=export_id)
    made = write_export(
        tenant,
        export_id,
        until=bootstrap.clock() + time_left - _SPARED,
        exports=exports.repository(),
        files=exports.files(),
        customers=bootstrap.customers(),
        whole=exports.whole_customers(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    if made is None:
        logger.info("there is nothing to do: the export has ended")
        return
    observability.count("ExportsMade", format=made.format, status=made.status)
    logger.info("export made", extra={"rows": made.rows_done, "reason": made.reason})
