"""The HTTP edge of all API functions: one resolver, one way to refuse, one way to answer."""

import base64
import binascii
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from roster.domain.errors import FieldError, Forbidden, Malformed, RosterError, StaleVersion
from roster.runtime import idempotency, problems
from roster.runtime.callers import AtLeast
from roster.runtime.conditional import NotModified, PreconditionRequired, etag
from roster.runtime.problems import Where

# API Gateway itself takes 10 MB; a record of ours is a thousandth of that.
MAX_BODY_BYTES = 1024 * 1024
# Whoever names no version means whatever it is, so a lost race is ours to run again, after at most
# these seconds each. Who lost one (412 `stale_version`) has written nothing.
_PAUSES_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 0.8)
_JSON, _MERGE_PATCH = "application/json", "application/merge-patch+json"
# Webhooks of QuickBooks may come as events.
_READ_AS_JSON = frozenset(
    {_JSON, _MERGE_PATCH, "application/cloudevents+json", "application/cloudevents-batch+json"}
)

type Event = dict[str, Any]
type Answer = dict[str, Any]
# From what the schema says is wrong to what else is.
type AlsoWrong = Callable[[Sequence[Mapping[str, Any]]], Iterable[FieldError]]


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()


def new_api(also_wrong: AlsoWrong = lambda _: ()) -> APIGatewayHttpResolver:
    """A resolver whose every refusal is a problem and which knows no unknown parameters.

    `also_wrong` adds what no schema can know, so that a body gets all its errors at once.
    """
    app = APIGatewayHttpResolver(
        enable_validation=True,
        response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
        serializer=_dump,
    )
    logger = Logger(child=True)

    def where() -> Where:
        event = app.current_event
        return Where(event.raw_path, event.request_context.request_id)

    @app.exception_handler(RequestValidationError)
    def invalid(error: RequestValidationError) -> Response[Any]:
        # The resolver validates before it asks a route's middlewares: who may not do a thing
        # learns that, and not what their request should have looked like.
        for middleware in app.context["_route"].middlewares:
            if isinstance(middleware, AtLeast):
                try:
                    middleware.check(app)
                except Forbidden as refusal:
                    return problems.of_refusal(refusal, where=where())
        found = error.errors()
        return problems.of_validation(found, where=where(), also=also_wrong(found))

    @app.exception_handler(RequestUnsupportedContentType)
    def unsupported(_: RequestUnsupportedContentType) -> Response[Any]:
        return _unsupported(where())

    @app.exception_handler(PreconditionRequired)
    def precondition(error: PreconditionRequired) -> Response[Any]:
        return problems.problem(
            HTTPStatus.PRECONDITION_REQUIRED, code=error.code, detail=error.detail, where=where()
        )

    @app.exception_handler(NotModified)
    def unchanged(found: NotModified) -> Response[Any]:
        headers = {"ETag": etag(found.version)}
        return Response(status_code=int(HTTPStatus.NOT_MODIFIED), headers=headers)

    @app.exception_handler(RosterError)
    def refused(error: RosterError) -> Response[Any]:
        return problems.of_refusal(error, where=where())

    @app.not_found
    def no_route(_: Exception) -> Response[Any]:
        return problems.problem(
            HTTPStatus.NOT_FOUND,
            code="no_route",
            detail="there is nothing under this path and method",
            where=where(),
        )

    @app.exception_handler(Exception)
    def failed(error: Exception) -> Response[Any]:
        logger.error("unhandled error", exc_info=error)
        return problems.problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            code="internal",
            detail="something broke on our side; the request_id names it in our logs",
            where=where(),
        )

    app.use(middlewares=[_known_parameters_only])
    return app


def _known_parameters_only(
    app: APIGatewayHttpResolver, next_middleware: Callable[..., Any]
) -> Response[Any]:
    route = app.context.get("_route")
    known = {p.alias for p in route.dependant.query_params} if route else set()
    unknown = sorted(set(app.current_event.query_string_parameters or {}) - known)
    if unknown:
        raise Malformed(
            f"unknown query parameter {unknown[0]!r}",
            code="unknown_parameter",
            pointer=f"?{unknown[0]}",
        )
    answer: Response[Any] = next_middleware(app)
    return answer


