"""The stream function: tells the bus, tidies up, and never lets one record block the others."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import jsonschema
import pytest

from functions.table_events.app import lambda_handler
from roster import bootstrap
from roster.adapters import eventbridge
from roster.adapters.dynamodb import customer_items, customer_lookups, encoding, keys
from roster.adapters.dynamodb.stream import step_of
from roster.adapters.eventbridge import EventBridge
from roster.bootstrap import stream
from roster.domain.customer import Customer
from roster.usecases.ports import NewCustomer
from tests.support.api import Api
from tests.support.context import LambdaContext
from tests.support.events import event
from tests.support.template import ROOT

NOTHING_LEFT: dict[str, list[Any]] = {"batchItemFailures": []}
SCHEMA = json.loads((ROOT / "docs/events/customer.schema.json").read_text())


class Bus:
    """An EventBridge client that refuses entries as `refuses` says, call by call."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.calls = 0
        self.refuses: Callable[[int, dict[str, Any]], bool] = lambda _call, _entry: False

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.calls += 1
        results: list[dict[str, str]] = []
        for entry in Entries:
            if self.refuses(self.calls, entry):
                results.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
            else:
                self.taken.append(entry)
                results.append({"EventId": str(len(self.taken))})
        return {"FailedEntryCount": sum("ErrorCode" in r for r in results), "Entries": results}


@pytest.fixture
def bus(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Bus:
    found = Bus()
    monkeypatch.setattr(eventbridge.time, "sleep", lambda _: None)
    monkeypatch.setattr(
        stream,
        "event_bus",
        lambda: EventBridge(found, "bus"),  # type: ignore[arg-type]
    )
    return found


@pytest.fixture
def parked(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="parked")["QueueUrl"]
    monkeypatch.setenv("PARKED_RECORDS_QUEUE_URL", url)
    monkeypatch.setenv("EVENT_BUS_NAME", "bus")

    def look() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(m["Body"]) for m in found]

    return look


def _call(given: dict[str, Any]) -> Any:
    return lambda_handler(given, LambdaContext("table_events"))


def _stored(case: str) -> Customer:
    """The customer of an event file as the record says it is now, in the table."""
    steps = [step_of(record) for record in event("table_events", case)["Records"]]
    customer = next(step.after for step in steps if step and step.after)
    bootstrap.customers().load_first([NewCustomer(customer)])
    return customer


def _has(key: keys.Key) -> bool:
    return bootstrap.table().get(key) is not None


@pytest.mark.parametrize(("case", "kind"), [("created", "created"), ("edited", "edited")])
def test_what_happened_is_told_once_and_without_personal_data(
    bus: Bus, case: str, kind: str
) -> None:
    assert _call(event("table_events", case)) == NOTHING_LEFT
    (entry,) = bus.taken
    assert (entry["Source"], entry["DetailType"]) == ("roster.customers", f"customer.{kind}")
    jsonschema.validate(
        json.loads(entry["Detail"]), SCHEMA, format_checker=jsonschema.FormatChecker()
    )
    assert "ller" not in entry["Detail"]


def test_what_the_bus_did_not_take_is_offered_again(bus: Bus) -> None:
    bus.refuses = lambda call, _: call == 1
    assert _call(event("table_events", "created")) == NOTHING_LEFT
    assert (bus.calls, len(bus.taken)) == (2, 1)


def test_what_the_bus_never_takes_is_parked_whole(
    bus: Bus, parked: Callable[[], list[dict[str, Any]]]
) -> None:
    bus.refuses = lambda _call, entry: entry["DetailType"] == "customer.created"
    given = event("table_events", "created")
    assert _call(given) == NOTHING_LEFT
    assert parked() == [given["Records"][-1]]


def test_a_poison_record_is_parked_and_the_others_go_on(
    bus: Bus, parked: Callable[[], list[dict[str, Any]]]
) -> None:
    given = event("table_events", "poison")
    assert _call(given) == NOTHING_LEFT
    assert parked() == [given["Records"][0]]
    assert [entry["DetailType"] for entry in bus.taken] == ["customer.created"]


