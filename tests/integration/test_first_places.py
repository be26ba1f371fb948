"""The first location of an imported customer stands in its head, and nobody can tell."""

from dataclasses import replace
from typing import Any

import pytest

from roster import bootstrap
from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import customer_lookups, keys, part_items
from tests.support.api import Api
from tests.support.imports import MACHINE_ARN, Machine, csv_of, drop, table_items

HEAD = ("Company", "Phone", "Street", "City", "State", "ZIP", "Country")
ROW = ("Acme", "(415) 555-2671", "1 Main St", "Tulsa", "OK", "74103", "US")


@pytest.fixture
def imported(cloud: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("IMPORT_STATE_MACHINE_ARN", MACHINE_ARN)
    Machine().run(drop(csv_of(HEAD, ROW)))
    (row,) = Api("customers_api").get("/v1/customers").json["data"]
    return dict(row)


@pytest.fixture
def path(imported: dict[str, Any]) -> str:
    return f"/v1/customers/{imported['id']}/locations"


def own_items() -> list[str]:
    sks = (item["sk"]["S"] for item in table_items())
    return [sk for sk in sks if sk.startswith(keys.LOCATION_PREFIX)]


def places(path: str) -> list[dict[str, Any]]:
    return list(Api("customers_api").get(path).json["data"])


def test_an_imported_place_is_read_in_every_way(path: str) -> None:
    assert own_items() == []
    (place,) = places(path)
    assert (place["street"], place["zip"], place["primary"]) == ("1 Main St", "74103", True)
    assert Api("customers_api").get(f"{path}/{place['id']}").json == place


def test_an_edit_of_it_stays_and_an_edit_of_the_customer_keeps_it(path: str) -> None:
    api = Api("customers_api")
    (place,) = places(path)
    assert api.patch(f"{path}/{place['id']}", {"street": "2 Main St"}).status == 200
    assert api.patch(path.removesuffix("/locations"), {"notes": "Ring twice."}).status == 200
    (after,) = places(path)
    assert (after["id"], after["street"]) == (place["id"], "2 Main St")


def test_one_that_was_removed_does_not_come_back(path: str) -> None:
    api = Api("customers_api")
    (place,) = places(path)
    removed = api.call("DELETE", f"{path}/{place['id']}", headers={"if-match": "*"})
    assert removed.status in (200, 204), removed.text
    assert api.patch(path.removesuffix("/locations"), {"notes": "Ring twice."}).status == 200
    assert places(path) == []
    assert api.get(f"{path}/{place['id']}").status == 404


def test_an_asset_can_be_placed_there(imported: dict[str, Any], path: str) -> None:
    (place,) = places(path)
    made = Api("records_api").post(
        f"/v1/customers/{imported['id']}/assets", {"name": "Boiler", "location_id": place["id"]}
    )
    assert made.status == 201, made.text
    assert len(own_items()) == 1
    (after,) = places(path)
    assert (after["id"], after["street"]) == (place["id"], "1 Main St")


def test_a_place_written_before_heads_told_of_it_is_read_and_changed(
    imported: dict[str, Any], path: str
) -> None:
    customers = bootstrap.customers()
    customer = customers.get("acme", imported["id"])
    assert customer is not None
    assert customer.first_place is not None
    before = [items.head(replace(customer, first_place=None)),
              part_items.location("acme", customer.first_place)]  # fmt: skip
    bootstrap.table().write_batch(before)
    (place,) = places(path)
    assert place["street"] == "1 Main St"
    api = Api("customers_api")
    removed = api.call("DELETE", f"{path}/{place['id']}", headers={"if-match": "*"})
    assert removed.status in (200, 204), removed.text
    assert places(path) == []
    assert own_items() == []


@pytest.mark.parametrize("query", ["(415) 555-2671", "+1 415 555 2671", "14155552671", "4155"])
@pytest.mark.parametrize("written", ["now", "before"])
def test_a_phone_is_found_by_the_lookups_of_any_time(
    imported: dict[str, Any], query: str, written: str
) -> None:
    customer = bootstrap.customers().get("acme", imported["id"])
    assert customer is not None
    assert (
        len(customer_lookups.all_lookups(customer)) == len(customer_lookups.lookups(customer)) + 1
    )
    if written == "before":
        bootstrap.table().write_batch(customer_lookups.lookups(customer, before=True).values())
    found = Api("customers_api").get("/v1/customers", q=query).json["data"]
    assert [one["id"] for one in found] == [imported["id"]]
