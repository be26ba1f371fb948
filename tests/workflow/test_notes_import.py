"""Notes as the rows of a file, through the import's state machine and the functions' doors."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
import requests

from roster.adapters.dynamodb.table import Table
from roster.domain.note import MAX_TEXT
from tests.support.api import Api
from tests.support.imports import Machine, call, csv_of, drop, put, table_items
from tests.support.records import kinds

RECORDS = Api("records_api")
HEAD = ("Customer", "Note", "Date", "Author")
BOOK = (
    {"company_name": "Acme Plumbing", "email": "office@acme.example", "number": "A-1"},
    {"company_name": "Beta Cooling", "external_id": "QB-77"},
    {"first_name": "Zoë", "last_name": "Müller", "email": "zoe@example.com"},
)


class Died(Exception):
    """The worker was killed."""


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def book(customers_api: Api) -> list[str]:
    """The ids of the customers of BOOK."""
    admin = Api("settings_api", role="admin")
    assert admin.patch("/v1/settings", {"auto_numbering": False}).status == 200
    made = [customers_api.post("/v1/customers", body) for body in BOOK]
    assert all(one.status == 201 for one in made), [one.text for one in made]
    return [one.json["id"] for one in made]


@pytest.fixture(autouse=True)
def started(asked_for: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """No execution runs by itself, in any of these tests."""
    return asked_for


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """`[n]`: the worker dies before the n-th transaction from now; `[]` never."""
    left: list[int] = []
    real = Table.transact

    def dies(self: Table, *args: Any) -> None:
        if left:
            left[0] -= 1
            if left[0] < 0:
                raise Died
        real(self, *args)

    monkeypatch.setattr(Table, "transact", dies)
    yield left
    left.clear()


def xlsx_of(*rows: Sequence[str]) -> bytes:
    """Rows as a workbook, with days as real dates and ids as text."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(
            [date.fromisoformat(c) if c[:4].isdigit() and len(c) == 10 else c for c in row]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def newest(api: Api) -> dict[str, Any]:
    listed = api.get("/v1/imports").json["data"]
    found: dict[str, Any] = api.get(f"/v1/imports/{listed[0]['id']}").json
    return found


def announced(api: Api, content: bytes, **options: Any) -> dict[str, Any]:
    """An import that was announced with options and went as far as it goes."""
    made = api.post("/v1/imports", {"filename": "x.csv", "options": options})
    assert made.status == 201, made.text
    Machine().run(put(f"acme/imports/{made.json['id']}/x.csv", content))
    found: dict[str, Any] = api.get(f"/v1/imports/{made.json['id']}").json
    return found


def notes(customer: str) -> list[dict[str, Any]]:
    """The notes of a customer, newest first."""
    found: list[dict[str, Any]] = RECORDS.get(f"/v1/customers/{customer}/notes").json["data"]
    return found


def book_items() -> list[dict[str, Any]]:
    """Every item that is no import's own, nor the mark that a file has arrived."""
    return [
        item
        for item in table_items()
        if "#I" not in item["pk"]["S"] and "#import_arrival#" not in item["pk"]["S"]
    ]


