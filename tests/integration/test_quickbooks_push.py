"""The push: what was edited here, on its way to QuickBooks, and what it costs in calls."""

from dataclasses import replace
from typing import Any

import pytest

from roster.domain.customer import Customer, Status
from roster.domain.customer_filter import CustomerFilter, StatusFilter
from roster.domain.sync.connection import Run, RunStatus, SliceMessage, Trigger
from roster.domain.sync.policy import Mode, Primary
from roster.usecases.customers import deactivate_customer
from roster.usecases.quickbooks.runs import message_of, sync_slice
from tests.support.sync import Office
from tests.support.sync_ports import Dying, Killed

BOTH, OURS = Mode.TWO_WAY, Mode.ROSTER_TO_QUICKBOOKS


@pytest.fixture
def acme(unconnected: Office) -> Office:
    unconnected.connect(mode=BOTH)
    return unconnected


def book(acme: Office) -> dict[str, dict[str, Any]]:
    """QuickBooks' customers by name."""
    return {c["DisplayName"]: c for c in acme.control.book()["Customer"]}


def sync(acme: Office, trigger: Trigger = Trigger.REQUEST) -> Run:
    """A whole run, some time after whatever went before it."""
    acme.clock.advance(minutes=16)
    acme.control.clock(advance=16 * 60)
    acme.control.reset_counters()
    run = acme.pull(trigger)
    assert run.status is RunStatus.COMPLETED, run.reason
    return replace(run, counts=of_customers(run))


def of_customers(run: Run) -> dict[str, int]:
    """What was done about customers: the first run of a day brings taxes and terms as well."""
    return {k: n for k, n in run.counts.items() if not k.endswith(("_tax_rate", "_payment_term"))}


def called(acme: Office, run: Run) -> dict[str, int]:
    """The calls since the run began, without the daily lists."""
    found = acme.control.counters()
    calls = {kind: found[kind] for kind in ("query", "cdc", "read", "batch")}
    return calls | {"query": calls["query"] - run.polls}


@pytest.mark.shows("S4.001", "S4.059")
@pytest.mark.parametrize("mode", [BOTH, OURS])
def test_a_customer_entered_here_is_created_there_once(unconnected: Office, mode: Mode) -> None:
    unconnected.connect(mode=mode)
    made = unconnected.create("Ada's Bakery", email="ada@bakery.example", phone="555 0100")
    run = sync(unconnected)
    assert run.counts == {"create_there": 1}
    there = book(unconnected)["Ada's Bakery"]
    assert there["PrimaryEmailAddr"]["Address"] == "ada@bakery.example"
    here = unconnected.customers()["Ada's Bakery"]
    assert (here.id, here.quickbooks) == (made.id, there["Id"])
    again = sync(unconnected)
    assert (again.counts, called(unconnected, again)) == (
        {},
        {"query": 0, "cdc": 1, "read": 0, "batch": 0},
    )
    assert len(book(unconnected)) == 1


@pytest.mark.shows("S4.061")
def test_an_edit_here_changes_that_field_there_and_no_other(acme: Office) -> None:
    made = acme.control.create("Amy", Notes="theirs", PrimaryPhone={"FreeFormNumber": "1"})
    sync(acme)
    acme.edit("Amy", {"phone": "555 0199"})
    run = sync(acme)
    assert run.counts == {"update_there": 1}
    there = acme.control.customer(made["Id"])
    assert (there["PrimaryPhone"]["FreeFormNumber"], there["Notes"]) == ("555 0199", "theirs")
    [row] = acme.report(run)
    assert [(c.field, c.old, c.new) for c in row.changes] == [("phone", "1", "555 0199")]
    assert called(acme, run) == {"query": 0, "cdc": 1, "read": 0, "batch": 1}
    assert sync(acme).counts == {}


@pytest.mark.shows("S4.058", "S4.063")
def test_where_quickbooks_leads_nothing_is_ever_sent(unconnected: Office) -> None:
    unconnected.connect()
    unconnected.control.create("Amy")
    sync(unconnected)
    unconnected.edit("Amy", {"phone": "555 0199"})
    unconnected.create("Only Here")
    before = unconnected.control.book()
    assert sync(unconnected).counts == {}
    assert unconnected.control.book() == before


@pytest.mark.shows("S4.060")
def test_where_roster_leads_nothing_of_theirs_comes_here(unconnected: Office) -> None:
    unconnected.connect(mode=OURS)
    unconnected.create("Amy", phone="555 0100")
    sync(unconnected)
    unconnected.control.edit(book(unconnected)["Amy"]["Id"], PrimaryPhone={"FreeFormNumber": "2"})
    unconnected.control.create("Only There")
    assert sync(unconnected).counts == {}
    assert set(unconnected.customers()) == {"Amy"}
    assert unconnected.customers()["Amy"].phone == "555 0100"


