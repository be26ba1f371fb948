"""Files as offices have them: what the plan says of them, and what becomes of each row."""

import io
from typing import Any

import openpyxl
import pytest

from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop, put


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def customers(cloud: None) -> Api:
    return Api("customers_api")


def company(**settings: Any) -> None:
    """The company's settings."""
    answer = Api("settings_api", role="admin").patch("/v1/settings", settings)
    assert answer.status == 200, answer.text


def imported(api: Api, content: bytes, name: str = "customers.csv") -> dict[str, Any]:
    """The import of a dropped file, at its end."""
    Machine().run(drop(content, name))
    newest = api.get("/v1/imports").json["data"][0]["id"]
    job: dict[str, Any] = api.get(f"/v1/imports/{newest}").json
    return job


def by_name(customers: Api) -> dict[str, dict[str, Any]]:
    """Every customer, whole."""
    listed = customers.get("/v1/customers", limit=200, status="all").json["data"]
    return {one["display_name"]: customers.get(f"/v1/customers/{one['id']}").json for one in listed}


TYPED = ("2020-03-04", "3/4/2020", "03/04/20", "4-Mar-20", "March 4, 2020", "4. March 2020",
         "4.3.2020", "2020-03-04 00:00:00", "3/4/2020 12:00 AM")  # fmt: skip


def test_a_date_of_the_companys_own_is_read_as_people_type_it(
    imports_api: Api, customers: Api
) -> None:
    company(custom_fields=[{"name": "since", "type": "date", "label": "Customer since"}])
    rows = [[f"As {text}", text] for text in TYPED]
    job = imported(imports_api, csv_of(["Name", "Customer since"], *rows))
    assert (job["progress"]["created"], job["warnings"]) == (len(TYPED), [])
    found = [one["custom"]["since"] for one in by_name(customers).values()]
    assert found == ["2020-03-04"] * len(TYPED)


def test_a_date_that_is_doubtful_is_told_and_one_that_is_none_comes_back(
    imports_api: Api, customers: Api
) -> None:
    company(custom_fields=[{"name": "since", "type": "date"}])
    rows = [["Turned", "13/4/2020"], ["Timed", "3/4/2020 2:30 PM"], ["Never", "2020-02-30"],
            ["Serial", "44000"]]  # fmt: skip
    job = imported(imports_api, csv_of(["Name", "Since"], *rows))
    told = {w["line"]: (w["rule"], w["value"]) for w in job["warnings"]}
    assert told == {2: ("doubtful_date", "13/4/2020"), 3: ("time_left_out", "3/4/2020 2:30 PM")}
    assert "month first" in job["warnings"][0]["detail"]
    assert [(e["line"], e["rule"], e["value"]) for e in job["errors"]] == [
        (4, "date", "2020-02-30"), (5, "date", "44000"),
    ]  # fmt: skip
    found = {name: one["custom"]["since"] for name, one in by_name(customers).items()}
    assert found == {"Turned": "2020-04-13", "Timed": "2020-03-04"}


def test_a_doubtful_date_of_a_note_is_told(imports_api: Api, customers: Api) -> None:
    customers.post("/v1/customers", {"company_name": "Acme"})
    rows = [["Acme", "13/4/2024", "Called"], ["Acme", "3/4/2024", "Paid"]]
    job = imported(imports_api, csv_of(["Customer", "Date", "Note"], *rows))
    assert (job["kind"], job["progress"]["created"]) == ("notes", 2)
    (warning,) = job["warnings"]
    assert (warning["line"], warning["rule"], warning["value"]) == (
        2, "doubtful_date", "13/4/2024",
    )  # fmt: skip
    assert warning["detail"].startswith("read as 2024-04-13")


def test_the_day_comes_first_where_the_company_is_in_such_a_country(
    imports_api: Api, customers: Api
) -> None:
    company(custom_fields=[{"name": "since", "type": "date"}], country="GB")
    imported(imports_api, csv_of(["Name", "Since"], ["Thames", "3/4/2020"], ["Tyne", "4/25/2020"]))
    found = {name: one["custom"]["since"] for name, one in by_name(customers).items()}
    assert found == {"Thames": "2020-04-03", "Tyne": "2020-04-25"}


