"""The dry run of items, invoices and payments: told, and nothing is written on either side."""

from typing import Any

import pytest

from roster.domain.sync.connection import Run, RunStatus
from roster.domain.sync.policy import ItemsDirection
from roster.usecases.quickbooks import rehearsing_books
from tests.support.api import Api
from tests.support.imports import table_items
from tests.support.money import RECORDS, billed
from tests.support.sync import Office

BOOKS = Api("quickbooks_api", role="admin")
# What belongs to runs themselves.
_OF_RUNS = ("#Q#RUN", "Q#DUE")
_OF_CONNECTION = ("CONNECTION", "METER#")
ACCOUNTS = {"IncomeAccountRef": {"value": "1"}, "ExpenseAccountRef": {"value": "9"}}


@pytest.fixture
def acme(acme: Office) -> Office:
    acme.control.configure(using_sales_tax=False)
    return acme


def everything() -> list[str]:
    return sorted(
        str(item)
        for item in table_items()
        if not any(part in item["pk"]["S"] for part in _OF_RUNS)
        and not item["sk"]["S"].startswith(_OF_CONNECTION)
    )


def planned(acme: Office) -> Run:
    """A dry run, after which both sides are as they were."""
    before, books = everything(), acme.control.counters()
    answer = BOOKS.post("/v1/quickbooks/plan", {})
    assert answer.status == 202, answer.text
    assert acme.work() == []
    run = acme.run(answer.json["id"])
    assert run.status is RunStatus.COMPLETED, run.reason
    assert everything() == before
    after = acme.control.counters()
    assert (after["write"], after["batch"]) == (books["write"], books["batch"])
    return run


def lines(acme: Office, run: Run, kind: str) -> list[tuple[str, str]]:
    return [(row.verb, row.name) for row in acme.report(run) if row.kind == kind]


def shop(acme: Office) -> tuple[str, str]:
    """A customer on both sides: its path here, and its id there."""
    there = acme.control.create("Birds")["Id"]
    acme.pull()
    return f"/v1/customers/{acme.customers()['Birds'].id}", str(there)


def ready(customer: str, amount: int) -> Any:
    invoice = billed(customer, amount)
    for verb in ("approve", "ready-for-sync"):
        answer = RECORDS.call("POST", f"{customer}/invoices/{invoice['id']}/{verb}", {})
        assert answer.status == 200, answer.text
    return invoice


def test_an_invoice_that_is_ready_is_told_and_then_done_as_it_was_told(acme: Office) -> None:
    customer, _ = shop(acme)
    invoice = ready(customer, 12_300)
    dry = planned(acme)
    assert lines(acme, dry, "invoice") == [("create_there", invoice["number"])]
    assert acme.control.rows("invoices") == []
    wet = acme.pull()
    assert lines(acme, wet, "invoice") == lines(acme, dry, "invoice")
    assert lines(acme, planned(acme), "invoice") == []


def test_what_stands_against_an_invoice_is_told_before_anything_is_sent(acme: Office) -> None:
    customer, _ = shop(acme)
    acme.control.configure(using_sales_tax=False, book_close_date="2999-12-31")
    invoice = ready(customer, 100)
    dry = planned(acme)
    assert lines(acme, dry, "invoice") == [("skip", invoice["number"])]
    [row] = [r for r in acme.report(dry) if r.kind == "invoice"]
    assert "books are closed up to 2999-12-31" in row.reason


def test_a_missing_service_item_is_not_made_for_a_plan(acme: Office) -> None:
    customer, _ = shop(acme)
    [services] = [one for one in acme.control.rows("items") if one["Name"] == "Services"]
    acme.control.retire("items", services["Id"])
    ready(customer, 100)
    items = acme.control.rows("items")
    assert [verb for verb, _ in lines(acme, planned(acme), "invoice")] == ["create_there"]
    assert acme.control.rows("items") == items


def test_a_payment_there_is_told_and_what_changed_of_it(acme: Office) -> None:
    customer, there = shop(acme)
    ready(customer, 12_300)
    acme.pull()
    [made] = acme.control.rows("invoices")
    paid = acme.control.pay(there, 100, {made["Id"]: 100})
    dry = planned(acme)
    [row] = [r for r in acme.report(dry) if r.kind == "payment"]
    assert (row.verb, row.quickbooks_id) == ("create_here", paid["Id"])
    assert "100.00 USD for one invoice" in row.reason
    assert RECORDS.get(f"{customer}/payments").json["data"] == []
    wet = acme.pull()
    assert [verb for verb, _ in lines(acme, wet, "payment")] == ["create_here"]
    assert lines(acme, planned(acme), "payment") == []


def test_items_are_told_step_by_step_and_stay_where_they_are(acme: Office) -> None:
    acme.choose(items=ItemsDirection.QUICKBOOKS_TO_ROSTER, sync_taxes=False, sync_terms=False)
    acme.control.enter("items", Name="Filter", Type="NonInventory", UnitPrice=12, **ACCOUNTS)
    dry = planned(acme)
    assert ("create_here", "Filter") in lines(acme, dry, "item")
    assert Api("settings_api").get("/v1/items").json["data"] == []
    wet = acme.pull()
    assert lines(acme, wet, "item") == lines(acme, dry, "item")


def test_items_of_ours_are_told_before_they_go_there(acme: Office) -> None:
    acme.choose(items=ItemsDirection.ROSTER_TO_QUICKBOOKS, sync_taxes=False, sync_terms=False)
    accounts = {"income_account": "Services", "expense_account": "Purchases"}
    body = {"name": "Filter", "kind": "non_inventory", "unit_price": 1200, **accounts}
    made = Api("settings_api", role="admin").post("/v1/items", body)
    assert made.status == 201, made.text
    dry = planned(acme)
    assert ("create_there", "Filter") in lines(acme, dry, "item")
    assert "Filter" not in {one["Name"] for one in acme.control.rows("items")}
    wet = acme.pull()
    assert lines(acme, wet, "item") == lines(acme, dry, "item")


def test_of_very_many_invoices_it_is_told_how_many_are_left(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, _ = shop(acme)
    for n in range(3):
        ready(customer, 100 + n)
    monkeypatch.setattr(rehearsing_books, "TOLD_AT_ONCE", 1)
    found = [row for row in acme.report(planned(acme)) if row.kind == "invoice"]
    assert sorted(row.verb for row in found) == ["create_there", "skip"]
    assert any(row.reason.startswith("2 more invoices are ready") for row in found)
