"""Quotes and invoices as PDF. Apart from the other records, whose function needs no fonts."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.papers_api.schemas import PaperOut
from roster.bootstrap import records, sales
from roster.runtime import http, observability
from roster.runtime.callers import VIEWER, caller
from roster.usecases import papers as usecases
from roster.usecases.ports import Download

logger = observability.logger()
app = http.new_api()


@app.get("/v1/customers/<customer_id>/quotes/<quote_id>/pdf", middlewares=VIEWER, tags=["quotes"])
def quote_pdf(customer_id: str, quote_id: str) -> Response[PaperOut]:
    """The quote as PDF, on the letterhead of the settings: where to fetch it for five minutes."""
    call = records.call(caller(app), customer_id, sales.quotes())
    return _answer(usecases.quote_pdf(call, quote_id, office=sales.print_office()))


@app.get(
    "/v1/customers/<customer_id>/invoices/<invoice_id>/pdf", middlewares=VIEWER, tags=["invoices"]
)
def invoice_pdf(customer_id: str, invoice_id: str) -> Response[PaperOut]:
    """The invoice as PDF, with what was paid of it: where to fetch it for five minutes."""
    call = records.call(caller(app), customer_id, sales.invoices())
    return _answer(usecases.invoice_pdf(call, invoice_id, office=sales.print_office()))


def _answer(download: Download) -> Response[PaperOut]:
    return Response(
        status_code=int(HTTPStatus.OK),
        content_type="application/json",
        body=PaperOut.of(download),
        headers={"Cache-Control": "no-store"},
    )


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API; nothing is posted here."""
    return http.handle(app, event, context)
