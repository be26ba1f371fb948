"""What an import tells of itself while it runs and when it ends: over HTTP and on the bus."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest

from functions.table_events.app import lambda_handler
from roster import bootstrap
from roster.adapters.dynamodb.table import Table, item_to_wire
from roster.bootstrap import stream as wired
from roster.usecases.imports import source
from roster.usecases.ports import Announcement
from tests.support.api import Api
from tests.support.context import LambdaContext
from tests.support.imports import ExecutionFailed, Machine, call, csv_of, drop, put
from tests.support.template import ROOT

SCHEMA = json.loads((ROOT / "docs/events/import.schema.json").read_text())
KINDS = ("created", "updated", "joined", "skipped", "failed", "cancelled")


def people(count: int) -> list[list[str]]:
    return [["Company", "Email"], *([f"Company {n}", f"a{n}@example.com"] for n in range(count))]


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def customers(cloud: None) -> Api:
    return Api("customers_api")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roster.usecases.imports.plan.ROWS_PER_CHUNK", 2)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What executions were asked for; none of them runs by itself."""
    found: list[dict[str, Any]] = []

    def start(_: object, job: Any) -> None:
        phase = {"planning": "plan", "undoing": "undo"}.get(job.status, "load")
        found.append({"phase": phase, "tenant": job.tenant, "import_id": job.id,
                      "replaces": job.execution})  # fmt: skip

    monkeypatch.setattr("roster.adapters.stepfunctions.StepFunctionsExecutions.start", start)
    return found


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(bootstrap, "clock", found)
    return found


def newest(api: Api) -> dict[str, Any]:
    listed = api.get("/v1/imports").json["data"]
    found: dict[str, Any] = api.get(f"/v1/imports/{listed[0]['id']}").json
    assert {k: found[k] for k in listed[0]} == listed[0]
    return found


def counts(job: dict[str, Any]) -> dict[str, int]:
    found = {kind: job["progress"][kind] for kind in KINDS}
    assert sum(found.values()) == job["progress"]["rows_total"], job["progress"]
    return {kind: count for kind, count in found.items() if count}


@pytest.mark.usefixtures("small_chunks")
def test_a_load_says_how_fast_it_goes_and_when_it_will_end(imports_api: Api, clock: Clock) -> None:
    seen: list[dict[str, Any]] = []

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            seen.append(newest(imports_api)["progress"])
            clock.on(4)
        return call(function, given)

    Machine(invoke).run(drop(csv_of(*people(8))))
    first, second, third, _ = seen
    assert (first["phase"], first["percent"]) == ("loading", 0)
    assert (first["rows_per_second"], first["estimated_end"]) == (None, None)
    assert (second["percent"], second["rows_per_second"]) == (25, 0.5)
    assert (third["percent"], third["rows_per_second"]) == (50, 0.5)
    started = clock.now - timedelta(seconds=16)
    for one, at in ((second, 16), (third, 16)):
        end = datetime.fromisoformat(one["estimated_end"])
        assert end == started + timedelta(seconds=at)
    ended = newest(imports_api)["progress"]
    assert (ended["phase"], ended["percent"], ended["estimated_end"]) == (None, 100, None)


