"""Door 3: QuickBooks, through the deployed template with IAM on."""

import fcntl
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.deploy import STACK
from infra.local.quickbooks.remote import Control
from tests.support.e2e import Api, Deployed

_WITHIN_S = 90.0


def connect(
    admin: Api, standin: Control, realm: str, mode: str = "quickbooks_to_roster", **values: str
) -> None:
    """Connect a QuickBooks company, as a person does; the consent page knows one at a time."""
    lists = {} if mode == "two_way" else {"sync_taxes": False, "sync_terms": False}
    chosen = admin.put("/v1/quickbooks/settings", json={"mode": mode, **lists, **values})
    assert chosen.status_code == 200, chosen.text
    consented(admin, standin, realm)


def consented(admin: Api, standin: Control, realm: str | None = None) -> None:
    """Visit the consent page, for `realm` or the door's own company."""
    realm = realm or standin.realm
    with consent_to(standin, realm):
        address = admin.post("/v1/quickbooks/connect").json()["authorize_url"]
        page = requests.get(address, timeout=60)
    assert (page.status_code, realm in page.text) == (200, True), page.text


@contextmanager
def consent_to(standin: Control, realm: str) -> Iterator[None]:
    """The consent page, which knows one company at a time, knows this one meanwhile."""
    lock = Path(tempfile.gettempdir()) / f"roster-consent-{standin.base_url.rsplit(':', 1)[1]}"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        standin.consent(realm=realm)
        yield


def new_realm(standin: Control) -> str:
    """A QuickBooks company of the test's own."""
    return standin.open_company(str(10**15 + secrets.randbelow(10**15)))


def finished(api: Api, run_id: str) -> dict[str, Any]:
    """The run, once it is over."""
    deadline = time.monotonic() + _WITHIN_S
    while True:
        run: dict[str, Any] = api.get(f"/v1/quickbooks/runs/{run_id}").json()
        if run["finished_at"] or time.monotonic() > deadline:
            return run
        time.sleep(0.3)


def pulled(admin: Api) -> dict[str, Any]:
    """A run that a person asks for, once it is over; one of the schedule goes before it."""
    deadline = time.monotonic() + _WITHIN_S
    while (started := admin.post("/v1/quickbooks/runs")).status_code == 409:
        assert time.monotonic() < deadline, started.text
        time.sleep(0.3)
    assert started.status_code == 202, started.text
    return finished(admin, started.json()["id"])


def failed(someone: Api) -> set[str]:
    """What stands in the way of a sync, says its preflight."""
    answer = someone.get("/v1/quickbooks/preflight")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["company"] is None or "could not be checked" not in answer.text
    return {one["code"] for one in found["checks"] if one["result"] == "fail"}


@pytest.mark.shows("S4.023", "S4.040", "S4.041", "S4.042")
def test_a_company_flows_in_once(api: Callable[..., Api], tenant: str, standin: Control) -> None:
    admin = api(tenant, "admin")
    twin = admin.post("/v1/customers", json={"company_name": "Twin Pines"}).json()
    realm = new_realm(standin)
    standin.create("TWIN PINES", realm=realm)
    first = standin.create("Carefree", realm=realm)
    parent = {"value": first["Id"]}
    site = {"Line1": "9 Site Rd", "City": "Tucson"}
    standin.create("Roof", realm=realm, ParentRef=parent, Job=True, ShipAddr=site)
    connect(admin, standin, realm)
    pulled(admin)
    # The schedule may have been first.
    run = admin.get("/v1/quickbooks/runs").json()["data"][-1]
    assert run["status"] == "completed", run
    assert run["counts"] == {"skip": 1, "create_here": 1, "keep_job": 1, "add_location": 1}
    names = {c["display_name"] for c in admin.get("/v1/customers").json()["data"]}
    assert names == {"Carefree", "Twin Pines"}
    rows = admin.get(f"/v1/quickbooks/runs/{run['id']}/report").json()["data"]
    assert [r["reason"] for r in rows if r["action"] == "skip" and twin["id"] in r["reason"]]
    again = pulled(admin)
    assert (again["mode"], again["calls"]) == ("changes", 1)
    assert set(again["counts"]) <= {"skip"}


