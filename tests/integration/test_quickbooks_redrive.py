"""Trying lines of a report again, once what stood in their way is gone: these, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from roster.domain.customer import Customer
from roster.domain.sync.connection import ReportRow, Run, RunStatus
from roster.domain.sync.policy import Mode
from roster.usecases.quickbooks import redriving
from roster.usecases.quickbooks.runs import message_of
from tests.support.api import Answer, Api
from tests.support.imports import table_items
from tests.support.sync import Office
from tests.support.sync_ports import Dying, Killed

BOOKS = Api("quickbooks_api")


@pytest.fixture
def acme(both_ways: Office) -> Office:
    return both_ways


def redrive(run: Run, **body: Any) -> Answer:
    return BOOKS.post(f"/v1/quickbooks/runs/{run.id}/redrive", body)


def redriven(acme: Office, run: Run, **body: Any) -> Run:
    answer = redrive(run, **body)
    assert answer.status == 202, answer.text
    assert acme.work() == []
    return acme.run(answer.json["run_id"])


def report(run: Run, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = BOOKS.get(f"/v1/quickbooks/runs/{run.id}/report", **query, **cursor).json
        rows += page["data"]
        if page["next_cursor"] is None:
            return rows
        cursor = {"cursor": page["next_cursor"]}


def about(acme: Office, run: Run, quickbooks_id: str) -> list[ReportRow]:
    return [row for row in acme.report(run) if row.quickbooks_id == quickbooks_id]


def people(acme: Office, name: str) -> list[Customer]:
    """All customers of that name, in the order of their creation."""
    cards = acme.ports.customers.same_name(acme.tenant, name)
    found = acme.ports.customers.get_many(acme.tenant, [card.id for card in cards])
    return sorted(found.values(), key=lambda c: c.id)


def renamed(customer: Customer, name: str) -> None:
    values = {"display_name": name}
    answer = Api("customers_api").patch(f"/v1/customers/{customer.id}", values)
    assert answer.status == 200, answer.text


def of_the_connection() -> dict[str, Any]:
    """Where the next whole run reads on, and how far the edits here have gone out."""
    [item] = [i for i in table_items() if "token_version" in i]
    return {name: item.get(name) for name in ("cursor", "last_pull", "pushed", "polled")}


def due() -> timedelta:
    """How long after the last whole run the next one begins, to the second."""
    [mark] = [i for i in table_items() if "due" in i]
    ran = int(of_the_connection()["last_pull"]["N"])
    return timedelta(seconds=round((int(mark["due"]["N"]) - ran) / 1000))


def test_a_namesake_that_was_skipped_comes_once_the_name_is_free(acme: Office) -> None:
    for _ in range(2):
        acme.create("John Smith")
    made = acme.control.create("John Smith")
    run = acme.pull()
    for one, name in zip(people(acme, "John Smith"), ("Smith (Reno)", "Smith (Elko)"), strict=True):
        renamed(one, name)
    again = redriven(acme, run, filter={"reason": "John Smith", "quickbooks_ids": [made["Id"]]})
    assert again.counts["create_here"] == 1
    [here] = people(acme, "John Smith")
    assert here.quickbooks == made["Id"]


def test_a_redrive_looks_at_the_chosen_lines_and_moves_nothing_else(acme: Office) -> None:
    for name in ("Twin", "Other"):
        acme.create(name), acme.create(name)
    twin, other = (acme.control.create(name) for name in ("Twin", "Other"))
    amy = acme.control.create("Amy")
    run = acme.pull()
    [row] = [r for r in about(acme, run, twin["Id"]) if r.verb == "skip"]
    for one in (*people(acme, "Twin")[1:], *people(acme, "Other")[1:]):
        renamed(one, f"{one.display_name} {one.id[-4:]}")
    acme.control.edit(amy["Id"], CompanyName="Amy & Co")
    here = acme.create("Nobody has asked for me")
    before, first_due = of_the_connection(), due()
    acme.clock.advance(minutes=9)
    acme.control.reset_counters()
    again = redriven(acme, run, rows=[row.position])
    assert acme.control.counters()["query"] == again.calls == again.reads == 1
    assert {r.quickbooks_id for r in acme.report(again)} == {twin["Id"]}
    assert (again.mode, again.redrives, again.counts) == ("chosen", run.id, {"link": 1})
    assert of_the_connection() == before
    assert abs(due() - first_due) < timedelta(seconds=60), "nor is the next whole run put off"
    untouched = acme.ports.state.links(acme.tenant, again.realm, [other["Id"], amy["Id"]])
    assert untouched[other["Id"]].customer_id is None
    assert acme.customers()["Amy"].company_name is None
    assert acme.customers()[here.display_name].quickbooks is None
    shown = BOOKS.get(f"/v1/quickbooks/runs/{again.id}").json
    assert shown["redrives"] == run.id
    assert BOOKS.get(f"/v1/quickbooks/runs/{again.id}/report").json["redrives"] == run.id
    whole = acme.pull()
    assert whole.counts["update_here"] == 1, "the next whole run finds what this one left"
    assert acme.customers()["Amy"].company_name == "Amy & Co"
    assert acme.customers()[here.display_name].quickbooks is not None


def test_a_customer_that_was_refused_there_goes_out_once_it_can(acme: Office) -> None:
    acme.control.vendor("Bolt")
    acme.create("Bolt")
    acme.create("Nut")
    run = acme.pull()
    [row] = report(run, result="skipped")
    assert (row["code"], row["name"]) == ("duplicate", "Bolt")
    [here] = people(acme, "Bolt")
    renamed(here, "Bolt Ltd")
    again = redriven(acme, run, rows=[row["position"]])
    assert again.counts == {"create_there": 1}
    assert acme.customers()["Bolt Ltd"].quickbooks is not None


def test_a_line_about_which_nothing_is_left_to_do_says_so_and_changes_nothing(
    acme: Office,
) -> None:
    acme.create("Twin"), acme.create("Twin")
    made = acme.control.create("Twin")
    run = acme.pull()
    renamed(people(acme, "Twin")[1], "Twin Two")
    [row] = [r for r in about(acme, run, made["Id"]) if r.verb == "skip"]
    assert redriven(acme, run, rows=[row.position]).counts == {"link": 1}
    links, book = acme.customers(), acme.control.book()
    for _ in range(2):
        again = redriven(acme, run, rows=[row.position])
        assert again.counts == {"unchanged": 1}
        [said] = report(again)
        assert (said["result"], said["quickbooks_id"]) == ("unchanged", made["Id"])
        assert said["reason"] == "Nothing is left to do about “Twin” by now."
    assert (acme.customers(), acme.control.book()) == (links, book)


def test_a_record_that_is_gone_and_a_customer_nothing_of_goes_out_are_told(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.create("Twin"), acme.create("Twin")
    made = acme.control.create("Twin")
    acme.control.vendor("Bolt")
    bolt = acme.create("Bolt")
    run = acme.pull()
    acme.choose(Mode.QUICKBOOKS_TO_ROSTER, sync_taxes=False, sync_terms=False)
    real = acme.ports.api.by_ids
    # The stand-in never loses a record.
    monkeypatch.setattr(acme.ports.api, "by_ids", lambda *asked: ([], *real(*asked)[1:]))
    again = redriven(acme, run, rows=[row["position"] for row in report(run, code="duplicate")])
    told = {row["code"]: row for row in report(again)}
    assert told["gone"]["quickbooks_id"] == made["Id"]
    assert told["gone"]["result"] == "failed"
    assert told["not_pushed"]["customer_id"] == bolt.id
    assert told["not_pushed"]["result"] == "skipped"
    assert again.counts["skip"] == len(report(again))


@pytest.mark.shows("S4.052")
def test_a_report_is_read_for_what_was_skipped_and_for_what_failed(acme: Office) -> None:
    acme.create("Twin"), acme.create("Twin")
    acme.control.create("Twin")
    acme.control.create("Amy")
    acme.create("Bolt")
    acme.control.fail("6000", path="/batch")
    run = acme.pull()
    skipped = report(run, result="skipped", limit=1)
    assert [row["name"] for row in skipped] == ["Twin", "Twin", "Twin"]
    assert {row["action"] for row in skipped} == {"skip"}
    assert {row["code"] for row in skipped} == {"duplicate"}
    [failed] = report(run, result="failed")
    assert (failed["name"], failed["code"]) == ("Bolt", "refused_by_quickbooks")
    [done] = [row for row in report(run, result="done") if row["kind"] == "customer"]
    assert (done["name"], done["action"]) == ("Amy", "create_here")
    assert len([row for row in report(run) if row["kind"] == "customer"]) == 5
    assert report(run, verb="create_here", code="duplicate") == []
    refused = BOOKS.get(f"/v1/quickbooks/runs/{run.id}/report", result="lucky")
    assert refused.status in (400, 422)
    again = redriven(acme, run, filter={"result": "failed"})
    assert again.counts == {"create_there": 1}


def test_many_lines_are_tried_again_page_by_page(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redriving, "MOST_LINES", 2)
    for n in range(3):
        acme.create(f"Twin {n}"), acme.create(f"Twin {n}")
        acme.control.create(f"Twin {n}")
    run = acme.pull()
    path, cursor, tried = f"/v1/quickbooks/runs/{run.id}/redrive", {}, 0
    body = {"filter": {"code": "duplicate"}}
    while True:
        answer = BOOKS.call("POST", path, body, query=cursor)
        assert answer.status == 202, answer.text
        assert acme.work() == []
        tried += answer.json["lines"]
        if answer.json["next_cursor"] is None:
            break
        cursor = {"cursor": answer.json["next_cursor"]}
    assert tried == len(report(run, code="duplicate")) == 9


def test_an_edit_that_quickbooks_refused_is_sent_and_not_answered_as_before(acme: Office) -> None:
    one = acme.create("Amy")
    acme.pull()
    acme.edit("Amy", {"phone": "555 0100"})
    acme.control.fail("6000", method="ITEM", path="/batch/customer/update")
    run = acme.pull()
    assert run.counts == {"skip": 1}
    done = redriven(acme, run, filter={"customer_ids": [one.id]})
    assert done.counts == {"update_there": 1}
    [there] = acme.control.book()["Customer"]
    assert there["PrimaryPhone"] == {"FreeFormNumber": "555 0100"}


def test_lines_that_are_not_there_begin_no_run(acme: Office) -> None:
    acme.control.create("Amy")
    run = acme.pull()
    before = table_items()
    answer = redrive(run, filter={"reason": "no such reason"}).json
    assert answer == {"lines": 0, "left_out": 0, "run_id": None, "next_cursor": None}
    answer = redrive(run, rows=["000001#1#skip", "x"])
    assert answer.status == 422
    assert [e["pointer"] for e in answer.json["errors"]] == ["/rows/0", "/rows/1"]
    assert table_items() == before


def test_only_a_run_that_is_over_and_was_no_plan_is_tried_again(acme: Office) -> None:
    run = acme.start()
    assert redrive(run).status == 409
    assert redrive(run, filter={"verb": "whatever"}).status == 422
    both = redrive(run, filter={}, rows=["1"])
    assert (both.status, len(both.json["errors"])) == (422, 2)
    assert BOOKS.post("/v1/quickbooks/runs/run_none/redrive", {}).status == 404
    viewer = Api("quickbooks_api", role="viewer")
    assert viewer.post(f"/v1/quickbooks/runs/{run.id}/redrive", {}).status == 403


def test_a_redrive_waits_for_the_run_that_is_under_way(acme: Office) -> None:
    acme.create("Twin"), acme.create("Twin")
    acme.control.create("Twin")
    run = acme.pull()
    other = acme.start()
    before = table_items()
    answer = redrive(run)
    assert (answer.status, answer.json["code"]) == (409, "run_under_way")
    assert table_items() == before
    acme.finish_run(other)
    assert redrive(run).status == 202


def test_lines_of_other_things_than_customers_are_left_out(acme: Office) -> None:
    acme.control.create("Amy")
    run = acme.pull()
    others = [row for row in report(run) if row["kind"] != "customer"]
    assert others, "taxes and terms came along"
    answer = redrive(run, rows=[row["position"] for row in others])
    assert answer.status == 422
    assert {e["code"] for e in answer.json["errors"]} == {"not_a_customer"}
    assert len(answer.json["errors"]) == len(others)
    acme.control.reset_counters()
    answer = redrive(run, filter={"result": "done"})
    assert (answer.json["lines"], answer.json["left_out"]) == (1, len(others))
    assert acme.work() == []
    assert acme.run(answer.json["run_id"]).counts == {"unchanged": 1}
    assert acme.control.counters()["query"] == 1


@pytest.mark.parametrize(
    ("port", "method"),
    [("state", "add_rows"), ("outbox", "keep"), ("api", "batch"), ("connections", "end_run")],
)
@pytest.mark.parametrize("after", [False, True])
def test_a_redrive_whose_worker_dies_is_finished_by_the_next(
    acme: Office, port: str, method: str, after: bool
) -> None:
    acme.create("Twin"), acme.create("Twin")
    made = acme.control.create("Twin")
    run = acme.pull()
    renamed(people(acme, "Twin")[1], "Twin Two")
    again = acme.run(redrive(run, filter={"code": "duplicate"}).json["run_id"])
    dying = Dying(getattr(acme.ports, port), method, after=after)
    with pytest.raises(Killed):
        acme.finish(message_of(again), replace(acme.ports, **{port: dying}))
    acme.finish_run(again)
    again = acme.run(again.id)
    assert again.status is RunStatus.COMPLETED
    assert again.counts == {"link": 1, "create_there": 1}
    names = sorted(row["DisplayName"] for row in acme.control.book()["Customer"])
    assert names == ["Twin", "Twin Two"]
    assert acme.customers()["Twin"].quickbooks == made["Id"]
