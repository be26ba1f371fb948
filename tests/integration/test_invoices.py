"""Invoices through the API: from the customer, priced, due, approved, sent, cancelled, listed."""

from datetime import timedelta
from typing import Any

import pytest

from roster import bootstrap
from tests.support.api import Api
from tests.support.money import RECORDS, Day, act, billed, new_customer, now, paid, standing

PUNE, MUMBAI = "27AAPFU0939F1ZV", "27AAACR5055K1Z7"
VISIT = {"description": "Yearly inspection", "quantity": "1.5", "unit_price": 200_000}
ADMIN = Api("settings_api", role="admin")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Day:
    day = Day()
    monkeypatch.setattr(bootstrap, "clock", day)
    return day


@pytest.fixture
def customer(cloud: None) -> str:
    """A customer of a company in Pune, with everything an invoice may start from."""
    assert ADMIN.call("PATCH", "/v1/settings", {"currency": "INR", "gstin": PUNE}).status == 200
    rate = ADMIN.post("/v1/tax-rates", {"name": "GST 18", "rate_percent": 18}).json["id"]
    term = ADMIN.post("/v1/payment-terms", {"name": "Net 15", "due_days": 15}).json["id"]
    return new_customer(
        "Reliance Cool",
        gstin=MUMBAI,
        pan=MUMBAI[2:12],
        email="buy@reliance.example",
        billing_address={"street": "1 Marine Drive", "city": "Mumbai", "zip": "400001"},
        tax_rate_id=rate,
        payment_term_id=term,
        default_discount_percent=10,
    )


def written(customer: str, **body: Any) -> Any:
    made = RECORDS.post(f"{customer}/invoices", {"lines": [VISIT], **body})
    assert made.status == 201, made.text
    return made.json


@pytest.mark.shows("S0.45", "S0.47", "S1.03", "S1.09", "S1.40")
def test_an_invoice_starts_with_all_that_is_known_of_the_customer(customer: str) -> None:
    made = RECORDS.post(f"{customer}/invoices", {"lines": [VISIT]})
    assert made.status == 201, made.text
    invoice = made.json
    path = f"{customer}/invoices/{invoice['id']}"
    assert made.headers["location"] == path
    assert RECORDS.get(path).json == invoice
    assert (invoice["number"], invoice["status"]) == ("INV-00001", "pending")
    assert (invoice["date"], invoice["due_date"]) == ("2026-11-22", "2026-12-07")
    assert (invoice["payment_term_name"], invoice["due_days"]) == ("Net 15", 15)
    assert (invoice["customer_name"], invoice["email"]) == ("Reliance Cool", "buy@reliance.example")
    assert (invoice["gstin"], invoice["pan"]) == (MUMBAI, MUMBAI[2:12])
    assert invoice["seller_gstin"] == PUNE
    assert invoice["billing_address"]["street"] == "1 Marine Drive"
    amounts = [invoice[name] for name in ("subtotal", "discount", "tax", "total", "paid")]
    assert amounts == [300_000, 30_000, 48_600, 318_600, 0]
    assert [(part["name"], part["tax"]) for part in invoice["taxes"][0]["parts"]] == [
        ("cgst", 24_300),
        ("sgst", 24_300),
    ]
    assert invoice["outstanding"] == 318_600
    assert standing(customer)["billed"] == 318_600


@pytest.mark.shows("S0.45", "S0.47")
def test_what_the_body_says_goes_before_what_the_customer_says(customer: str) -> None:
    term = ADMIN.post("/v1/payment-terms", {"name": "Net 30", "due_days": 30}).json["id"]
    by_term = written(customer, payment_term_id=term, date="2026-11-01")
    assert by_term["due_date"] == "2026-12-01"
    by_date = written(customer, due_date="2026-11-25", tax_rate_id=None, discount_percent=0)
    assert (by_date["due_date"], by_date["total"]) == ("2026-11-25", 300_000)
    at_once = written(customer, payment_term_id=None)
    assert at_once["due_date"] == at_once["date"]


