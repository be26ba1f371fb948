"""/v1/exports: ask for a list of customers as a file, watch it being made, fetch it."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.exports_api.schemas import ExportIn, ExportOut, ExportPage, ExportRow
from roster import bootstrap
from roster.bootstrap import exports
from roster.domain.exports import Export
from roster.runtime import cursors, http, observability
from roster.runtime.callers import VIEWER, caller
from roster.usecases import exports as usecases

logger = observability.logger()
app = http.new_api()


def _whole(export: Export) -> ExportOut:
    link = usecases.export_link(export, files=exports.files(), clock=bootstrap.clock)
    return ExportOut.whole(export, link)


@app.post("/v1/exports", middlewares=VIEWER, tags=["exports"], status_code=202)
def start_export(body: ExportIn) -> Response[ExportOut]:
    """Ask for the customers that `filters` describe as a file; look at it until it is completed.

    An exported file imports back without a change. With `as_of` it is the list as it stood then,
    and the filters look at the values of that time; `q` cannot be used with it (400).
    """
    who = caller(app)
    export = usecases.start_export(
        who.tenant,
        file_format=body.format,
        wanted=body.filters.wanted(),
        as_of=body.moment(bootstrap.clock()),
        actor=who.actor,
        exports=exports.repository(),
        queue=exports.queue(),
        clock=bootstrap.clock,
    )
    observability.count("ExportsStarted", format=export.format)
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=_whole(export),
        headers={"Location": f"/v1/exports/{export.id}"},
    )


@app.get("/v1/exports", middlewares=VIEWER, tags=["exports"])
def list_exports(
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ExportPage:
    """Exports of the last 30 days, newest first."""
    page = usecases.list_exports(
        caller(app).tenant,
        limit=limit,
        after=cursors.decode(cursor, "exports"),
        exports=exports.repository(),
        clock=bootstrap.clock,
    )
    return ExportPage(
        data=[ExportRow.of(export) for export in page.items],
        next_cursor=cursors.encode(page.next, "exports"),
    )


@app.get("/v1/exports/<export_id>", middlewares=VIEWER, tags=["exports"])
def read_export(export_id: str) -> Response[ExportOut]:
    """How an export stands; once it is completed, a link that holds for five minutes."""
    export = usecases.read_export(
        caller(app).tenant, export_id, exports=exports.repository(), clock=bootstrap.clock
    )
    return Response(
        status_code=int(HTTPStatus.OK),
        content_type="application/json",
        body=_whole(export),
        headers={"Cache-Control": "no-store"},
    )


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return http.handle(app, event, context, store=bootstrap.idempotency_store)
