"""What a company sets for itself, through the deployed template."""

from collections.abc import Callable

import pytest

from tests.support.e2e import Api


@pytest.mark.shows("S0.12", "S0.13")
def test_an_administrator_sets_how_customers_are_numbered(
    api: Callable[..., Api], tenant: str
) -> None:
    admin, office = api(tenant, "admin"), api(tenant)
    me = admin.get("/v1/me").json()
    assert (me["tenant"], me["role"]) == (tenant, "admin")
    wanted = {"number_prefix": "KD-", "number_width": 3, "next_number": 7}
    assert office.patch("/v1/settings", json=wanted).status_code == 403
    assert admin.patch("/v1/settings", json=wanted).json()["next_number"] == 7
    made = office.post("/v1/customers", json={"company_name": "Acme"})
    assert (made.status_code, made.json()["number"]) == (201, "KD-007")
    assert admin.patch("/v1/settings", json={"next_number": 7}).status_code == 422
    assert admin.patch("/v1/settings", json={"auto_numbering": False}).status_code == 200
    by_hand = {"company_name": "By hand", "number": "KD-007"}
    assert office.post("/v1/customers", json=by_hand).status_code == 409
    made = office.post("/v1/customers", json={**by_hand, "number": "A 1"})
    assert (made.status_code, made.json()["number"]) == (201, "A 1")
    assert office.get("/v1/settings").json()["next_number"] == 8


@pytest.mark.shows("S0.44")
def test_a_tax_rate_is_defined_chosen_and_retired(api: Callable[..., Api], tenant: str) -> None:
    admin, office = api(tenant, "admin"), api(tenant)
    made = admin.post("/v1/tax-rates", json={"name": "Texas", "rate_percent": "8.25"})
    assert made.status_code == 201, made.text
    rate = made.json()["id"]
    customer = {"company_name": "Acme", "tax_rate_id": rate}
    assert office.post("/v1/customers", json=customer).json()["tax_rate_id"] == rate
    assert admin.delete(f"/v1/tax-rates/{rate}").status_code == 204
    assert office.get("/v1/tax-rates").json()["data"] == []
    assert office.post("/v1/customers", json=customer).status_code == 422
    assert office.get("/v1/payment-terms").json()["data"] == []
