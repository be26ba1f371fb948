"""The rows that failed come back in the user's own layout, are put right there, and go in."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import requests

from roster.adapters.spreadsheets.reader import open_spreadsheet
from tests.support.api import Api
from tests.support.imports import Machine, call, csv_of, drop, put

OURS = ["_line", "_column", "_rule", "_suggestion"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def customers(cloud: None) -> Api:
    return Api("customers_api")


@pytest.fixture
def manual_numbers(cloud: None) -> None:
    """The company types its customers' numbers."""
    answer = Api("settings_api", role="admin").patch("/v1/settings", {"auto_numbering": False})
    assert answer.status == 200, answer.text


def imported(api: Api, content: bytes, name: str = "customers.csv") -> dict[str, Any]:
    """The import of a dropped file, at its end."""
    Machine().run(drop(content, name))
    job: dict[str, Any] = api.get(
        f"/v1/imports/{api.get('/v1/imports').json['data'][0]['id']}"
    ).json
    return job


def error_file(api: Api, job: dict[str, Any], **asked: str) -> tuple[dict[str, Any], bytes]:
    """What the address answers, and the file behind it."""
    answer = api.get(f"/v1/imports/{job['id']}/errors", **asked)
    assert answer.status == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    fetched = requests.get(answer.json["url"], timeout=5)
    assert fetched.status_code == 200
    assert answer.json["filename"] in fetched.headers["content-disposition"]
    return answer.json, fetched.content


