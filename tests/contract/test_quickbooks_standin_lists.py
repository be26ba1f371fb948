"""The stand-in's lists: terms, items, accounts, classes; and its taxes."""

# ruff: noqa: S608 - it looks like SQL and is none

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.quickbooks import ControlFailed, only_error

if TYPE_CHECKING:
    import requests

    from tests.support.quickbooks import Api, StandIn

BOTH = "Active IN (true, false)"
STOCK = {
    "Name": "Filter",
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "QtyOnHand": 10,
    "InvStartDate": "2026-01-01",
    "IncomeAccountRef": {"value": "2"},
    "ExpenseAccountRef": {"value": "3"},
    "AssetAccountRef": {"value": "5"},
}


def code(answer: requests.Response) -> str:
    return str(only_error(answer)["code"])


class TestTerms:
    def test_both_types(self, api: Api) -> None:
        net = api.made("Term", Name="Net 45", DueDays=45, DiscountPercent=2, DiscountDays=10)
        assert (net["Type"], net["DueDays"], net["Active"]) == ("STANDARD", 45, True)
        dated = api.made("Term", Name="The 5th", DayOfMonthDue=5, DueNextMonthDays=10)
        assert (dated["Type"], "DueDays" in dated) == ("DATE_DRIVEN", False)
        names = [row["Name"] for row in api.query("select * from Term")["Term"]]
        assert names == sorted(names)
        assert {"Net 45", "The 5th", "Net 30", "Due on receipt"} <= set(names)
        found = api.query("select * from Term where Name = 'net 45'")["Term"]
        assert [row["Id"] for row in found] == [net["Id"]]

    def test_deleting_is_inactivating_and_keeps_the_name(
        self, quickbooks: StandIn, api: Api
    ) -> None:
        api.submit("term", {"Id": "2", "SyncToken": "0", "sparse": True, "Active": False})
        assert (api.got("Term", "2")["Name"], api.got("Term", "2")["Active"]) == ("Net 15", False)
        listed = [row["Id"] for row in api.query("select * from Term")["Term"]]
        assert "2" not in listed
        assert len(api.query(f"select * from Term where {BOTH}")["Term"]) == 5
        quickbooks.control.retire("terms", "4")
        assert api.got("Term", "4")["Active"] is False

    def test_a_rename_keeps_the_id(self, quickbooks: StandIn, api: Api) -> None:
        quickbooks.control.change("terms", "3", Name="Thirty days")
        renamed = api.got("Term", "3")
        assert (renamed["Name"], renamed["SyncToken"], renamed["DueDays"]) == (
            "Thirty days", "1", 30,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("fields", "wanted"),
        [
            ({"Name": "net 30", "DueDays": 1}, "6240"),
            ({"Name": "X"}, "2020"),
            ({"DueDays": 1}, "2020"),
            ({"Name": "X", "DueDays": 1000}, "2090"),
            ({"Name": "X", "DueDays": "soon"}, "2080"),
            ({"Name": "X", "DueDays": 1, "DayOfMonthDue": 5}, "6000"),
            ({"Name": "X", "DueDays": 1, "Colour": "red"}, "2010"),
        ],
    )
    def test_refusals(self, api: Api, fields: dict[str, Any], wanted: str) -> None:
        assert code(api.submit("term", fields)) == wanted
        assert len(api.query("select * from Term")["Term"]) == 5


