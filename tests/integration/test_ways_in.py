"""How customers come in, are seen at a glance and lead to their pages, through the doors."""

import base64
import csv
from typing import Any

import pytest

from roster.domain.sync.connection import RunStatus
from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop
from tests.support.sync import Office

GSTIN, PAN = "27AAPFU0939F1ZV", "AAPFU0939F"
# What one record has to itself.
OWN = ("id", "number", "created_at", "updated_at")
CUSTOMERS = Api("customers_api")
QUICKBOOKS = Api("quickbooks_api", role="admin", user="ada")


def made(api: Api, **fields: Any) -> dict[str, Any]:
    answer = api.post("/v1/customers", {"company_name": "Acme", **fields})
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def edited(api: Api, customer: dict[str, Any], **fields: Any) -> dict[str, Any]:
    path = f"/v1/customers/{customer['id']}"
    answer = api.patch(path, fields, f'"{customer["version"]}"')
    assert answer.status == 200, answer.text
    found: dict[str, Any] = api.get(path).json
    assert found == answer.json
    return found


def rows(api: Api, **query: Any) -> dict[str, dict[str, Any]]:
    answer = api.get("/v1/customers", **query)
    assert answer.status == 200, answer.text
    return {row["display_name"]: row for row in answer.json["data"]}


@pytest.fixture
def acme(unconnected: Office) -> Office:
    return unconnected


@pytest.mark.shows("S0.09")
def test_one_operation_creates_whoever_asks_for_it(customers_api: Api) -> None:
    """However a screen calls it there is one route, and many at once are the same records."""
    full = {
        "company_name": "Acme", "first_name": "Ann", "last_name": "Lee", "email": "a@acme.example",
        "phone": "(212) 555-0100", "gstin": GSTIN, "pan": PAN, "tags": ["vip"],
        "billing_address": {"street": "9 Bill St", "zip": "00501"},
        "service_location": {"street": "1 Rd", "city": "Tulsa", "state": "OK", "zip": "74103"},
    }  # fmt: skip
    by_itself = made(customers_api, **full)
    among = customers_api.post("/v1/customers/batch", {"customers": [full]}).json["results"][0]
    again = customers_api.get(f"/v1/customers/{among['id']}").json
    assert {k: v for k, v in by_itself.items() if k not in OWN} == {
        k: v for k, v in again.items() if k not in OWN
    }
    both = [customers_api.get(f"/v1/customers/{c['id']}/history").json for c in (by_itself, again)]
    one, other = (
        {c["field"]: c["new"] for c in history["data"][0]["changes"] if c["field"] != "number"}
        for history in both
    )
    assert one == other
    paths = customers_api.get("/v1/openapi.json").json["paths"]
    creating = [
        path
        for path, operations in paths.items()
        if "CustomerOut" in str(operations.get("post", {}).get("responses", {}).get("201"))
    ]
    assert creating == ["/v1/customers"]


@pytest.mark.shows("S1.01", "S1.04")
def test_customers_are_customers_and_no_leads(customers_api: Api) -> None:
    """Nothing here is a lead: what is in a list was created as a customer and can be verified."""
    for lead in ({"status": "lead"}, {"kind": "lead"}, {"role": "lead"}, {"lead": True}):
        refused = customers_api.post("/v1/customers", {"company_name": "Maybe Inc", **lead})
        assert refused.status == 422
        assert [e["pointer"] for e in refused.json["errors"]] == [f"/{next(iter(lead))}"]
    assert rows(customers_api, status="all") == {}
    # A program that turns a lead into a customer says which one it was.
    won = made(customers_api, company_name="Won Inc", external_id="lead-41", verified=True)
    plain = made(customers_api, company_name="Plain Inc")
    assert (won["verified"], plain["verified"]) == (True, False)
    assert (won["external_id"], won["source"]) == ("lead-41", "manual")
    again = customers_api.post("/v1/customers", {"company_name": "W", "external_id": "lead-41"})
    assert (again.status, again.json["code"]) == (409, "taken"), "a lead is converted once"
    checked = edited(customers_api, plain, verified=True)
    assert checked["verified"]
    found = customers_api.get(f"/v1/customers/{plain['id']}/provenance").json["data"]
    (who,) = [p for p in found if p["field"] == "verified"]
    assert (who["value"], who["by"]) == (True, "olga")
    assert set(rows(customers_api, status="all")) == {"Won Inc", "Plain Inc"}


