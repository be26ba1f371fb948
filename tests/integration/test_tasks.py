"""Tasks through the functions' doors: of a customer, and across customers."""

from datetime import timedelta
from typing import Any

import pytest

from roster import bootstrap
from roster.bootstrap import records
from tests.support.api import Answer, Api
from tests.support.records import every_page, kinds

RECORDS = Api("records_api")
TODAY = bootstrap.clock().date()


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture
def customer(customers_api: Api) -> str:
    return new_customer(customers_api, "Acme")


def new_customer(api: Api, name: str) -> str:
    return f"/v1/customers/{api.post('/v1/customers', {'company_name': name}).json['id']}"


def add(customer: str, title: str, **more: Any) -> dict[str, Any]:
    made = RECORDS.post(f"{customer}/tasks", {"title": title, **more})
    assert made.status == 201, made.text
    task: dict[str, Any] = made.json
    return task


def change(customer: str, task: dict[str, Any], **values: Any) -> Answer:
    return RECORDS.patch(f"{customer}/tasks/{task['id']}", values)


def titles(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [task["title"] for task in answer.json["data"]]


@pytest.mark.shows("S1.29", "S1.30")
def test_a_task_is_made_for_its_customer_and_shows_title_and_due_date(customer: str) -> None:
    body = {
        "title": " Call about the boiler ", "due_date": day(3), "assignee": "Maria",
        "kind": "call", "notes": "After ten.\nNot on Fridays",
    }  # fmt: skip
    made = RECORDS.post(f"{customer}/tasks", body)
    assert made.status == 201, made.text
    task = made.json
    path = f"{customer}/tasks/{task['id']}"
    assert made.headers["location"] == path
    assert task["customer_id"] == customer.rpartition("/")[2]
    assert (task["title"], task["due_date"]) == ("Call about the boiler", day(3))
    assert (task["status"], task["kind"], task["assignee"]) == ("open", "call", "Maria")
    read = RECORDS.get(path)
    assert (read.json, read.headers["etag"]) == (task, '"1"')
    assert RECORDS.call("GET", path, headers={"if-none-match": '"1"'}).status == 304
    listed = RECORDS.get("/v1/tasks").json["data"]
    assert [(t["title"], t["due_date"]) for t in listed] == [("Call about the boiler", day(3))]
    assert listed[0]["customer"] == {"id": task["customer_id"], "display_name": "Acme"}


@pytest.mark.shows("S1.26")
def test_completing_takes_it_from_the_open_ones_and_reopening_brings_it_back(
    customers_api: Api, customer: str
) -> None:
    task = add(customer, "Visit", kind="visit", due_date=day(1))
    add(customer, "Call", kind="call")
    done = change(customer, task, status="done")
    assert (done.status, done.json["status"]) == (200, "done")
    assert done.json["completed_at"] is not None
    assert change(customer, task, status="done").json == done.json, "twice is once"
    assert titles(RECORDS.get(f"{customer}/tasks", status="open")) == ["Call"]
    assert titles(RECORDS.get(f"{customer}/tasks", status="done")) == ["Visit"]
    assert titles(RECORDS.get("/v1/tasks", status="done")) == ["Visit"]
    reopened = change(customer, task, status="open", title="Visit again").json
    assert (reopened["completed_at"], reopened["version"]) == (None, 3)
    assert titles(RECORDS.get(f"{customer}/tasks", status="open")) == ["Call", "Visit again"]
    told = kinds(customers_api, customer)
    assert set(told[:2]) == {"task_edited", "task_reopened"}, "one step, one moment"
    assert told[2:] == ["task_completed", "task_created", "task_created", "created"]


@pytest.mark.shows("S1.31")
def test_open_ones_come_by_due_date_and_the_sixth_is_reached_in_the_whole_list(
    customer: str,
) -> None:
    for number in (4, 2, 6, 1, 3, 5):
        add(customer, str(number), due_date=day(number))
    add(customer, "some day")
    change(customer, add(customer, "done", due_date=day(0)), status="done")
    customer_id = customer.rpartition("/")[2]
    first = records.tasks().open("acme", [customer_id], limit=5)
    assert [task.title for task in first] == ["1", "2", "3", "4", "5"]
    more = records.tasks().open("acme", [customer_id], limit=20)
    assert [task.title for task in more] == ["1", "2", "3", "4", "5", "6", "some day"]
    whole = every_page(RECORDS, "/v1/tasks", customer_id=customer_id, limit=2)
    assert {t["title"] for t in whole} == {*"123456", "some day", "done"}
    assert {t["customer"]["id"] for t in whole} == {customer_id}
    assert every_page(RECORDS, f"{customer}/tasks", limit=3) == [
        {k: v for k, v in t.items() if k != "customer"} for t in whole
    ]


def test_across_customers_they_come_by_due_date_and_are_narrowed(
    customers_api: Api, customer: str
) -> None:
    other = new_customer(customers_api, "Zenith")
    add(customer, "late", due_date=day(-2), assignee="Maria")
    change(customer, add(customer, "late but done", due_date=day(-3)), status="done")
    add(other, "today", due_date=day(0), assignee="Jo")
    add(other, "next week", due_date=day(7), assignee="maria")
    add(customer, "some day")

    def found(**query: Any) -> list[str]:
        pages = every_page(RECORDS, "/v1/tasks", limit=1, **query)
        assert [t["title"] for t in pages] == titles(RECORDS.get("/v1/tasks", **query))
        return [t["title"] for t in pages]

    assert found() == ["late but done", "late", "today", "next week", "some day"]
    assert found(status="open") == ["late", "today", "next week", "some day"]
    assert found(assignee="MARIA") == ["late", "next week"]
    assert found(due_from=day(0)) == ["today", "next week"]
    assert found(due_to=day(0)) == ["late but done", "late", "today"]
    assert found(due_from=day(1), due_to=day(-1)) == []
    assert found(overdue="true") == ["late"]
    assert found(overdue="true", status="done") == []
    assert found(overdue="true", due_from=day(0)) == []
    assert found(overdue="false", status="open") == ["today", "next week", "some day"]
    assert titles(RECORDS.get(f"{customer}/tasks", overdue="true")) == ["late"]
    assert titles(RECORDS.get(f"{customer}/tasks", assignee="jo")) == []
    moved = RECORDS.get("/v1/tasks", status="open", limit=1).json["next_cursor"]
    assert RECORDS.get("/v1/tasks", status="done", cursor=moved).status == 400
    assert RECORDS.get("/v1/tasks", colour="red").status == 400


def test_a_moved_task_stands_where_it_is_due_now(customer: str) -> None:
    task = add(customer, "move me", due_date=day(1))
    add(customer, "stay", due_date=day(2))
    change(customer, task, due_date=day(5))
    assert titles(RECORDS.get("/v1/tasks")) == ["stay", "move me"]
    change(customer, task, due_date=None)
    assert titles(RECORDS.get("/v1/tasks")) == ["stay", "move me"]
    assert RECORDS.get(f"{customer}/tasks/{task['id']}").json["due_date"] is None


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/title"}),
        ({"title": " "}, {"/title"}),
        ({"title": "x" * 201, "assignee": "y" * 101, "notes": "z" * 10_001},
         {"/title", "/assignee", "/notes"}),
        ({"title": "a\x07b", "remind_at": "2020-01-01T00:00:00Z"}, {"/title", "/remind_at"}),
        ({"title": "x", "due_date": "soon", "status": "half", "kind": "letter",
          "remind_at": "2030-01-01T00:00:00", "colour": "red"},
         {"/due_date", "/status", "/kind", "/remind_at", "/colour"}),
        ({"title": "x", "due_date": 0, "remind_at": 4_000_000_000}, {"/due_date", "/remind_at"}),
        ({"title": "x", "due_date": "1700000000"}, {"/due_date"}),
        ({"title": "x", "remind_at": "9999-12-31T23:59:59-12:00"}, {"/remind_at"}),
    ],
)  # fmt: skip
def test_a_bad_task_is_refused_with_every_bad_field(
    customer: str, body: dict[str, Any], pointers: set[str]
) -> None:
    refused = RECORDS.post(f"{customer}/tasks", body)
    assert refused.status == 422, refused.text
    assert {error["pointer"] for error in refused.json["errors"]} == pointers
    task = add(customer, "good")
    if body:
        assert change(customer, task, **body).status == 422
    assert RECORDS.get(f"{customer}/tasks/{task['id']}").json == task
    assert len(every_page(RECORDS, f"{customer}/tasks")) == 1


