"""Undoing an import through its state machine: what it created goes, what was touched stays."""

import contextlib
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster import bootstrap
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Table
from tests.support import aws
from tests.support.api import Api
from tests.support.imports import ExecutionFailed, Machine, call, csv_of, drop, table_items

HEAD = ("Company", "First Name", "Email", "Phone", "ID", "Tags", "Street", "City", "State", "Zip")


def people(count: int, *, start: int = 1) -> list[tuple[str, ...]]:
    """Rows of distinct customers, with every kind of item that an import writes."""
    return [
        (f"Company {n}", "Zoë", f"zoe{n}@example.com", f"(918) 555-{n:04d}", f"X{n}", "vip, new",
         f"{n} Main St", "Tulsa", "OK", "07601")
        for n in range(start, start + count)
    ]  # fmt: skip


class Died(Exception):
    """The worker was killed."""


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def customers(cloud: None) -> Api:
    return Api("customers_api")


@pytest.fixture(autouse=True)
def started(asked_for: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """No execution runs by itself, in any of these tests."""
    return asked_for


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roster.usecases.imports.plan.ROWS_PER_CHUNK", 3)


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """`[n]`: the worker dies before the n-th request that writes from now; `[]` never."""
    left: list[int] = []
    for name in ("put", "update", "delete", "transact", "_write_some", "_insert_some"):
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


def newest(api: Api) -> dict[str, Any]:
    """The newest import, whole."""
    listed = api.get("/v1/imports").json["data"]
    found: dict[str, Any] = api.get(f"/v1/imports/{listed[0]['id']}").json
    return found


def everyone(api: Api) -> list[dict[str, Any]]:
    """Every customer of the company."""
    found: list[dict[str, Any]] = api.get("/v1/customers", limit=200, status="all").json["data"]
    return found


def book() -> list[dict[str, Any]]:
    """Every item that is no import's own and no counter; not whose turn it is."""
    return [
        item
        for item in table_items()
        if "#I" not in item["pk"]["S"]
        and "#U#import_arrival#" not in item["pk"]["S"]
        and not item["pk"]["S"].startswith("#OPEN")
        and not item["sk"]["S"].startswith(("COUNTER#", "IMPORT_TURN"))
    ]


def undo(api: Api, started: list[dict[str, Any]], machine: Machine | None = None) -> dict[str, Any]:
    """Ask for the undo of the newest import, carry it out, and the import then."""
    job = newest(api)
    answer = api.post(f"/v1/imports/{job['id']}/undo", {})
    assert answer.status == 200, answer.text
    assert answer.json["status"] == "undoing"
    (machine or Machine()).run(started.pop())
    return newest(api)


def test_an_undone_import_leaves_the_book_as_it_was(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    customers.post("/v1/customers", {"company_name": "Company 2", "email": "two@example.com"})
    before = book()
    Machine().run(drop(csv_of(HEAD, *people(5), ("", "", "nobody@example.com", *[""] * 7))))
    made = [r["id"] for r in everyone(customers) if r["source"] == "import"]
    assert len(made) == 5
    assert len(book()) > len(before)
    job = undo(imports_api, started)
    assert (job["status"], job["undo"]["removed"], job["undo"]["kept"]) == ("undone", 5, 0)
    assert (job["undo"]["started_by"], job["undo"]["percent"]) == ("olga", 100)
    assert job["progress"]["created"] == 5
    assert book() == before
    for gone in made:
        assert customers.get(f"/v1/customers/{gone}").status == 404
        assert customers.get(f"/v1/customers/{gone}/history").status == 404
    assert customers.get("/v1/customers", q="zoe3@example.com").json["data"] == []


def test_the_same_file_goes_in_again_after_an_undo(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    """C01 of the complaints: no hidden remains of an undone import block the next one."""
    content = csv_of(HEAD, *people(4))
    Machine().run(drop(content))
    undo(imports_api, started)
    Machine().run(drop(content, "again.csv"))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"]) == ("completed", 4)
    rows = everyone(customers)
    assert sorted(r["external_id"] for r in rows) == ["X1", "X2", "X3", "X4"]
    # A number that was given once is not given again.
    assert sorted(r["number"] for r in rows) == ["C-00005", "C-00006", "C-00007", "C-00008"]


def _edit(path: str) -> None:
    assert Api("customers_api").patch(path, {"notes": "ours"}).status == 200


def _task(path: str) -> None:
    answer = Api("records_api").post(f"{path}/tasks", {"title": "Call back"})
    assert answer.status == 201, answer.text


def _note(path: str) -> None:
    answer = Api("records_api").post(f"{path}/notes", {"text": "Gate code 1234"})
    assert answer.status == 201, answer.text


def _contact(path: str) -> None:
    answer = Api("customers_api").post(f"{path}/contacts", {"first_name": "Ann"})
    assert answer.status == 201, answer.text


def _location(path: str) -> None:
    body = {"street": "9 Side St", "city": "Tulsa", "state": "OK", "zip": "74103", "country": "US"}
    answer = Api("customers_api").post(f"{path}/locations", body)
    assert answer.status == 201, answer.text


def _deactivate(path: str) -> None:
    answer = Api("customers_api").post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    assert answer.status == 200, answer.text


def _delete(path: str) -> None:
    _deactivate(path)
    answer = Api("customers_api").call(
        "DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"}
    )
    assert answer.status in (200, 204), answer.text


def _merge(path: str) -> None:
    other = next(r for r in everyone(Api("customers_api")) if r["source"] == "manual")
    body = {"loser_id": path.rpartition("/")[2]}
    answer = Api("customers_api").post(f"/v1/customers/{other['id']}/merge", body, if_match="*")
    assert answer.status == 200, answer.text


TOUCHES = [
    (_edit, "edited", "changed by olga on"),
    (_task, "added_to", "added to it since: task"),
    (_note, "added_to", "added to it since: note"),
    (_contact, "added_to", "added to it since: contact"),
    (_location, "added_to", "added to it since: location"),
    (_deactivate, "edited", "made inactive by olga on"),
    (_delete, "deleted", "deleted by olga on"),
    (_merge, "merged", "merged into customer cus_"),
]


@pytest.mark.parametrize(("touch", "code", "detail"), TOUCHES)
def test_what_was_touched_since_stays_as_it_is_and_is_listed(
    imports_api: Api,
    customers: Api,
    started: list[Any],
    touch: Callable[[str], None],
    code: str,
    detail: str,
) -> None:
    customers.post("/v1/customers", {"company_name": "By hand"})
    Machine().run(drop(csv_of(HEAD, *people(4))))
    one = next(r for r in everyone(customers) if r["display_name"] == "Company 3")
    path = f"/v1/customers/{one['id']}"
    touch(path)
    partition = f"acme#C#{one['id']}"
    before = [item for item in book() if item["pk"]["S"] == partition]
    head = customers.get(path)
    job = undo(imports_api, started)
    assert (job["status"], job["undo"]["removed"], job["undo"]["kept"]) == ("undone", 3, 1)
    assert [item for item in book() if item["pk"]["S"] == partition] == before
    again = customers.get(path)
    assert again.status == head.status
    if head.status == 200:
        assert again.json == head.json
    (told,) = imports_api.get(f"/v1/imports/{job['id']}/undo").json["data"]
    assert (told["line"], told["customer_id"], told["name"], told["code"]) == (
        4, one["id"], "Company 3", code,
    )  # fmt: skip
    assert told["detail"].startswith(detail)


@pytest.mark.parametrize("touch", [_edit, _task, _contact])
def test_what_comes_in_between_look_and_removal_survives(
    imports_api: Api,
    customers: Api,
    started: list[Any],
    touch: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The undo has looked at the customer and found it untouched; then somebody writes."""
    Machine().run(drop(csv_of(HEAD, *people(3))))
    one = next(r for r in everyone(customers) if r["display_name"] == "Company 2")
    real = Table.transact
    after: list[Any] = []

    def transact(self: Table, actions: Any) -> None:
        mine = any(
            a.get("Delete", {}).get("Key", {}).get("pk", {}).get("S") == f"acme#C#{one['id']}"
            for a in actions
        )
        if mine and not after:
            monkeypatch.setattr(Table, "transact", real)
            touch(f"/v1/customers/{one['id']}")
            after.append(customers.get(f"/v1/customers/{one['id']}").json)
        real(self, actions)

    monkeypatch.setattr(Table, "transact", transact)
    job = undo(imports_api, started)
    assert after, "nothing came in between"
    assert (job["undo"]["removed"], job["undo"]["kept"]) == (2, 1)
    assert customers.get(f"/v1/customers/{one['id']}").json == after[0]
    (row,) = everyone(customers)
    assert row["id"] == one["id"]
    found = customers.get("/v1/customers", q="zoe2@example.com").json["data"]
    assert [r["id"] for r in found] == [one["id"]]
    newest_first = customers.get("/v1/customers", sort="-created_at").json["data"]
    assert [r["id"] for r in newest_first] == [one["id"]]
    if touch is _task:
        tasks = Api("records_api").get(f"/v1/customers/{one['id']}/tasks").json["data"]
        assert [t["title"] for t in tasks] == ["Call back"]


@pytest.mark.usefixtures("small_chunks", "no_lease")
@pytest.mark.parametrize("seed", range(10))
def test_killed_anywhere_the_undo_comes_to_the_same_end(
    imports_api: Api,
    customers: Api,
    started: list[Any],
    dying: list[int],
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Workers die before random writes, chunks come in any order; the sweeper goes on."""
    monkeypatch.setattr("roster.usecases.imports.claim.MAX_RESTARTS", 1000)
    chance = random.Random(seed)  # noqa: S311 — an order, not a secret
    customers.post("/v1/customers", {"company_name": "By hand"})
    before = book()
    Machine().run(drop(csv_of(HEAD, *people(10))))
    touched = everyone(customers)[4]["id"]
    _edit(f"/v1/customers/{touched}")

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            dying[:] = [chance.randrange(12)]
        try:
            return call(function, given)
        finally:
            dying.clear()

    job = newest(imports_api)
    assert imports_api.post(f"/v1/imports/{job['id']}/undo", {}).status == 200
    for _ in range(200):
        queue, started[:] = list(started), []
        for asked in queue:
            with contextlib.suppress(Died, ExecutionFailed):
                Machine(invoke, chance).run(asked)
        if not call("import_resume", {})["resumed"]:
            break
    job = newest(imports_api)
    assert (job["status"], job["undo"]["removed"], job["undo"]["kept"]) == ("undone", 9, 1)
    assert {r["display_name"] for r in everyone(customers)} >= {"By hand"}
    assert len(everyone(customers)) == 2
    left = [item for item in book() if item not in before]
    assert all(
        touched in item["pk"]["S"] + item["sk"]["S"]
        or item.get("customer") == {"S": touched}
        or list(item.get("ids", {}).get("M", {})) == [touched.removeprefix(item["of"]["S"])]
        for item in left
    ), left
    # A chunk that comes once more changes nothing.
    whole = table_items()
    for chunk in (1, 2, 3, 4):
        call("import_load", {"tenant": "acme", "import_id": job["id"], "chunk": chunk})
    assert table_items() == whole


@pytest.mark.usefixtures("small_chunks", "no_lease")
@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_a_load_given_up_half_way_is_undone_to_the_last_item(
    imports_api: Api,
    customers: Api,
    started: list[Any],
    dying: list[int],
    writes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = book()

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load" and given["chunk"] == 2:
            dying[:] = [writes]
        return call(function, given)

    with pytest.raises(Died):
        Machine(invoke).run(drop(csv_of(HEAD, *people(7))))
    dying.clear()
    monkeypatch.setattr("roster.usecases.imports.claim.MAX_RESTARTS", 0)
    assert call("import_resume", {})["failed"]
    job = newest(imports_api)
    assert (job["status"], job["reason"]["code"]) == ("failed", "stuck")
    there = len(everyone(customers))
    job = undo(imports_api, started)
    assert job["status"] == "undone"
    assert job["undo"]["removed"] == job["progress"]["created"] >= there
    assert book() == before


@pytest.mark.usefixtures("small_chunks", "no_lease")
def test_what_was_written_without_its_head_goes_too(
    imports_api: Api,
    customers: Api,
    started: list[Any],
    dying: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A batch has no order: its worker may die when all of a customer but the head is there."""
    before = book()

    def invoke(function: str, given: Any) -> Any:
        # Its claim, its numbers and ids, its batches; never its tally.
        dying[:] = [3] if function == "import_load" else []
        return call(function, given)

    with pytest.raises(Died):
        Machine(invoke).run(drop(csv_of(HEAD, *people(3))))
    dying.clear()
    one = next(r for r in everyone(customers) if r["display_name"] == "Company 2")
    bootstrap.table().delete(keys.customer("acme", one["id"]))
    monkeypatch.setattr("roster.usecases.imports.claim.MAX_RESTARTS", 0)
    assert call("import_resume", {})["failed"]
    assert len(book()) > len(before)
    assert undo(imports_api, started)["undo"]["removed"] == 2
    assert book() == before


def test_a_cancelled_import_can_be_undone(
    imports_api: Api, customers: Api, started: list[Any], small_chunks: None
) -> None:
    before = book()

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load" and given["chunk"] == 2:
            (job,) = imports_api.get("/v1/imports").json["data"]
            assert imports_api.post(f"/v1/imports/{job['id']}/cancel", {}).status == 200
        return call(function, given)

    Machine(invoke).run(drop(csv_of(HEAD, *people(7))))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"]) == ("cancelled", 3)
    job = undo(imports_api, started)
    assert (job["status"], job["undo"]["removed"], job["cancelling"]) == ("undone", 3, False)
    assert book() == before


def test_an_undo_waits_for_its_turn(imports_api: Api, started: list[Any]) -> None:
    Machine().run(drop(csv_of(HEAD, *people(2))))
    job = newest(imports_api)
    assert imports_api.post(f"/v1/imports/{job['id']}/undo", {}).status == 200
    asked = started.pop()
    assert asked["phase"] == "undo"
    other = drop(csv_of(HEAD, *people(2, start=5)), "other.csv")
    call("import_split", {"step": "claim", "input": other, "execution": "arn:other"})
    claim = {"step": "claim", "input": asked, "execution": "arn:undo"}
    assert call("import_split", claim)["next"] == "wait"
    Machine().run(other, "arn:other")
    assert call("import_split", claim)["next"] == "load"


def _part_of(row: tuple[str, ...], mask: int) -> tuple[str, ...]:
    """The row without what `mask` has no bit for; the name stays."""
    name, *rest = row
    return name, *(value if mask >> place & 1 else "" for place, value in enumerate(rest))


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    ours=st.lists(st.integers(1, 6), max_size=3, unique=True),
    first=st.lists(st.integers(1, 9), max_size=4, unique=True),
    second=st.lists(st.integers(1, 9), min_size=1, max_size=7),
    shapes=st.lists(st.integers(0, 2**9 - 1), min_size=7, max_size=7),
)
def test_import_and_undo_leave_any_book_as_it_was(
    ours: list[int],
    first: list[int],
    second: list[int],
    shapes: list[int],
    started: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Random files against random books: rows that are there already, twice, or half empty."""
    with aws.cloud(), monkeypatch.context() as patch:
        patch.setattr("roster.usecases.imports.plan.ROWS_PER_CHUNK", 2)
        moment = [datetime(2026, 11, 22, 5, tzinfo=UTC)]

        def clock() -> datetime:
            moment[0] += timedelta(seconds=1)
            return moment[0]

        patch.setattr("roster.bootstrap.clock", clock)
        customers, imports_api = Api("customers_api"), Api("imports_api")
        for n in ours:
            body = {"company_name": f"Company {n}", "email": f"zoe{n}@example.com"}
            assert customers.post("/v1/customers", body).status == 201
        if first:
            Machine().run(drop(csv_of(HEAD, *(people(1, start=n)[0] for n in first)), "one.csv"))
        before = book()
        rows = [
            _part_of(people(1, start=n)[0], mask) for n, mask in zip(second, shapes, strict=False)
        ]
        Machine().run(drop(csv_of(HEAD, *rows), "two.csv"))
        job = newest(imports_api)
        undone = undo(imports_api, started)
        assert undone["undo"]["removed"] == job["progress"]["created"]
        assert undone["undo"]["kept"] == 0
        assert book() == before


CLIENTS = (
    "J-ID", "Display Name", "First Name", "Last Name", "Main Phone #s", "E-mails", "Tags",
    "Service Street 1", "Service City", "State", "Zip", "Is Company?", "Archived",
)  # fmt: skip


def client(n: int) -> tuple[str, ...]:
    """A row of an archived client."""
    return (f"{n}_1", f"Old {n}", "Old", f"{n}", f"555-010-300{n}", f"old{n}@client.example",
            "late", f"{n} Elm St", "Reno", "NV", "89501", "false", "true")  # fmt: skip


def test_customers_imported_as_inactive_are_found_as_such_and_can_be_undone(
    imports_api: Api, customers: Api, started: list[Any]
) -> None:
    Machine().run(drop(csv_of(CLIENTS, client(1), client(2))))
    assert customers.get("/v1/customers").json["data"] == []
    queries: tuple[dict[str, str], ...] = (
        {"status": "inactive"}, {"status": "all"}, {"status": "inactive", "tag": "late"},
        {"status": "all", "sort": "-created_at"},
    )  # fmt: skip
    for query in queries:
        rows = customers.get("/v1/customers", **query).json["data"]
        assert {row["display_name"] for row in rows} == {"Old 1", "Old 2"}, query
    found = customers.get("/v1/customers", status="all", q="old1@client.example").json["data"]
    one = f"/v1/customers/{found[0]['id']}"
    history = customers.get(f"{one}/history").json["data"]
    assert [event["kind"] for event in history] == ["created"]
    assert customers.patch(one, {"notes": "rang"}).status == 200
    job = undo(imports_api, started)
    assert (job["undo"]["removed"], job["undo"]["kept"]) == (1, 1)
    assert [row["display_name"] for row in everyone(customers)] == ["Old 1"]


@pytest.mark.usefixtures("no_lease")
def test_a_customer_of_many_places_goes_whole_wherever_the_worker_dies(
    imports_api: Api, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = book()
    head = ("External ID", "Company", "Email", "Street", "City", "State", "Zip")
    rows = [("X1", "Big Co", "b@big.example", f"{n} Elm St", "Reno", "NV", "89501")
            for n in range(1, 121)]  # fmt: skip
    Machine().run(drop(csv_of(head, *rows)))
    whole = newest(imports_api)
    assert (whole["progress"]["created"], whole["progress"]["joined"]) == (1, 119)
    places = [i for i in book() if i["sk"]["S"].startswith(keys.LOCATION_PREFIX)]
    # The first stands in the head.
    assert len(places) == 119
    # The head is gone with some of the places; the worker dies before the others.
    real = Table.write_batch
    dies = [True]

    def write_batch(table: Table, *args: Any, **given: Any) -> None:
        if given.get("deletes") is not None and dies:
            dies.clear()
            raise Died
        real(table, *args, **given)

    monkeypatch.setattr(Table, "write_batch", write_batch)
    api = imports_api
    assert api.post(f"/v1/imports/{whole['id']}/undo", {}).status == 200
    asked = started.pop()
    with contextlib.suppress(Died, ExecutionFailed):
        Machine().run(asked)
    assert dies == []
    call("import_resume", {})
    Machine().run(started.pop())
    job = newest(api)
    assert (job["status"], job["undo"]["removed"], job["undo"]["kept"]) == ("undone", 1, 0)
    assert book() == before