@pytest.mark.shows("S1.02")
def test_a_customer_holds_professional_and_statutory_details(customers_api: Api) -> None:
    professional = {"company_name": "Acme", "full_name": "Ann Lee", "website": "acme.example",
                    "kind": "company", "role": "end_customer"}  # fmt: skip
    statutory = {"gstin": GSTIN, "pan": PAN}
    customer = made(customers_api, **professional, **statutory)
    read = customers_api.get(f"/v1/customers/{customer['id']}").json
    assert {k: read[k] for k in (*professional, *statutory)} == professional | statutory


@pytest.mark.shows("S1.13")
def test_contact_information_is_edited(customers_api: Api) -> None:
    customer = made(customers_api, email="a@acme.example", phone="1", mobile="2")
    after = edited(customers_api, customer, email="b@acme.example", phone="2125550100", mobile=None)
    assert (after["email"], after["phone"], after["mobile"]) == (
        "b@acme.example", "2125550100", None,
    )  # fmt: skip
    assert after["phone_e164"] == "+12125550100"


@pytest.mark.shows("S1.14")
def test_company_details_are_edited(customers_api: Api) -> None:
    customer = made(customers_api, website="acme.example")
    address = {"street": "9 Bill St", "city": "Ulm"}
    after = edited(
        customers_api, customer, company_name="Apex", website="apex.example", kind="company",
        billing_address=address,
    )  # fmt: skip
    assert (after["company_name"], after["display_name"]) == ("Apex", "Apex")
    assert (after["website"], after["kind"]) == ("apex.example", "company")
    assert address.items() <= after["billing_address"].items()
    assert list(rows(customers_api, q="apex")) == ["Apex"]


