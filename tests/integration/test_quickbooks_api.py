"""/v1/quickbooks through its function: connect, follow, disconnect."""

import importlib
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support import aws
from tests.support.api import Api
from tests.support.context import LambdaContext
from tests.support.sync import Office
from tests.support.sync_doors import callback

ADMIN = Api("quickbooks_api", role="admin", user="ada")
VIEWER = Api("quickbooks_api", role="viewer", user="vic")
EVENTS = Path(__file__).parents[2] / "events"


@pytest.fixture
def acme(unconnected: Office) -> Office:
    return unconnected


def consent(acme: Office) -> dict[str, str]:
    acme.choose(sync_taxes=False, sync_terms=False)
    answer = ADMIN.call("POST", "/v1/quickbooks/connect")
    assert answer.status == 200, answer.text
    return acme.intuit.consent(answer.json["authorize_url"])


@pytest.mark.shows("S2.08")
def test_connect_pull_and_read_the_report(acme: Office) -> None:
    assert VIEWER.get("/v1/quickbooks/status").json["status"] == "disconnected"
    answer = callback(consent(acme))
    assert answer.status == 200
    assert "You can close this window" in answer.text
    status = VIEWER.get("/v1/quickbooks/status").json
    assert (status["status"], status["realm"]) == ("connected", acme.intuit.realm)
    for n in range(3):
        acme.control.create(f"Customer {n}")
    started = ADMIN.call("POST", "/v1/quickbooks/runs")
    assert started.status == 202
    assert ADMIN.call("POST", "/v1/quickbooks/runs").status == 409
    acme.work()
    run = VIEWER.get(f"/v1/quickbooks/runs/{started.json['id']}").json
    assert (run["status"], run["counts"], run["calls"]) == ("completed", {"create_here": 3}, 1)
    assert [r["id"] for r in VIEWER.get("/v1/quickbooks/runs").json["data"]] == [run["id"]]
    path = f"/v1/quickbooks/runs/{run['id']}/report"
    first = VIEWER.get(path, limit=2).json
    rest = VIEWER.get(path, limit=2, cursor=first["next_cursor"]).json
    rows = first["data"] + rest["data"]
    assert [row["name"] for row in rows] == ["Customer 0", "Customer 1", "Customer 2"]
    assert {row["action"] for row in rows} == {"create_here"}
    assert rest["next_cursor"] is None


def test_a_state_that_is_wrong_used_or_old_is_refused(acme: Office) -> None:
    query = consent(acme)
    assert callback({**query, "state": "wrong"}).status == 400
    assert callback({}).status == 400
    assert callback(query).status == 200
    again = callback(query)
    assert (again.status, again.json["code"]) == (400, "quickbooks_bad_state")
    query = consent(acme)
    acme.clock.advance(minutes=11)
    assert callback(query).status == 400
    acme.control.consent(deny=True)
    assert callback(consent(acme)).status == 400


def test_a_person_in_a_browser_reads_on_a_page_why_it_was_not_connected(acme: Office) -> None:
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    acme.control.consent(deny=True)
    denied = callback(consent(acme), accept=browser)
    assert denied.status == 400
    assert denied.headers["Content-Type"].startswith("text/html")
    assert "QuickBooks was not connected (access_denied)" in denied.text
    query = {**consent(acme), "error": "<script>alert(1)</script>"}
    marked = callback(query, accept=browser)
    assert (marked.status, "<script>" in marked.text) == (400, False)
    old = callback(query, accept=browser)
    assert (old.status, "is too old" in old.text) == (400, True)


def test_another_company_is_refused_on_reconnection(acme: Office) -> None:
    callback(consent(acme))
    acme.control.open_company("9999999999999999")
    acme.control.consent(realm="9999999999999999")
    answer = callback(consent(acme))
    assert (answer.status, answer.json["code"]) == (409, "quickbooks_other_company")
    assert VIEWER.get("/v1/quickbooks/status").json["realm"] == acme.intuit.realm


@pytest.mark.shows("S2.08")
def test_disconnecting_revokes_the_grant_and_keeps_what_was_synced(acme: Office) -> None:
    assert ADMIN.call("DELETE", "/v1/quickbooks/connection").status == 404
    callback(consent(acme))
    acme.control.create("Amy")
    acme.pull()
    held = acme.ports.connections.get("acme")
    assert held is not None
    assert held.tokens is not None
    assert ADMIN.call("DELETE", "/v1/quickbooks/connection").status == 204
    with pytest.raises(Exception, match="no longer accepts"):
        acme.ports.oauth.refresh(held.tokens.refresh)
    assert VIEWER.get("/v1/quickbooks/status").json["status"] == "disconnected"
    assert ADMIN.call("POST", "/v1/quickbooks/runs").status == 409
    assert acme.dispatch() == {"sent": 0, "failed": 0}
    callback(consent(acme))
    assert acme.pull().counts == {}
    assert set(acme.customers()) == {"Amy"}


