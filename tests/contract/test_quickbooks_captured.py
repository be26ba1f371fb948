"""Every captured answer of the real service goes through our parsers.

The captures are not part of the project: ROSTER_DATA names the folder that holds
`quickbooks/online_json` and `quickbooks/online_xml`; without it these tests skip. What is expected
was read in the captures by eye.
"""

import json
import os
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from roster.adapters.quickbooks import reading, wire
from roster.adapters.quickbooks.faults import fault_in, parse
from roster.adapters.quickbooks.mapping import read_customer
from roster.adapters.quickbooks.writing import changed_customer
from roster.domain.location import Address
from roster.domain.sync.books import TheirItemType, TheirTerm
from roster.domain.sync.connection import FaultAction, QuickBooksFault

FOLDER = Path(os.environ.get("ROSTER_DATA", "")) / "quickbooks"
pytestmark = pytest.mark.skipif(
    "ROSTER_DATA" not in os.environ, reason="ROSTER_DATA names no captured traffic"
)
FILES = sorted(p.name for d in ("online_json/*.json", "online_xml/*") for p in FOLDER.glob(d))
FAULTS = {
    "customer_duplicate_error.xml": ("6240", FaultAction.NAME_TAKEN),
    "error__400_1.response.json": ("4001", FaultAction.PERMANENT),
    "error__400_json.response.json": ("2010", FaultAction.PERMANENT),
    "error__401.response.json": ("3200", FaultAction.REFRESH),
    "error__500_0.response.json": ("500", FaultAction.PERMANENT),
    "error__500_1.response.json": ("2030", FaultAction.PERMANENT),
    "error__validation.response.json": ("6240", FaultAction.NAME_TAKEN),
    "fault.xml": ("2050", FaultAction.PERMANENT),
    "generic_error.xml": ("10000", FaultAction.RETRY),
    "query_validation_error.xml": ("4001", FaultAction.PERMANENT),
    "tax_service_error_dup.json": ("6240", FaultAction.NAME_TAKEN),
    "throttle_exceeded_error.xml": ("3001", FaultAction.PAUSE),
    "too_many_requests_error.xml": ("3001", FaultAction.PAUSE),
}
# These two were cut or mistyped where they were published: no XML parser takes them.
DAMAGED = {"tax_agencies.xml", "tax_service.xml"}
# What the product reads of QuickBooks; of an answer's other entities it takes no notice.
READERS: Mapping[str, Callable[[Any], Any]] = {
    "Account": reading.read_account,
    "Customer": read_customer,
    "Employee": lambda row: reading.read_name("Employee", row),
    "Invoice": reading.read_invoice,
    "Item": reading.read_item,
    "Payment": reading.read_payment,
    "TaxCode": reading.read_tax_code,
    "TaxRate": reading.read_tax_rate,
    "Term": reading.read_term,
    "Vendor": lambda row: reading.read_name("Vendor", row),
}
UNREAD = {
    "Attachable", "AttachableResponse", "Bill", "BillPayment", "Estimate", "JournalEntry",
    "Preferences", "SalesReceipt", "TimeActivity",
    # Parts of a report, of an item of a batch, and of a batch's query.
    "Columns", "Fault", "Header", "QueryResponse", "Rows",
}  # fmt: skip
# A query that finds nothing, or only counts.
EMPTY = {
    "all__alt_select_0.response.json",
    "all__alt_select_4.response.json",
    "all__customers_0.response.json",
    "all__employees_including_active_0.response.json",
    "all__vendors_by_5_0.response.json",
}


def body(name: str) -> bytes:
    folder = "online_xml" if (FOLDER / "online_xml" / name).exists() else "online_json"
    return (FOLDER / folder / name).read_bytes()


