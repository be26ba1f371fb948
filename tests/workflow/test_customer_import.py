"""Door 2 through its state machine: the real definition, the real handlers, moto below."""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from roster.adapters.dynamodb.table import Table
from tests.support.api import Api
from tests.support.imports import (
    ExecutionFailed,
    Machine,
    call,
    created_event,
    csv_of,
    drop,
    put,
    table_items,
)
from tests.support.workbooks import ods, xls, xlsb

HEAD = ("Company", "First Name", "Last Name", "Email", "Phone", "Street", "City", "State", "Zip")


def people(count: int, *, start: int = 1) -> list[tuple[str, ...]]:
    """Rows of distinct customers."""
    return [
        (f"Company {n}", "Zoë", f"Müller{n}", f"zoe{n}@example.com", f"555-01{n:04d}",
         f"{n} Main St", "Tulsa", "OK", "07601")
        for n in range(start, start + count)
    ]  # fmt: skip


def second_places() -> list[tuple[str, ...]]:
    """Rows that give the third and the ninth of these people another place."""
    rows = people(10)
    return [(*rows[n][:5], "2 Second St", *rows[n][6:]) for n in (2, 8)]


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def customers(cloud: None) -> Api:
    return Api("customers_api")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roster.usecases.imports.plan.ROWS_PER_CHUNK", 3)


def newest(api: Api) -> dict[str, Any]:
    """The newest import, whole."""
    listed = api.get("/v1/imports").json["data"]
    found: dict[str, Any] = api.get(f"/v1/imports/{listed[0]['id']}").json
    return found


def everyone(api: Api) -> list[dict[str, Any]]:
    """Every customer of the company."""
    found, cursor = [], None
    while True:
        query = {"limit": 200, "status": "all"} | ({"cursor": cursor} if cursor else {})
        page = api.get("/v1/customers", **query).json
        found += page["data"]
        cursor = page["next_cursor"]
        if not cursor:
            return found


@pytest.mark.shows("S0.01", "S0.04")
def test_a_dropped_file_becomes_customers(imports_api: Api, customers: Api) -> None:
    Machine().run(drop(csv_of(HEAD, *people(3))))
    job = newest(imports_api)
    assert job["status"] == "completed"
    assert job["progress"] == {
        "rows_total": 3, "rows_read": 3, "done": 3, "created": 3, "updated": 0, "joined": 0,
        "skipped": 0, "failed": 0, "cancelled": 0, "phase": None, "percent": 100,
        "rows_per_second": None, "estimated_end": None,
    }  # fmt: skip
    assert (job["errors"], job["reason"]) == ([], None)
    rows = everyone(customers)
    assert [r["display_name"] for r in rows] == ["Company 1", "Company 2", "Company 3"]
    one = customers.get(f"/v1/customers/{rows[0]['id']}").json
    assert (one["full_name"], one["email"], one["source"]) == (
        "Zoë Müller1", "zoe1@example.com", "import",
    )  # fmt: skip
    assert one["number"] == "C-00001"
    (place,) = customers.get(f"/v1/customers/{one['id']}/locations").json["data"]
    assert (place["street"], place["zip"]) == ("1 Main St", "07601")
    assert len(customers.get("/v1/customers", q="zoe1@example.com").json["data"]) == 1
    (birth,) = customers.get(f"/v1/customers/{one['id']}/history").json["data"]
    assert birth["source"] == "import"


def test_numbers_go_on_where_the_import_ended(imports_api: Api, customers: Api) -> None:
    Machine().run(drop(csv_of(HEAD, *people(5))))
    made = customers.post("/v1/customers", {"company_name": "By hand"})
    assert made.json["number"] == "C-00006"


def test_a_file_delivered_twice_has_one_effect(imports_api: Api, customers: Api) -> None:
    event = drop(csv_of(HEAD, *people(2)))
    Machine().run(event)
    before = table_items()
    machine = Machine()
    machine.run(event)
    assert machine.visited == ["Claim", "Claimed", "Done"]
    assert table_items() == before


def test_two_deliveries_at_once_have_one_effect(imports_api: Api, customers: Api) -> None:
    """The second delivery comes while the first is at work."""
    event = drop(csv_of(HEAD, *people(2)))

    def invoke(function: str, given: Any) -> Any:
        if given.get("step") == "split":
            other = Machine()
            other.run(event)
            assert "Split" not in other.visited
        return call(function, given)

    Machine(invoke).run(event)
    assert len(everyone(customers)) == 2
    assert len(imports_api.get("/v1/imports").json["data"]) == 1


