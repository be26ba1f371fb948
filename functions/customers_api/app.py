"""/v1/customers: records, lives, lists, parts and history; and the API's own papers."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.customers_api import (
    contacts,
    duplicates,
    erasing,
    finding,
    history,
    lifecycle,
    locations,
    many,
    merging,
    papers,
    past,
    positions,
    record,
)
from roster import bootstrap
from roster.runtime import http, observability

logger = observability.logger()
app = http.new_api(record.also_wrong)
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
    locations,
    positions,
    contacts,
    papers,
):
    app.include_router(routes.router)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return http.handle(app, event, context, store=bootstrap.idempotency_store)