def test_an_invoice_keeps_what_the_customer_was_when_it_was_written(customer: str) -> None:
    invoice = written(customer)
    changed = {"company_name": "Reliance Heat", "email": "x@reliance.example", "gstin": None}
    assert Api("customers_api").patch(customer, changed).status == 200
    rate, term = invoice["tax_rate_id"], invoice["payment_term_id"]
    ADMIN.call("PATCH", f"/v1/tax-rates/{rate}", {"rate_percent": 28})
    ADMIN.call("PATCH", f"/v1/payment-terms/{term}", {"due_days": 1})
    assert now(customer, "invoices", invoice) == invoice


def test_numbers_are_the_companys_own_and_never_given_twice(customer: str) -> None:
    other = new_customer("Other")
    numbers = [billed(path, 1)["number"] for path in (customer, other, customer)]
    assert numbers == ["INV-00001", "INV-00002", "INV-00003"]


@pytest.mark.shows("S1.39")
def test_the_status_follows_from_what_happened(customer: str) -> None:
    invoice = billed(customer, 1000, tax_rate_id=None, discount_percent=0)
    assert invoice["status"] == "pending"
    assert act(customer, "invoices", invoice, "send").json["status"] == "sent"
    paid(customer, 400, invoice)
    assert now(customer, "invoices", invoice)["status"] == "partially_paid"
    paid(customer, 600, invoice)
    assert now(customer, "invoices", invoice)["status"] == "paid"
    other = billed(customer, 1000)
    assert act(customer, "invoices", other, "cancel").json["status"] == "cancelled"
    statuses = {"pending": 0, "sent": 0, "partially_paid": 0, "paid": 1, "cancelled": 1}
    for status, count in statuses.items():
        for path in ("/v1/invoices", f"{customer}/invoices"):
            assert len(RECORDS.get(path, status=status).json["data"]) == count


def test_an_invoice_over_nothing_is_possible_and_paid_once_it_is_sent(customer: str) -> None:
    free = billed(customer, 0)
    assert (free["total"], free["status"]) == (0, "pending")
    assert act(customer, "invoices", free, "send").json["status"] == "paid"
    assert standing(customer)["open_invoices"] == 0


@pytest.mark.shows("S4.102", "S4.103")
def test_an_invoice_is_approved_before_the_accounting_system_may_have_it(customer: str) -> None:
    invoice = written(customer)
    assert (invoice["approved"], invoice["ready_for_sync"]) == (False, False)
    refused = act(customer, "invoices", invoice, "ready-for-sync")
    assert (refused.status, refused.json["code"]) == (409, "not_approved")
    assert act(customer, "invoices", invoice, "approve").json["approved"] is True
    ready = act(customer, "invoices", invoice, "ready-for-sync").json
    assert ready["ready_for_sync"] is True
    again = act(customer, "invoices", invoice, "approve").json
    assert again["version"] == ready["version"], "twice is once"
    edited = RECORDS.patch(
        f"{customer}/invoices/{invoice['id']}", {"lines": [{**VISIT, "quantity": 2}]}
    ).json
    assert (edited["approved"], edited["ready_for_sync"]) == (False, False), "of other prices"


def test_sending_twice_keeps_the_first_time(customer: str) -> None:
    invoice = written(customer)
    first = act(customer, "invoices", invoice, "send").json
    assert act(customer, "invoices", invoice, "send", {}).json == first
    empty = RECORDS.post(f"{customer}/invoices", {}).json
    refused = act(customer, "invoices", empty, "send")
    assert (refused.status, refused.json["code"]) == (409, "no_lines")


