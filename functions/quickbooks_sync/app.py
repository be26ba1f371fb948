"""Queue → one slice of one connection's sync. The queue is FIFO, so a connection has one worker.

A slice that fails comes back: the batch answer names it and what follows it, for a later slice must
not overtake it.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster.adapters.slice_queue import message_from
from roster.bootstrap import quickbooks
from roster.domain.sync.connection import QuickBooksFault, SliceMessage
from roster.domain.sync.steps import Verb
from roster.runtime import observability
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.runs import sync_slice

logger = observability.logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do the slices in order and stop at the first that fails."""
    _ = context
    records = event["Records"]
    for done, record in enumerate(records):
        try:
            _work(message_from(record["body"]), quickbooks.ports())
        except QuickBooksFault as fault:
            logger.warning(
                "QuickBooks did not answer; the slice comes back",
                extra={"fault": fault.fault_code or fault.status, "intuit_tid": fault.tid},
            )
            return _left(records[done:])
        except Exception:
            logger.exception("the slice failed")
            return _left(records[done:])
    return {"batchItemFailures": []}


def _left(records: list[dict[str, Any]]) -> dict[str, Any]:
    observability.count("SyncSliceFailed", len(records))
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in records]}


def _work(message: SliceMessage, ports: QuickBooksPorts) -> None:
    logger.append_keys(tenant=message.tenant, run_id=message.run, slice=message.slice)
    before = ports.state.run(message.tenant, message.run)
    following = sync_slice(message, ports=ports)
    after = ports.state.run(message.tenant, message.run)
    if before is not None and after is not None:
        for verb, total in after.counts.items():
            moved = total - before.counts.get(verb, 0)
            if moved:
                observability.count("SyncActions", moved, action=verb)
            if moved and verb == Verb.CREATE_HERE:
                observability.count("CustomersCreated", moved, source="quickbooks")
        observability.count("QuickBooksCalls", after.calls - before.calls)
        extra = {"status": after.status, "counts": dict(after.counts), "calls": after.calls}
        logger.info("slice done", extra=extra)
    if following is not None:
        ports.queue.send(following)
