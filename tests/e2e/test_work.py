"""Work for a customer through the deployed template: what happens after the request's answer."""

import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.support.e2e import Api, Deployed, wait_for

PLACE = {"street": "1 Main St", "city": "Tulsa", "state": "OK", "zip": "74103"}


@pytest.fixture
def office(api: Callable[..., Api], tenant: str) -> Api:
    return api(tenant)


@pytest.fixture
def customer(office: Api) -> str:
    body = {"company_name": "Acme", "email": "ann@acme.example", "service_location": PLACE}
    made = office.post("/v1/customers", json=body)
    assert made.status_code == 201, made.text
    return f"/v1/customers/{made.json()['id']}"


def made(office: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = office.post(path, json=body)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def kinds(office: Api, customer: str) -> list[str]:
    return [entry["kind"] for entry in office.get(f"{customer}/timeline").json()["data"]]


def test_an_asset_is_placed_moved_and_removed_with_the_rights_of_the_deployed_function(
    office: Api, customer: str
) -> None:
    (place,) = office.get(f"{customer}/locations").json()["data"]
    asset = made(office, f"{customer}/assets", {"name": "Boiler", "location_id": place["id"]})
    row = office.get(customer).json()
    assert (row["assets_on_location"], row["assets_owned"]) == (1, 1)
    path = f"{customer}/assets/{asset['id']}"
    moved = office.patch(path, json={"location_id": None}, headers={"If-Match": "*"})
    assert moved.status_code == 200, moved.text
    removed = office.delete(path, headers={"If-Match": "*"})
    assert removed.status_code == 204, removed.text
    assert office.get(customer).json()["assets_owned"] == 0


def test_a_reminder_fires_by_itself_once_and_a_done_task_stays_silent(
    office: Api, customer: str
) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    done = made(office, f"{customer}/tasks", {"title": "Was done", "remind_at": soon})
    ended = office.patch(
        f"{customer}/tasks/{done['id']}", json={"status": "done"}, headers={"If-Match": "*"}
    )
    assert ended.status_code == 200, ended.text
    task = made(office, f"{customer}/tasks", {"title": "Call back", "remind_at": soon})

    def fired() -> bool:
        shown = office.get(f"{customer}/tasks/{task['id']}").json()
        return shown["reminded_at"] is not None

    wait_for(fired, within_s=120, what="the reminder")
    assert kinds(office, customer).count("reminder_fired") == 1
    assert office.get(f"{customer}/tasks/{done['id']}").json()["reminded_at"] is None


def test_a_message_lands_in_the_mailbox_folder(
    office: Api, customer: str, tenant: str, deployed: Deployed
) -> None:
    body = {"subject": "Größe", "body": "Dear Ann,\n\nsee you on Monday.\n", "cc": ["jo@x.example"]}
    message = made(office, f"{customer}/messages", body)
    assert message["status"] == "queued"

    def sent() -> dict[str, Any] | None:
        shown: dict[str, Any] = office.get(f"{customer}/messages/{message['id']}").json()
        assert shown["status"] != "failed", shown
        return shown if shown["status"] == "sent" else None

    shown = wait_for(sent, what="the sending")
    assert (shown["to"], shown["body"]) == ("ann@acme.example", body["body"])
    (file,) = (deployed.home.mailbox / tenant).iterdir()
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert (mail["To"], mail["Subject"]) == ("ann@acme.example", "Größe")
    assert mail.get_content().replace("\r\n", "\n") == body["body"]
    wait_for(
        lambda: kinds(office, customer)[:2] == ["message_sent", "message_queued"],
        what="the entries",
    )


def test_the_mobile_app_finds_a_job_with_its_address(
    api: Callable[..., Api], office: Api, customer: str, tenant: str
) -> None:
    job = made(
        office, f"{customer}/jobs", {"title": "Fix", "scheduled_at": "2026-12-01T09:00:00Z"}
    )  # fmt: skip
    viewer = api(tenant, "viewer")
    day = {"scheduled_from": "2026-12-01", "scheduled_to": "2026-12-01"}
    (row,) = viewer.get("/v1/jobs", params=day).json()["data"]
    assert row["id"] == job["id"]
    assert row["service_location"] | PLACE == row["service_location"]
    (location,) = office.get(f"{customer}/locations").json()["data"]
    removal = office.delete(
        f"{customer}/locations/{location['id']}", headers={"If-Match": "*"}
    )  # fmt: skip
    assert removal.status_code == 409
    started = office.patch(
        f"{customer}/jobs/{job['id']}", json={"status": "in_progress"}, headers={"If-Match": "*"}
    )
    assert started.json()["status"] == "in_progress"
    (task,) = [made(office, f"{customer}/tasks", {"title": "x", "due_date": "2020-01-01"})]
    overdue = viewer.get("/v1/tasks", params={"overdue": "true"}).json()["data"]
    assert [one["id"] for one in overdue] == [task["id"]]


def test_an_asset_is_placed_at_another_customers_location_and_moved(
    office: Api, customer: str
) -> None:
    made_owner = office.post("/v1/customers", json={"company_name": "Owner Ltd"})
    owner = f"/v1/customers/{made_owner.json()['id']}"
    place = office.get(f"{customer}/locations").json()["data"][0]["id"]
    there = {"location_id": place, "location_customer_id": customer.rpartition("/")[2]}

    asset = made(office, f"{owner}/assets", {"name": "Boiler", **there})

    def listed(whose: str, relation: str) -> list[str]:
        answer = office.get(f"{whose}/assets", params={"relation": relation})
        return [one["id"] for one in answer.json()["data"]]

    assert listed(owner, "owned") == listed(customer, "on_location") == [asset["id"]]
    moved = office.patch(
        f"{owner}/assets/{asset['id']}", json={"location_id": None}, headers={"If-Match": "*"}
    )
    assert moved.status_code == 200, moved.text
    assert listed(owner, "owned") == [asset["id"]]
    assert listed(customer, "on_location") == []


@pytest.mark.parametrize("family", ["quotes", "invoices", "payments"])
def test_a_period_that_ends_before_it_begins_has_nothing_in_it(office: Api, family: str) -> None:
    """DynamoDB refuses such a range, which moto does not."""
    period = {"from": "2026-12-01", "to": "2026-01-01"}
    found = office.get(f"/v1/{family}", params=period)
    assert (found.status_code, found.json()["data"]) == (200, [])
