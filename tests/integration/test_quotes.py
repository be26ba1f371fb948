"""Quotes through the API: drafted from the customer, priced, sent, answered, expired by the day."""

from datetime import timedelta
from typing import Any

import pytest

from roster import bootstrap
from roster.bootstrap import sales
from roster.domain.events import Actor
from roster.domain.invoice import Invoice
from roster.usecases.converting import convert_quote
from roster.usecases.ledger_ports import Earlier, Posting
from roster.usecases.record_keeping import Call
from tests.support.api import Answer, Api
from tests.support.money import NOW, Day

QUOTES = Api("records_api")
PUNE, MUMBAI, BENGALURU = "27AAPFU0939F1ZV", "27AAACR5055K1Z7", "29AAGCB7383J1Z4"
VISIT = {"description": "Yearly inspection", "quantity": "1.5", "unit_price": 200_000}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Day:
    day = Day()
    monkeypatch.setattr(bootstrap, "clock", day)
    return day


@pytest.fixture
def customer(customers_api: Api) -> str:
    """The path of a customer of a company in Pune, with everything a quote may start from."""
    admin = Api("settings_api", role="admin")
    assert admin.call("PATCH", "/v1/settings", {"currency": "INR", "gstin": PUNE}).status == 200
    rate = admin.post("/v1/tax-rates", {"name": "GST 18", "rate_percent": 18}).json["id"]
    term = admin.post("/v1/payment-terms", {"name": "Net 15", "due_days": 15}).json["id"]
    made = customers_api.post(
        "/v1/customers",
        {
            "company_name": "Reliance Cool",
            "gstin": MUMBAI,
            "pan": MUMBAI[2:12],
            "email": "buy@reliance.example",
            "billing_address": {"street": "1 Marine Drive", "city": "Mumbai", "zip": "400001"},
            "tax_rate_id": rate,
            "payment_term_id": term,
            "default_discount_percent": 10,
        },
    )
    assert made.status == 201, made.text
    return f"/v1/customers/{made.json['id']}"


def drafted(customer: str, body: dict[str, Any] | None = None) -> Any:
    answer = QUOTES.post(f"{customer}/quotes", {"lines": [VISIT]} if body is None else body)
    assert answer.status == 201, answer.text
    return answer.json


def act(customer: str, quote: Any, verb: str, body: Any = None) -> Answer:
    return QUOTES.call("POST", f"{customer}/quotes/{quote['id']}/{verb}", body)


def pointers(answer: Answer) -> list[str]:
    assert answer.status == 422, answer.text
    return [error["pointer"] for error in answer.json["errors"]]


@pytest.mark.shows("S1.07", "S1.08", "S1.03", "S0.47", "S0.46")
def test_a_quote_starts_with_what_is_known_of_the_customer(
    customers_api: Api, customer: str
) -> None:
    known = customers_api.get(customer).json
    quote = drafted(customer)
    assert quote["customer_id"] == known["id"]
    for name in ("email", "gstin", "pan", "tax_rate_id", "payment_term_id"):
        assert quote[name] == known[name] is not None
    assert quote["customer_name"] == "Reliance Cool"
    assert quote["billing_address"]["street"] == "1 Marine Drive"
    assert (quote["payment_term_name"], quote["due_days"]) == ("Net 15", 15)
    assert (quote["seller_gstin"], quote["currency"]) == (PUNE, "INR")
    assert (quote["number"], quote["status"]) == ("Q-00001", "draft")
    assert (quote["date"], quote["valid_until"]) == ("2026-11-22", "2026-12-22")
    line = quote["lines"][0]
    assert (line["amount"], line["discount"], line["net"]) == (300_000, 30_000, 270_000)
    assert (line["tax"], line["total"]) == (48_600, 318_600)
    assert (quote["subtotal"], quote["discount"], quote["tax"], quote["total"]) == (
        *(300_000, 30_000, 48_600),
        318_600,
    )
    (tax,) = quote["taxes"]
    assert [(p["name"], p["percent"], p["tax"]) for p in tax["parts"]] == [
        ("cgst", "9", 24_300),
        ("sgst", "9", 24_300),
    ]
    customers_api.patch(customer, {"gstin": BENGALURU, "pan": BENGALURU[2:12]})
    assert QUOTES.get(f"{customer}/quotes/{quote['id']}").json == quote, "what was written stays"
    (other,) = drafted(customer)["taxes"]
    assert [(part["name"], part["tax"]) for part in other["parts"]] == [("igst", 48_600)]


