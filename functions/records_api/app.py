"""What hangs on a customer: its documents and records, and the reports of what happened there."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.records_api import (
    assets,
    books,
    documents,
    invoices,
    jobs,
    messages,
    notes,
    payments,
    profile,
    projects,
    quotes,
    reports,
    tasks,
)
from roster import bootstrap
from roster.runtime import http, observability

logger = observability.logger()
app = http.new_api()
for routes in (
    documents,
    notes,
    tasks,
    jobs,
    messages,
    quotes,
    invoices,
    payments,
    projects,
    assets,
    books,
    profile,
    reports,
):
    app.include_router(routes.router)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return http.handle(app, event, context, store=bootstrap.idempotency_store)
