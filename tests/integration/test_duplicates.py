"""Duplicates through the doors: the check before creating, the search of all, and the review."""

import importlib
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from roster import bootstrap
from roster.bootstrap import duplicates
from roster.domain.errors import Unavailable
from tests.support import request_units
from tests.support.api import Answer, Api
from tests.support.context import LambdaContext

type Scan = Callable[[], dict[str, Any]]


def make(api: Api, **fields: Any) -> str:
    answer = api.post("/v1/customers", fields)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def archive(api: Api, customer_id: str) -> None:
    api.post(f"/v1/customers/{customer_id}/deactivate", {"confirm": True}, if_match="*")


def delete(api: Api, customer_id: str) -> None:
    archive(api, customer_id)
    answer = api.call(
        "DELETE",
        f"/v1/customers/{customer_id}",
        query={"confirm": "true"},
        headers={"if-match": "*"},
    )
    assert answer.status == 204, answer.text


def check(api: Api, **query: str) -> list[tuple[str, str]]:
    answer = api.get("/v1/customers/duplicates", **query)
    assert answer.status == 200, answer.text
    return [(one["display_name"], one["verdict"]) for one in answer.json["data"]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What was handed to the worker; moto runs no function."""
    events: list[dict[str, str]] = []

    class Starter:
        def start(self, tenant: str, scan_id: str) -> None:
            events.append({"tenant": tenant, "scan_id": scan_id})

    monkeypatch.setattr(duplicates, "scans", Starter)
    return events


@pytest.fixture
def scan(customers_api: Api, started: list[dict[str, str]]) -> Scan:
    """Search for duplicates, as the office and the worker do, and answer with the status."""

    def run() -> dict[str, Any]:
        answer = customers_api.post("/v1/duplicates/scan", None)
        assert answer.status == 202, answer.text
        worker = importlib.import_module("functions.duplicates_scan.app")
        worker.lambda_handler(started.pop(), LambdaContext("duplicates_scan"))
        found: dict[str, Any] = customers_api.get("/v1/duplicates/scan").json
        assert found["id"] == answer.json["id"]
        return found

    return run


def pairs(api: Api) -> list[dict[str, Any]]:
    answer = api.get("/v1/duplicates")
    assert answer.status == 200, answer.text
    return list(answer.json["data"])


def dismiss(api: Api, pair_id: str) -> Answer:
    return api.post(f"/v1/duplicates/{pair_id}/dismiss", None)


@pytest.mark.shows("S0.06")
@pytest.mark.parametrize(
    "name", ["Acme Plumbing", "ACME PLUMBING, INC.", "Acme Plumbign", "Acmé Plumbing Co"]
)
def test_a_near_name_is_found_before_creating(customers_api: Api, name: str) -> None:
    make(customers_api, company_name="Acme Plumbing LLC")
    make(customers_api, company_name="Zenith Heating")
    assert [found for found, _ in check(customers_api, name=name)] == ["Acme Plumbing LLC"]


@pytest.mark.shows("S0.06")
def test_inactive_customers_are_found_and_deleted_ones_are_not(customers_api: Api) -> None:
    archived = make(customers_api, company_name="Acme Plumbing", email="a@acme.example")
    archive(customers_api, archived)
    delete(customers_api, make(customers_api, company_name="Acme Plumbing Inc", phone="4155550100"))
    answer = customers_api.get("/v1/customers/duplicates", name="acme plumbing").json["data"]
    assert [(one["id"], one["status"]) for one in answer] == [(archived, "inactive")]
    assert check(customers_api, phone="4155550100") == []


def test_an_exact_key_is_found_whatever_the_name(customers_api: Api) -> None:
    make(customers_api, company_name="Acme", email="Info@Acme.example", phone="+1 (415) 555-0100")
    assert check(customers_api, email="info@acme.example ") == [("Acme", "possible")]
    assert check(customers_api, phone="1-415-555-0100") == [("Acme", "possible")]
    assert check(customers_api, name="ACME", email="info@acme.example") == [("Acme", "exact")]
    assert check(customers_api, name="Bistro", email="info@acme.example") == [("Acme", "possible")]
    assert check(customers_api, name="Bistro", phone="555") == []


def test_a_number_typed_with_its_country_finds_one_typed_without(customers_api: Api) -> None:
    make(customers_api, company_name="Acme", phone="(415) 555-0100")
    assert check(customers_api, phone="+1 415 555 0100") == [("Acme", "possible")]


def test_a_rename_is_seen_in_the_next_check(customers_api: Api) -> None:
    customer_id = make(customers_api, company_name="Acme Plumbing")
    customers_api.patch(f"/v1/customers/{customer_id}", {"company_name": "Zenith Heating"})
    assert check(customers_api, name="Acme Plumbing") == []
    assert check(customers_api, name="Zenith Heating") == [("Zenith Heating", "possible")]


@pytest.mark.shows("S0.06")
def test_a_name_is_found_among_many_that_begin_like_it(customers_api: Api) -> None:
    make(customers_api, company_name="Zoo Commons")
    for beginning in ("Chicago Commons", "Commodore"):
        names = [f"{beginning} {''.join(w)}" for w in product("abcd", repeat=3)]
        rows = [{"company_name": name} for name in names]
        assert customers_api.post("/v1/customers/batch", {"customers": rows}).status == 207
    name = "Chicago Commons Commodore"
    customer_id = make(customers_api, company_name=name)
    assert name in dict(check(customers_api, name=name.upper()))
    archive(customers_api, customer_id)
    assert name in dict(check(customers_api, name=name))
    assert "Zoo Commons" in dict(check(customers_api, name="Commons"))


def test_the_check_needs_something_to_check(customers_api: Api) -> None:
    for query in ({}, {"name": " "}):
        answer = customers_api.get("/v1/customers/duplicates", **query)
        assert (answer.status, answer.json["code"]) == (400, "nothing_given")
    assert customers_api.get("/v1/customers/duplicates", name="x" * 501).status == 422
    assert check(customers_api, name="!!!") == []
    assert check(customers_api, name="#", email="#", phone="#") == []


def test_the_check_keeps_its_price(customers_api: Api) -> None:
    for i in range(60):
        make(customers_api, first_name="John", last_name=f"Smith{i:02}", phone="4155550100")
    import boto3

    meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
    check(customers_api, name="John Smith01", email="a@b.example", phone="+1 415 555 0100")
    assert 0 < meter.read() <= 15


def test_the_search_finds_pairs_and_says_why(customers_api: Api, scan: Scan) -> None:
    address = {"street": "12 North Main Street", "city": "Springfield", "zip": "94110"}
    short = {"street": "12 N. Main St", "city": "Springfield", "zip": "94110"}
    one = make(customers_api, company_name="Acme Plumbing Inc", billing_address=address)
    two = make(customers_api, company_name="Acme Plumbign", billing_address=short)
    for name in ("Zenith Heating", "Northern Roofs", "Bistro Roma", "Casa Verde", "Old Mill"):
        make(customers_api, company_name=name)
    found = scan()
    assert (found["status"], found["customers"], found["pairs"]) == ("completed", 7, 1)
    (pair,) = pairs(customers_api)
    assert {c["id"] for c in pair["customers"]} == {one, two}
    assert {"similar_name", "same_address"} <= set(pair["reasons"])


def two_pairs(api: Api) -> None:
    for name in ("Acme Plumbing", "Zenith Heating"):
        for suffix in ("", " Inc"):
            make(api, company_name=name + suffix, phone=f"415555{len(name):04}")
    for name in ("Northern Roofs", "Bistro Roma", "Casa Verde", "Old Mill"):
        make(api, company_name=name)


def test_pairs_come_page_by_page_and_the_best_first(customers_api: Api, scan: Scan) -> None:
    two_pairs(customers_api)
    scan()
    first = customers_api.get("/v1/duplicates", limit=1).json
    second = customers_api.get("/v1/duplicates", limit=1, cursor=first["next_cursor"]).json
    both = first["data"] + second["data"]
    assert both == pairs(customers_api)
    assert [p["verdict"] for p in both] == ["exact", "exact"]
    assert both[0]["score"] >= both[1]["score"]


def test_a_dismissed_pair_stays_away_until_it_changes(customers_api: Api, scan: Scan) -> None:
    two_pairs(customers_api)
    scan()
    gone, kept = pairs(customers_api)
    assert dismiss(customers_api, gone["id"]).status == 204
    assert dismiss(customers_api, gone["id"]).status == 404
    assert [p["id"] for p in pairs(customers_api)] == [kept["id"]]
    assert scan()["pairs"] == 1
    assert [p["id"] for p in pairs(customers_api)] == [kept["id"]]
    changed = gone["customers"][0]["id"]
    customers_api.patch(f"/v1/customers/{changed}", {"mobile": "4155559999"})
    assert scan()["pairs"] == 2


def test_a_decision_during_the_search_counts(
    customers_api: Api, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_pairs(customers_api)
    scan()
    gone, kept = pairs(customers_api)
    from roster.usecases import duplicates as usecases

    search = usecases.find_pairs

    def slow(records: Any, **options: Any) -> Any:
        found = search(records, **options)
        dismiss(customers_api, gone["id"])
        return found

    monkeypatch.setattr(usecases, "find_pairs", slow)
    scan()
    assert [p["id"] for p in pairs(customers_api)] == [kept["id"]]


def test_a_deleted_customer_is_in_no_pair(customers_api: Api, scan: Scan) -> None:
    two_pairs(customers_api)
    scan()
    first, second = pairs(customers_api)
    delete(customers_api, first["customers"][0]["id"])
    assert [p["id"] for p in pairs(customers_api)] == [second["id"]]
    assert scan()["pairs"] == 1


def test_only_one_search_at_a_time(
    customers_api: Api, started: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert customers_api.get("/v1/duplicates/scan").status == 404
    assert customers_api.post("/v1/duplicates/scan", None).json["status"] == "running"
    again = customers_api.post("/v1/duplicates/scan", None)
    assert (again.status, again.json["code"]) == (409, "scan_running")
    now = bootstrap.clock()
    monkeypatch.setattr(bootstrap, "clock", lambda: now + timedelta(minutes=17))
    assert customers_api.post("/v1/duplicates/scan", None).status == 202
    # The first worker wakes up late: it has been replaced.
    worker = importlib.import_module("functions.duplicates_scan.app")
    assert worker.lambda_handler(started[0], LambdaContext("duplicates_scan")) == {"pairs": 0}
    assert customers_api.get("/v1/duplicates/scan").json["status"] == "running"


def test_a_search_that_cannot_start_or_breaks_says_so(
    customers_api: Api, monkeypatch: pytest.MonkeyPatch, scan: Scan
) -> None:
    class Broken:
        def start(self, *_: str) -> None:
            raise Unavailable("no")

    with monkeypatch.context() as patch:
        patch.setattr(duplicates, "scans", Broken)
        assert customers_api.post("/v1/duplicates/scan", None).status == 503
    assert customers_api.get("/v1/duplicates/scan").json["status"] == "failed"
    with monkeypatch.context() as patch:
        patch.setattr("roster.usecases.duplicates.find_pairs", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            scan()
    assert customers_api.get("/v1/duplicates/scan").json["status"] == "failed"
    assert scan()["status"] == "completed"


def test_roles_and_companies_are_kept_apart(customers_api: Api, scan: Scan) -> None:
    two_pairs(customers_api)
    scan()
    viewer = Api("customers_api", role="viewer")
    assert len(pairs(viewer)) == 2
    assert viewer.post("/v1/duplicates/scan", None).status == 403
    assert dismiss(viewer, pairs(viewer)[0]["id"]).status == 403
    other = Api("customers_api", tenant="zenith")
    assert pairs(other) == []
    assert dismiss(other, pairs(viewer)[0]["id"]).status == 404
    assert other.get("/v1/duplicates/scan").status == 404
    assert check(other, name="Acme Plumbing", phone="4155550013") == []
    assert len(pairs(viewer)) == 2


def test_a_merged_pair_is_no_pair_any_more(customers_api: Api, scan: Scan) -> None:
    two_pairs(customers_api)
    scan()
    first, second = pairs(customers_api)
    survivor, loser = (customer["id"] for customer in first["customers"])
    path = f"/v1/customers/{survivor}/merge"
    answer = customers_api.post(path, {"loser_id": loser}, if_match="*")
    assert answer.status == 200, answer.text
    assert [p["id"] for p in pairs(customers_api)] == [second["id"]]
    name = first["customers"][0]["display_name"]
    found = customers_api.get("/v1/customers/duplicates", name=name).json["data"]
    assert [one["id"] for one in found] == [survivor]
    assert scan()["pairs"] == 1
