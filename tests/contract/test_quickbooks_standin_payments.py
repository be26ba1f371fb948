"""The stand-in's payments: what they settle, and what opens again when they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.quickbooks import ControlFailed, only_error

if TYPE_CHECKING:
    import requests

    from tests.support.quickbooks import Api, StandIn

AMY = {"CustomerRef": {"value": "1"}}


def line(amount: float, number: str, kind: str = "Invoice") -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": number, "TxnType": kind}]}


def bill(api: Api, amount: float, kind: str = "Invoice", customer: str = "1") -> str:
    detail = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
    reference = {"CustomerRef": {"value": customer}}
    return str(api.made(kind, **reference, Line=[{"Amount": amount} | detail])["Id"])


def pay(api: Api, total: float, *lines: dict[str, Any]) -> dict[str, Any]:
    return api.made("Payment", **AMY, TotalAmt=total, Line=list(lines))


def code(answer: requests.Response) -> str:
    return str(only_error(answer)["code"])


def balance(api: Api, number: str) -> float:
    return float(api.got("Invoice", number)["Balance"])


def owed(api: Api) -> float:
    return float(api.read("1")["Balance"])


@pytest.fixture(autouse=True)
def amy(api: Api) -> None:
    api.saved(DisplayName="Amy")


def test_one_payment_settles_several_invoices(api: Api) -> None:
    first, second = bill(api, 100), bill(api, 50)
    made = pay(api, 130, line(100, first), line(20, second))
    assert (made["UnappliedAmt"], made["TotalAmt"]) == (10, 130)
    assert (balance(api, first), balance(api, second), owed(api)) == (0, 30, 20)
    paid = api.got("Invoice", first)
    assert paid["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "Payment"}]
    assert paid["SyncToken"] == "0"
    extras = made["Line"][1]["LineEx"]["any"]
    assert [one["value"] for one in extras] == [
        {"Name": "txnId", "Value": second},
        {"Name": "txnOpenBalance", "Value": "50.00"},
        {"Name": "txnReferenceNumber", "Value": "1002"},
    ]


def test_unapplied_money_is_applied_later_as_a_whole(api: Api) -> None:
    number = bill(api, 100)
    made = pay(api, 60)
    assert (made["Line"], made["UnappliedAmt"], owed(api)) == ([], 60, 40)
    key = {"Id": made["Id"], "sparse": True}
    api.made("Payment", **key, SyncToken="0", Line=[line(60, number)])
    assert (balance(api, number), owed(api)) == (40, 40)
    noted = api.made("Payment", **key, SyncToken="1", PrivateNote="n")
    assert (noted["UnappliedAmt"], balance(api, number)) == (0, 40)
    api.made("Payment", **key, SyncToken="2", Line=[])
    assert (balance(api, number), owed(api)) == (100, 40)


def test_voiding_and_deleting_open_the_invoices_again(quickbooks: StandIn, api: Api) -> None:
    number = bill(api, 100)
    made = pay(api, 100, line(100, number))
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    assert code(api.submit("payment", key, operation="void")) == "500"
    voided = api.submit("payment", key, operation="update", include="void").json()["Payment"]
    assert (voided["TotalAmt"], voided["UnappliedAmt"], voided["Line"]) == (0, 0, [])
    assert (voided["PrivateNote"], voided["SyncToken"]) == ("Voided", "1")
    assert (balance(api, number), owed(api)) == (100, 100)
    assert api.got("Invoice", number)["LinkedTxn"] == []

    second = quickbooks.control.pay("1", 100, {number: 100})
    assert balance(api, number) == 0
    answer = api.submit("payment", {"Id": second["Id"], "SyncToken": "0"}, operation="delete")
    assert answer.json()["Payment"] == {"domain": "QBO", "status": "Deleted", "Id": second["Id"]}
    assert (balance(api, number), owed(api)) == (100, 100)
    assert code(api.ask(f"payment/{second['Id']}")) == "610"


def test_voiding_a_paid_invoice_leaves_the_money_unapplied(quickbooks: StandIn, api: Api) -> None:
    number = bill(api, 100)
    made = pay(api, 100, line(100, number))
    quickbooks.control.void("invoices", number)
    invoice, payment = api.got("Invoice", number), api.got("Payment", made["Id"])
    assert (invoice["PrivateNote"], invoice["TotalAmt"], invoice["Balance"]) == ("Voided", 0, 0)
    assert (payment["UnappliedAmt"], payment["Line"], owed(api)) == (100, [], -100)
    with pytest.raises(ControlFailed, match="cannot be void"):
        quickbooks.control.void("customers", "1")


def test_a_credit_pays_through_a_payment_of_nothing(quickbooks: StandIn, api: Api) -> None:
    number, credit = bill(api, 100), bill(api, 30, "CreditMemo")
    made = pay(api, 0, line(30, number), line(30, credit, "CreditMemo"))
    assert (made["TotalAmt"], made["UnappliedAmt"]) == (0, 0)
    assert (balance(api, number), owed(api)) == (70, 70)
    assert api.got("CreditMemo", credit)["RemainingCredit"] == 0
    quickbooks.control.delete("creditmemos", credit)
    assert (balance(api, number), owed(api)) == (100, 100)


def test_an_invoice_lowered_below_what_was_paid_gives_money_back(api: Api) -> None:
    number = bill(api, 100)
    made = pay(api, 100, line(100, number))
    line_of_40 = {"Amount": 40, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
    change = {"Id": number, "SyncToken": "0", "sparse": True, "Line": [line_of_40]}
    assert api.made("Invoice", **change)["Balance"] == 0
    assert api.got("Payment", made["Id"])["UnappliedAmt"] == 60
    assert owed(api) == -60


def test_a_parent_pays_for_its_sub_customer(quickbooks: StandIn, api: Api) -> None:
    sub = quickbooks.control.create("Lane", ParentRef={"value": "1"})
    stranger = quickbooks.control.create("Bob")
    number = bill(api, 100, customer=sub["Id"])
    refused = {"CustomerRef": {"value": stranger["Id"]}, "TotalAmt": 1, "Line": [line(1, number)]}
    assert code(api.submit("payment", refused)) == "6000"
    pay(api, 100, line(100, number))
    assert (balance(api, number), owed(api)) == (0, 0)
    assert api.read(sub["Id"])["Balance"] == 0


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"Line": []}, "2020"),
        ({"TotalAmt": -1}, "6000"),
        ({"TotalAmt": "much"}, "2080"),
        ({"TotalAmt": 10, "Line": [line(10, "99")]}, "2500"),
        ({"TotalAmt": 10, "Line": [line(11, "1")]}, "6000"),
        ({"TotalAmt": 500, "Line": [line(101, "1")]}, "6000"),
        ({"TotalAmt": 500, "Line": [line(60, "1"), line(60, "1")]}, "6000"),
        ({"TotalAmt": 10, "Line": [line(1, "1", "Bill")]}, "2170"),
        ({"TotalAmt": 10, "Line": [{"Amount": 1}]}, "2020"),
        ({"TotalAmt": 10, "Line": [line(1, "1") | {"Colour": "red"}]}, "2010"),
        ({"TotalAmt": 10, "PaymentMethodRef": {"value": "99"}}, "2500"),
        ({"TotalAmt": 10, "Tip": 1}, "2010"),
    ],
)
def test_a_refused_payment_settles_nothing(api: Api, fields: dict[str, Any], wanted: str) -> None:
    number = bill(api, 100)
    assert number == "1"
    assert code(api.submit("payment", AMY | fields)) == wanted
    assert (balance(api, number), owed(api)) == (100, 100)
    assert api.query("select * from Payment") == {}


def test_a_refused_change_leaves_the_payment(api: Api) -> None:
    number = bill(api, 100)
    made = pay(api, 50, line(50, number))
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    assert code(api.submit("payment", key | {"Line": [line(50, "99")]})) == "2500"
    assert code(api.submit("payment", key | {"TotalAmt": 20})) == "6000"
    assert api.got("Payment", made["Id"]) == made
    assert balance(api, number) == 50


class TestMerge:
    def test_the_loser_ends_inactive_and_its_transactions_move(
        self, quickbooks: StandIn, api: Api
    ) -> None:
        other = quickbooks.control.create("Bob")["Id"]
        number = bill(api, 100, customer=other)
        before = api.got("Invoice", number)
        quickbooks.control.merge(other, "1")
        loser = api.read(other)
        assert (loser["DisplayName"], loser["Active"]) == ("Bob (deleted)", False)
        assert (loser["Balance"], owed(api)) == (0, 100)
        moved = api.got("Invoice", number)
        assert moved["CustomerRef"] == {"value": "1", "name": "Amy"}
        assert moved["MetaData"] == before["MetaData"]
        pay(api, 100, line(100, number))
        assert owed(api) == 0

    def test_the_loser_may_be_found_nowhere(self, quickbooks: StandIn, api: Api) -> None:
        other = quickbooks.control.create("Bob")["Id"]
        quickbooks.control.configure(merged_rows_vanish=True)
        quickbooks.control.merge(other, "1")
        assert code(api.ask(f"customer/{other}")) == "610"
        every = api.query("select * from Customer where Active IN (true, false)")
        assert [row["Id"] for row in every["Customer"]] == ["1"]
        assert api.saved(DisplayName="Bob")["Id"] == "3"

    def test_a_parent_or_oneself_is_not_merged(self, quickbooks: StandIn) -> None:
        other = quickbooks.control.create("Bob")["Id"]
        quickbooks.control.create("Lane", ParentRef={"value": other})
        for loser in (other, "1"):
            with pytest.raises(ControlFailed, match="6000"):
                quickbooks.control.merge(loser, "1")
