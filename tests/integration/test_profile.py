"""The page of a customer, through the function's door."""

from collections import Counter
from datetime import timedelta
from typing import Any

import boto3
import pytest

from roster import bootstrap
from tests.support.api import Api
from tests.support.request_units import Meter, attach

RECORDS = Api("records_api")
PLACE = {"street": "1 Main St", "city": "Reno", "state": "NV", "zip": "89501"}


@pytest.fixture
def path(customers_api: Api) -> str:
    made = customers_api.post(
        "/v1/customers",
        {"company_name": "Acme", "email": "ann@acme.example", "service_location": PLACE},
    )
    return f"/v1/customers/{made.json['id']}"


def day(days: int) -> str:
    return (bootstrap.clock().date() + timedelta(days=days)).isoformat()


def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = RECORDS.post(path, body)
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def invoice(path: str, amount: int, **more: Any) -> dict[str, Any]:
    lines = [{"description": "Work", "quantity": "1", "unit_price": amount}]
    return post(f"{path}/invoices", {"lines": lines, **more})


def profile(path: str) -> Any:
    answer = RECORDS.get(f"{path}/profile")
    assert answer.status == 200, answer.text
    return answer.json


@pytest.mark.shows("S1.06", "S1.21", "S3.13")
def test_the_page_of_a_new_customer_has_every_section(customers_api: Api, path: str) -> None:
    page = profile(path)
    assert page["customer"] == customers_api.get(path).json
    assert set(page) == {
        "customer", "standing", "tasks", "quotes", "invoices", "projects", "assets", "sites",
        "billing", "documents", "timeline",
    }  # fmt: skip
    for name in ("tasks", "quotes", "invoices", "documents"):
        assert page[name] == {"data": [], "more": False, "all": f"{path}/{name}"}
    assert [entry["kind"] for entry in page["timeline"]["data"]] == ["created"]
    assert page["sites"]["count"] == 1


@pytest.mark.shows("S1.22", "S1.23", "S1.24", "S1.42", "S3.14")
def test_the_standing_is_true_in_the_request_after_the_payment(path: str) -> None:
    first = invoice(path, 1000)
    cancelled = invoice(path, 500)
    RECORDS.post(f"{path}/invoices/{cancelled['id']}/cancel", {"reason": "twice"})
    post(f"{path}/payments", {"amount": 400, "invoice_id": first["id"]})
    late = invoice(path, 70, date=day(-40), due_date=day(-10))
    post(f"{path}/payments", {"amount": 25})
    page = profile(path)
    standing = page["standing"]
    assert (standing["revenue"], standing["outstanding"]) == (400, 670)
    assert (standing["overdue"], standing["unapplied_credit"]) == (70, 25)
    billed = sum(i["total"] for i in page["invoices"]["data"] if i["status"] != "cancelled")
    paid = sum(i["paid"] for i in page["invoices"]["data"] if i["status"] != "cancelled")
    assert billed - paid == standing["outstanding"]
    post(f"{path}/payments", {"amount": 70, "invoice_id": late["id"]})
    after = profile(path)["standing"]
    assert (after["revenue"], after["outstanding"], after["overdue"]) == (470, 600, 0)


@pytest.mark.shows("S1.26", "S1.27", "S1.28", "S1.29", "S1.31")
def test_at_most_five_open_tasks_by_due_date(path: str) -> None:
    made = [
        post(f"{path}/tasks", {"title": f"Call {n}", "due_date": day(10 - n)}) for n in range(7)
    ]
    done = made[6]
    RECORDS.patch(f"{path}/tasks/{done['id']}", {"status": "done"})
    section = profile(path)["tasks"]
    assert [task["title"] for task in section["data"]] == [f"Call {n}" for n in (5, 4, 3, 2, 1)]
    assert all(task["due_date"] for task in section["data"])
    assert section["more"] is True
    everything = RECORDS.get(section["all"]).json["data"]
    assert {task["id"] for task in everything} == {task["id"] for task in made}


@pytest.mark.shows("S1.32", "S1.33", "S1.36", "S1.37", "S1.38", "S1.41")
def test_the_latest_quotes_and_invoices(path: str) -> None:
    lines = [{"description": "Work", "quantity": "1", "unit_price": 100}]
    quotes = [post(f"{path}/quotes", {"lines": lines}) for _ in range(6)]
    invoices = [invoice(path, n + 1) for n in range(5)]
    page = profile(path)
    shown = [quote["id"] for quote in page["quotes"]["data"]]
    assert shown == [quote["id"] for quote in reversed(quotes[1:])]
    assert (page["quotes"]["more"], page["invoices"]["more"]) == (True, False)
    assert [i["total"] for i in page["invoices"]["data"]] == [5, 4, 3, 2, 1]
    for row in (*page["quotes"]["data"], *page["invoices"]["data"]):
        assert row["number"]
        assert row["date"]
        assert row["status"]
        assert row["total"]
    for name, made in (("quotes", quotes), ("invoices", invoices)):
        everything = RECORDS.get(page[name]["all"]).json["data"]
        assert [row["id"] for row in everything] == [one["id"] for one in reversed(made)]


