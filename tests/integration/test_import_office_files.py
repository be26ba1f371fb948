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
    return {
        one["display_name"]: customers.get(f"/v1/customers/{one['id']}").json for one in listed
    }


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
