"""Lists of those with a tag, a link or the portal: one mechanism, followed through every change."""

from dataclasses import replace
from typing import Any

import pytest

from roster import bootstrap
from roster.domain.customer import Customer, Origin, event_of, link_quickbooks, new_customer
from roster.domain.customer_fields import MAX_TAGS
from roster.domain.events import Actor, EventKind
from roster.usecases.ports import NewCustomer
from tests.support.api import Api

SHELVES: tuple[dict[str, Any], ...] = (
    {"tag": "gold card"},
    {"quickbooks": "linked"},
    {"portal": "true"},
)


def names(api: Api, **query: object) -> list[str]:
    answer = api.get("/v1/customers", **query)
    assert answer.status == 200, answer.text
    return [c["display_name"] for c in answer.json["data"]]


def on_shelves(api: Api, **query: object) -> list[list[str]]:
    return [names(api, **shelf, **query) for shelf in SHELVES]


def change(customer_id: str, **values: Any) -> None:
    """A change as the sync makes it."""
    before = bootstrap.customers().get("acme", customer_id)
    assert before is not None
    after = link_quickbooks(before, values["quickbooks"], now=bootstrap.clock())
    told = event_of(EventKind.EDITED, before, after, Actor("sync"))
    bootstrap.customers().save(before, after, told)


@pytest.fixture
def everywhere(customers_api: Api) -> str:
    """A customer that stands on every shelf, beside one on none."""
    body = {"company_name": "Mid", "tags": ["Gold Card", "GOLD-CARD"], "portal_access": True}
    customer_id: str = customers_api.post("/v1/customers", body).json["id"]
    change(customer_id, quickbooks="42")
    customers_api.post("/v1/customers", {"company_name": "Plain"})
    return customer_id


@pytest.mark.shows("S2.24", "S3.12")
def test_a_shelf_holds_those_it_is_for(customers_api: Api, everywhere: str) -> None:
    assert on_shelves(customers_api) == [["Mid"]] * 3
    assert on_shelves(customers_api, status="all") == [["Mid"]] * 3
    assert on_shelves(customers_api, status="inactive") == [[]] * 3
    assert names(customers_api, portal="false") == ["Plain"]
    assert names(customers_api, quickbooks="unlinked") == ["Plain"]
    assert names(customers_api, tag="gold") == []
    assert names(customers_api, **SHELVES[0], **SHELVES[1], **SHELVES[2]) == ["Mid"]
    assert names(customers_api, **SHELVES[0], portal="false") == []
    assert names(Api("customers_api", tenant="bolt"), tag="gold card") == []


def test_a_shelf_follows_names_values_and_states(customers_api: Api, everywhere: str) -> None:
    path = f"/v1/customers/{everywhere}"
    customers_api.patch(path, {"company_name": "Zeta", "phone": "1"})
    assert on_shelves(customers_api) == [["Zeta"]] * 3
    row = customers_api.get("/v1/customers", tag="gold card").json["data"][0]
    assert (row["phone"], row["version"]) == ("1", 3)
    customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    assert on_shelves(customers_api) == [[]] * 3
    assert on_shelves(customers_api, status="inactive") == [["Zeta"]] * 3
    customers_api.post(f"{path}/activate", {"confirm": True}, if_match="*")
    assert on_shelves(customers_api) == [["Zeta"]] * 3
    customers_api.patch(path, {"tags": ["gold"], "portal_access": False})
    change(everywhere, quickbooks=None)
    assert on_shelves(customers_api) == [[]] * 3
    assert names(customers_api, tag="GOLD") == ["Zeta"]
    assert names(customers_api) == ["Plain", "Zeta"]


@pytest.mark.parametrize("door", ["location", "contact"])
def test_a_shelf_follows_a_change_of_the_customers_parts(
    customers_api: Api, everywhere: str, door: str
) -> None:
    bodies = {
        "location": {"street": "1 Main St", "city": "Tulsa", "state": "OK", "zip": "74103"},
        "contact": {"first_name": "Bo"},
    }
    path = f"/v1/customers/{everywhere}"
    answer = customers_api.post(f"{path}/{door}s", bodies[door])
    assert answer.status == 201, answer.text
    now = customers_api.get(path).json
    for shelf in SHELVES:
        (row,) = customers_api.get("/v1/customers", **shelf).json["data"]
        assert (row["version"], row["updated_at"]) == (now["version"], now["updated_at"])
    latest = customers_api.get("/v1/customers", sort="-updated_at", limit=1).json["data"]
    assert [c["id"] for c in latest] == [everywhere]


