"""The stand-in beside captured traffic of the real service: same keys, types, words.

The captures are not part of the project: ROSTER_DATA names the folder that holds
`quickbooks/online_json` and `quickbooks/online_xml`; without it these tests skip.
"""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    import requests

    from tests.support.quickbooks import Api, StandIn

FOLDER = Path(os.environ.get("ROSTER_DATA", "")) / "quickbooks"
pytestmark = pytest.mark.skipif(
    "ROSTER_DATA" not in os.environ, reason="ROSTER_DATA names no captured traffic"
)
# ruff: noqa: S608 - it looks like SQL and is none
# On customers since 2026; the captures are of 2020.
NEWER = {"IsProject", "ClientEntityId", "V4IDPseudonym"}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?[+-]\d\d:\d\d")


def captured(name: str) -> Any:
    return json.loads((FOLDER / "online_json" / f"{name}.response.json").read_text("utf-8"))


def sent(name: str) -> dict[str, Any]:
    text = (FOLDER / "online_json" / f"{name}.request.txt").read_text("utf-8")
    return dict(json.loads(text.split("\n\n", 1)[1]))


def shape(value: Any) -> Any:
    """Reduce a value to its keys, in order, and JSON types; timestamps to their form."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if key not in NEWER}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    if isinstance(value, int | float):
        return "number"
    match = STAMP.fullmatch(value)
    return f"stamp{'.ms' if match.group(1) else ''}" if match else "text"


def in_order(value: Any) -> list[Any]:
    """Return the keys as they come, all the way down."""
    if isinstance(value, dict):
        return [(key, in_order(inner)) for key, inner in value.items() if key not in NEWER]
    return []


def error(answer: requests.Response) -> Any:
    return answer.json()["Fault"]["Error"][0]


def elements(root: ET.Element) -> list[Any]:
    """Reduce XML to tags, attribute names and nesting."""
    return [root.tag, sorted(root.attrib), [elements(child) for child in root]]


def test_created_customer(api: Api) -> None:
    real = captured("create__customer")
    ours = api.write(**sent("create__customer")).json()
    assert shape(ours) == shape(real)
    assert in_order(ours) == in_order(real)
    for name in real["Customer"].keys() - {"Id", "MetaData"}:
        assert ours["Customer"][name] == real["Customer"][name]


def test_updated_customer(api: Api) -> None:
    api.write(DisplayName="Doe2, Jane")
    before, real = captured("update__customer_0"), captured("update__customer_1")
    assert shape(api.ask("customer/1").json()) == shape(before)
    ours = api.write(**(sent("update__customer_1") | {"Id": "1"})).json()
    assert shape(ours) == shape(real)
    assert in_order(ours) == in_order(real)
    for name in ("SyncToken", "DisplayName", "PrintOnCheckName", "FullyQualifiedName", "Taxable"):
        assert ours["Customer"][name] == real["Customer"][name]


@pytest.fixture
def real_book(quickbooks: StandIn) -> dict[str, dict[str, Any]]:
    """Enter the captured customers, parents first; return them by the Id they have here."""
    rows = captured("all__customers_1")["QueryResponse"]["Customer"]
    rows.sort(key=lambda row: row.get("Level", 0))
    kept = ("DisplayName", "GivenName", "MiddleName", "FamilyName", "CompanyName", "Taxable",
            "PrimaryPhone", "Mobile", "Fax", "PrimaryEmailAddr", "WebAddr", "PrintOnCheckName",
            "Balance", "BillWithParent")  # fmt: skip
    ours: dict[str, dict[str, Any]] = {}
    ids: dict[str, str] = {}
    for row in rows:
        fields = {name: row[name] for name in kept if name in row}
        for name in ("BillAddr", "ShipAddr"):
            if name in row:
                fields[name] = row[name]
        if "ParentRef" in row:
            fields["ParentRef"] = {"value": ids[row["ParentRef"]["value"]]}
        ids[row["Id"]] = quickbooks.control.create(fields.pop("DisplayName"), **fields)["Id"]
        ours[ids[row["Id"]]] = row
    return ours


def test_a_whole_real_list(api: Api, real_book: dict[str, dict[str, Any]]) -> None:
    real = captured("all__customers_1")
    rows = api.query("select * from Customer maxresults 1000")

    ours = [row["DisplayName"] for row in rows["Customer"]]
    assert ours == [row["DisplayName"] for row in real["QueryResponse"]["Customer"]]
    assert {key for key in rows if key != "Customer"} == {
        key for key in real["QueryResponse"] if key != "Customer"
    }
    loose = {"DefaultTaxCodeRef", "ParentRef"}
    for row in rows["Customer"]:
        expected = real_book[row["Id"]]
        assert set(shape(row)) - loose == set(shape(expected)) - loose
        for name in ("FullyQualifiedName", "Level", "Job", "Balance", "PrintOnCheckName"):
            assert row.get(name) == expected.get(name)


def test_count_and_empty_page(api: Api) -> None:
    ours = api.ask("query", query="select count(*) from Customer").json()
    assert shape(ours) == shape(captured("all__customers_0"))
    ours = api.ask("query", query="select * from Customer startposition 7 maxresults 2").json()
    assert shape(ours) == shape(captured("all__alt_select_4"))


def test_pages(api: Api, real_book: dict[str, dict[str, Any]]) -> None:
    for number, start in ((1, 1), (2, 3), (3, 5)):
        real = captured(f"all__alt_select_{number}")["QueryResponse"]
        page = "select * from Customer startposition {} maxresults 2"
        ours = api.query(page.format(start))
        assert (ours["startPosition"], ours["maxResults"]) == (start, real["maxResults"])
        assert list(ours) == list(real)


def test_vendors_and_employees(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.vendor("Bob's Burger Joint")
    quickbooks.control.employee("Emily Platt")
    vendor = captured("get__inactive_vendors")["QueryResponse"]["Vendor"][0]
    assert set(api.query("select * from Vendor")["Vendor"][0]) == set(vendor)
    employee = captured("all__employees_including_active_1")["QueryResponse"]["Employee"][0]
    assert set(api.query("select * from Employee")["Employee"][0]) <= set(employee)


def test_change_data_capture(api: Api) -> None:
    api.write(DisplayName="Amy")
    since = api.ask("preferences").json()["time"][:10]
    real = captured("cdc__basic")
    ours = api.ask("cdc", entities="Customer", changedSince=since).json()
    assert list(ours) == list(real)
    (block,), (ours_block,) = (one["CDCResponse"][0]["QueryResponse"] for one in (real, ours))
    assert [key.replace("Estimate", "Customer") for key in block] == list(ours_block)
    times = [row["MetaData"]["LastUpdatedTime"] for row in block["Estimate"]]
    assert times == sorted(times)


def test_unknown_property(api: Api) -> None:
    (real,) = captured("error__400_json")["Fault"]["Error"]
    ours = error(api.write(**sent("error__400_json")))

    def blurred(detail: str) -> str:
        return re.sub(r"\(\d+ known properties: .*? \[truncated\]", "(…", detail)

    assert list(ours) == list(real)
    assert (ours["code"], ours["Message"]) == (real["code"], real["Message"])
    assert blurred(ours["Detail"]) == blurred(real["Detail"]).replace("v3.Invoice", "v3.Customer")


def test_same_words(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.configure(duplicate_detail="null", editor="Christian Pelczarski")
    api.write(DisplayName="Weiskopf Consulting")
    batch = {
        item["bId"]: item["Fault"]["Error"][0]
        for item in captured("batch__basic")["BatchItemResponse"]
        if "Fault" in item
    }
    stale = {"Id": "1", "SyncToken": "9", "sparse": True, "Notes": "n"}

    assert (
        error(api.write(**sent("error__validation")))
        == (captured("error__validation")["Fault"]["Error"][0])
    )
    assert (
        error(api.ask("query", query="select * from Custmoer"))
        == (captured("error__400_1")["Fault"]["Error"][0])
    )
    assert api.ask("customer/1.5").json() == captured("error__500_1")
    assert error(api.ask("customer/77")) == batch["bid2"]
    assert error(api.write(**stale)) == batch["bid3"]


def test_unsupported_operation(quickbooks: StandIn, api: Api) -> None:
    (real,) = captured("error__500_0")["Fault"]["Error"]
    detail = real["Detail"].replace("-COMPANY_ID-", quickbooks.realm)
    assert error(api.ask("customer/1/5")) == real | {"Detail": detail}


def test_expired_token(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.expire_access()
    real, ours = captured("error__401"), api.ask("customer/1").json()
    assert list(ours) == list(real)
    assert shape(ours) == shape(real)
    hidden = re.compile(r"(?<=Token expired: ).+")
    for one in (real, ours):
        one["fault"]["error"][0]["detail"] = hidden.sub("", one["fault"]["error"][0]["detail"])
    assert ours["fault"] == real["fault"]


def test_validity_of_fault_shapes(api: Api) -> None:
    real = captured("error__validation")
    api.write(DisplayName="Weiskopf Consulting")
    ours = api.write(DisplayName="Weiskopf Consulting").json()
    assert shape(ours) == shape(real)
    assert list(ours) == list(real)


@pytest.mark.parametrize(
    ("fault", "name"),
    [("xml_429", "too_many_requests_error"), ("xml_403", "throttle_exceeded_error")],
)
def test_xml_throttle(quickbooks: StandIn, api: Api, fault: str, name: str) -> None:
    quickbooks.control.fail(fault)
    ours = ET.fromstring(api.ask("customer/1").content)  # noqa: S314 - our own answer
    real = ET.parse(FOLDER / "online_xml" / f"{name}.xml").getroot()  # noqa: S314 — files of ours
    assert elements(ours) == elements(real)
    for path in ("*/*/*[1]", "*/*/*[2]"):
        assert ours.findtext(path) == real.findtext(path)
    assert [one.attrib for one in ours.iter() if one is not ours] == [
        one.attrib for one in real.iter() if one is not real
    ]


@pytest.fixture
def amy(api: Api) -> str:
    """The customer whose invoices were captured."""
    home = {
        "Line1": "4581 Finch St.",
        "City": "Bayshore",
        "CountrySubDivisionCode": "CA",
        "PostalCode": "94326",
    }
    saved = api.saved(DisplayName="Amy's Bird Sanctuary", BillAddr=home, ShipAddr=home)
    return str(saved["Id"])


def test_created_invoice(quickbooks: StandIn, api: Api, amy: str) -> None:
    real = captured("create__invoice")
    quickbooks.control.clock(offset=datetime(2020, 9, 29, 12, tzinfo=UTC).timestamp() - time.time())
    api = quickbooks.session()
    api.made("Invoice", CustomerRef={"value": amy}, DocNumber="1042", Line=sent_lines())
    ours = api.submit("invoice", sent("create__invoice")).json()

    assert shape(ours) == shape(real)
    assert in_order(ours) == in_order(real)
    for name in real["Invoice"].keys() - {"Id", "MetaData"}:
        assert ours["Invoice"][name] == real["Invoice"][name], name


def sent_lines() -> Any:
    return sent("create__invoice")["Line"]


def test_voided_and_deleted_invoice(api: Api, amy: str) -> None:
    real = captured("void__invoice_1")
    made = api.made("Invoice", CustomerRef={"value": amy}, Line=sent_lines())
    key = {"Id": made["Id"], "SyncToken": made["SyncToken"]}
    ours = api.submit("invoice", key, operation="void").json()
    assert shape(ours) == shape(real)
    assert in_order(ours) == in_order(real)
    for name in ("SyncToken", "PrivateNote", "LinkedTxn", "Line", "TxnTaxDetail", "TotalAmt"):
        assert ours["Invoice"][name] == real["Invoice"][name]

    key["SyncToken"] = ours["Invoice"]["SyncToken"]
    gone = api.submit("invoice", key, operation="delete").json()
    real = captured("delete__invoice_1")
    assert gone["Invoice"] == real["Invoice"] | {"Id": made["Id"]}
    assert list(gone) == list(real)


def test_batch(api: Api) -> None:
    real = captured("batch__basic")
    api.saved(DisplayName="Amy", Notes="first")
    api.saved(Id="1", SyncToken="0", sparse=True, Notes="second")
    body = sent("batch__basic")
    # The stand-in has no sales receipts: a customer is stale in its place, and is asked for.
    stale = {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "third"}
    body["BatchItemRequest"][2] = {"bId": "bid3", "operation": "update", "Customer": stale}
    body["BatchItemRequest"][3]["Query"] = "select * from Customer"
    ours = api.submit("batch", body).json()

    assert list(ours) == list(real)
    for mine, theirs in zip(ours["BatchItemResponse"], real["BatchItemResponse"], strict=True):
        named = ["QueryResponse" if name == "QueryResponse" else name for name in theirs]
        assert list(mine) == named
    first, second, third, fourth = ours["BatchItemResponse"]
    vendor = real["BatchItemResponse"][0]["Vendor"]
    assert shape(first["Vendor"]) == shape(vendor)
    assert in_order(first["Vendor"]) == in_order(vendor)
    assert second == real["BatchItemResponse"][1]
    said = third["Fault"]["Error"][0] | {"Detail": ""}
    assert said == real["BatchItemResponse"][2]["Fault"]["Error"][0] | {"Detail": ""}
    assert fourth["QueryResponse"]["maxResults"] == 1


def test_unknown_property_of_an_invoice(api: Api) -> None:
    (real,) = captured("error__400_json")["Fault"]["Error"]
    ours = error(api.submit("invoice", sent("error__400_json")))

    def blurred(detail: str) -> str:
        return re.sub(r"\(\d+ known properties: .*", "(…", detail, flags=re.DOTALL)

    assert blurred(ours["Detail"]) == blurred(real["Detail"])


def test_inactive_account_and_employee(quickbooks: StandIn, api: Api) -> None:
    real = captured("deactivate__account_1")
    fees = quickbooks.control.enter(
        "accounts", Name="Fees Billed", AccountType="Income", AccountSubType="ServiceFeeIncome"
    )
    body = sent("deactivate__account_1") | {"Id": fees["Id"], "SyncToken": "0"}
    ours = api.submit("account", body | {"Name": "Fees Billed"}).json()
    assert shape(ours) == shape(real)
    for name in ("Name", "FullyQualifiedName", "Active", "Classification", "AccountType"):
        assert ours["Account"][name] == real["Account"][name]

    real = captured("deactivate__employee_1")
    emily = quickbooks.control.enter("employees", GivenName="Emily", FamilyName="Platt")
    body = {"Id": emily["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    ours = api.submit("employee", body).json()
    assert shape(ours) == shape(real)
    for name in ("GivenName", "FamilyName", "DisplayName", "PrintOnCheckName", "Active"):
        assert ours["Employee"][name] == real["Employee"][name]
    body["SyncToken"] = ours["Employee"]["SyncToken"]
    assert api.submit("employee", body).json()["Employee"] == ours["Employee"]


def test_tax_service_duplicate(api: Api) -> None:
    text = (FOLDER / "online_xml" / "tax_service_error_dup.json").read_text("utf-8")
    real = json.loads(text.replace("this \n", "this \\n"))
    body = {
        "TaxCode": "New",
        "TaxRateDetails": [{"TaxRateName": "California", "RateValue": "8", "TaxAgencyId": "1"}],
    }
    ours = api.submit("taxservice/taxcode", body).json()
    assert ours["Fault"] == real["Fault"]


def xml_rows(name: str, tag: str) -> list[ET.Element]:
    """Return the captured elements of an entity, whatever surrounds them."""
    text = (FOLDER / "online_xml" / f"{name}.xml").read_text("utf-8")
    root = ET.fromstring(re.sub(r' xmlns(:\w+)?="[^"]*"| xsi:type="[^"]*"', "", text))  # noqa: S314 — files of ours
    return list(root.iter(tag))


@pytest.mark.parametrize(
    ("file", "tag", "loose"),
    [
        ("terms", "Term", set()),
        ("items", "Item", {"Description", "PurchaseDesc"}),
        ("tax_rates", "TaxRate", set()),
        ("tax_codes", "TaxCode", set()),
        ("payments", "Payment", {"PrivateNote", "Line", "PaymentMethodRef", "PaymentRefNum"}),
        ("invoices", "Invoice", {"PrivateNote", "CustomerMemo", "Deposit", "SalesTermRef"}),
    ],
)
def test_elements_of_old_xml_captures_are_all_there(
    quickbooks: StandIn, api: Api, amy: str, file: str, tag: str, loose: set[str]
) -> None:
    control = quickbooks.control
    control.enter("terms", Name="Tenth", DayOfMonthDue=1, DueNextMonthDays=2, DiscountDayOfMonth=3)
    control.enter("invoices", CustomerRef={"value": amy}, Line=sent_lines())
    control.pay(amy, 40)
    xml = quickbooks.session(accept="application/xml")
    answer = xml.ask("query", query=f"select * from {tag}")
    ours = {
        child.tag.split("}")[1]
        for row in ET.fromstring(answer.content).iter()  # noqa: S314 - our own answer
        if row.tag.endswith("}" + tag)
        for child in row
    }
    theirs = {child.tag for row in xml_rows(file, tag) for child in row}
    assert theirs
    assert theirs - ours <= loose


def test_xml_of_a_payments_line(quickbooks: StandIn, amy: str) -> None:
    bill = quickbooks.control.enter("invoices", CustomerRef={"value": amy}, Line=sent_lines())
    paid = quickbooks.control.pay(amy, 100, {bill["Id"]: 100})
    xml = quickbooks.session(accept="application/xml")
    text = re.sub(r' xmlns="[^"]*"', "", xml.ask(f"payment/{paid['Id']}").text)
    (ours,) = ET.fromstring(text.partition("?>")[2]).iter("Line")  # noqa: S314 - our own answer
    (real,) = (row.find("Line") for row in xml_rows("payment_with_line_extras", "Payment"))
    assert real is not None
    assert elements(ours) == elements(real)
    names = [one.text for one in ours.iter("Name")]
    assert names == [one.text for one in real.iter("Name")]


def test_xml_query_fault(quickbooks: StandIn) -> None:
    api = quickbooks.session(accept="application/xml")
    answer = api.ask("query", query="select * from Customer startposition 0")
    ours = ET.fromstring(answer.content)  # noqa: S314 - our own answer
    real = ET.parse(FOLDER / "online_xml" / "query_validation_error.xml").getroot()  # noqa: S314 — files of ours
    assert elements(ours) == elements(real)
    assert ours.findtext("*/*/*[2]") == real.findtext("*/*/*[2]")


def test_xml_of_an_inactive_customer(quickbooks: StandIn) -> None:
    api = quickbooks.session(accept="application/xml")
    real = ET.parse(FOLDER / "online_xml" / "deleted_customer.xml").getroot()  # noqa: S314 — files of ours
    row = quickbooks.control.create("Thrifty Meats", CompanyName="Neo Pets", GivenName="John")
    quickbooks.control.inactivate(row["Id"])
    ours = ET.fromstring(api.ask(f"customer/{row['Id']}").content)  # noqa: S314 — files of ours
    space = "{http://schema.intuit.com/finance/v3}"
    for name in ("DisplayName", "FullyQualifiedName", "PrintOnCheckName", "CompanyName", "Active"):
        path = f"{space}Customer/{space}{name}"
        assert ours.findtext(path) == real.findtext(path)
    assert ours[0].attrib == real[0].attrib