def handle(
    app: APIGatewayHttpResolver,
    event: Event,
    context: LambdaContext,
    *,
    store: Callable[[], DynamoDBPersistenceLayer] | None = None,
) -> Answer:
    """Answer one event of the HTTP API; `store` is where answers by Idempotency-Key are kept."""
    event = _readable(event)
    http = event["requestContext"]["http"]
    where = Where(event["rawPath"], event["requestContext"]["requestId"])
    refusal = _refused_body(event, where)
    if refusal is not None:
        return _plain(refusal)
    key = event["headers"].get("idempotency-key", "")
    if http["method"] != "POST" or not key or store is None:
        return _resolved(app, event, context)
    return _once(app, event, context, key=key, store=store(), where=where)


def _resolved(app: APIGatewayHttpResolver, event: Event, context: LambdaContext) -> Answer:
    names_a_version = event["headers"].get("if-match", "*").strip() != "*"
    for most in _PAUSES_S:
        answer: Answer = app.resolve(event, context)
        if names_a_version or not _lost_a_race(answer):
            return answer
        time.sleep(random.uniform(0, most))  # noqa: S311 — jitter, not a secret
    return app.resolve(event, context)


def _lost_a_race(answer: Answer) -> bool:
    """Whether nothing was written because something moved; other 412s may have their effects."""
    if answer["statusCode"] != HTTPStatus.PRECONDITION_FAILED:
        return False
    code: str = orjson.loads(answer["body"])["code"]
    return code == StaleVersion.code


def _once(
    app: APIGatewayHttpResolver,
    event: Event,
    context: LambdaContext,
    *,
    key: str,
    store: DynamoDBPersistenceLayer,
    where: Where,
) -> Answer:
    if len(key) > idempotency.MAX_KEY_LENGTH:
        return _plain(_bad_key("at most 255 characters", where))
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    route = f"POST {event['rawPath']}"
    scoped = idempotency.request_key(str(claims.get("tenant", "")), route, key)
    try:
        return idempotency.once(
            lambda: _resolved(app, event, context),
            key=scoped,
            # Role and modules too: a kept answer is not for a caller who could not have asked.
            body="\x1f".join(
                (
                    str(claims.get("role", "")),
                    str(claims.get("modules", "")),
                    event.get("body") or "",
                )
            ),
            context=context,
            store=store,
        )
    except IdempotencyAlreadyInProgressError:
        return _plain(
            problems.problem(
                HTTPStatus.CONFLICT,
                code="in_progress",
                detail="the first request with this Idempotency-Key is still running",
                headers={"Retry-After": "1"},
                where=where,
            )
        )
    except IdempotencyValidationError:
        return _plain(_bad_key("this key was used with another body or with other rights", where))


def _bad_key(detail: str, where: Where) -> Response[str]:
    return problems.problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code="idempotency_key",
        detail=detail,
        errors=[FieldError("header Idempotency-Key", "idempotency_key", detail)],
        where=where,
    )


def _readable(event: Event) -> Event:
    """The event with lower-case headers, a decoded body and a merge patch under its plain name."""
    headers = {k.lower(): v for k, v in (event.get("headers") or {}).items()}
    if headers.get("content-type", "").split(";")[0].strip().lower() in _READ_AS_JSON:
        headers["content-type"] = _JSON
    readable = {**event, "headers": headers}
    if event.get("isBase64Encoded") and event.get("body"):
        try:
            readable["body"] = base64.b64decode(event["body"]).decode()
        except (UnicodeDecodeError, binascii.Error):
            readable["body"] = "\x00"
        readable["isBase64Encoded"] = False
    return readable


def _refused_body(event: Event, where: Where) -> Response[str] | None:
    """A body that no route should have to look at: too large, or not JSON where it says it is."""
    body = event.get("body")
    if not body:
        return None
    if len(body.encode()) > MAX_BODY_BYTES:
        return problems.problem(
            HTTPStatus.CONTENT_TOO_LARGE,
            code="too_large",
            detail=f"at most {MAX_BODY_BYTES} bytes",
            where=where,
        )
    if event["headers"].get("content-type", _JSON) != _JSON:
        return _unsupported(where)
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return problems.problem(
            HTTPStatus.BAD_REQUEST,
            code="malformed_json",
            detail="the body is not valid JSON",
            where=where,
        )
    return None


def _unsupported(where: Where) -> Response[str]:
    return problems.problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        code="unsupported_media_type",
        detail="send application/json",
        where=where,
    )


def _plain(answer: Response[str]) -> Answer:
    """An answer given before the resolver was asked, as API Gateway wants it."""
    return {
        "statusCode": answer.status_code,
        "headers": {"Content-Type": problems.CONTENT_TYPE, **answer.headers},
        "body": answer.body,
        "isBase64Encoded": False,
        "cookies": [],
    }