def test_roles(acme: Office) -> None:
    staff = Api("quickbooks_api", role="office")
    assert staff.call("POST", "/v1/quickbooks/connect").status == 403
    assert staff.call("DELETE", "/v1/quickbooks/connection").status == 403
    assert VIEWER.call("POST", "/v1/quickbooks/runs").status == 403
    assert staff.call("POST", "/v1/quickbooks/runs").status == 409
    assert VIEWER.get("/v1/quickbooks/runs/run_none").status == 404
    assert VIEWER.get("/v1/quickbooks/runs/run_none/report").status == 404


def test_no_secret_is_stored_readable_or_logged(
    acme: Office, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    callback(consent(acme))
    acme.control.create("Amy")
    acme.control.expire_access()
    acme.dispatch()
    acme.work()
    connection = acme.ports.connections.get("acme")
    assert connection is not None
    assert connection.tokens is not None
    items = boto3.client("dynamodb").scan(TableName=aws.TABLE)["Items"]
    said = capsys.readouterr()
    own = "".join(r.getMessage() for r in caplog.records if r.name.startswith(("roster", "root")))
    for secret in (connection.tokens.access, connection.tokens.refresh):
        assert secret not in repr(items)
        assert secret not in said.out + said.err + own
        assert secret not in repr(connection)


def test_another_companys_runs_are_not_there(acme: Office) -> None:
    callback(consent(acme))
    run = acme.pull()
    other = Api("quickbooks_api", tenant="other", role="admin")
    assert other.get(f"/v1/quickbooks/runs/{run.id}").status == 404
    assert other.get("/v1/quickbooks/runs").json["data"] == []
    assert other.get("/v1/quickbooks/status").json["status"] == "disconnected"


@pytest.mark.parametrize(("case", "status"), [("connect", 200), ("callback", 400)])
def test_the_api_events_of_the_repository(acme: Office, case: str, status: int) -> None:
    event = json.loads((EVENTS / f"quickbooks_api/{case}.json").read_text())
    handler: Any = importlib.import_module("functions.quickbooks_api.app").lambda_handler
    assert handler(event, LambdaContext())["statusCode"] == status


@pytest.mark.parametrize(("case", "left"), [("first_slice", 0), ("next_slice", 0), ("poison", 1)])
def test_the_worker_events_of_the_repository(acme: Office, case: str, left: int) -> None:
    event = json.loads((EVENTS / f"quickbooks_sync/{case}.json").read_text())
    handler: Any = importlib.import_module("functions.quickbooks_sync.app").lambda_handler
    assert len(handler(event, LambdaContext())["batchItemFailures"]) == left


def test_the_schedules_event_of_the_repository(acme: Office) -> None:
    event = json.loads((EVENTS / "quickbooks_dispatch/schedule.json").read_text())
    handler: Any = importlib.import_module("functions.quickbooks_dispatch.app").lambda_handler
    assert handler(event, LambdaContext()) == {"sent": 0, "failed": 0}


@pytest.mark.shows("S4.056")
def test_nothing_is_synced_until_somebody_has_chosen_which_way(acme: Office) -> None:
    acme.control.consent(realm=acme.intuit.realm)
    answer = ADMIN.call("POST", "/v1/quickbooks/connect")
    callback(acme.intuit.consent(answer.json["authorize_url"]))
    acme.control.create("Amy")
    refused = ADMIN.call("POST", "/v1/quickbooks/runs")
    assert (refused.status, refused.json["code"]) == (409, "mode_missing")
    assert acme.dispatch() == {"sent": 0, "failed": 0}
    assert VIEWER.get("/v1/quickbooks/runs").json["data"] == []
    acme.choose()
    assert ADMIN.call("POST", "/v1/quickbooks/runs").status == 202
    acme.work()
    assert set(acme.customers()) == {"Amy"}


@pytest.mark.shows("S4.043")
def test_without_a_report_the_run_still_counts(acme: Office) -> None:
    callback(consent(acme))
    acme.choose(report=False, sync_taxes=False, sync_terms=False)
    acme.control.create("Amy")
    run = acme.pull()
    assert run.counts == {"create_here": 1}
    report = VIEWER.get(f"/v1/quickbooks/runs/{run.id}/report").json
    assert report == {"redrives": None, "data": [], "next_cursor": None}