def test_without_a_billing_address_the_service_address_is_taken(customers_api: Api) -> None:
    home = {"street": "5 Elm St", "city": "Austin", "state": "TX", "zip": "78701"}
    plain = customers_api.post(
        "/v1/customers", {"full_name": "Ann Lee", "service_location": home}
    ).json
    quote = drafted(f"/v1/customers/{plain['id']}", {})
    assert quote["billing_address"]["street"] == "5 Elm St"
    assert (quote["customer_name"], quote["currency"], quote["total"]) == ("Ann Lee", "USD", 0)
    assert (quote["lines"], quote["taxes"], quote["gstin"]) == ([], [], None)


def test_what_the_body_says_counts(customer: str) -> None:
    quote = drafted(
        customer,
        {
            "date": "2026-11-01",
            "valid_until": None,
            "discount_percent": 0,
            "tax_rate_id": None,
            "payment_term_id": None,
            "gstin": None,
            "pan": None,
            "billing_address": {"city": "Pune"},
            "reference": "PO 7",
            "notes": "Parts\nextra",
            "lines": [VISIT, {**VISIT, "quantity": 2, "unit_price": -100}],
        },
    )
    assert (quote["date"], quote["valid_until"]) == ("2026-11-01", None)
    assert (quote["discount"], quote["tax"], quote["total"]) == (0, 0, 299_800)
    assert (quote["gstin"], quote["payment_term_name"], quote["due_days"]) == (None, None, None)
    assert quote["billing_address"]["city"] == "Pune"
    assert (quote["reference"], quote["notes"]) == ("PO 7", "Parts\nextra")


def test_a_draft_is_edited_until_it_is_sent_and_priced_again(customer: str) -> None:
    quote = drafted(customer, {})
    path = f"{customer}/quotes/{quote['id']}"
    assert QUOTES.call("PATCH", path, {"notes": "x"}).status == 428
    one = QUOTES.patch(path, {"lines": [VISIT, {**VISIT, "discount_percent": "50"}]}).json
    assert (one["version"], one["discount"]) == (2, 180_000)
    two = QUOTES.patch(path, {"discount_percent": "20", "tax_rate_id": None}, if_match='"2"').json
    assert two["discount"] == 60_000 + 150_000, "a line's own discount stays its own"
    assert (two["tax"], two["total"]) == (0, 390_000)
    assert QUOTES.patch(path, {"notes": "late"}, if_match='"2"').status == 412
    assert QUOTES.patch(path, {"discount_percent": 20}).json["version"] == 3, "nothing moved"
    assert act(customer, quote, "send").json["status"] == "sent"
    refused = QUOTES.patch(path, {"notes": "x"})
    assert (refused.status, refused.json["code"]) == (409, "not_a_draft")
    assert QUOTES.call("DELETE", path, headers={"if-match": "*"}).status == 409
    assert QUOTES.get(path).json["notes"] is None


def test_a_draft_is_deleted_and_its_number_is_not_given_again(customer: str) -> None:
    quote = drafted(customer)
    path = f"{customer}/quotes/{quote['id']}"
    assert QUOTES.call("DELETE", path).status == 428
    assert QUOTES.call("DELETE", path, headers={"if-match": '"1"'}).status == 204
    assert QUOTES.get(path).status == 404
    assert QUOTES.get(f"{customer}/quotes").json["data"] == []
    assert drafted(customer)["number"] == "Q-00002"