def workbook(**sheets: list[list[object]]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    del book["Sheet"]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(content)
    return content.getvalue()


def test_a_second_sheet_of_customers_is_told_and_goes_in_when_it_is_named(
    imports_api: Api, customers: Api
) -> None:
    """One sheet a kind of customer, behind a summary and before a list of something else."""
    book = workbook(
        Summary=[["Region", "Sales"], ["North", 12]],
        Residential=[["Homes"], ["Name", "Email"], ["Ann Lee", "ann@example.com"]],
        Commercial=[["Name", "Email"], ["Acme Inc", "info@acme.example"]],
        Prices=[["Item", "Price"], ["Filter", 12]],
    )
    job = imported(imports_api, book, "book.xlsx")
    assert (job["sheet"], job["progress"]["rows_total"]) == ("Residential", 1)
    (warning,) = job["warnings"]
    assert (warning["line"], warning["value"], warning["rule"]) == (
        2, "Commercial", "sheet_not_read",
    )  # fmt: skip
    asked = {"filename": "book.xlsx", "options": {"sheet": "Commercial", "confirm": False}}
    started = imports_api.post("/v1/imports", asked).json
    Machine().run(put(started["upload"]["fields"]["key"], book))
    named = imports_api.get(f"/v1/imports/{started['id']}").json
    assert (named["sheet"], named["warnings"]) == ("Commercial", [])
    assert sorted(by_name(customers)) == ["Acme Inc", "Ann Lee"]


def test_a_total_below_the_customers_is_none_of_them_whatever_column_it_adds_up(
    imports_api: Api, customers: Api
) -> None:
    rows = [["Ann Lee", "512-555-0100", "12.5"], ["Total", "512-555-0101", ""],
            ["TOTAL", "3", "(1,520.00)"]]  # fmt: skip
    job = imported(imports_api, csv_of(["Name", "Cell", "Discount %"], *rows))
    assert [(w["line"], w["rule"]) for w in job["warnings"]] == [(4, "total_row")]
    assert (job["progress"]["created"], job["progress"]["skipped"]) == (2, 1)
    assert sorted(by_name(customers)) == ["Ann Lee", "Total"], "a company may be called so"


def test_number_alone_heads_customer_numbers_unless_its_cells_are_phones(
    imports_api: Api, customers: Api
) -> None:
    company(auto_numbering=False)
    rows = [["Acme", "A-1"], ["Bolt", "A-2"]]
    imported(imports_api, csv_of(["Name", "Number"], *rows))
    assert {one["number"] for one in by_name(customers).values()} == {"A-1", "A-2"}
    imported(imports_api, csv_of(["#", "Name", "Number"], ["1", "Cora", "(512) 555-0100"],
                                 ["2", "Dan", "(512) 555-0101"]))  # fmt: skip
    found = by_name(customers)
    assert [found[name]["number"] for name in ("Cora", "Dan")] == [None, None]
    mapped = imports_api.get("/v1/imports").json["data"][0]["id"]
    columns = imports_api.get(f"/v1/imports/{mapped}/mapping").json["columns"]
    assert [one["field"] for one in columns[:2]] == [None, "display_name"]
    assert (columns[2]["field"], columns[2]["alternatives"][0]["field"]) == (None, "phone")


def test_customers_are_changed_by_the_number_alone(imports_api: Api, customers: Api) -> None:
    company(auto_numbering=False, import_mode="update", import_match_by="number")
    customers.post("/v1/customers", {"company_name": "Acme", "number": "A-1"})
    job = imported(imports_api, csv_of(["Number", "Phone"], ["A-1", "512-555-0100"], ["", "1"]))
    assert (job["progress"]["updated"], job["progress"]["failed"]) == (1, 1)
    assert by_name(customers)["Acme"]["phone"] == "512-555-0100"
    assert [(e["line"], e["column"], e["rule"]) for e in job["errors"]] == [
        (3, "Number", "match_key_missing")
    ]
    headless = imported(imports_api, csv_of(["A-1", "512-555-0100"], ["A-2", "512-555-0101"]))
    assert headless["reason"]["code"] == "no_usable_header"
    assert "what customers are matched by" in headless["reason"]["detail"]


def test_a_zip_that_lost_both_its_zeros_is_told_with_the_right_one(imports_api: Api) -> None:
    """Puerto Rico's begin with two."""
    head = ["Name", "Street", "City", "State", "Zip"]
    job = imported(
        imports_api,
        csv_of(head, ["Fuego", "1 Luna", "Añasco", "PR", "610"], ["Jersey", "2 Elm", "Newark",
               "NJ", "7101"], ["Broken", "3 Elm", "Newark", "NJ", "710"],
               ["Reno", "4 Elm", "Reno", "NV", "895"]),
    )  # fmt: skip
    told = [(w["line"], w["rule"], w["suggestion"]) for w in job["warnings"]]
    assert told == [(2, "damaged_zip", "00610"), (3, "damaged_zip", "07101"),
                    (4, "damaged_zip", None)]  # fmt: skip


def test_what_each_property_row_repeats_stands_in_the_notes_once(
    imports_api: Api, customers: Api
) -> None:
    head = ["J-ID", "Display Name", "First Name", "Last Name", "Main Phone #s", "E-mails",
            "Service Street 1", "Service City", "Service State", "Service Zip code", "Lead Source",
            "Archived", "CFT[Gate code]", "PFT[Filter size]"]  # fmt: skip
    mary = ["Mary Jones", "Mary", "Jones", "512-555-0001", "mary@example.com"]
    rows = [
        ["501_1", *mary, "1 Oak", "Austin", "TX", "78701", "Google", "false", "12", "16x20"],
        ["501_2", *mary, "2 Pine", "Austin", "TX", "78702", "Google", "false", "12", "20x20"],
    ]
    job = imported(imports_api, csv_of(head, *rows))
    assert (job["format_detected"], job["progress"]["joined"]) == ("jobber", 1)
    assert by_name(customers)["Mary Jones"]["notes"].splitlines() == [
        "Lead Source: Google", "CFT[Gate code]: 12", "PFT[Filter size]: 16x20",
        "PFT[Filter size]: 20x20",
    ]  # fmt: skip


def test_a_page_of_the_plan_ends_before_it_outgrows_an_answer(imports_api: Api) -> None:
    """Old and new of long notes, or a name that fills its cell; all of it on further pages."""
    head = ["Name", "Email", "Notes"]
    people = [[f"Long {n}", f"{n}@example.com"] for n in range(90)]
    imported(imports_api, csv_of(head, *([*one, "é" * 4000] for one in people)))
    company(import_mode="update", confirm_dropped_files=True)
    changed = [[*one, "ü" * 4000] for one in people]
    job = imported(imports_api, csv_of(head, *changed, ["N" * 32_767, "n@example.com", ""]))
    assert job["plan"]["update"] == 90
    lines: list[int] = []
    cursor: str | None = None
    while True:
        asked = {"cursor": cursor} if cursor else {}
        answer = imports_api.get(f"/v1/imports/{job['id']}/plan", limit=200, **asked)
        assert len(answer.text) < 4_000_000
        lines += [row["line"] for row in answer.json["data"]]
        assert all(len(row["name"]) <= 500 for row in answer.json["data"])
        cursor = answer.json["next_cursor"]
        if cursor is None:
            break
        assert len(answer.json["data"]) < 90
    assert lines == list(range(2, 93))


def test_a_new_customer_that_shares_a_name_is_told_with_whom(
    imports_api: Api, customers: Api
) -> None:
    """Two John Smiths exist; or one has a new phone number, and only a person can tell."""
    made = customers.post("/v1/customers", {"company_name": "John Smith", "phone": "512-555-0100"})
    customers.post("/v1/customers", {"company_name": "Ann Lee", "phone": "512-555-0107"})
    rows = [["John Smith", "512-555-0101"], ["john smith", "512-555-0102"],
            ["John Smith", "512-555-0100"], ["Ann Lee", ""], ["Bea Ott", ""]]  # fmt: skip
    job = imported(imports_api, csv_of(["Customer", "Phone"], *rows))
    told = [(w["line"], w["column"], w["value"], w["rule"]) for w in job["warnings"]]
    assert told == [(2, "Customer", "John Smith", "same_name"),
                    (3, "Customer", "john smith", "same_name")]  # fmt: skip
    assert f"beside {made.json['id']}, of the same name" in job["warnings"][0]["detail"]
    assert f"beside {made.json['id']}, row 2, of" in job["warnings"][1]["detail"]
    assert (job["progress"]["created"], job["progress"]["skipped"]) == (3, 2)
    again = imported(imports_api, csv_of(["Customer", "Phone"], *rows), "again.csv")
    assert (again["progress"]["skipped"], again["warnings"]) == (5, [])


@pytest.mark.parametrize(
    ("heading", "cells", "field"),
    [
        ("Status", ("Active", "Inactive", ""), "status"),
        ("Active", ("Yes", "No", ""), "status.is_active"),
        ("Is Archived", ("FALSE", "TRUE", ""), "status.is_inactive"),
    ],
)
def test_who_is_inactive_in_a_plain_list_is_inactive_here(
    imports_api: Api, customers: Api, heading: str, cells: tuple[str, ...], field: str
) -> None:
    rows = [[name, cell] for name, cell in zip(("Ann", "Bea", "Cora"), cells, strict=True)]
    job = imported(imports_api, csv_of(["Name", heading], *rows))
    assert job["columns"][1] == {"heading": heading, "field": field}
    found = {name: one["status"] for name, one in by_name(customers).items()}
    assert found == {"Ann": "active", "Bea": "inactive", "Cora": "active"}


def test_a_status_of_another_kind_makes_nobody_inactive(imports_api: Api, customers: Api) -> None:
    rows = [["Ann", "Lead"], ["Bea", "Inactive"], ["Cora", "Won"]]
    job = imported(imports_api, csv_of(["Name", "Status"], *rows))
    assert (job["columns"][1]["field"], job["warnings"]) == (None, [])
    assert {one["status"] for one in by_name(customers).values()} == {"active"}


def test_numbers_that_a_program_gave_a_decimal_point_are_told(imports_api: Api) -> None:
    head = ["Name", "External ID", "Street", "City", "State", "Zip"]
    job = imported(
        imports_api,
        csv_of(head, ["Ann", "1002.0", "1 Elm", "Newark", "NJ", "7101.0"],
               ["Bea", "1.5", "2 Elm", "Austin", "TX", "78701.0"]),
    )  # fmt: skip
    told = sorted((w["line"], w["value"], w["suggestion"]) for w in job["warnings"])
    assert told == [(2, "1002.0", "1002"), (2, "7101.0", "07101"), (3, "78701.0", "78701")]


def test_a_person_who_heads_an_address_is_no_part_of_its_street(
    imports_api: Api, customers: Api
) -> None:
    """QuickBooks lists "Doe, Jane" and writes "Jane Doe" above the street."""
    iif = (
        "!CUST\tNAME\tBADDR1\tBADDR2\tBADDR3\tFIRSTNAME\tLASTNAME\tPHONE1\tHIDDEN\n"
        'CUST\t"Doe, Jane"\tJane Doe\t1 Main St\t"Austin, TX 78701"\t\t\t\tN\n'
        'CUST\tRoe Home\tBob Roe\t2 Main St\t"Austin, TX 78701"\tBob\tRoe\t\tN\n'
    )
    job = imported(imports_api, iif.encode(), "customers.iif")
    assert (job["progress"]["created"], job["warnings"]) == (2, [])
    found = {name: one["billing_address"]["street"] for name, one in by_name(customers).items()}
    assert found == {"Doe, Jane": "1 Main St", "Roe Home": "2 Main St"}


def test_a_value_that_several_customers_have_is_told_with_its_column(
    imports_api: Api, customers: Api
) -> None:
    for name in ("Ann", "Bea"):
        customers.post("/v1/customers", {"company_name": name, "email": "same@example.com"})
    company(import_mode="update", import_match_by="email")
    job = imported(imports_api, csv_of(["E-mail", "Phone"], ["Same@example.com", "512-555-0100"]))
    (error,) = job["errors"]
    assert (error["rule"], error["column"], error["value"]) == (
        "ambiguous_match", "E-mail", "Same@example.com",
    )  # fmt: skip
    assert all(one["id"] in error["detail"] for one in by_name(customers).values())