def test_an_edit_prices_again_and_moves_what_is_owed(customer: str) -> None:
    invoice = written(customer)
    path = f"{customer}/invoices/{invoice['id']}"
    assert RECORDS.call("PATCH", path, {"lines": []}).status == 428
    edited = RECORDS.patch(path, {"discount_percent": None, "date": "2026-11-23"}, '"1"')
    assert edited.status == 200, edited.text
    assert (edited.json["total"], edited.json["due_date"]) == (354_000, "2026-12-08")
    assert RECORDS.patch(path, {"notes": "late"}, '"1"').status == 412
    assert standing(customer)["outstanding"] == 354_000
    fixed = RECORDS.patch(path, {"due_date": "2027-01-01"}).json
    kept = RECORDS.patch(path, {"date": "2026-11-24"}).json
    assert (fixed["due_date"], kept["due_date"]) == ("2027-01-01", "2027-01-01")
    assert RECORDS.patch(path, {"due_date": None}).json["due_date"] == "2026-12-09"
    paid(customer, 1, invoice)
    refused = RECORDS.patch(path, {"notes": "x"})
    assert (refused.status, refused.json["code"]) == (409, "has_payments")


@pytest.mark.shows("S1.23")
def test_a_cancelled_invoice_counts_nowhere_and_a_paid_one_is_not_cancelled(customer: str) -> None:
    invoice = billed(customer, 1000, tax_rate_id=None, discount_percent=0)
    payment = paid(customer, 300, invoice)
    refused = act(customer, "invoices", invoice, "cancel", {"reason": "wrong"})
    assert (refused.status, refused.json["code"]) == (409, "has_payments")
    assert now(customer, "invoices", invoice)["status"] == "partially_paid"
    act(customer, "payments", payment, "reverse")
    done = act(customer, "invoices", invoice, "cancel", {"reason": "wrong"}).json
    assert (done["status"], done["outstanding"], done["cancel_reason"]) == ("cancelled", 0, "wrong")
    found = standing(customer)
    assert (found["billed"], found["outstanding"], found["revenue"]) == (0, 0, 0)
    for verb in ("cancel", "approve", "send", "ready-for-sync"):
        answer = act(customer, "invoices", invoice, verb)
        assert (answer.status, answer.json["code"]) == (409, "cancelled")
    assert RECORDS.patch(f"{customer}/invoices/{invoice['id']}", {"notes": "x"}).status == 409


def test_an_invoice_is_never_deleted(customer: str) -> None:
    invoice = written(customer)
    path = f"{customer}/invoices/{invoice['id']}"
    refused = RECORDS.call("DELETE", path, headers={"if-match": "*"})
    assert (refused.status, refused.headers["allow"]) == (405, "GET, PATCH")
    assert now(customer, "invoices", invoice) == invoice


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"lines": [{"description": "x"}]}, ["/lines/0/quantity", "/lines/0/unit_price"]),
        ({"lines": [VISIT, {"quantity": 0, "unit_price": 1.5}]},
         ["/lines/1/description", "/lines/1/quantity", "/lines/1/unit_price"]),
        ({"currency": "USD", "tax_rate_id": "tax_0", "payment_term_id": "term_0"},
         ["/currency", "/payment_term_id", "/tax_rate_id"]),
        ({"due_date": "2026-11-21"}, ["/due_date"]),
        ({"date": "1066-10-14"}, ["/date"]),
        ({"project_id": "x" * 51, "discount_percent": 101, "email": "no"},
         ["/discount_percent", "/email", "/project_id"]),
        ({"project_id": "prj_0", "discount_percent": 101}, ["/discount_percent", "/project_id"]),
        ({"lines": [{"description": "x", "quantity": 1, "unit_price": -5}]}, ["/lines"]),
        ({"lines": "x"}, ["/lines"]),
        ({"total": 5}, ["/total"]),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_every_field_at_once_and_changes_nothing(
    customer: str, body: dict[str, Any], pointers: list[str]
) -> None:
    refused = RECORDS.post(f"{customer}/invoices", {"lines": [VISIT], **body})
    assert refused.status == 422
    assert sorted({e["pointer"] for e in refused.json["errors"]}) == pointers
    invoice = written(customer)
    path = f"{customer}/invoices/{invoice['id']}"
    assert RECORDS.patch(path, body).status == 422
    assert RECORDS.get(path).json == invoice
    assert invoice["number"] == "INV-00001", "nothing that was refused took a number"


