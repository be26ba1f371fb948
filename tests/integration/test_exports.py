"""Exports through the functions' doors: asked for, made, fetched, imported back."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from roster import bootstrap
from roster.bootstrap import exports as wired
from roster.domain.export_columns import ExportColumns
from roster.domain.vocabulary import Vocabulary
from tests.support.api import Api
from tests.support.aws import EXPORTS_BUCKET
from tests.support.events import event
from tests.support.exports import ask, exported, fetch, messages, work
from tests.support.imports import Machine, drop, table_items

NAUGHTY: tuple[dict[str, Any], ...] = (
    {"company_name": "=cmd|' /C calc'!A0", "phone": "+1 415 555 0100", "notes": "=1+1"},
    {"company_name": "-minus & <plus>", "mobile": "+43 660 1234567", "external_id": "007"},
    {"company_name": "@SUM(A1)", "external_id": "000123", "number": "0042"},
    {"company_name": "'=already guarded", "notes": "'quoted', \"twice\"; and\ttabbed"},
    {"company_name": "''=guarded twice", "phone": "'0155 1234567"},
    {"company_name": "#N/A", "notes": "+\n-\n=\n\nlast line"},
    {"company_name": '="0123"', "phone": "555-0100 / 555-0199 or 555 0177 ext. 12"},
    {"company_name": "_x0041_ Añasco \ufffe 田中 🎉 ﷽", "email": "Zoë@exämple.example"},
    {"company_name": "Total", "notes": "0" * 4000},
    {"company_name": "1e10", "website": "http://acme.example/?a=1&b=2"},
    {"first_name": "Zoë", "last_name": "Müller", "phone": "00431234567", "tags": ["a b", "vip"]},
    {"first_name": "Zoë", "last_name": "Müller", "phone": "00431234567"},
    {"first_name": "Zoë", "last_name": "Müller", "email": "other@acme.example"},
    {"company_name": "Acme", "display_name": "Acme (north)", "full_name": "Ann of Acme"},
    {
        "company_name": "Two addresses",
        "service_location": {
            "street": "-1 Main St", "city": "Añasco", "state": "PR", "zip": "00610",
        },
        "billing_address": {"street": "+1 Box", "city": "=Graz", "zip": "08010", "country": "AT"},
    },
)  # fmt: skip


@pytest.fixture
def exports_api(cloud: None) -> Api:
    return Api("exports_api")


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


def make(api: Api, *bodies: dict[str, Any]) -> list[str]:
    made = [api.post("/v1/customers", body) for body in bodies]
    assert [a.status for a in made] == [201] * len(bodies), [a.text for a in made]
    return [a.json["id"] for a in made]


def rows_of_csv(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "Excel reads UTF-8 only behind a byte order mark"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def rows_of_xlsx(content: bytes) -> list[dict[str, str]]:
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert {c.data_type for row in sheet for c in row} <= {"s", "n"}, "no formulas, no links"
    heads, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, heads), (v or "" for v in row), strict=True)) for row in rows]


def manual_numbers() -> None:
    off = {"auto_numbering": False}
    assert Api("settings_api", role="admin").patch("/v1/settings", off).status == 200


@pytest.mark.shows("S2.26")
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("numbers", ["automatic", "manual"])
def test_an_exported_file_imports_back_without_a_change(
    customers_api: Api, exports_api: Api, imports_api: Api, file_format: str, numbers: str
) -> None:
    bodies = list(NAUGHTY)
    if numbers == "manual":
        manual_numbers()
    else:
        bodies = [{k: v for k, v in body.items() if k != "number"} for body in bodies]
    make(customers_api, *bodies)
    content = exported(exports_api, file_format, status="all")
    before = [i for i in table_items() if "#C#" in i["pk"]["S"] or "#L#" in i["pk"]["S"]]
    Machine().run(drop(content, f"back.{file_format}"))
    job = imports_api.get("/v1/imports").json["data"][0]
    whole = imports_api.get(f"/v1/imports/{job['id']}").json
    assert whole["plan"] == {
        "create": 0,
        "update": 0,
        "join": 0,
        "skip": len(bodies),
        "error": 0,
    }, whole
    assert (whole["errors"], whole["warnings"]) == ([], [])
    after = [i for i in table_items() if "#C#" in i["pk"]["S"] or "#L#" in i["pk"]["S"]]
    assert after == before


def as_given(name: str, body: dict[str, Any]) -> str:
    return body.get(name) or ""


def test_what_is_in_the_file_is_what_the_customer_is(customers_api: Api, exports_api: Api) -> None:
    bodies = [{k: v for k, v in body.items() if k != "number"} for body in NAUGHTY]
    ids = make(customers_api, *bodies)
    by_id = {row["Roster ID"]: row for row in rows_of_csv(exported(exports_api))}
    assert list(next(iter(by_id.values()))) == list(ExportColumns(Vocabulary()).headings)
    assert set(by_id) == set(ids)
    for customer_id, body in zip(ids, bodies, strict=True):
        row = by_id[customer_id]
        for heading, name in (("Company Name", "company_name"), ("Notes", "notes")):
            given = as_given(name, body)
            assert row[heading] in (given, f"'{given}"), name
        assert not [v for v in row.values() if v[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")]
    last = by_id[ids[-1]]
    assert (last["Service Street"], last["Service Zip"]) == ("'-1 Main St", "00610")
    assert (last["Billing City"], last["Billing Zip"]) == ("'=Graz", "08010")


def test_a_workbook_needs_no_guards(customers_api: Api, exports_api: Api) -> None:
    make(customers_api, *({k: v for k, v in b.items() if k != "number"} for b in NAUGHTY))
    rows = {row["Display Name"]: row for row in rows_of_xlsx(exported(exports_api, "xlsx"))}
    assert rows["=cmd|' /C calc'!A0"]["Phone"] == "+1 415 555 0100"
    assert rows["'#N/A"]["Notes"] == "+\n-\n=\n\nlast line"
    assert rows["-minus & <plus>"]["External ID"] == "007"
    assert len(rows) == len(NAUGHTY) - 2, "three of one name"


@pytest.mark.shows("S2.24", "S3.12")
def test_a_filtered_list_is_what_is_exported(customers_api: Api, exports_api: Api) -> None:
    one, two, three = make(
        customers_api,
        {"company_name": "One Plumbing", "tags": ["VIP"]},
        {"company_name": "Two Plumbing"},
        {"company_name": "Three Heating", "tags": ["vip"]},
    )
    customers_api.post(f"/v1/customers/{two}/deactivate", {"confirm": True}, if_match="*")

    def ids(**filters: Any) -> set[str]:
        return {row["Roster ID"] for row in rows_of_csv(exported(exports_api, **filters))}

    assert ids() == {one, three}
    assert ids(status="inactive") == {two}
    assert ids(status="all", q="plumb") == {one, two}
    assert ids(tag="vip") == {one, three}
    assert ids(quickbooks="linked") == set()
    assert ids(updated_since="2020-01-01T00:00:00Z") == {one, three}
    assert ids(inactive_since="2020-01-01T00:00:00Z") == set()


def test_a_deleted_customer_is_in_no_export(customers_api: Api, exports_api: Api) -> None:
    kept, gone = make(customers_api, {"company_name": "Kept"}, {"company_name": "Gone"})
    customers_api.post(f"/v1/customers/{gone}/deactivate", {"confirm": True}, if_match="*")
    deleted = customers_api.call(
        "DELETE", f"/v1/customers/{gone}", query={"confirm": "true"}, headers={"if-match": "*"}
    )
    assert deleted.status == 204, deleted.text
    rows = rows_of_csv(exported(exports_api, status="all"))
    assert [row["Roster ID"] for row in rows] == [kept]


def test_how_an_export_stands(customers_api: Api, exports_api: Api) -> None:
    make(customers_api, {"company_name": "Acme"})
    path = ask(exports_api, "xlsx", q="acme")
    queued = exports_api.get(path).json
    assert (queued["status"], queued["rows"], queued["link"]) == ("queued", None, None)
    assert work() == []
    done = exports_api.get(path)
    assert done.headers["cache-control"] == "no-store"
    assert done.json["progress"] == {"rows_done": 1, "percent": 100}
    assert (done.json["rows"], done.json["reason"]) == (1, None)
    assert done.json["filename"].endswith(".xlsx")
    assert done.json["filters"]["q"] == "acme"
    later = ask(exports_api)
    listed = exports_api.get("/v1/exports").json
    assert [f"/v1/exports/{one['id']}" for one in listed["data"]] == [later, path]
    assert exports_api.get("/v1/exports", limit=1).json["next_cursor"]


def test_another_company_sees_nothing_of_it(customers_api: Api, exports_api: Api) -> None:
    make(customers_api, {"company_name": "Acme"})
    path = ask(exports_api)
    stranger = Api("exports_api", tenant="bolt")
    assert stranger.get(path).status == 404
    assert stranger.get("/v1/exports").json["data"] == []
    assert rows_of_csv(exported(stranger)) == []


def test_who_may_read_may_export(exports_api: Api) -> None:
    assert ask(Api("exports_api", role="viewer"))
    answer = Api("exports_api", role="nobody").post("/v1/exports", {"format": "csv"})
    assert answer.status == 403


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/format"),
        ({"format": "pdf"}, "/format"),
        ({"format": "csv", "filters": {"status": "deleted"}}, "/filters/status"),
        ({"format": "csv", "filters": {"colour": "red"}}, "/filters/colour"),
        ({"format": "csv", "filters": {"updated_since": "yesterday"}}, "/filters/updated_since"),
        ({"format": "csv", "filters": {"updated_since": "2026-01-01T00:00:00"}},
         "/filters/updated_since"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_refused(
    exports_api: Api, body: dict[str, Any], pointer: str
) -> None:
    answer = exports_api.post("/v1/exports", body)
    assert answer.status == 422
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    assert messages() == []


def test_a_message_that_comes_twice_makes_one_file(customers_api: Api, exports_api: Api) -> None:
    make(customers_api, {"company_name": "Acme"})
    path = ask(exports_api)
    records = messages()
    assert work([*records, *records]) == []
    made = boto3.client("s3").list_objects_v2(Bucket=EXPORTS_BUCKET)["Contents"]
    assert len(made) == 1
    assert len(rows_of_csv(fetch(exports_api, path))) == 1


class Killed(BaseException):
    """What ends a worker at once."""


def test_a_killed_worker_s_export_is_made_by_the_next(
    customers_api: Api, exports_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(customers_api, {"company_name": "Acme"})
    path = ask(exports_api)
    records = messages()

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("roster.adapters.spreadsheets.writing.CsvTable.end", die)
        with pytest.raises(Killed):
            work(records)
    assert exports_api.get(path).json["status"] == "running"
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket=EXPORTS_BUCKET)
    assert len(work(records)) == 1, "the dead worker's lease still runs: the message comes back"
    at = bootstrap.clock() + timedelta(minutes=16)
    monkeypatch.setattr(bootstrap, "clock", lambda: at)
    assert work(records) == []
    assert len(rows_of_csv(fetch(exports_api, path))) == 1


def test_an_attempt_that_was_overtaken_says_nothing(customers_api: Api, exports_api: Api) -> None:
    make(customers_api, {"company_name": "Acme"})
    export_id = ask(exports_api).rpartition("/")[2]
    exports, now = wired.repository(), bootstrap.clock()
    first = exports.claim("acme", export_id, now=now, lease=timedelta(seconds=1))
    later = now + timedelta(minutes=1)
    second = exports.claim("acme", export_id, now=later, lease=timedelta(minutes=1))
    assert first is not None
    assert second is not None
    assert not exports.save(replace(first, rows_done=5))
    assert exports.save(replace(second, rows_done=7))


def test_an_export_nobody_works_on_has_failed(
    exports_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ask(exports_api)
    at = bootstrap.clock() + timedelta(hours=2)
    monkeypatch.setattr(bootstrap, "clock", lambda: at)
    shown = exports_api.get(path).json
    assert (shown["status"], shown["link"]) == ("failed", None)
    assert "again" in shown["reason"]


def test_the_link_goes_with_the_file(exports_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ask(exports_api)
    assert work() == []
    assert exports_api.get(path).json["link"]
    at = bootstrap.clock() + timedelta(days=8)
    monkeypatch.setattr(bootstrap, "clock", lambda: at)
    assert exports_api.get(path).json["link"] is None


def test_an_export_that_takes_too_long_says_so(customers_api: Api, exports_api: Api) -> None:
    make(customers_api, {"company_name": "Acme"})
    path = ask(exports_api)
    assert work(remaining_ms=1) == []
    shown = exports_api.get(path).json
    assert shown["status"] == "failed"
    assert "filter" in shown["reason"]


def test_a_queue_that_takes_nothing(exports_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORT_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/1/none")
    answer = exports_api.post("/v1/exports", {"format": "csv"})
    assert answer.status == 503
    assert exports_api.get("/v1/exports").json["data"][0]["status"] == "failed"


def test_the_event_files(exports_api: Api) -> None:
    from functions.exports_api.app import lambda_handler
    from tests.support.context import LambdaContext

    answer = lambda_handler(event("exports_api", "start"), LambdaContext("exports_api"))
    assert answer["statusCode"] == 202
    assert work(event("export_write", "export")["Records"]) == [], "there is no such export"
    assert len(work(event("export_write", "poison")["Records"])) == 1
