"""Asking for the undo of an import, and reading what it left, through the function's door."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop

ROWS = (("Company", "Email"), *((f"Firm {n}", f"a{n}@example.com") for n in range(1, 6)))


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def customers(cloud: None) -> Api:
    return Api("customers_api")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What executions were asked for."""
    asked: list[dict[str, Any]] = []

    def start(_: object, job: Any) -> None:
        asked.append({"phase": "undo", "tenant": job.tenant, "import_id": job.id,
                      "replaces": job.execution})  # fmt: skip

    monkeypatch.setattr("roster.adapters.stepfunctions.StepFunctionsExecutions.start", start)
    return asked


def loaded(api: Api) -> str:
    """The path of an import that is through."""
    Machine().run(drop(csv_of(*ROWS)))
    (job,) = api.get("/v1/imports").json["data"]
    assert job["status"] == "completed"
    return f"/v1/imports/{job['id']}"


def test_an_undo_is_asked_for_once(imports_api: Api, started: list[Any]) -> None:
    path = loaded(imports_api)
    until = datetime.fromisoformat(imports_api.get(path).json["undo_until"])
    assert timedelta(days=89) < until - datetime.now(UTC) <= timedelta(days=90)
    key = {"idempotency-key": "undo-1"}
    first = imports_api.call("POST", f"{path}/undo", {}, headers=key)
    assert (first.status, first.json["status"]) == (200, "undoing")
    assert first.json["undo"]["percent"] == 0
    again = imports_api.call("POST", f"{path}/undo", {}, headers=key)
    assert (again.status, again.json["id"]) == (200, first.json["id"])
    other = imports_api.post(f"{path}/undo", {})
    assert (other.status, other.json["code"]) == (409, "wrong_state")
    assert len(started) == 1
    assert imports_api.get(f"{path}/undo").json["data"] == []
    Machine().run(started.pop())
    assert imports_api.get(path).json["status"] == "undone"
    assert imports_api.post(f"{path}/undo", {}).status == 409
    assert imports_api.post(f"{path}/cancel", {}).status == 409
    assert started == []


def test_what_an_undo_left_is_read_page_by_page(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    path = loaded(imports_api)
    for row in customers.get("/v1/customers").json["data"][:4]:
        assert customers.patch(f"/v1/customers/{row['id']}", {"notes": "ours"}).status == 200
    assert imports_api.get(f"{path}/undo").status == 409
    assert imports_api.post(f"{path}/undo", {}).status == 200
    Machine().run(started.pop())
    job = imports_api.get(path).json
    assert (job["undo"]["removed"], job["undo"]["kept"]) == (1, 4)
    told: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = imports_api.get(f"{path}/undo", **query).json
        told += page["data"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert [(t["line"], t["name"], t["code"], t["detail"][:-10]) for t in told] == [
        (n + 1, f"Firm {n}", "edited", "changed by olga on ") for n in range(1, 5)
    ]
    assert imports_api.get(f"{path}/undo", cursor="nonsense").status == 400


def test_what_has_not_ended_or_created_nothing_is_not_undone(
    imports_api: Api, started: list[Any]
) -> None:
    made = imports_api.post("/v1/imports", {"filename": "a.csv"}).json
    path = f"/v1/imports/{made['id']}"
    assert imports_api.post(f"{path}/undo", {}).status == 409
    assert imports_api.post(f"{path}/cancel", {}).status == 200
    answer = imports_api.post(f"{path}/undo", {})
    assert (answer.status, imports_api.get(path).json["status"]) == (409, "cancelled")
    assert imports_api.get(path).json["undo_until"] is None
    assert imports_api.post("/v1/imports/imp_nothing/undo", {}).status == 404
    assert imports_api.get("/v1/imports/imp_nothing/undo").status == 404
    assert started == []


@pytest.mark.parametrize(("days", "status"), [(89, 200), (91, 409)])
def test_after_ninety_days_it_is_too_late(
    imports_api: Api, started: list[Any], monkeypatch: pytest.MonkeyPatch, days: int, status: int
) -> None:
    path = loaded(imports_api)
    later = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr("roster.bootstrap.clock", lambda: later)
    answer = imports_api.post(f"{path}/undo", {})
    assert answer.status == status
    if status == 409:
        assert answer.json["code"] == "undo_too_late"
        assert imports_api.get(path).json["status"] == "completed"


def test_only_the_office_of_the_company_undoes(imports_api: Api, started: list[Any]) -> None:
    path = loaded(imports_api)
    viewer, other = Api("imports_api", role="viewer"), Api("imports_api", tenant="other")
    assert viewer.post(f"{path}/undo", {}).status == 403
    assert other.post(f"{path}/undo", {}).status == 404
    assert imports_api.post(f"{path}/undo", {"colour": "red"}).status == 422
    assert started == []
    assert imports_api.post(f"{path}/undo", None).status == 200
    Machine().run(started.pop())
    assert viewer.get(f"{path}/undo").status == 200
    assert other.get(f"{path}/undo").status == 404
