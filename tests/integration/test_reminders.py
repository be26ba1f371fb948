"""Reminders: what is scheduled, and what happens when it fires, however often."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.reminders_fire.app import lambda_handler
from roster import bootstrap
from roster.adapters.dynamodb.records import DynamoRecords
from roster.adapters.dynamodb.stream import step_of
from roster.adapters.scheduler import reminder_from
from roster.bootstrap import records
from roster.domain.errors import StaleVersion
from tests.support.api import Api
from tests.support.context import LambdaContext
from tests.support.events import event
from tests.support.records import kinds

RECORDS = Api("records_api")
HOUR = timedelta(hours=1)


@pytest.fixture
def customer(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    return f"/v1/customers/{made.json['id']}"


def at(ahead: timedelta) -> str:
    return (datetime.now(UTC) + ahead).isoformat()


def add(customer: str, ahead: timedelta = HOUR, **headers: str) -> dict[str, Any]:
    body = {"title": "Call back", "remind_at": at(ahead)}
    made = RECORDS.post(f"{customer}/tasks", body, **headers)
    assert made.status == 201, made.text
    task: dict[str, Any] = made.json
    return task


def change(customer: str, task: dict[str, Any], **values: Any) -> dict[str, Any]:
    answer = RECORDS.patch(f"{customer}/tasks/{task['id']}", values)
    assert answer.status == 200, answer.text
    changed: dict[str, Any] = answer.json
    return changed


def schedules() -> list[dict[str, Any]]:
    """All that wait, soonest first."""
    client = boto3.client("scheduler")
    found = [client.get_schedule(Name=one["Name"]) for one in client.list_schedules()["Schedules"]]
    return sorted(found, key=lambda one: str(one["ScheduleExpression"]))


def fire(schedule: dict[str, Any]) -> str:
    answer = lambda_handler(
        json.loads(schedule["Target"]["Input"]), LambdaContext("reminders_fire")
    )
    return str(answer["outcome"])


@pytest.mark.shows("S1.17")
def test_a_reminder_is_set_against_the_customer_with_a_due_date_and_fires_once(
    customers_api: Api, customer: str
) -> None:
    body = {"title": "Offer a contract", "due_date": "2031-01-02", "remind_at": at(HOUR)}
    task = RECORDS.post(f"{customer}/tasks", body).json
    (waiting,) = schedules()
    due = datetime.fromisoformat(task["remind_at"])
    rounded = datetime.strptime(
        waiting["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)"
    ).replace(tzinfo=UTC)  # fmt: skip
    assert timedelta(0) <= rounded - due < timedelta(seconds=1)
    assert waiting["ActionAfterCompletion"] == "DELETE"
    assert waiting["Target"]["DeadLetterConfig"]["Arn"]
    assert fire(waiting) == "told"
    after = RECORDS.get(f"{customer}/tasks/{task['id']}").json
    assert after["reminded_at"] is not None
    assert [fire(waiting), fire(waiting)] == ["not_wanted", "not_wanted"]
    assert kinds(customers_api, customer) == ["reminder_fired", "task_created", "created"]
    told = customers_api.get(f"{customer}/timeline").json["data"][0]
    assert (told["record_id"], told["text"]) == (task["id"], "roster fired reminder")
    assert RECORDS.get(f"{customer}/tasks/{task['id']}").json == after


def test_its_entry_goes_out_as_an_event_of_its_own(
    customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roster.usecases.announcing import announce_activity

    task = add(customer)
    fire(schedules()[0])
    items = boto3.client("dynamodb").scan(TableName="roster-business")["Items"]
    records = [
        {"eventName": "INSERT", "dynamodb": {
            "Keys": {k: item[k] for k in ("pk", "sk")}, "NewImage": item}}
        for item in items
    ]  # fmt: skip
    steps = [step for record in records if (step := step_of(record)) and step.activity]
    published: list[Any] = []
    for step in steps:
        assert step.activity
        announce_activity(step.activity, announcements=Bus(published))
    fired = [one for one in published if one.kind == "reminder.fired"]
    assert [one.detail["record_id"] for one in fired] == [task["id"]]


class Bus:
    """Keeps what is published."""

    def __init__(self, kept: list[Any]) -> None:
        self.kept = kept

    def publish(self, announcements: Sequence[Any]) -> None:
        self.kept += announcements


def test_moving_it_reschedules_and_the_old_moment_passes_in_silence(
    customers_api: Api, customer: str
) -> None:
    task = add(customer, HOUR)
    change(customer, task, remind_at=at(2 * HOUR))
    old, new = schedules()
    assert fire(old) == "not_wanted"
    assert fire(new) == "told"
    assert kinds(customers_api, customer)[0] == "reminder_fired"
    again = change(customer, task, remind_at=at(3 * HOUR))
    assert again["reminded_at"] is None
    assert [fire(one) for one in schedules()] == ["not_wanted", "not_wanted", "told"]
    assert kinds(customers_api, customer).count("reminder_fired") == 2


@pytest.mark.parametrize("how", ["completed", "cleared", "removed", "customer deleted"])
def test_what_is_no_longer_wanted_does_not_fire(
    customers_api: Api, customer: str, how: str
) -> None:
    task = add(customer)
    path = f"{customer}/tasks/{task['id']}"
    if how == "completed":
        change(customer, task, status="done")
    elif how == "cleared":
        change(customer, task, remind_at=None)
    elif how == "removed":
        assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 204
    else:
        customers_api.post(f"{customer}/deactivate", {"confirm": True}, if_match="*")
        query = {"confirm": "true", "confirm_open_work": "true"}
        headers = {"if-match": "*"}
        gone = customers_api.call("DELETE", customer, query=query, headers=headers)
        assert gone.status == 204, gone.text
    (waiting,) = schedules()
    assert fire(waiting) in ("not_wanted", "no_task")
    activities = records.activities().page(
        "acme", task["customer_id"], limit=50, after=None
    ).items  # fmt: skip
    assert "reminder_fired" not in [one.kind for one in activities]


def test_a_reopened_task_reminds_at_its_moment(customers_api: Api, customer: str) -> None:
    task = add(customer)
    change(customer, task, status="done")
    change(customer, task, status="open")
    assert [fire(one) for one in schedules()] == ["told"]
    assert kinds(customers_api, customer)[0] == "reminder_fired"


def test_a_reopened_task_whose_moment_has_passed_does_not(
    customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = add(customer)
    change(customer, task, status="done")
    (missed,) = schedules()
    assert fire(missed) == "not_wanted"
    boto3.client("scheduler").delete_schedule(Name=missed["Name"])
    clock = bootstrap.clock
    monkeypatch.setattr(bootstrap, "clock", lambda: clock() + 2 * HOUR)
    change(customer, task, status="open")
    assert schedules() == []


@pytest.mark.parametrize("ahead", [-HOUR, timedelta(seconds=-1), timedelta(days=3650)])
def test_a_reminder_lies_ahead_but_not_for_ever(customer: str, ahead: timedelta) -> None:
    task = add(customer)
    for answer in (
        RECORDS.post(f"{customer}/tasks", {"title": "x", "remind_at": at(ahead)}),
        RECORDS.patch(f"{customer}/tasks/{task['id']}", {"remind_at": at(ahead)}),
    ):
        assert answer.status == 422
        assert answer.json["errors"][0]["pointer"] == "/remind_at"
    assert len(schedules()) == 1


def test_the_schedule_is_there_before_the_task_and_the_same_request_makes_one_of_each(
    customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that dies between the two leaves a schedule that fires into nothing."""

    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    body = {"title": "Call back", "remind_at": at(HOUR)}
    with monkeypatch.context() as patch:
        patch.setattr(DynamoRecords, "add", dies)
        assert RECORDS.post(f"{customer}/tasks", body, idempotency_key="k").status == 500
    (lost,) = schedules()
    assert fire(lost) == "no_task"
    assert RECORDS.post(f"{customer}/tasks", body, idempotency_key="k").status == 201
    assert RECORDS.post(f"{customer}/tasks", body, idempotency_key="k").status == 201
    assert len(RECORDS.get(f"{customer}/tasks").json["data"]) == 1
    outcomes = sorted(fire(one) for one in schedules())
    assert outcomes == ["no_task", "told"]