def test_what_is_deleted_or_merged_stands_on_no_shelf(customers_api: Api, everywhere: str) -> None:
    body = {"company_name": "Top"}
    top = customers_api.post("/v1/customers", body).json["id"]
    merged = customers_api.post(
        f"/v1/customers/{top}/merge", {"loser_id": everywhere}, if_match="*"
    )
    assert merged.status == 200, merged.text
    assert on_shelves(customers_api, status="all") == [["Top"], [], ["Top"]]
    undone = customers_api.post(f"/v1/merges/{merged.json['merge_id']}/undo", {})
    assert undone.status == 200, undone.text
    assert on_shelves(customers_api, status="all") == [["Mid"]] * 3
    path = f"/v1/customers/{everywhere}"
    customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    query, headers = {"confirm": "true"}, {"if-match": "*"}
    assert customers_api.call("DELETE", path, query=query, headers=headers).status == 204
    assert on_shelves(customers_api, status="all") == [[]] * 3
    admin = Api("customers_api", role="admin")
    assert admin.post(f"{path}/erase", {"confirm": True}).status == 200
    scanned = str(bootstrap.table().client.scan(TableName=bootstrap.table().name)["Items"])
    assert "gold card" not in scanned


def test_two_with_all_the_tags_there_may_be_are_merged_and_parted(customers_api: Api) -> None:
    """The undo brings back all rows of both: no more than one transaction holds."""
    ids = []
    for name in ("One", "Two"):
        tags = [f"{name} {n}" for n in range(MAX_TAGS)]
        body = {"company_name": name, "tags": tags, "portal_access": True, "external_id": name}
        ids.append(customers_api.post("/v1/customers", body).json["id"])
        change(ids[-1], quickbooks=name)
    survivor, loser = ids
    fields = {"company_name": "loser", "display_name": "loser", "tags": "loser"}
    body = {"loser_id": loser, "fields": fields}
    merged = customers_api.post(f"/v1/customers/{survivor}/merge", body, if_match="*")
    assert merged.status == 200, merged.text
    assert names(customers_api, tag="one 7") == []
    assert names(customers_api, tag="two 7") == ["Two"]
    undone = customers_api.post(f"/v1/merges/{merged.json['merge_id']}/undo", {})
    assert undone.status == 200, undone.text
    assert names(customers_api, tag="one 7") == ["One"]
    assert names(customers_api, tag="two 7") == ["Two"]


def test_more_tags_than_there_are_shelves_for_are_refused(customers_api: Api) -> None:
    body = {"company_name": "Acme", "tags": [str(n) for n in range(MAX_TAGS + 1)]}
    answer = customers_api.post("/v1/customers", body)
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "too_many")


def test_an_imported_customer_stands_where_others_do(customers_api: Api) -> None:
    """Loaded twice, by an attempt that died and its replay, it is there once."""
    new = NewCustomer(_imported("cus_1"))
    bootstrap.customers().load_first([new], batch="imp_1#000001#000")
    bootstrap.customers().load_again([new], batch="imp_1#000001#000")
    assert on_shelves(customers_api) == [["Loaded"]] * 3
    assert names(customers_api, sort="-created_at") == ["Loaded"]
    assert names(customers_api, sort="-updated_at") == ["Loaded"]


def _imported(customer_id: str) -> Customer:
    values = {"company_name": "Loaded", "tags": ["gold card"], "portal_access": True}
    customer = new_customer(
        id=customer_id,
        tenant="acme",
        values=values,
        source=Origin.IMPORT,
        actor=Actor("olga"),
        now=bootstrap.clock(),
    )
    return replace(customer, quickbooks="42")


@pytest.mark.parametrize("shelf", SHELVES)
@pytest.mark.parametrize("limit", [1, 4, 200])
def test_pages_of_a_shelf_are_in_the_order_of_names_and_lose_none(
    customers_api: Api, shelf: dict[str, str], limit: int
) -> None:
    for n in (3, 1, 4, 0, 5, 2):
        new = replace(_imported(f"cus_{n}"), display_name=f"Customer {n}", quickbooks=str(n))
        bootstrap.customers().load_first([NewCustomer(new)])
        if n % 2:
            path = f"/v1/customers/cus_{n}/deactivate"
            customers_api.post(path, {"confirm": True}, if_match="*")
    found: list[str] = []
    query: dict[str, Any] = {**shelf, "status": "all", "limit": limit}
    while True:
        page = customers_api.get("/v1/customers", **query).json
        found += [c["display_name"] for c in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == [f"Customer {n}" for n in range(6)]