def table(content: bytes, delimiter: str = ",") -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8 by its mark"
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def written(rows: list[list[str]], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def names(customers: Api) -> list[str]:
    listed = customers.get("/v1/customers", limit=200).json["data"]
    return [one["display_name"] for one in listed]


def counts(job: dict[str, Any]) -> dict[str, int]:
    kinds = ("created", "updated", "joined", "skipped", "failed", "cancelled")
    found = {kind: job["progress"][kind] for kind in kinds}
    assert sum(found.values()) == job["progress"]["rows_total"]
    return {kind: count for kind, count in found.items() if count}


def test_failed_rows_are_fixed_in_the_users_own_file_and_go_in_alone(
    imports_api: Api, customers: Api
) -> None:
    """Semicolons and cp1252, a title above, a column nobody knows, cells like formulas."""
    long = "x" * 300
    rows = [
        ["Kundenliste 2026"],
        [],
        ["Company", "E-mail", "Lieblingsfarbe", "Zip", "Phone", ""],
        ["Müller GmbH", "info@mueller.example", "blau", "07601", "+49 30 1234567"],
        ["", "who@example.com", "=1+1", "01234", "-030 555"],
        ["Größe AG", "g@example.com", "rot"],
        [long, "l@example.com", "'=kept", "00501", "+1 918 555 0100", "behind the headings"],
    ]
    job = imported(imports_api, "\r\n".join(";".join(r) for r in rows).encode("cp1252"))
    assert counts(job) == {"created": 2, "failed": 2}
    told, content = error_file(imports_api, job)
    assert (told["rows"], told["format"]) == (2, "csv")
    assert told["filename"] == f"customers - errors {job['id']}.csv"
    heading, nameless, endless = table(content, ";")
    assert heading == [*rows[2], *OURS]
    assert nameless[:6] == ["", "who@example.com", "'=1+1", "01234", "'-030 555", ""]
    assert nameless[6] == "5"
    assert nameless[8].startswith("name_required: the row names no customer")
    assert endless[:6] == [long, "l@example.com", "'=kept", "00501", "'+1 918 555 0100",
                           "behind the headings"]  # fmt: skip
    assert endless[6:8] == ["7", "Company"]
    assert endless[8].startswith("too_long: ")

    nameless[0] = "Jetzt mit Namen"
    half = imported(imports_api, written([heading, nameless, endless], ";"), told["filename"])
    assert half["repairs"] == job["id"]
    assert [c["heading"] for c in half["columns"]] == [c["heading"] for c in job["columns"]]
    assert counts(half) == {"created": 1, "failed": 1}
    _, rest = error_file(imports_api, half)
    again, left = table(rest, ";")
    assert again == heading, "our columns do not come twice"
    assert left[:6] == endless[:6]
    assert left[6] == "3"

    left[0] = "Endlich kurz"
    last = imported(imports_api, written([again, left], ";"), "renamed by somebody.csv")
    assert last["repairs"] is None
    assert counts(last) == {"created": 1}
    assert sorted(names(customers)) == [
        "Endlich kurz", "Größe AG", "Jetzt mit Namen", "Müller GmbH",
    ]  # fmt: skip
    for one in customers.get("/v1/customers").json["data"]:
        whole = customers.get(f"/v1/customers/{one['id']}").json
        assert "name_required" not in str(whole)
        assert "too_long" not in str(whole)
        if one["display_name"] == "Endlich kurz":
            assert whole["phone"] == "+1 918 555 0100"


def test_the_whole_file_uploaded_again_doubles_nobody(imports_api: Api, customers: Api) -> None:
    rows = [["Company", "Email"], ["Acme", "a@example.com"], ["", "b@example.com"], ["Solo"]]
    job = imported(imports_api, csv_of(*rows))
    assert counts(job) == {"created": 2, "failed": 1}
    rows[2][0] = "Bolt"
    assert counts(imported(imports_api, csv_of(*rows))) == {"created": 1, "skipped": 2}
    assert sorted(names(customers)) == ["Acme", "Bolt", "Solo"]


def test_a_workbook_comes_back_as_a_workbook_with_its_dates_and_zeros(
    imports_api: Api, customers: Api, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Company", "Email", "Zip", "Since", "Revenue", "Discount", "Tax ID"])
    sheet.append(["Acme", "a@example.com", "07601", date(2024, 2, 29), 1234.5, 0.15, "=1+1"])
    sheet.append([None, "b@example.com", 501, date(2024, 2, 29), 1234.5, 0.15, "0012"])
    sheet["C3"].number_format = "00000"
    sheet["F3"].number_format = "0%"
    kept = io.BytesIO()
    book.save(kept)
    job = imported(imports_api, kept.getvalue(), "list.xlsx")
    assert counts(job) == {"created": 1, "failed": 1}
    told, content = error_file(imports_api, job)
    assert (told["format"], told["filename"][-5:]) == ("xlsx", ".xlsx")
    path = tmp_path / "errors.xlsx"
    path.write_bytes(content)
    heading, row = (r.cells for r in open_spreadsheet(path).rows())
    assert list(heading) == [
        "Company", "Email", "Zip", "Since", "Revenue", "Discount", "Tax ID", *OURS,
    ]  # fmt: skip
    assert row[:8] == ("", "b@example.com", "00501", "2024-02-29", "1234.5", "0.15", "0012", "3")

    fixed = openpyxl.load_workbook(path)
    assert fixed.active is not None
    fixed.active["A2"] = "Bolt"
    again = io.BytesIO()
    fixed.save(again)
    assert counts(imported(imports_api, again.getvalue(), told["filename"])) == {"created": 1}
    assert sorted(names(customers)) == ["Acme", "Bolt"]


def test_either_format_may_be_asked_for(imports_api: Api) -> None:
    job = imported(imports_api, csv_of(["Company", "Email"], ["", "a@example.com"]))
    told, content = error_file(imports_api, job, format="xlsx")
    assert (told["format"], content[:2]) == ("xlsx", b"PK")
    (row,) = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)[1:]  # type: ignore[union-attr]
    assert row[:3] == (None, "a@example.com", "2")
    assert imports_api.get(f"/v1/imports/{job['id']}/errors", format="pdf").status == 422


def test_errors_can_be_fixed_before_anything_is_confirmed(imports_api: Api) -> None:
    made = imports_api.post("/v1/imports", {"filename": "list.csv", "options": {"confirm": True}})
    Machine().run(put(made.json["upload"]["fields"]["key"],
                      csv_of(["Company", "Email"], ["Acme"], ["", "b@example.com"])))  # fmt: skip
    job = imports_api.get(f"/v1/imports/{made.json['id']}").json
    assert job["status"] == "awaiting_confirmation"
    told, content = error_file(imports_api, job)
    assert [row[1] for row in table(content)] == ["Email", "b@example.com"]
    named = imports_api.post("/v1/imports", {"filename": told["filename"]})
    assert named.json["repairs"] == job["id"]


def test_what_the_load_found_stands_in_the_file_too(
    imports_api: Api, customers: Api, manual_numbers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that somebody else takes between plan and load, and a row without a name."""
    monkeypatch.setattr("roster.usecases.imports.plan.ROWS_PER_CHUNK", 1)
    rows = [
        ["Company", "Customer Number", "Colour"],
        ["One", "1", "red"], ["", "9", "none"], ["Two", "2", "=blue"], ["Three", "3", "green"],
    ]  # fmt: skip

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load" and given["chunk"] == 1:
            for number in ("1", "2"):
                answer = customers.post(
                    "/v1/customers", {"company_name": f"Faster {number}", "number": number}
                )
                assert answer.status == 201, answer.text
        return call(function, given)

    Machine(invoke).run(drop(csv_of(*rows)))
    job = imports_api.get("/v1/imports").json["data"][0]
    assert job["status"] == "completed_with_errors"
    assert counts(job) == {"created": 1, "failed": 3}
    told, content = error_file(imports_api, job)
    heading, *failed = table(content)
    assert told["rows"] == 3
    assert [(r[0], r[2], r[3], r[4]) for r in failed] == [
        ("One", "red", "2", "Customer Number"), ("", "none", "3", ""),
        ("Two", "'=blue", "4", "Customer Number"),
    ]  # fmt: skip
    holders = {r["display_name"]: r["id"] for r in customers.get("/v1/customers").json["data"]}
    for row, number in ((failed[0], "1"), (failed[2], "2")):
        holder = f"customer {holders[f'Faster {number}']} (active)"
        assert row[5] == f"number_taken: the number now belongs to {holder}"

    for row, number in zip(failed, ("11", "19", "12"), strict=True):
        row[0], row[1] = row[0] or "Named", number
    assert counts(imported(imports_api, written([heading, *failed]))) == {"created": 3}
    assert sorted(names(customers)) == ["Faster 1", "Faster 2", "Named", "One", "Three", "Two"]


def test_an_id_that_was_taken_between_plan_and_load_is_left_out_and_its_holder_named(
    imports_api: Api, customers: Api
) -> None:
    taken: list[str] = []

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            body = {"company_name": "Faster", "external_id": "X1"}
            taken.append(customers.post("/v1/customers", body).json["id"])
            gone = customers.post(
                f"/v1/customers/{taken[0]}/deactivate", {"confirm": True}, if_match="*"
            )
            assert gone.status == 200
        return call(function, given)

    Machine(invoke).run(drop(csv_of(["Company", "External ID"], ["Acme", "X1"], ["Bolt", "X2"])))
    (listed,) = imports_api.get("/v1/imports").json["data"]
    job = imports_api.get(f"/v1/imports/{listed['id']}").json
    assert counts(job) == {"created": 2}
    (warning,) = job["warnings"]
    assert (warning["line"], warning["rule"]) == (2, "external_id_taken")
    assert warning["detail"].endswith(f"the id now belongs to customer {taken[0]} (inactive)")


def test_without_failures_there_is_no_file(imports_api: Api) -> None:
    made = imports_api.post("/v1/imports", {"filename": "list.csv"}).json
    early = imports_api.get(f"/v1/imports/{made['id']}/errors")
    assert (early.status, early.json["code"]) == (409, "no_errors")
    job = imported(imports_api, csv_of(["Company"], ["Acme"]))
    answer = imports_api.get(f"/v1/imports/{job['id']}/errors")
    assert (answer.status, answer.json["code"]) == (409, "no_errors")
    assert imports_api.get("/v1/imports/imp_nope/errors").status == 404


def test_another_company_gets_no_errors_and_is_not_told_whose_they_are(imports_api: Api) -> None:
    job = imported(imports_api, csv_of(["Company", "Email"], ["", "a@example.com"]))
    other = Api("imports_api", tenant="other")
    assert other.get(f"/v1/imports/{job['id']}/errors").status == 404
    made = other.post("/v1/imports", {"filename": f"errors {job['id']}.csv"})
    assert made.json["repairs"] is None
    assert Api("imports_api", role="viewer").get(f"/v1/imports/{job['id']}/errors").status == 200


def test_a_column_of_ones_own_that_looks_like_ours_is_kept(imports_api: Api) -> None:
    job = imported(imports_api, csv_of(["Company", "_line"], ["Acme", "Blue Line"]))
    assert [c["heading"] for c in job["columns"]] == ["Company", "_line"]


def test_the_places_of_a_customer_that_failed_come_back_and_go_in_with_it(
    imports_api: Api, customers: Api, manual_numbers: None
) -> None:
    """A row for each place; the customer's number was taken between plan and load."""
    rows = [
        ["Company", "Customer Number", "Email", "Street", "City"],
        ["Acme", "1", "a@example.com", "1 Main St", "Tulsa"],
        ["Bolt", "2", "b@example.com", "3 Elm St", "Tulsa"],
        ["Acme", "1", "a@example.com", "2 Side St", "Tulsa"],
    ]

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load":
            customers.post("/v1/customers", {"company_name": "Faster", "number": "1"})
        return call(function, given)

    Machine(invoke).run(drop(csv_of(*rows)))
    listed = imports_api.get("/v1/imports").json["data"][0]
    job = imports_api.get(f"/v1/imports/{listed['id']}").json
    assert counts(job) == {"created": 1, "failed": 2}
    assert [(e["line"], e["rule"]) for e in job["errors"]] == [
        (2, "number_taken"), (4, "customer_failed"),
    ]  # fmt: skip
    told, content = error_file(imports_api, job)
    heading, *failed = table(content)
    assert [row[:6] for row in failed] == [[*rows[1], "2"], [*rows[3], "4"]]

    for row in failed:
        row[1] = "11"
    fixed = imported(imports_api, written([heading, *failed]), told["filename"])
    assert counts(fixed) == {"created": 1, "joined": 1}
    (acme,) = customers.get("/v1/customers", q="a@example.com").json["data"]
    places = customers.get(f"/v1/customers/{acme['id']}/locations").json["data"]
    assert sorted(place["street"] for place in places) == ["1 Main St", "2 Side St"]
