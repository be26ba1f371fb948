"""The stand-in's query language: defaults, limits, operators, refusals."""

# ruff: noqa: S608 - it looks like SQL and is none

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.quickbooks import Api, StandIn, only_error

if TYPE_CHECKING:
    from typing import Any

ALL = "Active IN (true, false)"


def names(response: dict[str, Any]) -> list[str]:
    return [row["DisplayName"] for row in response.get("Customer", [])]


@pytest.fixture
def people(quickbooks: StandIn) -> None:
    control = quickbooks.control
    control.create("Pam Seitz", PrimaryEmailAddr={"Address": "Pam@example.com"})
    control.create("PG&E", CompanyName="Pacific Gas")
    control.create("Cutlery 'R Us", GivenName="Zoë", Active=True)
    top = control.create("Freeman Sporting Goods")
    control.create("0969 Ocean View Road", ParentRef={"value": top["Id"]})
    control.create("100% Clean")
    control.inactivate(control.create("Gone")["Id"])


@pytest.mark.usefixtures("people")
class TestQuery:
    def test_active_rows_by_full_name_unless_told_otherwise(self, api: Api) -> None:
        response = api.query("select * from Customer")
        assert names(response) == [
            "100% Clean",
            "Cutlery 'R Us",
            "Freeman Sporting Goods",
            "0969 Ocean View Road",
            "PG&E",
            "Pam Seitz",
        ]
        assert (response["startPosition"], response["maxResults"]) == (1, 6)
        assert names(api.query(f"SELECT * FROM customer WHERE {ALL}"))[3] == (
            "0969 Ocean View Road"
        )
        assert names(api.query("select * from Customer where Active = false")) == ["Gone (deleted)"]

    def test_counting(self, api: Api) -> None:
        assert api.query("select count(*) from Customer") == {"totalCount": 6}
        assert api.query(f"select count(*) from Customer where {ALL}") == {"totalCount": 7}

    def test_paging_and_order(self, api: Api) -> None:
        page = "select * from Customer ORDERBY Id STARTPOSITION {} MAXRESULTS 2"
        pages = [api.query(page.format(start)) for start in (1, 3, 5, 7)]
        ids = [[row["Id"] for row in one.get("Customer", [])] for one in pages]
        assert ids == [["1", "2"], ["3", "4"], ["5", "6"], []]
        assert pages[3] == {}
        assert pages[1]["startPosition"] == 3
        down = api.query("select * from Customer order by DisplayName desc maxresults 1")
        assert names(down) == ["Pam Seitz"]
        assert names(api.query("select * from Customer orderby GivenName, Id"))[-1] == (
            "Cutlery 'R Us"
        )

    @pytest.mark.parametrize(
        ("where", "found"),
        [
            ("DisplayName = 'pam seitz'", ["Pam Seitz"]),
            (r"DisplayName = 'Cutlery \'R Us'", ["Cutlery 'R Us"]),
            ("DisplayName LIKE 'p%'", ["PG&E", "Pam Seitz"]),
            ("DisplayName LIKE '%ocean%'", ["0969 Ocean View Road"]),
            ("DisplayName LIKE 'pam'", []),
            ("DisplayName IN ('PG&E', 'nobody', 'Pam Seitz')", ["PG&E", "Pam Seitz"]),
            ("DisplayName > 'pam' AND DisplayName < 'pg'", ["Pam Seitz"]),
            ("FullyQualifiedName = 'Freeman Sporting Goods:0969 Ocean View Road'",
             ["0969 Ocean View Road"]),
            ("GivenName = 'ZOË'", ["Cutlery 'R Us"]),
            ("CompanyName LIKE '%gas%'", ["PG&E"]),
            ("PrimaryEmailAddr = 'pam@EXAMPLE.com'", ["Pam Seitz"]),
            ("Job = true", ["0969 Ocean View Road"]),
            ("Id IN ('1', '2')", ["PG&E", "Pam Seitz"]),
            ("Id = '7'", []),
            ("Balance >= '0.00' and Id = '1'", ["Pam Seitz"]),
            ("MetaData.LastUpdatedTime > '2100-01-01'", []),
            ("MetaData.CreateTime > '2020-01-01T00:00:00-08:00' AND Job = 'true'",
             ["0969 Ocean View Road"]),
        ],
    )  # fmt: skip
    def test_conditions(self, api: Api, where: str, found: list[str]) -> None:
        assert names(api.query(f"select * from Customer where {where}")) == found

    def test_named_columns_come_alone(self, api: Api) -> None:
        row = api.query("select Id, DisplayName from Customer where Id = '1'")["Customer"][0]
        assert row == {"domain": "QBO", "sparse": True, "Id": "1", "DisplayName": "Pam Seitz"}

    def test_post_takes_the_text_as_body(self, api: Api) -> None:
        answer = api.post(
            f"{api.company_url}/query?minorversion=75",
            data=b"select * from Customer where DisplayName = 'PG&E'",
            headers={"Content-Type": "application/text"},
            timeout=9,
        )
        assert names(answer.json()["QueryResponse"]) == ["PG&E"]

    @pytest.mark.parametrize(
        ("query", "code", "detail"),
        [
            ("select * from Custmoer", "4001", "invalid context declaration: Custmoer"),
            ("select * from Customer startposition 0", "4001",
             "value 0 is too small. Min allowed value is 1"),
            ("select * from Customer maxresults 1001", "4001", "value 1001 is too large"),
            ("select * from Customer where Colour = 'x'", "4001",
             "Property Colour not found for Entity Customer"),
            ("select * from Customer where Notes = 'x'", "4001",
             "property 'Notes' is not queryable"),
            ("select Id, BillAddr from Customer", "4001",
             "Property BillAddr not found for Entity Customer"),
            ("select * from Customer where Id > '3'", "4001", "operator >"),
            ("select * from Customer where Id LIKE '3%'", "4001", "operator LIKE"),
            ("select * from Customer where Active = 'maybe'", "4001", "value 'maybe'"),
            ("select * from Customer where MetaData.CreateTime > 'soon'", "4001", "value 'soon'"),
            ("select * from Customer where DisplayName = 'Cutlery 'R Us'", "4000",
             'Encountered " <IDENTIFIER> "R "'),
            ("select * from Customer where Job = true OR Job = false", "4000", "Encountered"),
            ("select * from Customer where NOT Job = true", "4000", "Encountered"),
            ("select * from Customer where DisplayName = %", "4000",
             'Encountered: "%" (37)'),
            ("select * from Customer where DisplayName =", "4000", 'Encountered "<EOF>"'),
            ("select * from Customer where DisplayName", "4000", 'Encountered "<EOF>"'),
            ("select * from Customer where Id in ('1'", "4000", 'Encountered "<EOF>"'),
            ("select * from Customer maxresults ten", "4000", '"ten "'),
            ("delete from Customer", "4000", '"select"'),
            ("", "4000", "line 0, column 0"),
        ],
    )  # fmt: skip
    def test_refusals(self, api: Api, query: str, code: str, detail: str) -> None:
        answer = api.ask("query", query=query)
        error = only_error(answer)
        assert (answer.status_code, error["code"]) == (400, code)
        assert detail in error["Detail"]


def test_a_page_is_100_rows_and_at_most_1000(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.seed(1100)
    assert api.query("select * from Customer")["maxResults"] == 100
    most = api.query(f"select * from Customer where {ALL} maxresults 1000")
    assert most["maxResults"] == 1000
    rest = api.query(f"select * from Customer where {ALL} startposition 1001 maxresults 1000")
    assert rest["maxResults"] == 100
    assert not {row["Id"] for row in most["Customer"]} & {row["Id"] for row in rest["Customer"]}


def test_entities_without_rows_answer_empty(api: Api) -> None:
    for entity in ("Customer", "Invoice", "Payment", "Vendor", "Estimate", "SalesReceipt"):
        assert api.query(f"select * from {entity}") == {}


def test_vendors_and_employees_can_be_looked_up(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.vendor("Bob's Burger Joint")
    quickbooks.control.employee("Emily Platt")
    vendor = api.query(r"select * from Vendor where DisplayName = 'Bob\'s Burger Joint'")
    assert vendor["Vendor"][0]["Id"] == "1"
    assert api.query("select * from Employee")["Employee"][0]["DisplayName"] == "Emily Platt"
