"""Every field of a customer, through the function's door."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop

GSTIN, PAN = "27AAPFU0939F1ZV", "AAPFU0939F"
PLACE = {"street": "1 Fair Rd", "city": "Tulsa", "state": "Oklahoma", "zip": "07601"}


@pytest.fixture
def admin(cloud: None) -> Api:
    return Api("settings_api", role="admin")


def made(api: Api, **fields: Any) -> dict[str, Any]:
    answer = api.post("/v1/customers", {"company_name": "Acme", **fields})
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    assert api.get(f"/v1/customers/{found['id']}").json == found | {"tips": []}
    return found


def edited(api: Api, customer: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = api.patch(f"/v1/customers/{customer['id']}", fields)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def refused(answer: Any) -> list[str]:
    assert answer.status == 422, answer.text
    return [e["pointer"] for e in answer.json["errors"]]


@pytest.mark.shows(
    "S0.10", "S0.15", "S0.16", "S0.17", "S0.18", "S0.19", "S0.20", "S0.21", "S0.43", "S1.45",
    "S3.01", "S3.02",
)  # fmt: skip
def test_general_and_tax_fields_are_kept(customers_api: Api) -> None:
    general = {
        "company_name": "Acme", "first_name": "Ann", "last_name": "Lee", "email": "a@acme.example",
        "phone": "(212) 555-0100", "mobile": "0171", "website": "acme.example", "kind": "company",
        "role": "distributor", "verified": True, "portal_access": True, "notes": "n",
    }  # fmt: skip
    tax = {
        "gstin": GSTIN, "pan": PAN, "default_discount_percent": 7.5,
        "billing_contact": {"name": "Bo", "email": "bo@acme.example", "phone": "1"},
    }  # fmt: skip
    billing = {"street": "9 Bill St", "zip": "00501", "state": "ny", "country": "U.S.A."}
    found = made(customers_api, **general, **tax, billing_address=billing)
    assert {k: found[k] for k in (*general, *tax)} == general | tax
    assert billing.items() <= found["billing_address"].items()


@pytest.mark.shows("S3.27", "S3.28", "S0.52")
def test_billing_is_edited_part_by_part(customers_api: Api) -> None:
    customer = made(customers_api, billing_contact={"name": "Bo", "phone": "1"})
    after = edited(
        customers_api, customer, billing_contact={"phone": None, "email": "bo@x.example"},
        billing_address={"street": "1 Rd"},
    )  # fmt: skip
    assert after["billing_contact"] == {"name": "Bo", "email": "bo@x.example", "phone": None}
    assert after["billing_address"]["street"] == "1 Rd"
    assert edited(customers_api, customer, billing_contact=None)["billing_contact"] is None
    event = customers_api.get(f"/v1/customers/{customer['id']}/history").json["data"][0]
    old = {"name": "Bo", "email": "bo@x.example"}
    assert event["changes"] == [{"field": "billing_contact", "old": old, "new": None}]


def test_normal_forms_stand_beside_what_was_typed(admin: Api, customers_api: Api) -> None:
    customer = made(
        customers_api,
        phone="(212) 555-0100",
        mobile="ask Ann",
        email="Ann.Lee@ACME.Example",
        website="Acme.example/shop",
        billing_address={"state": "ontario", "country": "canada"},
        service_location=PLACE,
    )
    assert (customer["phone"], customer["phone_e164"]) == ("(212) 555-0100", "+12125550100")
    assert (customer["mobile"], customer["mobile_e164"]) == ("ask Ann", None)
    assert customer["email"] == "Ann.Lee@ACME.Example"
    assert customer["email_normalized"] == "Ann.Lee@acme.example"
    assert customer["website_url"] == "https://acme.example/shop"
    billing = customer["billing_address"]
    assert (billing["state"], billing["state_code"], billing["country_code"]) == (
        "ontario", "ON", "CA",
    )  # fmt: skip
    (place,) = customers_api.get(f"/v1/customers/{customer['id']}/locations").json["data"]
    assert (place["zip"], place["state"], place["state_code"]) == ("07601", "Oklahoma", "OK")
    assert admin.call("PATCH", "/v1/settings", {"country": "IN"}).status == 200
    after = edited(customers_api, customer, mobile="98765 43210")
    assert (after["mobile_e164"], after["phone_e164"]) == ("+919876543210", "+12125550100")
    assert edited(customers_api, customer, phone=None)["phone_e164"] is None
    assert refused(
        customers_api.patch(f"/v1/customers/{customer['id']}", {"phone_e164": "+1"})
    ) == ["/phone_e164"]


@pytest.mark.shows("S1.53", "S1.54", "S1.55", "S0.46")
@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"gstin": "27AAPFU0939F1ZO"}, ["/gstin"]),
        ({"gstin": "27AAPFU0939F1Z"}, ["/gstin"]),
        ({"pan": "AAPFU093F"}, ["/pan"]),
        ({"pan": "1APFU0939F"}, ["/pan"]),
        ({"gstin": GSTIN, "pan": "AAKFD7113K"}, ["/pan"]),
        ({"default_discount_percent": 100.01}, ["/default_discount_percent"]),
        ({"default_discount_percent": -1}, ["/default_discount_percent"]),
        ({"default_discount_percent": "ten"}, ["/default_discount_percent"]),
        ({"website": "javascript:alert(1)"}, ["/website"]),
        ({"verified": "yes"}, ["/verified"]),
        ({"portal_access": 1}, ["/portal_access"]),
        ({"billing_contact": {"email": "nobody"}}, ["/billing_contact/email"]),
        ({"billing_contact": {"fax": "1"}}, ["/billing_contact/fax"]),
        ({"custom": {"gate": "1"}}, ["/custom/gate"]),
        ({"custom": []}, ["/custom"]),
        ({"tax_rate_id": "tax_x", "payment_term_id": "term_x"},
         ["/tax_rate_id", "/payment_term_id"]),
        ({"billing_same_as_service": True, "billing_address": {"city": "X"}}, ["/billing_address"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_changed(
    customers_api: Api, fields: dict[str, Any], pointers: list[str]
) -> None:
    assert refused(customers_api.post("/v1/customers", {"company_name": "A", **fields})) == pointers
    customer = made(customers_api)
    path = f"/v1/customers/{customer['id']}"
    assert refused(customers_api.patch(path, {"notes": "n", **fields})) == pointers
    assert customers_api.get(path).json == customer


def test_tax_numbers_are_kept_in_capitals_and_checked_against_each_other(
    customers_api: Api,
) -> None:
    customer = made(customers_api, gstin="27aapfu0939f1zv")
    assert customer["gstin"] == GSTIN
    path = f"/v1/customers/{customer['id']}"
    assert refused(customers_api.patch(path, {"pan": "AAKFD7113K"})) == ["/pan"]
    assert edited(customers_api, customer, pan=" aapfu 0939f")["pan"] == PAN
    assert edited(customers_api, customer, gstin=None, pan="AAKFD7113K")["gstin"] is None


@pytest.mark.shows("S0.42", "S0.43")
def test_billing_the_same_as_service_is_a_live_link(customers_api: Api) -> None:
    customer = made(customers_api, service_location=PLACE, billing_same_as_service=True)
    assert PLACE.items() <= customer["billing_address"].items()
    path = f"/v1/customers/{customer['id']}"
    assert refused(customers_api.patch(path, {"billing_address": {"city": "X"}})) == [
        "/billing_address"
    ]
    assert customers_api.call("GET", path, headers={"if-none-match": '"1"'}).status == 200
    copied = edited(customers_api, customer, billing_same_as_service=False)
    assert copied["billing_same_as_service"] is False
    assert copied["billing_address"] == customer["billing_address"]
    moved = edited(customers_api, customer, billing_address={"street": "2 New Rd"})
    assert (moved["billing_address"]["street"], moved["billing_address"]["zip"]) == (
        "2 New Rd", "07601",
    )  # fmt: skip
    again = edited(customers_api, customer, billing_same_as_service=True)
    assert again["billing_address"] == customer["billing_address"]
    split = edited(
        customers_api, customer, billing_same_as_service=False, billing_address={"unit": "B"}
    )
    assert split["billing_address"] == customer["billing_address"] | {"unit": "B"}


@pytest.mark.shows("S0.42")
def test_the_link_follows_the_location(customers_api: Api) -> None:
    customer = made(customers_api, service_location=PLACE, billing_same_as_service=True)
    path = f"/v1/customers/{customer['id']}"
    (place,) = customers_api.get(f"{path}/locations").json["data"]
    moved = customers_api.patch(f"{path}/locations/{place['id']}", {"street": "5 Moved Rd"})
    assert moved.status == 200, moved.text
    assert customers_api.get(path).json["billing_address"]["street"] == "5 Moved Rd"
    copied = edited(customers_api, customer, billing_same_as_service=None)
    assert copied["billing_address"]["street"] == "5 Moved Rd"


def test_fields_of_the_companys_own(admin: Api, customers_api: Api) -> None:
    declared = [
        {"name": "gate_code", "type": "text", "label": "Gate code"},
        {"name": "floors", "type": "number"},
        {"name": "since", "type": "date"},
        {"name": "dog", "type": "boolean"},
        {"name": "tier", "type": "choice", "choices": ["gold", "silver"]},
    ]
    answer = admin.call("PATCH", "/v1/settings", {"custom_fields": declared})
    assert answer.status == 200, answer.text
    assert admin.get("/v1/settings").json["custom_fields"] == [
        {"label": None, "choices": []} | one for one in declared
    ]
    values = {"gate_code": "0042", "floors": 3.5, "since": "2026-02-28", "dog": False,
              "tier": "gold"}  # fmt: skip
    customer = made(customers_api, custom=values)
    assert customer["custom"] == values
    path = f"/v1/customers/{customer['id']}"
    wrong = {"gate_code": 42, "floors": "3", "since": "2026-02-30", "dog": 1, "tier": "lead",
             "a/b": 1}  # fmt: skip
    assert refused(customers_api.patch(path, {"custom": wrong})) == [
        "/custom/gate_code", "/custom/floors", "/custom/since", "/custom/dog", "/custom/tier",
        "/custom/a~1b",
    ]  # fmt: skip
    after = edited(customers_api, customer, custom={"floors": 4, "tier": None, "dog": None})
    assert after["custom"] == {"gate_code": "0042", "floors": 4, "since": "2026-02-28"}
    assert edited(customers_api, customer, custom=None)["custom"] == {}


@pytest.mark.shows("S2.05")
def test_completeness_grows_with_what_is_known(customers_api: Api) -> None:
    customer = made(customers_api)
    assert customer["completeness"] == 20
    steps: list[dict[str, Any]] = [
        {"email": "a@acme.example"}, {"phone": "1"}, {"full_name": "Ann Lee"},
        {"website": "acme.example"}, {"gstin": GSTIN}, {"billing_address": {"city": "Tulsa"}},
        {"billing_contact": {"name": "Bo"}},
    ]  # fmt: skip
    seen = [edited(customers_api, customer, **step)["completeness"] for step in steps]
    assert seen == sorted(set(seen))
    assert seen[-1] == 95, "a payment term is missing"


@pytest.mark.shows("S2.29")
def test_the_portal_column(customers_api: Api) -> None:
    made(customers_api, company_name="A", portal_access=True)
    made(customers_api, company_name="B")
    rows = customers_api.get("/v1/customers").json["data"]
    assert [row["portal_access"] for row in rows] == [True, False]


def test_an_import_goes_through_the_same_rules(admin: Api, customers_api: Api) -> None:
    admin.call("PATCH", "/v1/settings", {"country": "IN"})
    content = csv_of(
        ("Company", "Phone", "Website"),
        ("Acme", "98765 43210", "acme.example"),
        ("Bolt", "1", "javascript:alert(1)"),
    )
    Machine().run(drop(content))
    rows = customers_api.get("/v1/customers").json["data"]
    acme, bolt = (customers_api.get(f"/v1/customers/{row['id']}").json for row in rows)
    assert (acme["phone_e164"], acme["website_url"]) == ("+919876543210", "https://acme.example")
    assert (bolt["website"], bolt["notes"]) == (None, "website as imported: javascript:alert(1)")
