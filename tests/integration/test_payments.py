"""Payments through the API: against invoices or as credit, applied, reversed, in races."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from roster import bootstrap
from roster.bootstrap import duplicates, sales
from roster.domain.errors import Invalid, WrongState
from roster.domain.events import Actor
from roster.usecases.invoices import cancel_invoice, create_invoice
from roster.usecases.merging import merge_customers
from roster.usecases.payments import record_payment
from tests.support.api import Api
from tests.support.money import (
    RECORDS,
    Day,
    act,
    billed,
    call_of,
    new_customer,
    now,
    one_call_at_a_time,
    paid,
    places,
    standing,
)

CUSTOMERS = Api("customers_api")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Day:
    day = Day()
    monkeypatch.setattr(bootstrap, "clock", day)
    return day


@pytest.fixture
def customer(cloud: None) -> str:
    return new_customer()


def delete(customer: str, **query: str) -> Any:
    CUSTOMERS.post(f"{customer}/deactivate", {"confirm": True}, if_match="*")
    query = {"confirm": "true", **query}
    return CUSTOMERS.call("DELETE", customer, query=query, headers={"if-match": "*"})


@pytest.mark.shows("S1.10", "S1.11", "S1.22", "S1.24", "S3.14")
def test_a_payment_pays_an_invoice_and_the_standing_knows_in_the_next_request(
    customer: str,
) -> None:
    invoice = billed(customer, 10_000)
    assert standing(customer)["outstanding"] == 10_000
    made = RECORDS.post(
        f"{customer}/payments",
        {"amount": 4_000, "invoice_id": invoice["id"], "method": "check", "reference": "no. 7"},
    )
    assert made.status == 201, made.text
    payment = made.json
    assert made.headers["location"] == f"{customer}/payments/{payment['id']}"
    assert payment["customer_id"] == customer.rpartition("/")[2]
    assert (payment["status"], payment["unapplied"], payment["tips"]) == ("applied", 0, [])
    assert (payment["date"], payment["currency"]) == ("2026-11-22", "USD")
    assert (payment["method"], payment["reference"]) == ("check", "no. 7")
    assert [(a["invoice_id"], a["amount"]) for a in payment["allocations"]] == [
        (invoice["id"], 4_000)
    ]
    assert now(customer, "payments", payment) == payment
    assert now(customer, "invoices", invoice)["outstanding"] == 6_000
    found = standing(customer)
    assert (found["revenue"], found["outstanding"], found["currency"]) == (4_000, 6_000, "USD")
    assert "revenue = received" in found["formula"]


@pytest.mark.shows("S1.12")
def test_a_general_receipt_is_credit_until_it_is_applied(customer: str) -> None:
    payment = paid(customer, 5_000)
    assert (payment["status"], payment["unapplied"]) == ("unapplied", 5_000)
    assert "50.00 USD" in payment["tips"][0]
    assert (standing(customer)["unapplied_credit"], standing(customer)["revenue"]) == (5_000, 0)
    one, other = billed(customer, 2_000), billed(customer, 2_500)
    body = {"allocations": [{"invoice_id": one["id"], "amount": 500}]}
    applied = act(customer, "payments", payment, "apply", body).json
    assert (applied["status"], applied["unapplied"]) == ("partially_applied", 4_500)
    both = {
        "allocations": [
            {"invoice_id": one["id"], "amount": 1_500},
            {"invoice_id": other["id"], "amount": 2_500},
        ]
    }
    applied = act(customer, "payments", payment, "apply", both).json
    assert [a["amount"] for a in applied["allocations"]] == [2_000, 2_500]
    assert standing(customer)["unapplied_credit"] == 500
    assert now(customer, "invoices", one)["status"] == "paid"
    more = billed(customer, 900)
    last = act(customer, "payments", payment, "apply", {"invoice_id": more["id"]}).json
    assert (last["status"], last["unapplied"]) == ("applied", 0)
    again = act(customer, "payments", payment, "apply", {"invoice_id": more["id"]})
    assert (again.status, again.json["code"]) == (409, "nothing_left")


def test_what_is_paid_over_the_open_amount_becomes_credit_and_says_so(customer: str) -> None:
    invoice = billed(customer, 1_000)
    payment = paid(customer, 1_500, invoice)
    assert (payment["status"], payment["unapplied"]) == ("partially_applied", 500)
    assert payment["tips"] == ["5.00 USD of it pay for no invoice: kept as unapplied credit"]
    assert now(customer, "invoices", invoice)["paid"] == 1_000
    body = {"amount": 700, "allocations": [{"invoice_id": invoice["id"], "amount": 700}]}
    late = RECORDS.post(f"{customer}/payments", body).json
    assert (late["status"], late["unapplied"], late["allocations"]) == ("unapplied", 700, [])
    found = standing(customer)
    assert (found["outstanding"], found["unapplied_credit"]) == (0, 1_200)


def test_a_reversed_payment_opens_its_invoices_again(customer: str) -> None:
    one, other = billed(customer, 1_000), billed(customer, 2_000)
    body = {
        "amount": 3_500,
        "allocations": [
            {"invoice_id": one["id"], "amount": 1_000},
            {"invoice_id": other["id"], "amount": 1_500},
        ],
    }
    payment = RECORDS.post(f"{customer}/payments", body).json
    assert standing(customer)["unapplied_credit"] == 1_000
    back = act(customer, "payments", payment, "reverse", {"reason": "bounced"})
    assert back.status == 200, back.text
    assert (back.json["status"], back.json["unapplied"]) == ("reversed", 0)
    assert back.json["reverse_reason"] == "bounced"
    assert [now(customer, "invoices", i)["status"] for i in (one, other)] == ["pending"] * 2
    found = standing(customer)
    assert (found["outstanding"], found["revenue"], found["unapplied_credit"]) == (3_000, 0, 0)
    for verb, given in (("reverse", None), ("apply", {"invoice_id": one["id"]})):
        again = act(customer, "payments", payment, verb, given)
        assert (again.status, again.json["code"]) == (409, "reversed")


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ({}, [("/amount", "required")]),
        ({"amount": 0}, [("/amount", "amount")]),
        ({"amount": -5}, [("/amount", "amount")]),
        ({"amount": 1.5}, [("/amount", "amount")]),
        ({"amount": True}, [("/amount", "amount")]),
        ({"amount": "5"}, [("/amount", "amount")]),
        ({"amount": 10**15}, [("/amount", "amount")]),
        ({"amount": 5, "currency": "EUR"}, [("/currency", "currency")]),
        ({"amount": 5, "date": "0001-01-01"}, [("/date", "range")]),
        ({"amount": 5, "invoice_id": "inv_0"}, [("/invoice_id", "unknown")]),
        ({"amount": 5, "invoice_id": "CANCELLED"}, [("/invoice_id", "cancelled")]),
        ({"amount": 5, "invoice_id": "OTHER"}, [("/invoice_id", "unknown")]),
        ({"amount": 5, "invoice_id": "OPEN", "allocations": [{"invoice_id": "OPEN", "amount": 1}]},
         [("/invoice_id", "allocations")]),
        ({"amount": 5, "allocations": [{"invoice_id": "OPEN", "amount": 6}]},
         [("/allocations", "more_than_paid")]),
        ({"amount": 5, "allocations": [{"invoice_id": "OPEN", "amount": 1},
                                       {"invoice_id": "OPEN", "amount": 1}]},
         [("/allocations/1/invoice_id", "twice")]),
        ({"amount": 50, "allocations": [{"invoice_id": f"inv_{n}", "amount": 1}
                                        for n in range(16)]},
         [("/allocations", "too_many")]),
        ({"amount": -1, "currency": "EUR", "method": "x" * 51, "notes": "\u0000",
          "allocations": [{"invoice_id": "CANCELLED", "amount": 1},
                          {"invoice_id": "OTHER", "amount": 1}]},
         [("/allocations/0/invoice_id", "cancelled"), ("/allocations/1/invoice_id", "unknown"),
          ("/amount", "amount"), ("/currency", "currency"), ("/method", "text"),
          ("/notes", "text")]),
        ({"amount": 5, "allocations": [{"invoice_id": "OPEN", "amount": 0},
                                       {"invoice_id": "OPEN"}]},
         [("/allocations/0/amount", "amount"), ("/allocations/1/amount", "amount"),
          ("/allocations/1/invoice_id", "twice")]),
        ({"amount": 5, "allocations": [{"amount": 5}]},
         [("/allocations/0/invoice_id", "required")]),
        ({"amount": 5, "unapplied": 5}, [("/unapplied", "unknown_field")]),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_every_field_at_once_and_changes_nothing(
    customer: str, body: dict[str, Any], broken: list[tuple[str, str]]
) -> None:
    ids = {"OPEN": billed(customer, 1_000)["id"], "CANCELLED": billed(customer, 1_000)["id"]}
    act(customer, "invoices", {"id": ids["CANCELLED"]}, "cancel")
    ids["OTHER"] = billed(new_customer("Other"), 1_000)["id"]
    before = standing(customer)
    text = str(body)
    sent = {**body}
    if body.get("invoice_id") in ids:
        sent["invoice_id"] = ids[body["invoice_id"]]
    sent["allocations"] = [
        {**one, "invoice_id": ids.get(one["invoice_id"], one["invoice_id"])}
        if "invoice_id" in one
        else one
        for one in body.get("allocations", [])
    ] or None
    refused = RECORDS.post(f"{customer}/payments", sent)
    assert refused.status == 422, text
    assert sorted({(e["pointer"], e["code"]) for e in refused.json["errors"]}) == broken
    assert standing(customer) == before
    assert RECORDS.get(f"{customer}/payments").json["data"] == []


def test_credit_is_applied_within_its_rules(customer: str) -> None:
    payment = paid(customer, 500)
    invoice = billed(customer, 1_000)
    gone = billed(customer, 1_000)
    act(customer, "invoices", gone, "cancel")
    for body, pointer, code in (
        ({}, "/allocations", "required"),
        ({"allocations": [{"invoice_id": invoice["id"], "amount": 501}]},
         "/allocations", "more_than_paid"),
        ({"invoice_id": gone["id"]}, "/invoice_id", "cancelled"),
        ({"invoice_id": "inv_0"}, "/invoice_id", "unknown"),
    ):  # fmt: skip
        refused = act(customer, "payments", payment, "apply", body)
        assert refused.status == 422, body
        assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [(pointer, code)]
    assert now(customer, "payments", payment) == payment


def test_a_payment_keeps_its_money_and_only_its_words_are_edited(customer: str) -> None:
    payment = paid(customer, 500)
    path = f"{customer}/payments/{payment['id']}"
    edited = RECORDS.patch(path, {"reference": "R-1", "method": "cash", "notes": "late"}, '"1"')
    assert (edited.status, edited.json["reference"], edited.json["version"]) == (200, "R-1", 2)
    assert RECORDS.patch(path, {"reference": "R-2"}, '"1"').status == 412
    for body in ({"amount": 5}, {"date": "2026-01-01"}, {"invoice_id": "x"}, {"method": "x" * 51}):
        assert RECORDS.patch(path, body).status == 422
    refused = RECORDS.call("DELETE", path, headers={"if-match": "*"})
    assert (refused.status, refused.json["code"]) == (405, "never_deleted")
    assert now(customer, "payments", payment)["amount"] == 500


def test_the_same_request_records_one_payment(customer: str) -> None:
    invoice = billed(customer, 800)
    body = {"amount": 1_000, "invoice_id": invoice["id"]}
    first = RECORDS.post(f"{customer}/payments", body, idempotency_key="k1")
    # The function died after the write: the answer was never remembered.
    store = bootstrap.idempotency_store().table_name
    for item in bootstrap.dynamodb().scan(TableName=store)["Items"]:
        bootstrap.dynamodb().delete_item(TableName=store, Key={"id": item["id"]})
    again = RECORDS.post(f"{customer}/payments", body, idempotency_key="k1")
    assert (again.status, again.json) == (201, first.json)
    assert standing(customer)["unapplied_credit"] == 200


def test_payments_are_listed_by_customer_status_and_date(customer: str) -> None:
    invoice = billed(customer, 100)
    old = paid(customer, 100, invoice, date="2026-10-01")
    new = paid(customer, 200, date="2026-11-01")
    other = new_customer("Other")
    theirs = paid(other, 300, date="2026-11-15")
    act(other, "payments", theirs, "reverse")
    rows = RECORDS.get("/v1/payments").json["data"]
    assert [row["id"] for row in rows] == [theirs["id"], new["id"], old["id"]]
    assert rows[0]["customer"]["display_name"] == "Other"
    by_status = {
        status: [row["id"] for row in RECORDS.get("/v1/payments", status=status).json["data"]]
        for status in ("applied", "unapplied", "reversed", "partially_applied")
    }
    assert list(by_status.values()) == [[old["id"]], [new["id"]], [theirs["id"]], []]
    ranged = {"from": "2026-10-15", "to": "2026-11-14"}
    for path in ("/v1/payments", f"{customer}/payments"):
        found = RECORDS.call("GET", path, query=ranged).json["data"]
        assert [row["id"] for row in found] == [new["id"]]
    of_one = RECORDS.get("/v1/payments", customer_id=other.rpartition("/")[2]).json["data"]
    assert [row["id"] for row in of_one] == [theirs["id"]]


def pay(customer: str, values: dict[str, Any]) -> None:
    record_payment(call_of(customer, sales.payments()), values, till=sales.till())


def bill(customer: str, amount: int) -> str:
    values = {"lines": [{"description": "Work", "quantity": 1, "unit_price": amount}]}
    call = call_of(customer, sales.invoices())
    made = create_invoice(call, values, books=sales.books(), ledger=sales.ledger())
    return made.number


def test_several_who_pay_the_same_invoice_at_once_leave_one_outcome(customer: str) -> None:
    """Each sees what those before it left; what is too much is credit, and nothing is lost."""
    invoice = billed(customer, 1_000)
    body = {"amount": 300, "invoice_id": invoice["id"]}
    with one_call_at_a_time(), ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: pay(customer, body), range(6)))
    payments = RECORDS.get(f"{customer}/payments").json["data"]
    assert sorted(p["unapplied"] for p in payments) == [0, 0, 0, 200, 300, 300]
    assert now(customer, "invoices", invoice)["paid"] == 1_000
    found = standing(customer)
    assert (found["received"], found["outstanding"], found["unapplied_credit"]) == (1_000, 0, 800)


@pytest.mark.parametrize("_", range(4))
def test_a_payment_and_a_cancellation_at_once_leave_one_outcome(customer: str, _: int) -> None:
    invoice = billed(customer, 1_000)
    body = {"amount": 1_000, "invoice_id": invoice["id"]}
    call = call_of(customer, sales.invoices())
    with one_call_at_a_time(), ThreadPoolExecutor(2) as pool:
        pays = pool.submit(pay, customer, body)
        cancels = pool.submit(
            cancel_invoice, call, invoice["id"], reason=None, ledger=sales.ledger()
        )
        refusals = [type(done.exception()) for done in (pays, cancels)]
    status = now(customer, "invoices", invoice)["status"]
    assert (refusals, status) in (
        ([type(None), WrongState], "paid"),
        ([Invalid, type(None)], "cancelled"),
    )
    found = standing(customer)
    assert found["billed"] - found["received"] == found["outstanding"] == 0


def test_many_invoices_written_at_once_for_one_customer_all_count(customer: str) -> None:
    with one_call_at_a_time(), ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(lambda n: bill(customer, n), range(1, 13)))
    assert len(set(numbers)) == 12
    assert standing(customer)["billed"] == sum(range(1, 13))
    assert places("outstanding") == [(78, customer.rpartition("/")[2])]


def test_a_merge_and_payments_at_once_leave_the_orders_right(customer: str) -> None:
    loser = new_customer("Acme Ltd")
    theirs = billed(loser, 1_000)
    loser_id = loser.rpartition("/")[2]

    def merge() -> str:
        merging = merge_customers(
            "acme",
            customer.rpartition("/")[2],
            loser_id,
            {},
            is_preview=False,
            if_version=None,
            actor=Actor("otto"),
            customers=bootstrap.customers(),
            merges=duplicates.merges(),
            clock=bootstrap.clock,
        )
        assert merging.merge is not None
        return merging.merge.id

    with one_call_at_a_time(), ThreadPoolExecutor(5) as pool:
        merged = pool.submit(merge)
        for n in range(8):
            pool.submit(pay, loser, {"amount": 100, "invoice_id": theirs["id"]})
            pool.submit(bill, customer, 10 + n)
    assert merged.result()
    own_id = customer.rpartition("/")[2]
    assert places("outstanding") == [(200 + sum(range(10, 18)), own_id)]
    assert places("revenue") == [(800, own_id)]
    assert standing(loser)["outstanding"] == 200 + sum(range(10, 18))


@pytest.mark.shows("S1.42")
def test_the_invoices_and_the_standing_agree(customer: str) -> None:
    invoices = [billed(customer, amount) for amount in (100, 200, 300, 400)]
    paid(customer, 150, invoices[1])
    paid(customer, 50, invoices[2])
    act(customer, "invoices", invoices[3], "cancel")
    rows = RECORDS.get(f"{customer}/invoices").json["data"]
    counted = [row for row in rows if row["status"] != "cancelled"]
    found = standing(customer)
    assert sum(row["total"] for row in counted) == found["billed"] == 600
    assert sum(row["paid"] for row in counted) == found["revenue"] == 200
    assert sum(row["outstanding"] for row in rows) == found["outstanding"] == 400


@pytest.mark.shows("S1.05", "S1.22", "S1.23")
def test_revenue_is_what_came_in_for_invoices_that_hold(customer: str) -> None:
    paid(customer, 900)
    for year in range(2020, 2026):
        invoice = billed(customer, 1_000, date=f"{year}-06-01")
        paid(customer, 1_000, invoice, date=f"{year}-07-01")
    billed(customer, 5_000)
    act(customer, "invoices", billed(customer, 7_000), "cancel")
    assert standing(customer)["revenue"] == 6_000


@pytest.mark.shows("S1.25")
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_customers_are_listed_by_what_they_owe_and_by_what_they_have_paid(
    customer: str, limit: int
) -> None:
    """Those with nothing of it come after the others, by name."""
    names = {"Brown": (300, 100), "Crest": (700, 0), "Dale": (0, 500), "Zeta": (0, 0)}
    paths = {name: new_customer(name) for name in names}
    for name, (owed, earned) in names.items():
        for amount in (owed, earned):
            if amount:
                invoice = billed(paths[name], amount)
        if earned:
            paid(paths[name], earned, invoice)
    billed(paths["Zeta"], 0)
    paid(paths["Zeta"], 50)

    def listed(sort: str, **query: str) -> list[str]:
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = CUSTOMERS.get("/v1/customers", sort=sort, limit=limit, **query, **cursor).json
            seen += [row["display_name"] for row in page["data"]]
            if page["next_cursor"] is None:
                return seen
            cursor = {"cursor": page["next_cursor"]}

    assert listed("-outstanding") == ["Crest", "Brown", "Acme", "Dale", "Zeta"]
    assert listed("-revenue") == ["Dale", "Brown", "Acme", "Crest", "Zeta"]
    CUSTOMERS.post(f"{paths['Crest']}/deactivate", {"confirm": True}, if_match="*")
    assert listed("-outstanding") == ["Brown", "Acme", "Dale", "Zeta"]
    assert listed("-outstanding", status="inactive") == ["Crest"]
    assert listed("-outstanding", status="all")[0] == "Crest"
    RECORDS.post(f"{paths['Brown']}/payments", {"amount": 300})
    act_on = RECORDS.get(f"{paths['Brown']}/payments").json["data"][0]
    owed_for = RECORDS.get(f"{paths['Brown']}/invoices", status="pending").json["data"][0]
    act(paths["Brown"], "payments", act_on, "apply", {"invoice_id": owed_for["id"]})
    assert listed("-outstanding") == ["Acme", "Brown", "Dale", "Zeta"], "true in the next request"
    assert listed("-revenue")[0] == "Dale"


def test_what_is_billed_for_projects_is_a_sum_of_its_own(customer: str) -> None:
    project = RECORDS.post(f"{customer}/projects", {"name": "Roof"}).json["id"]
    first = billed(customer, 1_000, project_id=project)
    billed(customer, 500)
    paid(customer, 400, first)
    found = standing(customer)
    assert (found["project_billed"], found["project_received"]) == (1_000, 400)
    path = f"{customer}/invoices/{billed(customer, 70, project_id=project)['id']}"
    assert RECORDS.patch(path, {"project_id": None}).json["project_id"] is None
    assert standing(customer)["project_billed"] == 1_000


def test_a_payment_of_the_survivor_pays_an_invoice_of_the_merged(customer: str) -> None:
    loser = new_customer("Acme Ltd")
    own, theirs = billed(customer, 1_000), billed(loser, 2_000)
    credit = paid(loser, 100)
    loser_id, own_id = (path.rpartition("/")[2] for path in (loser, customer))
    assert places("outstanding") == [(2_000, loser_id), (1_000, own_id)]
    merged = CUSTOMERS.post(f"{customer}/merge", {"loser_id": loser_id}, if_match="*")
    assert merged.status == 200, merged.text
    assert places("outstanding") == [(3_000, own_id)]
    for path in (customer, loser):
        assert (standing(path)["outstanding"], standing(path)["unapplied_credit"]) == (3_000, 100)
    body = {
        "amount": 3_000,
        "allocations": [
            {"invoice_id": own["id"], "amount": 600},
            {"invoice_id": theirs["id"], "amount": 2_000},
        ],
    }
    payment = RECORDS.post(f"{customer}/payments", body)
    assert payment.status == 201, payment.text
    assert places("outstanding") == [(400, own_id)]
    assert places("revenue") == [(2_600, own_id)]
    assert act(customer, "payments", credit, "apply", {"invoice_id": own["id"]}).status == 200
    undone = CUSTOMERS.post(f"/v1/merges/{merged.json['merge_id']}/undo", {})
    assert undone.status == 200, undone.text
    assert standing(customer)["outstanding"] == 300
    assert standing(loser)["outstanding"] == 0
    assert places("outstanding") == [(300, own_id)]
    assert places("revenue") == [(2_000, loser_id), (700, own_id)]
    back = act(customer, "payments", payment.json, "reverse")
    assert back.status == 200, back.text
    assert (standing(customer)["outstanding"], standing(loser)["outstanding"]) == (900, 2_000)
    assert places("outstanding") == [(2_000, loser_id), (900, own_id)]


@pytest.mark.shows("S0.68", "S1.19")
def test_a_customer_with_open_money_is_deleted_only_knowingly_and_keeps_its_books(
    customer: str,
) -> None:
    invoice = billed(customer, 1_000)
    half = paid(customer, 400, invoice)
    paid(customer, 50)
    refused = delete(customer)
    assert (refused.status, refused.json["code"]) == (409, "open_work")
    assert [(e["code"], e["detail"]) for e in refused.json["errors"]] == [
        ("invoice", "1 open invoice"),
        ("payment", "1 open payment"),
    ]
    body = {"action": "delete", "ids": [customer.rpartition("/")[2]], "confirm": True}
    item = CUSTOMERS.post("/v1/customers/bulk", body).json["results"][0]
    assert (item["status"], item["problem"]["code"]) == (409, "open_work")
    assert CUSTOMERS.get(customer).status == 200
    assert delete(customer, confirm_open_work="true").status == 204
    assert places("outstanding") == places("revenue") == []
    assert RECORDS.get(f"{customer}/invoices").status == 410
    assert RECORDS.get("/v1/invoices").json["data"] == []
    archive = f"{customer}/archive"
    assert [row["id"] for row in RECORDS.get(f"{archive}/invoices").json["data"]] == [invoice["id"]]
    assert RECORDS.get(f"{archive}/invoices/{invoice['id']}").json["lines"] == invoice["lines"]
    assert len(RECORDS.get(f"{archive}/payments").json["data"]) == 2
    assert RECORDS.get(f"{archive}/payments/{half['id']}").json == half
    assert RECORDS.get(f"{archive}/payments/pay_0").status == 404
    assert RECORDS.get(f"{new_customer('Other')}/archive/invoices").status == 409


def test_many_with_open_work_are_deleted_at_once_when_that_is_confirmed(customer: str) -> None:
    billed(customer, 1_000)
    CUSTOMERS.post(f"{customer}/deactivate", {"confirm": True}, if_match="*")
    body = {"action": "delete", "ids": [customer.rpartition("/")[2]], "confirm": True}
    done = CUSTOMERS.post("/v1/customers/bulk", {**body, "confirm_open_work": True})
    assert [item["status"] for item in done.json["results"]] == [204]


def test_a_customer_whose_money_is_settled_is_deleted_as_ever(customer: str) -> None:
    paid(customer, 1_000, billed(customer, 1_000))
    act(customer, "invoices", billed(customer, 500), "cancel")
    assert places("revenue") == [(1_000, customer.rpartition("/")[2])]
    assert delete(customer).status == 204
    assert places("revenue") == []


def test_a_payment_taken_back_after_the_merged_customer_was_deleted(customer: str) -> None:
    """Its invoice lies with a deleted customer by then: the books still add up."""
    loser = new_customer("Acme Ltd")
    theirs = billed(loser, 2_000)
    loser_id = loser.rpartition("/")[2]
    merged = CUSTOMERS.post(f"{customer}/merge", {"loser_id": loser_id}, if_match="*").json
    payment = paid(customer, 2_000, theirs)
    assert CUSTOMERS.post(f"/v1/merges/{merged['merge_id']}/undo", {}).status == 200
    assert delete(loser).status == 204
    assert act(customer, "payments", payment, "reverse").status == 200
    archived = RECORDS.get(f"{loser}/archive/invoices/{theirs['id']}").json
    assert (archived["status"], archived["outstanding"]) == ("pending", 2_000)
    assert places("outstanding") == []


def test_fifteen_invoices_are_paid_and_opened_again_in_one_step(customer: str) -> None:
    invoices = [billed(customer, 100) for _ in range(15)]
    allocations = [{"invoice_id": invoice["id"], "amount": 100} for invoice in invoices]
    body = {"amount": 1_501, "allocations": allocations}
    payment = RECORDS.post(f"{customer}/payments", body, idempotency_key="k")
    assert payment.status == 201, payment.text
    assert standing(customer)["outstanding"] == 0
    one_more = billed(customer, 100)
    refused = act(customer, "payments", payment.json, "apply", {"invoice_id": one_more["id"]})
    assert refused.status == 422
    assert refused.json["errors"][0]["code"] == "too_many"
    back = act(customer, "payments", payment.json, "reverse", {"reason": "bounced"})
    assert back.status == 200, back.text
    assert standing(customer)["outstanding"] == 1_600


def test_another_company_finds_none_of_it_and_viewers_record_none(customer: str) -> None:
    payment = paid(customer, 100)
    path = f"{customer}/payments/{payment['id']}"
    other = Api("records_api", tenant="globex")
    assert other.get(path).status == 404
    assert other.get(f"{customer}/standing").status == 404
    assert other.get("/v1/payments").json["data"] == []
    assert other.post(f"{customer}/payments", {"amount": 5}).status == 404
    assert other.call("POST", f"{path}/reverse").status == 404
    viewer = Api("records_api", role="viewer")
    assert viewer.get(path).status == 200
    assert viewer.post(f"{customer}/payments", {"amount": 5}).status == 403
    assert viewer.call("POST", f"{path}/reverse").status == 403
