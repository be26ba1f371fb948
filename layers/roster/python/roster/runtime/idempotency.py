"""Idempotency-Key on POST: the same key answers as the first time, for a day."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from roster.runtime.callers import HasEvent

_KEPT_SECONDS = 24 * 3600
MAX_KEY_LENGTH = 255
# An item of DynamoDB has at most 400 KB; a letter with an accent takes six bytes there.
_MAX_KEPT_BYTES = 380_000

type Answer = dict[str, Any]


class _NotKept(Exception):
    """Carries an answer that is not to be remembered: the next try shall run again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def store(table_name: str, client: Any) -> DynamoDBPersistenceLayer:
    """The table that remembers answers."""
    return DynamoDBPersistenceLayer(table_name=table_name, boto3_client=client)


def request_key(tenant: str, route: str, key: str) -> str:
    """What identifies a request: the company, the route and the caller's key."""
    return hashlib.sha256(f"{tenant}\x1f{route}\x1f{key}".encode()).hexdigest()


def of_request(app: HasEvent, tenant: str) -> str | None:
    """What identifies this request beside its answer: a write marked with it happens once."""
    event = app.current_event
    key = event.headers.get("idempotency-key")
    return request_key(tenant, f"POST {event.raw_path}", key) if key else None


def once(
    run: Callable[[], Answer],
    *,
    key: str,
    body: str,
    context: LambdaContext,
    store: DynamoDBPersistenceLayer,
) -> Answer:
    """`run()`, or what it answered the last time; refusals and very long ones are not remembered.

    Raises Powertools' IdempotencyAlreadyInProgressError and IdempotencyValidationError (the same
    key with another body).
    """
    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="body",
        expires_after_seconds=_KEPT_SECONDS,
        hash_function="sha256",
        lambda_context=context,
    )

    def kept(*, request: dict[str, str]) -> Answer:  # noqa: ARG001 — what the store looks at
        answer = run()
        # One that the table has no room for is made again: what it wrote bears the key itself.
        if answer["statusCode"] >= 400 or len(json.dumps(answer)) > _MAX_KEPT_BYTES:
            raise _NotKept(answer)
        return answer

    guarded = idempotent_function(
        kept,
        data_keyword_argument="request",
        persistence_store=store,
        config=config,
        key_prefix="api",
    )
    try:
        answer: Answer = guarded(request={"key": key, "body": body})
    except _NotKept as refused:
        return refused.answer
    return answer