def test_a_row_already_there_is_skipped_with_its_reason(imports_api: Api, customers: Api) -> None:
    Machine().run(drop(csv_of(HEAD, *people(3))))
    again = [*people(3), *people(1, start=4), people(1, start=4)[0]]
    random.Random(1).shuffle(again)  # noqa: S311 — an order, not a secret
    Machine().run(drop(csv_of(HEAD, *again), "again.csv"))
    job = newest(imports_api)
    assert (job["progress"]["created"], job["progress"]["skipped"]) == (1, 4)
    assert len(everyone(customers)) == 4
    plan = imports_api.get(f"/v1/imports/{job['id']}/plan").json["data"]
    skipped = [row for row in plan if row["action"] == "skip"]
    assert sum(row["same_as"].startswith("cus_") for row in skipped) == 3
    assert sum(row["same_as"].startswith("row ") for row in skipped) == 1


def test_a_bad_row_is_an_error_and_the_others_load(imports_api: Api, customers: Api) -> None:
    long = "x" * 600
    rows = [
        *people(2),
        ("", "", "", "nobody@example.com", *[""] * 5),
        (long, "y" * 150, "", *[""] * 6),
    ]
    Machine().run(drop(csv_of(HEAD, *rows)))
    job = newest(imports_api)
    assert job["status"] == "completed_with_errors"
    assert (job["progress"]["created"], job["progress"]["failed"]) == (2, 2)
    errors = [(e["line"], e["column"], e["rule"]) for e in job["errors"]]
    assert errors[0][0] == 4
    assert (5, "Company", "too_long") in errors
    assert (5, "First Name", "too_long") in errors
    assert all(e["detail"] and len(e["value"] or "") <= 200 for e in job["errors"])
    assert job["progress"]["done"] == job["progress"]["rows_total"] == 4


def test_doubtful_values_are_kept_with_a_warning(imports_api: Api, customers: Api) -> None:
    rows = [("Acme", "", "", "call reception", "", "", "", "", "")]
    Machine().run(drop(csv_of(HEAD, *rows)))
    job = newest(imports_api)
    assert job["status"] == "completed"
    assert {(w["column"], w["severity"]) for w in job["warnings"]} == {("Email", "warning")}
    (row,) = everyone(customers)
    one = customers.get(f"/v1/customers/{row['id']}").json
    assert (one["email"], one["notes"]) == (None, "e-mail as imported: call reception")


def test_ids_of_another_system_may_clash(imports_api: Api, customers: Api) -> None:
    Machine().run(drop(csv_of(("ID", "Company"), ("1", "Acme"))))
    Machine().run(drop(csv_of(("ID", "Company"), ("1", "Other"), ("2", "Third")), "b.csv"))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"]) == ("completed", 2)
    assert [(w["line"], w["rule"]) for w in job["warnings"]] == [(2, "external_id_taken")]
    Machine().run(drop(csv_of(("ID", "Company"), ("1", "Other"), ("1", "Acme")), "c.csv"))
    assert newest(imports_api)["progress"]["skipped"] == 2


@pytest.mark.shows("S0.04", "S0.05")
@pytest.mark.parametrize(("build", "form"), [(ods, "ods"), (xls, "xls"), (xlsb, "xlsb")])
def test_workbooks_of_other_programs_become_customers(
    imports_api: Api, customers: Api, tmp_path: Path, build: Any, form: str
) -> None:
    sheets = {
        "Read me": [["Upload this file."]],
        "Clients": [
            ["Our clients"],
            [None],
            ["Company", "Email", "Zip", "City", "Street"],
            ["Añasco Plumbing", "a@anasco.example", "00610", "Añasco", "1 Calle Sol"],
            [None, "nobody@example.com"],
        ],
    }
    Machine().run(drop(build(tmp_path / "list", sheets).read_bytes(), f"clients.{form}"))
    job = newest(imports_api)
    assert (job["status"], job["format"], job["sheet"]) == (
        "completed_with_errors", form, "Clients",
    )  # fmt: skip
    assert (job["progress"]["created"], job["progress"]["failed"]) == (1, 1)
    assert [error["line"] for error in job["errors"]] == [5]
    [found] = customers.get("/v1/customers").json["data"]
    assert found["company_name"] == "Añasco Plumbing"
    assert found["email"] == "a@anasco.example"


