"""Imports that change customers there are, as planned, and undos that set them back."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.imports import Machine, csv_of, put

HEAD = ("Customer #", "Company", "Email", "Phone", "Notes", "Tags")


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def customers(cloud: None) -> Api:
    return Api("customers_api")


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What executions were asked for; none of them runs by itself."""
    from roster.adapters.stepfunctions import StepFunctionsExecutions

    asked: list[dict[str, Any]] = []

    def start(_: object, job: Any) -> None:
        phase = "undo" if job.undo_started_at else "load"
        asked.append({"tenant": job.tenant, "import_id": job.id, "phase": phase,
                      "replaces": job.execution})  # fmt: skip

    monkeypatch.setattr(StepFunctionsExecutions, "start", start)
    monkeypatch.setattr(StepFunctionsExecutions, "is_running", lambda *_: False)
    return asked


def announce(api: Api, content: bytes, **options: Any) -> dict[str, Any]:
    """Start an import with options, send its file, and carry it out as far as it goes by itself."""
    answer = api.post("/v1/imports", {"filename": "customers.csv", "options": options})
    assert answer.status == 201, answer.text
    Machine().run(put(answer.json["upload"]["fields"]["key"], content))
    found: dict[str, Any] = api.get(f"/v1/imports/{answer.json['id']}").json
    return found


def plan_of(api: Api, job: dict[str, Any]) -> list[dict[str, Any]]:
    """Every row of the plan."""
    rows: list[dict[str, Any]] = api.get(f"/v1/imports/{job['id']}/plan", limit=200).json["data"]
    return rows


def confirm(api: Api, job: dict[str, Any], started: list[Any]) -> dict[str, Any]:
    """Confirm a plan and carry it out."""
    path = f"/v1/imports/{job['id']}"
    answer = api.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]})
    assert answer.status == 200, answer.text
    Machine().run(started.pop())
    found: dict[str, Any] = api.get(path).json
    return found


def undo(api: Api, job: dict[str, Any], started: list[Any]) -> dict[str, Any]:
    """Undo an import to the end."""
    path = f"/v1/imports/{job['id']}"
    assert api.post(f"{path}/undo", {}).status == 200
    Machine().run(started.pop())
    found: dict[str, Any] = api.get(path).json
    return found


def manual_numbers() -> None:
    """Let numbers be given by hand."""
    admin = Api("settings_api", role="admin")
    assert admin.patch("/v1/settings", {"auto_numbering": False}).status == 200


def made(api: Api, **values: Any) -> dict[str, Any]:
    """A customer made by hand."""
    answer = api.post("/v1/customers", values)
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def now(api: Api, customer: dict[str, Any]) -> dict[str, Any]:
    """The customer as it is now."""
    found: dict[str, Any] = api.get(f"/v1/customers/{customer['id']}").json
    return found


def without_time(customer: dict[str, Any]) -> dict[str, Any]:
    """All that an undo brings back."""
    return {k: v for k, v in customer.items() if k not in ("version", "updated_at")}


def test_the_plan_says_each_field_old_and_new_and_the_load_does_just_that(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    manual_numbers()
    one = made(customers, company_name="Acme", number="A-1", email="old@acme.test", notes="Gate 7")
    made(customers, company_name="Bolt", number="B-1")
    job = announce(
        imports_api,
        csv_of(
            HEAD,
            ("A-1", "Acme", "new@acme.test", "", "", "vip"),
            ("B-1", "Bolt", "", "", "", ""),
            ("C-1", "Coil", "c@coil.test", "", "", ""),
        ),
        mode="both",
        match_by="number",
    )
    assert job["status"] == "awaiting_confirmation"
    assert job["options"] == {"mode": "both", "match_by": "number", "blank_cells": "keep"}
    assert job["plan"] == {"create": 1, "update": 1, "join": 0, "skip": 1, "error": 0}
    update, unchanged, create = plan_of(imports_api, job)
    assert (update["action"], update["customer_id"]) == ("update", one["id"])
    assert update["changes"] == [
        {"field": "email", "old": "old@acme.test", "new": "new@acme.test"},
        {"field": "tags", "old": [], "new": ["vip"]},
    ]
    assert (unchanged["action"], unchanged["reason"]) == ("skip", "unchanged")
    assert create["action"] == "create"
    assert now(customers, one) == one, "a plan writes nothing"
    job = confirm(imports_api, job, started)
    assert job["status"] == "completed"
    progress = job["progress"]
    assert (progress["created"], progress["updated"], progress["skipped"]) == (1, 1, 1)
    after = now(customers, one)
    moved = {"email", "email_normalized", "tags", "version", "updated_at"}
    assert {k for k in one if one[k] != after[k]} == moved
    assert (after["email"], after["tags"], after["notes"]) == ("new@acme.test", ["vip"], "Gate 7")
    (event, *_) = customers.get(f"/v1/customers/{one['id']}/history").json["data"]
    assert (event["source"], event["run"], event["version"]) == ("import", job["id"], 2)


def test_an_undo_brings_overwritten_fields_back(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    manual_numbers()
    one = made(
        customers, company_name="Acme", number="A-1", phone="918 555 0101", tags=["old"],
        billing_address={"street": "1 Main St", "city": "Tulsa"},
    )  # fmt: skip
    head = ("Customer #", "Company", "Phone", "Tags", "Billing Street", "Billing Zip", "Street",
            "City", "State", "Zip")  # fmt: skip
    row = ("A-1", "Acme Inc", "+49 30 901820", "new", "2 Side St", "07601", "9 Far Rd", "Tulsa",
           "OK", "74103")  # fmt: skip
    job = announce(imports_api, csv_of(head, row), mode="update", match_by="number", confirm=False)
    assert (job["status"], job["progress"]["updated"]) == ("completed", 1)
    after = now(customers, one)
    assert after["display_name"] == "Acme Inc"
    assert after["billing_address"]["street"] == "2 Side St"
    assert after["billing_address"]["city"] == "Tulsa", "a part without a column stays"
    places = customers.get(f"/v1/customers/{one['id']}/locations").json["data"]
    assert [p["street"] for p in places] == ["9 Far Rd"]
    assert customers.get("/v1/customers", q="4930901820").json["data"][0]["id"] == one["id"]
    job = undo(imports_api, job, started)
    assert (job["status"], job["undo"]["restored"], job["undo"]["kept"]) == ("undone", 1, 0)
    assert without_time(now(customers, one)) == without_time(one)
    assert customers.get(f"/v1/customers/{one['id']}/locations").json["data"] == []
    assert customers.get("/v1/customers", q="4930901820").json["data"] == []
    (event, *_) = customers.get(f"/v1/customers/{one['id']}/history").json["data"]
    assert (event["source"], event["run"], event["reason"]) == ("import", job["id"], "undo")
