"""Tax rates and payment terms, and the customers who choose them."""

from typing import Any

import pytest

from tests.support.api import Answer, Api

KINDS = [
    ("/v1/tax-rates", "tax_rate_id", {"name": "Texas", "rate_percent": "8.25"}),
    ("/v1/payment-terms", "payment_term_id", {"name": "Net 30", "due_days": 30}),
]
each_kind = pytest.mark.parametrize(("path", "field", "values"), KINDS)


@pytest.fixture
def admin(cloud: None) -> Api:
    return Api("settings_api", role="admin")


def delete(api: Api, path: str) -> Answer:
    return api.call("DELETE", path)


@pytest.mark.shows("S0.44")
@each_kind
def test_they_are_defined_listed_edited_and_chosen(
    admin: Api, customers_api: Api, path: str, field: str, values: dict[str, Any]
) -> None:
    answer = admin.post(path, values)
    assert answer.status == 201, answer.text
    made = answer.json
    ours = {"quickbooks": None, "deleted_in_quickbooks": False}
    assert made == {"id": made["id"], "active": True, **values, **ours}
    one = f"{path}/{made['id']}"
    assert answer.headers["location"] == one
    assert admin.get(one).json == made
    admin.post(path, values | {"name": "Arkansas"})
    listed = admin.get(path).json
    assert [t["name"] for t in listed["data"]] == ["Arkansas", values["name"]]
    assert admin.call("PATCH", one, {"name": "Other"}).json == made | {"name": "Other"}
    customer = customers_api.post("/v1/customers", {"company_name": "A", field: made["id"]})
    assert customer.json[field] == made["id"]
    again = f"/v1/customers/{customer.json['id']}"
    for unknown in ("x", "tax_0", made["id"].lower(), "a#b"):
        refused = customers_api.patch(again, {field: unknown})
        assert refused.status == 422, unknown
        assert refused.json["errors"][0]["pointer"] == f"/{field}"
    assert customers_api.patch(again, {field: None}).json[field] is None


@each_kind
def test_one_in_use_is_retired_not_removed(
    admin: Api, customers_api: Api, path: str, field: str, values: dict[str, Any]
) -> None:
    unused, used = (admin.post(path, values).json["id"] for _ in range(2))
    customer = customers_api.post("/v1/customers", {"company_name": "A", field: used}).json
    removed = delete(admin, f"{path}/{unused}")
    assert (removed.status, removed.text) == (204, "")
    assert admin.get(f"{path}/{unused}").status == 404
    assert delete(admin, f"{path}/{unused}").status == 404
    assert delete(admin, f"{path}/{used}").status == 204
    assert admin.get(f"{path}/{used}").json["active"] is False
    assert admin.get(path).json["data"] == []
    assert [t["id"] for t in admin.get(path, status="all").json["data"]] == [used]
    refused = customers_api.post("/v1/customers", {"company_name": "B", field: used})
    assert refused.status == 422
    keeps = customers_api.patch(f"/v1/customers/{customer['id']}", {field: used, "phone": "1"})
    assert (keeps.status, keeps.json[field]) == (200, used)
    assert admin.call("PATCH", f"{path}/{used}", {"active": True}).json["active"] is True
    assert customers_api.post("/v1/customers", {"company_name": "C", field: used}).status == 201


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        ("/v1/tax-rates", {}, ["/name", "/rate_percent"]),
        ("/v1/tax-rates", {"name": "", "rate_percent": "101"}, ["/name", "/rate_percent"]),
        ("/v1/tax-rates", {"name": "x" * 101, "rate_percent": -1}, ["/name", "/rate_percent"]),
        ("/v1/tax-rates", {"name": "A", "rate_percent": "1.00001"}, ["/rate_percent"]),
        ("/v1/tax-rates", {"name": "A", "rate_percent": 1, "rate": 2}, ["/rate"]),
        ("/v1/payment-terms", {"name": "A", "due_days": 1000}, ["/due_days"]),
        ("/v1/payment-terms", {"name": "A", "due_days": -1}, ["/due_days"]),
        ("/v1/payment-terms", {"name": "A", "due_days": 1.5}, ["/due_days"]),
        ("/v1/payment-terms", {"name": "\u200b", "due_days": 0}, ["/name"]),
    ],
)
def test_bad_ones_are_refused(
    admin: Api, path: str, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = admin.post(path, body)
    assert answer.status == 422, answer.text
    assert [e["pointer"] for e in answer.json["errors"]] == pointers
    assert admin.get(path, status="all").json["data"] == []


@each_kind
def test_roles_tenants_and_repetition(
    admin: Api, path: str, field: str, values: dict[str, Any]
) -> None:
    office = Api("settings_api")
    assert office.post(path, values).status == 403
    first = admin.post(path, values, idempotency_key="k")
    assert admin.post(path, values, idempotency_key="k").json == first.json
    one = f"{path}/{first.json['id']}"
    assert office.get(one).status == 200
    assert (office.call("PATCH", one, {"name": "B"}).status, delete(office, one).status) == (
        403, 403,
    )  # fmt: skip
    other = Api("settings_api", tenant="other", role="admin")
    assert (other.get(one).status, delete(other, one).status) == (404, 404)
    assert other.call("PATCH", one, {"name": "B"}).status == 404
    assert other.get(path).json["data"] == []
    theirs = Api("customers_api", tenant="other")
    answer = theirs.post("/v1/customers", {"company_name": "A", field: first.json["id"]})
    assert answer.status == 422
    emptied = admin.call("PATCH", one, {"name": None})
    assert emptied.json["errors"][0]["pointer"] == "/name"
