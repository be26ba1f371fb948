"""A run planned again from what it was planned from: the same, or what is otherwise, told."""

import zlib
from collections import Counter
from dataclasses import replace
from typing import Any

import boto3
import pytest

from roster import bootstrap
from roster.domain.sync import push
from roster.domain.sync.connection import Run, RunMode, RunStatus
from roster.usecases.quickbooks import replaying
from roster.usecases.quickbooks.runs import message_of
from tests.support.api import Answer, Api
from tests.support.aws import SYNC_INPUTS_BUCKET
from tests.support.imports import table_items
from tests.support.sync import Office, office
from tests.support.sync_firm_history import History
from tests.support.sync_offices import OfficeFirm
from tests.support.sync_ports import Dying, Killed

BOOKS, CUSTOMERS = Api("quickbooks_api"), Api("customers_api", role="admin")


@pytest.fixture
def acme(both_ways: Office) -> Office:
    return both_ways


def replay(run: Run, **query: str) -> Answer:
    return BOOKS.call("POST", f"/v1/quickbooks/runs/{run.id}/replay", query=query)


def replayed(run: Run, **query: str) -> dict[str, Any]:
    answer = replay(run, **query)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def bucket() -> dict[str, bytes]:
    """Everything that is kept, unpacked, by key."""
    client = boto3.client("s3")
    found = client.list_objects_v2(Bucket=SYNC_INPUTS_BUCKET).get("Contents", [])
    return {
        one["Key"]: zlib.decompress(
            client.get_object(Bucket=SYNC_INPUTS_BUCKET, Key=one["Key"])["Body"].read(), wbits=31
        )
        for one in found
    }


def busy(acme: Office) -> list[Run]:
    """Runs in which everything happens: news and edits on both sides, a conflict, a namesake."""
    for n in range(3):
        acme.control.create(f"There {n}", PrimaryPhone={"FreeFormNumber": f"555-000{n}"})
        acme.create(f"Here {n}", phone=f"987-654{n}", gstin="27AAPFU0939F1ZV")
    acme.create("Twin"), acme.create("Twin")
    acme.control.create("Twin")
    first = acme.pull()
    [there] = [c for c in acme.customers().values() if c.display_name == "There 0"]
    acme.edit("There 0", {"phone": "555-2222", "email": "a@b.example"})
    acme.control.edit(there.quickbooks or "", PrimaryPhone={"FreeFormNumber": "555-3333"})
    acme.edit("There 1", {"display_name": "There 1 Ltd"})
    acme.control.create("Roof", ParentRef={"value": there.quickbooks}, Job=True)
    acme.clock.advance(minutes=20)
    second = acme.pull()
    assert {"conflict", "update_there"} <= set(second.counts)
    return [first, second]


def test_a_run_planned_again_decides_the_same_and_changes_nothing(acme: Office) -> None:
    runs = busy(acme)
    before = (table_items(), bucket(), acme.control.book())
    acme.control.reset_counters()
    for run in runs:
        told = replayed(run)
        assert (told["run_id"], told["same"], told["differing"]) == (run.id, True, 0)
        assert told["differences"] == []
        assert told["slices"] > 1
        assert told["records"] >= 3
        assert told["engine"] == {"then": [told["engine"]["now"]], "now": told["engine"]["now"]}
        assert told["next_cursor"] is None
    assert (table_items(), bucket(), acme.control.book()) == before
    assert not any(acme.control.counters().values())
    everything = b"".join(before[1].values())
    assert b"There 0" in everything
    assert b"27AAPFU0939F1ZV" not in everything
    connection = acme.ports.connections.get(acme.tenant)
    assert connection is not None
    assert connection.tokens is not None
    assert connection.tokens.access.encode() not in everything
    assert connection.tokens.refresh.encode() not in everything


