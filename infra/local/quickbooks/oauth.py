"""Intuit's OAuth 2: consent, codes that work once, access tokens, rotating refresh tokens."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 8_726_400
HARD_SECONDS = 5 * 365 * 86_400
CODE_SECONDS = 600
_DAY = 86_400
SCOPES = frozenset(
    {
        "com.intuit.quickbooks.accounting",
        "com.intuit.quickbooks.payment",
        "openid",
        "profile",
        "email",
        "phone",
        "address",
    }
)
# Below this no token of Intuit's could be meant; the gateway says so in other words.
SHORTEST_TOKEN = 32


class OAuthError(Exception):
    """A refusal by the token or revocation endpoint: `{"error": …, "error_description": …}`."""

    def __init__(self, error: str, description: str | None = None, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status

    def body(self) -> dict[str, str]:
        """Return the JSON body."""
        if self.description is None:
            return {"error": self.error}
        return {"error_description": self.description, "error": self.error}


@dataclass(slots=True)
class Grant:
    """One consent of one company to one client, and the tokens that live from it.

    `access` maps access tokens to the moment they expire, in epoch seconds.
    """

    id: str
    realm: str
    client_id: str
    granted: float
    refresh_token: str = ""
    refresh_issued: float = 0.0
    access: dict[str, float] = field(default_factory=dict)
    revoked: bool = False


@dataclass(slots=True)
class _Code:
    realm: str
    client_id: str
    redirect_uri: str
    issued: float
    grant: str | None = None


@dataclass
class OAuth:
    """All grants. `rotation`: a new refresh token on `always` each refresh, or `daily`."""

    rotation: Literal["always", "daily"] = "always"
    clients: dict[str, str] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, _Code] = field(default_factory=dict)

    def consent(self, realm: str, client_id: str, redirect_uri: str, now: float) -> str:
        """Return an authorization code for `realm`."""
        code = "XAB1" + secrets.token_hex(23)
        self.codes[code] = _Code(realm, client_id, redirect_uri, now)
        return code

    def authenticate(self, client_id: str, secret: str) -> None:
        """Check a client's secret; a client nobody registered may use any non-empty one."""
        if not client_id or not secret or self.clients.get(client_id, secret) != secret:
            raise OAuthError("invalid_client", status=401)

    def exchange(self, client_id: str, code: str, redirect_uri: str, now: float) -> Grant:
        """Turn a code into a grant with tokens; a second use kills what the first one gave."""
        found = self.codes.get(code)
        if found is None or found.client_id != client_id:
            raise OAuthError("invalid_grant", "Invalid authorization code")
        if found.grant is not None:
            self._kill(self.grants[found.grant])
            raise OAuthError("invalid_grant", "Invalid authorization code")
        if found.redirect_uri != redirect_uri or now - found.issued > CODE_SECONDS:
            raise OAuthError("invalid_grant", "Invalid authorization code")
        grant = self.grant(found.realm, client_id, now)
        found.grant = grant.id
        return grant

    def grant(self, realm: str, client_id: str, now: float) -> Grant:
        """Connect a company without the dance in the browser."""
        grant = Grant(secrets.token_hex(8), realm, client_id, granted=now)
        self.grants[grant.id] = grant
        self._issue(grant, now)
        return grant

    def refresh(self, client_id: str, token: str, now: float) -> Grant:
        """Issue new tokens for a live refresh token; a used one is dead."""
        for grant in self.grants.values():
            if token and secrets.compare_digest(grant.refresh_token.encode(), token.encode()):
                break
        else:
            raise OAuthError("invalid_grant", "Incorrect or invalid refresh token")
        expired = now > grant.refresh_issued + REFRESH_SECONDS or now > self.hard_expiry(grant)
        if grant.revoked or expired or grant.client_id != client_id:
            raise OAuthError("invalid_grant", "Incorrect or invalid refresh token")
        self._issue(grant, now)
        return grant

    def revoke(self, token: str) -> None:
        """End the grant an access or refresh token belongs to."""
        for grant in self.grants.values():
            if token and not grant.revoked and token in {grant.refresh_token, *grant.access}:
                self._kill(grant)
                return
        raise OAuthError("invalid_token")

    def bearer(self, token: str, now: float) -> Grant | None:
        """Return the grant of an access token that is good now."""
        for grant in self.grants.values():
            if grant.access.get(token, 0.0) > now and not grant.revoked:
                return grant
        return None

    def answer(self, grant: Grant, now: float, *, hard: bool) -> dict[str, Any]:
        """Return the token endpoint's body; `hard` adds what the opt-in header asks for."""
        access, expires = list(grant.access.items())[-1]
        body: dict[str, Any] = {
            "x_refresh_token_expires_in": int(grant.refresh_issued + REFRESH_SECONDS - now),
            "refresh_token": grant.refresh_token,
            "access_token": access,
            "token_type": "bearer",
            "expires_in": round(expires - now),
        }
        if hard:
            body["x_refresh_token_hard_expires_in"] = int(self.hard_expiry(grant) - now)
        return body

    def expire_access(self, realm: str) -> int:
        """Expire a company's access tokens now; return how many there were."""
        count = 0
        for grant in self.grants.values():
            if grant.realm == realm:
                count += len(grant.access)
                grant.access = dict.fromkeys(grant.access, 0.0)
        return count

    def revoke_realm(self, realm: str) -> int:
        """Disconnect a company as its owner does in QuickBooks; return how many grants ended."""
        live = [one for one in self.grants.values() if one.realm == realm and not one.revoked]
        for grant in live:
            self._kill(grant)
        return len(live)

    @staticmethod
    def hard_expiry(grant: Grant) -> float:
        """Return the moment after which no refresh helps, in epoch seconds."""
        return grant.granted + HARD_SECONDS

    def dump(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return asdict(self)

    @classmethod
    def load(cls, saved: dict[str, Any]) -> OAuth:
        """Rebuild from `dump()`."""
        return cls(
            saved["rotation"],
            saved["clients"],
            {key: Grant(**one) for key, one in saved["grants"].items()},
            {key: _Code(**one) for key, one in saved["codes"].items()},
        )

    def _issue(self, grant: Grant, now: float) -> None:
        if self.rotation == "always" or now - grant.refresh_issued >= _DAY:
            grant.refresh_token = "AB11" + secrets.token_hex(23)
            grant.refresh_issued = now
        grant.access = {key: end for key, end in grant.access.items() if end > now}
        # Real access tokens are about a thousand characters; storage has to bear that.
        grant.access["eyJ" + secrets.token_urlsafe(720)] = now + ACCESS_SECONDS

    @staticmethod
    def _kill(grant: Grant) -> None:
        grant.revoked = True
