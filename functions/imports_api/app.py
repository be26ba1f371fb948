"""/v1/imports: start an import, watch it, read its plan, confirm, cancel or undo it."""

import base64
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.imports_api import mapping
from functions.imports_api.schemas import (
    Confirmation,
    ErrorFileOut,
    ImportIn,
    ImportOut,
    ImportPage,
    ImportRow,
    KeptPage,
    Nothing,
    PlanPage,
    StartedImport,
)
from roster import bootstrap
from roster.bootstrap import imports
from roster.domain.exports import ExportFormat
from roster.domain.imports.job import Import
from roster.domain.imports.told import Told
from roster.runtime import cursors, http, observability
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases.imports import errors as erring
from roster.usecases.imports import lifecycle as usecases
from roster.usecases.imports import template as templates
from roster.usecases.imports import undo as undoing
from roster.usecases.ports import Page

logger = observability.logger()
app = http.new_api()
app.include_router(mapping.router)
_ISSUES_SHOWN = 200


def _whole(job: Import) -> ImportOut:
    issues = usecases.import_issues(job, limit=_ISSUES_SHOWN, files=imports.files())
    return ImportOut.whole(job, issues, bootstrap.clock())


@app.post("/v1/imports", middlewares=OFFICE, tags=["imports"], status_code=201)
def start_import(body: ImportIn) -> Response[StartedImport]:
    """Announce a spreadsheet. Send the file as `upload` says; the import goes on by itself."""
    who = caller(app)
    job, upload = usecases.start_import(
        who.tenant,
        filename=body.filename,
        size=body.size,
        confirm=body.options.confirm,
        kind=body.options.kind,
        asked=body.options.asked(),
        told=Told(
            encoding=body.options.encoding,
            delimiter=body.options.delimiter,
            sheet=body.options.sheet,
        ),
        actor=who.actor,
        imports=imports.repository(),
        files=imports.files(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    observability.count("ImportsStarted")
    return Response(
        status_code=int(HTTPStatus.CREATED),
        content_type="application/json",
        body=StartedImport.started(job, upload, bootstrap.clock()),
        headers={"Location": f"/v1/imports/{job.id}"},
    )


@app.get("/v1/imports", middlewares=VIEWER, tags=["imports"])
def list_imports(
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ImportPage:
    """Imports, newest first."""
    now = bootstrap.clock()
    page = usecases.list_imports(
        caller(app).tenant,
        limit=limit,
        after=cursors.decode(cursor, "imports"),
        imports=imports.repository(),
    )
    return ImportPage(
        data=[ImportRow.of(job, now) for job in page.items],
        next_cursor=cursors.encode(page.next, "imports"),
    )


def _as_bytes(
    app: APIGatewayHttpResolver, next_middleware: Callable[..., Response[Any]]
) -> Response[Any]:
    """Let a file through the check of answers, which knows texts alone, as base64."""
    answer = next_middleware(app)
    answer.body = base64.b64decode(answer.body or "")
    return answer


@app.get("/v1/imports/template", middlewares=[*VIEWER, _as_bytes], tags=["imports"])
def import_template(
    file_format: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.XLSX,
) -> Response[str]:
    """A file to fill in, as bytes: a heading for every field that an import can set."""
    content = templates.import_template(
        caller(app).tenant,
        file_format,
        settings=bootstrap.company_settings(),
        write=imports.write_sheet(),
        clock=bootstrap.clock,
    )
    return Response(
        status_code=int(HTTPStatus.OK),
        content_type=file_format.media_type,
        body=base64.b64encode(content).decode(),
        headers={
            "Content-Disposition": f'attachment; filename="customers-template.{file_format}"',
            "Cache-Control": "no-store",
        },
    )


@app.get("/v1/imports/<import_id>", middlewares=VIEWER, tags=["imports"])
def read_import(import_id: str) -> ImportOut:
    """How an import stands: progress, the plan to confirm, the rows that went wrong and why."""
    return _whole(usecases.read_import(caller(app).tenant, import_id, imports=imports.repository()))


def _lines(
    read: Callable[..., Page[dict[str, Any]]],
    import_id: str,
    what: str,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """A page of one of the import's working files; `what` keeps their cursors apart."""
    scope = (what, import_id)
    page = read(
        caller(app).tenant,
        import_id,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        imports=imports.repository(),
        files=imports.files(),
    )
    return {"data": page.items, "next_cursor": cursors.encode(page.next, *scope)}


@app.get("/v1/imports/<import_id>/plan", middlewares=VIEWER, tags=["imports"])
def read_plan(
    import_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> PlanPage:
    """What becomes of each row of the file, in its order."""
    return PlanPage(**_lines(usecases.import_plan_page, import_id, "plan", limit, cursor))


@app.get("/v1/imports/<import_id>/errors", middlewares=VIEWER, tags=["imports"])
def read_errors(
    import_id: str,
    file_format: Annotated[ExportFormat | None, Query(alias="format")] = None,
) -> Response[ErrorFileOut]:
    """Every row that failed, in the layout of the file: fix it there and import it again.

    The link holds for five minutes. 409 `no_errors` while no row has failed.
    """
    found = erring.error_file_link(
        caller(app).tenant,
        import_id,
        file_format,
        imports=imports.repository(),
        files=imports.files(),
        clock=bootstrap.clock,
    )
    return Response(
        status_code=int(HTTPStatus.OK),
        content_type="application/json",
        body=ErrorFileOut.of(*found),
        headers={"Cache-Control": "no-store"},
    )


@app.post("/v1/imports/<import_id>/confirm", middlewares=OFFICE, tags=["imports"])
def confirm_import(import_id: str, body: Confirmation) -> ImportOut:
    """Load what was planned; 412 `plan_moved` when customers changed since."""
    job = usecases.confirm_import(
        caller(app).tenant,
        import_id,
        plan_hash=body.plan_hash,
        imports=imports.repository(),
        files=imports.files(),
        customers=bootstrap.customers(),
        executions=imports.executions(),
        clock=bootstrap.clock,
    )
    return _whole(job)


@app.post("/v1/imports/<import_id>/cancel", middlewares=OFFICE, tags=["imports"])
def cancel_import(import_id: str, body: Annotated[Nothing | None, Body()] = None) -> ImportOut:
    """Give an import up; one that is loading stops before its next chunk."""
    _ = body
    job = usecases.cancel_import(
        caller(app).tenant, import_id, imports=imports.repository(), clock=bootstrap.clock
    )
    return _whole(job)


@app.post("/v1/imports/<import_id>/undo", middlewares=OFFICE, tags=["imports"])
def undo_import(import_id: str, body: Annotated[Nothing | None, Body()] = None) -> ImportOut:
    """Remove the customers that an import created and set back those it changed, within 90 days.

    Those touched since stay; it can be asked again for them, as when a later import is undone too.
    """
    _ = body
    who = caller(app)
    job = undoing.undo_import(
        who.tenant,
        import_id,
        actor=who.actor,
        imports=imports.repository(),
        executions=imports.executions(),
        clock=bootstrap.clock,
    )
    return _whole(job)


@app.get("/v1/imports/<import_id>/undo", middlewares=VIEWER, tags=["imports"])
def read_undo(
    import_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> KeptPage:
    """The customers that the undo of an import left in their place, and why, as in the file."""
    return KeptPage(**_lines(undoing.kept_customers, import_id, "undo", limit, cursor))


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    return http.handle(app, event, context, store=bootstrap.idempotency_store)
