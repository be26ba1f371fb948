"""Requests to DynamoDB by their bytes, for what writes thousands of items.

botocore looks at every value of a request against its model, writes it, and reads the answer the
same way: most of the CPU of an import. Here the body comes as it goes over the wire. All else is
botocore's own: endpoint, credentials, signature, connections, and the hooks before a request is
sent. Retries are those of its standard mode.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError, HTTPClientError

from roster.adapters.dynamodb.backoff import pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "Throttling",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "TransactionInProgressException",
    }
)
# What the standard mode takes for passing, whatever the body says.
_PASSING = frozenset(
    {
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class Wire:
    """Sends bodies through a client's own connections."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._inner: Any = client
        self._url = f"{client.meta.endpoint_url.rstrip('/')}/"
        retries: dict[str, Any] = getattr(client.meta.config, "retries", None) or {}
        self._attempts = int(retries.get("total_max_attempts", 3))

    def call(self, operation: str, body: bytes) -> dict[str, Any]:
        """The answer to `body`; raises ClientError, or HTTPClientError where nobody answers."""
        for attempt in range(1, self._attempts + 1):
            is_last = attempt == self._attempts
            try:
                status, content = self._send(operation, body)
            except HTTPClientError:
                if is_last:
                    raise
            else:
                if status == HTTPStatus.OK:
                    answer: dict[str, Any] = orjson.loads(content)
                    return answer
                error = _error(operation, status, content)
                passes = status in _PASSING or error.response["Error"]["Code"] in _THROTTLED
                if is_last or not passes:
                    raise error
            pause(attempt)
        raise AssertionError("at least one attempt is made")

    def _send(self, operation: str, body: bytes) -> tuple[int, bytes]:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        }
        request = AWSRequest(method="POST", url=self._url, headers=headers, data=body)
        self._inner._request_signer.sign(operation, request)  # noqa: SLF001 — refreshes credentials
        prepared = request.prepare()
        # Where a client is mocked or watched it is done here, as botocore's endpoint does it.
        hooks = self._inner.meta.events.emit(
            f"before-send.dynamodb.{operation}", request=prepared, params={}
        )
        answer = next((said for _, said in hooks if said is not None), None)
        if answer is None:
            answer = self._inner._endpoint.http_session.send(prepared)  # noqa: SLF001
        return int(answer.status_code), bytes(answer.content)


def _error(operation: str, status: int, content: bytes) -> ClientError:
    try:
        said = orjson.loads(content)
    except orjson.JSONDecodeError:
        said = {}
    code = str(said.get("__type", status)).rpartition("#")[2]
    message = str(said.get("message") or said.get("Message") or "")
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)
