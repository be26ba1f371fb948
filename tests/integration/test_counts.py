"""Figures of locations and assets: whatever happens, they are what a recount comes to."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster import bootstrap
from roster.adapters.dynamodb import customer_items
from roster.bootstrap import parts as wired
from roster.domain.events import Actor, Source
from roster.usecases import customers as usecases
from roster.usecases import parts
from roster.usecases.assets import read_counts
from tests.support import aws, request_units
from tests.support.api import Api
from tests.support.places import AUSTIN, TULSA
from tests.support.request_units import budgeted, item_bytes

RECORDS = Api("records_api")
_TYPES = st.sampled_from([None, "boiler", "pump"])
_SITES = st.sampled_from(["active", "inactive"])
_STATES = st.sampled_from(["active", "retired"])
_N = st.integers(0, 5)
_STEP = st.one_of(
    st.tuples(st.just("add_place"), _N, _TYPES, _SITES),
    st.tuples(st.just("edit_place"), _N, _TYPES, _SITES),
    st.tuples(st.just("remove_place"), _N),
    st.tuples(st.just("add_asset"), _N, _N, _TYPES, _STATES),
    st.tuples(st.just("edit_asset"), _N, _TYPES, _STATES),
    st.tuples(st.just("place_asset"), _N, _N),
    st.tuples(st.just("take_asset"), _N),
    st.tuples(st.just("hand_over"), _N, _N),
    st.tuples(st.just("remove_asset"), _N),
    st.tuples(st.just("merge"), _N, _N),
    st.tuples(st.just("undo"), _N),
)


@dataclass
class Firm:
    """A company with three customers, and what was done to them."""

    api: Api = field(default_factory=lambda: Api("customers_api"))
    customers: list[str] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)

    def living(self) -> list[str]:
        return sorted(c["id"] for c in self.api.get("/v1/customers", status="all").json["data"])

    def places(self) -> list[Any]:
        return [
            {**place, "customer_id": one}
            for one in self.living()
            for place in self.api.get(f"/v1/customers/{one}/locations").json["data"]
        ]

    def assets(self) -> list[Any]:
        found: list[Any] = RECORDS.get("/v1/assets", limit=200).json["data"]
        return found

    def act(self, verb: str, *given: Any) -> None:
        getattr(self, verb)(*given)

    def add_place(self, n: int, kind: str | None, status: str) -> None:
        path = f"/v1/customers/{pick(self.living(), n)}/locations"
        body = {**AUSTIN, "type": kind, "status": status}
        assert self.api.post(path, body).status == 201

    def edit_place(self, n: int, kind: str | None, status: str) -> None:
        if place := pick(self.places(), n):
            body = {"type": kind, "status": status}
            assert self.api.patch(path_of(place, "locations"), body).status == 200

    def remove_place(self, n: int) -> None:
        if place := pick(self.places(), n):
            path = path_of(place, "locations")
            gone = self.api.call("DELETE", path, headers={"if-match": "*"})
            assert gone.status == (409 if place["assets_count"] else gone.status)
            assert gone.status in (204, 409)

    def add_asset(self, n: int, m: int, kind: str | None, status: str) -> None:
        body = {"name": "x", "type": kind, "status": status, **at(pick(self.places(), m))}
        path = f"/v1/customers/{pick(self.living(), n)}/assets"
        assert RECORDS.post(path, body).status == 201

    def edit_asset(self, n: int, kind: str | None, status: str) -> None:
        self._patch(n, {"type": kind, "status": status})

    def place_asset(self, n: int, m: int) -> None:
        self._patch(n, at(pick(self.places(), m)))

    def take_asset(self, n: int) -> None:
        self._patch(n, {"location_id": None})

    def hand_over(self, n: int, m: int) -> None:
        self._patch(n, {"owner_id": pick(self.customers, m)})

    def _patch(self, n: int, body: dict[str, Any]) -> None:
        if asset := pick(self.assets(), n):
            answer = RECORDS.patch(path_of(asset, "assets"), body)
            assert answer.status == 200, answer.text

    def remove_asset(self, n: int) -> None:
        if asset := pick(self.assets(), n):
            path = path_of(asset, "assets")
            assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 204

    def merge(self, n: int, m: int) -> None:
        survivor, loser = pick(self.living(), n), pick(self.living(), m)
        path = f"/v1/customers/{survivor}/merge"
        answer = self.api.post(path, {"loser_id": loser}, if_match="*")
        if survivor != loser:
            assert answer.status == 200, answer.text
            self.merges.append(answer.json["merge_id"])

    def undo(self, n: int) -> None:
        if merge := pick(self.merges, n):
            answer = self.api.post(f"/v1/merges/{merge}/undo", {})
            assert answer.status in (200, 409), answer.text

    def check(self) -> None:
        """Records and list rows say what is counted by hand from the lists, as does each place."""
        rows = {c["id"]: c for c in self.api.get("/v1/customers", status="all").json["data"]}
        everything = self.assets()
        for one in self.living():
            path = f"/v1/customers/{one}"
            places = self.api.get(f"{path}/locations").json["data"]
            owned, here = (
                RECORDS.get(f"{path}/assets", relation=relation, limit=200).json["data"]
                for relation in ("owned", "on_location")
            )
            assert ids(owned) == {a["id"] for a in everything if a["owner_id"] == one}
            assert ids(here) == {a["id"] for a in everything if a["location_customer_id"] == one}
            for shown in (self.api.get(path).json, rows[one]):
                figures = ("locations_count", "assets_owned", "assets_on_location")
                assert [shown[f] for f in figures] == [len(places), len(owned), len(here)]
            for place in places:
                standing = [a for a in everything if a["location_id"] == place["id"]]
                assert place["assets_count"] == len(standing)
            customer = usecases.read_customer("acme", one, customers=bootstrap.customers())
            found = read_counts(customer, customers=bootstrap.customers())
            assert dict(found.sites) == kinds(places)
            assert dict(found.owned) == kinds(owned)
            assert dict(found.on_location) == kinds(here)


def pick(some: list[Any], n: int) -> Any:
    return some[n % len(some)] if some else None


def ids(rows: list[Any]) -> set[str]:
    return {row["id"] for row in rows}


def kinds(rows: list[Any]) -> dict[tuple[str, str], int]:
    return dict(Counter((row["type"] or "", row["status"]) for row in rows))


def at(place: Any) -> dict[str, Any]:
    if place is None:
        return {}
    return {"location_id": place["id"], "location_customer_id": place["customer_id"]}


def path_of(part: Any, family: str) -> str:
    return f"/v1/customers/{part['customer_id']}/{family}/{part['id']}"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(_STEP, min_size=4, max_size=12))
def test_figures_are_what_a_recount_comes_to(steps: list[tuple[Any, ...]]) -> None:
    with aws.cloud():
        firm = Firm()
        for name in ("Acme", "Beta", "Zenith"):
            place = {"service_location": TULSA} if name != "Beta" else {}
            made = firm.api.post("/v1/customers", {"company_name": name, **place})
            firm.customers.append(made.json["id"])
        for step in steps:
            firm.act(*step)
        firm.check()


@pytest.mark.shows("S3.06")
def test_sites_have_a_type_and_a_status(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "service_location": TULSA})
    path = f"/v1/customers/{made.json['id']}"
    (one,) = customers_api.get(f"{path}/locations").json["data"]
    assert (one["type"], one["status"], one["assets_count"]) == (None, "active", 0)
    edited = customers_api.patch(
        f"{path}/locations/{one['id']}", {"type": "warehouse", "status": "inactive"}
    )
    assert (edited.json["type"], edited.json["status"]) == ("warehouse", "inactive")
    told = customers_api.get(f"{path}/history").json["data"][0]["changes"]
    assert {c["field"].rsplit("/", 1)[1]: (c["old"], c["new"]) for c in told} == {
        "type": (None, "warehouse"), "status": (None, "inactive"),
    }  # fmt: skip
    event = customers_api.get(f"{path}/history").json["data"][0]["id"]
    back = customers_api.post(f"{path}/history/{event}/restore", {}, if_match="*")
    assert back.status == 200, back.text
    (now,) = customers_api.get(f"{path}/locations").json["data"]
    assert (now["type"], now["status"]) == (None, "active")
    for body, pointer in (({"type": "x" * 61}, "/type"), ({"status": "shut"}, "/status")):
        refused = customers_api.patch(f"{path}/locations/{one['id']}", body)
        assert [e["pointer"] for e in refused.json["errors"]] == [pointer]
    back = customers_api.patch(f"{path}/locations/{one['id']}", {"type": None, "status": None})
    assert (back.json["type"], back.json["status"]) == (None, "active")


def test_locations_that_quickbooks_adds_are_counted_once(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "service_location": TULSA})
    path = f"/v1/customers/{made.json['id']}"
    (one,) = wired.locations().all("acme", made.json["id"])
    for _ in range(2):
        parts.keep_location(
            "acme",
            type(one)(id="loc_job", customer_id=one.customer_id, address=one.address,
                      primary=False),
            actor=Actor("QuickBooks", Source.QUICKBOOKS, "run"),
            customers=bootstrap.customers(),
            clock=bootstrap.clock,
        )  # fmt: skip
    shown = customers_api.get(path).json
    assert (shown["locations_count"], shown["version"]) == (2, 2)
    (row,) = customers_api.get("/v1/customers").json["data"]
    assert row["locations_count"] == 2
    (event, *_) = customers_api.get(f"{path}/history").json["data"]
    assert (event["kind"], event["source"]) == ("location_added", "quickbooks")


def test_locations_of_all_customers_by_type_and_status(customers_api: Api) -> None:
    customers = {}
    for name in ("Zenith", "Acme", "Nowhere", "Beta"):
        place = {"service_location": TULSA} if name != "Nowhere" else {}
        made = customers_api.post("/v1/customers", {"company_name": name, **place})
        customers[name] = made.json["id"]
    for n, kind in enumerate(("depot", "Depot", "office")):
        body = {**AUSTIN, "name": f"B{n}", "type": kind, "status": "inactive" if n else "active"}
        customers_api.post(f"/v1/customers/{customers['Beta']}/locations", body)

    def found(**query: Any) -> list[tuple[str, str | None]]:
        seen, cursor = [], None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = customers_api.call("GET", "/v1/locations", query={**query, **more}).json
            assert len(page["data"]) <= int(query.get("limit", 25))
            seen += [(place["customer_name"], place["name"]) for place in page["data"]]
            if (cursor := page["next_cursor"]) is None:
                return seen

    beta = [("Beta", None), ("Beta", "B0"), ("Beta", "B1"), ("Beta", "B2")]
    everything = [("Acme", None), *beta, ("Zenith", None)]
    for limit in (1, 2, 3, 6, 25):
        assert found(limit=limit) == everything
    assert found(type="depot", limit=1) == [("Beta", "B0"), ("Beta", "B1")]
    assert found(status="inactive") == [("Beta", "B1"), ("Beta", "B2")]
    assert found(customer_id=customers["Beta"], limit=3) == beta
    assert found(customer_id=customers["Nowhere"]) == []
    path = f"/v1/customers/{customers['Acme']}"
    customers_api.post(f"{path}/merge", {"loser_id": customers["Beta"]}, if_match="*")
    assert found(limit=2) == [("Acme", name) for _, name in everything[:-1]] + everything[-1:]
    assert customers_api.get("/v1/locations", customer_id="cus_none").status == 404
    assert Api("customers_api", tenant="globex").get("/v1/locations").json["data"] == []


def test_a_page_of_all_locations_costs_what_it_looks_into(customers_api: Api) -> None:
    for n in range(60):
        body = {"company_name": f"Acme {n:03}", "service_location": TULSA}
        customers_api.post("/v1/customers", body)
    meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
    page = customers_api.get("/v1/locations", limit=25).json
    assert len(page["data"]) == 25
    assert 0 < meter.read(budgeted(aws.TABLE)) <= 30
    meter.clear()
    page = customers_api.get("/v1/locations", type="none").json
    assert (page["data"], page["next_cursor"] is None) == ([], False)
    assert 0 < meter.read(budgeted(aws.TABLE)) <= 60


def test_what_an_asset_costs_to_add_to_edit_and_to_move(customers_api: Api) -> None:
    paths = []
    for name in ("Acme", "Beta"):
        body = {"company_name": name, "service_location": TULSA}
        paths.append(f"/v1/customers/{customers_api.post('/v1/customers', body).json['id']}")
    own, others = (customers_api.get(f"{path}/locations").json["data"][0] for path in paths)
    meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
    costs = []
    asset = RECORDS.post(f"{paths[0]}/assets", {"name": "x", "location_id": own["id"]}).json
    for change in ({"serial": "9"}, at(others), {"owner_id": others["customer_id"]}):
        costs.append(meter.write(budgeted(aws.TABLE)))
        meter.clear()
        assert RECORDS.patch(path_of(asset, "assets"), change).status == 200
    costs.append(meter.write(budgeted(aws.TABLE)))
    budgets = (18, 12, 30, 26)
    assert all(0 < cost <= most for cost, most in zip(costs, budgets, strict=True)), costs


def test_rows_of_usual_customers_stay_short(customers_api: Api) -> None:
    """At 327 bytes a row, a page of 25 is two read units."""
    made = customers_api.post(
        "/v1/customers",
        {
            "company_name": "Acme Fire Systems", "email": "office@acme.example",
            "phone": "+1 555 0100", "tags": ["vip", "late"], "service_location": TULSA,
        },
    )  # fmt: skip
    path = f"/v1/customers/{made.json['id']}"
    for _ in range(12):
        place = customers_api.get(f"{path}/locations").json["data"][0]["id"]
        RECORDS.post(f"{path}/assets", {"name": "x", "location_id": place})
    customer = bootstrap.customers().get("acme", made.json["id"])
    assert customer is not None
    assert (customer.assets_owned, customer.assets_on_location) == (12, 12)
    row = customer_items.list_row(customer)
    wire = {k: {"N": str(v)} if isinstance(v, int) else {"S": v} for k, v in row.items()}
    assert item_bytes(wire) <= 327


def test_an_imported_customer_has_its_figures_without_a_write_more(customers_api: Api) -> None:
    """The figures stand in the head and the row that are written anyway."""
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "service_location": TULSA})
    partition = f"acme#C#{made.json['id']}"
    kept = {item["sk"].split("#")[0] for item in bootstrap.table().query_all(partition)}
    assert kept == {"HEAD", "LOC"}
    customer = usecases.read_customer("acme", made.json["id"], customers=bootstrap.customers())
    found = read_counts(customer, customers=bootstrap.customers())
    assert dict(found.sites) == {("", "active"): 1}
