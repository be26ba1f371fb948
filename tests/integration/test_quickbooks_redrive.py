"""Trying again what a run could not do, once what stood in its way is gone."""

from collections.abc import Iterator
from typing import Any

import pytest

from roster.domain.customer_filter import CustomerFilter, StatusFilter
from roster.domain.sync.connection import Run
from roster.domain.sync.policy import Mode, Primary
from tests.support.api import Answer, Api
from tests.support.imports import table_items
from tests.support.sync import Office, office

BOOKS = Api("quickbooks_api")


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with office(monkeypatch) as one:
        one.choose(Mode.TWO_WAY, primary=Primary.QUICKBOOKS)
        one.connect()
        yield one


def redrive(run: Run, **body: Any) -> Answer:
    return BOOKS.post(f"/v1/quickbooks/runs/{run.id}/redrive", body)


def redriven(acme: Office, run: Run, **body: Any) -> dict[str, Any]:
    answer = redrive(run, **body)
    assert answer.status == 202, answer.text
    assert acme.work() == []
    found: dict[str, Any] = answer.json
    return found


def test_a_namesake_that_was_skipped_comes_once_the_name_is_free(acme: Office) -> None:
    for _ in range(2):
        acme.create("John Smith")
    made = acme.control.create("John Smith")
    run = acme.pull()
    assert acme.control.book()["Customer"][0]["Id"] == made["Id"]
    first, second = sorted(
        (c for c in _all(acme) if c.display_name == "John Smith"), key=lambda c: c.id
    )
    for one, name in ((first, "John Smith (Reno)"), (second, "John Smith (Elko)")):
        values = {"display_name": name}
        answer = Api("customers_api").patch(f"/v1/customers/{one.id}", values)
        assert answer.status == 200, answer.text
    done = redriven(acme, run, reason="John Smith", quickbooks_ids=[made["Id"]])
    assert (done["records"], done["next_cursor"]) == (1, None)
    acme.work()
    assert acme.run(done["run_id"]).counts["create_here"] == 1
    names = {c.quickbooks: c.display_name for c in _all(acme)}
    assert names[made["Id"]] == "John Smith"


def test_a_redrive_reads_each_record_once_and_only_once(acme: Office) -> None:
    for n in range(3):
        acme.create("Twin"), acme.create("Twin")
        acme.control.create(f"Twin {n}")
    acme.control.create("Twin")
    run = acme.pull()
    acme.control.reset_counters()
    assert redriven(acme, run, reason="Twin")["records"] == 1
    assert acme.control.counters()["read"] == 1
    acme.control.reset_counters()
    acme.pull()
    assert acme.control.counters()["read"] == 0


def test_an_edit_that_quickbooks_refused_is_sent_and_not_answered_as_before(acme: Office) -> None:
    one = acme.create("Amy")
    acme.pull()
    acme.edit("Amy", {"phone": "555 0100"})
    acme.control.fail("6000", method="ITEM", path="/batch/customer/update")
    run = acme.pull()
    assert run.counts == {"skip": 1}
    done = redriven(acme, run, customer_ids=[one.id])
    assert acme.run(done["run_id"]).counts == {"update_there": 1}
    [there] = acme.control.book()["Customer"]
    assert there["PrimaryPhone"] == {"FreeFormNumber": "555 0100"}


def test_lines_that_are_not_there_begin_no_run(acme: Office) -> None:
    acme.control.create("Amy")
    run = acme.pull()
    before = table_items()
    answer = redrive(run, reason="no such reason").json
    assert answer == {"records": 0, "customers": 0, "run_id": None, "next_cursor": None}
    assert table_items() == before


def test_only_a_run_that_is_over_and_was_no_plan_is_tried_again(acme: Office) -> None:
    run = acme.start()
    assert redrive(run).status == 409
    assert redrive(run, verb="whatever").status == 422
    assert BOOKS.post("/v1/quickbooks/runs/run_none/redrive", {}).status == 404
    viewer = Api("quickbooks_api", role="viewer")
    assert viewer.post(f"/v1/quickbooks/runs/{run.id}/redrive", {}).status == 403


def _all(acme: Office) -> list[Any]:
    everyone = CustomerFilter(status=StatusFilter.ALL)
    page = acme.ports.customers.find(acme.tenant, everyone, limit=500, after=None)
    return list(acme.ports.customers.get_many(acme.tenant, [c.id for c in page.items]).values())
