"""What led to a customer that was merged away leads to the survivor, and back after an undo."""

from typing import Any

import pytest

from roster import bootstrap
from roster.bootstrap import exports
from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop
from tests.support.sync import Office

ADMIN = Api("customers_api", role="admin")
IMPORTS = Api("imports_api")


def made(**values: Any) -> str:
    answer = ADMIN.post("/v1/customers", values)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def merged(survivor: str, loser: str) -> str:
    answer = ADMIN.post(f"/v1/customers/{survivor}/merge", {"loser_id": loser}, if_match="*")
    assert answer.status == 200, answer.text
    return str(answer.json["merge_id"])


def undone(merge_id: str) -> None:
    assert ADMIN.post(f"/v1/merges/{merge_id}/undo", {}).status == 200


@pytest.mark.parametrize("limit", [1, 25])
def test_a_number_finds_whom_its_customer_is_a_part_of(cloud: None, limit: int) -> None:
    top, survivor, loser = (made(company_name=name) for name in ("C-00003 & Co", "Bolt", "Acme"))

    def found(**query: Any) -> list[str]:
        ids: list[str] = []
        more: dict[str, str] = {}
        while True:
            page = ADMIN.get("/v1/customers", q="C-00003", limit=limit, **query, **more).json
            ids += [customer["id"] for customer in page["data"]]
            if page["next_cursor"] is None:
                return ids
            more = {"cursor": page["next_cursor"]}

    assert found() == [loser, top]
    first = merged(survivor, loser)
    assert found() == [survivor, top]
    options = ADMIN.get("/v1/customers/options", q="C-00003").json["data"]
    assert survivor in [option["id"] for option in options]
    second = merged(top, survivor)
    assert found() == [top], "once, though its name says the same"
    assert found(status="inactive") == []
    undone(second)
    undone(first)
    assert found() == [loser, top]


def plan_of(*rows: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """What an import would do with the rows, and whom it takes each for."""
    Machine().run(drop(csv_of(*rows)))
    job = IMPORTS.get("/v1/imports", limit=1).json["data"][0]
    lines = IMPORTS.get(f"/v1/imports/{job['id']}/plan").json["data"]
    return [(line["action"], line.get("same_as")) for line in lines]


def test_a_row_of_an_import_finds_whom_its_customer_is_a_part_of(cloud: None) -> None:
    settings = Api("settings_api", role="admin")
    assert settings.patch("/v1/settings", {"auto_numbering": False}).status == 200
    survivor = made(company_name="Acme", number="A-1", external_id="x-a", email="a@acme.example")
    loser = made(company_name="Acme Inc", number="B-2", external_id="x-b", email="b@acme.example")
    rows = (
        ("Customer Name", "Customer Number", "Customer ID", "Email"),
        ("Acme Inc", "", "x-b", "new@acme.example"),
        ("Acme", "", "x-b", "b@acme.example"),
        ("Acme", "B-2", "", "b@acme.example"),
        ("Acme Inc", "B-2", "", "other@acme.example"),
        ("Acme Inc", "", "", ""),
    )
    merge_id = merged(survivor, loser)
    assert plan_of(*rows) == [("skip", survivor)] * 5
    undone(merge_id)
    again = plan_of(rows[0], rows[1], rows[4], rows[5])
    assert again == [("skip", loser)] * 3


def test_an_export_has_the_location_of_whom_was_merged(cloud: None) -> None:
    place = {"street": "2 Elm", "city": "Tulsa", "state": "OK", "zip": "74103"}
    survivor = made(company_name="Acme")
    merge_id = merged(survivor, made(company_name="Bolt", service_location=place))

    def street() -> str | None:
        [whole] = exports.whole_customers().whole("acme", [survivor])
        return whole.location.address.street if whole.location else None

    assert street() == "2 Elm"
    undone(merge_id)
    assert street() is None


def test_a_name_that_was_merged_away_is_not_taken_for_a_new_one(cloud: None) -> None:
    survivor, loser = made(company_name="Acme"), made(company_name="Bolt")
    merge_id = merged(survivor, loser)
    customers = bootstrap.customers()
    for cards in (customers.same_name("acme", "bolt"), customers.match_cards("acme")):
        assert [card.id for card in cards if card.name == "bolt"] == [survivor]
    for action in ("deactivate", "delete"):
        body = {"action": action, "ids": [survivor], "confirm": True}
        assert ADMIN.post("/v1/customers/bulk", body).json["results"][0]["status"] < 300
    assert list(customers.match_cards("acme")) == [], "with the survivor went its parts"
    assert ADMIN.post(f"/v1/merges/{merge_id}/undo", {}).status == 409


def phone(text: str) -> dict[str, Any]:
    return {"PrimaryPhone": {"FreeFormNumber": text}}


def test_the_record_of_one_merged_away_is_synced_with_the_survivor(acme: Office) -> None:
    theirs = acme.control.create("Bolt", **phone("555-1"))
    acme.pull()
    loser, survivor = acme.customers()["Bolt"], acme.create("Acme", email="a@acme.example")
    merge_id = merged(survivor.id, loser.id)
    address = {"Line1": "9 Elm", "City": "Tulsa", "CountrySubDivisionCode": "OK"}
    acme.control.edit(theirs["Id"], **phone("555-2"), ShipAddr={**address, "PostalCode": "74103"})
    run = acme.pull()
    assert run.counts == {"update_here": 1, "add_location": 1}
    now = acme.customers()["Acme"]
    assert (now.phone, now.email, now.quickbooks) == ("555-2", "a@acme.example", None)
    places = f"/v1/customers/{survivor.id}/locations"
    assert [p["street"] for p in ADMIN.get(places).json["data"]] == ["9 Elm"]
    acme.control.edit(theirs["Id"], Active=False)
    acme.pull()
    assert ADMIN.get(f"/v1/customers/{survivor.id}").json["status"] == "inactive"
    acme.control.edit(theirs["Id"], Active=True)
    acme.pull()
    # An undo asks for the phone as the merge left it.
    ADMIN.patch(f"/v1/customers/{survivor.id}", {"phone": "555-1"})
    undone(merge_id)
    acme.control.edit(theirs["Id"], **phone("555-3"))
    run = acme.pull()
    # It is back as it was before the merge: what QuickBooks told meanwhile is an edit of both.
    assert run.counts == {"update_here": 1, "conflict": 1}
    parted = acme.customers()
    assert (parted["Bolt"].phone, parted["Acme"].phone) == ("555-3", None)
    assert ADMIN.get(places).json["data"] == []
    its = ADMIN.get(f"/v1/customers/{loser.id}/locations").json["data"]
    assert [p["street"] for p in its] == ["9 Elm"]


def test_of_two_records_one_leads(acme: Office) -> None:
    own = acme.control.create("Acme", **phone("555-1"))
    other = acme.control.create("Bolt", **phone("555-2"))
    acme.pull()
    ids = {name: customer.id for name, customer in acme.customers().items()}
    merged(ids["Acme"], ids["Bolt"])
    acme.control.edit(other["Id"], **phone("555-9"))
    run = acme.pull()
    assert run.counts == {"skip": 1}
    assert "merged" in acme.report(run)[0].reason
    assert acme.customers()["Acme"].phone == "555-1"
    acme.control.edit(own["Id"], **phone("555-3"))
    assert acme.pull().counts == {"update_here": 1}
    assert acme.customers()["Acme"].phone == "555-3"
