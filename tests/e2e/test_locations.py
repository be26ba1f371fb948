"""Locations, contacts and geofences through the deployed template."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.e2e import Api
from tests.support.places import AUSTIN, TULSA

ANY = {"If-Match": "*"}


@pytest.mark.shows("S0.26", "S0.27", "S0.28", "S0.29", "S0.38")
def test_a_place_from_its_address_to_the_report(api: Callable[..., Api], tenant: str) -> None:
    office = api(tenant)
    made = office.post("/v1/customers", json={"company_name": "Acme", "service_location": TULSA})
    customer = f"/v1/customers/{made.json()['id']}"
    second = office.post(f"{customer}/locations", json=AUSTIN | {"primary": True})
    assert second.status_code == 201, second.text
    path = f"{customer}/locations/{second.json()['id']}"
    found = office.post(f"{path}/validate-address")
    assert found.status_code == 200, found.text
    place = found.json()
    assert (place["source"], place["validated"]) == ("zip_centroid", False)
    listed = office.get("/v1/locations", params={"customer_id": made.json()["id"]}).json()["data"]
    assert [one["primary"] for one in listed] == [False, True]
    now = datetime.now(UTC).replace(microsecond=0)
    points = [
        {
            "device": "van-1",
            "at": (now - timedelta(minutes=minutes)).isoformat(),
            "latitude": place["latitude"] + away,
            "longitude": place["longitude"],
        }
        for minutes, away in ((30, 1.0), (20, 0.0), (10, 1.0))
    ]
    noted = office.post(f"{path}/positions", json={"positions": points})
    assert noted.status_code == 200, noted.text
    days = {"from": f"{now - timedelta(days=1):%Y-%m-%d}", "to": f"{now:%Y-%m-%d}"}
    report = office.get("/v1/reports/activity", params=days).json()["data"]
    assert [(row["event"], row["approximate"]) for row in report] == [
        ("entry", True), ("exit", True),
    ]  # fmt: skip
    left = f"{now - timedelta(minutes=10):%Y-%m-%d}"
    (day,) = office.get("/v1/reports/daily", params={"date": left}).json()["data"]
    assert (day["customer_name"], day["exits"]) == ("Acme", 1)
    contact = office.post(f"{customer}/contacts", json={"first_name": "Ann"})
    assert contact.status_code == 201, contact.text
    assert office.delete(f"{path}", headers=ANY).status_code == 409
    assert office.delete(
        f"{customer}/contacts/{contact.json()['id']}", headers=ANY
    ).status_code == 204  # fmt: skip
    kinds = [e["kind"] for e in office.get(f"{customer}/history").json()["data"]]
    assert kinds == [
        "contact_removed", "contact_added", "location_edited", "location_added", "created",
    ]  # fmt: skip
