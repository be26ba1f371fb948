"""What goes over the wire by our own bytes: signed as botocore signs, over a kept connection."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import EndpointConnectionError

from roster.adapters.dynamodb import backoff
from roster.adapters.dynamodb.signature import signed_headers
from roster.adapters.dynamodb.table import Table

HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
}
DONE = b'{"UnprocessedItems":{}}'


@pytest.mark.parametrize("token", [None, "a/token+of=a role"])
@pytest.mark.parametrize(
    "host", ["dynamodb.eu-central-1.amazonaws.com", "127.0.0.1:4566", "localhost:8000"]
)
@pytest.mark.parametrize("body", [b"{}", '{"name":"Café"}'.encode(), b"x" * 100_000])
def test_a_request_is_signed_as_botocore_signs_it(
    monkeypatch: pytest.MonkeyPatch, token: str | None, host: str, body: bytes
) -> None:
    now = datetime(2026, 11, 22, 5, 6, 7, tzinfo=UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: now)
    request = AWSRequest("POST", f"https://{host}/", headers=dict(HEADERS), data=body)
    keys = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    SigV4Auth(keys, "dynamodb", "eu-central-1").add_auth(request)
    ours = signed_headers(
        host=host, region="eu-central-1", access_key=keys.access_key, secret_key=keys.secret_key,
        token=token, headers=HEADERS, body=body, now=now,
    )  # fmt: skip
    assert ours == dict(request.headers.items())


class _Server:
    """Takes connections and does with each what it is told: answers, or hangs up."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.seen: list[bytes] = []

    def serve(self, plans: list[list[bytes | None]]) -> None:
        """What it does with each connection, request by request; None hangs up."""
        threading.Thread(target=self._serve, args=(plans,), daemon=True).start()

    def _serve(self, plans: list[list[bytes | None]]) -> None:
        for plan in plans:
            connection, _ = self._listening.accept()
            with connection, connection.makefile("rb") as asked:
                for answer in plan:
                    self._read(asked)
                    if answer is None:
                        break
                    connection.sendall(answer)

    def _read(self, asked: Any) -> None:
        length = 0
        while (line := asked.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        self.seen.append(asked.read(length))

    def close(self) -> None:
        self._listening.close()


def answer(body: bytes = DONE, status: str = "200 OK", extra: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


@pytest.fixture
def server() -> Iterator[_Server]:
    made = _Server()
    yield made
    made.close()


def table_of(server: _Server, plans: list[list[bytes | None]]) -> Table:
    server.serve(plans)
    client = boto3.client(
        "dynamodb", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="a",
        aws_secret_access_key="b", config=Config(retries={"total_max_attempts": 3}),
    )  # fmt: skip
    return Table(client, "t")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff.time, "sleep", lambda _: None)


def write(table: Table, *names: str) -> None:
    try:
        for name in names:
            table.write_batch([{"pk": "p", "sk": name}])
    finally:
        table._wire.close()


def test_one_connection_serves_many_requests(server: _Server) -> None:
    write(table_of(server, [[answer(), answer(), answer()]]), "a", "b", "c")
    assert len(server.seen) == 3


def test_a_connection_closed_meanwhile_is_made_again(server: _Server) -> None:
    write(table_of(server, [[answer()], [answer()]]), "a", "b")
    assert server.seen[-1].count(b'"sk":{"S":"b"}') == 1


def test_a_connection_that_is_to_be_closed_is_not_used_again(server: _Server) -> None:
    closing = answer(extra="Connection: close\r\n")
    write(table_of(server, [[closing], [answer()]]), "a", "b")
    assert len(server.seen) == 2


def test_an_answer_cut_off_is_asked_for_again(server: _Server) -> None:
    write(table_of(server, [[answer()[:-5]], [answer()]]), "a")
    assert len(server.seen) == 2


def test_whoever_never_answers_is_given_up(server: _Server) -> None:
    with pytest.raises(EndpointConnectionError):
        write(table_of(server, [[None], [None], [None], [None], [None], [None]]), "a")
    assert len(server.seen) == 3
