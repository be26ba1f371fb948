"""Versions as ETags: If-Match guards a write, If-None-Match spares a read."""

import re
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from roster.domain.errors import Malformed, RosterError
from roster.runtime.callers import HasEvent

_ETAG = re.compile(r'^(?:W/)?"?(\d{1,18})"?$')


class PreconditionRequired(RosterError):
    """The request must say which version it changes."""

    code = "precondition_required"


class NotModified(Exception):
    """The caller has this version already; no refusal, but nothing to send either."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def tagged[B](
    body: B, version: int, status: HTTPStatus = HTTPStatus.OK, **headers: str
) -> Response[B]:
    """An answer that carries the version of what it shows."""
    return Response(
        status_code=int(status),
        content_type="application/json",
        body=body,
        headers={"ETag": etag(version), **headers},
    )


def if_match(app: HasEvent) -> int | None:
    """The version the request is about, None for `*`; raises PreconditionRequired without one."""
    value = app.current_event.headers.get("if-match", "").strip()
    if not value:
        raise PreconditionRequired('send If-Match with the ETag you read, or "*"')
    if value == "*":
        return None
    found = _ETAG.match(value)
    if not found:
        raise Malformed(
            "If-Match is not an ETag of ours", code="bad_etag", pointer="header If-Match"
        )
    return int(found[1])


def unless_known(app: HasEvent, version: int) -> None:
    """Go on unless the caller already has this version: raises NotModified then."""
    values = app.current_event.headers.get("if-none-match", "").split(",")
    if any((found := _ETAG.match(v.strip())) and int(found[1]) == version for v in values):
        raise NotModified(version)