def test_what_cannot_even_be_parked_comes_again_with_the_rest(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Any:
        raise ConnectionError("no queue")

    monkeypatch.setattr(stream, "parked_records", broken)
    given = event("table_events", "poison")
    sequence = given["Records"][0]["dynamodb"]["SequenceNumber"]
    assert _call(given) == {"batchItemFailures": [{"itemIdentifier": sequence}]}
    assert bus.taken == [], "records behind it wait, so that they stay in order"


@pytest.mark.usefixtures("bus")
def test_lookups_that_no_longer_hold_are_swept() -> None:
    now = _stored("edited")
    before = replace(
        now, company_name="Café Müller GmbH", display_name="Café Müller GmbH", phone="+49 30 555010"
    )
    stale = customer_lookups.lookups(before)
    bootstrap.table().write_batch(stale.values())
    gone = [stale[sk] for sk in stale.keys() - customer_lookups.lookups(now).keys()]
    assert len(gone) == 2
    _call(event("table_events", "edited"))
    assert not [i for i in gone if _has(keys.Key(pk=i["pk"], sk=i["sk"]))]
    kept = customer_lookups.lookups(now).values()
    assert all(_has(keys.Key(pk=i["pk"], sk=i["sk"])) for i in kept)


@pytest.mark.usefixtures("bus")
def test_a_list_row_left_behind_is_mended() -> None:
    now = _stored("edited")
    old = replace(now, version=1, phone="+49 30 555010")
    bootstrap.table().put(customer_items.list_row(old))
    _call(event("table_events", "edited"))
    row = bootstrap.table().get(customer_items.list_row_key(now))
    assert row == customer_items.list_row(now)


@pytest.mark.usefixtures("bus")
def test_rows_that_a_customer_moved_away_from_are_removed_and_others_mended() -> None:
    now = _stored("edited")
    tagged = replace(now, tags=("vip",), portal_access=True)
    bootstrap.customers().load_first([NewCustomer(tagged)])
    old = replace(tagged, version=1, display_name="Café Müller GmbH", phone="1")
    left = [customer_items.list_row(old, shelf) for shelf in customer_items.shelves(old)]
    behind = [customer_items.list_row(replace(tagged, version=1), keys.PORTAL_SHELF)]
    bootstrap.table().write_batch([*left, *behind])
    bootstrap.customers().sweep(old, tagged)
    assert not [row for row in left if _has(keys.Key(pk=row["pk"], sk=row["sk"]))]
    for row in customer_items.list_rows(tagged):
        assert bootstrap.table().get({"pk": row["pk"], "sk": row["sk"]}) == row


@pytest.mark.usefixtures("bus")
def test_a_late_record_undoes_nothing_newer() -> None:
    now = _stored("edited")
    newer = replace(now, version=3, email="newer@mueller.example")
    bootstrap.customers().load_first([NewCustomer(newer)])
    _call(event("table_events", "edited"))
    row = bootstrap.table().get(customer_items.list_row_key(newer))
    assert row == customer_items.list_row(newer)


@pytest.mark.usefixtures("bus", "parked")
@pytest.mark.parametrize(
    "change", [{}, {"Keys": {}}, {"Keys": {"pk": {"S": "x"}, "sk": {"S": "HEAD"}}, "NewImage": {}}]
)
def test_the_handler_never_raises(change: dict[str, Any]) -> None:
    record = {"eventName": "MODIFY", "dynamodb": {"SequenceNumber": "1", **change}}
    assert _call({"Records": [record]}) == NOTHING_LEFT


def test_a_row_of_an_earlier_version_is_still_read(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "tags": ["vip"]}).json
    stored = bootstrap.customers().get("acme", made["id"])
    assert stored is not None
    row = customer_items.list_row(stored)
    spelled = {"company_name": "Acme", "tags": ["vip"], "created": 1, "updated": 1}
    bootstrap.table().put({**row, "doc": encoding.dump(spelled)})
    (listed,) = customers_api.get("/v1/customers").json["data"]
    assert (listed["display_name"], listed["tags"]) == ("Acme", ["vip"])
