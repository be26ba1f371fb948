"""/v1/me, /v1/settings, tax rates, payment terms, items: who calls, what their company has set."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.settings_api import items, settings, terms
from roster import bootstrap
from roster.runtime import http, observability

logger = observability.logger()
app = http.new_api()
for routes in (settings, terms, items):
    app.include_router(routes.router)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return http.handle(app, event, context, store=bootstrap.idempotency_store)