@pytest.mark.shows("S4.090")
@pytest.mark.parametrize("made", [csv_of, xlsx_of], ids=["csv", "xlsx"])
def test_each_row_becomes_a_note_of_the_customer_it_names(
    imports_api: Api, customers_api: Api, book: list[str], made: Any
) -> None:
    Machine().run(drop(made(
        HEAD,
        ("A-1", "Gate code 4711\nRing twice", "2024-03-05", "Bob"),
        ("beta cooling", "Pays late", "", ""),
        ("zoe@example.com", "'=SUM is not a formula here", "2023-12-24 18:30", "Carol"),
        (book[1], "By our own id", "", ""),
        ("QB-77", "By the id over there", "2022-01-02", ""),
    )))  # fmt: skip
    job = newest(imports_api)
    assert (job["kind"], job["status"]) == ("notes", "completed"), job
    assert (job["progress"]["created"], job["progress"]["rows_total"]) == (5, 5)
    (note,) = notes(book[0])
    assert (note["text"], note["author"], note["created_by"], note["version"]) == (
        "Gate code 4711\nRing twice", "Bob", "bucket", 1,
    )  # fmt: skip
    assert note["created_at"].startswith("2024-03-05T")
    (note,) = notes(book[2])
    assert (note["text"], note["created_at"]) == (
        "=SUM is not a formula here", "2023-12-24T18:30:00Z",
    )  # fmt: skip
    # The newest first: those without a date are as old as the import.
    texts = [note["text"] for note in notes(book[1])]
    assert (set(texts[:2]), texts[2:]) == ({"Pays late", "By our own id"}, ["By the id over there"])
    assert "note_added" in kinds(customers_api, f"/v1/customers/{book[0]}")


def test_what_names_nobody_or_several_is_an_error_that_names_the_choices(
    imports_api: Api, customers_api: Api, book: list[str]
) -> None:
    twin = customers_api.post("/v1/customers", {"company_name": "Acme Plumbing", "number": "A-2"})
    rows = (
        ("Customer Number", "Customer", "Email", "Note text"),
        ("", "ACME plumbing", "", "which of the two?"),
        ("A-2", "ACME plumbing", "", "the second"),
        ("", "ACME plumbing", "office@acme.example", "the first"),
        ("A-1", "Beta Cooling", "", "these are two"),
        ("", "Nobody Ltd", "", "who?"),
        ("", "", "", "whose?"),
        ("Z-9", "Beta Cooling", "", "by the name, with a warning"),
        ("A-1", "", "", "  "),
        ("A-1", "", "", "x" * (MAX_TEXT + 1)),
    )
    Machine().run(drop(csv_of(*rows)))
    job = newest(imports_api)
    assert (job["kind"], job["status"]) == ("notes", "completed_with_errors")
    assert [(e["line"], e["column"], e["rule"]) for e in job["errors"]] == [
        (2, "Customer", "customer_ambiguous"),
        (5, "Customer Number", "customer_contradicts"),
        (6, "Customer", "customer_unknown"),
        (7, None, "customer_missing"),
        (10, "Note text", "too_long"),
    ]
    for error in job["errors"][:2]:
        assert book[0] in error["detail"]
    assert twin.json["id"] in job["errors"][0]["detail"]
    assert book[1] in job["errors"][1]["detail"]
    assert [(w["line"], w["rule"]) for w in job["warnings"]] == [(8, "customer_unknown")]
    plan = imports_api.get(f"/v1/imports/{job['id']}/plan").json["data"]
    assert [(row["line"], row["action"]) for row in plan] == [
        (2, "error"), (3, "create"), (4, "create"), (5, "error"), (6, "error"), (7, "error"),
        (8, "create"), (9, "skip"), (10, "error"),
    ]  # fmt: skip
    assert (plan[1]["customer_id"], plan[1]["name"]) == (twin.json["id"], "Acme Plumbing")
    assert [note["text"] for note in notes(book[0])] == ["the first"]
    assert [note["text"] for note in notes(twin.json["id"])] == ["the second"]
    assert [note["text"] for note in notes(book[1])] == ["by the name, with a warning"]


