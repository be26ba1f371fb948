"""Requests to DynamoDB by their bytes, for what writes thousands of items.

botocore looks at every value of a request against its model, writes it, signs it as it would any
request, and takes the answer apart the same way: most of the CPU of an import. Here the body comes
as it goes over the wire, over a connection of our own. Endpoint and credentials are those of the
client; where there is a proxy, it sends for itself. Retries are those of botocore's
standard mode.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError
from botocore.utils import get_environ_proxies

from roster.adapters.dynamodb.backoff import pause
from roster.adapters.dynamodb.connection import Connection, Unanswered
from roster.adapters.dynamodb.signature import signed_headers

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
    """Sends bodies to where a client sends its requests."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._inner: Any = client
        config: Any = client.meta.config
        self._url = f"{client.meta.endpoint_url.rstrip('/')}/"
        self._region = client.meta.region_name
        self._has_proxy = bool(config.proxies or get_environ_proxies(self._url))
        retries: dict[str, Any] = getattr(config, "retries", None) or {}
        self._attempts = int(retries.get("total_max_attempts", 3))
        self._connection = Connection(
            self._url, connect_timeout=config.connect_timeout, read_timeout=config.read_timeout
        )

    def call(self, operation: str, body: bytes) -> dict[str, Any]:
        """The answer to `body`; raises ClientError, or HTTPClientError where nobody answers."""
        for attempt in range(1, self._attempts + 1):
            is_last = attempt == self._attempts
            try:
                status, content = self._send(operation, body)
            except (HTTPClientError, EndpointConnectionError):
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

    def close(self) -> None:
        """Close this thread's connection; the next call makes another."""
        self._connection.close()

    def _send(self, operation: str, body: bytes) -> tuple[int, bytes]:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        }
        # Asked for each time: those of a role are renewed while we are at work.
        keys = self._inner._request_signer._credentials.get_frozen_credentials()  # noqa: SLF001 - no other way to them
        signed = signed_headers(
            host=self._connection.host, region=self._region, access_key=keys.access_key,
            secret_key=keys.secret_key, token=keys.token, headers=headers, body=body,
            now=datetime.now(UTC),
        )  # fmt: skip
        request = AWSPreparedRequest("POST", self._url, _prepared(signed), body, False)  # noqa: FBT003 - no keyword
        # As botocore's endpoint does it: here a client is mocked, and watched.
        said = self._inner.meta.events.emit(f"before-send.dynamodb.{operation}", request=request)
        answer = next((one for _, one in said if one is not None), None)
        if answer is None and self._has_proxy:
            answer = self._inner._endpoint.http_session.send(request)  # noqa: SLF001 - the client's own
        if answer is not None:
            return int(answer.status_code), bytes(answer.content)
        try:
            return self._connection.post(signed, body)
        except Unanswered as broken:
            raise EndpointConnectionError(endpoint_url=self._url, error=broken) from broken


def _prepared(signed: dict[str, str]) -> HTTPHeaders:
    headers = HTTPHeaders()
    for name, value in signed.items():
        headers[name] = value
    return headers


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