@pytest.mark.shows("S0.03")
def test_the_schedule_brings_what_was_added(
    api: Callable[..., Api], deployed: Deployed, tenant: str, standin: Control
) -> None:
    admin = api(tenant, "admin")
    realm = new_realm(standin)
    standin.create("By Schedule", realm=realm)
    connect(admin, standin, realm)
    resource = deployed.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="QuickBooksDispatchFunction"
    )
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    answer = deployed.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert "FunctionError" not in answer
    [run] = admin.get("/v1/quickbooks/runs").json()["data"]
    assert finished(admin, run["id"])["status"] == "completed"
    assert run["trigger"] == "schedule"
    [customer] = admin.get("/v1/customers").json()["data"]
    assert (customer["display_name"], customer["source"]) == ("By Schedule", "quickbooks")


def test_the_callback_is_public_and_opens_nothing_without_its_state(anonymous: Api) -> None:
    answer = anonymous.get("/v1/quickbooks/callback?state=x&code=y&realmId=1")
    assert (answer.status_code, answer.json()["code"]) == (400, "quickbooks_bad_state")
    assert anonymous.get("/v1/quickbooks/status").status_code == 401


@pytest.mark.shows("S4.034", "S4.061", "S4.091")
def test_in_both_directions_each_side_gets_what_the_other_has(
    api: Callable[..., Api], tenant: str, standin: Control
) -> None:
    admin = api(tenant, "admin")
    realm = new_realm(standin)
    theirs = standin.create("Amy", realm=realm)
    ours = admin.post("/v1/customers", json={"company_name": "Twin Pines"}).json()
    assert failed(admin) == {"connection", "mode"}
    connect(admin, standin, realm, "two_way", primary="roster")
    # The schedule may have begun a run.
    assert failed(admin) <= {"run_under_way"}
    assert pulled(admin)["status"] == "completed"
    there = {c["DisplayName"]: c for c in standin.book(realm=realm)["Customer"]}
    linked = admin.get(f"/v1/customers/{ours['id']}").json()
    assert linked["quickbooks"] == there["Twin Pines"]["Id"]
    amy = next(c for c in admin.get("/v1/customers").json()["data"] if c["display_name"] == "Amy")
    path, latest = f"/v1/customers/{amy['id']}", {"If-Match": "*"}
    assert admin.patch(path, json={"phone": "555 0199"}, headers=latest).status_code == 200
    assert (
        admin.post(f"{path}/deactivate", json={"confirm": True}, headers=latest).status_code == 200
    )
    run = pulled(admin)
    assert run["counts"] == {"update_there": 1, "deactivate_there": 1}
    now = standin.customer(theirs["Id"], realm=realm)
    assert (now["PrimaryPhone"]["FreeFormNumber"], now["Active"]) == ("555 0199", False)
    assert pulled(admin)["counts"] == {}


def test_a_plan_says_what_the_run_that_is_limited_to_it_does(
    api: Callable[..., Api], tenant: str, standin: Control
) -> None:
    admin = api(tenant, "admin")
    realm = new_realm(standin)
    standin.create("Amy", realm=realm)
    admin.post("/v1/customers", json={"company_name": "Twin Pines"})
    connect(admin, standin, realm, "two_way", primary="roster")
    deadline = time.monotonic() + _WITHIN_S
    while (started := admin.post("/v1/quickbooks/plan")).status_code == 409:
        assert time.monotonic() < deadline, started.text
        time.sleep(0.3)
    plan = finished(admin, started.json()["id"])
    if plan["counts"].get("create_there") != 1:
        pytest.skip("the schedule was first")
    assert (plan["status"], plan["counts"]["create_here"]) == ("completed", 1)
    assert [c["DisplayName"] for c in standin.book(realm=realm)["Customer"]] == ["Amy"]
    assert len(admin.get("/v1/customers").json()["data"]) == 1
    run = admin.post("/v1/quickbooks/runs", json={"plan": plan["id"]})
    assert run.status_code == 202, run.text
    assert finished(admin, run.json()["id"])["counts"] == plan["counts"]
    assert len(standin.book(realm=realm)["Customer"]) == 2