def test_a_date_is_a_moment_of_the_past(imports_api: Api, book: list[str]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    days = (
        "3/4/2023",
        "25/12/2022",
        "05.06.2021",
        "Mar 5, 2020",
        "1/2/19 4:05 PM",
        "someday",
        tomorrow,
    )
    rows = [("A-1", f"note {n}", day, "Bob") for n, day in enumerate(days)]
    Machine().run(drop(csv_of(HEAD, *rows)))
    job = newest(imports_api)
    assert [(e["line"], e["rule"], e["value"]) for e in job["errors"]] == [
        (7, "date", "someday"), (8, "date_in_future", tomorrow),
    ]  # fmt: skip
    assert [note["created_at"][:16] for note in notes(book[0])] == [
        "2023-03-04T12:00", "2022-12-25T12:00", "2021-06-05T12:00", "2020-03-05T12:00",
        "2019-01-02T16:05",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head", [("Name", "Email", "Notes"), ("Company", "Note"), ("Company", "Note", "Date", "Phone"),
             ("Company", "Notes", "Created At")],
)  # fmt: skip
def test_customers_who_have_notes_stay_customers(
    imports_api: Api, customers_api: Api, head: tuple[str, ...]
) -> None:
    cells = {"Email": "a@b.example", "Phone": "918-555-0100", "Date": "2024-01-01"}
    row = tuple(cells.get(heading, "Something") for heading in head)
    Machine().run(drop(csv_of(head, row)))
    job = newest(imports_api)
    assert (job["kind"], job["status"]) == ("customers", "completed"), job
    assert len(customers_api.get("/v1/customers").json["data"]) == 1


@pytest.mark.parametrize(
    "head", [("Customer", "Note"), ("Client Number", "Internal note"), ("Company", "Note", "Date"),
             ("Email", "Comments", "Written by"), ("Name", "Note Text")],
)  # fmt: skip
def test_notes_are_known_by_their_headings(
    imports_api: Api, book: list[str], head: tuple[str, ...]
) -> None:
    cells = {"Client Number": "A-1", "Email": "office@acme.example", "Date": "2024-01-01"}
    texts = ("Note", "Internal note", "Comments", "Note Text")
    row = tuple(
        cells.get(heading, "Ring" if heading in texts else "Acme Plumbing") for heading in head
    )
    Machine().run(drop(csv_of(head, row)))
    job = newest(imports_api)
    assert (job["kind"], job["progress"]["created"]) == ("notes", 1), job
    assert [note["text"] for note in notes(book[0])] == ["Ring"]


def test_a_list_is_what_it_was_said_to_be(imports_api: Api, book: list[str]) -> None:
    content = csv_of(("Name", "Email", "Notes"), ("Acme Plumbing", "", "Ring twice"))
    job = announced(imports_api, content, kind="notes", confirm=False)
    assert (job["kind"], job["status"]) == ("notes", "completed")
    assert [note["text"] for note in notes(book[0])] == ["Ring twice"]
    assert notes(book[0])[0]["created_by"] == "olga"
    other = csv_of(("Customer", "Note text"), ("New Company", "hello"))
    job = announced(imports_api, other, kind="customers", confirm=False)
    assert (job["kind"], job["progress"]["created"]) == ("customers", 1)
    job = announced(imports_api, csv_of(("Name", "Phone"), ("A", "1")), kind="notes")
    assert (job["status"], job["reason"]["code"]) == ("rejected", "no_usable_header")
    job = announced(imports_api, content, kind="attachments")
    assert (job["status"], job["reason"]["code"]) == ("rejected", "not_a_spreadsheet")
    refused = imports_api.post("/v1/imports", {"filename": "a.csv", "options": {"kind": "cars"}})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/options/kind")


def test_the_same_file_again_adds_nothing(imports_api: Api, book: list[str]) -> None:
    rows = (("A-1", "Ring twice", "2024-03-05", "Bob"), ("A-1", "Ring twice", "2024-03-05", "Bob"),
            ("A-1", "Ring twice", "2024-04-05", "Bob"), ("QB-77", "Late", "", ""))  # fmt: skip
    Machine().run(drop(csv_of(HEAD, *rows)))
    first = newest(imports_api)
    assert (first["progress"]["created"], first["progress"]["skipped"]) == (3, 1)
    plan = imports_api.get(f"/v1/imports/{first['id']}/plan").json["data"]
    assert (plan[1]["action"], plan[1]["same_as"]) == ("skip", "row 2")
    before = book_items()
    Machine().run(drop(csv_of(HEAD, *rows), "again.csv"))
    again = newest(imports_api)
    assert (again["status"], again["progress"]["created"], again["progress"]["skipped"]) == (
        "completed", 0, 4,
    )  # fmt: skip
    assert book_items() == before


