"""Exports of the list as it stood at some moment, and the file to fill in."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from roster import bootstrap
from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.customer import Origin, new_customer
from roster.domain.events import Actor
from roster.domain.ids import new_id
from roster.domain.location import Address, Location, address_from
from roster.usecases.ports import NewCustomer
from tests.integration.test_exports import make, rows_of_csv, rows_of_xlsx
from tests.support.api import Api
from tests.support.exports import fetch, messages, work
from tests.support.imports import Machine, drop
from tests.support.spreadsheets import written

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PLACE = {"street": "1 Main St", "city": "Reno", "state": "NV", "zip": "89501"}


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = START

    def pass_days(self, days: int = 1) -> str:
        """Let days go by; the moment before they did, as a caller writes it."""
        before = self.now
        self.now += timedelta(days=days)
        return before.isoformat()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    found = Time()
    monkeypatch.setattr(bootstrap, "clock", lambda: found.now)
    return found


@pytest.fixture
def exports_api(cloud: None) -> Api:
    return Api("exports_api")


def then(
    api: Api, as_of: str, file_format: str = "csv", **filters: Any
) -> dict[str, dict[str, str]]:
    """The rows of an export of that moment, by customer."""
    body = {"format": file_format, "filters": {"status": "all", **filters}, "as_of": as_of}
    answer = api.post("/v1/exports", body)
    assert answer.status == 202, answer.text
    assert work() == []
    content = fetch(api, answer.headers["location"])
    rows = rows_of_csv(content) if file_format == "csv" else rows_of_xlsx(content)
    assert {row["As Of"] for row in rows} <= {as_of[:19] + "Z"}
    return {row["Roster ID"]: row for row in rows}


def deactivate(api: Api, customer_id: str) -> None:
    path = f"/v1/customers/{customer_id}/deactivate"
    assert api.post(path, {"confirm": True}, if_match="*").status == 200


def delete(api: Api, customer_id: str) -> None:
    answer = api.call(
        "DELETE", f"/v1/customers/{customer_id}", query={"confirm": "true"},
        headers={"if-match": "*"},
    )  # fmt: skip
    assert answer.status == 204, answer.text


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_list_is_as_it_stood_then(
    time: Time, customers_api: Api, exports_api: Api, file_format: str
) -> None:
    api = customers_api
    kept, gone, renamed = make(
        api,
        {"company_name": "Kept", "service_location": PLACE},
        {"company_name": "Gone", "notes": "=1+1", "tags": ["vip"]},
        {"company_name": "Before", "email": "old@acme.example"},
    )
    first = time.pass_days()
    deactivate(api, gone)
    second = time.pass_days()
    delete(api, gone)
    assert api.patch(f"/v1/customers/{renamed}", {"company_name": "After", "email": None}).json
    (late,) = make(api, {"company_name": "Late"})
    third = time.pass_days()
    early = (START - timedelta(seconds=1)).isoformat()

    assert then(exports_api, early, file_format) == {}
    found = then(exports_api, first, file_format)
    assert {i: row["Status"] for i, row in found.items()} == {
        kept: "active", gone: "active", renamed: "active",
    }  # fmt: skip
    assert found[gone]["Notes"].lstrip("'") == "=1+1"
    assert (found[gone]["Tags"], found[kept]["Service Street"]) == ("vip", "1 Main St")
    assert (found[renamed]["Company Name"], found[renamed]["Display Name"]) == ("Before", "Before")
    assert found[renamed]["Email"] == "old@acme.example"
    assert then(exports_api, second, file_format)[gone]["Status"] == "inactive"
    now = then(exports_api, third, file_format)
    assert set(now) == {kept, renamed, late}
    assert (now[renamed]["Company Name"], now[renamed]["Email"]) == ("After", "")


def test_filters_look_at_the_values_of_that_time(
    time: Time, customers_api: Api, exports_api: Api
) -> None:
    (one, two) = make(
        customers_api, {"company_name": "One", "tags": ["vip"]}, {"company_name": "Two"}
    )
    first = time.pass_days()
    customers_api.patch(f"/v1/customers/{one}", {"tags": []})
    customers_api.patch(f"/v1/customers/{two}", {"tags": ["VIP"]})
    deactivate(customers_api, one)
    second = time.pass_days()
    assert set(then(exports_api, first, tag="vip")) == {one}
    assert set(then(exports_api, second, tag="vip")) == {two}
    assert set(then(exports_api, first, status="inactive")) == set()
    assert set(then(exports_api, second, status="inactive")) == {one}
    since = (START + timedelta(hours=1)).isoformat()
    assert set(then(exports_api, first, updated_since=since)) == set()
    assert set(then(exports_api, second, updated_since=since)) == {one, two}


def test_places_and_people_are_those_of_that_time(
    time: Time, customers_api: Api, exports_api: Api
) -> None:
    (one,) = make(customers_api, {"company_name": "One", "service_location": PLACE})
    path = f"/v1/customers/{one}"
    first = time.pass_days()
    (place,) = customers_api.get(f"{path}/locations").json["data"]
    customers_api.patch(f"{path}/locations/{place['id']}", {"street": "9 New St"})
    added = customers_api.post(f"{path}/locations", {**PLACE, "street": "2 Side St"})
    person = customers_api.post(f"{path}/contacts", {"first_name": "Ann"})
    assert (added.status, person.status) == (201, 201)
    second = time.pass_days()
    customers_api.patch(f"{path}/locations/{added.json['id']}", {"primary": True})
    gone = customers_api.call(
        "DELETE", f"{path}/contacts/{person.json['id']}", headers={"if-match": "*"}
    )
    assert gone.status == 204, gone.text
    third = time.pass_days()

    def told(as_of: str) -> tuple[str, str, str]:
        row = then(exports_api, as_of)[one]
        return row["Service Street"], row["Locations"], row["Contacts"]

    assert told(first) == ("1 Main St", "1", "0")
    assert told(second) == ("9 New St", "2", "1")
    assert told(third) == ("2 Side St", "2", "0")


def test_who_was_merged_later_is_there_and_who_was_merged_before_is_not(
    time: Time, customers_api: Api, exports_api: Api
) -> None:
    one, two = make(customers_api, {"company_name": "One"}, {"company_name": "Two"})
    first = time.pass_days()
    merged = customers_api.post(f"/v1/customers/{one}/merge", {"loser_id": two}, if_match="*")
    assert merged.status in (200, 201), merged.text
    second = time.pass_days()
    undone = customers_api.post(f"/v1/merges/{merged.json['merge_id']}/undo", {})
    assert undone.status == 200, undone.text
    third = time.pass_days()
    assert [set(then(exports_api, at)) for at in (first, second, third)] == [
        {one, two}, {one}, {one, two},
    ]  # fmt: skip


def test_an_erased_customer_s_name_is_in_no_export_of_the_past(
    time: Time, customers_api: Api, exports_api: Api
) -> None:
    (one,) = make(customers_api, {"company_name": "Secret", "notes": "Secret too"})
    first = time.pass_days()
    deactivate(customers_api, one)
    delete(customers_api, one)
    admin = Api("customers_api", role="admin")
    erased = admin.post(f"/v1/customers/{one}/erase", {"confirm": True}, if_match="*")
    assert erased.status in (200, 202, 204), erased.text
    time.pass_days()
    assert "Secret" not in str(then(exports_api, first))


def test_the_file_and_the_record_say_the_moment(
    time: Time, customers_api: Api, exports_api: Api
) -> None:
    make(customers_api, {"company_name": "Acme"})
    time.pass_days(30)
    answer = exports_api.post("/v1/exports", {"format": "csv", "as_of": "2026-03-05"})
    assert answer.status == 202, answer.text
    assert answer.json["as_of"].startswith("2026-03-05T23:59:59.999")
    assert answer.json["filename"] == "customers-2026-03-31-as-of-2026-03-05T235959Z.csv"
    assert exports_api.post("/v1/exports", {"format": "csv"}).json["as_of"] is None


def test_today_is_what_there_is_of_it(time: Time, customers_api: Api, exports_api: Api) -> None:
    (one,) = make(customers_api, {"company_name": "Acme"})
    answer = exports_api.post("/v1/exports", {"format": "csv", "as_of": "2026-03-01"})
    assert answer.status == 202, answer.text
    assert work() == []
    rows = rows_of_csv(fetch(exports_api, answer.headers["location"]))
    assert [row["Roster ID"] for row in rows] == [one]


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"as_of": "2026-03-02"}, 422, "future", "/as_of"),
        ({"as_of": "2026-03-01T12:00:01Z"}, 422, "future", "/as_of"),
        ({"as_of": "2026-03-01T12:00:00"}, 422, "date_time", "/as_of"),
        ({"as_of": "yesterday"}, 422, "date_time", "/as_of"),
        ({"as_of": 5}, 422, "string_type", "/as_of"),
        ({"as_of": "2026-02-01", "filters": {"q": "acme"}}, 400, "unsupported_filter",
         "/filters/q"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_of_the_past_is_refused(
    time: Time, exports_api: Api, body: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    answer = exports_api.post("/v1/exports", {"format": "csv", **body})
    assert answer.status == status, answer.text
    assert [(e["code"], e["pointer"]) for e in answer.json["errors"]] == [(code, pointer)]
    assert messages() == []


def test_an_export_of_the_past_shows_nothing_of_another_company(
    time: Time, customers_api: Api, exports_api: Api
) -> None:
    (one,) = make(customers_api, {"company_name": "Acme"})
    deactivate(customers_api, one)
    delete(customers_api, one)
    first = time.pass_days()
    assert then(Api("exports_api", tenant="bolt"), first) == {}


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_template_is_filled_in_and_imported(
    customers_api: Api, tmp_path: Any, file_format: str
) -> None:
    admin = Api("settings_api", role="admin")
    declared = [{"name": "floors", "type": "number"}]
    assert admin.patch("/v1/settings", {"custom_fields": declared}).status == 200
    rate = admin.post("/v1/tax-rates", {"name": "GST 18 %", "rate_percent": 18})
    term = admin.post("/v1/payment-terms", {"name": "Net 30", "due_days": 30})
    assert (rate.status, term.status) == (201, 201)
    answer = Api("imports_api", role="viewer").get("/v1/imports/template", format=file_format)
    assert answer.status == 200
    assert f'filename="customers-template.{file_format}"' in answer.headers["content-disposition"]
    content = base64.b64decode(answer.text)
    (head,) = open_spreadsheet(written(tmp_path / f"template.{file_format}", content)).rows()
    given = {
        "Company Name": "Acme", "Tax Rate": "gst 18 %", "Payment Terms": "Net 30",
        "Discount %": "5", "GSTIN": "27AAPFU0939F1ZV", "Custom: floors": "3",
        "Billing Contact Name": "Ann", "Portal Access": "Yes", "Service Street": "1 Main St",
    }  # fmt: skip
    assert set(given) <= set(head.cells)
    from tests.support.imports import csv_of

    Machine().run(drop(csv_of(head.cells, [given.get(h, "") for h in head.cells]), "filled.csv"))
    (row,) = customers_api.get("/v1/customers").json["data"]
    made = customers_api.get(f"/v1/customers/{row['id']}").json
    assert (made["tax_rate_id"], made["payment_term_id"]) == (rate.json["id"], term.json["id"])
    assert (made["gstin"], made["pan"]) == ("27AAPFU0939F1ZV", None)
    assert (made["custom"], made["portal_access"]) == ({"floors": 3}, True)
    assert made["billing_contact"]["name"] == "Ann"
    # A rate that a customer has chosen is kept when it is deleted.
    assert admin.call("DELETE", f"/v1/tax-rates/{rate.json['id']}").status == 204
    assert admin.get(f"/v1/tax-rates/{rate.json['id']}").json["active"] is False


MANY = 1000


def test_a_long_list_is_downloaded_counted_and_imported_back(
    customers_api: Api, exports_api: Api
) -> None:
    admin = Api("settings_api", role="admin")
    declared = [{"name": "floors", "type": "number"}]
    assert admin.patch("/v1/settings", {"custom_fields": declared}).status == 200
    rate = admin.post("/v1/tax-rates", {"name": "GST 18 %", "rate_percent": 18}).json["id"]
    bootstrap.customers().load_first([_one_of_many(n, rate) for n in range(MANY)])
    answer = exports_api.post("/v1/exports", {"format": "xlsx"})
    assert work() == []
    content = fetch(exports_api, answer.headers["location"])
    assert exports_api.get(answer.headers["location"]).json["rows"] == MANY
    rows = rows_of_xlsx(content)
    assert len({row["Roster ID"] for row in rows}) == len(rows) == MANY
    assert {(row["Tax Rate"], row["Locations"]) for row in rows} == {("GST 18 %", "1")}
    Machine().run(drop(content, "back.xlsx"))
    (job,) = Api("imports_api").get("/v1/imports").json["data"]
    whole = Api("imports_api").get(f"/v1/imports/{job['id']}").json
    assert whole["plan"] == {"create": 0, "update": 0, "join": 0, "skip": MANY, "error": 0}
    assert (whole["errors"], whole["warnings"]) == ([], [])


def _one_of_many(n: int, rate: str) -> NewCustomer:
    now = bootstrap.clock()
    values = {
        "company_name": f"Firm {n:05d}", "first_name": "Ann", "last_name": f"Lee {n % 97}",
        "email": f"ann{n}@firm.example", "phone": f"+1 212 555 {n % 10000:04d}",
        "number": f"F-{n:05d}", "external_id": f"{n:06d}", "tags": ["vip", f"t{n % 7}"],
        "tax_rate_id": rate, "custom": {"floors": n % 40}, "portal_access": n % 3 == 0,
    }  # fmt: skip
    customer = new_customer(
        id=new_id("cus", now), tenant="acme", values=values, source=Origin.MANUAL,
        actor=Actor("olga"), now=now,
    )  # fmt: skip
    address = address_from({**PLACE, "street": f"{n} Main St"}) or Address()
    place = Location(id=new_id("loc", now), customer_id=customer.id, address=address)
    return NewCustomer(customer, (place,))
