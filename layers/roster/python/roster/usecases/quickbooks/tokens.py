"""An access token that works: refreshed by one worker at a time, and stored before it is used."""

from datetime import datetime

from roster.domain.sync.connection import (
    LEASE,
    Connection,
    ConnectionStatus,
    FaultAction,
    GrantRefused,
    NotConnected,
    QuickBooksFault,
    Tokens,
    why_closed,
)
from roster.usecases.quickbooks.ports import QuickBooksPorts

_POLL_SECONDS = 0.2
# Longer than a lease: by then its holder has finished or its lease is over.
_POLLS = int(LEASE.total_seconds() / _POLL_SECONDS) + 25
_SAVE_ATTEMPTS = 3


def access_token(tenant: str, *, ports: QuickBooksPorts, refused: str | None = None) -> str:
    """A token for the next calls; `refused` is one that QuickBooks has just called expired.

    Raises NotConnected, or QuickBooksFault when Intuit gives no clear answer.
    """
    for _ in range(_POLLS):
        now = ports.clock()
        tokens = _tokens_of(_open_connection(tenant, ports))
        if _good(tokens, refused, now):
            return tokens.access
        if ports.connections.take_lease(tenant, now, now + LEASE):
            return _refreshed(tenant, ports, refused)
        ports.sleep(_POLL_SECONDS)
    raise QuickBooksFault(FaultAction.RETRY, "another worker is still refreshing the tokens")


def _good(tokens: Tokens, refused: str | None, now: datetime) -> bool:
    return tokens.access != refused and tokens.usable(now)


def _open_connection(tenant: str, ports: QuickBooksPorts) -> Connection:
    connection = ports.connections.get(tenant)
    if connection is None or not connection.is_open:
        raise NotConnected(why_closed(connection))
    return connection


def _tokens_of(connection: Connection) -> Tokens:
    if connection.tokens is None:
        raise NotConnected("QuickBooks is not connected")
    return connection.tokens


def _refreshed(tenant: str, ports: QuickBooksPorts, refused: str | None) -> str:
    """With the lease: look again, for someone may have finished just before; then refresh."""
    try:
        connection = _open_connection(tenant, ports)
        tokens = _tokens_of(connection)
        if _good(tokens, refused, ports.clock()):
            ports.connections.release_lease(tenant)
            return tokens.access
        fresh = _ask(tokens.refresh, ports)
    except GrantRefused as error:
        return _after_refusal(tenant, connection, ports, error)
    except QuickBooksFault:
        ports.connections.release_lease(tenant)
        raise
    return _stored(tenant, connection, fresh, ports)


def _ask(refresh_token: str, ports: QuickBooksPorts) -> Tokens:
    try:
        return ports.oauth.refresh(refresh_token)
    except QuickBooksFault as fault:
        if fault.action is not FaultAction.RETRY:
            raise
        # The answer may have been lost after the pair was rotated: the same token once more.
        return ports.oauth.refresh(refresh_token)


def _stored(tenant: str, connection: Connection, fresh: Tokens, ports: QuickBooksPorts) -> str:
    for attempt in range(1, _SAVE_ATTEMPTS + 1):
        try:
            saved = ports.connections.save_tokens(
                tenant, fresh, seen_version=connection.token_version
            )
        except Exception:
            # The old pair may be dead: the write is tried again, never the refresh.
            if attempt == _SAVE_ATTEMPTS:
                raise
            ports.sleep(_POLL_SECONDS * 2**attempt)
        else:
            return fresh.access if saved else _theirs(tenant, ports)
    raise AssertionError("unreachable")


def _theirs(tenant: str, ports: QuickBooksPorts) -> str:
    return _tokens_of(_open_connection(tenant, ports)).access


def _after_refusal(
    tenant: str, seen: Connection, ports: QuickBooksPorts, error: GrantRefused
) -> str:
    """Never try blindly: someone may have stored a newer pair; if not, a person must reconnect."""
    now = _open_connection(tenant, ports)
    if now.token_version != seen.token_version:
        ports.connections.release_lease(tenant)
        return _tokens_of(now).access
    ports.connections.close(tenant, ConnectionStatus.NEEDS_RECONNECT, error.detail)
    raise NotConnected(error.detail) from error