@pytest.mark.usefixtures("small_chunks")
def test_an_undo_says_how_far_it_is(
    imports_api: Api, clock: Clock, asked: list[dict[str, Any]]
) -> None:
    Machine().run(drop(csv_of(*people(4))))
    imports_api.post(f"/v1/imports/{newest(imports_api)['id']}/undo", {})
    seen: list[dict[str, Any]] = []

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            seen.append(newest(imports_api)["progress"])
            clock.on(4)
        return call(function, given)

    Machine(invoke).run(asked.pop())
    assert [(one["phase"], one["percent"]) for one in seen] == [("undoing", 0), ("undoing", 50)]
    assert seen[1]["rows_per_second"] == 0.5
    end = datetime.fromisoformat(seen[1]["estimated_end"])
    assert end == clock.now
    undone = newest(imports_api)
    assert (undone["status"], undone["progress"]["phase"]) == ("undone", None)
    assert counts(undone) == {"created": 4}


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_plan_says_how_much_of_the_file_it_has_read(
    imports_api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch, delimiter: str
) -> None:
    """A note every 20 000 rows or 5 seconds, not one for each time the clock was looked at."""
    seen: list[dict[str, Any]] = []
    revisions = set()
    monkeypatch.setattr(source, "_LOOK_AT_THE_CLOCK", 100)
    real = Table.update

    def update(self: Table, key: Any, expression: str, **values: Any) -> Any:
        done = real(self, key, expression, **values)
        if "reading" in expression:
            seen.append(imports_api.get("/v1/imports").json["data"][0]["progress"])
            revisions.add(done["revision"])
        return done

    monkeypatch.setattr(Table, "update", update)
    count = clock.__call__

    def ticking() -> datetime:
        clock.on(1)
        return count()

    monkeypatch.setattr(bootstrap, "clock", ticking)
    content = "\n".join(delimiter.join(row) for row in people(3000)).encode()
    Machine().run(drop(content))
    assert 3 <= len(seen) <= 3000 / 100 / 5 + 1
    assert [one["phase"] for one in seen] == ["planning"] * len(seen)
    percents = [one["percent"] for one in seen]
    assert percents == sorted(percents)
    for one in seen:
        assert one["rows_read"] is not None
        assert abs(one["percent"] - one["rows_read"] / 30) < 12
        assert one["rows_total"] is None
        assert one["rows_per_second"] > 0
        assert datetime.fromisoformat(one["estimated_end"]) > clock.now - timedelta(hours=1)
    assert len(revisions) == 1, "progress is no change of the import"
    assert newest(imports_api)["progress"]["rows_read"] == 3000


