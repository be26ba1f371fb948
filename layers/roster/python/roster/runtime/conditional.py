"""Versions as ETags: If-Match guards a write, If-None-Match spares a read."""

import re

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from roster.domain.errors import Malformed, RosterError

_ETAG = re.compile(r'^(?:W/)?"?(\d{1,18})"?$')


class PreconditionRequired(RosterError):
    """The request must say which version it changes."""

    code = "precondition_required"


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def if_match(app: APIGatewayHttpResolver) -> int | None:
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


def not_modified(app: APIGatewayHttpResolver, version: int) -> bool:
    """Whether the caller already has this version."""
    values = app.current_event.headers.get("if-none-match", "").split(",")
    return any((found := _ETAG.match(v.strip())) and int(found[1]) == version for v in values)
