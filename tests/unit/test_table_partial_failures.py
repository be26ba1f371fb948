"""What DynamoDB leaves undone is done again or reported; no emulator ever leaves anything."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from roster.adapters.dynamodb import table as module
from roster.adapters.dynamodb.table import Table, TransactionRefused, WriteUnfinished

NAME = "t"
ATTEMPTS = 8


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
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


def test_unprocessed_writes_and_only_they_are_sent_again(table: Table, stub: Stubber) -> None:
    for sent, left in (("abc", "bc"), ("bc", "c"), ("c", "")):
        stub.add_response(
            "batch_write_item",
            {"UnprocessedItems": _puts(*left) if left else {}},
            {"RequestItems": _puts(*sent)},
        )
    table.write_batch([_item("a"), _item("b"), _item("c")])


def test_writes_that_are_never_processed_are_an_error(table: Table, stub: Stubber) -> None:
    for _ in range(ATTEMPTS):
        stub.add_response("batch_write_item", {"UnprocessedItems": _puts("a")})
    with pytest.raises(WriteUnfinished, match="1 writes"):
        table.write_batch([_item("a")])


def test_batches_hold_what_dynamodb_takes(table: Table, stub: Stubber) -> None:
    names = [f"{n:02}" for n in range(60)]
    for start in (0, 25, 50):
        asked = {"RequestItems": _puts(*names[start : start + 25])}
        stub.add_response("batch_write_item", {"UnprocessedItems": {}}, asked)
    table.write_batch([_item(n) for n in names])


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


@pytest.mark.parametrize("operation", ["get_item", "put_item", "query", "batch_write_item"])
def test_throttling_that_outlasts_the_client_is_an_error(
    table: Table, stub: Stubber, operation: str
) -> None:
    stub.add_client_error(operation, "ProvisionedThroughputExceededException")
    calls = {
        "get_item": lambda: table.get(_item("a")),
        "put_item": lambda: table.put(_item("a"), condition="attribute_not_exists(pk)"),
        "query": lambda: table.query("p"),
        "batch_write_item": lambda: table.write_batch([_item("a")]),
    }
    with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
        calls[operation]()


def test_a_condition_that_does_not_hold_is_an_answer(table: Table, stub: Stubber) -> None:
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    assert table.put(_item("a"), condition="attribute_not_exists(pk)") is False