@pytest.mark.shows("S0.05")
def test_a_list_of_quickbooks_desktop_becomes_customers(imports_api: Api, customers: Api) -> None:
    content = (
        "!HDR\tPROD\r\nHDR\tQuickBooks\r\n!CUST\tNAME\tCOMPANYNAME\tPHONE1\tEMAIL\r\n"
        "CUST\tAñasco\tAñasco Plumbing\t787-555-0100\ta@anasco.example\r\n"
    )
    Machine().run(drop(content.encode("cp1252"), "customers.iif"))
    job = newest(imports_api)
    assert (job["status"], job["format"], job["progress"]["created"]) == ("completed", "iif", 1)
    [found] = customers.get("/v1/customers").json["data"]
    assert (found["company_name"], found["email"]) == ("Añasco Plumbing", "a@anasco.example")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b"%PDF-1.7 something", "not_a_spreadsheet"),
        (b"a,b,c\n1,2,3\n", "no_usable_header"),
    ],
)
def test_a_broken_file_is_rejected_with_a_reason(
    imports_api: Api, content: bytes, code: str
) -> None:
    machine = Machine()
    machine.run(drop(content))
    assert machine.visited[-1] == "Done"
    job = newest(imports_api)
    assert (job["status"], job["reason"]["code"]) == ("rejected", code)
    assert len(job["reason"]["detail"]) > 20
    assert call("import_resume", {}) == {"resumed": [], "failed": []}


@pytest.mark.parametrize(
    "key", ["acme/inbox/", "acme/work/imp_1/plan/rows.jsonl", "acme/other/x.csv", "x.csv",
            "acme/imports/imp_unknown/x.csv", "/inbox/x.csv", "ACME/inbox/x.csv",
            "acme#C/inbox/x.csv", "Q/inbox/x.csv", "../inbox/x.csv", f"{'a' * 64}/inbox/x.csv"],
)  # fmt: skip
def test_what_is_no_upload_is_ignored(imports_api: Api, key: str) -> None:
    Machine().run(created_event(key, etag="e", size=1, sequencer="1"))
    assert imports_api.get("/v1/imports").json["data"] == []
    assert table_items() == []


class Died(Exception):
    """The worker was killed."""


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """`[n]`: the worker dies before the n-th request that writes from now; `[]` never."""
    left: list[int] = []
    for name in ("put", "update", "transact", "_write_some", "_insert_some"):
        real = getattr(Table, name)

        def dies(self: Table, *args: Any, _real: Any = real, **kwargs: Any) -> Any:
            if left:
                left[0] -= 1
                if left[0] < 0:
                    raise Died
            return _real(self, *args, **kwargs)

        monkeypatch.setattr(Table, name, dies)
    yield left
    left.clear()


def customer_items(tenant: str) -> list[dict[str, Any]]:
    """What the table holds of a company's customers."""
    kept = (f"{tenant}#C#", f"{tenant}#L#", f"{tenant}#W#", f"{tenant}#U#number#")
    return [i for i in table_items() if i["pk"]["S"].startswith(kept)]


