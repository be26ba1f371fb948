"""The pull, from QuickBooks' wire to customers in the table."""

import io
import zipfile

import pytest

from roster.domain.customer import Status
from roster.domain.sync.connection import RunMode, RunStatus
from tests.support.api import Api
from tests.support.documents import PDF
from tests.support.imports import Machine, csv_of, drop
from tests.support.sync import Office


@pytest.mark.shows("S0.03")
def test_a_customer_added_in_quickbooks_arrives_with_the_next_pull(acme: Office) -> None:
    acme.control.create("Amy's Bird Sanctuary", PrimaryEmailAddr={"Address": "amy@birds.example"})
    run = acme.pull()
    assert (run.status, run.mode, run.counts) == (
        RunStatus.COMPLETED,
        RunMode.FULL,
        {"create_here": 1},
    )
    amy = acme.customers()["Amy's Bird Sanctuary"]
    assert (amy.email, amy.number, amy.status) == ("amy@birds.example", "C-00001", Status.ACTIVE)
    assert amy.quickbooks is not None


def test_a_second_pull_writes_nothing_and_asks_only_the_change_feed(acme: Office) -> None:
    acme.control.seed(25, jobs=6)
    acme.pull()
    before = acme.customers()
    acme.control.reset_counters()
    run = acme.pull()
    assert (run.mode, run.calls) == (RunMode.CHANGES, 1)
    counters = acme.control.counters()
    assert (counters["cdc"], counters["query"]) == (1, 0)
    assert set(run.counts) <= {"skip"}
    assert acme.customers() == before


def test_more_than_a_page_comes_in_slices(acme: Office) -> None:
    acme.control.seed(1040, jobs=30)
    run = acme.pull()
    book = acme.control.book()["Customer"]
    top = [c for c in book if not c.get("ParentRef") and c.get("Active", True)]
    assert (run.status, run.slice, run.calls) == (RunStatus.COMPLETED, 3, 2)
    assert len(acme.customers()) == run.counts["create_here"]
    skipped = [r for r in acme.report(run) if r.verb == "skip"]
    names_taken = [r for r in skipped if "already here" in r.reason]
    assert run.counts["create_here"] + len(names_taken) == len(top)
    assert len({c.number for c in acme.customers().values()}) == len(acme.customers())


@pytest.mark.shows("S4.089")
def test_notes_and_attachments_stay_on_their_side(acme: Office) -> None:
    acme.control.create("Busy Bakery", Notes="what QuickBooks notes")
    acme.pull()
    bakery = acme.customers()["Busy Bakery"]
    assert bakery.notes is None
    sheet = csv_of(("Customer", "Note text"), ("Busy Bakery", "Ring twice"))
    Machine().run(drop(sheet))
    paper = io.BytesIO()
    with zipfile.ZipFile(paper, "w") as file:
        file.writestr("index.csv", csv_of(("Customer", "File"), ("Busy Bakery", "a.pdf")))
        file.writestr("a.pdf", PDF)
    Machine().run(drop(paper.getvalue(), "papers.zip"))
    there = acme.control.book()
    acme.clock.advance(hours=1)
    assert acme.pull().status is RunStatus.COMPLETED
    assert acme.control.book() == there
    assert acme.customers()["Busy Bakery"].notes is None
    records, path = Api("records_api"), f"/v1/customers/{bakery.id}"
    assert [n["text"] for n in records.get(f"{path}/notes").json["data"]] == ["Ring twice"]
    assert [d["filename"] for d in records.get(f"{path}/documents").json["data"]] == ["a.pdf"]


def test_an_invoice_in_quickbooks_is_no_edit(acme: Office) -> None:
    made = acme.control.create("Busy Bakery")
    acme.pull()
    before = acme.customers()["Busy Bakery"]
    acme.control.touch(made["Id"], "invoice", 100)
    run = acme.pull()
    assert run.counts == {}
    assert acme.customers()["Busy Bakery"] == before


def test_an_edit_there_arrives_and_an_edit_here_survives_it(acme: Office) -> None:
    made = acme.control.create("Old Name", PrimaryPhone={"FreeFormNumber": "555-0100"})
    acme.pull()
    acme.edit("Old Name", {"email": "typed@here.example"})
    acme.control.edit(made["Id"], DisplayName="New Name", PrimaryPhone={"FreeFormNumber": "555-2"})
    run = acme.pull()
    assert run.counts == {"update_here": 1}
    now = acme.customers()["New Name"]
    assert (now.phone, now.email) == ("555-2", "typed@here.example")
    [row] = acme.report(run)
    assert {(c.field, c.old, c.new) for c in row.changes} == {
        ("display_name", "Old Name", "New Name"),
        ("phone", "555-0100", "555-2"),
    }


def test_the_same_field_edited_on_both_sides_is_a_reported_conflict(acme: Office) -> None:
    made = acme.control.create("Both Sides", PrimaryPhone={"FreeFormNumber": "1"})
    acme.pull()
    acme.edit("Both Sides", {"phone": "2"})
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "3"})
    run = acme.pull()
    assert run.counts == {"update_here": 1, "conflict": 1}
    assert acme.customers()["Both Sides"].phone == "3"
    conflict = next(r for r in acme.report(run) if r.verb == "conflict")
    assert [(c.field, c.old, c.new) for c in conflict.changes] == [("phone", "2", "3")]