class TestItems:
    def test_a_service(self, api: Api) -> None:
        made = api.made("Item", Name="Repair", UnitPrice=85.5, IncomeAccountRef={"value": "1"})
        assert (made["Type"], made["UnitPrice"], made["Taxable"]) == ("Service", 85.5, False)
        assert made["IncomeAccountRef"] == {"value": "1", "name": "Services"}
        assert made["FullyQualifiedName"] == "Repair"

    def test_inventory_needs_everything(self, api: Api) -> None:
        for name in ("QtyOnHand", "InvStartDate", "IncomeAccountRef", "AssetAccountRef"):
            body = {key: value for key, value in STOCK.items() if key != name}
            refused = only_error(api.submit("item", body))
            assert (refused["code"], refused["element"]) == ("2020", name)
        assert code(api.submit("item", STOCK | {"TrackQtyOnHand": False})) == "6000"
        assert code(api.submit("item", STOCK | {"AssetAccountRef": {"value": "7"}})) == "6000"
        assert code(api.submit("item", STOCK | {"IncomeAccountRef": {"value": "99"}})) == "2500"
        made = api.made("Item", **STOCK)
        untracked = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "TrackQtyOnHand": False}
        assert code(api.submit("item", untracked)) == "6000"

    def test_names_are_unique_until_inactive(self, quickbooks: StandIn, api: Api) -> None:
        account = {"IncomeAccountRef": {"value": "1"}}
        made = api.made("Item", Name="Repair", **account)
        assert code(api.submit("item", {"Name": "REPAIR", **account})) == "6240"
        quickbooks.control.retire("items", made["Id"])
        assert api.got("Item", made["Id"])["Name"] == "Repair (deleted)"
        second = api.made("Item", Name="Repair", **account)
        quickbooks.control.retire("items", second["Id"])
        assert api.got("Item", second["Id"])["Name"] == "Repair (deleted 1)"

    def test_categories_hold_items(self, api: Api) -> None:
        top = api.made("Item", Name="Parts", Type="Category")
        inside = {"Name": "Filter", "IncomeAccountRef": {"value": "1"}, "SubItem": True}
        item = api.made("Item", **inside, ParentRef={"value": top["Id"]})
        assert item["FullyQualifiedName"] == "Parts:Filter"
        assert "UnitPrice" not in top
        assert code(api.submit("item", {"Name": "G", "Type": "Group"})) == "2170"

    def test_sales_take_from_stock(self, quickbooks: StandIn, api: Api) -> None:
        item = api.made("Item", **STOCK)
        api.saved(DisplayName="Amy")
        detail = {"ItemRef": {"value": item["Id"]}, "Qty": 3, "UnitPrice": 5}
        line = {"Amount": 15, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        invoice = api.made("Invoice", CustomerRef={"value": "1"}, Line=[line])
        assert api.got("Item", item["Id"])["QtyOnHand"] == 7
        quickbooks.control.void("invoices", invoice["Id"])
        assert api.got("Item", item["Id"])["QtyOnHand"] == 10


def test_accounts_and_classes(quickbooks: StandIn, api: Api) -> None:
    made = api.made("Account", Name="Repairs", AccountType="Income")
    assert (made["Classification"], made["CurrentBalance"]) == ("Revenue", 0)
    assert code(api.submit("account", {"Name": "X"})) == "2020"
    assert code(api.submit("account", {"Name": "X", "AccountType": "Magic"})) == "2170"
    quickbooks.control.retire("accounts", made["Id"])
    gone = api.got("Account", made["Id"])
    assert (gone["Name"], gone["Active"]) == ("Repairs (deleted)", False)
    rows = api.query("select * from Account where AccountType = 'Income'")["Account"]
    assert "Sales of Product Income" in [row["Name"] for row in rows]
    assert api.made("Class", Name="North")["FullyQualifiedName"] == "North"


def test_lists_move_in_change_data_capture_but_taxes_do_not(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.clock(advance=60)
    since = api.ask("preferences").json()["time"]
    quickbooks.control.clock(advance=60)
    quickbooks.control.change("terms", "3", Name="Thirty")
    blocks = api.ask("cdc", entities="Item,Term", changedSince=since).json()
    first, second = blocks["CDCResponse"][0]["QueryResponse"]
    assert (first, [row["Name"] for row in second["Term"]]) == ({}, ["Thirty"])
    for entity in ("TaxCode", "TaxRate", "TaxAgency"):
        assert code(api.ask("cdc", entities=entity, changedSince=since)) == "4001"


class TestTaxes:
    def test_an_american_company_has_pseudo_codes(self, api: Api) -> None:
        rows = api.query("select * from TaxCode")["TaxCode"]
        assert [row["Id"] for row in rows] == ["TAX", "NON", "CustomSalesTax", "2", "3"]
        assert not {"SyncToken", "Active", "domain"} & rows[0].keys()
        assert (rows[0]["Taxable"], rows[1]["Taxable"]) == (True, False)
        details = rows[4]["SalesTaxRateList"]["TaxRateDetail"]
        assert [one["TaxRateRef"]["name"] for one in details] == ["AZ State tax", "Tucson City"]

    def test_the_service_makes_code_and_rates_at_once(self, api: Api) -> None:
        detail = {"TaxRateName": "Bend 4", "RateValue": "4", "TaxAgencyId": "1"}
        known = {"TaxRateId": "1", "TaxApplicableOn": "Sales"}
        body = {"TaxCode": "Bend", "TaxRateDetails": [detail, known]}
        answer = api.submit("taxservice/taxcode", body).json()
        code_row = api.got("TaxCode", answer["TaxCodeId"])
        rates = code_row["SalesTaxRateList"]["TaxRateDetail"]
        assert [one["TaxRateRef"]["name"] for one in rates] == ["Bend 4", "California"]
        rate = api.got("TaxRate", answer["TaxRateDetails"][0]["TaxRateId"])
        assert (rate["RateValue"], rate["AgencyRef"]) == (4, {"value": "1"})

    @pytest.mark.parametrize(
        ("details", "wanted"),
        [
            ([{"TaxRateName": "california", "RateValue": 1, "TaxAgencyId": "1"}], "6240"),
            ([{"TaxRateName": "N", "RateValue": 101, "TaxAgencyId": "1"}], "2090"),
            ([{"TaxRateName": "N", "RateValue": 1, "TaxAgencyId": "9"}], "2500"),
            ([{"TaxRateName": "N", "RateValue": 1}], "2020"),
            ([{"TaxRateName": "N", "TaxAgencyId": "1"}], "2020"),
            ([{"TaxRateId": "77"}], "2500"),
            ([], "2020"),
            ([{"TaxRateName": "N", "RateValue": 1, "TaxAgencyId": "1"}] * 2, "6240"),
        ],
    )
    def test_a_refusal_makes_nothing(
        self, api: Api, details: list[dict[str, Any]], wanted: str
    ) -> None:
        refused = api.submit("taxservice/taxcode", {"TaxCode": "New", "TaxRateDetails": details})
        assert code(refused) == wanted
        assert len(api.query("select * from TaxCode")["TaxCode"]) == 5
        assert len(api.query("select * from TaxRate")["TaxRate"]) == 3

    def test_nothing_about_them_is_updated_through_the_api(self, api: Api) -> None:
        body = {"Id": "1", "SyncToken": "0", "sparse": True, "Name": "X"}
        for entity in ("taxrate", "taxcode", "taxagency"):
            refused = only_error(api.submit(entity, body))
            assert (refused["code"], refused["Message"]) == ("500", "Unsupported Operation")
        again = {"TaxCode": "California", "TaxCodeId": "2", "TaxRateDetails": [{"TaxRateId": "1"}]}
        assert code(api.submit("taxservice/taxcode", again)) == "6240"

    def test_a_rate_edited_by_a_person_gets_a_new_id(self, quickbooks: StandIn, api: Api) -> None:
        fresh = quickbooks.control.change("taxrates", "1", Name="California 9", RateValue=9)
        assert (fresh["Id"], fresh["RateValue"], fresh["Active"]) == ("4", 9, True)
        old = api.got("TaxRate", "1")
        assert (old["Name"], old["RateValue"], old["Active"]) == ("California", 8, False)
        row = api.got("TaxCode", "2")
        assert row["SalesTaxRateList"]["TaxRateDetail"][0]["TaxRateRef"]["value"] == "4"
        assert (row["Name"], row["Active"]) == ("California 9", True)
        again = quickbooks.control.change("taxrates", "4", RateValue=9.5)
        assert (again["Id"], again["Name"]) == ("5", "California 9")
        assert api.got("TaxCode", "2")["Name"] == "California 9"
        names = [row["Name"] for row in quickbooks.control.rows("taxrates")]
        assert names.count("California 9") == 2
        with pytest.raises(ControlFailed, match="6240"):
            quickbooks.control.change("taxrates", "5", Name="Tucson City")

    def test_the_old_rate_may_vanish(self, quickbooks: StandIn, api: Api) -> None:
        quickbooks.control.configure(old_tax_rates_vanish=True)
        quickbooks.control.change("taxrates", "1", RateValue=9)
        assert code(api.ask("taxrate/1")) == "610"
        rows = api.query(f"select * from TaxRate where {BOTH}")["TaxRate"]
        assert [row["Id"] for row in rows if row["Name"] == "California"] == ["4"]

    def test_a_rate_may_change_under_its_id_outside_america(
        self, quickbooks: StandIn, api: Api
    ) -> None:
        quickbooks.control.configure(country="GB", currency="GBP")
        rows = api.query("select * from TaxCode")["TaxCode"]
        assert [row["Name"] for row in rows] == ["0.0% Z", "20.0% S", "5.0% R", "Exempt"]
        rate = api.query("select * from TaxRate where Name = '20.0% S (S)'")["TaxRate"][0]
        changed = quickbooks.control.change("taxrates", rate["Id"], RateValue=21, same_id=True)
        assert changed["Id"] == rate["Id"]
        periods = changed["EffectiveTaxRate"]
        assert [one["RateValue"] for one in periods] == [20, 21]
        assert "EndDate" in periods[0]

    def test_lists_and_taxes_survive_a_restart(self, tmp_path: Any) -> None:
        from tests.support.quickbooks import StandIn

        with StandIn(tmp_path / "s.json") as first:
            first.control.change("taxrates", "1", RateValue=9)
            first.control.enter("items", Name="Repair", IncomeAccountRef={"value": "1"})
            before = first.control.book()
        with StandIn(tmp_path / "s.json") as second:
            assert second.control.book() == before
            changed = second.control.change("taxrates", "4", RateValue=10)
            assert changed["Id"] == "5"
