"""Refusals as RFC 9457 problems, with `code`, `request_id` and `errors` beside the five."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from aws_lambda_powertools.event_handler import Response

from roster.domain import errors
from roster.domain.errors import FieldError, RosterError

CONTENT_TYPE = "application/problem+json"
# Relative, so that it holds on every host; `code` is what a program looks at.
_TYPE = "/problems/"

# Lambda hands on answers of at most 6 MB, and 100 items of a batch may each have a problem.
MAX_ERRORS = 250
_MAX_DETAIL = 1000

_STATUS: Mapping[type[RosterError], HTTPStatus] = {
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Gone: HTTPStatus.GONE,
    errors.WrongState: HTTPStatus.CONFLICT,
    errors.Locked: HTTPStatus.LOCKED,
    errors.Taken: HTTPStatus.CONFLICT,
    errors.StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    errors.MovedSince: HTTPStatus.PRECONDITION_FAILED,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Where:
    """The request a problem is about: its path and its id."""

    instance: str
    request_id: str


def problem(
    status: HTTPStatus,
    *,
    code: str,
    detail: str,
    where: Where,
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A problem as an answer."""
    listed = list(errors)
    if len(listed) > MAX_ERRORS:
        detail = f"{detail[:_MAX_DETAIL]} … ({len(listed)} errors, the first {MAX_ERRORS} listed)"
    body: dict[str, Any] = {
        "type": _TYPE + code,
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "instance": where.instance,
        "code": code,
        "request_id": where.request_id,
        "errors": [
            {"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in listed[:MAX_ERRORS]
        ],
    }
    return Response(
        status_code=int(status),
        content_type=CONTENT_TYPE,
        body=orjson.dumps(body).decode(),
        headers=dict(headers or {}),
    )


def status_of(error: RosterError) -> HTTPStatus:
    """The status that a domain refusal is answered with."""
    found = next((s for kind, s in _STATUS.items() if isinstance(error, kind)), None)
    return found or HTTPStatus.INTERNAL_SERVER_ERROR


def of_refusal(error: RosterError, *, where: Where) -> Response[str]:
    """The problem of a domain refusal."""
    return problem(
        status_of(error),
        code=error.code,
        detail=error.detail,
        where=where,
        errors=_field_errors(error),
    )


def _field_errors(error: RosterError) -> Sequence[FieldError]:
    match error:
        case errors.Invalid() | errors.TouchedSince() | errors.OpenWorkLeft() | errors.MovedSince():
            return error.errors
        case errors.Taken():
            return [FieldError(f"/{error.field}", "taken", error.detail)]
        case errors.Malformed() if error.pointer:
            return [FieldError(error.pointer, error.code, error.detail)]
        case _:
            return []


def of_validation(
    found: Iterable[Mapping[str, Any]], *, where: Where, also: Iterable[FieldError] = ()
) -> Response[str]:
    """The problem of a request that does not fit its schema; malformed JSON is a 400."""
    listed = list(found)
    if any(str(e.get("type", "")).startswith("json_invalid") for e in listed):
        return problem(
            HTTPStatus.BAD_REQUEST,
            code="malformed_json",
            detail="the body is not valid JSON",
            where=where,
        )
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code="invalid",
        detail="the request breaks one or more rules; each is listed in errors",
        where=where,
        errors=[*map(_field_error, listed), *also],
    )


def _field_error(error: Mapping[str, Any]) -> FieldError:
    return FieldError(_pointer(error.get("loc", ())), _code(error), str(error.get("msg")))


def _code(error: Mapping[str, Any]) -> str:
    kind = str(error.get("type", "invalid"))
    return {"extra_forbidden": "unknown_field", "missing": "required"}.get(kind, kind)


def _pointer(location: Sequence[Any]) -> str:
    """Body places as JSON pointers ("/tags/0"), parameters as "?limit", "header If-Match"."""
    match [str(part).replace("~", "~0").replace("/", "~1") for part in location]:
        case ["body", *rest]:
            return "".join(f"/{part}" for part in rest)
        case ["query", *rest]:
            return "?" + ".".join(rest)
        case [other, *rest]:
            return f"{other} {'.'.join(rest)}".strip()
        case _:
            return ""
