"""Schedule → queue: one message for each QuickBooks connection that is due.

A message that could not be sent is not lost: its run is stored, and a later turn takes it up.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster.bootstrap import quickbooks
from roster.runtime import observability
from roster.usecases.quickbooks.connecting import due_connections
from roster.usecases.quickbooks.runs import next_message

logger = observability.logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Look at every connection that is due; one that fails does not stop the others."""
    _ = event, context
    ports = quickbooks.ports()
    sent, failed = 0, 0
    for tenant in due_connections(ports=ports):
        logger.append_keys(tenant=tenant)
        try:
            found = next_message(tenant, ports=ports)
            if found is not None:
                ports.queue.send(found[0], attempt=found[1])
                sent += 1
        except Exception:
            logger.exception("the connection could not be dispatched")
            failed += 1
    observability.count("SyncDispatched", sent)
    observability.count("SyncDispatchFailed", failed)
    return {"sent": sent, "failed": failed}
