"""Connect a QuickBooks company, see how it stands, disconnect it."""

from html import escape
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.quickbooks_api.schemas import AuthorizeOut, ConnectIn, StatusOut
from roster.bootstrap import quickbooks
from roster.domain.errors import NotFound, RosterError
from roster.runtime import problems, settings
from roster.runtime.callers import ADMIN, VIEWER, caller
from roster.usecases.quickbooks import connecting as usecases

router = APIGatewayHttpRouter()
_TAGS = ["quickbooks"]
_CALLBACK = "/v1/quickbooks/callback"
_REFUSED = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>QuickBooks was not connected</title>
<body style="font-family: sans-serif; margin: 4em auto; max-width: 30em">
<h1>QuickBooks was not connected</h1>
<p>{why}. Close this window and begin again in Roster's QuickBooks settings.</p>
"""
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>QuickBooks is connected</title>
<body style="font-family: sans-serif; margin: 4em auto; max-width: 30em">
<h1>QuickBooks is connected</h1>
<p>Company {realm}. Its customers arrive with the next sync. You can close this window.</p>
"""


def _redirect_uri() -> str:
    """Where Intuit sends the person back to: as configured, else this very host."""
    configured = settings.read(settings.RedirectSettings).quickbooks_redirect_url
    return configured or f"https://{router.current_event.request_context.domain_name}{_CALLBACK}"


@router.post("/v1/quickbooks/connect", middlewares=ADMIN, tags=_TAGS)
def connect(body: Annotated[ConnectIn | None, Body()] = None) -> AuthorizeOut:
    """Begin to connect: visit the address within ten minutes and choose the company.

    It is the one that was connected before, unless `another_company` says otherwise.
    """
    who = caller(router)
    url = usecases.connect(
        who.tenant,
        user=who.user,
        redirect_uri=_redirect_uri(),
        ports=quickbooks.ports(),
        anew=body is not None and body.another_company,
    )
    return AuthorizeOut(authorize_url=url)


@router.get(_CALLBACK, tags=_TAGS)
def callback(
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=1000)] = "",
    realm: Annotated[str, Query(alias="realmId", max_length=30)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    error_description: Annotated[str, Query(max_length=1000)] = "",
) -> Response[Any]:
    """Where Intuit sends the person back to. Public: the state says whose connection it is."""
    _ = error_description
    try:
        connection = usecases.complete_connection(
            state=state, code=code, realm=realm, error=error, ports=quickbooks.ports()
        )
    except RosterError as refusal:
        if "text/html" not in router.current_event.headers.get("accept", ""):
            raise
        why = refusal.detail[:1].upper() + refusal.detail[1:].removesuffix(".")
        return _page(problems.status_of(refusal), _REFUSED.format(why=escape(why)))
    return _page(HTTPStatus.OK, _PAGE.format(realm=escape(connection.realm)))


def _page(status: HTTPStatus, body: str) -> Response[Any]:
    return Response(
        status_code=int(status),
        content_type="text/html; charset=utf-8",
        body=body,
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )


@router.delete("/v1/quickbooks/connection", middlewares=ADMIN, tags=_TAGS)
def disconnect() -> Response[Any]:
    """Revoke the authorization at Intuit. What was synced stays, and so do the links."""
    usecases.disconnect(caller(router).tenant, ports=quickbooks.ports())
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)


@router.get("/v1/quickbooks/status", middlewares=VIEWER, tags=_TAGS)
def status() -> StatusOut:
    """How the connection stands; `disconnected` where there has never been one."""
    try:
        found = usecases.status(caller(router).tenant, ports=quickbooks.ports())
    except NotFound:
        return StatusOut(status="disconnected")
    reads = usecases.reads_this_month(caller(router).tenant, ports=quickbooks.ports())
    return StatusOut.of(found, reads)
