"""Jobs through the functions' doors: work at a customer's location, as the mobile app shows it."""

from typing import Any

import pytest

from roster.bootstrap import records
from tests.support.api import Answer, Api
from tests.support.records import every_page, kinds

RECORDS = Api("records_api")
MAIN = {"street": "1 Main St", "city": "Tulsa", "state": "OK", "zip": "74103"}
SIDE = {"street": "2 Side St", "city": "Reno", "state": "NV", "zip": "89501", "name": "Depot"}


@pytest.fixture
def customer(customers_api: Api) -> str:
    return new_customer(customers_api, "Acme")


def new_customer(api: Api, name: str) -> str:
    body = {"company_name": name, "phone": "555 0100", "service_location": MAIN}
    return f"/v1/customers/{api.post('/v1/customers', body).json['id']}"


def places(api: Api, customer: str) -> list[str]:
    return [one["id"] for one in api.get(f"{customer}/locations").json["data"]]


def add(customer: str, title: str = "Fix the boiler", **more: Any) -> dict[str, Any]:
    made = RECORDS.post(f"{customer}/jobs", {"title": title, **more})
    assert made.status == 201, made.text
    job: dict[str, Any] = made.json
    return job


def change(customer: str, job: dict[str, Any], **values: Any) -> Answer:
    return RECORDS.patch(f"{customer}/jobs/{job['id']}", values)


def titles(**query: Any) -> list[str]:
    rows = every_page(RECORDS, "/v1/jobs", limit=1, **query)
    whole = RECORDS.get("/v1/jobs", **query)
    assert whole.status == 200, whole.text
    assert rows == whole.json["data"]
    return [row["title"] for row in rows]


@pytest.mark.shows("S0.54")
def test_a_job_is_made_on_a_customer_and_bears_its_id(customers_api: Api, customer: str) -> None:
    body = {
        "title": "Fix the boiler", "description": "Bring the long ladder.\nMind the cat",
        "scheduled_at": "2026-12-01T09:00:00+05:30", "ends_at": "2026-12-01T11:00:00+05:30",
        "assignee": "Maria",
    }  # fmt: skip
    made = RECORDS.post(f"{customer}/jobs", body)
    assert made.status == 201, made.text
    job = made.json
    assert job["customer_id"] == customer.rpartition("/")[2]
    assert job["customer"] == {"id": job["customer_id"], "display_name": "Acme"}
    assert (job["status"], job["description"]) == ("scheduled", body["description"])
    assert job["scheduled_at"] == "2026-12-01T03:30:00Z"
    path = f"{customer}/jobs/{job['id']}"
    assert made.headers["location"] == path
    read = RECORDS.get(path)
    assert (read.json, read.headers["etag"]) == (job, '"1"')
    assert kinds(customers_api, customer) == ["job_created", "created"]


@pytest.mark.shows("S0.25")
def test_whoever_goes_there_sees_the_service_address_as_it_is_now(
    customers_api: Api, customer: str
) -> None:
    job = add(customer)
    path = f"{customer}/jobs/{job['id']}"
    (main,) = places(customers_api, customer)
    assert job["location_id"] == main
    assert job["service_location"] | MAIN == job["service_location"]
    assert (job["contact_phone"], job["service_location"]["removed"]) == ("555 0100", False)
    moved = customers_api.patch(f"{customer}/locations/{main}", {"street": "9 New St"})
    assert moved.status == 200, moved.text
    customers_api.patch(customer, {"phone": "555 0199", "company_name": "Acme Inc"})
    viewer = Api("records_api", role="viewer")
    for shown in (
        viewer.get(path).json,
        viewer.get("/v1/jobs").json["data"][0],
        viewer.get(f"{customer}/jobs").json["data"][0],
    ):
        assert shown["service_location"]["street"] == "9 New St"
        assert shown["contact_phone"] == "555 0199"
    assert viewer.get(path).json["version"] == 1, "the job itself did not move"


