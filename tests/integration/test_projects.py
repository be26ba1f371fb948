"""Projects of customers, and how many are upcoming, active and past."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest

from roster import bootstrap
from roster.bootstrap import records
from roster.domain.errors import Invalid
from roster.usecases import customers as usecases
from roster.usecases.projects import project_of, read_phases
from tests.support import aws, request_units
from tests.support.api import Answer, Api
from tests.support.places import AUSTIN, TULSA
from tests.support.request_units import budgeted

RECORDS = Api("records_api")
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    it_is(monkeypatch, NOON)


def it_is(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    ticks = iter(range(1, 10**6))
    monkeypatch.setattr(bootstrap, "clock", lambda: now + timedelta(milliseconds=next(ticks)))


@pytest.fixture
def customer(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "service_location": TULSA})
    return f"/v1/customers/{made.json['id']}"


def added(customer: str, **values: Any) -> Any:
    answer = RECORDS.post(f"{customer}/projects", {"name": "Roof", **values})
    assert answer.status == 201, answer.text
    return answer.json


def delete(path: str) -> Answer:
    return RECORDS.call("DELETE", path, headers={"if-match": "*"})


def names(path: str, **query: Any) -> list[str]:
    return [project["name"] for project in RECORDS.get(path, **query).json["data"]]


def counted(customer: str, today: date = TODAY) -> tuple[int, ...]:
    """Upcoming, active, past."""
    customer_id = customer.rsplit("/", 1)[1]
    one = usecases.read_customer("acme", customer_id, customers=bootstrap.customers())
    return tuple(read_phases(one, today, projects=records.projects()).values())


@pytest.mark.shows("S3.19")
def test_a_project_is_added_read_edited_closed_and_removed(
    customers_api: Api, customer: str
) -> None:
    place = customers_api.get(f"{customer}/locations").json["data"][0]["id"]
    project = added(
        customer, name="New roof", description="Slate", start_date="2026-06-15",
        end_date="2026-06-15", location_id=place,
    )  # fmt: skip
    path = f"{customer}/projects/{project['id']}"
    assert (project["phase"], project["closed"], project["version"]) == ("active", False, 1)
    assert RECORDS.get(path).json == project
    (row,) = RECORDS.get(f"{customer}/projects").json["data"]
    assert row == {k: v for k, v in project.items() if k != "description"}
    assert RECORDS.patch(path, {"closed": True}, '"1"').json["phase"] == "past"
    assert RECORDS.patch(path, {"name": "Late"}, '"1"').status == 412
    assert RECORDS.patch(path, {"closed": None, "end_date": None}).json["phase"] == "active"
    assert RECORDS.patch(path, {"description": None}).json["description"] is None
    assert delete(path).status == 204
    assert RECORDS.get(path).status == 404
    assert counted(customer) == (0, 0, 0)
    kinds = [e["kind"] for e in customers_api.get(f"{customer}/timeline").json["data"]]
    assert kinds == [
        "project_removed", "project_edited", "project_reopened", "project_closed",
        "project_added", "created",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/name"]),
        ({"name": None}, ["/name"]),
        ({"name": "x" * 201, "description": "x" * 10_001}, ["/description", "/name"]),
        ({"name": "x", "start_date": "2026-02-30", "closed": "yes"}, ["/closed", "/start_date"]),
        ({"start_date": "2026-02-02", "end_date": "2026-02-01"}, ["/end_date", "/name"]),
        ({"name": "x", "location_id": "loc_none"}, ["/location_id"]),
        ({"name": "x", "phase": "past"}, ["/phase"]),
    ],
)
def test_a_bad_project_is_refused_with_every_bad_field(
    customer: str, body: dict[str, Any], pointers: list[str]
) -> None:
    refused = RECORDS.post(f"{customer}/projects", body)
    assert refused.status == 422, refused.text
    assert sorted(e["pointer"] for e in refused.json["errors"]) == pointers
    assert names(f"{customer}/projects") == []
    assert counted(customer) == (0, 0, 0)


def test_a_place_of_another_customer_is_none_of_the_projects(
    customers_api: Api, customer: str
) -> None:
    other = customers_api.post("/v1/customers", {"company_name": "B", "service_location": AUSTIN})
    path = f"/v1/customers/{other.json['id']}"
    place = customers_api.get(f"{path}/locations").json["data"][0]["id"]
    refused = RECORDS.post(f"{customer}/projects", {"name": "x", "location_id": place})
    assert [e["code"] for e in refused.json["errors"]] == ["unknown_location"]


def test_phases_follow_the_calendar_without_a_write(
    customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(customer, name="soon", start_date="2026-06-16", end_date="2026-06-20")
    added(customer, name="now", start_date="2026-06-01")
    added(customer, name="over", end_date="2026-06-14")
    added(customer, name="closed", start_date="2027-01-01", closed=True)
    all_of_them = f"{customer}/projects"
    assert counted(customer) == (1, 1, 2)
    assert names(all_of_them, phase="upcoming") == ["soon"]
    assert names(all_of_them, phase="active") == ["now"]
    assert names(all_of_them, phase="past") == ["closed", "over"]
    it_is(monkeypatch, datetime(2026, 6, 20, 23, tzinfo=UTC))
    assert names(all_of_them, phase="active") == ["now", "soon"]
    assert counted(customer, date(2026, 6, 20)) == (0, 2, 2)
    it_is(monkeypatch, datetime(2026, 6, 21, tzinfo=UTC))
    assert names(all_of_them, phase="past") == ["closed", "over", "soon"]
    assert counted(customer, date(2026, 6, 21)) == (0, 1, 3)
    assert names("/v1/projects", phase="past") == ["closed", "soon", "over"]
    assert names("/v1/projects", phase="upcoming") == []


def test_the_companys_projects_by_customer(customers_api: Api, customer: str) -> None:
    other = customers_api.post("/v1/customers", {"company_name": "Zenith"}).json
    added(customer, name="a", start_date="2026-06-01")
    added(f"/v1/customers/{other['id']}", name="b", start_date="2026-06-02")
    assert names("/v1/projects") == ["b", "a"]
    assert names("/v1/projects", customer_id=other["id"]) == ["b"]
    (one,) = RECORDS.get("/v1/projects", customer_id=other["id"]).json["data"]
    assert one["customer"] == {"id": other["id"], "display_name": "Zenith"}
    done = customers_api.post(f"{customer}/merge", {"loser_id": other["id"]}, if_match="*").json
    assert names("/v1/projects", customer_id=other["id"]) == ["b", "a"]
    assert counted(customer) == (0, 2, 0)
    customers_api.post(f"/v1/merges/{done['merge_id']}/undo", {})
    assert counted(customer) == (0, 1, 0)
    stranger = Api("records_api", tenant="globex")
    assert stranger.get("/v1/projects").json["data"] == []
    assert stranger.get(f"{customer}/projects").status == 404


def test_pages_of_one_phase_skip_the_others(customer: str) -> None:
    for n in range(6):
        added(customer, name=str(n), closed=n % 2 == 0)
    seen, cursor = [], None
    while True:
        query = {"phase": "active", "limit": 1, **({"cursor": cursor} if cursor else {})}
        page = RECORDS.call("GET", f"{customer}/projects", query=query).json
        seen += [project["name"] for project in page["data"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ["5", "3", "1"]


def test_counting_costs_the_same_however_many_there_are(customer: str) -> None:
    meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
    customer_id = customer.rsplit("/", 1)[1]
    one = usecases.read_customer("acme", customer_id, customers=bootstrap.customers())
    costs = []
    for more in (3, 40):
        for n in range(more):
            day = TODAY - timedelta(days=n + 1)
            added(customer, start_date=str(day), end_date=str(day))
        meter.clear()
        read_phases(one, TODAY, projects=records.projects())
        costs.append(meter.read(budgeted(aws.TABLE)))
    assert costs == [1, 1]
    assert counted(customer) == (0, 0, 43)


def test_an_invoice_may_name_a_project_of_its_customer_only(
    customers_api: Api, customer: str
) -> None:
    project = added(customer)
    one, other = (
        bootstrap.customers().get("acme", found)
        for found in (
            customer.rsplit("/", 1)[1],
            customers_api.post("/v1/customers", {"company_name": "B"}).json["id"],
        )
    )
    assert one is not None
    assert other is not None
    assert project_of(one, project["id"], projects=records.projects()).name == "Roof"
    with pytest.raises(Invalid) as refused:
        project_of(other, project["id"], projects=records.projects())
    assert refused.value.errors[0].pointer == "/project_id"
