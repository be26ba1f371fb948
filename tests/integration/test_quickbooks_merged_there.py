"""Two customers become one in QuickBooks: whom the record that is left leads here."""

from dataclasses import replace

import pytest

from roster.bootstrap import quickbooks
from roster.domain.sync.connection import RunStatus
from roster.usecases.quickbooks.runs import message_of
from tests.support.sync import Office
from tests.support.sync_doors import (
    BOOKS,
    CUSTOMERS,
    choose,
    everybody,
    rows_of,
    synced,
)
from tests.support.sync_ports import Dying, Killed


@pytest.fixture
def acme(timed_and_connected: Office) -> Office:
    choose(mode="two_way", primary="quickbooks", default_option="dont_import")
    return timed_and_connected


def linked_and_merged_there(acme: Office, *, winner_first: bool) -> dict[str, str]:
    """Acme is on both sides; QuickBooks merges it into Birds, which was left alone; their ids."""
    # Ids go up: whichever is entered first is looked at first.
    names = ["Birds", "Acme"] if winner_first else ["Acme", "Birds"]
    ids = {name: acme.control.create(name)["Id"] for name in names}
    assert CUSTOMERS.post("/v1/customers", {"display_name": "Acme"}).status == 201
    synced(acme)
    assert everybody()["Acme"]["quickbooks"] == ids["Acme"]
    acme.control.merge(ids["Acme"], ids["Birds"])
    told = {ids["Acme"]: ids["Birds"]}
    quickbooks.hints().merged(acme.tenant, acme.intuit.realm, told)
    return ids


def moves_of_the_link() -> list[tuple[str | None, str | None]]:
    """The QuickBooks ids of our one customer, from old to new, the first first."""
    [ours] = everybody().values()
    events = CUSTOMERS.get(f"/v1/customers/{ours['id']}/history", limit=100).json["data"]
    changes = [c for event in reversed(events) for c in event["changes"]]
    return [(c["old"], c["new"]) for c in changes if c["field"] == "quickbooks"]


@pytest.mark.parametrize("winner_first", [True, False])
def test_the_record_that_is_left_takes_over_the_customer_of_the_one_that_is_gone(
    acme: Office, winner_first: bool
) -> None:
    ids = linked_and_merged_there(acme, winner_first=winner_first)
    lines = {(row["action"], row["quickbooks_id"]) for row in rows_of(synced(acme))}
    assert {("unlink", ids["Acme"]), ("link", ids["Birds"])} <= lines
    [ours] = everybody().values()
    assert ours["quickbooks"] == ids["Birds"]
    assert acme.control.customer(ids["Birds"])["Active"] is True
    assert rows_of(synced(acme)) == []


@pytest.mark.parametrize("winner_first", [True, False])
def test_a_worker_that_died_over_a_merge_takes_away_no_link_but_the_losers(
    acme: Office, winner_first: bool
) -> None:
    ids = linked_and_merged_there(acme, winner_first=winner_first)
    run = acme.start()
    dying = Dying(acme.ports.state, "save_links")
    with pytest.raises(Killed):
        acme.finish(message_of(run), replace(acme.ports, state=dying))
    [ours] = everybody().values()
    # Our side is through, and no link knows of it yet.
    assert ours["quickbooks"] == ids["Birds"]
    acme.finish_run(run)
    assert acme.run(run.id).status is RunStatus.COMPLETED
    assert moves_of_the_link() == [
        (None, ids["Acme"]), (ids["Acme"], None), (None, ids["Birds"]),
    ]  # fmt: skip
    assert rows_of(synced(acme)) == []


def test_the_one_that_is_left_may_be_tried_again_alone(acme: Office) -> None:
    ids = linked_and_merged_there(acme, winner_first=True)
    [first] = BOOKS.get("/v1/quickbooks/runs").json["data"]
    [line] = [row for row in rows_of(first) if row["quickbooks_id"] == ids["Birds"]]
    lines = {"rows": [line["position"]]}
    answer = BOOKS.post(f"/v1/quickbooks/runs/{first['id']}/redrive", lines)
    assert answer.status == 202, answer.text
    assert acme.work() == []
    assert acme.run(answer.json["run_id"]).status is RunStatus.COMPLETED
    [ours] = everybody().values()
    assert ours["quickbooks"] == ids["Birds"]