def test_a_job_is_at_the_primary_location_or_at_another_of_the_customers(
    customers_api: Api, customer: str
) -> None:
    side = customers_api.post(f"{customer}/locations", SIDE).json["id"]
    main = next(one for one in places(customers_api, customer) if one != side)
    assert add(customer)["location_id"] == main
    job = add(customer, location_id=side)
    assert job["service_location"] | SIDE == job["service_location"]
    nowhere = add(customer, location_id=None)
    assert (nowhere["location_id"], nowhere["service_location"]) == (None, None)
    back = change(customer, job, location_id=main).json
    assert back["service_location"]["street"] == "1 Main St"
    strangers = new_customer(customers_api, "Zenith")
    (other,) = places(customers_api, strangers)
    for bad in (other, "loc_0", "x" * 3000, "#"):
        refused = RECORDS.post(f"{customer}/jobs", {"title": "", "location_id": bad})
        assert refused.status == 422, refused.text
        assert [e["pointer"] for e in refused.json["errors"]] == ["/location_id", "/title"]
        assert change(customer, job, location_id=bad).status == 422
    bare = customers_api.post("/v1/customers", {"company_name": "Bare"}).json["id"]
    assert add(f"/v1/customers/{bare}")["service_location"] is None


def test_a_location_with_open_jobs_stays_and_one_with_ended_jobs_leaves_its_address(
    customers_api: Api, customer: str
) -> None:
    side = customers_api.post(f"{customer}/locations", SIDE).json["id"]
    job = add(customer, location_id=side)
    path = f"{customer}/locations/{side}"
    headers = {"if-match": "*"}
    refused = customers_api.call("DELETE", path, headers=headers)
    assert (refused.status, refused.json["code"]) == (409, "open_jobs")
    assert side in places(customers_api, customer)
    assert change(customer, job, status="done").status == 200
    assert customers_api.call("DELETE", path, headers=headers).status == 204
    shown = RECORDS.get(f"{customer}/jobs/{job['id']}").json
    assert shown["service_location"]["street"] == "2 Side St"
    assert shown["service_location"]["removed"] is True
    edited = change(customer, job, title="Was fixed")
    assert edited.json["service_location"]["removed"] is True
    assert change(customer, job, status="scheduled").status == 200


def test_the_life_of_a_job_is_told_and_goes_one_way_at_a_time(
    customers_api: Api, customer: str
) -> None:
    job = add(customer)
    for status in ("in_progress", "done", "scheduled", "cancelled", "in_progress"):
        assert change(customer, job, status=status).json["status"] == status
    assert change(customer, job, status="cancelled").status == 200
    refused = change(customer, job, status="done")
    assert (refused.status, refused.json["code"]) == (409, "wrong_state")
    version = change(customer, job, status="cancelled").json["version"]
    assert version == 7, "twice is once"
    change(customer, job, assignee="Jo")
    assert kinds(customers_api, customer) == [
        "job_edited", "job_cancelled", "job_started", "job_cancelled", "job_reopened",
        "job_completed", "job_started", "job_created", "created",
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["in_progress", "done", "cancelled"])
def test_only_a_scheduled_job_is_removed(customer: str, status: str) -> None:
    job = add(customer)
    path = f"{customer}/jobs/{job['id']}"
    change(customer, job, status=status)
    assert RECORDS.call("DELETE", path).status == 428
    assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 409
    assert RECORDS.get(path).json["status"] == status
    other = add(customer)
    path = f"{customer}/jobs/{other['id']}"
    assert RECORDS.call("DELETE", path, headers={"if-match": '"2"'}).status == 412
    assert RECORDS.call("DELETE", path, headers={"if-match": '"1"'}).status == 204
    assert RECORDS.get(path).status == 404
    assert titles() == ["Fix the boiler"]