@pytest.mark.shows("S4.047", "S4.049", "S4.062")
@pytest.mark.parametrize("newer", ["here", "there"])
def test_the_newer_of_two_edits_wins_and_the_conflict_is_told(acme: Office, newer: str) -> None:
    made = acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "1"})
    sync(acme)

    def there() -> None:
        acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "2"})

    def pause() -> None:
        acme.clock.advance(minutes=6)
        acme.control.clock(advance=360)

    sync(acme)
    if newer == "here":
        pause()
        there()
        pause()
        acme.edit("Amy", {"phone": "3"})
    else:
        acme.edit("Amy", {"phone": "3"})
        pause()
        sync_time(acme)
        there()
    run = sync(acme)
    assert run.counts["conflict"] == 1
    wanted = "3" if newer == "here" else "2"
    assert acme.customers()["Amy"].phone == wanted
    assert acme.control.customer(made["Id"])["PrimaryPhone"]["FreeFormNumber"] == wanted
    assert sync(acme).counts == {}


def sync_time(acme: Office) -> None:
    """Invoices move their record, which is how a look without an edit comes about."""
    [row] = acme.control.book()["Customer"]
    acme.control.touch(row["Id"])


@pytest.mark.shows("S4.036", "S4.037", "S4.038", "S4.039", "S4.054", "S4.055")
def test_of_two_of_one_name_the_first_goes_and_the_second_is_reported(acme: Office) -> None:
    first, second = acme.create("ABC Plumbing"), acme.create("ABC Plumbing")
    acme.create("Zoe")
    run = sync(acme)
    assert run.counts == {"create_there": 2, "skip": 1}
    row = next(r for r in acme.report(run) if r.verb == "skip")
    assert row.customer_id == second.id
    assert f"“ABC Plumbing” ({first.id}) goes to QuickBooks first" in row.reason
    linked = acme.ports.customers.get(acme.tenant, first.id)
    assert linked is not None
    assert linked.quickbooks == book(acme)["ABC Plumbing"]["Id"]
    assert sync(acme).counts == {}
    acme.edit_id(second.id, {"phone": "1"})
    [later] = acme.report(sync(acme))
    assert f"already has the customer “ABC Plumbing” ({linked.quickbooks})" in later.reason


@pytest.mark.parametrize("known", [True, False])
def test_a_name_that_a_vendor_has_is_reported_with_its_holder(acme: Office, known: bool) -> None:
    if not known:
        sync(acme)
    acme.control.vendor("Brosnahan")
    acme.create("Brosnahan")
    # The schedule does not read the list of vendors again on the same day.
    run = sync(acme, Trigger.SCHEDULE)
    assert run.counts == {"skip": 1}
    [row] = [r for r in acme.report(run) if r.kind == "customer"]
    assert "already has the vendor “Brosnahan”" in row.reason
    assert called(acme, run)["batch"] == (0 if known else 1)
    assert book(acme) == {}


@pytest.mark.shows("S4.091")
def test_inactive_goes_both_ways(acme: Office) -> None:
    made = acme.control.create("Amy")
    sync(acme)
    amy = acme.customers()["Amy"]
    deactivate_customer(
        acme.tenant, amy.id, if_version=None, actor=amy.created_by,
        customers=acme.ports.customers, clock=acme.clock,
    )  # fmt: skip
    assert sync(acme).counts == {"deactivate_there": 1}
    assert acme.control.customer(made["Id"])["Active"] is False
    assert sync(acme).counts == {}
    acme.control.activate(made["Id"])
    assert sync(acme).counts == {"activate_here": 1}
    assert sync(acme).counts == {}
    assert set(book(acme)) == {"Amy"}


def test_many_changes_take_a_batch_for_thirty_and_no_read_after(acme: Office) -> None:
    for n in range(65):
        acme.create(f"Customer {n:03d}")
    run = sync(acme)
    assert run.counts == {"create_there": 65}
    assert called(acme, run) == {"query": 1, "cdc": 0, "read": 0, "batch": 3}
    for n in range(31):
        acme.edit(f"Customer {n:03d}", {"phone": f"555 01{n:02d}"})
    run = sync(acme)
    assert run.counts == {"update_there": 31}
    assert (called(acme, run), run.calls, run.reads) == (
        {"query": 0, "cdc": 1, "read": 0, "batch": 2}, 3, 1,
    )  # fmt: skip
    run = sync(acme)
    assert (run.counts, run.calls) == ({}, 1)
    assert called(acme, run) == {"query": 0, "cdc": 1, "read": 0, "batch": 0}


