"""Connecting a company to QuickBooks, and what it can see of the connection and its runs."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from roster.domain.errors import NotFound
from roster.domain.sync.connection import (
    STATE_LIFE,
    BadState,
    Connection,
    ConnectionStatus,
    FaultAction,
    NotConnected,
    OAuthState,
    OtherCompany,
    QuickBooksFault,
    ReportRow,
    Run,
    why_closed,
)
from roster.usecases.ports import Page
from roster.usecases.quickbooks.ports import QuickBooksPorts


def connect(tenant: str, *, user: str, redirect_uri: str, ports: QuickBooksPorts) -> str:
    """Begin an authorization: the address at Intuit that the person is to visit."""
    state = secrets.token_urlsafe(32)
    bound = OAuthState(
        tenant=tenant,
        user=user,
        redirect_uri=redirect_uri,
        expires=ports.clock() + STATE_LIFE,
    )
    ports.connections.save_state(state, bound)
    return ports.oauth.authorize_url(state, redirect_uri)


def complete_connection(
    *, state: str, code: str, realm: str, error: str, ports: QuickBooksPorts
) -> Connection:
    """Finish an authorization with what Intuit sent the person back with.

    Raises BadState for a state that is wrong, used or old, GrantRefused for a code Intuit does not
    take, OtherCompany when the company belongs to another realm, QuickBooksFault.
    """
    bound = ports.connections.take_state(state) if state else None
    now = ports.clock()
    if bound is None or bound.expires <= now:
        raise BadState(
            "this connection link is not valid, has been used or is too old: start again"
        )
    if error or not code or not realm.isdigit():
        raise BadState(f"QuickBooks was not connected ({error[:40] or 'its answer is incomplete'})")
    _refuse_other_company(bound.tenant, realm, ports)
    tokens = ports.oauth.exchange(code, realm, bound.redirect_uri)
    connection = Connection(
        tenant=bound.tenant,
        realm=realm,
        status=ConnectionStatus.CONNECTED,
        connected_at=now,
        connected_by=bound.user,
        token_version=0,
        tokens=tokens,
    )
    if not ports.connections.connect(connection):
        ports.oauth.revoke(tokens.refresh)
        _refuse_other_company(bound.tenant, realm, ports)
    return connection


def _refuse_other_company(tenant: str, realm: str, ports: QuickBooksPorts) -> None:
    before = ports.connections.get(tenant)
    if before is not None and before.realm != realm:
        ports.connections.note_refused(tenant, realm)
        raise OtherCompany(
            f"this company's customers are linked to QuickBooks company {before.realm}; {realm} is"
            " another one"
        )


def disconnect(tenant: str, *, ports: QuickBooksPorts) -> None:
    """Revoke the grant at Intuit and forget the tokens; links stay for a later reconnection.

    Raises NotFound, or QuickBooksFault when Intuit cannot be reached (nothing has happened then).
    """
    connection = status(tenant, ports=ports)
    if connection.tokens is not None:
        try:
            ports.oauth.revoke(connection.tokens.refresh)
        except QuickBooksFault as fault:
            if fault.action is FaultAction.RETRY:
                raise
    ports.connections.close(tenant, ConnectionStatus.DISCONNECTED, "disconnected")


def status(tenant: str, *, ports: QuickBooksPorts) -> Connection:
    """The connection; raises NotFound when there has never been one."""
    connection = ports.connections.get(tenant)
    if connection is None:
        raise NotFound("QuickBooks has not been connected")
    return connection


def reads_this_month(tenant: str, *, ports: QuickBooksPorts) -> int:
    """What the runs of this month have read of QuickBooks, as it meters them."""
    return ports.state.reads(tenant, f"{ports.clock():%Y-%m}")


def connected(tenant: str, *, ports: QuickBooksPorts) -> Connection:
    """The connection, if it can be used; raises NotConnected."""
    connection = ports.connections.get(tenant)
    if connection is None or not connection.is_open:
        raise NotConnected(why_closed(connection))
    return replace(connection, tokens=None)


def runs(tenant: str, *, limit: int, after: str | None, ports: QuickBooksPorts) -> Page[Run]:
    """The runs, newest first."""
    return ports.state.runs(tenant, limit=limit, after=after)


def run(tenant: str, run_id: str, *, ports: QuickBooksPorts) -> Run:
    """One run; raises NotFound."""
    found = ports.state.run(tenant, run_id)
    if found is None:
        raise NotFound(f"there is no run {run_id}")
    return found


def run_report(
    tenant: str, run_id: str, *, limit: int, after: str | None, ports: QuickBooksPorts
) -> Page[ReportRow]:
    """What a run did and why, line by line; raises NotFound."""
    run(tenant, run_id, ports=ports)
    return ports.state.report(tenant, run_id, limit=limit, after=after)


def due_connections(*, ports: QuickBooksPorts) -> Sequence[str]:
    """The tenants whose connection the dispatcher is to look at now."""
    return ports.connections.due(ports.clock())
