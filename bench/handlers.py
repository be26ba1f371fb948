"""CPU per request of the customers function, beside a bare Powertools function that says hello.

A request first runs on moto; the answers DynamoDB gave are then replayed at the level of HTTP, so
that what is measured is our code and botocore's: building, signing, parsing, but no cloud.
"""

import contextlib
import importlib
import io
import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import process_time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext as PowertoolsContext
from botocore.awsrequest import AWSResponse
from moto.core.models import botocore_stubber

from bench import company
from bench.report import Table, figure
from roster import bootstrap
from tests.support.api import http_event
from tests.support.context import LambdaContext

_CUSTOMERS = 100
_ROUNDS, _CALLS = 5, 20
_CLAIMS = {"tenant": company.TENANT, "role": "office", "username": "olga"}

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def _hello() -> Handler:
    app, logger = APIGatewayHttpResolver(), Logger(service="hello")

    @app.get("/hello")
    def hello() -> dict[str, str]:
        return {"message": "hello"}

    @logger.inject_lambda_context
    def handler(event: dict[str, Any], context: PowertoolsContext) -> dict[str, Any]:
        return app.resolve(event, context)

    return handler


@dataclass(frozen=True, slots=True)
class Body:
    """The body of an answer, as botocore reads it."""

    content: bytes

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


class _Replay:
    """Remembers what DynamoDB answered to one request of ours, and then answers so itself."""

    def __init__(self, client: Any) -> None:
        self._answers: list[dict[str, Any]] = []
        self._next: int | None = None
        self._events = client.meta.events
        client.meta.events.register("response-received.dynamodb.*", self._remember)

    def record(self) -> None:
        """Begin to remember."""
        if self._next is not None:
            self._events.unregister("before-send", self._answer)
            self._events.register("before-send", botocore_stubber)
        self._answers, self._next = [], None

    def play(self) -> None:
        """Begin to answer, from the first answer on and round and round."""
        self._next = 0
        # Moto answers before anybody else is asked.
        self._events.unregister("before-send", botocore_stubber)
        self._events.register("before-send", self._answer)

    def _remember(self, response_dict: dict[str, Any], **_: Any) -> None:
        if self._next is None:
            self._answers.append(response_dict)

    def _answer(self, request: Any, **_: Any) -> AWSResponse | None:
        if self._next is None:
            return None
        kept = self._answers[self._next % len(self._answers)]
        self._next += 1
        return AWSResponse(request.url, kept["status_code"], kept["headers"], Body(kept["body"]))


def _per_call(handler: Handler, event: dict[str, Any], status: int) -> float:
    """Median CPU seconds of a call; what it prints is thrown away."""
    seconds = []
    with contextlib.redirect_stdout(io.StringIO()):
        for _ in range(_ROUNDS):
            begun = process_time()
            for _ in range(_CALLS):
                answer = handler(event, LambdaContext("bench"))
            seconds.append((process_time() - begun) / _CALLS)
            assert answer["statusCode"] == status, answer
    return statistics.median(seconds)


def table() -> Table:
    """CPU per request as multiples of hello's, and requests a CPU-second."""
    hello_event = http_event("GET", "/hello", claims=_CLAIMS)
    with company.company() as api, contextlib.redirect_stdout(io.StringIO()):
        company.fill(_CUSTOMERS)
        made = api.post("/v1/customers", company.values(_CUSTOMERS))
        path = f"/v1/customers/{made.json['id']}"
        handler: Handler = importlib.import_module("functions.customers_api.app").lambda_handler
        replay = _Replay(bootstrap.dynamodb())
        requests = {
            "create": (_event("POST", "/v1/customers", company.values(_CUSTOMERS + 1)), 201),
            "read": (_event("GET", path), 200),
            "patch, phone": (_event("PATCH", path, {"phone": "+1 555 1"}), 200),
            "list, page of 25": (_event("GET", "/v1/customers"), 200),
            "search, page of 25": (_event("GET", "/v1/customers", q="fire"), 200),
        }
        hello = _per_call(_hello(), hello_event, 200)
        rows = [["hello", "1", figure(1 / hello)]]
        for name, (event, status) in requests.items():
            replay.record()
            assert handler(event, LambdaContext("bench"))["statusCode"] == status
            replay.play()
            seconds = _per_call(handler, event, status)
            rows.append([name, figure(seconds / hello), figure(1 / seconds)])
    return Table("handlers", ["request", "CPU, hello = 1", "requests a CPU-second"], rows)


def _event(method: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
    event = http_event(
        method,
        path,
        claims=_CLAIMS,
        query=query,
        headers={"if-match": "*"},
        body=None if body is None else json.dumps(body),
    )
    event["requestContext"]["authorizer"]["jwt"]["claims"] = _CLAIMS
    return event