def test_who_was_edited_there_meanwhile_is_read_and_sent_anew(acme: Office) -> None:
    made = acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "1"})
    sync(acme)
    acme.edit("Amy", {"email": "amy@here.example"})
    acme.clock.advance(minutes=16)
    run = acme.start()
    message = sync_slice(message_of(run), ports=acme.ports)
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "2"})
    acme.finish(message)
    run = acme.run(run.id)
    assert run.status is RunStatus.COMPLETED
    assert run.counts == {"update_here": 1, "update_there": 1}
    there = acme.control.customer(made["Id"])
    assert there["PrimaryEmailAddr"]["Address"] == "amy@here.example"
    assert acme.customers()["Amy"].phone == there["PrimaryPhone"]["FreeFormNumber"] == "2"
    assert sync(acme).counts == {}


@pytest.mark.parametrize("fault", ["10000", "5010"])
def test_what_one_write_of_a_batch_was_refused_for_a_moment_goes_in_the_same_run(
    acme: Office, fault: str
) -> None:
    acme.create("Amy")
    sync(acme)
    acme.edit("Amy", {"phone": "555 0100"})
    acme.control.fail(fault, method="ITEM", path="/batch/customer/update")
    run = sync(acme)
    [there] = acme.control.book()["Customer"]
    assert there["PrimaryPhone"] == {"FreeFormNumber": "555 0100"}
    assert run.counts == {"update_there": 1}
    assert sync(acme).counts == {}


_DEATHS = [
    ("outbox", "keep", 1, False),
    ("outbox", "keep", 1, True),
    ("api", "batch", 1, True),
    ("names", "save", 2, True),
    ("state", "save_links", 3, False),
    ("state", "save_links", 3, True),
    ("customers", "save", 1, False),
    ("customers", "save", 2, True),
    ("outbox", "drop", 1, False),
    ("outbox", "drop", 1, True),
    ("state", "checkpoint", 3, False),
    ("connections", "end_run", 1, False),
]


@pytest.mark.parametrize(("port", "method", "at", "after"), _DEATHS)
def test_a_push_that_died_anywhere_goes_on_and_doubles_nothing(
    acme: Office, port: str, method: str, at: int, after: bool
) -> None:
    acme.control.create("Theirs")
    sync(acme)
    for n in range(3):
        acme.create(f"Ours {n}")
    acme.edit("Theirs", {"phone": "555 0100"})
    acme.clock.advance(minutes=16)
    run = acme.start()
    dying = Dying(getattr(acme.ports, port), method, at=at, after=after)
    message: SliceMessage | None = message_of(run)
    made: dict[str, Any] = {port: dying}
    ports = replace(acme.ports, **made)
    while message is not None:
        try:
            message = sync_slice(message, ports=ports)
        except Killed:
            # Somebody works on, between the crash and the replay.
            acme.edit("Ours 0", {"email": "zero@ours.example"})
    run = acme.run(run.id)
    assert run.status is RunStatus.COMPLETED
    sync(acme)
    assert sync(acme).counts == {}
    there = book(acme)
    assert set(there) == {"Theirs", "Ours 0", "Ours 1", "Ours 2"}
    for name, customer in acme.customers().items():
        assert customer.quickbooks == there[name]["Id"]
    assert there["Theirs"]["PrimaryPhone"]["FreeFormNumber"] == "555 0100"
    edited = acme.customers()["Ours 0"].email
    assert there["Ours 0"].get("PrimaryEmailAddr", {}).get("Address") == edited


def test_an_answer_that_was_lost_is_given_again(acme: Office) -> None:
    acme.create("Ours")
    acme.control.fail("drop", times=1, path="/batch")
    run = sync(acme)
    assert run.counts == {"create_there": 1}
    assert set(book(acme)) == {"Ours"}
    assert acme.customers()["Ours"].quickbooks == book(acme)["Ours"]["Id"]


def test_what_a_run_died_over_is_settled_by_the_next_one_first(acme: Office) -> None:
    acme.create("Ours")
    acme.clock.advance(minutes=16)
    run = acme.start()
    ports = replace(acme.ports, api=Dying(acme.ports.api, "batch", after=True))
    with pytest.raises(Killed):
        acme.finish(message_of(run), ports)
    # The run itself is lost with the authorization.
    acme.control.connect()
    acme.ports.connections.close(acme.tenant, "needs_reconnect", "gone")
    acme.connect()
    run = sync(acme)
    assert run.counts == {"create_there": 1}
    assert set(book(acme)) == {"Ours"}
    assert acme.customers()["Ours"].quickbooks == book(acme)["Ours"]["Id"]
    assert sync(acme).counts == {}