def test_a_plan_waits_for_its_confirmation_and_is_made_anew_when_a_customer_moved(
    imports_api: Api, customers_api: Api, book: list[str], started: list[Any]
) -> None:
    rows = (("beta cooling", "Pays late", "2024-03-05", "Bob"),)
    job = announced(imports_api, csv_of(HEAD, *rows), confirm=True)
    path = f"/v1/imports/{job['id']}"
    assert (job["status"], job["plan"]["create"], notes(book[1])) == (
        "awaiting_confirmation",
        1,
        [],
    )
    customers_api.post("/v1/customers", {"company_name": "Beta Cooling", "number": "B-2"})
    moved = imports_api.post(f"{path}/confirm", {"plan_hash": job["plan_hash"]})
    assert (moved.status, moved.json["code"]) == (412, "plan_moved")
    Machine().run(started.pop())
    job = imports_api.get(path).json
    assert (job["plan"]["create"], job["plan"]["error"]) == (0, 1)
    assert job["errors"][0]["rule"] == "customer_ambiguous"


def test_a_note_of_a_customer_who_was_deleted_since_fails_and_the_rest_goes_on(
    imports_api: Api, customers_api: Api, book: list[str]
) -> None:
    def deleting(function: str, event: Any) -> Any:
        if function == "import_load":
            path = f"/v1/customers/{book[1]}"
            off = customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
            assert off.status == 200, off.text
            gone = customers_api.call(
                "DELETE",
                path,
                query={"confirm": "true"},
                headers={"if-match": "*"},
            )
            assert gone.status == 204, gone.text
        return call(function, event)

    rows = (("QB-77", "Late", "", ""), ("A-1", "Ring", "", ""))
    Machine(invoke=deleting).run(drop(csv_of(HEAD, *rows)))
    job = newest(imports_api)
    assert (job["progress"]["created"], job["progress"]["failed"]) == (1, 1)
    assert [(e["line"], e["rule"]) for e in job["errors"]] == [(2, "customer_gone")]
    assert [note["text"] for note in notes(book[0])] == ["Ring"]


@pytest.mark.parametrize("death", range(1, 7))
def test_a_worker_that_dies_writes_nothing_twice_and_edits_survive(
    imports_api: Api, book: list[str], no_lease: None, dying: list[int], death: int
) -> None:
    def dies_once(function: str, event: Any) -> Any:
        if function == "import_load" and not died:
            died.append(True)
            dying[:] = [death]
            with pytest.raises(Died):
                call(function, event)
            dying.clear()
            written = notes(book[0])
            if len(written) > 1:
                path = f"/v1/customers/{book[0]}/notes/{written[0]['id']}"
                assert RECORDS.patch(path, {"text": "edited"}, "*").status == 200
                path = f"/v1/customers/{book[0]}/notes/{written[1]['id']}"
                assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 204
        return call(function, event)

    died: list[bool] = []
    rows = [("A-1", f"note {n}", f"2024-01-0{n}", "") for n in range(1, 7)]
    Machine(invoke=dies_once).run(drop(csv_of(HEAD, *rows)))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"]) == ("completed", 6)
    texts = [note["text"] for note in notes(book[0])]
    if death < 2:
        assert texts == [f"note {n}" for n in range(6, 0, -1)]
    else:
        # The two newest of those written then: one edited, one removed, both left so.
        expected = [f"note {n}" for n in range(6, 0, -1)]
        expected[expected.index(f"note {death}")] = "edited"
        expected.remove(f"note {death - 1}")
        assert texts == expected


