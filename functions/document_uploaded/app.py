"""S3 "Object Created" → the uploaded document is judged by its content: active or refused."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.adapters.s3.documents import place_of
from roster.bootstrap import records
from roster.runtime import observability
from roster.usecases import records as usecases
from roster.usecases.records import Outcome

logger = observability.logger()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Handle one event of the documents bucket; it may come late, twice and out of order."""
    created = event["detail"]["object"]
    place = place_of(created["key"])
    if place is None:
        logger.warning("an object that is no document was ignored", extra={"key": created["key"]})
        return {"outcome": Outcome.NO_DOCUMENT}
    outcome = usecases.judge_upload(
        place,
        object_version=created.get("version-id"),
        documents=records.documents(),
        files=records.document_files(),
        clock=bootstrap.clock,
    )
    where = asdict(place)
    if outcome is Outcome.NO_DOCUMENT:
        logger.warning("a file without a document was discarded", extra=where)
    else:
        logger.info("an upload was handled", extra={**where, "outcome": outcome})
    observability.count("DocumentUploads", outcome=outcome)
    return {"outcome": outcome}