@pytest.mark.shows("S1.34")
def test_a_quote_is_draft_sent_accepted_rejected_or_expired(customer: str, today: Day) -> None:
    accepted, rejected, expired = drafted(customer), drafted(customer), drafted(customer)
    for quote in (accepted, rejected, expired):
        for verb in ("accept", "reject"):
            refused = act(customer, quote, verb)
            assert (refused.status, refused.json["code"]) == (409, "not_sent")
        sent = act(customer, quote, "send").json
        assert (sent["status"], sent["version"]) == ("sent", 2)
        assert act(customer, quote, "send").json == sent, "sent once"
    answered = act(customer, accepted, "accept").json
    assert answered["status"] == "accepted"
    assert answered["decided_at"] is not None
    assert act(customer, accepted, "accept").json == answered
    assert act(customer, accepted, "reject").status == 409
    assert act(customer, accepted, "send").json["code"] == "already_answered"
    no = act(customer, rejected, "reject", {"reason": "too dear"}).json
    assert (no["status"], no["reason"]) == ("rejected", "too dear")
    today.now = NOW + timedelta(days=30)
    assert QUOTES.get(f"{customer}/quotes/{expired['id']}").json["status"] == "sent"
    today.now = NOW + timedelta(days=31)
    assert QUOTES.get(f"{customer}/quotes/{expired['id']}").json["status"] == "expired"
    late = act(customer, expired, "accept")
    assert (late.status, late.json["code"]) == (409, "expired")
    assert act(customer, expired, "send").json["code"] == "expired"
    again = act(customer, expired, "send", {"valid_until": "2027-01-31"}).json
    assert (again["status"], again["valid_until"]) == ("sent", "2027-01-31")
    assert act(customer, expired, "accept").json["status"] == "accepted"
    kinds = Api("customers_api").get(f"{customer}/timeline").json["data"]
    assert [k["kind"] for k in kinds if k["record_id"] == expired["id"]] == [
        "quote_accepted",
        "quote_sent",
        "quote_sent",
        "quote_drafted",
    ]
    assert kinds[0]["text"] == "olga accepted quote Q-00003"


@pytest.mark.shows("S1.09", "S0.45")
def test_an_accepted_quote_becomes_one_invoice_at_the_prices_that_were_accepted(
    customer: str, today: Day
) -> None:
    quote = drafted(customer, {"lines": [VISIT], "reference": "PO 7", "notes": "Roof"})
    for verb, code in (("convert", 409), ("send", 200), ("convert", 409), ("accept", 200)):
        assert act(customer, quote, verb).status == code
    admin = Api("settings_api", role="admin")
    rate = f"/v1/tax-rates/{quote['tax_rate_id']}"
    admin.call("PATCH", rate, {"rate_percent": 28})
    today.now = NOW + timedelta(days=40)
    made = act(customer, quote, "convert")
    assert made.status == 201, made.text
    invoice = made.json
    for name in ("lines", "taxes", "subtotal", "discount", "tax", "total", "gstin", "reference"):
        assert invoice[name] == quote[name]
    assert (invoice["number"], invoice["status"], invoice["quote_id"]) == (
        *("INV-00001", "pending"),
        quote["id"],
    )
    assert (invoice["date"], invoice["due_date"]) == ("2027-01-01", "2027-01-16")
    assert made.headers["location"] == f"{customer}/invoices/{invoice['id']}"
    again = act(customer, quote, "convert")
    assert (again.status, again.json) == (200, invoice)
    now = QUOTES.get(f"{customer}/quotes/{quote['id']}").json
    assert (now["status"], now["invoice_id"]) == ("accepted", invoice["id"])
    assert len(QUOTES.get(f"{customer}/invoices").json["data"]) == 1
    standing = QUOTES.get(f"{customer}/standing").json
    assert standing["outstanding"] == standing["billed"] == quote["total"]
    entries = Api("customers_api").get(f"{customer}/timeline").json["data"]
    assert {"quote_converted", "invoice_created"} <= {entry["kind"] for entry in entries}


