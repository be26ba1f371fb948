"""Payments that QuickBooks received for invoices which came from here."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.money import RECORDS, act, now, paid, standing
from tests.support.quickbooks_money import Shop, shop, verbs


@pytest.fixture
def acme() -> Iterator[Shop]:
    with shop() as one:
        one.control.configure(using_sales_tax=False)
        yield one


def sent(one: Shop, customer: str, amount: int) -> tuple[Any, str]:
    """An invoice that is in QuickBooks, and its id there."""
    invoice = one.ready(customer, amount)
    one.sync()
    return invoice, str(now(customer, "invoices", invoice)["quickbooks_id"])


def payments(customer: str) -> list[Any]:
    """The customer's payments, the newest first."""
    return list(RECORDS.get(f"{customer}/payments").json["data"])


@pytest.mark.shows("S4.107")
def test_a_payment_in_quickbooks_pays_the_invoice_here(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    invoice, theirs = sent(acme, customer, 10_000)
    made = acme.control.pay(there, 100, {theirs: 100})
    rows = acme.sync()
    assert verbs(rows) == [("create_here", made["Id"])]
    assert rows[0].reason == (
        f"Payment {made['Id']} was received: 100.00 USD for {invoice['number']}."
    )
    kept = now(customer, "invoices", invoice)
    assert (kept["status"], kept["outstanding"], kept["quickbooks"]["balance"]) == ("paid", 0, 0)
    [payment] = payments(customer)
    assert (payment["amount"], payment["status"]) == (10_000, "applied")
    assert payment["method"] == "QuickBooks"
    assert payment["date"] == made["TxnDate"]
    assert acme.sync() == []
    assert acme.sync(whole=True) == []


def test_a_part_and_then_the_rest(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    invoice, theirs = sent(acme, customer, 10_000)
    acme.control.pay(there, 30, {theirs: 30})
    acme.sync()
    assert now(customer, "invoices", invoice)["status"] == "partially_paid"
    acme.control.pay(there, 70, {theirs: 70})
    acme.sync(whole=True)
    assert now(customer, "invoices", invoice)["status"] == "paid"
    assert standing(customer)["revenue"] == 10_000


def test_one_payment_for_several_invoices_and_for_one_of_quickbooks_own(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    first, a = sent(acme, customer, 1000)
    second, b = sent(acme, customer, 2000)
    own = acme.bill(there, 7)
    acme.control.pay(there, 40, {a: 10, b: 20, own["Id"]: 7})
    acme.sync()
    [payment] = payments(customer)
    assert (payment["amount"], payment["unapplied"]) == (3000, 0)
    assert {now(customer, "invoices", one)["status"] for one in (first, second)} == {"paid"}
    assert standing(customer)["unapplied_credit"] == 0


def test_more_than_a_payment_here_can_hold_comes_as_several(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    for _ in range(12):
        acme.ready(customer, 100)
    acme.sync()
    acme.control.pay(there, 12, {one["Id"]: 1 for one in acme.invoices()})
    acme.sync()
    assert sorted(one["amount"] for one in payments(customer)) == [200, 1000]
    assert standing(customer)["outstanding"] == 0
    assert acme.sync(whole=True) == []


def test_a_credit_settles_without_money(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    invoice, theirs = sent(acme, customer, 5000)
    detail = {"ItemRef": {"value": "1"}, "Qty": 1, "UnitPrice": 50}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 50, "SalesItemLineDetail": detail}
    memo = acme.control.enter("creditmemos", CustomerRef={"value": there}, Line=[line])
    lines = [
        {"Amount": 50, "LinkedTxn": [{"TxnId": theirs, "TxnType": "Invoice"}]},
        {"Amount": 50, "LinkedTxn": [{"TxnId": memo["Id"], "TxnType": "CreditMemo"}]},
    ]
    acme.control.enter("payments", CustomerRef={"value": there}, TotalAmt=0, Line=lines)
    acme.sync()
    assert now(customer, "invoices", invoice)["status"] == "paid"
    [row] = payments(customer)
    payment = now(customer, "payments", row)
    assert (payment["amount"], payment["method"]) == (5000, "QuickBooks credit")
    assert payment["notes"].endswith("over 0.00 USD, with credits of 50.00")


@pytest.mark.shows("S4.107")
@pytest.mark.parametrize("how", ["void", "delete"])
@pytest.mark.parametrize("whole", [False, True])
def test_a_payment_taken_back_there_opens_the_invoice_again(
    acme: Shop, how: str, *, whole: bool
) -> None:
    customer, there = acme.join("Birds")
    invoice, theirs = sent(acme, customer, 10_000)
    made = acme.control.pay(there, 100, {theirs: 100})
    acme.sync()
    getattr(acme.control, how)("payments", made["Id"])
    rows = acme.sync(whole=whole)
    assert verbs(rows) == [("deactivate_here", made["Id"])]
    kept = now(customer, "invoices", invoice)
    assert (kept["status"], kept["outstanding"]) == ("pending", 10_000)
    assert standing(customer)["received"] == 0
    assert acme.sync() == []
    assert acme.sync(whole=True) == []


def test_changed_lines_are_taken_back_and_recorded_anew(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    first, a = sent(acme, customer, 1000)
    second, b = sent(acme, customer, 1000)
    made = acme.control.pay(there, 10, {a: 10})
    acme.sync()
    line = {"Amount": 10, "LinkedTxn": [{"TxnId": b, "TxnType": "Invoice"}]}
    acme.control.change("payments", made["Id"], Line=[line])
    assert [row.verb for row in acme.sync()] == ["deactivate_here", "create_here"]
    assert now(customer, "invoices", first)["status"] == "pending"
    assert now(customer, "invoices", second)["status"] == "paid"
    assert sorted(one["status"] for one in payments(customer)) == ["applied", "reversed"]


def test_rows_in_any_order_and_twice_come_to_the_same(acme: Shop) -> None:
    from roster.usecases.quickbooks.payments import take_payments

    customer, there = acme.join("Birds")
    invoice, theirs = sent(acme, customer, 10_000)
    made = acme.control.pay(there, 40, {theirs: 40})
    old = acme.control.rows("payments")
    line = {"Amount": 60, "LinkedTxn": [{"TxnId": theirs, "TxnType": "Invoice"}]}
    acme.control.change("payments", made["Id"], TotalAmt=60, Line=[line])
    new = acme.control.rows("payments")
    for rows in (new, old, new, old + new, new + old):
        take_payments(acme.call(), rows)
        assert now(customer, "invoices", invoice)["paid"] == 6000
    acme.control.delete("payments", made["Id"])
    gone = [{"Id": made["Id"], "status": "Deleted"}]
    for rows in (gone, new, old, gone):
        take_payments(acme.call(), rows)
        assert now(customer, "invoices", invoice)["paid"] == 0


def test_what_was_paid_here_already_is_credit_and_told(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    invoice, theirs = sent(acme, customer, 1000)
    paid(customer, 1000, invoice)
    acme.control.pay(there, 10, {theirs: 10})
    rows = acme.sync()
    assert [row.verb for row in rows] == ["create_here", "conflict"]
    assert "10.00 USD more than is open here" in rows[1].reason
    assert standing(customer)["unapplied_credit"] == 1000


def test_a_payment_that_a_person_took_back_here_is_not_recorded_again(acme: Shop) -> None:
    customer, there = acme.join("Birds")
    invoice, theirs = sent(acme, customer, 1000)
    made = acme.control.pay(there, 10, {theirs: 10})
    acme.sync()
    [payment] = payments(customer)
    act(customer, "payments", payment, "reverse")
    assert acme.sync(whole=True) == []
    assert now(customer, "invoices", invoice)["status"] == "pending"
    acme.control.void("payments", made["Id"])
    assert acme.sync() == []
    assert [one["status"] for one in payments(customer)] == ["reversed"]


def test_money_in_another_currency_is_told_and_left(acme: Shop) -> None:
    from roster.usecases.quickbooks.payments import take_payments

    customer, there = acme.join("Birds")
    _, theirs = sent(acme, customer, 1000)
    acme.control.pay(there, 10, {theirs: 10})
    [row] = acme.control.rows("payments")
    rows = take_payments(acme.call(), [row | {"CurrencyRef": {"value": "EUR"}}])
    assert [one.verb for one in rows] == ["skip"]
    assert payments(customer) == []
