"""Products and services, from which lines of quotes and invoices are filled."""

from typing import Any

import pytest

from roster import bootstrap
from roster.bootstrap import sales
from roster.usecases.items import item_of
from tests.support.api import Answer, Api
from tests.support.aws import IDEMPOTENCY_TABLE

ADMIN = Api("settings_api", role="admin", user="ada")


@pytest.fixture(autouse=True)
def _cloud(cloud: None) -> None:
    pass


def made(name: str, **values: Any) -> Any:
    answer = ADMIN.post("/v1/items", {"name": name, **values})
    assert answer.status == 201, answer.text
    return answer.json


def names(**query: Any) -> list[str]:
    return [item["name"] for item in ADMIN.get("/v1/items", **query).json["data"]]


def delete(item_id: str) -> Answer:
    return ADMIN.call("DELETE", f"/v1/items/{item_id}")


def test_an_item_is_defined_read_edited_and_deleted() -> None:
    rate = ADMIN.post("/v1/tax-rates", {"name": "GST", "rate_percent": "18"}).json["id"]
    values = {
        "name": "Filter", "sku": "007", "description": "Fine", "kind": "inventory",
        "unit_price": 1999, "taxable": True, "tax_rate_id": rate, "income_account": "Sales",
        "expense_account": "Cost of goods", "active": True,
    }  # fmt: skip
    answer = ADMIN.post("/v1/items", values)
    assert (answer.status, answer.headers["location"]) == (201, f"/v1/items/{answer.json['id']}")
    item = answer.json
    path = f"/v1/items/{item['id']}"
    assert item == {"id": item["id"], **values}
    assert ADMIN.get(path).json == item
    edited = ADMIN.patch(path, {"unit_price": 0, "sku": None, "name": "Air filter"})
    assert (edited.status, edited.json["unit_price"], edited.json["sku"]) == (200, 0, None)
    assert names(q="air") == ["Air filter"]
    assert names(q="filter") == []
    assert delete(item["id"]).status == 204
    assert ADMIN.get(path).status == 404
    assert names(status="all") == []


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/name"]),
        ({"name": " ", "unit_price": -1}, ["/name", "/unit_price"]),
        ({"name": "x", "unit_price": 10**12 + 1}, ["/unit_price"]),
        ({"name": "x", "unit_price": 1.5, "kind": "gift"}, ["/kind", "/unit_price"]),
        ({"name": "x", "unit_price": "1"}, ["/unit_price"]),
        ({"name": "x" * 101, "sku": "x" * 101}, ["/name", "/sku"]),
        ({"name": "x", "tax_rate_id": "tax_none"}, ["/tax_rate_id"]),
        ({"name": "x", "taxable": None, "active": None}, ["/active", "/taxable"]),
        ({"name": "x", "taxable": 1}, ["/taxable"]),
        ({"name": "x", "colour": "red"}, ["/colour"]),
    ],
)
def test_a_bad_item_is_refused_with_every_bad_field(
    body: dict[str, Any], pointers: list[str]
) -> None:
    refused = ADMIN.post("/v1/items", body)
    assert refused.status == 422, refused.text
    assert sorted({e["pointer"] for e in refused.json["errors"]}) == pointers
    assert names(status="all") == []


def test_lists_are_by_name_and_hide_inactive_ones() -> None:
    for name in ("Pump", "Élan pump", "filter", "Filter XL", "#1 seal"):
        made(name)
    old = made("Fan", active=False)
    assert names() == ["#1 seal", "Élan pump", "filter", "Filter XL", "Pump"]
    assert names(status="all") == ["#1 seal", "Élan pump", "Fan", "filter", "Filter XL", "Pump"]
    assert names(q="FILTER") == ["filter", "Filter XL"]
    assert names(q="elan p") == ["Élan pump"]
    assert names(q="f", status="all") == ["Fan", "filter", "Filter XL"]
    ADMIN.patch(f"/v1/items/{old['id']}", {"active": True})
    assert "Fan" in names()
    seen, cursor = [], None
    while True:
        query = {"limit": 2, "status": "all", **({"cursor": cursor} if cursor else {})}
        page = ADMIN.call("GET", "/v1/items", query=query).json
        seen += [item["name"] for item in page["data"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == names(status="all")


def test_one_that_was_named_by_a_line_stays_as_inactive() -> None:
    item = made("Filter", unit_price=5)
    found = item_of("acme", item["id"], items=sales.items())
    assert found is not None
    assert (found.name, found.unit_price) == ("Filter", 5)
    assert item_of("acme", "itm_none", items=sales.items()) is None
    assert item_of("globex", item["id"], items=sales.items()) is None
    assert delete(item["id"]).status == 204
    assert ADMIN.get(f"/v1/items/{item['id']}").json == {**item, "active": False}
    assert names() == []
    assert item_of("acme", item["id"], items=sales.items()) is None, "not to be chosen any more"
    assert delete(item["id"]).status == 204
    assert names(status="all") == ["Filter"]


def test_the_same_request_defines_one_item_even_when_its_answer_was_lost() -> None:
    first = ADMIN.post("/v1/items", {"name": "Once"}, idempotency_key="k1")
    client = bootstrap.dynamodb()
    for item in client.scan(TableName=IDEMPOTENCY_TABLE)["Items"]:
        client.delete_item(TableName=IDEMPOTENCY_TABLE, Key={"id": item["id"]})
    again = ADMIN.post("/v1/items", {"name": "Once"}, idempotency_key="k1")
    assert (again.status, again.json) == (201, first.json)
    assert names() == ["Once"]


def test_only_administrators_define_them_and_no_other_company_sees_them() -> None:
    item = made("Filter")
    for role in ("viewer", "office"):
        api = Api("settings_api", role=role)
        assert api.post("/v1/items", {"name": "x"}).status == 403
        assert api.patch(f"/v1/items/{item['id']}", {"name": "x"}).status == 403
        assert api.call("DELETE", f"/v1/items/{item['id']}").status == 403
        assert api.get(f"/v1/items/{item['id']}").status == 200
    other = Api("settings_api", tenant="globex", role="admin")
    assert other.get(f"/v1/items/{item['id']}").status == 404
    assert other.get("/v1/items").json["data"] == []