def test_what_a_changed_rule_decides_otherwise_is_told(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = busy(acme)
    monkeypatch.setattr(
        push, "why_not", lambda name, value: "is odd" if name == "phone" and value else None
    )
    told = replayed(first)
    assert (told["same"], told["differing"]) == (False, 3)
    ids = {c.id for c in acme.customers().values() if c.display_name.startswith("Here")}
    assert {one["record"] for one in told["differences"]} == ids
    for one in told["differences"]:
        assert one["then"]["write"]["fields"]["phone"].startswith("987-654")
        assert "phone" not in one["now"]["write"]["fields"]
        assert "is odd" in str(one["now"]["actions"])


def test_a_long_run_is_planned_again_page_by_page(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = busy(acme)
    whole = replayed(run)
    monkeypatch.setattr(replaying, "_PLANS", 1)
    pages, query = [], {}
    while True:
        pages.append(replayed(run, **query))
        if pages[-1]["next_cursor"] is None:
            break
        query = {"cursor": pages[-1]["next_cursor"]}
    assert len(pages) == len([key for key in bucket() if run.id in key]) > 1
    assert sum(page["records"] for page in pages) == whole["records"]
    assert all(page["same"] for page in pages)
    assert replay(run, cursor="nonsense").status == 400


@pytest.mark.parametrize(
    ("port", "method", "after"),
    [
        ("state", "add_rows", False),
        ("customers", "add", True),
        ("state", "save_links", False),
        ("kept", "keep", True),
        ("outbox", "keep", False),
        ("api", "batch", True),
        ("state", "count_rows", True),
    ],
)
def test_what_a_dead_worker_planned_from_stays_beside_what_the_next_one_did(
    acme: Office, port: str, method: str, after: bool
) -> None:
    for n in range(3):
        acme.control.create(f"There {n}")
        acme.create(f"Here {n}")
    run = acme.start()
    dying = Dying(getattr(acme.ports, port), method, after=after)
    with pytest.raises(Killed):
        acme.finish(message_of(run), replace(acme.ports, **{port: dying}))
    # Somebody goes on working: what is planned next is planned from something else.
    for name in ("There 0", "Here 0"):
        if name in acme.customers():
            acme.edit(name, {"phone": "555-7777"})
    died = set(bucket())
    acme.finish_run(run)
    run = acme.run(run.id)
    assert run.status is RunStatus.COMPLETED
    assert died <= set(bucket())
    assert replayed(run)["same"]


def test_only_runs_whose_inputs_are_kept_are_planned_again(acme: Office) -> None:
    run = acme.start()
    assert (replay(run).status, replay(run).json["code"]) == (409, "run_under_way")
    acme.control.create("Amy")
    acme.finish_run(run)
    assert replayed(run)["records"] == 1
    assert BOOKS.post("/v1/quickbooks/runs/run_none/replay", None).status == 404
    path = f"/v1/quickbooks/runs/{run.id}/replay"
    assert Api("quickbooks_api", role="viewer").post(path, None).status == 403
    assert Api("quickbooks_api", tenant="acme2").post(path, None).status == 404
    old = replace(acme.run(run.id), kept=None)
    acme.ports.connections.end_run(old, cursor=None, due=acme.clock())
    assert (replay(run).status, replay(run).json["code"]) == (409, "inputs_never_kept")


def test_inputs_that_went_with_the_time_are_told_to_be_gone(acme: Office) -> None:
    acme.control.create("Amy")
    run = acme.pull()
    for key in bucket():
        boto3.client("s3").delete_object(Bucket=SYNC_INPUTS_BUCKET, Key=key)
    acme.clock.advance(days=91)
    answer = replay(run)
    assert (answer.status, answer.json["code"]) == (410, "inputs_gone")
    assert "90 days" in answer.json["detail"]


def test_an_erased_customer_is_in_nothing_that_is_kept_and_does_not_come_back(
    acme: Office,
) -> None:
    words = (b"Quetzal", b"Ximena", b"zumba.example", b"Yonder")

    def mentioned() -> list[bytes]:
        everything = b"".join(bucket().values())
        return [word for word in words if word in everything]

    theirs = acme.control.create(
        "Quetzal", GivenName="Ximena", PrimaryEmailAddr={"Address": "x@zumba.example"}
    )
    ship = {"Line1": "9 Yonder", "City": "Tulsa", "PostalCode": "74103"}
    job = {"ParentRef": {"value": theirs["Id"]}, "Job": True, "ShipAddr": ship}
    acme.control.create("Yonder shed", **job)
    run = acme.pull()
    other = Api("quickbooks_api", tenant="acme2")
    boto3.client("s3").put_object(Bucket=SYNC_INPUTS_BUCKET, Key="acme2/run_1/1", Body=_gzip())
    assert mentioned() == list(words)
    path = f"/v1/customers/{acme.customers()['Quetzal'].id}"
    CUSTOMERS.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    query, headers = {"confirm": "true"}, {"if-match": "*"}
    assert CUSTOMERS.call("DELETE", path, query=query, headers=headers).status == 204
    erased = CUSTOMERS.post(f"{path}/erase", {"confirm": True})
    assert erased.status == 200, erased.text
    assert mentioned() == []
    assert set(bucket()) == {"acme2/run_1/1"}, "another company's is left alone"
    answer = replay(run)
    assert (answer.status, answer.json["code"]) == (410, "inputs_gone")
    assert "erased" in answer.json["detail"]
    assert other.post(f"/v1/quickbooks/runs/{run.id}/replay", None).status == 404
    acme.control.edit(theirs["Id"], GivenName="Ximena Yoko", Notes="Quetzal")
    acme.control.create("Yonder barn", **job)
    acme.control.create("Bolt")
    run = acme.pull()
    assert run.counts["create_here"] == 1
    assert len(bucket()) == 2
    assert mentioned() == [], "QuickBooks still has the person, and told us"
    assert [w for w in words if w.decode() in str(table_items())] == []
    assert replayed(run)["same"]


def _gzip() -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(b"{}") + packer.flush()


def test_one_request_to_s3_for_each_plan_and_none_where_nothing_happens(acme: Office) -> None:
    asked: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        asked[model.name] += 1

    bootstrap.s3().meta.events.register("before-call.s3", count)
    for n in range(31):
        acme.create(f"Here {n:02d}")
        acme.control.create(f"There {n:02d}")
    run = acme.pull()
    # A page of the pull, and two batches of the push; the rest of its customers is unchanged.
    assert asked == {"PutObject": 3}
    assert run.kept == 3
    asked.clear()
    acme.clock.advance(minutes=20)
    assert acme.pull().kept == 0
    assert not asked
    assert replayed(run)["same"]
    assert asked == {"ListObjectsV2": 1, "GetObject": 3}


def test_a_plan_and_a_redrive_keep_their_inputs_too(acme: Office) -> None:
    acme.create("Twin"), acme.create("Twin")
    acme.control.create("Twin")
    for path in ("plan", "runs"):
        made = BOOKS.post(f"/v1/quickbooks/{path}", None).json
        assert acme.work() == []
        assert replayed(acme.run(made["id"]))["records"] >= 3
    path = f"/v1/quickbooks/runs/{made['id']}/redrive"
    again = acme.run(BOOKS.post(path, {"filter": {"code": "duplicate"}}).json["run_id"])
    assert acme.work() == []
    assert replayed(again)["same"]


@pytest.mark.shows("S4.028")
def test_a_full_sync_can_be_asked_for_by_itself(acme: Office) -> None:
    for n in range(3):
        acme.control.create(f"There {n}")
    acme.pull()
    [link] = [
        one
        for one in acme.ports.state.known(acme.tenant, acme.intuit.realm, limit=9, after=None).items
        if one.name == "There 1"
    ]
    # Something that no feed tells of: what is known here of a record was lost.
    acme.ports.state.save_links(
        acme.tenant, acme.intuit.realm, [replace(link, sync_token="0", base_theirs={}, left=("x",))]
    )
    acme.clock.advance(minutes=20)
    acme.control.clock(advance=20 * 60)
    run = acme.pull()
    assert (run.mode, run.counts) == (RunMode.CHANGES, {})
    made = BOOKS.post("/v1/quickbooks/runs", {"full": True})
    assert (made.status, made.json["mode"]) == (202, "full")
    assert acme.work() == []
    run = acme.run(made.json["id"])
    assert run.status is RunStatus.COMPLETED
    assert run.position > 3, "every record was read"
    after = acme.ports.state.links(acme.tenant, acme.intuit.realm, [link.quickbooks_id])
    assert after[link.quickbooks_id].base_theirs == link.base_theirs
    assert acme.pull().mode is RunMode.CHANGES
    refused = BOOKS.post("/v1/quickbooks/runs", {"full": True, "plan": run.id})
    assert {e["pointer"] for e in refused.json["errors"]} == {"/plan", "/full"}


@pytest.mark.parametrize("seed", range(4))
def test_every_run_of_a_random_history_is_planned_again_to_the_same(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with office(monkeypatch) as acme:
        firm = OfficeFirm(acme)
        history = History(firm, seed)
        history.choose()
        firm.connect()
        for _ in range(50):
            history.happen()
        firm.quiet_sync()
        runs = acme.ports.state.runs(acme.tenant, limit=200, after=None).items
        decided = 0
        for run in runs:
            told = replayed(run)
            assert told["same"], told["differences"]
            decided += told["records"]
        assert decided
