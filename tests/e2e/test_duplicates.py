"""Duplicates through the deployed template: the check, the search in the background, the review."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.e2e import Api

WITHIN_S = 60.0


def searched(office: Api) -> dict[str, Any]:
    """Start a search and wait for its end."""
    answer = office.post("/v1/duplicates/scan")
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        found: dict[str, Any] = office.get("/v1/duplicates/scan").json()
        if found["status"] != "running":
            return found
        time.sleep(0.5)
    raise AssertionError("the search did not end")


@pytest.mark.shows("S0.06")
def test_the_office_finds_who_is_there_twice(api: Callable[..., Api], tenant: str) -> None:
    office = api(tenant)
    names = ("Acme Plumbing Inc", "Zenith Heating", "Bistro Roma", "Casa Verde", "Old Mill")
    for name in names:
        body = {"company_name": name, "phone": f"415555{len(name):04}"}
        assert office.post("/v1/customers", json=body).status_code == 201
    query = {"name": "acme plumbign", "phone": "+1 415 555 0017"}
    (there,) = office.get("/v1/customers/duplicates", params=query).json()["data"]
    assert (there["display_name"], there["verdict"]) == ("Acme Plumbing Inc", "likely")
    again = {"company_name": "ACME Plumbing", "phone": "+1 415 555 0017"}
    assert office.post("/v1/customers", json=again).status_code == 201
    assert searched(office)["pairs"] == 1
    (pair,) = office.get("/v1/duplicates").json()["data"]
    assert (pair["verdict"], pair["reasons"]) == ("exact", ["same_name", "same_phone"])
    assert office.post(f"/v1/duplicates/{pair['id']}/dismiss").status_code == 204
    assert searched(office)["pairs"] == 0
    assert office.get("/v1/duplicates").json()["data"] == []
