"""The stand-in without HTTP: the same answers, fast enough for property tests, any size."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

from infra.local.quickbooks.clock import FROZEN_AT
from infra.local.quickbooks.direct import AnswerLost, Direct
from roster.adapters.quickbooks import reading
from roster.adapters.quickbooks.client import QuickBooksClient
from roster.domain.sync.books import TheirCodeRate
from roster.domain.sync.connection import Write
from tests.support.quickbooks import ControlFailed, DirectPool

if TYPE_CHECKING:
    from tests.support.quickbooks import StandIn

ALL = "SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY Id MAXRESULTS 1000"


def test_it_answers_as_over_http(quickbooks: StandIn) -> None:
    direct = Direct()
    over = quickbooks.session()
    for answer in (
        direct.post("customer", {"DisplayName": "Amy", "Notes": "n"}),
        over.submit("customer", {"DisplayName": "Amy", "Notes": "n"}).json(),
    ):
        assert answer.pop("time")
        saved = answer["Customer"]
        saved.pop("MetaData")
        assert saved["Notes"] == "n"
    assert direct.get("customer/9")["Fault"]["Error"][0]["code"] == "610"
    with pytest.raises(ControlFailed, match="6240"):
        direct.control.create("amy")


def test_two_runs_are_alike_to_the_byte() -> None:
    def run() -> str:
        direct = Direct()
        direct.control.seed(50, 10)
        direct.control.clock(advance=90)
        direct.control.edit("3", Notes="x")
        return json.dumps([direct.query(ALL), direct.control.book()])

    assert run() == run()


def test_time_stands_still_until_it_is_moved() -> None:
    direct = Direct()
    assert direct.world.clock.now() == FROZEN_AT
    direct.control.clock(advance=3599)
    assert "Preferences" in direct.get("preferences")
    direct.control.clock(advance=2)
    assert direct.get("preferences")["fault"]["error"][0]["code"] == "3200"
    direct.connect()
    assert "Preferences" in direct.get("preferences")


@pytest.mark.parametrize(
    ("rule", "done"),
    [
        ({"fault": "drop"}, 0),
        ({"fault": "drop", "applied": True}, 1),
        ({"fault": "half_body"}, 1),
        ({"fault": "timeout"}, 1),
    ],
)
def test_lost_answers_before_and_after_the_call_took_effect(
    rule: dict[str, Any], done: int
) -> None:
    direct = Direct()
    direct.control.fail(**rule, path="/customer", skip=1)
    direct.post("customer", {"DisplayName": "Amy"})
    with pytest.raises(AnswerLost):
        direct.post("customer", {"DisplayName": "Bob"}, requestid="r")
    assert len(direct.query(ALL)["Customer"]) == 1 + done
    assert direct.post("customer", {"DisplayName": "Bob"}, requestid="r")["Customer"]["Id"] == "2"
    assert len(direct.query(ALL)["Customer"]) == 2


def test_the_products_client_reads_through_it() -> None:
    direct = Direct()
    direct.control.seed(30, 5)
    token = direct.control.connect()["access_token"]
    client = QuickBooksClient("http://quickbooks", http=DirectPool(direct), sleep=lambda _: None)
    page = client.page(direct.realm, token, 1)
    assert len(page.customers) == 35
    direct.control.fail("drop")
    with pytest.raises(urllib3.exceptions.HTTPError):
        DirectPool(direct).request("GET", "http://quickbooks/v3/company/1/x")


def client_of(direct: Direct) -> tuple[QuickBooksClient, str]:
    token = str(direct.control.connect()["access_token"])
    client = QuickBooksClient("http://quickbooks", http=DirectPool(direct), sleep=lambda _: None)
    return client, token


def test_the_products_readers_understand_every_entity() -> None:
    direct = Direct()
    (client, token), realm, control = client_of(direct), direct.realm, direct.control
    control.create("Amy")
    sale = {"TaxCodeRef": {"value": "TAX"}, "Qty": 2, "UnitPrice": 50}
    line = {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": sale}
    bill = control.enter("invoices", CustomerRef={"value": "1"}, Line=[line])["Id"]
    paid = control.pay("1", 20, {bill: 8})["Id"]
    control.change("taxrates", "1", RateValue=9)

    def rows(entity: str) -> list[dict[str, Any]]:
        return client.rows(realm, token, entity)[0]

    terms = {one.name: one for one in map(reading.read_term, rows("Term"))}
    assert terms["Net 30"].due_days == 30
    codes = {one.id: one for one in map(reading.read_tax_code, rows("TaxCode"))}
    assert (codes["TAX"].taxable, codes["NON"].taxable) == (True, False)
    assert codes["2"].sales_rates == (TheirCodeRate(rate_id="4"),)
    rates = {one.id: one for one in map(reading.read_tax_rate, rows("TaxRate"))}
    assert [(rates[n].percent, rates[n].active) for n in "14"] == [(8, False), (9, True)]
    services = next(one for one in map(reading.read_item, rows("Item")) if one.id == "1")
    assert (services.type, services.income_account_id) == ("Service", "1")
    (invoice,) = map(reading.read_invoice, rows("Invoice"))
    assert (invoice.number, invoice.tax, invoice.balance) == ("1001", 8, 100)
    (payment,) = map(reading.read_payment, rows("Payment"))
    assert (payment.settles, payment.unapplied) == (((bill, 8),), 12)
    control.void("payments", paid)
    row = client.read(realm, token, "Payment", paid)
    assert row is not None
    assert reading.read_payment(row).voided
    company = reading.read_company(
        direct.get(f"companyinfo/{realm}")["CompanyInfo"], direct.get("preferences")["Preferences"]
    )
    assert (company.subscription, company.default_term_id) == ("PAID", "3")


def test_the_products_batches_are_understood() -> None:
    direct = Direct()
    client, token = client_of(direct)
    direct.control.vendor("Hicks")
    writes = [
        Write(id="a", operation="create", entity="Customer", body={"DisplayName": "Ann"}),
        Write(id="b", operation="create", entity="Customer", body={"DisplayName": "hicks"}),
    ]
    for _ in range(2):
        (first, second), _calls = client.batch(direct.realm, token, writes, request_id="r-1")
        assert first.row is not None
        assert first.row["Id"] == "2"
        assert second.fault is not None
        assert (second.fault.fault_code, second.fault.holder) == ("6240", "1")
    assert direct.query("select count(*) from Customer") == {"totalCount": 1}


def test_five_thousand_simple_calls_a_second() -> None:
    direct = Direct()
    direct.post("customer", {"DisplayName": "Amy"})

    def a_thousand() -> float:
        # Processor time: other programs on a busy machine do not count.
        started = time.process_time()
        for number in range(500):
            direct.get("customer/1")
            direct.post("customer", {"DisplayName": f"N{time.perf_counter_ns()}-{number}"})
        return 1000 / (time.process_time() - started)

    assert max(a_thousand() for _ in range(5)) > 5000


def test_many_customers_are_read_fast_in_pages_of_1000() -> None:
    # A book of 100 000 takes 101 queries and 4 seconds; filling it takes twice as long.
    direct = Direct()
    assert direct.control.seed(30_000)["customers"] == 30_000
    direct.control.reset_counters()
    started, seen = time.process_time(), set()
    position = 1
    while rows := direct.query(f"{ALL} STARTPOSITION {position}").get("Customer"):
        seen.update(row["Id"] for row in rows)
        position += 1000
    assert len(seen) == 30_000
    assert direct.control.counters()["query"] == 31
    assert time.process_time() - started < 12
