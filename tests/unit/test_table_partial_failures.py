"""What DynamoDB leaves undone is done again or reported; no emulator ever leaves anything."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from roster.adapters.dynamodb import backoff
from roster.adapters.dynamodb.table import Table, TransactionRefused, WriteUnfinished

NAME = "t"
ATTEMPTS = 8


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    monkeypatch.setattr(backoff.time, "sleep", lambda _: None)
    config = Config(retries={"total_max_attempts": 1})
    with Stubber(boto3.client("dynamodb", config=config)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def table(stub: Stubber) -> Table:
    return Table(stub.client, NAME)


def _item(sk: str) -> dict[str, str]:
    return {"pk": "p", "sk": sk}


def _wire(sk: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}}


def _puts(*names: str) -> dict[str, Any]:
    return {NAME: [{"PutRequest": {"Item": _wire(n)}} for n in names]}


def _gets(*names: str) -> dict[str, Any]:
    return {NAME: {"Keys": [_wire(n) for n in names], "ConsistentRead": True}}


@dataclass(frozen=True)
class _Said:
    """An answer over the wire."""

    status_code: int
    content: bytes


class _Dynamo:
    """Answers bodies in their turn, the last of its answers for ever; `asked` is what they were."""

    def __init__(self, client: Any) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[Any] = []
        self.client = client
        client.meta.events.register("before-send.dynamodb", self._answer)

    def _answer(self, request: Any, **_: Any) -> _Said:
        self.asked.append(json.loads(request.body))
        status, said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return _Said(status, json.dumps(said).encode())

    def left(self, *names: str) -> None:
        """Leave the puts of those names undone."""
        self.answers.append((200, {"UnprocessedItems": _puts(*names) if names else {}}))

    def error(self, status: int, code: str) -> None:
        """Refuse with an error."""
        self.answers.append((status, {"__type": f"com.amazonaws#{code}", "message": "no"}))


@pytest.fixture
def dynamo(monkeypatch: pytest.MonkeyPatch) -> _Dynamo:
    monkeypatch.setattr(backoff.time, "sleep", lambda _: None)
    config = Config(retries={"total_max_attempts": 3})
    return _Dynamo(boto3.client("dynamodb", config=config))


@pytest.fixture
def sending(dynamo: _Dynamo) -> Table:
    return Table(dynamo.client, NAME)


def test_unprocessed_writes_and_only_they_are_sent_again(sending: Table, dynamo: _Dynamo) -> None:
    dynamo.left("b", "c")
    dynamo.left("c")
    dynamo.left()
    sending.write_batch([_item("a"), _item("b"), _item("c")])
    assert [one["RequestItems"] for one in dynamo.asked] == [
        _puts("a", "b", "c"), _puts("b", "c"), _puts("c"),
    ]  # fmt: skip


def test_writes_that_are_never_processed_are_an_error(sending: Table, dynamo: _Dynamo) -> None:
    dynamo.left("a")
    with pytest.raises(WriteUnfinished, match="1 writes"):
        sending.write_batch([_item("a")])
    assert len(dynamo.asked) == ATTEMPTS


def test_batches_hold_what_dynamodb_takes(sending: Table, dynamo: _Dynamo) -> None:
    names = [f"{n:02}" for n in range(60)]
    dynamo.left()
    sending.write_batch([_item(n) for n in names])
    assert [one["RequestItems"] for one in dynamo.asked] == [
        _puts(*names[start : start + 25]) for start in (0, 25, 50)
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "ThrottlingException"), (400, "ProvisionedThroughputExceededException"),
     (500, "InternalServerError"), (503, "ServiceUnavailable")],
)  # fmt: skip
def test_what_passes_is_tried_again(
    sending: Table, dynamo: _Dynamo, status: int, code: str
) -> None:
    dynamo.error(status, code)
    dynamo.left()
    sending.write_batch([_item("a")])
    assert len(dynamo.asked) == 2


def test_what_does_not_pass_is_an_error_at_once(sending: Table, dynamo: _Dynamo) -> None:
    dynamo.error(400, "ValidationException")
    with pytest.raises(ClientError, match="ValidationException"):
        sending.write_batch([_item("a")])
    assert len(dynamo.asked) == 1


def test_throttling_of_batches_that_outlasts_the_attempts_is_an_error(
    sending: Table, dynamo: _Dynamo
) -> None:
    dynamo.error(400, "ProvisionedThroughputExceededException")
    with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
        sending.write_batch([_item("a")])
    assert len(dynamo.asked) == 3


def test_an_insert_says_which_were_there_and_tries_what_was_throttled_again(
    sending: Table, dynamo: _Dynamo
) -> None:
    def error(code: str) -> dict[str, Any]:
        return {"Error": {"Code": code, "Message": "no"}}

    dynamo.answers = [
        (200, {"Responses": [{}, error("DuplicateItem"), error("ThrottlingError")]}),
        (200, {"Responses": [{"TableName": NAME}]}),
    ]
    assert sending.insert_batch([_item("a"), _item("b"), _item("c")]) == [True, False, True]
    asked = [[p["Parameters"][1]["S"] for p in one["Statements"]] for one in dynamo.asked]
    assert asked == [["a", "b", "c"], ["c"]]


def test_an_insert_that_is_refused_is_an_error(sending: Table, dynamo: _Dynamo) -> None:
    said = {"Error": {"Code": "ValidationError", "Message": "no"}}
    dynamo.answers = [(200, {"Responses": [said]})]
    with pytest.raises(ClientError, match="ValidationError"):
        sending.insert_batch([_item("a")])


def test_unprocessed_keys_are_read_again(table: Table, stub: Stubber) -> None:
    stub.add_response(
        "batch_get_item",
        {"Responses": {NAME: [_wire("a")]}, "UnprocessedKeys": _gets("b")},
        {"RequestItems": _gets("a", "b")},
    )
    stub.add_response(
        "batch_get_item",
        {"Responses": {NAME: [_wire("b")]}, "UnprocessedKeys": {}},
        {"RequestItems": _gets("b")},
    )
    assert list(table.get_many([_item("a"), _item("b")])) == [_item("a"), _item("b")]


def test_keys_that_are_never_read_are_an_error_and_not_absence(table: Table, stub: Stubber) -> None:
    for _ in range(ATTEMPTS):
        stub.add_response(
            "batch_get_item", {"Responses": {NAME: []}, "UnprocessedKeys": _gets("a")}
        )
    with pytest.raises(WriteUnfinished):
        list(table.get_many([_item("a")]))


def _cancelled(stub: Stubber, *codes: str) -> None:
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
    )


def test_a_mere_conflict_is_tried_again(table: Table, stub: Stubber) -> None:
    _cancelled(stub, "None", "TransactionConflict")
    stub.add_response("transact_write_items", {})
    table.transact([table.put_action(_item("a")), table.put_action(_item("b"))])


def test_a_failed_condition_is_not_tried_again(table: Table, stub: Stubber) -> None:
    _cancelled(stub, "ConditionalCheckFailed", "TransactionConflict")
    with pytest.raises(TransactionRefused) as refused:
        table.transact([table.put_action(_item("a")), table.put_action(_item("b"))])
    assert refused.value.reasons == ("ConditionalCheckFailed", "TransactionConflict")
    assert not refused.value.is_conflict


def test_a_conflict_that_stays_is_reported(table: Table, stub: Stubber) -> None:
    for _ in range(ATTEMPTS):
        _cancelled(stub, "TransactionConflict")
    with pytest.raises(TransactionRefused) as refused:
        table.transact([table.put_action(_item("a"))])
    assert refused.value.is_conflict


@pytest.mark.parametrize("operation", ["get_item", "put_item", "query"])
def test_throttling_that_outlasts_the_client_is_an_error(
    table: Table, stub: Stubber, operation: str
) -> None:
    stub.add_client_error(operation, "ProvisionedThroughputExceededException")
    calls = {
        "get_item": lambda: table.get(_item("a")),
        "put_item": lambda: table.put(_item("a"), condition="attribute_not_exists(pk)"),
        "query": lambda: table.query("p"),
    }
    with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
        calls[operation]()


def test_a_condition_that_does_not_hold_is_an_answer(table: Table, stub: Stubber) -> None:
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    assert table.put(_item("a"), condition="attribute_not_exists(pk)") is False
