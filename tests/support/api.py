"""Calls an API function with the events API Gateway sends."""

import importlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.support.context import LambdaContext


@dataclass(frozen=True, slots=True)
class Answer:
    """What the function answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)


def http_event(
    method: str,
    path: str,
    *,
    claims: dict[str, str] | None = None,
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
) -> dict[str, Any]:
    """An event of an HTTP API with payload format 2.0, as its JWT authorizer lets it through."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "705e7000",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "::1"},
            "requestId": str(uuid.uuid4()),
            "routeKey": f"{method} {path}",
            "stage": "$default",
            "timeEpoch": 1763800000000,
        },
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = {k: str(v) for k, v in query.items()}
    if claims is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    if body is not None:
        event["body"] = body
    return event


@dataclass(frozen=True, slots=True)
class Api:
    """One function's door, for one company and role."""

    function: str
    tenant: str = "acme"
    role: str = "office"
    user: str = "olga"
    extra: dict[str, str] = field(default_factory=dict)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        raw: str | None = None,
    ) -> Answer:
        """Send one request; `body` becomes JSON, `raw` is sent as it is."""
        event = http_event(
            method,
            path,
            claims={"tenant": self.tenant, "role": self.role, "username": self.user, **self.extra},
            query=query,
            headers=headers,
            body=raw if raw is not None else (None if body is None else json.dumps(body)),
        )
        handler = importlib.import_module(f"functions.{self.function}.app").lambda_handler
        answer = handler(event, LambdaContext(self.function))
        return Answer(
            answer["statusCode"],
            {k.lower(): v for k, v in (answer.get("headers") or {}).items()},
            answer.get("body") or "",
        )

    def get(self, path: str, **query: Any) -> Answer:
        """GET with query parameters."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        """POST; header names with underscores for hyphens."""
        return self.call("POST", path, body, headers=_headers(headers))

    def patch(self, path: str, body: Any, if_match: str = "*") -> Answer:
        """PATCH with If-Match."""
        return self.call("PATCH", path, body, headers={"if-match": if_match})


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}