def test_an_invoice_is_for_a_project_of_its_own_customer(customer: str) -> None:
    own = RECORDS.post(f"{customer}/projects", {"name": "Roof"}).json["id"]
    foreign = RECORDS.post(f"{new_customer('Other')}/projects", {"name": "Roof"}).json["id"]
    refused = RECORDS.post(f"{customer}/invoices", {"lines": [VISIT], "project_id": foreign})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/project_id")
    invoice = written(customer, project_id=own)
    path = f"{customer}/invoices/{invoice['id']}"
    assert RECORDS.patch(path, {"project_id": foreign}).status == 422
    assert RECORDS.get(path).json == invoice


def test_an_edit_of_anything_else_leaves_prices_and_due_date_as_they_were(customer: str) -> None:
    invoice = written(customer)
    path = f"{customer}/invoices/{invoice['id']}"
    act(customer, "invoices", invoice, "approve")
    rate, term = invoice["tax_rate_id"], invoice["payment_term_id"]
    assert ADMIN.call("PATCH", f"/v1/tax-rates/{rate}", {"rate_percent": 28}).status == 200
    assert ADMIN.call("PATCH", f"/v1/payment-terms/{term}", {"due_days": 60}).status == 200

    noted = RECORDS.patch(path, {"notes": "Ring twice"}).json
    same = ("lines", "taxes", "tax", "total", "due_days", "due_date")
    assert {name: noted[name] for name in same} == {name: invoice[name] for name in same}
    assert (noted["notes"], noted["approved"]) == ("Ring twice", True)

    priced = RECORDS.patch(path, {"discount_percent": 0}).json
    assert (priced["tax"], priced["approved"]) == (84_000, False), "28 percent of 3,000.00"
    assert priced["due_date"] == invoice["due_date"]


def test_the_same_request_writes_one_invoice(customer: str) -> None:
    body = {"lines": [VISIT]}
    first = RECORDS.post(f"{customer}/invoices", body, idempotency_key="k1")
    # The function died after the write: the answer was never remembered.
    store = bootstrap.idempotency_store().table_name
    for item in bootstrap.dynamodb().scan(TableName=store)["Items"]:
        bootstrap.dynamodb().delete_item(TableName=store, Key={"id": item["id"]})
    again = RECORDS.post(f"{customer}/invoices", body, idempotency_key="k1")
    assert (again.status, again.json) == (201, first.json)
    assert standing(customer)["billed"] == first.json["total"]