@pytest.mark.shows("S3.15", "S3.18")
def test_projects_by_phase_and_what_was_billed_for_them(path: str) -> None:
    post(f"{path}/projects", {"name": "Now"})
    later = post(f"{path}/projects", {"name": "Later", "start_date": day(20)})
    post(f"{path}/projects", {"name": "Over", "start_date": day(-20), "end_date": day(-10)})
    first = invoice(path, 300, project_id=later["id"])
    invoice(path, 1000)
    post(f"{path}/payments", {"amount": 100, "invoice_id": first["id"]})
    page = profile(path)
    assert {k: page["projects"][k] for k in ("active", "upcoming", "past")} == {
        "active": 1, "upcoming": 1, "past": 1,
    }  # fmt: skip
    money = {k: page["billing"][k] for k in ("billed", "received", "outstanding")}
    assert money == {"billed": 300, "received": 100, "outstanding": 200}


@pytest.mark.shows("S3.16", "S3.17")
def test_assets_and_sites_by_type_and_status(customers_api: Api, path: str) -> None:
    (home,) = customers_api.get(f"{path}/locations").json["data"]
    customers_api.post(f"{path}/locations", {**PLACE, "type": "shop", "status": "inactive"})
    post(f"{path}/assets", {"name": "A", "type": "pump", "location_id": home["id"]})
    post(f"{path}/assets", {"name": "B", "type": "pump", "status": "retired"})
    page = profile(path)
    assert page["assets"]["on_location"]["data"] == [
        {"type": "pump", "status": "active", "count": 1}
    ]
    assert page["assets"]["owned"]["count"] == 2
    assert page["sites"]["data"] == [
        {"type": None, "status": "active", "count": 1},
        {"type": "shop", "status": "inactive", "count": 1},
    ]
    for figures in (page["assets"]["owned"], page["assets"]["on_location"]):
        where, _, query = figures["all"].partition("?")
        listed = RECORDS.get(where, **dict([query.split("=")])).json["data"]
        assert len(listed) == figures["count"]


def test_what_was_merged_into_a_customer_is_on_its_page(customers_api: Api, path: str) -> None:
    loser = customers_api.post("/v1/customers", {"company_name": "Acme Ltd"}).json["id"]
    other = f"/v1/customers/{loser}"
    invoice(other, 100)
    post(f"{other}/tasks", {"title": "Ring"})
    invoice(path, 1)
    customers_api.post(f"{path}/merge", {"loser_id": loser}, if_match="*")
    page = profile(path)
    assert page["standing"]["outstanding"] == 101
    assert [i["total"] for i in page["invoices"]["data"]] == [1, 100]
    assert [t["title"] for t in page["tasks"]["data"]] == ["Ring"]
    assert profile(other) == page


def test_who_lacks_a_module_does_not_see_its_sections(path: str) -> None:
    invoice(path, 1)
    no_money = Api("records_api", extra={"modules": "customers,work"}).get(f"{path}/profile")
    assert no_money.status == 200
    hidden = [name for name, section in no_money.json.items() if section is None]
    assert hidden == ["standing", "quotes", "invoices", "billing"]
    neither = Api("records_api", extra={"modules": "customers"}).get(f"{path}/profile").json
    assert [name for name, section in neither.items() if section is None] == [
        "standing", "tasks", "quotes", "invoices", "projects", "assets", "sites", "billing",
    ]  # fmt: skip
    assert Api("records_api", extra={"modules": "money"}).get(f"{path}/profile").status == 403
    assert Api("records_api", tenant="globex").get(f"{path}/profile").status == 404


@pytest.fixture
def meter(customers_api: Api) -> Meter:
    assert customers_api, "the table is there"
    return attach(bootstrap.dynamodb(), boto3.client("dynamodb"))


def test_the_page_costs_the_same_however_much_there_is(
    customers_api: Api, path: str, meter: Meter
) -> None:
    lines = [{"description": "Work " * 20, "quantity": "1", "unit_price": n} for n in range(1, 9)]

    def grow(times: int) -> None:
        for n in range(times):
            post(f"{path}/invoices", {"lines": lines, "due_date": day(n % 60)})
            post(f"{path}/quotes", {"lines": lines})
            post(f"{path}/tasks", {"title": f"Call {n}", "due_date": day(n % 50)})
            post(f"{path}/projects", {"name": f"Project {n}", "start_date": day(n % 30)})
            post(f"{path}/notes", {"text": "Words " * 100})

    def costs() -> tuple[float, int]:
        meter.clear()
        profile(path)
        return meter.read(), meter.requests

    grow(8)
    units, requests = costs()
    grow(40)
    later, later_requests = costs()
    assert requests <= 10 + 1, Counter(meter.operations)
    assert later_requests == requests
    assert abs(later - units) <= 1
    assert later <= 10
