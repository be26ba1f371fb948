"""The stand-in's invoices: numbers, due days, tax, changes, voiding; credit memos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.quickbooks import only_error

if TYPE_CHECKING:
    import requests

    from tests.support.quickbooks import Api, StandIn

AMY = {"CustomerRef": {"value": "1"}}


def sale(amount: float, **detail: Any) -> dict[str, Any]:
    return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def taxed(amount: float, code: str = "TAX") -> dict[str, Any]:
    return sale(amount, TaxCodeRef={"value": code})


def code(answer: requests.Response) -> str:
    return str(only_error(answer)["code"])


@pytest.fixture(autouse=True)
def amy(api: Api) -> None:
    api.saved(DisplayName="Amy", PrimaryEmailAddr={"Address": "amy@example.com"})


def invoice(api: Api, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return api.made("Invoice", **AMY | fields, Line=list(lines) or [sale(100)])


class TestNumbers:
    def test_quickbooks_counts_by_itself(self, api: Api) -> None:
        assert [invoice(api)["DocNumber"] for _ in range(2)] == ["1001", "1002"]
        assert invoice(api, DocNumber="2000")["DocNumber"] == "2000"
        assert invoice(api)["DocNumber"] == "2001"

    def test_own_numbers_stay_blank_unless_asked(self, quickbooks: StandIn, api: Api) -> None:
        quickbooks.control.configure(custom_txn_numbers=True)
        assert "DocNumber" not in invoice(api)
        assert invoice(api, AutoDocNumber=True)["DocNumber"] == "1001"
        assert "DocNumber" not in invoice(api, DocNumber="", AutoDocNumber=True)
        assert invoice(api, DocNumber="R-7")["DocNumber"] == "R-7"

    def test_a_number_in_use_is_refused(self, quickbooks: StandIn, api: Api) -> None:
        first = invoice(api, DocNumber="R-7")
        body = AMY | {"Line": [sale(1)], "DocNumber": "r-7"}
        assert code(api.submit("invoice", body)) == "6140"
        allowed = api.submit("invoice", body, include="allowduplicatedocnum")
        assert allowed.status_code == 200
        change = {"Id": first["Id"], "SyncToken": "0", "sparse": True, "DocNumber": "R-7"}
        assert api.submit("invoice", change).status_code == 200
        quickbooks.control.configure(warn_duplicate_numbers=False)
        assert api.submit("invoice", body).status_code == 200
        assert code(api.submit("invoice", body | {"DocNumber": "x" * 22})) == "2050"


class TestDueDays:
    @pytest.mark.parametrize(
        ("fields", "due"),
        [
            ({}, "2026-03-17"),
            ({"SalesTermRef": {"value": "1"}}, "2026-02-15"),
            ({"SalesTermRef": {"value": "4"}}, "2026-04-16"),
            ({"DueDate": "2026-02-20"}, "2026-02-20"),
        ],
    )
    def test_from_the_term(self, api: Api, fields: dict[str, Any], due: str) -> None:
        assert invoice(api, TxnDate="2026-02-15", **fields)["DueDate"] == due

    @pytest.mark.parametrize(
        ("issued", "due"),
        [
            ("2026-01-10", "2026-01-31"),
            ("2026-01-25", "2026-02-28"),
            ("2026-12-30", "2027-01-31"),
        ],
    )
    def test_a_day_of_the_month(self, api: Api, issued: str, due: str) -> None:
        term = api.made("Term", Name="End", DayOfMonthDue=31, DueNextMonthDays=10)
        made = invoice(api, TxnDate=issued, SalesTermRef={"value": term["Id"]})
        assert made["DueDate"] == due

    def test_the_customers_term_comes_before_the_companys(self, api: Api) -> None:
        api.saved(Id="1", SyncToken="0", sparse=True, SalesTermRef={"value": "2"})
        made = invoice(api, TxnDate="2026-02-15")
        assert (made["DueDate"], made["SalesTermRef"]) == ("2026-03-02", {"value": "2"})
        later = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "TxnDate": "2026-03-01"}
        assert api.made("Invoice", **later)["DueDate"] == "2026-03-16"


class TestTax:
    def test_american_lines_are_taxed_or_not(self, api: Api) -> None:
        made = invoice(api, taxed(100), sale(50))
        assert (made["TotalAmt"], made["Balance"]) == (158, 158)
        detail = made["TxnTaxDetail"]
        assert (detail["TotalTax"], detail["TxnTaxCodeRef"]) == (8, {"value": "2"})
        (line,) = detail["TaxLine"]
        assert line["TaxLineDetail"] == {
            "TaxRateRef": {"value": "1"},
            "PercentBased": True,
            "TaxPercent": 8,
            "NetAmountTaxable": 100,
        }
        assert made["Line"][-1]["Amount"] == 150

    def test_the_code_of_the_transaction_counts(self, api: Api) -> None:
        made = invoice(api, taxed(10.05), TxnTaxDetail={"TxnTaxCodeRef": {"value": "3"}})
        # 0.71355 and 0.201, each rate rounded for itself.
        assert [one["Amount"] for one in made["TxnTaxDetail"]["TaxLine"]] == [0.71, 0.2]
        assert made["TotalAmt"] == 10.96

    def test_a_total_can_be_imposed(self, api: Api) -> None:
        wish = {"TxnTaxCodeRef": {"value": "2"}, "TotalTax": 7.5}
        made = invoice(api, taxed(100), TxnTaxDetail=wish)
        assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"]) == (7.5, 107.5)
        note = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "n"}
        assert api.made("Invoice", **note)["TotalAmt"] == 107.5

    def test_who_is_exempt_pays_none(self, api: Api) -> None:
        api.saved(Id="1", SyncToken="0", sparse=True, Taxable=False)
        assert invoice(api, taxed(100))["TxnTaxDetail"] == {"TotalTax": 0}

    def test_a_changed_rate_leaves_old_invoices(self, quickbooks: StandIn, api: Api) -> None:
        made = invoice(api, taxed(100))
        quickbooks.control.change("taxrates", "1", RateValue=10)
        assert api.got("Invoice", made["Id"])["TotalAmt"] == 108
        assert invoice(api, taxed(100))["TotalAmt"] == 110

    def test_real_codes_outside_america(self, quickbooks: StandIn, api: Api) -> None:
        quickbooks.control.configure(country="CA", currency="CAD")
        codes = {row["Name"]: row["Id"] for row in quickbooks.control.rows("taxcodes")}
        assert code(api.submit("invoice", AMY | {"Line": [sale(100)]})) == "6000"
        assert code(api.submit("invoice", AMY | {"Line": [taxed(100)]})) == "2500"
        both, gst = taxed(100, codes["GST/PST BC"]), taxed(50, codes["GST"])
        made = invoice(api, both, gst)
        lines = made["TxnTaxDetail"]["TaxLine"]
        assert [one["Amount"] for one in lines] == [7.5, 7]
        assert lines[0]["TaxLineDetail"]["NetAmountTaxable"] == 150
        assert made["TotalAmt"] == 164.5
        gross = taxed(113, codes["HST ON"])
        inclusive = invoice(api, gross, GlobalTaxCalculation="TaxInclusive")
        assert (inclusive["TotalAmt"], inclusive["TxnTaxDetail"]["TotalTax"]) == (113, 13)
        free = invoice(api, both, GlobalTaxCalculation="NotApplicable")
        assert free["TotalAmt"] == 100


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (sale(100, Qty=3, UnitPrice=33.33), "6070"),
        (sale(100, ItemRef={"value": "99"}), "2500"),
        (sale(100, TaxCodeRef={"value": "2"}), "2500"),
        (sale(100, Colour="red"), "2010"),
        (sale(100) | {"Colour": "red"}, "2010"),
        ({"Amount": 1}, "2020"),
        ({"Amount": 1, "DetailType": "Gift"}, "2170"),
        ({"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}, "2020"),
        (sale("much"), "2080"),  # type: ignore[arg-type]
        (sale(-5), "6000"),
        (sale(1) | {"Description": "x" * 4001}, "2050"),
    ],
)
def test_refused_lines(api: Api, line: dict[str, Any], wanted: str) -> None:
    assert code(api.submit("invoice", AMY | {"Line": [line]})) == wanted
    assert api.query("select count(*) from Invoice") == {"totalCount": 0}
    assert invoice(api)["DocNumber"] == "1001"


def test_refused_invoices(quickbooks: StandIn, api: Api) -> None:
    assert code(api.submit("invoice", {"Line": [sale(1)]})) == "2020"
    assert code(api.submit("invoice", AMY)) == "2020"
    nobody = {"CustomerRef": {"value": "77"}, "Line": [sale(1)]}
    assert code(api.submit("invoice", nobody)) == "2500"
    gone = quickbooks.control.create("Gone")
    quickbooks.control.inactivate(gone["Id"])
    nobody["CustomerRef"] = {"value": gone["Id"]}
    assert code(api.submit("invoice", nobody)) == "2500"
    assert code(api.submit("invoice", {"Id": "9", "SyncToken": "0"} | AMY)) == "610"


def test_quantities_discounts_and_nothing(api: Api) -> None:
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    words = {"DetailType": "DescriptionOnly", "Description": "Thanks"}
    made = invoice(api, sale(33.34, Qty=2.5, UnitPrice=13.335), words, discount)
    assert made["TotalAmt"] == 30.01
    kinds = [line["DetailType"] for line in made["Line"]]
    assert kinds == [
        "SalesItemLineDetail", "DescriptionOnly", "SubTotalLineDetail", "DiscountLineDetail",
    ]  # fmt: skip
    echoed = {"Id": made["Id"], "SyncToken": "0", **AMY, "Line": made["Line"]}
    assert api.made("Invoice", **echoed)["TotalAmt"] == 30.01
    free = invoice(api, sale(0))
    assert (free["TotalAmt"], free["Balance"]) == (0, 0)


def test_an_invoice_moves_the_customers_time_and_balance_only(
    quickbooks: StandIn, api: Api
) -> None:
    sub = quickbooks.control.create("Lane", ParentRef={"value": "1"})
    before = api.read("1")
    quickbooks.control.clock(advance=600)
    made = api.made("Invoice", CustomerRef={"value": sub["Id"]}, Line=[sale(30)])
    after = api.read("1")
    assert after["SyncToken"] == before["SyncToken"] == "0"
    assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]
    assert (after["Balance"], after["BalanceWithJobs"]) == (0, 30)
    assert made["CustomerRef"] == {"value": sub["Id"], "name": "Lane"}

    quickbooks.control.clock(advance=600)
    quickbooks.control.edit(sub["Id"], DisplayName="Lane 2")
    renamed = api.got("Invoice", made["Id"])
    assert renamed["CustomerRef"]["name"] == "Lane 2"
    assert renamed["MetaData"] == made["MetaData"]
    refused = api.write(Id=sub["Id"], SyncToken="1", sparse=True, Active=False)
    assert only_error(refused)["Message"] == "Delete List Has Balance Error"


def test_moving_an_invoice_moves_what_is_owed(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.create("Bob")
    made = invoice(api)
    moved = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "CustomerRef": {"value": "2"}}
    api.submit("invoice", moved)
    assert (api.read("1")["Balance"], api.read("2")["Balance"]) == (0, 100)


def test_stale_and_full_updates(api: Api) -> None:
    made = invoice(api, PrivateNote="note", CustomerMemo={"value": "Thanks"})
    key = {"Id": made["Id"], "SyncToken": "0"}
    full = api.made("Invoice", **key, **AMY, Line=[sale(20)])
    assert (full["SyncToken"], full["TotalAmt"]) == ("1", 20)
    assert not {"PrivateNote", "CustomerMemo"} & full.keys()
    assert code(api.submit("invoice", key | {"sparse": True, "PrivateNote": "x"})) == "5010"


def test_deleted_invoices_are_told_by_change_data_capture(quickbooks: StandIn, api: Api) -> None:
    made = invoice(api)
    quickbooks.control.clock(advance=60)
    since = api.ask("preferences").json()["time"]
    quickbooks.control.clock(advance=60)
    quickbooks.control.delete("invoices", made["Id"])
    assert code(api.ask(f"invoice/{made['Id']}")) == "610"
    answer = api.ask("cdc", entities="Invoice", changedSince=since).json()
    (row,) = answer["CDCResponse"][0]["QueryResponse"][0]["Invoice"]
    assert list(row) == ["status", "domain", "Id", "MetaData"]
    assert (row["status"], row["Id"]) == ("Deleted", made["Id"])
    assert api.read("1")["Balance"] == 0


def test_closed_books_stay_closed(quickbooks: StandIn, api: Api) -> None:
    old = invoice(api, TxnDate="2026-01-31")
    quickbooks.control.configure(book_close_date="2026-01-31")
    assert api.ask("preferences").json()["Preferences"]["AccountingInfoPrefs"]["BookCloseDate"] == (
        "2026-01-31"
    )
    key = {"Id": old["Id"], "SyncToken": "0", "sparse": True}
    for body, parameters in (
        (key | {"TxnDate": "2026-02-01"}, {}),
        (key, {"operation": "void"}),
        (key, {"operation": "delete"}),
        (AMY | {"Line": [sale(1)], "TxnDate": "2026-01-01"}, {}),
    ):
        assert code(api.submit("invoice", body, **parameters)) == "6000"
    late = AMY | {"TotalAmt": 5, "TxnDate": "2026-01-31"}
    assert code(api.submit("payment", late)) == "6000"
    assert invoice(api, TxnDate="2026-02-01")["TotalAmt"] == 100
    assert api.got("Invoice", old["Id"])["SyncToken"] == "0"


def test_queries_on_transactions(api: Api) -> None:
    for day, number in (("2026-01-05", "A"), ("2026-03-05", "B"), ("2026-02-05", "C")):
        invoice(api, TxnDate=day, DocNumber=number)

    def numbers(where: str) -> list[str]:
        rows = api.query(f"select * from Invoice {where}").get("Invoice", [])  # noqa: S608 — fixed words
        return [row["DocNumber"] for row in rows]

    assert numbers("") == ["B", "C", "A"]
    assert numbers("where DocNumber = 'c'") == ["C"]
    assert numbers("where TxnDate >= '2026-02-01' orderby TxnDate") == ["C", "B"]
    assert numbers("where CustomerRef = '1' and Balance > '0' orderby Id") == ["A", "B", "C"]
    assert numbers("where CustomerRef = '2'") == []


def test_credit_memos_lower_what_is_owed(api: Api) -> None:
    made = api.made("CreditMemo", **AMY, Line=[sale(30)])
    assert (made["RemainingCredit"], made["Balance"], made["TotalAmt"]) == (30, 30, 30)
    assert not {"DueDate", "LinkedTxn", "AllowOnlinePayment"} & made.keys()
    assert api.read("1")["Balance"] == -30
    api.submit("creditmemo", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert api.read("1")["Balance"] == 0