def test_cancelling_while_it_is_planned_stops_the_plan(
    imports_api: Api, customers: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_LOOK_AT_THE_CLOCK", 10)
    monkeypatch.setattr(source, "NOTE_ROWS", 10)
    answers: list[Any] = []
    real = Table.update

    def update(self: Table, key: Any, expression: str, **values: Any) -> Any:
        if "reading" in expression and not answers:
            job = imports_api.get("/v1/imports").json["data"][0]
            answers.append(imports_api.post(f"/v1/imports/{job['id']}/cancel", {}))
        return real(self, key, expression, **values)

    monkeypatch.setattr(Table, "update", update)
    machine = Machine()
    machine.run(drop(csv_of(*people(50))))
    assert (answers[0].status, answers[0].json["status"]) == (200, "cancelled")
    assert machine.visited[-1] == "Done"
    assert newest(imports_api)["status"] == "cancelled"
    assert customers.get("/v1/customers").json["data"] == []
    monkeypatch.setattr(Table, "update", real)
    Machine().run(drop(csv_of(*people(2))))
    assert newest(imports_api)["status"] == "completed", "the turn was given on"


@pytest.mark.usefixtures("small_chunks")
def test_a_cancelled_load_adds_up_and_can_be_undone(
    imports_api: Api, customers: Api, asked: list[dict[str, Any]]
) -> None:
    rows = [*people(7), ["", "nobody@example.com"], ["Company 0", "a0@example.com"]]

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load" and given["chunk"] == 3:
            answer = imports_api.post(f"/v1/imports/{given['import_id']}/cancel", {})
            assert (answer.status, answer.json["cancelling"]) == (200, True)
            assert imports_api.post(f"/v1/imports/{given['import_id']}/cancel", {}).status == 200
        return call(function, given)

    Machine(invoke).run(drop(csv_of(*rows)))
    job = newest(imports_api)
    assert job["status"] == "cancelled"
    assert counts(job) == {"created": 4, "skipped": 1, "failed": 1, "cancelled": 3}
    assert len(customers.get("/v1/customers").json["data"]) == 4
    assert imports_api.get(f"/v1/imports/{job['id']}/errors").json["rows"] == 1

    assert imports_api.post(f"/v1/imports/{job['id']}/undo", {}).status == 200
    Machine().run(asked.pop())
    undone = newest(imports_api)
    assert (undone["status"], undone["undo"]["removed"]) == ("undone", 4)
    assert counts(undone) == counts(job)
    assert customers.get("/v1/customers").json["data"] == []


def test_cancelled_before_it_was_confirmed_every_row_was_left(imports_api: Api) -> None:
    made = imports_api.post("/v1/imports", {"filename": "list.csv", "options": {"confirm": True}})
    Machine().run(put(made.json["upload"]["fields"]["key"],
                      csv_of(*people(3), ["", "b@example.com"])))  # fmt: skip
    job = imports_api.post(f"/v1/imports/{made.json['id']}/cancel", {}).json
    assert counts(job) == {"cancelled": 4}


@pytest.mark.usefixtures("small_chunks", "asked")
def test_a_load_that_broke_off_adds_up(imports_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "roster.adapters.stepfunctions.StepFunctionsExecutions.is_running", lambda *_: False
    )

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load" and given["chunk"] == 2:
            raise ExecutionFailed("the worker died")
        return call(function, given)

    with pytest.raises(ExecutionFailed):
        Machine(invoke).run(drop(csv_of(*people(5), ["", "b@example.com"])))
    for _ in range(6):
        call("import_resume", {})
    job = newest(imports_api)
    assert (job["status"], job["reason"]["code"]) == ("failed", "stuck")
    assert counts(job) == {"created": 2, "failed": 1, "cancelled": 3}


@pytest.mark.parametrize(
    ("rows", "status", "found"),
    [
        ([*people(2)], "completed", {"created": 2}),
        ([*people(1), ["Company 0", "a0@example.com"]], "completed", {"created": 1, "skipped": 1}),
        ([*people(1), ["", "b@example.com"]], "completed_with_errors", {"created": 1, "failed": 1}),
        ([["Company", "Email"], ["", "b@example.com"]], "completed_with_errors", {"failed": 1}),
    ],
)
def test_at_its_end_every_row_is_counted_once(
    imports_api: Api, rows: list[list[str]], status: str, found: dict[str, int]
) -> None:
    Machine().run(drop(csv_of(*rows)))
    job = newest(imports_api)
    assert (job["status"], counts(job)) == (status, found)


def test_a_rejected_file_has_no_rows_to_count(imports_api: Api) -> None:
    Machine().run(drop(b""))
    job = newest(imports_api)
    assert job["status"] == "rejected"
    assert job["progress"]["rows_total"] is None
    assert {job["progress"][kind] for kind in KINDS} == {0}


class Bus:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.told: list[Announcement] = []

    def publish(self, announcements: list[Announcement]) -> None:
        self.told += announcements


class Stream:
    """What the table's stream would hold of imports: an old and a new image of each write."""

    def __init__(self) -> None:
        self.images: dict[str, dict[str, Any]] = {}
        self.records: list[dict[str, Any]] = []

    def look(self) -> None:
        """Take up what has changed since."""
        found, _ = bootstrap.table().query("acme#I", limit=100)
        for item in found:
            old, new = self.images.get(item["sk"]), item_to_wire(item)
            if old == new:
                continue
            self.images[item["sk"]] = new
            images = {"NewImage": new} | ({"OldImage": old} if old else {})
            keys = {"pk": new["pk"], "sk": new["sk"]}
            at = datetime.now(UTC).timestamp()
            self.records.append({
                "eventName": "MODIFY" if old else "INSERT",
                "dynamodb": {"Keys": keys, **images, "ApproximateCreationDateTime": at,
                             "SequenceNumber": str(len(self.records))},
            })  # fmt: skip


@pytest.fixture
def stream(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Stream:
    """Looks after every write of the table."""
    found = Stream()
    looking: list[bool] = []
    for name in ("put", "update", "transact"):
        real = getattr(Table, name)

        def watched(self: Table, *args: Any, _real: Any = real, **kwargs: Any) -> Any:
            done = _real(self, *args, **kwargs)
            if not looking:
                looking.append(True)
                found.look()
                looking.clear()
            return done

        monkeypatch.setattr(Table, name, watched)
    return found


def told_by(records: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> list[Announcement]:
    """What the stream function publishes of the records, through its handler."""
    bus = Bus()
    monkeypatch.setattr(wired, "event_bus", lambda: bus)
    answer = lambda_handler({"Records": records}, LambdaContext("table_events"))
    assert answer == {"batchItemFailures": []}
    for one in bus.told:
        detail = json.loads(json.dumps(one.detail))
        jsonschema.validate(detail, SCHEMA, format_checker=jsonschema.FormatChecker())
        assert one.subject == detail["import_id"]
    return bus.told


@pytest.mark.usefixtures("small_chunks")
def test_an_import_and_its_undo_are_told_in_order_and_twice_is_harmless(
    imports_api: Api, stream: Stream, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = imports_api.post("/v1/imports", {"filename": "list.csv", "options": {"confirm": True}})
    Machine().run(put(made.json["upload"]["fields"]["key"],
                      csv_of(*people(4), ["", "b@example.com"])))  # fmt: skip
    path = f"/v1/imports/{made.json['id']}"
    plan_hash = imports_api.get(path).json["plan_hash"]
    assert imports_api.post(f"{path}/confirm", {"plan_hash": plan_hash}).status == 200
    Machine().run(asked.pop())
    assert imports_api.post(f"{path}/undo", {}).status == 200
    Machine().run(asked.pop())
    told = told_by(stream.records, monkeypatch)
    assert [(one.kind, one.detail["phase"], one.detail["percent"]) for one in told] == [
        ("import.created", None, 0),
        ("import.planned", None, 0),
        ("import.started", "loading", 20),
        ("import.progress", "loading", 60),
        ("import.progress", "loading", 100),
        ("import.completed", None, 100),
        ("import.progress", "undoing", 50),
        ("import.progress", "undoing", 100),
        ("import.undone", None, 100),
    ]  # fmt: skip
    completed, undone = told[5].detail, told[-1].detail
    assert (completed["status"], completed["rows_total"]) == ("completed_with_errors", 5)
    assert completed["rows"] == dict.fromkeys(KINDS, 0) | {"created": 4, "failed": 1}
    assert (undone["removed"], undone["kept"], undone["created_by"]) == (4, 0, "olga")
    assert len({one.detail["event_id"] for one in told}) == len(told)
    again = told_by(list(reversed(stream.records)), monkeypatch)
    assert sorted(str(one.detail) for one in again) == sorted(str(one.detail) for one in told)


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (csv_of(*people(1)), ["created", "planned", "started", "progress", "completed"]),
        (b"", ["created", "rejected"]),
    ],
)
def test_a_dropped_file_is_told_of(
    imports_api: Api, stream: Stream, monkeypatch: pytest.MonkeyPatch, content: bytes,
    kinds: list[str],
) -> None:  # fmt: skip
    Machine().run(drop(content))
    told = told_by(stream.records, monkeypatch)
    assert [one.kind for one in told] == [f"import.{kind}" for kind in kinds]
    assert told[-1].detail["reason"] == ("empty" if "rejected" in kinds else None)


def test_a_cancelled_and_a_failed_import_are_told_of(
    imports_api: Api, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = imports_api.post("/v1/imports", {"filename": "list.csv"}).json
    imports_api.post(f"/v1/imports/{made['id']}/cancel", {})
    event = drop(csv_of(*people(1)))
    claimed = call("import_split", {"step": "claim", "input": event, "execution": "arn:one"})
    failure = {"Error": "States.Timeout", "Cause": "private"}
    call("import_report", {"tenant": "acme", "import_id": claimed["import_id"],
                           "failure": failure})  # fmt: skip
    told = told_by(stream.records, monkeypatch)
    assert [one.kind for one in told] == [
        "import.created", "import.cancelled", "import.created", "import.failed",
    ]  # fmt: skip
    assert told[-1].detail["reason"] == "machine_failed"


@pytest.mark.usefixtures("cloud")
def test_the_demo_tells_it_in_a_line(imports_api: Api) -> None:
    from infra.local.demo import spreadsheet, summary

    Machine().run(drop(csv_of(*people(3), ["", "nobody@example.com"])))
    (row,) = imports_api.get("/v1/imports").json["data"]
    job = imports_api.get(f"/v1/imports/{row['id']}").json
    told = summary.of_import(job, spreadsheet.counts(job))
    assert told == "4 rows, 3 created, 0 skipped, 1 failed (completed with errors)"
