"""Lines of quotes and invoices that name an item."""

from typing import Any

import pytest

from tests.support.api import Api

ADMIN, RECORDS = Api("settings_api", role="admin"), Api("records_api")


@pytest.fixture
def path(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    return f"/v1/customers/{made.json['id']}"


def item(**values: Any) -> str:
    made = ADMIN.post("/v1/items", {"name": "Filter", "unit_price": 1999, **values})
    assert made.status == 201, made.text
    found: str = made.json["id"]
    return found


def rate(percent: str) -> str:
    made = ADMIN.post("/v1/tax-rates", {"name": f"VAT {percent}", "rate_percent": percent})
    found: str = made.json["id"]
    return found


@pytest.mark.parametrize("family", ["quotes", "invoices"])
def test_a_line_takes_from_its_item_what_it_does_not_say(path: str, family: str) -> None:
    ten, twenty = rate("10"), rate("20")
    fine = item(description="Fine filter", tax_rate_id=twenty)
    free = item(taxable=False)
    lines = [
        {"item_id": fine, "quantity": "2"},
        {"item_id": fine, "quantity": "1", "unit_price": 100, "description": "Bargain"},
        {"item_id": free, "quantity": "1"},
        {"item_id": fine, "quantity": "1", "tax_rate_id": ten},
    ]
    answer = RECORDS.post(f"{path}/{family}", {"lines": lines, "tax_rate_id": ten})
    assert answer.status == 201, answer.text
    one, two, three, four = answer.json["lines"]
    assert (one["description"], one["unit_price"], one["tax"]) == ("Fine filter", 1999, 800)
    assert (two["description"], two["unit_price"], two["tax"]) == ("Bargain", 100, 20)
    assert (three["description"], three["tax_rate_id"], three["tax"]) == ("Filter", None, 0)
    assert (four["tax_rate_id"], four["tax"]) == (ten, 200)


def test_an_item_that_is_not_to_be_had_is_refused_beside_everything_else(path: str) -> None:
    gone = item(active=False)
    lines = [
        {"item_id": "itm_0", "quantity": "1"},
        {"item_id": gone, "quantity": "0", "description": "x", "unit_price": 1},
    ]
    refused = RECORDS.post(f"{path}/invoices", {"lines": lines})
    assert refused.status == 422
    pointers = {error["pointer"] for error in refused.json["errors"]}
    assert {"/lines/0/item_id", "/lines/1/item_id", "/lines/1/quantity"} <= pointers
    assert RECORDS.get(f"{path}/invoices").json["data"] == []


def test_a_line_keeps_what_its_item_was(path: str) -> None:
    sold = item()
    made = RECORDS.post(f"{path}/invoices", {"lines": [{"item_id": sold, "quantity": "1"}]}).json
    assert ADMIN.call("DELETE", f"/v1/items/{sold}").status in (200, 204)
    assert ADMIN.get(f"/v1/items/{sold}").json["active"] is False, "kept, as an invoice names it"
    one = f"{path}/invoices/{made['id']}"
    edited = RECORDS.patch(one, {"notes": "Thank you"})
    assert edited.status == 200, edited.text
    lines = [{"item_id": sold, "quantity": "3", "description": "Filter", "unit_price": 1999}]
    again = RECORDS.patch(one, {"lines": lines})
    assert (again.status, again.json["total"]) == (200, 5997)
