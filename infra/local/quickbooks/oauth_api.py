"""Discovery, consent, token and revocation endpoints."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from infra.local.quickbooks.answers import Answer, plain_json
from infra.local.quickbooks.oauth import SCOPES, OAuthError

if TYPE_CHECKING:
    from infra.local.quickbooks.request import Request
    from infra.local.quickbooks.world import World

AUTHORIZE = "/connect/oauth2"
TOKEN = "/oauth2/v1/tokens/bearer"  # noqa: S105 - a path
REVOKE = "/v2/oauth2/tokens/revoke"
USERINFO = "/v1/openid_connect/userinfo"
JWKS = "/op/v1/jwks"
DISCOVERY = ("/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration")
_HARD_HEADER = "x-include-refresh-token-hard-expires-in"


def handle(world: World, request: Request) -> Answer | None:
    """Answer a call to an OAuth endpoint; None when the path is none of them."""
    path = request.path.rstrip("/")
    try:
        match request.method, path:
            case "GET", _ if path in DISCOVERY:
                return plain_json(_discovery(request))
            case "GET", _ if path == AUTHORIZE:
                return _authorize(world, request)
            case "POST", _ if path == TOKEN:
                return _token(world, request)
            case "POST", _ if path == REVOKE:
                return _revoke(world, request)
            case "GET", _ if path == JWKS:
                # No id_token is ever issued here, so there is no key to publish.
                return plain_json({"keys": []})
            case "GET", _ if path == USERINFO:
                # The accounting scope alone opens no profile.
                return plain_json({"error": "insufficient_scope"}, 403)
    except OAuthError as error:
        return plain_json(error.body(), error.status)
    return None


def _discovery(request: Request) -> dict[str, object]:
    base = "http://" + (request.header("Host") or "127.0.0.1")
    return {
        "issuer": "https://oauth.platform.intuit.com/op/v1",
        "authorization_endpoint": base + AUTHORIZE,
        "token_endpoint": base + TOKEN,
        "userinfo_endpoint": base + USERINFO,
        "revocation_endpoint": base + REVOKE,
        "jwks_uri": base + JWKS,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }


def _authorize(world: World, request: Request) -> Answer:
    asked = request.parameters
    redirect_uri, client_id = asked.get("redirect_uri", ""), asked.get("client_id", "")
    if not client_id or urlsplit(redirect_uri).scheme not in {"http", "https"}:
        return _page(400, "The redirect_uri or client_id query parameter value is invalid.")
    answer = {"state": asked["state"]} if "state" in asked else {}
    scopes = set(asked.get("scope", "").split())
    consent = world.consent
    if not scopes or scopes - SCOPES:
        return _redirect(redirect_uri, {"error": "invalid_scope"} | answer)
    if asked.get("response_type") != "code":
        return _redirect(redirect_uri, {"error": "unsupported_response_type"} | answer)
    if consent.error is not None:
        error, consent.error = consent.error, None
        return _redirect(redirect_uri, {"error": error} | answer)
    code = world.oauth.consent(consent.realm, client_id, redirect_uri, world.clock.now())
    return _redirect(redirect_uri, {"code": code} | answer | {"realmId": consent.realm})


def _token(world: World, request: Request) -> Answer:
    client_id, secret = request.basic()
    world.oauth.authenticate(client_id, secret)
    form, now = request.form, world.clock.now()
    match form.get("grant_type"):
        case "authorization_code":
            code, redirect_uri = form.get("code", ""), form.get("redirect_uri", "")
            grant = world.oauth.exchange(client_id, code, redirect_uri, now)
        case "refresh_token":
            grant = world.oauth.refresh(client_id, form.get("refresh_token", ""), now)
        case _:
            raise OAuthError("unsupported_grant_type")
    hard = request.header(_HARD_HEADER).lower() == "true"
    return plain_json(world.oauth.answer(grant, now, hard=hard))


def _revoke(world: World, request: Request) -> Answer:
    client_id, secret = request.basic()
    world.oauth.authenticate(client_id, secret)
    if "json" in request.header("Content-Type"):
        try:
            body = request.json()
        except ValueError as error:
            raise OAuthError("invalid_request") from error
    else:
        body = request.form
    token = body.get("token") if isinstance(body, dict) else None
    world.oauth.revoke(str(token or ""))
    return Answer(200, b"")


def _redirect(redirect_uri: str, values: dict[str, str]) -> Answer:
    joint = "&" if urlsplit(redirect_uri).query else "?"
    location = redirect_uri + joint + urlencode(values)
    return Answer(302, b"", "text/html", {"Location": location})


def _page(status: int, text: str) -> Answer:
    body = f"<html><body><p>Sorry, but we didn't connect. {escape(text)}</p></body></html>"
    return Answer(status, body.encode(), "text/html;charset=UTF-8")
