"""Opaque cursors: a position in one list under one set of filters, and no tenant."""

import base64
import binascii
import hashlib
from typing import Annotated

import orjson
from aws_lambda_powertools.event_handler.openapi.params import Query

from roster.domain.errors import Malformed

PageSize = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query()]


def _fingerprint(scope: tuple[object, ...]) -> str:
    return hashlib.sha256(orjson.dumps([str(part) for part in scope])).hexdigest()[:12]


def encode(position: str | None, *scope: object) -> str | None:
    """The cursor of a position; `scope` is the list and its filters."""
    if position is None:
        return None
    content = [_fingerprint((*scope, position)), position]
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode()


def decode(cursor: str | None, *scope: object) -> str | None:
    """The position of a cursor; raises Malformed for one that is not of this list and filters."""
    if cursor is None:
        return None
    try:
        content = orjson.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        content = None
    match content:
        case [str(found), str(position)] if position and found == _fingerprint((*scope, position)):
            return position
    raise Malformed("the cursor is not one of this list", code="bad_cursor", pointer="?cursor")