@pytest.mark.usefixtures("small_chunks", "no_lease")
@pytest.mark.parametrize("seed", range(12))
def test_killed_anywhere_nothing_is_lost_or_doubled(
    imports_api: Api, customers: Api, dying: list[int], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers die before random writes, again and again; the sweeper brings it to its end."""
    monkeypatch.setattr("roster.usecases.imports.claim.MAX_RESTARTS", 1000)
    chance = random.Random(seed)  # noqa: S311 — an order, not a secret
    started: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "roster.adapters.stepfunctions.StepFunctionsExecutions.is_running", lambda *_: False
    )

    def start(_: object, job: Any) -> None:
        phase = "plan" if job.status == "planning" else "load"
        started.append({"phase": phase, "tenant": job.tenant, "import_id": job.id,
                        "replaces": job.execution})  # fmt: skip

    monkeypatch.setattr("roster.adapters.stepfunctions.StepFunctionsExecutions.start", start)

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            dying[:] = [chance.randrange(40)]
        try:
            return call(function, given)
        finally:
            dying.clear()

    queue: list[Any] = [drop(csv_of(HEAD, *people(10), ("", *[""] * 7, "1"), *second_places()))]
    for _ in range(200):
        while queue:
            with contextlib.suppress(Died, ExecutionFailed):
                Machine(invoke, chance).run(queue.pop(0))
        if not call("import_resume", {})["resumed"]:
            break
        queue, started[:] = list(started), []
    job = newest(imports_api)
    assert job["status"] == "completed_with_errors", job
    assert job["progress"] == {
        "rows_total": 13, "rows_read": 13, "done": 13, "created": 10, "updated": 0, "joined": 2,
        "skipped": 0, "failed": 1, "cancelled": 0, "phase": None, "percent": 100,
        "rows_per_second": None, "estimated_end": None,
    }  # fmt: skip
    rows = everyone(customers)
    assert sorted(r["number"] for r in rows) == [f"C-{n:05d}" for n in range(1, 11)]
    for n in (1, 10):
        found = customers.get("/v1/customers", q=f"zoe{n}@example.com").json["data"]
        assert [r["display_name"] for r in found] == [f"Company {n}"]
    assert [r["locations_count"] for r in sorted(rows, key=lambda r: str(r["number"]))] == [
        1, 1, 2, 1, 1, 1, 1, 1, 2, 1,
    ]  # fmt: skip
    content = csv_of(HEAD, *people(10), ("", *[""] * 7, "1"), *second_places())
    Machine().run(drop(content, tenant="undisturbed"))
    assert len(customer_items("acme")) == len(customer_items("undisturbed"))


def _edit(customers: Api, path: str) -> None:
    answer = customers.patch(path, {"phone": "999", "notes": "ours", "external_id": "X1"})
    assert answer.status == 200, answer.text


def _rename(customers: Api, path: str) -> None:
    assert customers.patch(path, {"display_name": "Aardvark Ltd"}).status == 200


def _delete(customers: Api, path: str) -> None:
    confirmed = {"confirm": True}
    assert customers.post(f"{path}/deactivate", confirmed, if_match="*").status == 200
    answer = customers.call("DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"})
    assert answer.status in (200, 204), answer.text


@pytest.mark.shows("S0.52")
@pytest.mark.usefixtures("no_lease")
@pytest.mark.parametrize("act", [_edit, _rename, _delete])
@pytest.mark.parametrize("batches", [1, 2, 3])
def test_an_edit_between_crash_and_replay_survives(
    imports_api: Api, customers: Api, dying: list[int], batches: int, act: Any
) -> None:
    event = drop(csv_of(HEAD, *people(10)))

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            # Its claim, its ten numbers, and some of its three batches; never its tally.
            dying[:] = [1 + 1 + batches]
        return call(function, given)

    with pytest.raises(Died):
        Machine(invoke).run(event)
    dying.clear()
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"]) == ("loading", 0)
    touched = everyone(customers)[0]["id"]
    act(customers, f"/v1/customers/{touched}")
    after = customers.get(f"/v1/customers/{touched}")
    for _ in range(2):
        call("import_load", {"tenant": "acme", "import_id": job["id"], "chunk": 1})
    call("import_report", {"tenant": "acme", "import_id": job["id"]})
    assert newest(imports_api)["progress"]["created"] == 10
    again = customers.get(f"/v1/customers/{touched}")
    assert again.status == after.status
    rows = everyone(customers)
    if act is _delete:
        assert len(rows) == 9
        assert touched not in {row["id"] for row in rows}
    else:
        assert again.json == after.json
        assert len(rows) == len({row["id"] for row in rows}) == 10


@pytest.mark.usefixtures("small_chunks")
def test_a_replay_waits_for_the_lease_of_the_first_attempt(
    imports_api: Api, dying: list[int]
) -> None:
    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            dying[:] = [2]
        return call(function, given)

    with pytest.raises(Died):
        Machine(invoke).run(drop(csv_of(HEAD, *people(3))))
    dying.clear()
    job = newest(imports_api)
    with pytest.raises(Exception, match="still at work"):
        call("import_load", {"tenant": "acme", "import_id": job["id"], "chunk": 1})


def test_the_sweeper_leaves_what_runs_and_gives_up_what_gets_nowhere(
    imports_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    running = [True]
    executions = "roster.adapters.stepfunctions.StepFunctionsExecutions"
    monkeypatch.setattr(f"{executions}.is_running", lambda *_: running[0])
    monkeypatch.setattr(f"{executions}.start", lambda _, job: started.append(job.id))
    event = drop(csv_of(HEAD, *people(1)))
    call("import_split", {"step": "claim", "input": event, "execution": "arn:one"})
    assert call("import_resume", {}) == {"resumed": [], "failed": []}
    running[0] = False
    for _ in range(5):
        assert len(call("import_resume", {})["resumed"]) == 1
    assert len(call("import_resume", {})["failed"]) == 1
    assert len(started) == 5
    job = newest(imports_api)
    assert (job["status"], job["reason"]["code"]) == ("failed", "stuck")
    assert call("import_resume", {}) == {"resumed": [], "failed": []}


def test_an_import_that_cannot_be_looked_at_keeps_none_behind_it_waiting(
    imports_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    def is_running(_: object, execution: str) -> bool:
        if execution == "arn:0":
            raise RuntimeError("not an execution of this machine")
        return False

    executions = "roster.adapters.stepfunctions.StepFunctionsExecutions"
    monkeypatch.setattr(f"{executions}.is_running", is_running)
    monkeypatch.setattr(f"{executions}.start", lambda _, job: started.append(job.filename))
    for n in range(3):
        event = drop(csv_of(HEAD, *people(1)), f"{n}.csv")
        call("import_split", {"step": "claim", "input": event, "execution": f"arn:{n}"})
    with pytest.raises(ExceptionGroup) as told:
        call("import_resume", {})
    assert [str(one) for one in told.value.exceptions] == ["not an execution of this machine"]
    assert sorted(started) == ["1.csv", "2.csv"]


def test_of_two_executions_for_one_import_one_works(imports_api: Api) -> None:
    event = drop(csv_of(HEAD, *people(1)))
    claim = {"step": "claim", "input": event, "execution": "arn:one"}
    assert call("import_split", claim)["next"] == "plan"
    assert call("import_split", claim)["next"] == "plan"
    job = newest(imports_api)
    asked = {"phase": "plan", "tenant": "acme", "import_id": job["id"], "replaces": "arn:one"}
    second = {"step": "claim", "input": asked, "execution": "arn:two"}
    assert call("import_split", second)["next"] == "plan"
    assert call("import_split", {**second, "execution": "arn:three"})["next"] == "ignore"
    assert call("import_split", claim)["next"] == "ignore"


def test_a_split_whose_answer_was_lost_is_repeated_without_harm(
    imports_api: Api, customers: Api
) -> None:
    def invoke(function: str, given: Any) -> Any:
        first = call(function, given)
        if given.get("step") != "split":
            return first
        second = call(function, given)
        assert second == first
        return second

    Machine(invoke).run(drop(csv_of(HEAD, *people(3))))
    assert newest(imports_api)["progress"]["created"] == 3
    assert sorted(r["number"] for r in everyone(customers)) == ["C-00001", "C-00002", "C-00003"]


def test_two_splits_at_once_make_one_plan(
    imports_api: Api, customers: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thought dead goes on in the middle of the load, when the customers are there already."""
    from roster.adapters.s3.spreadsheets import S3ImportFiles

    event = drop(csv_of(HEAD, *people(3)))
    claimed = call("import_split", {"step": "claim", "input": event, "execution": "arn:one"})
    split = {"step": "split", "tenant": "acme", "import_id": claimed["import_id"]}
    real = S3ImportFiles.fetch

    def fetch(self: S3ImportFiles, job: Any, into: Any) -> None:
        monkeypatch.setattr(S3ImportFiles, "fetch", real)
        assert call("import_split", split)["next"] == "load"
        customers.post("/v1/customers", {"company_name": "Company 2", "email": "zoe2@example.com"})
        real(self, job, into)

    monkeypatch.setattr(S3ImportFiles, "fetch", fetch)
    assert call("import_split", split)["next"] == "load"
    call("import_load", {"tenant": "acme", "import_id": claimed["import_id"], "chunk": 1})
    call("import_report", {"tenant": "acme", "import_id": claimed["import_id"]})
    assert newest(imports_api)["progress"]["created"] == 3


def test_imports_of_one_company_take_turns(imports_api: Api, customers: Api) -> None:
    """The same people in two files at once: the second waits, and finds them there."""
    first, second = (drop(csv_of(HEAD, *people(2)), name) for name in ("a.csv", "b.csv"))
    waited: list[str] = []

    def invoke(function: str, given: Any) -> Any:
        if given.get("step") == "split":
            claim = {"step": "claim", "input": second, "execution": "arn:second"}
            waited.append(call("import_split", claim)["next"])
            other = {**claim, "input": drop(csv_of(HEAD, *people(1)), tenant="else")}
            waited.append(call("import_split", other)["next"])
        return call(function, given)

    Machine(invoke).run(first)
    assert waited == ["wait", "plan"]
    Machine().run(second, "arn:second")
    assert newest(imports_api)["progress"]["skipped"] == 2
    assert len(everyone(customers)) == 2


def test_a_plan_that_fails_for_good_marks_the_import_failed(
    imports_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr("functions.import_split.app.plan_import", broken)
    with pytest.raises(ExecutionFailed):
        Machine().run(drop(csv_of(HEAD, *people(1))))
    job = newest(imports_api)
    assert (job["status"], job["reason"]["code"]) == ("failed", "machine_failed")


def test_a_file_replaced_before_it_is_read_is_not_taken_for_the_other(imports_api: Api) -> None:
    event = drop(csv_of(HEAD, *people(1)))
    put("acme/inbox/customers.csv", csv_of(HEAD, *people(2)))
    Machine().run(event)
    job = newest(imports_api)
    assert (job["status"], job["reason"]["code"]) == ("rejected", "file_gone")


def test_a_number_typed_by_hand_meanwhile_is_not_given_twice(
    imports_api: Api, customers: Api, dying: list[int]
) -> None:
    """Somebody else holds a number of the reserved block, and an id of the file."""
    made = customers.post("/v1/customers", {"company_name": "Old"}).json
    patched = customers.patch(
        f"/v1/customers/{made['id']}", {"number": "C-00003", "external_id": "77"}
    )
    assert patched.status == 200, patched.text
    Machine().run(drop(csv_of(("Company", "ID"), ("New 1", "76"), ("New 2", "77"))))
    numbers = sorted(r["number"] for r in everyone(customers))
    assert numbers == ["C-00002", "C-00003", "C-00004"]
    assert newest(imports_api)["progress"]["created"] == 2


@pytest.mark.usefixtures("small_chunks")
def test_values_taken_between_plan_and_load_are_reported(imports_api: Api, customers: Api) -> None:
    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            taken = customers.post(
                "/v1/customers", {"company_name": "Meanwhile", "external_id": "76"}
            )
            assert taken.status in (201, 409), taken.text
        return call(function, given)

    Machine(invoke).run(drop(csv_of(("Company", "ID"), ("New 1", "75"), ("New 2", "76"))))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"]) == ("completed", 2)
    assert [(w["line"], w["column"], w["rule"]) for w in job["warnings"]] == [
        (3, "ID", "external_id_taken")
    ]


def test_manual_numbers_come_from_the_file(imports_api: Api, customers: Api) -> None:
    from roster import bootstrap
    from roster.adapters.dynamodb import keys

    bootstrap.table().put({**keys.settings("acme"), "auto_numbering": False})
    rows = [("No 7", "Seven"), ("No 8", "Eight"), ("No 7", "Again")]
    Machine().run(drop(csv_of(("Customer Number", "Company"), *rows)))
    job = newest(imports_api)
    assert (job["progress"]["created"], job["progress"]["failed"]) == (2, 1)
    assert [(e["line"], e["rule"], e["value"]) for e in job["errors"]] == [
        (4, "number_taken", "No 7")
    ]
    assert {r["number"] for r in everyone(customers)} == {"No 7", "No 8"}


def test_throttling_is_raised_and_retried_not_swallowed(
    imports_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(*_: object, **__: object) -> None:
        raise ClientError(
            {"Error": {"Code": "ProvisionedThroughputExceededException"}}, "BatchWriteItem"
        )

    with monkeypatch.context() as patch:
        patch.setattr(Table, "_write_some", throttled)
        with pytest.raises(ClientError):
            Machine().run(drop(csv_of(HEAD, *people(1))))
    assert newest(imports_api)["status"] == "loading"


def test_work_files_start_nothing(imports_api: Api) -> None:
    Machine().run(drop(csv_of(HEAD, *people(1))))
    from tests.support.aws import IMPORTS_BUCKET

    listed = boto3.client("s3").list_objects_v2(Bucket=IMPORTS_BUCKET)["Contents"]
    written = [o["Key"] for o in listed if "/inbox/" not in o["Key"]]
    assert written
    assert all(key.startswith("acme/work/imp_") for key in written)