@pytest.mark.shows("S1.37", "S1.38", "S1.41")
def test_a_customers_invoices_are_listed_newest_first_with_what_a_row_needs(customer: str) -> None:
    made = [billed(customer, n + 1) for n in range(5)]
    billed(new_customer("Other"), 9)
    seen: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = RECORDS.get(f"{customer}/invoices", limit=2, **cursor).json
        seen += page["data"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert [row["id"] for row in seen] == [invoice["id"] for invoice in reversed(made)]
    row = seen[0]
    assert (row["number"], row["date"], row["status"]) == ("INV-00005", "2026-11-22", "pending")
    assert row["total"] == made[-1]["total"]
    assert "lines" not in row


def test_invoices_across_customers_by_status_date_and_what_is_overdue(
    customer: str, today: Day
) -> None:
    other = new_customer("Other")
    early = billed(other, 100, date="2026-10-01", due_date="2026-10-31")
    late = billed(customer, 200, date="2026-11-01", due_date="2026-11-22")
    settled = billed(other, 300, date="2026-09-01")
    paid(other, 300, settled)
    rows = RECORDS.get("/v1/invoices").json["data"]
    assert [row["id"] for row in rows] == [late["id"], early["id"], settled["id"]]
    assert rows[0]["customer"]["display_name"] == "Reliance Cool"
    ranged = RECORDS.call(
        "GET", "/v1/invoices", query={"from": "2026-09-15", "to": "2026-10-31"}
    ).json["data"]
    assert [row["id"] for row in ranged] == [early["id"]]
    other_id = other.rpartition("/")[2]
    of_one = RECORDS.get("/v1/invoices", customer_id=other_id, status="paid").json["data"]
    assert [row["id"] for row in of_one] == [settled["id"]]
    overdue = RECORDS.get("/v1/invoices", overdue="true").json["data"]
    assert [(row["id"], row["overdue"]) for row in overdue] == [(early["id"], True)]
    assert [standing(path)["overdue"] for path in (other, customer)] == [100, 0]
    today.now += timedelta(days=1)
    overdue = RECORDS.get("/v1/invoices", overdue="true").json["data"]
    assert [row["id"] for row in overdue] == [late["id"], early["id"]], "it is a day later"
    assert standing(customer)["overdue"] == late["total"], "without a write"
    assert [r["id"] for r in RECORDS.get(f"{customer}/invoices", overdue="true").json["data"]] == [
        late["id"]
    ]
    assert RECORDS.get("/v1/invoices", status="draft").status == 422
    assert RECORDS.get("/v1/invoices", colour="red").status == 400


def test_what_happens_to_an_invoice_is_told_on_the_timeline(customer: str) -> None:
    invoice = written(customer)
    for verb in ("approve", "send"):
        act(customer, "invoices", invoice, verb)
    payment = paid(customer, invoice["total"], invoice)
    act(customer, "payments", payment, "reverse")
    entries = Api("customers_api").get(f"{customer}/timeline").json["data"]
    kinds = [entry["kind"] for entry in entries]
    assert sorted(kinds[:2]) == ["invoice_reopened", "payment_reversed"]
    assert sorted(kinds[2:4]) == ["invoice_paid", "payment_recorded"]
    assert kinds[4:] == ["invoice_sent", "invoice_approved", "invoice_created", "created"]
    assert "olga sent invoice INV-00001" in [entry["text"] for entry in entries]


def test_another_company_finds_none_of_it_and_viewers_write_none(customer: str) -> None:
    invoice = written(customer)
    path = f"{customer}/invoices/{invoice['id']}"
    other = Api("records_api", tenant="globex")
    assert other.get(path).status == 404
    assert other.get("/v1/invoices").json["data"] == []
    assert other.post(f"{customer}/invoices", {"lines": [VISIT]}).status == 404
    assert other.call("POST", f"{path}/cancel").status == 404
    viewer = Api("records_api", role="viewer")
    assert viewer.get(path).status == 200
    assert viewer.post(f"{customer}/invoices", {"lines": [VISIT]}).status == 403
    assert viewer.call("POST", f"{path}/cancel").status == 403


def test_the_currency_stays_once_there_is_money_in_it(customer: str) -> None:
    settings = "/v1/settings"
    assert ADMIN.call("PATCH", settings, {"currency": "KWD"}).status == 200
    assert ADMIN.call("PATCH", settings, {"currency": "INR"}).status == 200
    written(customer)
    for currency in ("USD", None):
        refused = ADMIN.call("PATCH", settings, {"currency": currency, "country": "IN"})
        assert refused.status == 422
        assert refused.json["errors"][0]["pointer"] == "/currency"
        assert refused.json["errors"][0]["code"] == "money_written"
    found = ADMIN.get(settings).json
    assert (found["currency"], found["country"]) == ("INR", "US"), "nothing of it was set"
    assert ADMIN.call("PATCH", settings, {"currency": "INR", "country": "IN"}).status == 200


@pytest.mark.parametrize("currency", ["INR", None])
def test_a_currency_set_in_the_same_moment_is_refused_too(
    customer: str, currency: str | None
) -> None:
    """Whoever read the settings before the first invoice was written."""
    books = bootstrap.company_settings()
    assert ADMIN.call("PATCH", "/v1/settings", {"currency": currency}).status == 200
    assert books.keep_currency("acme", currency or "USD")
    assert not books.save("acme", {"currency": "KWD"})
    assert not books.keep_currency("acme", "KWD")
    assert books.save("acme", {"currency": currency})