@pytest.mark.shows("S1.15")
def test_tax_registration_is_edited_and_stays_right(customers_api: Api) -> None:
    customer = made(customers_api)
    registered = edited(customers_api, customer, gstin=GSTIN, pan=PAN)
    assert (registered["gstin"], registered["pan"]) == (GSTIN, PAN)
    path = f"/v1/customers/{customer['id']}"
    refused = customers_api.patch(path, {"pan": "AAKFD7113K"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/pan")
    assert customers_api.get(path).json == registered
    assert edited(customers_api, registered, gstin=None, pan=None)["gstin"] is None


@pytest.mark.shows("S2.02", "S2.28")
def test_two_ways_in_and_a_mark_for_who_is_linked(acme: Office) -> None:
    made(CUSTOMERS, company_name="From scratch")
    # Whether the second way is open, a screen can ask.
    assert QUICKBOOKS.get("/v1/quickbooks/status").json["status"] == "disconnected"
    assert QUICKBOOKS.call("POST", "/v1/quickbooks/runs").status == 409
    acme.connect()
    assert QUICKBOOKS.get("/v1/quickbooks/status").json["status"] == "connected"
    acme.control.create("From QuickBooks")
    assert QUICKBOOKS.call("POST", "/v1/quickbooks/runs").status == 202
    acme.work()
    found = rows(CUSTOMERS)
    assert {name: row["source"] for name, row in found.items()} == {
        "From scratch": "manual",
        "From QuickBooks": "quickbooks",
    }
    linked = found["From QuickBooks"]["quickbooks"]
    assert linked == acme.customers()["From QuickBooks"].quickbooks
    assert linked
    assert found["From scratch"]["quickbooks"] is None, "blank"
    assert list(rows(CUSTOMERS, quickbooks="linked")) == ["From QuickBooks"]
    assert list(rows(CUSTOMERS, quickbooks="unlinked")) == ["From scratch"]


@pytest.mark.shows("S2.23", "S2.27", "S3.13")
def test_a_row_tells_the_customer_at_a_glance_and_leads_to_all_of_it(customers_api: Api) -> None:
    customer = made(
        customers_api, first_name="Ann", last_name="Lee", email="a@acme.example",
        phone="2125550100", tags=["vip"], website="acme.example", notes="Gate 4", pan=PAN,
        billing_address={"street": "9 Bill St", "city": "Ulm"},
        service_location={"street": "1 Rd", "city": "Tulsa", "state": "OK", "zip": "74103"},
    )  # fmt: skip
    row = rows(customers_api)["Acme"]
    glance = {"number": "C-00001", "email": "a@acme.example", "phone": "2125550100",
              "status": "active", "tags": ["vip"]}  # fmt: skip
    assert {k: row[k] for k in glance} == glance
    page = customers_api.get(f"/v1/customers/{row['id']}")
    assert page.status == 200
    assert page.json == customer
    details = {"first_name": "Ann", "website": "acme.example", "notes": "Gate 4", "pan": PAN}
    assert {k: page.json[k] for k in details} == details
    (place,) = customers_api.get(f"/v1/customers/{row['id']}/locations").json["data"]
    assert place["city"] == "Tulsa"
    told = customers_api.get(f"/v1/customers/{row['id']}/timeline").json["data"]
    assert [entry["kind"] for entry in told] == ["created"]


def test_the_timeline_calls_a_sync_and_a_change_of_status_by_their_names(acme: Office) -> None:
    acme.connect()
    theirs = acme.control.create("Bird Sanctuary")
    assert acme.pull().status is RunStatus.COMPLETED
    customer = acme.customers()["Bird Sanctuary"]
    acme.control.edit(theirs["Id"], PrimaryEmailAddr={"Address": "amy@birds.example"})
    run = acme.pull()
    path = f"/v1/customers/{customer.id}"
    assert CUSTOMERS.post(f"{path}/deactivate", {"confirm": True}, if_match="*").status == 200
    entries = CUSTOMERS.get(f"{path}/timeline").json["data"]
    assert [e["kind"] for e in entries] == ["status_changed", "sync_update", "created"]
    assert (entries[1]["source"], entries[1]["run"]) == ("quickbooks", run.id)
    assert "set email to amy@birds.example" in entries[1]["text"]
    assert entries[2]["text"].endswith("created the customer by a sync")


def test_the_timeline_tells_of_merges_locations_and_contacts(customers_api: Api) -> None:
    customer, other = made(customers_api), made(customers_api)
    path = f"/v1/customers/{customer['id']}"
    place = {"name": "Barn", "street": "1 Rd", "city": "Tulsa", "state": "OK", "zip": "74103"}
    location = customers_api.post(f"{path}/locations", place).json
    customers_api.patch(f"{path}/locations/{location['id']}", {"unit": "9"})
    customers_api.post(f"{path}/contacts", {"first_name": "Bo", "email": "bo@acme.example"})
    customers_api.post(f"{path}/merge", {"loser_id": other["id"]}, if_match="*")
    entries = customers_api.get(f"{path}/timeline").json["data"]
    # The other's own story is told among it.
    own = {e["id"] for e in customers_api.get(f"{path}/history").json["data"]}
    entries = [e for e in entries if e["id"] in own]
    assert [e["kind"] for e in entries] == [
        "merged", "contact_added", "location_edited", "location_added", "created",
    ]  # fmt: skip
    assert [e["text"] for e in entries] == [
        f"olga merged {other['id']} into the customer",
        "olga added a contact: Bo, bo@acme.example",
        "olga edited a location: set unit to 9",
        "olga added a location: Barn, 1 Rd, Tulsa, OK, 74103",
        "olga created the customer",
    ]


@pytest.mark.shows("S3.35")
def test_many_come_in_by_a_spreadsheet_by_our_template_and_by_the_api(customers_api: Api) -> None:
    """The three ways of A-09; each is told in the contract, and each ends in the same list."""
    Machine().run(drop(csv_of(["Client", "Phone"], ["From a sheet", "555 0100"])))
    template = Api("imports_api").get("/v1/imports/template", format="csv")
    assert template.status == 200, template.text
    headings = next(csv.reader([base64.b64decode(template.text).decode("utf-8-sig")]))
    filled = {"Company Name": "From the template", "Email": "ann@template.example"}
    assert set(filled) <= set(headings)
    Machine().run(drop(csv_of(headings, [filled.get(heading, "") for heading in headings])))
    answer = customers_api.post(
        "/v1/customers/batch",
        {"customers": [{"company_name": "From the API"}, {"company_name": "Another"}]},
    )
    assert [one["status"] for one in answer.json["results"]] == [201, 201]
    found = rows(customers_api)
    assert set(found) == {"From a sheet", "From the template", "From the API", "Another"}
    assert found["From the template"]["email"] == "ann@template.example"
    paths = customers_api.get("/v1/openapi.json").json["paths"]
    assert {"/v1/imports", "/v1/imports/template", "/v1/customers/batch"} <= set(paths)
