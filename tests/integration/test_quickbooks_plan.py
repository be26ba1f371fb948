"""The dry run: what a sync would do, line by line, while nothing changes on either side."""

from typing import Any

import boto3
import pytest

from roster import bootstrap
from roster.domain.location import Address
from roster.domain.sync.connection import ReportRow, Run, RunStatus
from roster.domain.sync.policy import Mode, Primary
from roster.usecases.quickbooks.runs import message_of, start_run
from tests.support.api import Api
from tests.support.sync import Office

ADMIN = Api("quickbooks_api", role="admin")
# What belongs to runs themselves: them, their reports, their turn and what was read.
_OF_RUNS = ("#Q#RUN", "Q#DUE")
_OF_CONNECTION = ("CONNECTION", "METER#")


@pytest.fixture
def acme(unconnected: Office) -> Office:
    unconnected.choose(Mode.TWO_WAY, primary=Primary.ROSTER)
    unconnected.connect()
    return unconnected


def everything() -> list[str]:
    """The table without what belongs to runs."""
    table = bootstrap.table()
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table.name)
    return sorted(
        str(item)
        for page in pages
        for item in page["Items"]
        if not any(part in item["pk"]["S"] for part in _OF_RUNS)
        and not item["sk"]["S"].startswith(_OF_CONNECTION)
    )


def filled(acme: Office) -> None:
    """Two sides that have met once, and went on."""
    carefree = acme.control.create("Carefree", PrimaryPhone={"FreeFormNumber": "1"})
    acme.control.create("Both Sides", PrimaryPhone={"FreeFormNumber": "1"})
    acme.control.create("Sleepy Inn")
    acme.create("Ours")
    later(acme)
    acme.pull()
    later(acme)
    rows = {c["DisplayName"]: c["Id"] for c in acme.control.book()["Customer"]}
    acme.edit("Both Sides", {"phone": "2", "email": "both@sides.example"})
    acme.control.edit(rows["Both Sides"], PrimaryPhone={"FreeFormNumber": "3"})
    acme.control.edit(carefree["Id"], DisplayName="Carefree & Co")
    acme.control.inactivate(rows["Sleepy Inn"])
    parent = {"value": carefree["Id"]}
    site = {"Line1": "9 Site Rd", "City": "Tucson"}
    acme.control.create("Roof", ParentRef=parent, Job=True, ShipAddr=site)
    acme.control.create("New There")
    acme.create("New Here", phone="555 0100")
    acme.create("New Here")
    acme.edit("Ours", {"display_name": "Carefree"})
    later(acme)


def later(acme: Office) -> None:
    acme.clock.advance(minutes=16)
    acme.control.clock(advance=16 * 60)


def planned(acme: Office) -> Run:
    answer = ADMIN.call("POST", "/v1/quickbooks/plan")
    assert answer.status == 202, answer.text
    assert answer.json["dry"] is True
    acme.work()
    run = acme.run(answer.json["id"])
    assert run.status is RunStatus.COMPLETED, run.reason
    return run


def told(acme: Office, run: Run) -> list[dict[str, Any]]:
    """What a report says, without the ids that QuickBooks gives what is created there."""
    return [spoken(row) for row in acme.report(run)]


def spoken(row: ReportRow) -> dict[str, Any]:
    row_id = "" if row.verb == "create_there" else row.quickbooks_id
    return {
        "verb": row.verb, "name": row.name, "why": row.reason, "customer": row.customer_id,
        "quickbooks": row_id, "changes": [(c.field, c.old, c.new) for c in row.changes],
    }  # fmt: skip


@pytest.mark.shows("S4.050", "S4.051")
def test_a_plan_changes_nothing_and_is_what_the_sync_then_does(acme: Office) -> None:
    filled(acme)
    here, there = everything(), acme.control.book()
    plan = planned(acme)
    assert (everything(), acme.control.book()) == (here, there)
    assert {
        "create_here": 1, "update_here": 1, "deactivate_here": 1, "keep_job": 1,
        "create_there": 1, "update_there": 2, "conflict": 1,
    }.items() <= plan.counts.items()  # fmt: skip
    again = planned(acme)
    assert again.plan_hash == plan.plan_hash
    assert told(acme, again) == told(acme, plan)
    run = acme.pull()
    assert run.status is RunStatus.COMPLETED, run.reason
    assert run.counts == plan.counts
    assert told(acme, run) == told(acme, plan)


@pytest.mark.parametrize("between", [0, 30])
def test_a_plan_names_the_namesake_that_goes_first_as_ours(acme: Office, between: int) -> None:
    acme.pull()
    later(acme)
    first, second = acme.create("ABC Plumbing"), acme.create("ABC Plumbing")
    for n in range(between):
        acme.create(f"Customer {n}")
    # What changed last is looked at first: the batches part the two.
    acme.edit_id(first.id, {"phone": "1"})
    lines = report(planned(acme))
    [skip] = [one for one in lines if one["action"] == "skip"]
    assert (skip["customer_id"], skip["code"]) == (second.id, "duplicate")
    assert f"Another customer here named “ABC Plumbing” ({first.id})" in skip["reason"]
    assert "QuickBooks already has" not in skip["reason"]
    assert sum(one["action"] == "create_there" for one in lines) == between + 1


