"""What QuickBooks answers on its bad days, from the door to the report: nothing lost or doubled."""

import json
from dataclasses import replace
from typing import Any

import pytest
import urllib3

from roster.adapters.quickbooks.client import QuickBooksClient
from roster.bootstrap import quickbooks
from tests.support.quickbooks_money import shop
from tests.support.sync import Office
from tests.support.sync_doors import (
    BOOKS,
    CUSTOMERS,
    Json,
    callback,
    everybody,
    places_of,
    rows_of,
    started,
    synced,
    told,
)

PHONE = {"PrimaryPhone": {"FreeFormNumber": "520 555 0100"}}


@pytest.fixture
def acme(both_ways: Office) -> Office:
    return both_ways


def enter(name: str, **values: Any) -> str:
    """A customer that somebody enters here; its path."""
    made = CUSTOMERS.post("/v1/customers", {"display_name": name, **values})
    assert made.status == 201, made.text
    return f"/v1/customers/{made.json['id']}"


def put(path: str) -> int:
    """Make a customer active or inactive."""
    headers = {"if-match": "*"}
    return CUSTOMERS.call("POST", path, {"confirm": True}, headers=headers).status


def book(acme: Office) -> dict[str, Json]:
    found = acme.control.book()["Customer"]
    names = {row["DisplayName"]: row for row in found}
    assert len(names) == len(found)
    return names


def work_through(acme: Office) -> Json:
    """Ask for a run, and let the queue and the schedule go on until it is over."""
    acme.clock.advance(minutes=16)
    acme.control.clock(advance=16 * 60)
    asked = BOOKS.call("POST", "/v1/quickbooks/runs")
    assert asked.status == 202, asked.text
    for _ in range(12):
        acme.work()
        run: Json = BOOKS.get(f"/v1/quickbooks/runs/{asked.json['id']}").json
        if run["status"] in ("completed", "failed"):
            return run
        acme.clock.advance(minutes=121)
        acme.control.clock(advance=121 * 60)
        acme.dispatch()
    raise AssertionError(run)


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("fault", ["drop", "half_body", "html_502", "html_503", "empty", "10000"])
def test_a_write_whose_answer_is_lost_is_made_once(acme: Office, fault: str, times: int) -> None:
    acme.control.create("Amy")
    synced(acme)
    enter("Bob")
    amy = f"/v1/customers/{everybody()['Amy']['id']}"
    assert CUSTOMERS.patch(amy, {"phone": "520 555 0100"}).status == 200
    # It is carried out, and what would say so is spoiled: longer than one slice tries again.
    acme.control.fail(fault, times=times, path="/batch", applied=True)
    run = work_through(acme)
    assert (run["status"], sorted(told(run))) == (
        "completed", [("create_there", "Bob"), ("update_there", "Amy")],
    )  # fmt: skip
    there = book(acme)
    assert set(there) == set(everybody()) == {"Amy", "Bob"}
    assert there["Amy"]["SyncToken"] == "1"
    assert PHONE.items() <= there["Amy"].items()
    assert acme.customers()["Bob"].quickbooks == there["Bob"]["Id"]
    assert told(synced(acme)) == []


class Futuristic(urllib3.PoolManager):
    """QuickBooks some years on: fields nobody knows, everywhere; notes what it is sent."""

    def __init__(self) -> None:
        super().__init__(retries=False)
        self.sent: list[str] = []

    def request(  # type: ignore[override] # what the client passes
        self, method: str, url: str, **given: Any
    ) -> urllib3.BaseHTTPResponse:
        if method == "POST" and "/query" not in url:
            self.sent.append((given.get("body") or b"").decode())
        answer = super().request(method, url, **given)
        body = json.dumps(_aged(json.loads(answer.data))).encode()
        return urllib3.HTTPResponse(body, headers=answer.headers, status=answer.status)


def _aged(value: Any) -> Any:
    if isinstance(value, list):
        return [_aged(one) for one in value]
    if not isinstance(value, dict):
        return value
    aged = {name: _aged(inner) for name, inner in value.items()}
    # An answer names its entities by their keys: where they stand, nothing else does.
    if "Id" in value or "value" in value or "FreeFormNumber" in value:
        aged |= {"FieldOf2031": {"deep": [1, None, {"er": "x"}]}, "Nothing": None, "Mood": []}
    return aged


