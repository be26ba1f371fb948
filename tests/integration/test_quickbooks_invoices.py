"""Invoices that go to QuickBooks, and what comes back of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from roster import bootstrap
from roster.domain.sync.connection import FaultAction, QuickBooksFault, Trigger
from roster.domain.sync.policy import InvoiceNumbers
from roster.domain.terms import Term, TermKind
from tests.support.api import Api
from tests.support.money import RECORDS, act, billed, now, standing
from tests.support.quickbooks_money import TENANT, Shop, shop, verbs

SETTINGS = Api("settings_api", role="admin")


@pytest.fixture
def acme() -> Iterator[Shop]:
    with shop() as one:
        one.control.configure(using_sales_tax=False)
        yield one


@pytest.fixture
def taxed() -> Iterator[Shop]:
    """QuickBooks puts 8 % on what may be taxed, and our rate follows its code."""
    with shop() as one:
        rate = Term(id="tax_ca", kind=TermKind.TAX_RATE, name="California", value="8",
                    quickbooks="2")  # fmt: skip
        bootstrap.company_settings().add_term(TENANT, rate)
        yield one


@pytest.mark.shows("S4.003")
def test_a_ready_invoice_is_in_quickbooks_after_the_run(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    invoice = acme.ready(customer, 12_345, notes="Thank you")
    rows = acme.sync()
    [made] = acme.invoices()
    assert (made["CustomerRef"]["value"], made["DocNumber"]) == (there, invoice["number"])
    assert (made["TotalAmt"], made["Balance"]) == (123.45, 123.45)
    assert (made["TxnDate"], made["DueDate"]) == (invoice["date"], invoice["due_date"])
    assert made["CustomerMemo"] == {"value": "Thank you"}
    assert verbs(rows) == [("create_there", invoice["number"])]
    kept = now(customer, "invoices", invoice)
    assert kept["quickbooks"] == {
        "id": made["Id"], "number": invoice["number"], "tax": 0, "total": 12_345,
        "balance": 12_345, "voided": False,
    }  # fmt: skip
    assert kept["quickbooks_id"] == made["Id"]


def test_a_second_run_writes_nothing_and_reads_only_the_feed(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer)
    acme.sync()
    before = now(customer, "invoices", invoice)
    acme.control.reset_counters()
    assert acme.sync() == []
    counters = acme.control.counters()
    assert (counters["cdc"], counters["write"], counters["query"]) == (1, 0, 0)
    assert now(customer, "invoices", invoice) == before


@pytest.mark.shows("S4.101")
def test_an_invoice_that_quickbooks_made_does_not_come_here(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    acme.sync()
    acme.bill(there, 100)
    assert acme.sync() == []
    assert acme.sync(whole=True) == []
    assert RECORDS.get(f"{customer}/invoices").json["data"] == []


@pytest.mark.shows("S4.102")
def test_an_invoice_that_is_not_approved_stays_here(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = billed(customer, 100)
    assert act(customer, "invoices", invoice, "ready-for-sync").status == 409
    assert acme.sync() == []
    assert acme.invoices() == []


@pytest.mark.shows("S4.103")
def test_an_approved_invoice_stays_here_until_it_is_marked_ready(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = billed(customer, 100)
    act(customer, "invoices", invoice, "approve")
    assert acme.sync() == []
    assert acme.invoices() == []
    act(customer, "invoices", invoice, "ready-for-sync", {})
    acme.sync()
    assert len(acme.invoices()) == 1


@pytest.mark.shows("S4.104")
@pytest.mark.parametrize("own_numbers", [False, True])
def test_quickbooks_number_becomes_ours_where_that_is_chosen(acme: Shop, own_numbers: bool) -> None:
    acme.control.configure(custom_txn_numbers=own_numbers)
    acme.set(invoice_numbers=InvoiceNumbers.QUICKBOOKS)
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer)
    acme.sync()
    [made] = acme.invoices()
    assert made["DocNumber"] == "1001"
    assert now(customer, "invoices", invoice)["number"] == "1001"
    acme.control.change("invoices", made["Id"], DocNumber="2026-7")
    acme.sync()
    assert now(customer, "invoices", invoice)["number"] == "2026-7"
    acme.control.reset_counters()
    acme.sync()
    assert acme.control.counters()["write"] == 0


@pytest.mark.shows("S4.105")
def test_our_number_stays_where_that_is_chosen(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer)
    acme.sync()
    [made] = acme.invoices()
    assert made["DocNumber"] == invoice["number"]
    acme.control.change("invoices", made["Id"], DocNumber="77")
    acme.sync()
    kept = now(customer, "invoices", invoice)
    assert (kept["number"], kept["quickbooks"]["number"]) == (invoice["number"], "77")


@pytest.mark.shows("S4.106")
def test_a_tax_set_in_quickbooks_is_on_the_invoice_after_the_sync(taxed: Shop) -> None:
    customer, _ = taxed.join("Birds")
    invoice = taxed.ready(customer, 10_050)
    rows = taxed.sync()
    [made] = taxed.invoices()
    kept = now(customer, "invoices", invoice)
    assert (kept["tax"], kept["total"]) == (804, 10_854)
    assert (made["TotalAmt"], kept["quickbooks"]["total"]) == (108.54, 10_854)
    assert [row.verb for row in rows] == ["create_there", "update_here"]
    assert standing(customer)["outstanding"] == 10_854
    assert taxed.sync() == []


def test_our_own_tax_is_the_tax_there(taxed: Shop) -> None:
    customer, _ = taxed.join("Birds")
    lines = [
        {"description": "Parts", "quantity": 3, "unit_price": 3333, "tax_rate_id": "tax_ca",
         "discount_percent": "10"},
        {"description": "Advice", "quantity": "1.5", "unit_price": 1001, "tax_rate_id": None},
    ]  # fmt: skip
    invoice = taxed.make_ready(customer, billed(customer, 1, lines=lines))
    rows = taxed.sync()
    [made] = taxed.invoices()
    assert [row.verb for row in rows] == ["create_there"]
    assert round(made["TotalAmt"] * 100) == invoice["total"]
    assert round(made["TxnTaxDetail"]["TotalTax"] * 100) == invoice["tax"]
    codes = [
        one["SalesItemLineDetail"]["TaxCodeRef"]["value"]
        for one in made["Line"]
        if "SalesItemLineDetail" in one
    ]
    assert codes == ["TAX", "TAX", "NON"]


def test_a_tax_that_is_not_ours_is_told_and_changes_nothing_here(taxed: Shop) -> None:
    customer, there = taxed.join("Birds")
    taxed.control.edit(there, DefaultTaxCodeRef={"value": "3"})
    invoice = taxed.ready(customer, 10_000)
    rows = taxed.sync()
    kept = now(customer, "invoices", invoice)
    assert (kept["tax"], kept["total"], kept["quickbooks"]["tax"]) == (0, 10_000, 910)
    assert verbs(rows)[-1][0] == "conflict"
    assert "tax is 0.00 here and 9.10 in QuickBooks" in rows[-1].reason


@pytest.mark.shows("S4.108")
def test_an_invoice_of_a_job_stands_under_customer_and_job(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    address = {"Line1": "9 Elm St", "City": "Reno", "CountrySubDivisionCode": "NV",
               "PostalCode": "89501"}  # fmt: skip
    job = acme.control.create(
        "Aviary", Job=True, ParentRef={"value": there}, BillAddr=address, ShipAddr=address
    )
    acme.pull()
    places = Api("customers_api").get(f"{customer}/locations").json["data"]
    [place] = [one for one in places if one["street"] == "9 Elm St"]
    project = RECORDS.post(f"{customer}/projects", {"name": "Roof", "location_id": place["id"]})
    invoice = acme.ready(customer, 500, project_id=project.json["id"])
    acme.sync()
    [made] = acme.invoices()
    assert made["CustomerRef"]["value"] == job["Id"]
    assert acme.control.customer(job["Id"])["FullyQualifiedName"] == "Birds:Aviary"
    acme.control.pay(there, 5, {made["Id"]: 5})
    acme.sync()
    assert now(customer, "invoices", invoice)["status"] == "paid"


@pytest.mark.shows("S4.109")
def test_an_invoice_over_nothing_goes_too(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer, 0)
    acme.sync()
    [made] = acme.invoices()
    assert (made["TotalAmt"], made["DocNumber"]) == (0, invoice["number"])


def test_an_edited_invoice_goes_again_once_it_is_ready_again(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer, 100)
    acme.sync()
    lines = [{"description": "More", "quantity": 2, "unit_price": 150}]
    edited = RECORDS.patch(f"{customer}/invoices/{invoice['id']}", {"lines": lines})
    assert edited.json["ready_for_sync"] is False
    assert acme.sync() == []
    acme.make_ready(customer, invoice)
    assert [row.verb for row in acme.sync()] == ["update_there"]
    [made] = acme.invoices()
    assert (made["TotalAmt"], made["DocNumber"]) == (3, invoice["number"])
    assert acme.sync() == []


def test_an_update_meets_an_edit_there_and_goes_through(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer, 100)
    acme.sync()
    [made] = acme.invoices()
    acme.control.change("invoices", made["Id"], DueDate="2027-01-31")
    RECORDS.patch(f"{customer}/invoices/{invoice['id']}", {"notes": "Paid by check, please"})
    # The feed has not told of the edit yet.
    acme.cursor = acme.day.now.replace(year=2027)
    rows = acme.sync()
    assert [row.verb for row in rows] == ["update_there"]
    [after] = acme.invoices()
    assert after["CustomerMemo"] == {"value": "Paid by check, please"}


def test_an_invoice_that_was_cancelled_here_is_void_there(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer)
    acme.sync()
    act(customer, "invoices", invoice, "cancel", {"reason": "Wrong customer"})
    acme.sync()
    [made] = acme.invoices()
    assert (made["TotalAmt"], made["PrivateNote"]) == (0, "Voided")
    kept = now(customer, "invoices", invoice)
    assert (kept["status"], kept["quickbooks"]["voided"]) == ("cancelled", True)
    assert acme.sync() == []


def test_an_invoice_that_never_went_is_not_voided_there(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer)
    act(customer, "invoices", invoice, "cancel")
    assert acme.sync() == []
    assert acme.invoices() == []


def test_an_invoice_that_was_voided_there_is_told_and_stands_here(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer, 100)
    acme.sync()
    [made] = acme.invoices()
    acme.control.void("invoices", made["Id"])
    rows = acme.sync()
    assert verbs(rows) == [("conflict", invoice["number"])]
    assert "cancel it here as well" in rows[0].reason
    kept = now(customer, "invoices", invoice)
    assert (kept["status"], kept["outstanding"]) == ("pending", 100)
    assert acme.sync() == []


def test_an_answer_that_was_lost_is_no_second_invoice(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    invoice = acme.ready(customer, 100)
    acme.control.fail("timeout", times=3, path="/invoice")
    with pytest.raises(QuickBooksFault) as lost:
        acme.sync()
    assert lost.value.action is FaultAction.RETRY
    acme.control.heal()
    [made] = acme.invoices()
    # It is paid there before we know that it is there.
    acme.control.pay(there, 1, {made["Id"]: 1})
    acme.cursor = acme.day.now
    acme.sync()
    assert len(acme.invoices()) == 1
    kept = now(customer, "invoices", invoice)
    assert (kept["quickbooks_id"], kept["status"]) == (made["Id"], "paid")


@pytest.mark.parametrize("numbers", [*InvoiceNumbers])
@pytest.mark.parametrize("what", ["edit", "cancel"])
def test_what_had_arrived_is_known_though_it_is_not_to_be_sent_any_more(
    acme: Shop, what: str, numbers: InvoiceNumbers
) -> None:
    acme.set(invoice_numbers=numbers)
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer, 100)
    acme.control.fail("timeout", times=3, path="/invoice")
    with pytest.raises(QuickBooksFault):
        acme.sync()
    acme.control.heal()
    if what == "edit":
        lines = [{"description": "More", "quantity": 1, "unit_price": 700}]
        RECORDS.patch(f"{customer}/invoices/{invoice['id']}", {"lines": lines})
    else:
        act(customer, "invoices", invoice, "cancel")
    acme.sync()
    [made] = acme.invoices()
    kept = now(customer, "invoices", invoice)
    assert kept["quickbooks_id"] == made["Id"]
    assert made["TotalAmt"] == (1 if what == "edit" else 0)
    if what == "edit":
        acme.make_ready(customer, invoice)
        acme.sync()
        assert [one["TotalAmt"] for one in acme.invoices()] == [7]


def test_a_first_write_that_never_arrived_is_forgotten(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    invoice = acme.ready(customer, 100)
    acme.control.fail("html_502", times=3, path="/invoice")
    with pytest.raises(QuickBooksFault):
        acme.sync()
    act(customer, "invoices", invoice, "cancel")
    assert acme.sync() == []
    acme.control.reset_counters()
    assert acme.sync() == []
    assert acme.control.counters()["query"] == 0
    assert acme.invoices() == []


def test_a_number_that_another_invoice_has_is_told(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    first = acme.bill(there, 5)
    invoice = billed(customer, 100)
    acme.control.change("invoices", first["Id"], DocNumber=invoice["number"])
    acme.make_ready(customer, invoice)
    rows = acme.sync()
    assert [row.verb for row in rows] == ["skip"]
    assert f"another invoice in QuickBooks has the number {invoice['number']}" in rows[0].reason
    assert len(acme.invoices()) == 1
    assert acme.sync() == [], "it is not tried again the same day"
    acme.control.change("invoices", first["Id"], DocNumber="free")
    acme.pass_time(90_000)
    assert [row.verb for row in acme.sync()] == ["create_there"]


def test_everything_against_an_invoice_is_told_at_once(acme: Shop) -> None:
    acme.control.configure(book_close_date="2026-11-30")
    customer = Api("customers_api").post("/v1/customers", {"company_name": "Nobody"}).json["id"]
    invoice = acme.ready(f"/v1/customers/{customer}", 100)
    [row] = acme.sync()
    assert (row.verb, row.name) == ("skip", invoice["number"])
    assert "its customer is not in QuickBooks yet" in row.reason
    assert "books are closed up to 2026-11-30" in row.reason
    assert acme.control.counters()["write"] == 0


def test_lines_stand_on_their_items_and_on_the_service_item(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    [services] = [one for one in acme.control.rows("items") if one["Name"] == "Services"]
    acme.control.retire("items", services["Id"])
    acme.ready(customer, 100)
    acme.sync()
    [made] = acme.invoices()
    used = made["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]
    [new] = [one for one in acme.control.rows("items") if one["Id"] == used]
    assert new["Id"] != services["Id"]
    assert new["Type"] == "Service"


def test_a_company_names_the_item_that_its_other_lines_stand_on(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    labour = acme.item("Labour")
    acme.set(service_item="Labour")
    acme.ready(customer, 100)
    assert [row.verb for row in acme.sync()] == ["create_there"]
    [made] = acme.invoices()
    assert made["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] == labour["Id"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (None, "QuickBooks has no product or service named “Labour”"),
        ({"Type": "Category"}, "“Labour” is neither a service nor a non-inventory item"),
    ],
)
def test_an_item_that_cannot_be_used_is_told_in_words_and_none_is_made_up(
    acme: Shop, fields: dict[str, Any] | None, why: str
) -> None:
    customer, _ = acme.join("Birds")
    if fields is not None:
        acme.item("Labour", **fields)
    items = len(acme.control.rows("items"))
    acme.set(service_item="Labour")
    acme.ready(customer, 100)
    [row] = acme.sync()
    assert (row.verb, why in row.reason) == ("skip", True), row.reason
    assert len(acme.control.rows("items")) == items
    assert acme.sync() == [], "it is not tried again the same day"
    acme.set(service_item="Services")
    assert [row.verb for row in acme.sync(whole=True)] == ["create_there"]


def test_one_refused_invoice_does_not_stop_the_others(acme: Shop) -> None:
    customer, _ = acme.join("Birds")
    acme.ready(customer, 100)
    acme.ready(customer, 200)
    acme.control.fail("6000", times=1, path="/invoice")
    assert [row.verb for row in acme.sync()] == ["skip", "create_there"]
    assert [one["TotalAmt"] for one in acme.invoices()] == [2]


def test_what_a_closed_book_refused_goes_when_a_person_asks_for_a_run_after_it_is_open(
    acme: Shop,
) -> None:
    customer, _ = acme.join("Birds")
    acme.control.configure(book_close_date=f"{acme.day.now.date()}")
    acme.ready(customer, 100)
    [told] = acme.sync()
    assert (told.verb, "books are closed up to" in told.reason) == ("skip", True)
    acme.control.configure(book_close_date="")
    assert acme.sync() == [], "the schedule tries it once a day"
    acme.trigger = Trigger.REQUEST
    assert [row.verb for row in acme.sync()] == ["create_there"]
    assert len(acme.invoices()) == 1


@pytest.mark.parametrize("fault", ["xml_429", "html_502", "401", "6190"])
def test_what_stops_the_run_stops_it_and_nothing_is_lost(acme: Shop, fault: str) -> None:
    customer, _ = acme.join("Birds")
    acme.ready(customer, 100)
    acme.control.fail(fault, times=3, path="/invoice")
    with pytest.raises(QuickBooksFault):
        acme.sync()
    acme.control.heal()
    assert [row.verb for row in acme.sync()] == ["create_there"]
    assert len(acme.invoices()) == 1