def rows(answer: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The entities of an answer of any kind."""
    if "CDCResponse" in answer:
        return list(wire.changed(dict(answer)))
    if "BatchItemResponse" in answer:
        items = wire.batched(dict(answer)).values()
        return [(k, v) for item in items for k, v in item.items() if isinstance(v, dict)]
    found = answer.get("QueryResponse", answer)
    pairs = ((k, v if isinstance(v, list) else [v]) for k, v in found.items())
    return [(k, row) for k, listed in pairs for row in listed if isinstance(row, dict)]


def one(name: str, entity: str) -> Any:
    found = [row for kind, row in rows(wire.decode(body(name))) if kind == entity]
    return READERS[entity](found[0])


@pytest.mark.parametrize("name", FILES)
def test_every_answer_is_read_or_is_the_fault_it_is(name: str) -> None:
    if name in DAMAGED:
        with pytest.raises(QuickBooksFault) as damaged:
            wire.decode(body(name))
        assert damaged.value.action is FaultAction.RETRY
        return
    fault = parse(200, {}, body(name))
    expected = FAULTS.get(name)
    assert ((fault.fault_code, fault.action) if fault else None) == expected
    if fault is not None:
        return
    found = rows(wire.decode(body(name)))
    assert (not found) == (name in EMPTY)
    for entity, row in found:
        assert entity in READERS.keys() | UNREAD
        if entity in READERS:
            read = READERS[entity](row)
            assert read.id == row["Id"]


def test_no_capture_is_left_out() -> None:
    there = {p.name for d in ("online_json", "online_xml") for p in (FOLDER / d).iterdir()}
    requests = {name for name in there if name.endswith(".request.txt")}
    assert there - requests == set(FILES)
    answered = {name.replace(".request.txt", ".response.json") for name in requests}
    assert answered <= set(FILES)
    assert (len(FILES), len(requests)) == (88, 14)
    assert FAULTS.keys() | DAMAGED | EMPTY <= set(FILES)


def test_every_request_that_was_captured_is_what_we_would_write() -> None:
    """A name of ours for a customer's field that the real service took is the service's own."""
    for path in sorted((FOLDER / "online_json").glob("*customer*.request.txt")):
        sent = json.loads(path.read_text("utf-8").split("\n\n", 1)[1])
        theirs = read_customer({"Id": "1", **sent})
        ours = changed_customer("1", sent.get("SyncToken", "0"), theirs.values)
        for name in ours.keys() & sent.keys() - {"Id"}:
            if not isinstance(sent[name], dict):
                assert ours[name] == sent[name], (path.name, name)
            else:
                assert {k: ours[name].get(k) for k in sent[name]} == sent[name], (path.name, name)


def test_a_batch_tells_of_each_item() -> None:
    items = wire.batched(wire.decode(body("batch__basic.response.json")))
    found = {name: fault.action if (fault := fault_in(i)) else None for name, i in items.items()}
    assert found == {
        "bid1": None, "bid2": FaultAction.MISSING, "bid3": FaultAction.REREAD, "bid4": None,
    }  # fmt: skip
    assert wire.queried(items["bid4"], "SalesReceipt")
    stale = fault_in(items["bid3"])
    assert stale is not None
    assert "Pelczarski" not in str(stale)
    in_xml = wire.batched(wire.decode(body("batch_response.xml")))
    assert [*in_xml] == ["1a", "2b", "3c", "4d", "5e", "6f", "7g", "8h", "9i"]
    first = fault_in(in_xml["1a"])
    assert first is not None
    assert (first.fault_code, first.field) == ("2050", "firstname")
    assert in_xml["2b"]["Customer"]["DisplayName"] == "Mark Basler"


def test_the_change_feed_tells_what_went() -> None:
    changed = list(wire.changed(wire.decode(body("change_data_capture_response.xml"))))
    kinds = [kind for kind, _ in changed]
    assert {k: kinds.count(k) for k in kinds} == {
        "Bill": 2, "BillPayment": 2, "Invoice": 2, "Payment": 1,
    }  # fmt: skip
    invoices = [reading.read_invoice(row) for kind, row in changed if kind == "Invoice"]
    assert [(i.id, i.number, i.total, i.tax, i.is_paid, i.deleted) for i in invoices] == [
        ("103", "1033", Decimal("629.10"), Decimal("46.60"), True, False),
        ("65", None, Decimal(0), Decimal(0), False, True),
    ]
    estimates = list(wire.changed(wire.decode(body("cdc__basic.response.json"))))
    assert [kind for kind, _ in estimates] == ["Estimate"] * 4


def test_customers_are_the_same_from_xml_as_from_json() -> None:
    acme, little, *_ = (
        read_customer(r) for r in wire.queried(wire.decode(body("customers.xml")), "Customer")
    )
    assert (acme.id, acme.display_name, acme.parent_id, acme.is_job) == (
        "3", "Acme Enterprises", None, False,
    )  # fmt: skip
    assert (little.id, little.parent_id, little.is_job) == ("4", "3", True)
    assert little.values["billing_address"] == Address(
        street="100 Global Domination Ave", city="Washington DC", state="CA", zip="95060",
        country="USA",
    )  # fmt: skip
    gone = one("deleted_customer.xml", "Customer")
    assert (gone.display_name, gone.active, gone.sync_token) == ("Thrifty Meats", False, "4")
    listed = wire.queried(wire.decode(body("all__customers_1.response.json")), "Customer")
    assert len(listed) == 41
    assert read_customer(listed[0]).values["email"] == "Birds@Intuit.com"


def test_terms_taxes_and_items() -> None:
    gone = one("term_delete_success_response.xml", "Term")
    assert gone == TheirTerm(
        id="11", sync_token="1", name="TermForV3Testing-1373590184515", active=False,
        day_of_month=1, next_month_days=2, discount_percent=Decimal(10), discount_days=3,
    )  # fmt: skip
    rate = one("tax_rates.xml", "TaxRate")
    assert (rate.id, rate.name, rate.percent, rate.agency_id) == (
        "1", "Mountain View", Decimal(10), "1",
    )  # fmt: skip
    codes = [
        reading.read_tax_code(r)
        for r in wire.queried(wire.decode(body("tax_codes.xml")), "TaxCode")
    ]
    assert len(codes) == 11
    assert [(c.id, c.taxable, c.is_group) for c in codes[:3]] == [
        ("TAX", True, False), ("NON", False, False), ("CustomSalesTax", True, True),
    ]  # fmt: skip
    doll = one("items.xml", "Item")
    assert (doll.name, doll.type, doll.unit_price, doll.taxable, doll.income_account_id) == (
        "Plush Baby Doll", TheirItemType.SERVICE, Decimal(50), False, "1",
    )  # fmt: skip
    assert doll.expense_account_id is None


def test_a_void_is_neither_paid_nor_gone() -> None:
    before = one("void__invoice_0.response.json", "Invoice")
    after = one("void__invoice_1.response.json", "Invoice")
    assert (before.number, before.total, before.voided) == ("1041", Decimal(100), False)
    assert (after.total, after.balance, after.voided, after.is_paid, after.deleted) == (
        Decimal(0), Decimal(0), True, False, False,
    )  # fmt: skip
    voided = one("payment_void_response_success.xml", "Payment")
    assert (voided.amount, voided.voided, voided.deleted) == (Decimal(0), True, False)
    assert one("payment_delete_success_response.xml", "Payment").deleted
    assert one("delete__invoice_1.response.json", "Invoice").deleted


def test_the_companys_preferences() -> None:
    preferences = wire.decode(body("preferences.xml"))["Preferences"]
    company = reading.read_company({"CompanyName": "Sandbox"}, preferences)
    assert (company.name, company.own_numbers, company.books_closed) == ("Sandbox", False, None)


def test_payments_say_what_they_settle() -> None:
    full = one("payment_with_line_extras.xml", "Payment")
    assert (full.customer_id, full.date, full.amount, full.currency, full.settles) == (
        "3", date(2016, 9, 16), Decimal("2400.00"), "USD", (("68", Decimal("2400.00")),),
    )  # fmt: skip
    open_one = one("fetch_payment_by_id.xml", "Payment")
    assert (open_one.amount, open_one.unapplied, open_one.settles) == (
        Decimal("40.00"), Decimal("40.00"), (),
    )  # fmt: skip