def test_versions_guard_and_a_lost_answer_makes_no_second_task(customer: str) -> None:
    first = RECORDS.post(f"{customer}/tasks", {"title": "once"}, idempotency_key="k")
    assert RECORDS.post(f"{customer}/tasks", {"title": "once"}, idempotency_key="k").json == (
        first.json
    )
    path = f"{customer}/tasks/{first.json['id']}"
    assert RECORDS.call("PATCH", path, {"title": "x"}).status == 428
    assert RECORDS.patch(path, {"title": "x"}, '"7"').status == 412
    assert RECORDS.call("DELETE", path, headers={"if-match": '"7"'}).status == 412
    assert RECORDS.call("DELETE", path, headers={"if-match": '"1"'}).status == 204
    assert RECORDS.get("/v1/tasks").json["data"] == []
    assert RECORDS.get(path).status == 404
    assert change(customer, first.json, title="late").status == 404


def test_viewers_read_and_others_see_nothing(customers_api: Api, customer: str) -> None:
    task = add(customer, "ours")
    viewer = Api("records_api", role="viewer")
    assert titles(viewer.get("/v1/tasks")) == ["ours"]
    assert viewer.post(f"{customer}/tasks", {"title": "x"}).status == 403
    assert viewer.patch(f"{customer}/tasks/{task['id']}", {"title": "x"}).status == 403
    other = Api("records_api", tenant="globex")
    assert other.get("/v1/tasks").json["data"] == []
    assert other.get("/v1/tasks", customer_id=task["customer_id"]).status == 404
    assert other.get(f"{customer}/tasks/{task['id']}").status == 404


def test_tasks_of_a_merged_customer_are_the_survivors(customers_api: Api, customer: str) -> None:
    loser = new_customer(customers_api, "Acme Ltd")
    task = add(loser, "of the loser", due_date=day(1))
    add(customer, "of the survivor", due_date=day(2))
    body = {"loser_id": loser.rpartition("/")[2]}
    assert customers_api.post(f"{customer}/merge", body, if_match="*").status == 200
    survivor_id = customer.rpartition("/")[2]
    found = RECORDS.get("/v1/tasks", customer_id=survivor_id).json["data"]
    assert [t["title"] for t in found] == ["of the survivor", "of the loser"]
    assert {t["customer"]["id"] for t in RECORDS.get("/v1/tasks").json["data"]} == {survivor_id}
    assert change(customer, task, status="done").status == 200
    assert titles(RECORDS.get(f"{customer}/tasks", status="open")) == ["of the survivor"]