def test_an_undo_leaves_the_book_as_it_was_and_what_was_changed_since(
    imports_api: Api, book: list[str], started: list[Any]
) -> None:
    before = book_items()
    rows = [("A-1", f"note {n}", f"2024-01-0{n}", "Bob") for n in range(1, 5)]
    Machine().run(drop(csv_of(HEAD, *rows)))
    path = f"/v1/imports/{newest(imports_api)['id']}"
    assert imports_api.post(f"{path}/undo", {}).status == 200
    Machine().run(started.pop())
    job = imports_api.get(path).json
    assert (job["status"], job["undo"]["removed"], job["undo"]["kept"]) == ("undone", 4, 0)
    assert book_items() == before

    Machine().run(drop(csv_of(HEAD, *rows), "again.csv"))
    path = f"/v1/imports/{newest(imports_api)['id']}"
    newest_note, next_note, *_ = notes(book[0])
    one = f"/v1/customers/{book[0]}/notes/{newest_note['id']}"
    assert RECORDS.patch(one, {"text": "ours"}, "*").status == 200
    other = f"/v1/customers/{book[0]}/notes/{next_note['id']}"
    assert RECORDS.call("DELETE", other, headers={"if-match": "*"}).status == 204
    assert imports_api.post(f"{path}/undo", {}).status == 200
    Machine().run(started.pop())
    job = imports_api.get(path).json
    assert (job["undo"]["removed"], job["undo"]["kept"]) == (2, 1)
    assert imports_api.get(f"{path}/undo").json["data"] == [
        {"line": 5, "customer_id": book[0], "record_id": newest_note["id"],
         "name": "Acme Plumbing", "code": "edited", "detail": "changed since"},
    ]  # fmt: skip
    assert [note["text"] for note in notes(book[0])] == ["ours"]


def test_a_note_follows_a_customer_that_was_merged(
    imports_api: Api, customers_api: Api, book: list[str], started: list[Any]
) -> None:
    Machine().run(drop(csv_of(HEAD, ("A-1", "Ring", "2024-01-01", ""))))
    path = f"/v1/imports/{newest(imports_api)['id']}"
    merged = customers_api.post(
        f"/v1/customers/{book[1]}/merge", {"loser_id": book[0]}, if_match="*"
    )
    assert merged.status == 200, merged.text
    assert [note["text"] for note in notes(book[1])] == ["Ring"]
    assert imports_api.post(f"{path}/undo", {}).status == 200
    Machine().run(started.pop())
    assert imports_api.get(path).json["undo"]["removed"] == 1
    assert notes(book[1]) == []


def test_notes_of_one_company_never_reach_another(imports_api: Api, book: list[str]) -> None:
    content = csv_of(HEAD, (book[0], "by id", "", ""), ("A-1", "by number", "", ""))
    Machine().run(drop(content, tenant="other"))
    other = Api("imports_api", tenant="other")
    job = newest(other)
    assert (job["status"], job["progress"]["created"]) == ("completed_with_errors", 0)
    assert {e["rule"] for e in job["errors"]} == {"customer_unknown"}
    assert notes(book[0]) == []


def test_failed_rows_come_back_and_go_in_once_they_are_right(
    imports_api: Api, book: list[str]
) -> None:
    rows = (("A-1", "Ring twice", "2024-03-05", "Bob"), ("Acmee", "Beware", "2024-03-06", "Bob"))
    Machine().run(drop(csv_of(HEAD, *rows)))
    path = f"/v1/imports/{newest(imports_api)['id']}/errors"
    answer = imports_api.get(path)
    assert (answer.status, answer.json["rows"]) == (200, 1), answer.text
    text = requests.get(answer.json["url"], timeout=5).content.decode("utf-8-sig")
    assert "Acmee,Beware,2024-03-06,Bob" in text
    assert "Ring twice" not in text
    Machine().run(drop(text.replace("Acmee", "A-1").encode(), "repaired.csv"))
    job = newest(imports_api)
    assert (job["kind"], job["status"], job["progress"]["created"]) == ("notes", "completed", 1)
    assert [note["text"] for note in notes(book[0])] == ["Beware", "Ring twice"]
