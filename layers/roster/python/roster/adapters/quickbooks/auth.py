"""Intuit's OAuth 2 through `intuit-oauth`, with what the package leaves out: time-outs and care.

The package is imported at first use (it brings 19 MB) and asks for the discovery document in its
constructor, so one client is kept for each redirect address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from roster.domain.sync.connection import FaultAction, GrantRefused, QuickBooksFault, Tokens
from roster.usecases.ports import Clock

_CONNECT_AND_READ = (3, 10)
_BAD_REQUEST, _SERVER_ERROR, _TOO_MANY = 400, 500, 429
# Intuit's rolling 100 days, where an answer does not say.
_REFRESH_DAYS = 100


@dataclass(frozen=True, slots=True, repr=False)
class AppKeys:
    """The keys Intuit gave this app; `repr` is off because they are secret."""

    client_id: str
    client_secret: str


class IntuitOAuth:
    """Implements `quickbooks.ports.OAuth`. `environment` is a discovery document's address."""

    def __init__(self, keys: Callable[[], AppKeys], environment: str, clock: Clock) -> None:
        self._keys, self._environment, self._clock = keys, environment, clock
        self._clients: dict[str, Any] = {}

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """The address to visit; `state` is the caller's own, from `secrets`."""
        from intuitlib.enums import Scopes

        def ask(client: Any) -> str:
            return str(client.get_authorization_url([Scopes.ACCOUNTING], state_token=state))

        return self._asked(redirect_uri, ask)

    def exchange(self, code: str, realm: str, redirect_uri: str) -> Tokens:
        """The first tokens of a connection. A code is sent once: twice would end the grant."""
        return self._asked(
            redirect_uri, lambda c: self._tokens(c, lambda: c.get_bearer_token(code, realm))
        )

    def refresh(self, refresh_token: str) -> Tokens:
        """A new pair; the old refresh token may be dead from now on."""
        return self._asked("", lambda c: self._tokens(c, lambda: c.refresh(refresh_token)))

    def revoke(self, refresh_token: str) -> None:
        """End the grant."""
        self._asked("", lambda client: client.revoke(refresh_token))

    def _tokens(self, client: Any, ask: Callable[[], object]) -> Tokens:
        # The package leaves the last answer's tokens on the client: none of them may be taken
        # for this answer's.
        client.access_token = client.refresh_token = None
        client.expires_in = client.x_refresh_token_expires_in = None
        ask()
        now = self._clock()
        days = timedelta(days=_REFRESH_DAYS)
        life = client.x_refresh_token_expires_in
        tokens = (client.access_token, client.refresh_token)
        client.access_token = client.refresh_token = None
        if not all(tokens):
            raise QuickBooksFault(FaultAction.PERMANENT, "Intuit's answer has no tokens")
        return Tokens(
            access=tokens[0],
            access_expires=now + timedelta(seconds=int(client.expires_in or 0)),
            refresh=tokens[1],
            refresh_expires=now + (timedelta(seconds=int(life)) if life else days),
        )

    def _asked[T](self, redirect_uri: str, ask: Callable[[Any], T]) -> T:
        import requests
        from intuitlib.exceptions import AuthClientError

        try:
            return ask(self._client(redirect_uri))
        except AuthClientError as error:
            raise _fault(error) from None
        except (requests.RequestException, ValueError) as error:
            kind = type(error).__name__
            raise QuickBooksFault(
                FaultAction.RETRY, f"Intuit could not be reached ({kind})"
            ) from None

    def _client(self, redirect_uri: str) -> Any:
        if redirect_uri not in self._clients:
            keys = self._keys()
            self._clients[redirect_uri] = _patient_client()(
                keys.client_id, keys.client_secret, redirect_uri, self._environment
            )
        return self._clients[redirect_uri]


def _patient_client() -> type:
    """The package's client, whose every request (the constructor's too) has a time-out."""
    from intuitlib.client import AuthClient

    class PatientClient(AuthClient):  # type: ignore[misc]
        def request(self, *args: Any, **kwargs: Any) -> Any:
            kwargs.setdefault("timeout", _CONNECT_AND_READ)
            return super().request(*args, **kwargs)

    return PatientClient


def _fault(error: Any) -> Exception:
    """What an AuthClientError means; its body is read but never kept, it may hold tokens."""
    body = error.content.decode() if isinstance(error.content, bytes) else str(error.content)
    status, tid = int(error.status_code), str(error.intuit_tid or "")
    if "invalid_grant" in body:
        return GrantRefused("Intuit no longer accepts this authorization; connect again")
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        action = FaultAction.RETRY
    else:
        action = FaultAction.PERMANENT
    return QuickBooksFault(action, f"Intuit answered HTTP {status}", status=status, tid=tid)