def test_across_customers_they_come_by_time_and_are_narrowed(
    customers_api: Api, customer: str
) -> None:
    other = new_customer(customers_api, "Zenith")
    add(customer, "third", scheduled_at="2026-12-03T08:00:00Z", assignee="Jo")
    add(other, "first", scheduled_at="2026-12-01T08:00:00Z", assignee="Maria")
    second = add(customer, "second", scheduled_at="2026-12-01T23:59:59.999Z", assignee="MARIA ")
    add(other, "some day")
    assert titles() == ["first", "second", "third", "some day"]
    change(customer, second, status="in_progress")
    assert titles(status="in_progress") == ["second"]
    assert titles(status="scheduled") == ["first", "third", "some day"]
    assert titles(assignee="maria") == ["first", "second"]
    assert titles(scheduled_from="2026-12-01", scheduled_to="2026-12-01") == ["first", "second"]
    assert titles(scheduled_from="2026-12-02") == ["third"]
    assert titles(scheduled_from="2026-12-02", scheduled_to="2026-12-01") == []
    assert titles(customer_id=customer.rpartition("/")[2]) == ["second", "third"]
    assert titles(customer_id=customer.rpartition("/")[2], status="scheduled") == ["third"]
    rows = every_page(RECORDS, f"{customer}/jobs", assignee="jo", limit=1)
    assert [row["title"] for row in rows] == ["third"]
    owner = customer.rpartition("/")[2]
    opened = records.jobs().open("acme", [owner], limit=5)
    assert [job.title for job in opened] == ["second", "third"]
    assert RECORDS.get("/v1/jobs", colour="red").status == 400
    assert RECORDS.get("/v1/jobs", customer_id="cus_0").status == 404


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/title"}),
        ({"title": "x" * 201, "description": "y" * 10_001, "assignee": "z" * 101},
         {"/title", "/description", "/assignee"}),
        ({"title": "\x07", "ends_at": "2026-12-01T09:00:00Z"}, {"/title", "/ends_at"}),
        ({"title": "x", "scheduled_at": "2026-12-01T09:00:00Z",
          "ends_at": "2026-12-01T08:59:59Z"}, {"/ends_at"}),
        ({"title": "x", "scheduled_at": "0001-01-01T00:00:00+14:00",
          "ends_at": "9999-12-31T23:59:59-12:00"}, {"/scheduled_at", "/ends_at"}),
        ({"title": "x", "scheduled_at": "2026-12-01T09:00:00", "status": "maybe", "when": 1},
         {"/scheduled_at", "/status", "/when"}),
    ],
)  # fmt: skip
def test_a_bad_job_is_refused_with_every_bad_field(
    customer: str, body: dict[str, Any], pointers: set[str]
) -> None:
    refused = RECORDS.post(f"{customer}/jobs", body)
    assert refused.status == 422, refused.text
    assert {error["pointer"] for error in refused.json["errors"]} == pointers
    assert titles() == []
    job = add(customer)
    if body:
        assert change(customer, job, **body).status == 422
    assert RECORDS.get(f"{customer}/jobs/{job['id']}").json == job


def test_the_time_of_a_job_is_cleared_as_a_whole(customer: str) -> None:
    job = add(
        customer, scheduled_at="2026-12-01T09:00:00Z", ends_at="2026-12-01T10:00:00Z"
    )  # fmt: skip
    assert change(customer, job, scheduled_at=None).status == 422
    cleared = change(customer, job, scheduled_at=None, ends_at=None)
    assert (cleared.status, cleared.json["scheduled_at"]) == (200, None)


def test_jobs_of_a_merged_customer_are_the_survivors_and_are_told_apart_by_company(
    customers_api: Api, customer: str
) -> None:
    loser = new_customer(customers_api, "Acme Ltd")
    job = add(loser, "of the loser")
    (lost,) = places(customers_api, loser)
    body = {"loser_id": loser.rpartition("/")[2]}
    merged = customers_api.post(f"{customer}/merge", body, if_match="*")
    assert merged.status == 200, merged.text
    (row,) = RECORDS.get(f"{customer}/jobs").json["data"]
    assert (row["title"], row["customer"]["display_name"]) == ("of the loser", "Acme")
    assert row["service_location"]["street"] == "1 Main St"
    here = add(customer, "at the loser's", location_id=lost)
    assert change(customer, job, status="done").status == 200
    undone = customers_api.post(f"/v1/merges/{merged.json['merge_id']}/undo", {})
    assert undone.status == 200, undone.text
    assert RECORDS.get(f"{loser}/jobs/{job['id']}").json["status"] == "done"
    shown = RECORDS.get(f"{customer}/jobs/{here['id']}").json
    assert shown["service_location"]["removed"] is False
    other = Api("records_api", tenant="globex")
    assert other.get("/v1/jobs").json["data"] == []
    assert other.get(f"{customer}/jobs/{here['id']}").status == 404
    assert other.post(f"{customer}/jobs", {"title": "x"}).status == 404


def test_a_lost_answer_makes_no_second_job_and_viewers_only_look(customer: str) -> None:
    first = RECORDS.post(f"{customer}/jobs", {"title": "once"}, idempotency_key="k")
    again = RECORDS.post(f"{customer}/jobs", {"title": "once"}, idempotency_key="k")
    assert again.json == first.json
    assert titles() == ["once"]
    viewer = Api("records_api", role="viewer")
    assert viewer.post(f"{customer}/jobs", {"title": "x"}).status == 403
    path = f"{customer}/jobs/{first.json['id']}"
    assert viewer.patch(path, {"title": "x"}).status == 403
    assert RECORDS.get(f"{customer}/jobs/{'x' * 3000}").status == 404