def test_a_scheduler_that_does_not_answer_leaves_no_task_without_its_reminder(
    customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("scheduler")

    def refuses(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "CreateSchedule")

    monkeypatch.setattr(client, "create_schedule", refuses)
    monkeypatch.setattr(records.reminder_schedule(), "_client", client)
    refused = RECORDS.post(f"{customer}/tasks", {"title": "x", "remind_at": at(HOUR)})
    assert refused.status == 503, refused.text
    assert RECORDS.get(f"{customer}/tasks").json["data"] == []


def test_one_that_is_due_at_once_waits_until_its_task_is_written(customer: str) -> None:
    add(customer, timedelta(seconds=2))
    (waiting,) = schedules()
    fires = datetime.strptime(
        waiting["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)"
    ).replace(tzinfo=UTC)  # fmt: skip
    ahead = fires - datetime.now(UTC)
    assert timedelta(seconds=20) < ahead <= timedelta(seconds=31), "longer than a request may take"


def test_an_edit_meanwhile_does_not_lose_it(customer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task = add(customer)
    (waiting,) = schedules()
    save, raced = DynamoRecords.save, []

    def races(self: Any, *args: Any) -> None:
        if not raced:
            raced.append(True)
            raise StaleVersion("somebody edited it")
        save(self, *args)

    monkeypatch.setattr(DynamoRecords, "save", races)
    assert fire(waiting) == "told"
    assert RECORDS.get(f"{customer}/tasks/{task['id']}").json["reminded_at"] is not None


def test_two_that_fire_at_once_tell_once(
    customers_api: Api, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(customer)
    (waiting,) = schedules()
    save, other = DynamoRecords.save, list[str]()

    def after_the_other(self: Any, *args: Any) -> None:
        monkeypatch.setattr(DynamoRecords, "save", save)
        other.append(fire(waiting))
        save(self, *args)

    monkeypatch.setattr(DynamoRecords, "save", after_the_other)
    assert (fire(waiting), other) == ("not_wanted", ["told"])
    assert kinds(customers_api, customer).count("reminder_fired") == 1


def test_the_reminder_of_a_merged_customer_is_told_at_the_survivor(
    customers_api: Api, customer: str
) -> None:
    loser = customers_api.post("/v1/customers", {"company_name": "Acme Ltd"}).json["id"]
    add(f"/v1/customers/{loser}")
    merged = customers_api.post(f"{customer}/merge", {"loser_id": loser}, if_match="*")
    assert merged.status == 200, merged.text
    assert fire(schedules()[0]) == "told"
    assert "reminder_fired" in kinds(customers_api, customer)


def test_the_event_file_is_what_a_schedule_hands_over(cloud: None) -> None:
    given = event("reminders_fire", "due")
    assert reminder_from(given).task_id == given["task_id"]
    assert lambda_handler(given, LambdaContext("reminders_fire")) == {"outcome": "no_task"}
