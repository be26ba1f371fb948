"""The stand-in's customers: create, sparse and full update, SyncTokens, field rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.quickbooks import Api, StandIn, only_error

if TYPE_CHECKING:
    import requests

LONG = "x" * 501


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, only_error(answer)["code"]


def test_a_new_customer_has_what_was_sent_and_no_nulls(api: Api) -> None:
    saved = api.saved(
        GivenName="Zoë",
        FamilyName="Bélanger",
        Suffix="Jr",
        PrimaryEmailAddr={"Address": "zoe@example.com"},
        Notes="",
        CompanyName=None,
    )
    assert saved["DisplayName"] == saved["FullyQualifiedName"] == "Zoë Bélanger Jr"
    assert saved["PrintOnCheckName"] == "Zoë Bélanger Jr"
    assert (saved["Id"], saved["SyncToken"], saved["Active"]) == ("1", "0", True)
    assert (saved["domain"], saved["sparse"], saved["Job"]) == ("QBO", False, False)
    assert saved["MetaData"]["CreateTime"] == saved["MetaData"]["LastUpdatedTime"]
    assert not {"Notes", "CompanyName", "Level", "ParentRef"} & saved.keys()
    assert api.read("1") == saved


def test_a_sparse_update_leaves_the_rest(api: Api) -> None:
    api.saved(DisplayName="Amy", CompanyName="Amy Ltd", Notes="n", Mobile={"FreeFormNumber": "1"})
    saved = api.saved(Id="1", SyncToken="0", sparse=True, DisplayName="Amelia", Notes="")

    assert (saved["SyncToken"], saved["sparse"]) == ("1", False)
    assert saved["DisplayName"] == saved["FullyQualifiedName"] == "Amelia"
    assert (saved["CompanyName"], saved["PrintOnCheckName"]) == ("Amy Ltd", "Amy Ltd")
    assert saved["Mobile"] == {"FreeFormNumber": "1"}
    assert "Notes" not in saved
    kept = api.saved(Id="1", SyncToken="1", sparse=True, PrintOnCheckName="")
    assert kept["PrintOnCheckName"] == "Amy Ltd"


def test_what_stands_inside_an_object_can_be_emptied(api: Api) -> None:
    api.saved(
        DisplayName="Amy",
        PrimaryPhone={"FreeFormNumber": "1"},
        PrimaryEmailAddr={"Address": "a@example.com"},
        BillAddr={"Line1": "1 Main St.", "City": "Bend"},
    )
    saved = api.saved(
        Id="1",
        SyncToken="0",
        sparse=True,
        PrimaryPhone={"FreeFormNumber": ""},
        PrimaryEmailAddr={"Address": ""},
        BillAddr={"Line1": "2 Main St."},
    )
    assert not {"PrimaryPhone", "PrimaryEmailAddr"} & saved.keys()
    assert (saved["BillAddr"]["Line1"], "City" in saved["BillAddr"]) == ("2 Main St.", False)


def test_lists_can_lag_behind_with_the_sync_token(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.configure(stale_lists=True)
    api.saved(DisplayName="Amy")
    quickbooks.control.edit("1", Notes="x")
    assert api.query("select * from Customer")["Customer"][0]["SyncToken"] == "0"
    assert api.read("1")["SyncToken"] == "1"


def test_a_full_update_empties_what_is_left_out(api: Api) -> None:
    api.saved(DisplayName="Amy", CompanyName="Amy Ltd", Notes="n", Taxable=False)
    saved = api.saved(Id="1", SyncToken="0", DisplayName="Amy")

    assert not {"CompanyName", "Notes"} & saved.keys()
    assert saved["PrintOnCheckName"] == "Amy"
    assert saved["Taxable"] is True
    assert saved["CurrencyRef"]["value"] == "USD"


def test_a_stale_sync_token_is_refused(api: Api) -> None:
    api.saved(DisplayName="Amy")
    api.saved(Id="1", SyncToken="0", sparse=True, Notes="first")
    answer = api.write(Id="1", SyncToken="0", sparse=True, Notes="second")

    assert refusal(answer) == (400, "5010")
    assert only_error(answer)["Detail"].startswith("Stale Object Error : You and ")
    assert api.read("1")["Notes"] == "first"
    assert refusal(api.write(Id="1", sparse=True, Notes="x")) == (400, "2020")


def test_missing_customers(quickbooks: StandIn, api: Api) -> None:
    vendor = quickbooks.control.vendor("Hicks Hardware")["Id"]
    for answer in (
        api.ask("customer/77"),
        api.ask(f"customer/{vendor}"),
        api.write(Id="77", SyncToken="0", sparse=True, Notes="x"),
    ):
        assert refusal(answer) == (400, "610")
    answer = api.ask("customer/1.5")
    assert refusal(answer) == (400, "2030")
    assert "time" not in answer.json()


@pytest.mark.parametrize(
    ("fields", "code", "element"),
    [
        ({"DisplayName": "A", "Colour": "red"}, "2010", None),
        ({"DisplayName": "A", "BillAddr": {"Street": "Main"}}, "2010", None),
        ({"DisplayName": "A", "PrimaryPhone": "555"}, "2010", None),
        ({"DisplayName": {"value": "A"}}, "2010", None),
        ({"CompanyName": "Only a company"}, "6080", None),
        ({"DisplayName": LONG}, "2050", "DisplayName"),
        ({"DisplayName": "A", "Title": "x" * 17}, "2050", "Title"),
        ({"DisplayName": "A", "CompanyName": "x" * 101}, "2050", "CompanyName"),
        ({"DisplayName": "A", "Mobile": {"FreeFormNumber": "1" * 31}}, "2050", "FreeFormNumber"),
        ({"DisplayName": "A", "BillAddr": {"PostalCode": "1" * 31}}, "2050", "PostalCode"),
        (
            {"DisplayName": "A", "ShipAddr": {f"Line{n}": "x" * 450 for n in range(1, 6)}},
            "2050",
            "ShipAddr",
        ),
        ({"DisplayName": "A: B"}, "2040", "DisplayName"),
        ({"DisplayName": "A\tB"}, "2040", "DisplayName"),
        ({"GivenName": "A\nB"}, "2040", "GivenName"),
        ({"DisplayName": "A", "Active": "perhaps"}, "2080", "Active"),
        ({"DisplayName": "A", "Balance": "much"}, "2080", "Balance"),
        ({"DisplayName": "A", "PreferredDeliveryMethod": "Pigeon"}, "2170", None),
        ({"DisplayName": "A", "PrimaryEmailAddr": {"Address": "nowhere"}}, "2210", None),
        ({"DisplayName": "A", "ParentRef": {"value": "1"}}, "6150", "Job"),
        ({"DisplayName": "A", "Job": True}, "6150", "Job"),
        ({"DisplayName": "A", "Job": True, "ParentRef": {"value": "99"}}, "2500", None),
    ],
)
def test_refused_contents(api: Api, fields: dict[str, Any], code: str, element: str | None) -> None:
    answer = api.write(**fields)
    assert refusal(answer) == (400, code)
    if element is not None:
        assert only_error(answer)["element"] == element
    assert api.query("select count(*) from Customer") == {"totalCount": 0}


def test_bodies_that_are_no_json_are_refused(api: Api) -> None:
    url, kind = f"{api.company_url}/customer", {"Content-Type": "application/json"}
    for body in (b"{", b"[]", b'{"DisplayName":"R\xe9mi"}', b'{"Notes":"\\ud800"}'):
        assert refusal(api.post(url, data=body, headers=kind, timeout=9)) == (400, "2010")


def test_several_addresses_in_one_e_mail_field_are_taken(api: Api) -> None:
    both = "a@example.com, b@example.com"
    saved = api.saved(DisplayName="A", PrimaryEmailAddr={"Address": both})
    assert saved["PrimaryEmailAddr"] == {"Address": both}


def test_equal_addresses_share_an_id_that_nobody_can_rely_on(api: Api) -> None:
    home = {"Line1": "4581 Finch St.", "City": "Bayshore"}
    first = api.saved(DisplayName="A", BillAddr=home, ShipAddr=home)
    second = api.saved(DisplayName="B", BillAddr=home | {"Id": "5", "Lat": "1"})

    assert first["BillAddr"] == first["ShipAddr"] == second["BillAddr"]
    assert first["BillAddr"] == {"Id": "2", **home, "Lat": "INVALID", "Long": "INVALID"}
    read = api.read("1")["BillAddr"]
    assert read == {"Id": read["Id"], **home}
    assert read["Id"] != "2"


def test_references_and_tax_data(api: Api) -> None:
    saved = api.saved(
        DisplayName="A",
        SalesTermRef={"value": "3", "name": "Net 30"},
        PrimaryTaxIdentifier="12-3456789",
        CurrencyRef={"value": "EUR"},
    )
    assert saved["SalesTermRef"] == {"value": "3"}
    assert saved["PrimaryTaxIdentifier"] == "XXXXX56789"
    assert saved["CurrencyRef"]["value"] == "USD"
    assert saved["DefaultTaxCodeRef"] == {"value": "2"}
    assert "DefaultTaxCodeRef" not in api.query("select * from Customer")["Customer"][0]


def test_the_opening_balance_is_written_once(api: Api) -> None:
    saved = api.saved(DisplayName="A", Balance=477.5, OpenBalanceDate="2026-01-31")
    assert saved["Balance"] == 477.5
    assert api.saved(Id="1", SyncToken="0", sparse=True, Balance=1)["Balance"] == 477.5
