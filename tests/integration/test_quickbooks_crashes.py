"""Workers that die, come twice or come late leave nothing lost and nothing doubled."""

from dataclasses import replace

import boto3
import pytest

from roster.domain.sync.connection import RunMode, RunStatus, SliceMessage
from roster.domain.sync.policy import Mode, Primary
from roster.usecases.quickbooks.runs import message_of, sync_slice
from tests.support.sync import Office
from tests.support.sync_ports import Dying, Killed

_DEATHS = [
    ("state", "add_rows", 1, False),
    ("state", "add_rows", 1, True),
    ("customers", "add", 1, False),
    ("customers", "add", 3, True),
    ("customers", "add_location", 1, True),
    ("state", "save_links", 1, False),
    ("state", "save_links", 1, True),
    ("state", "count_rows", 1, True),
    ("connections", "end_run", 1, False),
]


@pytest.mark.parametrize(("port", "method", "at", "after"), _DEATHS)
def test_a_slice_that_died_anywhere_is_done_again_once(
    acme: Office, port: str, method: str, at: int, after: bool
) -> None:
    made = [acme.control.create(f"Customer {n}") for n in range(4)]
    address = {"Line1": "9 Site Rd", "City": "Tucson"}
    parent = {"value": made[0]["Id"]}
    acme.control.create("Roof", ParentRef=parent, Job=True, ShipAddr=address)
    run = acme.start()
    dying = Dying(getattr(acme.ports, port), method, at=at, after=after)
    with pytest.raises(Killed):
        sync_slice(message_of(run), ports=replace(acme.ports, **{port: dying}))
    # Somebody works with what is already there, between the crash and the replay.
    edited = [name for name in acme.customers() if name == "Customer 0"]
    for name in edited:
        acme.edit(name, {"phone": "555-7777"})
    acme.finish(message_of(run))
    run = acme.run(run.id)
    assert run.status is RunStatus.COMPLETED
    assert run.counts == {"create_here": 4, "keep_job": 1, "add_location": 1}
    customers = acme.customers()
    assert len(customers) == 4
    assert all(customers[name].phone == "555-7777" for name in edited)
    first = customers["Customer 0"]
    assert len(acme.ports.customers.locations(acme.tenant, first.id)) == 1
    assert acme.pull().counts == {}


def test_an_update_that_died_before_its_link_is_not_made_twice(acme: Office) -> None:
    made = acme.control.create("Old Name")
    acme.pull()
    acme.control.edit(made["Id"], DisplayName="New Name")
    run = acme.start()
    dying = Dying(acme.ports.state, "save_links")
    with pytest.raises(Killed):
        sync_slice(message_of(run), ports=replace(acme.ports, state=dying))
    acme.finish(message_of(run))
    assert acme.run(run.id).counts == {"update_here": 1}
    assert acme.customers()["New Name"].version == 2


@pytest.mark.parametrize("later", ["555-0001", "555-0003"])
def test_what_a_dead_worker_took_over_does_not_go_back_over_a_later_edit(
    acme: Office, later: str
) -> None:
    acme.choose(Mode.TWO_WAY, primary=Primary.ROSTER)
    made = acme.control.create("Acme", PrimaryPhone={"FreeFormNumber": "555-0001"})
    acme.pull()
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "555-0002"})
    run = acme.start()
    dying = Dying(acme.ports.state, "save_links", at=2)
    with pytest.raises(Killed):
        acme.finish(message_of(run), replace(acme.ports, state=dying))
    assert acme.customers()["Acme"].phone == "555-0002"
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": later})
    acme.finish_run(run)
    record = acme.control.customer(made["Id"])
    assert record["PrimaryPhone"]["FreeFormNumber"] == later
    assert acme.customers()["Acme"].phone == later
    assert acme.pull().counts == {}


def test_a_message_that_comes_twice_or_late_does_nothing_more(acme: Office) -> None:
    acme.control.create("Only Once")
    run = acme.start()
    first = message_of(run)
    acme.finish(first)
    before = acme.run(run.id)
    assert sync_slice(first, ports=acme.ports) is None
    assert sync_slice(SliceMessage("acme", run.realm, "run_unknown", 1), ports=acme.ports) is None
    assert acme.run(run.id) == before
    assert len(acme.customers()) == 1


def test_who_died_after_the_checkpoint_still_gets_the_next_slice_sent(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roster.usecases.quickbooks.pulling.PAGE_SIZE", 2)
    monkeypatch.setattr("roster.adapters.quickbooks.client.PAGE_SIZE", 2)
    for n in range(3):
        acme.control.create(f"Customer {n}")
    run = acme.start()
    first = message_of(run)
    second = sync_slice(first, ports=acme.ports)
    assert sync_slice(first, ports=acme.ports) == second
    acme.finish(second)
    assert acme.run(run.id).counts == {"create_here": 3}


def test_the_schedule_pulls_through_the_queue_and_takes_up_what_was_lost(acme: Office) -> None:
    acme.control.create("By Schedule")
    assert acme.dispatch() == {"sent": 1, "failed": 0}
    assert acme.work() == []
    assert set(acme.customers()) == {"By Schedule"}
    assert acme.dispatch() == {"sent": 0, "failed": 0}
    acme.control.create("Lost Message")
    acme.clock.advance(minutes=20)
    run = acme.start()
    assert acme.dispatch() == {"sent": 0, "failed": 0}
    acme.clock.advance(minutes=11)
    assert acme.dispatch() == {"sent": 1, "failed": 0}
    assert acme.work() == []
    assert acme.run(run.id).status is RunStatus.COMPLETED
    assert set(acme.customers()) == {"By Schedule", "Lost Message"}
    assert acme.run(run.id).mode is RunMode.CHANGES


def test_a_queue_that_takes_nothing_loses_nothing(acme: Office) -> None:
    acme.control.create("By Schedule")
    url = acme.queue
    boto3.client("sqs").delete_queue(QueueUrl=url)
    assert acme.dispatch() == {"sent": 0, "failed": 1}
    acme.clock.advance(minutes=11)
    attributes = {"FifoQueue": "true", "VisibilityTimeout": "0"}
    boto3.client("sqs").create_queue(QueueName="sync.fifo", Attributes=attributes)
    assert acme.dispatch() == {"sent": 1, "failed": 0}
    assert acme.work() == []
    assert set(acme.customers()) == {"By Schedule"}