def test_fields_that_nobody_knows_are_read_over_and_never_written(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Futuristic()
    client = QuickBooksClient(acme.intuit.base_url, http=pool, sleep=lambda _: None)
    ports = replace(acme.ports, api=client)
    monkeypatch.setattr(quickbooks, "ports", lambda: ports)
    acme.control.create("Amy", **PHONE, ShipAddr={"Line1": "1 Main St", "City": "Tucson"})
    enter("Bob")
    synced(acme)
    amy = everybody()["Amy"]
    assert (amy["phone"], [p["street"] for p in places_of(amy)]) == ("520 555 0100", ["1 Main St"])
    assert CUSTOMERS.patch(f"/v1/customers/{amy['id']}", {"email": "a@b.example"}).status == 200
    synced(acme)
    assert book(acme)["Amy"]["PrimaryEmailAddr"]["Address"] == "a@b.example"
    assert set(book(acme)) == {"Amy", "Bob"}
    assert pool.sent
    assert not [body for body in pool.sent if "2031" in body or "Mood" in body]
    assert told(synced(acme)) == []


def test_a_masked_tax_number_is_never_written_back(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Futuristic()
    client = QuickBooksClient(acme.intuit.base_url, http=pool, sleep=lambda _: None)
    ports = replace(acme.ports, api=client)
    monkeypatch.setattr(quickbooks, "ports", lambda: ports)
    number = "12-3456789"
    made = acme.control.create("Amy", PrimaryTaxIdentifier=number, ResaleNum="R-77")
    synced(acme)
    path = f"/v1/customers/{everybody()['Amy']['id']}"
    every = {
        "display_name": "Amy B", "company_name": "B", "email": "a@b.example", "phone": "1",
        "billing_address": {"street": "1 Main St", "city": "Tucson", "state": "AZ", "zip": "1"},
    }  # fmt: skip
    assert CUSTOMERS.patch(path, every).status == 200
    synced(acme)
    assert put(f"{path}/deactivate") == 200
    synced(acme)
    assert put(f"{path}/activate") == 200
    synced(acme)
    there = acme.control.customer(made["Id"])
    assert (there["DisplayName"], there["ResaleNum"]) == ("Amy B", "R-77")
    assert there["PrimaryTaxIdentifier"].endswith("6789")
    assert pool.sent
    assert not [b for b in pool.sent if "TaxIdentifier" in b or "6789" in b or "R-77" in b]
    assert "6789" not in json.dumps(everybody())


def test_a_list_that_shows_old_sync_tokens_costs_one_read_and_no_edit(acme: Office) -> None:
    acme.control.configure(stale_lists=True)
    made = acme.control.create("Amy")
    acme.control.edit(made["Id"], CompanyName="Amy & Co")
    synced(acme)
    path = f"/v1/customers/{everybody()['Amy']['id']}"
    for phone in ("520 555 0100", "520 555 0101"):
        assert CUSTOMERS.patch(path, {"phone": phone}).status == 200
        assert told(synced(acme)) == [("update_there", "Amy")]
        there = acme.control.customer(made["Id"])
        assert (there["PrimaryPhone"]["FreeFormNumber"], there["CompanyName"]) == (
            phone, "Amy & Co",
        )  # fmt: skip
    assert everybody()["Amy"]["company_name"] == "Amy & Co"
    assert told(synced(acme)) == []


def test_jobs_whose_parent_is_gone_wait_and_say_for_whom(acme: Office) -> None:
    amy = acme.control.create("Amy")
    acme.control.create("Roof", ParentRef={"value": amy["Id"]}, Job=True)
    acme.control.inactivate(amy["Id"])
    run = synced(acme)
    assert told(run) == [("skip", "Amy"), ("skip", "Roof")]
    assert rows_of(run)[1]["reason"] == "Job “Roof” waits for its parent “Amy”, which was skipped."
    assert everybody() == {}
    acme.control.activate(amy["Id"])
    assert ("keep_job", "Roof") in told(synced(acme))


def test_a_job_whose_customer_was_deleted_here_stops_nothing(acme: Office) -> None:
    amy = acme.control.create("Amy")
    roof = acme.control.create("Roof", ParentRef={"value": amy["Id"]}, Job=True)
    synced(acme)
    path = f"/v1/customers/{everybody()['Amy']['id']}"
    assert put(f"{path}/deactivate") == 200
    gone = CUSTOMERS.call("DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"})
    assert gone.status == 204, gone.text
    acme.control.edit(roof["Id"], ShipAddr={"Line1": "9 Site Rd", "City": "Tucson"})
    acme.control.create("Bob")
    run = synced(acme)
    assert ("create_here", "Bob") in told(run)
    [said] = [r for r in rows_of(run) if r["name"] == "Roof" and r["action"] == "skip"]
    assert "deleted" in said["reason"]
    assert set(everybody()) == {"Bob"}
    assert told(synced(acme)) == []


def test_a_spent_quota_is_waited_out_longer_and_longer_and_nothing_is_lost(acme: Office) -> None:
    acme.control.create("Amy")
    synced(acme)
    enter("Bob")
    acme.control.fail("xml_429", times=6, path="/v3/")
    run = started(acme)
    waits = []
    while run["status"] == "paused":
        assert "QuickBooks says 3001" in run["reason"]
        kept = acme.run(run["id"])
        assert kept.not_before is not None
        waits.append(round((kept.not_before - acme.clock()).total_seconds() / 60))
        assert acme.dispatch()["sent"] == 0
        acme.clock.advance(minutes=waits[-1] + 1)
        assert acme.dispatch()["sent"] == 1
        assert acme.work() == []
        run = BOOKS.get(f"/v1/quickbooks/runs/{run['id']}").json
    assert waits == [1, 5, 30, 120, 120, 120]
    assert run["status"] == "completed"
    assert set(book(acme)) == {"Amy", "Bob"}


@pytest.mark.parametrize("fault", ["6190", "403", "120"])
def test_a_subscription_that_ended_in_the_middle_of_a_push_is_said_and_gone_on_from(
    acme: Office, fault: str
) -> None:
    synced(acme)
    enter("Bob")
    acme.control.fail(fault, path="/batch")
    run = started(acme)
    assert run["status"] == "failed"
    assert run["reason"].startswith("QuickBooks says")
    status = BOOKS.get("/v1/quickbooks/status").json
    assert (status["status"], status["reason"]) == ("needs_reconnect", run["reason"])
    refused = BOOKS.call("POST", "/v1/quickbooks/runs")
    assert (refused.status, refused.json["code"]) == (409, "quickbooks_not_connected")
    acme.control.consent(realm=acme.intuit.realm)
    url = BOOKS.call("POST", "/v1/quickbooks/connect").json["authorize_url"]
    assert callback(acme.intuit.consent(url)).status == 200
    assert told(synced(acme)) == [("create_there", "Bob")]
    assert set(book(acme)) == {"Bob"}


def test_a_company_that_can_only_be_read_takes_nothing_and_the_report_says_so(
    acme: Office,
) -> None:
    acme.control.create("Amy")
    synced(acme)
    acme.control.configure(subscription_status="EXPIRED")
    enter("Bob")
    run = started(acme)
    said = [run["reason"] or "", *(row["reason"] for row in rows_of(run))]
    assert any("QuickBooks" in text for text in said)
    assert set(book(acme)) == {"Amy"}
    assert set(everybody()) == {"Amy", "Bob"}


def test_an_invoice_in_a_closed_period_is_left_out_with_the_books_words() -> None:
    with shop() as one:
        one.control.configure(using_sales_tax=False, book_close_date="2999-12-31")
        customer, _ = one.join("Birds")
        one.ready(customer, 100)
        [row] = one.sync()
        assert (row.verb, one.invoices()) == ("skip", [])
        assert "books are closed up to 2999-12-31" in row.reason
        one.control.configure(book_close_date="")
        one.pass_time(25 * 3600)
        assert [r.verb for r in one.sync()] == ["create_there"]
        # Closed between our look and our write: in QuickBooks' own words.
        one.ready(customer, 200)
        one.control.fail("6000", times=1, path="/invoice")
        [row] = one.sync()
        assert (row.verb, "QuickBooks says 6000" in row.reason) == ("skip", True)
        assert len(one.invoices()) == 1