def test_two_who_convert_at_once_make_one_invoice(
    customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = drafted(customer)
    act(customer, quote, "send")
    act(customer, quote, "accept")
    ledger = sales.ledger()
    post, faster = ledger.post, []

    def converted() -> tuple[Invoice, bool]:
        call = Call(
            tenant="acme",
            customer_id=quote["customer_id"],
            actor=Actor("otto"),
            customers=bootstrap.customers(),
            records=sales.quotes(),
            clock=bootstrap.clock,
        )
        return convert_quote(
            call,
            quote["id"],
            invoices=sales.invoices(),
            books=sales.books(),
            ledger=ledger,
        )

    def post_after_somebody_else(posting: Posting) -> Earlier | None:
        monkeypatch.setattr(ledger, "post", post)
        faster.append(converted())
        return post(posting)

    monkeypatch.setattr(ledger, "post", post_after_somebody_else)
    slower = converted()
    ((invoice, is_new),) = faster
    assert is_new
    assert slower == (invoice, False)
    (row,) = QUOTES.get(f"{customer}/invoices").json["data"]
    assert row["id"] == invoice.id
    assert QUOTES.get(f"{customer}/standing").json["billed"] == quote["total"]


def test_a_quote_in_another_currency_becomes_no_invoice(customer: str) -> None:
    quote = drafted(customer)
    act(customer, quote, "send")
    act(customer, quote, "accept")
    admin = Api("settings_api", role="admin")
    assert admin.call("PATCH", "/v1/settings", {"currency": "USD"}).status == 200
    refused = act(customer, quote, "convert")
    assert (refused.status, refused.json["code"]) == (409, "other_currency")
    assert QUOTES.get(f"{customer}/invoices").json["data"] == []


def test_an_empty_quote_is_not_sent(customer: str) -> None:
    refused = act(customer, drafted(customer, {}), "send")
    assert (refused.status, refused.json["code"]) == (409, "no_lines")


@pytest.mark.shows("S1.33", "S1.35", "S1.36")
def test_lists_show_status_and_amount_and_are_filtered(
    customers_api: Api, customer: str, today: Day
) -> None:
    other = customers_api.post("/v1/customers", {"company_name": "Other"}).json
    old = drafted(customer, {"date": "2026-01-05", "lines": [VISIT]})
    new, draft = drafted(customer), drafted(customer, {})
    foreign = drafted(f"/v1/customers/{other['id']}")
    act(customer, new, "send", {"valid_until": "2026-11-25"})
    today.now = NOW + timedelta(days=10)
    rows = QUOTES.get(f"{customer}/quotes").json["data"]
    assert [row["id"] for row in rows] == [draft["id"], new["id"], old["id"]]
    row = rows[1]
    assert (row["number"], row["date"], row["status"], row["total"]) == (
        *("Q-00002", "2026-11-22", "expired"),
        new["total"],
    )
    assert QUOTES.get(f"{customer}/quotes/{row['id']}").json["lines"]

    def found(**query: Any) -> list[str]:
        answer = QUOTES.call("GET", "/v1/quotes", query=query)
        assert answer.status == 200, answer.text
        return [row["number"] for row in answer.json["data"]]

    assert found() == ["Q-00004", "Q-00003", "Q-00002", "Q-00001"]
    assert found(status="expired") == ["Q-00002"]
    assert found(status="sent") == found(status="rejected") == []
    assert found(status="draft") == ["Q-00004", "Q-00003", "Q-00001"]
    mine = old["customer_id"]
    assert found(customer_id=mine) == ["Q-00003", "Q-00002", "Q-00001"]
    assert found(customer_id=mine, status="draft", to="2026-06-30") == ["Q-00001"]
    assert found(**{"from": "2026-11-22", "to": "2026-11-22"}) == ["Q-00004", "Q-00003", "Q-00002"]
    listed = QUOTES.get("/v1/quotes").json["data"][0]
    assert listed["customer"] == {"id": other["id"], "display_name": "Other"}
    assert listed["id"] == foreign["id"]
    for path, query in (("/v1/quotes", {}), ("/v1/quotes", {"customer_id": mine})):
        numbers, cursor = [], None
        while True:
            asked = {**query, "limit": 1, **({"cursor": cursor} if cursor else {})}
            page = QUOTES.call("GET", path, query=asked).json
            numbers += [row["number"] for row in page["data"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert numbers == found(**query)
    assert QUOTES.get("/v1/quotes", status="gone").status == 422
    assert QUOTES.get("/v1/quotes", colour="red").status == 400
    assert QUOTES.get("/v1/quotes", customer_id="cus_none").status == 404


def test_every_bad_field_is_named_at_once_and_nothing_is_written(customer: str) -> None:
    bad = {
        "currency": "USD",
        "date": "9999-12-31",
        "valid_until": "2026-11-01",
        "gstin": "27AAPFU0939F1ZX",
        "email": "nobody",
        "discount_percent": 101,
        "tax_rate_id": "tax_none",
        "payment_term_id": "term_none",
        "reference": "x" * 101,
        "lines": [VISIT, {"description": "no price", "quantity": "x"}, {"unit_price": True}],
    }
    assert sorted(pointers(QUOTES.post(f"{customer}/quotes", bad))) == sorted(
        [
            *(f"/{name}" for name in bad if name != "lines"),
            *("/lines/1/quantity", "/lines/1/unit_price"),
            *("/lines/2/description", "/lines/2/quantity", "/lines/2/unit_price"),
        ]
    )
    unknown = {"lines": [{**VISIT, "tax_rate_id": "tax_none"}]}
    assert pointers(QUOTES.post(f"{customer}/quotes", unknown)) == ["/lines/0/tax_rate_id"]
    assert pointers(QUOTES.post(f"{customer}/quotes", {"total": 5})) == ["/total"]
    assert pointers(QUOTES.post(f"{customer}/quotes", {"date": None})) == ["/date"]
    negative = {"lines": [{**VISIT, "unit_price": -1}]}
    assert pointers(QUOTES.post(f"{customer}/quotes", negative)) == ["/lines"]
    assert QUOTES.get(f"{customer}/quotes").json["data"] == []
    quote = drafted(customer)
    assert quote["number"] == "Q-00001", "a refused draft takes no number"
    path = f"{customer}/quotes/{quote['id']}"
    assert pointers(QUOTES.patch(path, {"valid_until": "2026-11-21"})) == ["/valid_until"]
    assert pointers(QUOTES.patch(path, {"pan": "AAPFU0939F"})) == ["/pan"]
    assert QUOTES.get(path).json == quote


def test_a_retired_rate_stays_where_it_was_chosen(customer: str) -> None:
    quote = drafted(customer)
    admin = Api("settings_api", role="admin")
    rate = f"/v1/tax-rates/{quote['tax_rate_id']}"
    assert admin.call("DELETE", rate).status == 204
    path = f"{customer}/quotes/{quote['id']}"
    assert QUOTES.patch(path, {"notes": "still"}).json["tax"] == quote["tax"]
    assert drafted(customer)["tax"] == quote["tax"], "the customer still has it"
    own = {"lines": [{**VISIT, "tax_rate_id": quote["tax_rate_id"]}], "tax_rate_id": None}
    assert drafted(customer, own)["tax"] == quote["tax"]


def test_a_rate_that_only_a_quote_uses_is_kept_when_it_is_deleted(customer: str) -> None:
    admin = Api("settings_api", role="admin")
    rate = admin.post("/v1/tax-rates", {"name": "GST 5", "rate_percent": 5}).json["id"]
    quote = drafted(customer, {"lines": [{**VISIT, "tax_rate_id": rate}]})
    assert admin.call("DELETE", f"/v1/tax-rates/{rate}").status == 204
    assert admin.get(f"/v1/tax-rates/{rate}").json["active"] is False
    path = f"{customer}/quotes/{quote['id']}"
    assert QUOTES.patch(path, {"discount_percent": 0}).json["tax"] == 15_000


def test_the_same_request_drafts_one_quote(customer: str) -> None:
    first = QUOTES.post(f"{customer}/quotes", {"lines": [VISIT]}, idempotency_key="k1")
    again = QUOTES.post(f"{customer}/quotes", {"lines": [VISIT]}, idempotency_key="k1")
    assert first.json["id"] == again.json["id"]
    assert len(QUOTES.get(f"{customer}/quotes").json["data"]) == 1


def test_viewers_read_and_other_companies_see_nothing(customer: str) -> None:
    quote = drafted(customer)
    path = f"{customer}/quotes/{quote['id']}"
    viewer, other = Api("records_api", role="viewer"), Api("records_api", tenant="globex")
    assert viewer.get(path).json["id"] == quote["id"]
    assert viewer.post(f"{customer}/quotes", {}).status == 403
    assert viewer.call("POST", f"{path}/send").status == 403
    assert other.get(path).status == other.get(f"{customer}/quotes").status == 404
    assert other.call("POST", f"{path}/send").status == 404
    assert other.get("/v1/quotes").json["data"] == []
    assert QUOTES.get(path).json == quote


def test_the_quotes_of_a_deleted_customer_stay_in_its_archive(customers_api: Api) -> None:
    customer_id = customers_api.post("/v1/customers", {"company_name": "Acme"}).json["id"]
    path, records = f"/v1/customers/{customer_id}", Api("records_api")
    lines = [{"description": "Work", "quantity": "1", "unit_price": 100}]
    made = records.post(f"{path}/quotes", {"lines": lines}).json
    assert records.get(f"{path}/archive/quotes").status == 409, "it has not been deleted"
    customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    gone = customers_api.call("DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"})
    assert gone.status == 204, gone.text
    assert records.get(f"{path}/quotes").status == 410
    (row,) = records.get(f"{path}/archive/quotes").json["data"]
    assert row["id"] == made["id"]
    assert records.get(f"{path}/archive/quotes/{made['id']}").json["lines"] == made["lines"]
    assert records.get(f"{path}/archive/quotes/quo_0").status == 404
    other = Api("records_api", tenant="globex")
    assert other.get(f"{path}/archive/quotes").status == 404


def test_an_erasure_leaves_of_a_quote_what_it_came_to(customers_api: Api) -> None:
    person = {
        "company_name": "Zephyrine",
        "email": "zephyrine@x.example",
        "phone": "+1 415 555 0100",
    }
    customer_id = customers_api.post("/v1/customers", person).json["id"]
    path, records = f"/v1/customers/{customer_id}", Api("records_api")
    lines = [{"description": "Boiler of Zephyrine", "quantity": "2", "unit_price": 100}]
    body = {"lines": lines, "notes": "Zephyrine pays late", "reference": "Zephyrine 7"}
    made = records.post(f"{path}/quotes", body).json
    customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    customers_api.call("DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"})
    admin = Api("customers_api", role="admin")
    for _ in range(2):
        assert admin.post(f"{path}/erase", {"confirm": True}).status == 200
        left = records.get(f"{path}/archive/quotes/{made['id']}").json
        assert (left["number"], left["total"], left["version"]) == (made["number"], 200, 2)
    items = bootstrap.dynamodb().scan(TableName=bootstrap.table().name)["Items"]
    assert "zephyrine" not in str(items).lower()