def test_inactive_and_active_again_follow(acme: Office) -> None:
    made = acme.control.create("Sleepy Inn")
    acme.pull()
    acme.control.inactivate(made["Id"])
    assert acme.pull().counts == {"deactivate_here": 1}
    assert acme.customers()["Sleepy Inn"].status is Status.INACTIVE
    acme.control.activate(made["Id"])
    assert acme.pull().counts == {"activate_here": 1}
    assert acme.customers()["Sleepy Inn"].status is Status.ACTIVE


def test_who_is_inactive_there_and_unknown_here_stays_away(acme: Office) -> None:
    made = acme.control.create("Long Gone")
    acme.control.inactivate(made["Id"])
    run = acme.pull()
    assert run.counts == {"skip": 1}
    assert acme.customers() == {}
    acme.control.activate(made["Id"])
    acme.pull()
    assert set(acme.customers()) == {"Long Gone"}


@pytest.mark.shows("S4.040", "S4.041", "S4.042")
def test_a_name_that_exists_here_is_skipped_and_reported(acme: Office) -> None:
    acme.create("Café Zoë")
    before = acme.customers()["Café Zoë"]
    acme.control.create("CAFE ZOE", PrimaryEmailAddr={"Address": "zoe@cafe.example"})
    acme.control.create("Somebody Else")
    run = acme.pull()
    assert run.counts == {"create_here": 1, "skip": 1}
    assert acme.customers()["Café Zoë"] == before
    row = next(r for r in acme.report(run) if r.verb == "skip")
    assert "already exists in Roster" in row.reason
    assert before.id in row.reason


@pytest.mark.shows("S4.023", "S4.030")
def test_jobs_stay_jobs_and_bring_their_site(acme: Office) -> None:
    home = {"Line1": "1 Main St", "City": "Tucson", "PostalCode": "85701"}
    site = {"Line1": "9 Site Rd", "City": "Tucson", "PostalCode": "85702"}
    carefree = acme.control.create("Carefree", CompanyName="Carefree", BillAddr=home)
    parent = {"ParentRef": {"value": carefree["Id"]}, "Job": True, "CompanyName": "Carefree"}
    office_job = acme.control.create("Main Office", **parent, BillAddr=home, ShipAddr=site)
    acme.control.create("Warehouse", **parent, BillAddr=home)
    run = acme.pull()
    assert set(acme.customers()) == {"Carefree"}
    assert run.counts == {"create_here": 1, "keep_job": 2, "add_location": 1}
    customer = acme.customers()["Carefree"]
    [place] = acme.ports.customers.locations(acme.tenant, customer.id)
    assert (place.name, place.address.street) == ("Main Office", "9 Site Rd")
    assert place.quickbooks_id == office_job["Id"]
    links = acme.ports.state.links(acme.tenant, acme.intuit.realm, [office_job["Id"]])
    link = links[office_job["Id"]]
    assert (link.kind, link.full_name) == ("job", "Carefree:Main Office")
    assert link.customer_id == customer.id


def test_a_job_of_a_skipped_parent_waits_for_it(acme: Office) -> None:
    acme.create("Carefree")
    carefree = acme.control.create("Carefree")
    acme.control.create("Roof", ParentRef={"value": carefree["Id"]}, Job=True)
    run = acme.pull()
    assert run.counts == {"skip": 2}
    acme.edit("Carefree", {"display_name": "Carefree of Ours"})
    acme.control.edit(carefree["Id"], PrimaryPhone={"FreeFormNumber": "1"})
    run = acme.pull()
    assert run.counts == {"create_here": 1, "keep_job": 1}


def test_a_full_change_feed_means_the_whole_list(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.control.seed(24)
    acme.pull()
    for row in acme.control.book()["Customer"]:
        acme.control.touch(row["Id"])
    monkeypatch.setattr("roster.usecases.quickbooks.pulling.PAGE_SIZE", 20)
    monkeypatch.setattr("roster.adapters.quickbooks.client.PAGE_SIZE", 20)
    run = acme.pull()
    assert (run.status, run.mode, run.calls) == (RunStatus.COMPLETED, RunMode.FULL, 3)
    assert set(run.counts) <= {"skip"}


def test_a_month_offline_means_the_whole_list(acme: Office) -> None:
    acme.control.seed(5)
    acme.pull()
    acme.clock.advance(days=31)
    acme.control.clock(advance=31 * 86400)
    acme.control.create("While You Were Away")
    run = acme.pull()
    assert (run.mode, run.counts) == (RunMode.FULL, {"create_here": 1})


def test_one_run_at_a_time(acme: Office) -> None:
    first = acme.start()
    with pytest.raises(AssertionError):
        acme.start()
    assert acme.run(first.id).status is RunStatus.RUNNING


def test_a_bad_record_does_not_stop_the_others(acme: Office) -> None:
    acme.control.create("Odd Mail", PrimaryEmailAddr={"Address": "no one@nowhere.x, b@c.example"})
    acme.control.create("Good One")
    run = acme.pull()
    assert run.counts == {"create_here": 2}
    odd = acme.customers()["Odd Mail"]
    assert odd.email is None
    row = next(r for r in acme.report(run) if r.name == "Odd Mail")
    assert "left out: email" in row.reason
    acme.clock.advance(minutes=1)
    assert acme.pull().counts == {}
