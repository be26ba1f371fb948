"""Starting, watching, confirming and cancelling imports, through the function's door."""

from typing import Any

import boto3
import pytest
import requests

from tests.support.api import Api
from tests.support.aws import IMPORTS_BUCKET
from tests.support.imports import Machine, call, created_event, csv_of, drop, put

ROWS = (("Company", "Email"), ("Acme", "a@example.com"), ("Bolt", "b@example.com"), ("", "c@x.org"))


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
        phase = {"planning": "plan", "undoing": "undo"}.get(job.status, "load")
        asked.append({"phase": phase, "tenant": job.tenant, "import_id": job.id,
                      "replaces": job.execution})  # fmt: skip

    monkeypatch.setattr("roster.adapters.stepfunctions.StepFunctionsExecutions.start", start)
    return asked


def announce(api: Api, **body: Any) -> dict[str, Any]:
    answer = api.post("/v1/imports", {"filename": "our customers.csv", **body})
    assert answer.status == 201, answer.text
    assert answer.headers["location"] == f"/v1/imports/{answer.json['id']}"
    made: dict[str, Any] = answer.json
    return made


def send(made: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Put the file where the form would, and give the event that follows."""
    return put(made["upload"]["fields"]["key"], content)


def planned(api: Api, *, tenant: str = "acme") -> dict[str, Any]:
    """An import that awaits its confirmation."""
    made = announce(api)
    Machine().run(send(made, csv_of(*ROWS)))
    job: dict[str, Any] = api.get(f"/v1/imports/{made['id']}").json
    assert job["status"] == "awaiting_confirmation", job
    return job


def test_an_announced_import_says_how_to_send_the_file(imports_api: Api) -> None:
    made = announce(imports_api, size=100)
    assert made["status"] == "awaiting_upload"
    upload = made["upload"]
    assert upload["method"] == "POST"
    assert upload["fields"]["key"] == f"acme/imports/{made['id']}/our customers.csv"
    assert upload["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    sent = requests.post(
        upload["url"], data=upload["fields"], files={"file": b"Company\nAcme\n"}, timeout=5
    )
    assert sent.status_code in (200, 204)
    key = upload["fields"]["key"]
    stored = boto3.client("s3").get_object(Bucket=IMPORTS_BUCKET, Key=key)["Body"].read()
    assert stored == b"Company\nAcme\n"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/filename"),
        ({"filename": "a/b.csv"}, "/filename"),
        ({"filename": ".."}, "/filename"),
        ({"filename": "x" * 201}, "/filename"),
        ({"filename": "a.csv", "size": 0}, "/size"),
        ({"filename": "a.csv", "size": 10**12}, "/size"),
        ({"filename": "a.csv", "colour": "red"}, "/colour"),
        ({"filename": "a.csv", "options": {"mode": "x"}}, "/options/mode"),
    ],
)
def test_a_bad_announcement_names_what_is_wrong(
    imports_api: Api, body: dict[str, Any], pointer: str
) -> None:
    answer = imports_api.post("/v1/imports", body)
    assert answer.status == 422
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    assert imports_api.get("/v1/imports").json["data"] == []


def test_a_viewer_reads_and_only_office_writes(imports_api: Api, started: list[Any]) -> None:
    job = planned(imports_api)
    viewer = Api("imports_api", role="viewer")
    path = f"/v1/imports/{job['id']}"
    for read in ("/v1/imports", path, f"{path}/plan"):
        assert viewer.get(read).status == 200
    assert viewer.post("/v1/imports", {"filename": "a.csv"}).status == 403
    assert viewer.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]}).status == 403
    assert viewer.post(f"{path}/cancel", {}).status == 403


def test_another_company_sees_nothing(imports_api: Api, started: list[Any]) -> None:
    job = planned(imports_api)
    other = Api("imports_api", tenant="other")
    path = f"/v1/imports/{job['id']}"
    assert other.get("/v1/imports").json["data"] == []
    assert other.get(path).status == 404
    assert other.get(f"{path}/plan").status == 404
    assert other.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]}).status == 404
    assert other.post(f"{path}/cancel", {}).status == 404
    assert imports_api.get(path).json == job


def test_the_file_of_another_company_cannot_be_sent_for_an_import(imports_api: Api) -> None:
    made = announce(imports_api)
    Machine().run(put(f"other/imports/{made['id']}/our customers.csv", csv_of(*ROWS)))
    assert imports_api.get(f"/v1/imports/{made['id']}").json["status"] == "awaiting_upload"


def test_a_plan_is_looked_at_then_confirmed(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    job = planned(imports_api)
    assert job["plan"] == {"create": 2, "update": 0, "join": 0, "skip": 0, "error": 1}
    assert job["progress"]["percent"] == 0
    assert [(e["line"], e["rule"], e["severity"]) for e in job["errors"]] == [
        (4, "name_required", "error")
    ]
    first = imports_api.get(f"/v1/imports/{job['id']}/plan", limit=2).json
    assert [(r["line"], r["action"], r["name"]) for r in first["data"]] == [
        (2, "create", "Acme"), (3, "create", "Bolt"),
    ]  # fmt: skip
    rest = imports_api.get(
        f"/v1/imports/{job['id']}/plan", limit=2, cursor=first["next_cursor"]
    ).json
    assert [(r["line"], r["action"]) for r in rest["data"]] == [(4, "error")]
    assert rest["next_cursor"] is None
    assert customers.get("/v1/customers").json["data"] == []

    path = f"/v1/imports/{job['id']}"
    answer = imports_api.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]})
    assert (answer.status, answer.json["status"]) == (200, "loading")
    Machine().run(started.pop())
    done = imports_api.get(path).json
    assert (done["status"], done["progress"]["created"]) == ("completed_with_errors", 2)
    assert done["progress"]["percent"] == 100
    again = imports_api.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]})
    assert (again.status, again.json["code"]) == (409, "wrong_state")


def test_a_plan_that_data_moved_under_is_not_loaded(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    job = planned(imports_api)
    customers.post("/v1/customers", {"company_name": "Unrelated"})
    customers.post("/v1/customers", {"company_name": "Acme", "email": "a@example.com"})
    path = f"/v1/imports/{job['id']}"
    answer = imports_api.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]})
    assert (answer.status, answer.json["code"]) == (412, "plan_moved")
    Machine().run(started.pop())
    again = imports_api.get(path).json
    assert (again["status"], again["plan"]) == (
        "awaiting_confirmation", {"create": 1, "update": 0, "join": 0, "skip": 1, "error": 1},
    )  # fmt: skip
    assert again["plan_hash"] != job["plan_hash"]
    stale = imports_api.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]})
    assert stale.json["code"] == "plan_moved"
    imports_api.post(f"{path}/confirm", {"plan_hash": again["plan_hash"]})
    Machine().run(started.pop())
    assert imports_api.get(path).json["progress"]["created"] == 1


def test_data_that_moves_between_confirmation_and_load_is_planned_again(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    job = planned(imports_api)
    path = f"/v1/imports/{job['id']}"
    imports_api.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]})
    customers.post("/v1/customers", {"company_name": "Bolt", "email": "b@example.com"})
    Machine().run(started.pop())
    assert imports_api.get(path).json["status"] == "awaiting_confirmation"
    assert len(customers.get("/v1/customers").json["data"]) == 1


def test_what_is_unrelated_does_not_move_a_plan(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    job = planned(imports_api)
    customers.post("/v1/customers", {"company_name": "Unrelated"})
    confirmed = imports_api.post(
        f"/v1/imports/{job['id']}/confirm", {"plan_hash": job["plan_hash"]}
    )
    assert confirmed.status == 200


def test_an_import_can_go_without_confirmation(imports_api: Api) -> None:
    made = announce(imports_api, options={"confirm": False})
    Machine().run(send(made, csv_of(*ROWS)))
    job = imports_api.get(f"/v1/imports/{made['id']}").json
    assert job["status"] == "completed_with_errors"


def test_an_import_is_cancelled_before_and_after_its_upload(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    made = announce(imports_api)
    path = f"/v1/imports/{made['id']}"
    assert imports_api.post(f"{path}/cancel", {}).json["status"] == "cancelled"
    Machine().run(send(made, csv_of(*ROWS)))
    assert imports_api.get(path).json["status"] == "cancelled"
    assert imports_api.post(f"{path}/cancel", {}).status == 409

    job = planned(imports_api)
    path = f"/v1/imports/{job['id']}"
    assert imports_api.call("POST", f"{path}/cancel").json["status"] == "cancelled"
    confirmed = imports_api.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]})
    assert confirmed.status == 409
    assert customers.get("/v1/customers").json["data"] == []


def test_cancelling_a_load_stops_before_the_next_chunk(
    imports_api: Api, customers: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roster.usecases.imports.plan.ROWS_PER_CHUNK", 1)

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load" and given["chunk"] == 2:
            answer = imports_api.post(f"/v1/imports/{given['import_id']}/cancel", {})
            assert (answer.status, answer.json["cancelling"]) == (200, True)
        return call(function, given)

    Machine(invoke).run(drop(csv_of(("Company",), ("One",), ("Two",), ("Three",))))
    (job,) = imports_api.get("/v1/imports").json["data"]
    assert (job["status"], job["progress"]["created"]) == ("cancelled", 1)
    assert len(customers.get("/v1/customers").json["data"]) == 1


def test_a_plan_is_not_there_before_it_is_made(imports_api: Api) -> None:
    made = announce(imports_api)
    assert imports_api.get(f"/v1/imports/{made['id']}/plan").status == 409
    assert imports_api.get("/v1/imports/imp_nope").status == 404
    assert imports_api.get("/v1/imports/imp_nope/plan").status == 404


def test_imports_are_listed_newest_first_in_pages(imports_api: Api) -> None:
    made = [announce(imports_api)["id"] for _ in range(3)]
    first = imports_api.get("/v1/imports", limit=2).json
    rest = imports_api.get("/v1/imports", limit=2, cursor=first["next_cursor"]).json
    listed = [job["id"] for job in first["data"] + rest["data"]]
    assert sorted(listed) == sorted(made)
    assert listed == sorted(listed, reverse=True)
    assert imports_api.get("/v1/imports", cursor="nonsense").status == 400
    assert imports_api.get("/v1/imports", colour="red").status == 400


def test_a_second_upload_through_the_same_form_is_ignored(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    job = planned(imports_api)
    made = imports_api.get(f"/v1/imports/{job['id']}").json
    key = f"acme/imports/{made['id']}/our customers.csv"
    Machine().run(created_event(key, etag="other", size=5, sequencer="2"))
    assert imports_api.get(f"/v1/imports/{job['id']}").json == job
