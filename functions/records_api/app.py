"""/v1/customers/{id}/…: what hangs on a customer. So far its documents."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.records_api import documents
from roster import bootstrap
from roster.runtime import http, observability

logger = observability.logger()
app = http.new_api()
app.include_router(documents.router)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return http.handle(app, event, context, store=bootstrap.idempotency_store)