def test_a_throttled_push_pauses_and_goes_on_with_the_same_batch(acme: Office) -> None:
    acme.create("Ours")
    acme.control.fail("json_429", times=2, path="/batch")
    acme.clock.advance(minutes=16)
    run = acme.start()
    message = message_of(run)
    acme.finish(message)
    paused = acme.run(run.id)
    assert paused.status is RunStatus.PAUSED
    waits = []
    while acme.run(run.id).status is RunStatus.PAUSED:
        now = acme.run(run.id)
        assert now.not_before is not None
        waits.append(round((now.not_before - acme.clock()).total_seconds() / 60))
        acme.clock.advance(minutes=waits[-1] + 1)
        acme.finish(message_of(now))
    assert waits == [1, 5]
    assert of_customers(acme.run(run.id)) == {"create_there": 1}
    assert set(book(acme)) == {"Ours"}


@pytest.mark.shows("S4.033", "S4.056")
def test_another_mode_makes_the_next_run_look_at_everything(unconnected: Office) -> None:
    unconnected.connect()
    unconnected.control.create("Theirs")
    unconnected.create("Ours")
    sync(unconnected)
    unconnected.choose(Mode.TWO_WAY, primary=Primary.ROSTER)
    assert sync(unconnected).counts == {"create_there": 1}
    assert sync(unconnected).counts == {}
    assert not unconnected.ports.policies.get(unconnected.tenant).anew


@pytest.mark.parametrize("freed_by", ["vendor", "customer", "us"])
def test_who_waited_for_a_name_goes_when_it_is_free(acme: Office, freed_by: str) -> None:
    if freed_by == "vendor":
        holder = acme.control.vendor("Brosnahan")["Id"]
    else:
        acme.create("Brosnahan")
        sync(acme)
        holder = book(acme)["Brosnahan"]["Id"]
    waiting = acme.create("Brosnahan", email="late@brosnahan.example")
    assert sync(acme).counts == {"skip": 1}
    assert sync(acme).counts == {}
    if freed_by == "vendor":
        acme.control.change("vendors", holder, DisplayName="Brosnahan Supplies")
        acme.clock.advance(hours=25)
        acme.control.clock(advance=25 * 3600)
    elif freed_by == "customer":
        acme.control.edit(holder, DisplayName="Brosnahan & Sons")
    else:
        first = next(c for c in everyone(acme) if c.quickbooks == holder)
        acme.edit_id(first.id, {"display_name": "Brosnahan & Sons"})
        sync(acme)
    run = sync(acme)
    assert run.counts["create_there"] == 1
    sent = acme.ports.customers.get(acme.tenant, waiting.id)
    assert sent is not None
    assert sent.quickbooks == book(acme)["Brosnahan"]["Id"]
    assert sync(acme).counts == {}


def everyone(acme: Office) -> list[Customer]:
    """All customers, of whatever name."""
    everybody = CustomerFilter(status=StatusFilter.ALL)
    page = acme.ports.customers.find(acme.tenant, everybody, limit=500, after=None)
    return list(acme.ports.customers.get_many(acme.tenant, [c.id for c in page.items]).values())


def test_edits_of_who_is_inactive_there_wait_until_it_is_active_again(acme: Office) -> None:
    made = acme.control.create("Amy")
    sync(acme)
    acme.control.inactivate(made["Id"])
    sync(acme)
    acme.edit("Amy", {"phone": "555 0100"})
    run = sync(acme)
    assert run.counts == {"skip": 1}
    assert "inactive in QuickBooks" in acme.report(run)[0].reason
    assert called(acme, run)["batch"] == 0
    assert sync(acme).counts == {}
    acme.control.activate(made["Id"])
    assert sync(acme).counts == {"activate_here": 1, "update_there": 1}
    there = acme.control.customer(made["Id"])
    assert there["PrimaryPhone"]["FreeFormNumber"] == "555 0100"


def test_who_was_made_inactive_there_meanwhile_is_no_longer_written_to(acme: Office) -> None:
    made = acme.control.create("Amy")
    sync(acme)
    acme.edit("Amy", {"phone": "555 0100"})
    acme.clock.advance(minutes=16)
    run = acme.start()
    message = sync_slice(message_of(run), ports=acme.ports)
    acme.control.inactivate(made["Id"])
    acme.finish(message)
    run = acme.run(run.id)
    assert (run.status, run.counts) == (RunStatus.COMPLETED, {"deactivate_here": 1, "skip": 1})
    assert acme.customers()["Amy"].status is Status.INACTIVE
    assert acme.customers()["Amy"].phone == "555 0100"


def test_a_batch_that_is_refused_as_a_whole_is_reported_and_stops_nothing(acme: Office) -> None:
    sync(acme)
    acme.create("Ours")
    acme.control.fail("6000", path="/batch")
    run = sync(acme)
    assert run.counts == {"skip": 1}
    assert "QuickBooks does not take “Ours”" in acme.report(run)[0].reason
    assert sync(acme).counts == {}
    acme.edit("Ours", {"phone": "555 0100"})
    assert sync(acme).counts == {"create_there": 1}
