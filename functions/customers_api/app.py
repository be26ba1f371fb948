"""/v1/customers: the record, its life, its lists and its history; and the API's own papers."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.customers_api import (
    duplicates,
    erasing,
    finding,
    history,
    lifecycle,
    many,
    merging,
    papers,
    past,
    record,
)
from roster import bootstrap
from roster.runtime import http, observability

logger = observability.logger()
app = http.new_api()
for routes in (
    finding,
    duplicates,
    record,
    lifecycle,
    history,
    past,
    many,
    merging,
    erasing,
    papers,
):
    app.include_router(routes.router)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return http.handle(app, event, context, store=bootstrap.idempotency_store)