def test_a_plan_shows_the_address_of_the_location_that_comes_with_a_new_customer(
    acme: Office,
) -> None:
    billing = {"Line1": "1 Bill St", "City": "Tucson"}
    site = {"Line1": "9 Site Rd", "City": "Reno", "CountrySubDivisionCode": "NV"}
    acme.control.create("Two Places", BillAddr=billing, ShipAddr=site)
    acme.control.create("One Place", BillAddr=billing, ShipAddr=billing)
    acme.create("Ours", billing_address=Address(street="5 Our Rd", city="Mesa"))
    later(acme)
    plan = planned(acme)
    changes = {one["name"]: {c["field"]: c["new"] for c in one["changes"]} for one in report(plan)}
    assert changes["Two Places"]["billing_address"]["street"] == "1 Bill St"
    place = changes["Two Places"]["address"]
    assert (place["street"], place["city"], place["state"]) == ("9 Site Rd", "Reno", "NV")
    assert "address" not in changes["One Place"]
    assert changes["Ours"]["billing_address"]["street"] == "5 Our Rd"
    run = acme.pull()
    assert told(acme, run) == told(acme, plan)
    made = acme.customers()["Two Places"]
    listed = Api("customers_api").get(f"/v1/customers/{made.id}/locations").json["data"]
    assert [one["street"] for one in listed] == ["9 Site Rd"]


def report(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ADMIN.get(f"/v1/quickbooks/runs/{run.id}/report", limit=200).json[
        "data"
    ]
    return found


def test_a_run_limited_to_a_plan_does_that_and_leaves_the_rest(acme: Office) -> None:
    filled(acme)
    plan = planned(acme)
    other = acme.control.create("After The Plan")
    acme.create("Also After")
    acme.control.edit(names(acme)["New There"], PrimaryPhone={"FreeFormNumber": "9"})
    answer = ADMIN.call("POST", "/v1/quickbooks/runs", {"plan": plan.id})
    assert answer.status == 202, answer.text
    acme.work()
    run = acme.run(answer.json["id"])
    assert (run.status, run.plan) == (RunStatus.COMPLETED, plan.id)
    assert "After The Plan" not in acme.customers()
    assert not {"Also After"} & names(acme).keys()
    assert "New There" not in acme.customers(), "it is no longer what was planned"
    assert "New Here" in names(acme)
    rows = [r for r in acme.report(run) if "Not in the approved plan" in r.reason]
    assert {other["Id"]} <= {r.quickbooks_id for r in rows}
    later(acme)
    run = acme.pull()
    assert "After The Plan" in acme.customers()
    assert "Also After" in names(acme)
    assert acme.customers()["New There"].phone == "9"
    later(acme)
    assert acme.pull().counts == {}


def test_what_stands_outside_a_plan_leaves_no_trace_for_the_runs_after_it(acme: Office) -> None:
    made = acme.control.create("Acme")
    acme.pull()
    later(acme)
    plan = planned(acme)
    acme.control.inactivate(made["Id"])
    later(acme)
    limited = ADMIN.post("/v1/quickbooks/runs", {"plan": plan.id})
    assert limited.status == 202, limited.text
    acme.work()
    assert [row.code for row in acme.report(acme.run(limited.json["id"]))] == ["not_in_plan"]
    # QuickBooks takes it back, and somebody here thinks otherwise.
    acme.control.activate(made["Id"])
    path = f"/v1/customers/{acme.customers()['Acme'].id}/deactivate"
    here = Api("customers_api").post(path, {"confirm": True}, if_match="*")
    assert here.status == 200, here.text
    later(acme)
    assert acme.pull().counts == {"deactivate_there": 1}
    assert acme.control.customer(made["Id"])["Active"] is False


def names(acme: Office) -> dict[str, str]:
    return {c["DisplayName"]: c["Id"] for c in acme.control.book()["Customer"]}


def test_what_is_no_finished_plan_is_refused(acme: Office) -> None:
    unknown = ADMIN.call("POST", "/v1/quickbooks/runs", {"plan": "run_none"})
    assert (unknown.status, unknown.json["errors"][0]["pointer"]) == (422, "/plan")
    no_plan = acme.pull()
    assert ADMIN.call("POST", "/v1/quickbooks/runs", {"plan": no_plan.id}).status == 422
    run = start_run(acme.tenant, trigger=no_plan.trigger, ports=acme.ports, dry=True)
    assert run is not None
    assert ADMIN.call("POST", "/v1/quickbooks/runs", {"plan": run.id}).status == 409
    acme.finish(message_of(run))
    other = Api("quickbooks_api", role="admin", tenant="other")
    assert other.call("POST", "/v1/quickbooks/runs", {"plan": run.id}).status == 409
    assert Api("quickbooks_api", role="viewer").call("POST", "/v1/quickbooks/plan").status == 403


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/quickbooks/runs", {"plan": 5}, "/plan"),
        ("/v1/quickbooks/runs", {"plan": ["run_1"]}, "/plan"),
        ("/v1/quickbooks/runs", {"plan": "x" * 5000}, "/plan"),
        ("/v1/quickbooks/runs", {"plans": "run_1"}, "/plans"),
        ("/v1/quickbooks/plan", {"plan": "run_1"}, "/plan"),
    ],
)
def test_a_bad_body_is_named_and_starts_nothing(
    acme: Office, path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = ADMIN.call("POST", path, body)
    assert (answer.status, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
    assert acme.ports.state.runs(acme.tenant, limit=5, after=None).items == []
    connection = acme.ports.connections.get(acme.tenant)
    assert connection is not None
    assert connection.run is None
