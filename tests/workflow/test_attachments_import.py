"""Files of customers in an archive with a sheet, through the import's state machine."""

import io
import stat
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import openpyxl
import pytest
import requests

from roster.adapters.dynamodb.table import Table
from roster.usecases.imports import kinds as import_kinds
from tests.support import documents as contents
from tests.support.api import Api
from tests.support.aws import DOCUMENTS_BUCKET
from tests.support.events import event
from tests.support.imports import Machine, call, csv_of, drop, table_items
from tests.support.records import kinds
from tests.support.uploads import tell, versions

RECORDS = Api("records_api")
HEAD = ("Customer", "File", "Title", "Category", "Date")


class Died(Exception):
    """The worker was killed."""


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def book(customers_api: Api) -> list[str]:
    """The ids of two customers, C-00001 and C-00002."""
    made = [
        customers_api.post("/v1/customers", {"company_name": name, "email": email})
        for name, email in (("Acme", "office@acme.example"), ("Beta", "b@beta.example"))
    ]
    return [one.json["id"] for one in made]


@pytest.fixture(autouse=True)
def started(asked_for: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """No execution runs by itself, in any of these tests."""
    return asked_for


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """`[n]`: the worker dies before the n-th call that changes anything from now; `[]` never."""
    from roster.adapters.s3.documents import S3DocumentFiles

    left: list[int] = []

    def dies(real: Any) -> Any:
        def step(*args: Any, **kwargs: Any) -> Any:
            if left:
                left[0] -= 1
                if left[0] < 0:
                    raise Died
            return real(*args, **kwargs)

        return step

    for owner, name in (
        (Table, "transact"),
        (S3DocumentFiles, "keep"),
        (S3DocumentFiles, "discard"),
    ):
        monkeypatch.setattr(owner, name, dies(getattr(owner, name)))
    yield left
    left.clear()


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()


def workbook(*rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def newest(api: Api) -> dict[str, Any]:
    listed = api.get("/v1/imports").json["data"]
    found: dict[str, Any] = api.get(f"/v1/imports/{listed[0]['id']}").json
    return found


def documents(customer: str) -> list[dict[str, Any]]:
    """The documents of a customer, newest first."""
    found: list[dict[str, Any]] = RECORDS.get(f"/v1/customers/{customer}/documents").json["data"]
    return found


def content_of(customer: str, document: dict[str, Any]) -> bytes:
    path = f"/v1/customers/{customer}/documents/{document['id']}"
    return requests.get(RECORDS.get(path).json["download"]["url"], timeout=5).content


def told_by_the_bucket() -> list[str]:
    """What judging comes to when the bucket tells of every file, late."""
    outcomes = []
    for stored in boto3.client("s3").list_objects_v2(Bucket=DOCUMENTS_BUCKET).get("Contents", []):
        late = event("document_uploaded", "object_created")
        late["detail"]["object"] |= {"key": stored["Key"], "size": stored["Size"]}
        late["detail"]["object"].pop("version-id", None)
        outcomes.append(tell(late))
    return outcomes


def book_items() -> list[dict[str, Any]]:
    """Every item that is no import's own, nor the mark that a file has arrived."""
    return [
        item
        for item in table_items()
        if "#I" not in item["pk"]["S"] and "#import_arrival#" not in item["pk"]["S"]
    ]


def undone(api: Api, started: list[Any]) -> dict[str, Any]:
    """Undo the newest import; the import then."""
    path = f"/v1/imports/{newest(api)['id']}"
    assert api.post(f"{path}/undo", {}).status == 200
    Machine().run(started.pop())
    found: dict[str, Any] = api.get(path).json
    return found


@pytest.mark.shows("S4.090")
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
@pytest.mark.parametrize("folder", ["", "export/"])
def test_each_row_becomes_a_document_of_the_customer_it_names(
    imports_api: Api, customers_api: Api, book: list[str], method: int, folder: str
) -> None:
    sheet = workbook(
        HEAD,
        ("C-00001", "files/Vertrag.PDF", "", "Service contract", "2023-05-06"),
        ("beta", "Photo of the unit.jpg", "Unit 7", "", ""),
        ("office@acme.example", "files\\liste.csv", "", "photo", ""),
        (book[1], "files/letter.docx", "", "warranty", "2022-01-02"),
    )
    files = {
        "index.xlsx": sheet,
        "files/Vertrag.PDF": contents.PDF,
        "files/Photo of the unit.jpg": contents.JPEG,
        "files/liste.csv": contents.CSV.encode(),
        "files/letter.docx": contents.WORD,
        "files/forgotten.png": contents.PNG,
        "__MACOSX/files/._letter.docx": b"\0\5\x16\7",
        "files/.DS_Store": b"\0\0\0\1Bud1",
    }
    Machine().run(drop(archive({folder + k: v for k, v in files.items()}, method), "papers.zip"))
    job = newest(imports_api)
    assert (job["kind"], job["format"], job["sheet"], job["status"]) == (
        "attachments", "zip", f"{folder}index.xlsx", "completed",
    ), job  # fmt: skip
    assert (job["progress"]["created"], job["progress"]["failed"]) == (4, 0)
    assert [(w["line"], w["rule"], w["value"]) for w in job["warnings"]] == [
        (5, "document_kind", "warranty"), (1, "file_not_named", f"{folder}files/forgotten.png"),
    ]  # fmt: skip
    acme, beta = documents(book[0]), documents(book[1])
    assert [(d["filename"], d["kind"], d["content_type"], d["status"]) for d in acme] == [
        ("liste.csv", "other", "text/csv", "active"),
        ("Vertrag.PDF", "service_contract", "application/pdf", "active"),
    ]  # fmt: skip
    assert [(d["filename"], d["status"]) for d in beta] == [
        ("Unit 7.jpg", "active"), ("letter.docx", "active"),
    ]  # fmt: skip
    assert acme[1]["created_at"].startswith("2023-05-06")
    assert content_of(book[0], acme[1]) == contents.PDF
    assert content_of(book[0], acme[0]) == contents.CSV.encode()
    assert content_of(book[1], beta[0]) == contents.JPEG
    assert content_of(book[1], beta[1]) == contents.WORD
    assert kinds(customers_api, f"/v1/customers/{book[0]}").count("document_added") == 2
    before = table_items()
    assert set(told_by_the_bucket()) == {"already_judged"}
    assert (table_items(), versions()) == (before, 4)


def test_what_cannot_be_a_document_is_an_error_of_its_row(
    imports_api: Api, book: list[str]
) -> None:
    rows = (
        ("C-00001", "gone.pdf"), ("C-00001", ""), ("C-00001", "run.exe"), ("C-00001", "trick.pdf"),
        ("C-00001", "picture.png"), ("C-00001", "twice.pdf"), ("Nobody", "ok.pdf"),
        ("C-00001", "empty.txt"), ("C-00001", "big.txt"), ("C-00001", "nested.zip"),
        ("C-00001", "../../etc/passwd.txt"), ("C-00001", "link.txt"), ("C-00001", "ok.pdf"),
        ("C-00001", "OK.PDF"),
    )  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("index.csv", csv_of(("Customer", "File"), *rows))
        file.writestr("run.exe", b"MZ\x90\0" * 20)
        file.writestr("trick.pdf", b"MZ\x90\0" * 20)
        file.writestr("picture.png", contents.PDF)
        file.writestr("a/twice.pdf", contents.PDF)
        file.writestr("b/twice.pdf", contents.PDF)
        file.writestr("empty.txt", b"")
        file.writestr("big.txt", b"0123456789abcdef" * (26 * 65536), zipfile.ZIP_STORED)
        file.writestr("nested.zip", archive({"x.csv": b"a,b\n1,2\n"}))
        file.writestr("../../etc/passwd.txt", b"root")
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        file.writestr("ok.pdf", contents.PDF)
    Machine().run(drop(out.getvalue(), "papers.zip"))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"]) == ("completed_with_errors", 1)
    assert [(e["line"], e["rule"]) for e in job["errors"]] == [
        (2, "file_not_found"), (3, "file_missing"), (4, "file_type"), (5, "executable"),
        (6, "other_type"), (7, "file_ambiguous"), (8, "customer_unknown"), (9, "size"),
        (10, "size"), (11, "file_type"), (12, "file_unsafe"), (13, "file_unsafe"),
    ]  # fmt: skip
    plan = imports_api.get(f"/v1/imports/{job['id']}/plan").json["data"]
    assert [(r["line"], r["action"]) for r in plan[-2:]] == [(14, "create"), (15, "skip")]
    assert plan[-1]["same_as"] == "row 14"
    assert [d["filename"] for d in documents(book[0])] == ["ok.pdf"]
    assert versions() == 1


def damaged(name: str) -> bytes:
    """An archive in which one file's bytes are not what its checksum says."""
    whole = bytearray(archive({"index.csv": csv_of(("Customer", "File"), ("C-00001", name),
                                                   ("C-00001", "good.pdf")),
                               name: contents.PDF, "good.pdf": contents.PDF},
                              zipfile.ZIP_STORED))  # fmt: skip
    whole[whole.index(b"%PDF-1.7") + 20_000] ^= 0xFF
    return bytes(whole)


def test_a_damaged_file_is_an_error_and_the_rest_goes_in(imports_api: Api, book: list[str]) -> None:
    Machine().run(drop(damaged("bad.pdf"), "papers.zip"))
    job = newest(imports_api)
    assert [(e["line"], e["rule"]) for e in job["errors"]] == [(2, "file_damaged")]
    assert [d["filename"] for d in documents(book[0])] == ["good.pdf"]


SHEET = csv_of(("Customer", "File"), ("C-00001", "a.txt"))


def encrypted() -> bytes:
    whole = bytearray(archive({"index.csv": SHEET, "a.txt": b"text"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.rindex(mark)
        whole[place + at] |= 1
    return bytes(whole)


def overlapping() -> bytes:
    """Two entries of the table of contents that share the bytes of one file."""
    whole = archive({"index.csv": SHEET, "a.txt": b"text", "b.txt": b"text"})
    entry = whole.rindex(b"PK\x01\x02")
    first = whole.rindex(b"PK\x01\x02", 0, entry)
    offset = whole[first + 42 : first + 46]
    return whole[: entry + 42] + offset + whole[entry + 46 :]


HOSTILE = {
    "ratio": (archive({"index.csv": SHEET, "a.txt": b"\0" * 20_000_000}), "zip_bomb"),
    "encrypted": (encrypted(), "encrypted"),
    "overlapping": (overlapping(), "zip_bomb"),
    "truncated": (archive({"index.csv": SHEET, "a.txt": b"text" * 900})[:-60], "damaged"),
    "no_sheet": (archive({"a.txt": b"text", "b.pdf": contents.PDF}), "not_a_spreadsheet"),
    "deep_sheet": (archive({"a/b/c/index.csv": SHEET, "a.txt": b"text"}), "not_a_spreadsheet"),
    "no_headings": (archive({"index.csv": b"a,b\n1,2\n", "a.txt": b"x"}), "no_usable_header"),
    "two_sheets": (archive({"one.csv": SHEET, "two.csv": SHEET, "a.txt": b"x"}), "several_sheets"),
    "empty": (archive({}), "not_a_spreadsheet"),
    "word": (contents.WORD, "not_a_spreadsheet"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_rejected_and_nothing_is_stored(
    imports_api: Api, book: list[str], what: str
) -> None:
    content, code = HOSTILE[what]
    before = book_items()
    Machine().run(drop(content, "papers.zip"))
    job = newest(imports_api)
    assert (job["status"], job["reason"]["code"]) == ("rejected", code), job
    assert (book_items(), versions()) == (before, 0)


def test_an_archive_of_too_many_files_is_rejected(
    imports_api: Api, book: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roster.adapters.spreadsheets.bundle.MAX_MEMBERS", 10)
    files = {f"{n}.txt": b"x" for n in range(12)}
    Machine().run(drop(archive({"index.csv": SHEET, **files}), "papers.zip"))
    job = newest(imports_api)
    assert (job["status"], job["reason"]["code"]) == ("rejected", "too_large")


def test_a_size_that_the_archive_lies_about_makes_no_more_than_it_says(
    imports_api: Api, book: list[str]
) -> None:
    whole = bytearray(archive({"index.csv": SHEET, "a.txt": b"text" * 100_000}))
    entry = whole.rindex(b"PK\x01\x02")
    whole[entry + 24 : entry + 28] = (50).to_bytes(4, "little")
    Machine().run(drop(bytes(whole), "papers.zip"))
    job = newest(imports_api)
    assert [(e["line"], e["rule"]) for e in job["errors"]] == [(2, "file_damaged")]
    assert documents(book[0]) == []


ROWS = tuple(("C-00001", f"{n}.txt", "", "", f"2024-01-0{n}") for n in range(1, 5))
PAPERS = {"index.csv": csv_of(HEAD, *ROWS)} | {
    f"{n}.txt": f"text {n}".encode() for n in range(1, 5)
}


def test_the_same_archive_again_adds_nothing(imports_api: Api, book: list[str]) -> None:
    Machine().run(drop(archive(PAPERS), "papers.zip"))
    assert newest(imports_api)["progress"]["created"] == 4
    before = book_items()
    Machine().run(drop(archive(PAPERS), "again.zip"))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"], job["progress"]["skipped"]) == (
        "completed", 0, 4,
    )  # fmt: skip
    assert (book_items(), versions()) == (before, 4)


@pytest.mark.parametrize("death", range(9))
def test_a_worker_that_dies_keeps_nothing_twice_and_removals_survive(
    imports_api: Api, book: list[str], no_lease: None, dying: list[int], death: int
) -> None:
    def dies_once(function: str, event: Any) -> Any:
        if function == "import_load" and not died:
            died.append(True)
            dying[:] = [death]
            with pytest.raises(Died):
                call(function, event)
            dying.clear()
            active = [d for d in documents(book[0]) if d["status"] == "active"]
            if active:
                path = f"/v1/customers/{book[0]}/documents/{active[0]['id']}"
                assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 204
                removed.append(active[0]["filename"])
        return call(function, event)

    died: list[bool] = []
    removed: list[str] = []
    Machine(invoke=dies_once).run(drop(archive(PAPERS), "papers.zip"))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["created"]) == ("completed", 4)
    expected = [f"{n}.txt" for n in range(4, 0, -1)]
    assert [d["filename"] for d in documents(book[0])] == [e for e in expected if e not in removed]
    assert bool(removed) == (death >= 3)
    for document in documents(book[0]):
        assert content_of(book[0], document) == f"text {document['filename'][0]}".encode()


def test_an_archive_replaced_after_its_plan_is_told(
    imports_api: Api, book: list[str], started: list[Any]
) -> None:
    def replacing(function: str, event: Any) -> Any:
        if function == "import_load":
            drop(archive({"index.csv": SHEET, "a.txt": b"other"}), "papers.zip")
        return call(function, event)

    before = book_items()
    Machine(invoke=replacing).run(drop(archive(PAPERS), "papers.zip"))
    job = newest(imports_api)
    assert (job["status"], job["progress"]["failed"]) == ("completed_with_errors", 4)
    assert {e["rule"] for e in job["errors"]} == {"file_gone"}
    assert (book_items(), versions()) == (before, 0)


def test_an_undo_removes_records_and_files_but_for_what_was_changed_since(
    imports_api: Api, book: list[str], started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_kinds, "DOCUMENTS_PER_CHUNK", 2)
    before = book_items()
    Machine().run(drop(archive(PAPERS), "papers.zip"))
    job = undone(imports_api, started)
    assert (job["status"], job["undo"]["removed"], job["undo"]["kept"]) == ("undone", 4, 0)
    assert book_items() == before
    assert boto3.client("s3").list_objects_v2(Bucket=DOCUMENTS_BUCKET)["KeyCount"] == 0

    Machine().run(drop(archive(PAPERS), "again.zip"))
    kept, gone, *_ = documents(book[0])
    path = f"/v1/customers/{book[0]}/documents"
    assert RECORDS.patch(f"{path}/{kept['id']}", {"filename": "ours.txt"}, "*").status == 200
    removed = RECORDS.call("DELETE", f"{path}/{gone['id']}", headers={"if-match": "*"})
    assert removed.status == 204
    job = undone(imports_api, started)
    assert (job["undo"]["removed"], job["undo"]["kept"]) == (2, 1)
    assert imports_api.get(f"/v1/imports/{job['id']}/undo").json["data"] == [
        {"line": 5, "customer_id": book[0], "record_id": kept["id"], "name": "Acme",
         "code": "edited", "detail": "changed since"},
    ]  # fmt: skip
    assert [d["filename"] for d in documents(book[0])] == ["ours.txt"]
    assert content_of(book[0], documents(book[0])[0]) == b"text 4"


@pytest.mark.parametrize("death", range(8))
def test_an_undo_that_dies_is_taken_up_again(
    imports_api: Api, book: list[str], started: list[Any], no_lease: None, dying: list[int],
    death: int,
) -> None:  # fmt: skip
    def dies_once(function: str, event: Any) -> Any:
        if function == "import_load" and not died:
            died.append(True)
            dying[:] = [death]
            with pytest.raises(Died):
                call(function, event)
            dying.clear()
        return call(function, event)

    died: list[bool] = []
    before = book_items()
    Machine().run(drop(archive(PAPERS), "papers.zip"))
    path = f"/v1/imports/{newest(imports_api)['id']}"
    assert imports_api.post(f"{path}/undo", {}).status == 200
    Machine(invoke=dies_once).run(started.pop())
    job = imports_api.get(path).json
    assert (job["undo"]["removed"], job["undo"]["kept"]) == (4, 0)
    assert book_items() == before
    assert boto3.client("s3").list_objects_v2(Bucket=DOCUMENTS_BUCKET)["KeyCount"] == 0
