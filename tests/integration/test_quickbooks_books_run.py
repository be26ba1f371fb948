"""Items, invoices and payments as a part of runs, with workers that die."""

from dataclasses import replace
from typing import Any

import pytest

from roster.bootstrap import sales
from roster.domain.sync.connection import RunStatus
from roster.domain.sync.policy import ItemsDirection, Mode, Primary
from roster.usecases.quickbooks.runs import message_of
from tests.support.money import RECORDS, billed, now, standing
from tests.support.sync import Office
from tests.support.sync_ports import Dying, Killed


@pytest.fixture
def acme(acme: Office) -> Office:
    acme.control.configure(using_sales_tax=False)
    return acme


def ready(customer: str, amount: int) -> Any:
    """An invoice that QuickBooks may have."""
    invoice = billed(customer, amount)
    for verb in ("approve", "ready-for-sync"):
        RECORDS.call("POST", f"{customer}/invoices/{invoice['id']}/{verb}", {})
    return invoice


@pytest.mark.parametrize("mode", [*Mode])
def test_a_run_carries_invoices_out_and_payments_in_whichever_way_customers_go(
    acme: Office, mode: Mode
) -> None:
    leads = {"primary": Primary.ROSTER} if mode is Mode.TWO_WAY else {}
    acme.choose(mode=mode, items=ItemsDirection.QUICKBOOKS_TO_ROSTER, **leads)
    if mode.pulls:
        there = acme.control.create("Birds")["Id"]
        acme.pull()
    else:
        acme.create("Birds")
        acme.pull()
        [row] = acme.control.book()["Customer"]
        there = row["Id"]
    customer = f"/v1/customers/{acme.customers()['Birds'].id}"
    invoice = ready(customer, 12_300)
    run = acme.pull()
    assert run.status is RunStatus.COMPLETED
    [made] = acme.control.rows("invoices")
    assert (made["CustomerRef"]["value"], made["TotalAmt"]) == (there, 123)
    assert [row.kind for row in acme.report(run) if row.verb == "create_there"] == ["invoice"]
    acme.control.pay(there, 123, {made["Id"]: 123})
    run = acme.pull()
    assert now(customer, "invoices", invoice)["status"] == "paid"
    assert (run.reads, run.status) == (1, RunStatus.COMPLETED)
    acme.control.reset_counters()
    run = acme.pull()
    counters = acme.control.counters()
    assert (run.reads, counters["cdc"], counters["write"], counters["batch"]) == (1, 1, 0, 0)


def test_a_run_counts_the_calls_that_wrote_invoices_but_not_as_reads(acme: Office) -> None:
    acme.choose()
    acme.control.create("Birds")
    acme.pull()
    for amount in (500, 700):
        ready(f"/v1/customers/{acme.customers()['Birds'].id}", amount)
    acme.control.reset_counters()
    run = acme.pull()
    counters = acme.control.counters()
    assert counters.pop("write") == 2
    del counters["oauth"]
    assert (run.calls, run.reads) == (sum(counters.values()) + 2, sum(counters.values()))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("port", "method", "at"),
    [("links", "save", 1), ("links", "save", 2), ("invoices", "save", 1), ("api", "write", 1)],
)
def test_a_worker_that_dies_over_an_invoice_leaves_one_and_only_one(
    acme: Office, port: str, method: str, at: int, *, after: bool
) -> None:
    acme.choose()
    acme.control.create("Birds")
    acme.pull()
    customer = f"/v1/customers/{acme.customers()['Birds'].id}"
    invoice = ready(customer, 500)
    run = acme.start()
    first = acme.ports
    money = first.money
    if port == "api":
        dying = replace(first, api=Dying(first.api, method, at=at, after=after))
    else:
        broken: Any = Dying(getattr(money, port), method, at=at, after=after)
        dying = replace(first, money=replace(money, **{port: broken}))
    with pytest.raises(Killed):
        acme.finish(message_of(run), dying)
    acme.finish(message_of(run))
    [made] = acme.control.rows("invoices")
    kept = now(customer, "invoices", invoice)
    assert kept["quickbooks_id"] == made["Id"]
    acme.control.reset_counters()
    acme.pull()
    assert acme.control.counters()["write"] == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("method", "at"), [("save", 1), ("post", 1), ("post", 2), ("save", 2)])
def test_a_worker_that_dies_over_a_payment_records_it_once(
    acme: Office, method: str, at: int, *, after: bool
) -> None:
    acme.choose()
    there = acme.control.create("Birds")["Id"]
    acme.pull()
    customer = f"/v1/customers/{acme.customers()['Birds'].id}"
    ready(customer, 500)
    acme.pull()
    [made] = acme.control.rows("invoices")
    payment = acme.control.pay(there, 5, {made["Id"]: 5})
    acme.pull()
    line = {"Amount": 3, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Invoice"}]}
    acme.control.change("payments", payment["Id"], TotalAmt=3, Line=[line])
    run = acme.start()
    money = acme.ports.money
    if method == "post":
        ledger: Any = Dying(money.till.ledger, method, at=at, after=after)
        broken = replace(money, till=replace(money.till, ledger=ledger))
    else:
        links: Any = Dying(money.links, method, at=at, after=after)
        broken = replace(money, links=links)
    with pytest.raises(Killed):
        acme.finish(message_of(run), replace(acme.ports, money=broken))
    acme.finish(message_of(run))
    found = standing(customer)
    assert (found["received"], found["outstanding"], found["unapplied_credit"]) == (300, 200, 0)
    listed = RECORDS.get(f"{customer}/payments").json["data"]
    assert sorted((one["status"], one["amount"]) for one in listed) == [
        ("applied", 300), ("reversed", 500),
    ]  # fmt: skip
    assert sales.invoices().awaiting("acme", "quickbooks") == []
