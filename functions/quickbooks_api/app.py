"""/v1/quickbooks: the connection to a QuickBooks company and the runs of its sync."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.quickbooks_api import (
    conflicts,
    connection,
    mappings,
    policy,
    preflight,
    redriving,
    runs,
    webhook,
)
from roster import bootstrap
from roster.runtime import http, observability

logger = observability.logger()
app = http.new_api(policy.also_wrong)
for routes in (connection, policy, preflight, mappings, conflicts, runs, redriving, webhook):
    app.include_router(routes.router)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return http.handle(app, event, context, store=bootstrap.idempotency_store)
