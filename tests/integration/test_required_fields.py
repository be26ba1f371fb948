"""What saving a customer needs, by preset, and how a client learns it."""

import json
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.template import ROOT

PLACE = {"street": "1 Fair Rd", "city": "Tulsa", "state": "OK", "zip": "07601"}


@pytest.fixture
def admin(cloud: None) -> Api:
    return Api("settings_api", role="admin")


def put(admin: Api, **values: Any) -> list[str]:
    """Set and return the fields that are required then."""
    answer = admin.call("PATCH", "/v1/settings", values)
    assert answer.status == 200, answer.text
    required: list[str] = admin.get("/v1/settings").json["required_fields"]
    return required


def missing(api: Api, **fields: Any) -> set[str]:
    answer = api.post("/v1/customers", fields)
    assert answer.status == 422, answer.text
    assert {e["code"] for e in answer.json["errors"]} == {"required"}
    assert api.get("/v1/customers").json["data"] == []
    return {e["pointer"] for e in answer.json["errors"]}


@pytest.mark.shows("S2.04")
@pytest.mark.parametrize("preset", ["trade", "asset"])
def test_a_name_is_all_that_some_need(admin: Api, customers_api: Api, preset: str) -> None:
    assert put(admin, required_preset=preset) == ["display_name"]
    assert missing(customers_api, email="a@b.example") == {"/display_name"}
    assert customers_api.post("/v1/customers", {"display_name": "A"}).status == 201


@pytest.mark.shows("S0.48", "S0.11")
def test_a_field_service_needs_a_place_and_a_number(admin: Api, customers_api: Api) -> None:
    place = [f"service_location.{part}" for part in PLACE]
    required = put(admin, required_preset="field_service", auto_numbering=False)
    assert required == ["company_name|full_name", *place, "number"]
    pointers = {"/" + name.replace(".", "/") for name in place}
    assert missing(customers_api) == {"/company_name", "/number"} | pointers
    assert missing(customers_api, full_name="Ann", service_location={"city": "X", "zip": "1"}) == {
        "/number", "/service_location/street", "/service_location/state",
    }  # fmt: skip
    for number, name in enumerate(({"company_name": "A"}, {"first_name": "Ann"})):
        body = {**name, "number": f"{number}", "service_location": PLACE}
        assert customers_api.post("/v1/customers", body).status == 201
    assert "number" not in put(admin, auto_numbering=True)
    body = {"company_name": "A", "service_location": PLACE}
    assert customers_api.post("/v1/customers", body).status == 201


@pytest.mark.shows("S0.48")
def test_what_is_missing_is_named_beside_what_is_wrong(admin: Api, customers_api: Api) -> None:
    put(admin, required_preset="field_service")
    body = {
        "email": "no",
        "colour": "red",
        "number": "7",
        "custom": {"gate": 1},
        "service_location": {"street": 5, "city": "X"},
    }
    named = {
        ("/email", "email"), ("/colour", "unknown_field"), ("/number", "auto_numbering"),
        ("/custom/gate", "unknown_field"), ("/company_name", "required"),
        ("/service_location/street", "string_type"), ("/service_location/state", "required"),
        ("/service_location/zip", "required"),
    }  # fmt: skip
    answer = customers_api.post("/v1/customers", body)
    assert {(e["pointer"], e["code"]) for e in answer.json["errors"]} == named
    many = customers_api.post("/v1/customers/batch", {"customers": [body]})
    (item,) = many.json["results"]
    assert {(e["pointer"], e["code"]) for e in item["problem"]["errors"]} == named
    assert customers_api.get("/v1/customers", status="all").json["data"] == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"company_name": 5}, {("/company_name", "string_type"), ("/full_name", "required")}),
        ({"full_name": "Ann", "service_location": "here"},
         {("/company_name", "required"), ("/service_location", "model_attributes_type")}),
        ({"tags": [""], "company_name": "A"},
         {("/full_name", "required"), ("/tags/0", "invisible")}),
        ([], {("", "model_attributes_type")}),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_not_called_missing_too(
    admin: Api, customers_api: Api, body: Any, named: set[tuple[str, str]]
) -> None:
    put(admin, required_preset="gst")
    answer = customers_api.post("/v1/customers", body)
    assert answer.status == 422
    assert {(e["pointer"], e["code"]) for e in answer.json["errors"]} == named


@pytest.mark.shows("S1.46", "S1.47", "S1.48", "S1.49")
def test_gst_needs_both_names_and_gives_a_tip(admin: Api, customers_api: Api) -> None:
    assert put(admin, required_preset="gst") == ["company_name", "full_name"]
    assert missing(customers_api) == {"/company_name", "/full_name"}
    assert missing(customers_api, company_name="Acme") == {"/full_name"}
    assert missing(customers_api, full_name="Ann Lee") == {"/company_name"}
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "full_name": "Ann Lee"})
    assert made.status == 201
    assert made.json["tips"] == ["GST and PAN help generate tax-compliant invoices"]
    path = f"/v1/customers/{made.json['id']}"
    half = customers_api.patch(path, {"gstin": "27AAPFU0939F1ZV"})
    assert len(half.json["tips"]) == 1
    assert customers_api.patch(path, {"pan": "AAPFU0939F"}).json["tips"] == []


@pytest.mark.shows("S1.50", "S1.51")
def test_status_is_not_offered_when_adding(customers_api: Api) -> None:
    answer = customers_api.post("/v1/customers", {"company_name": "A", "status": "inactive"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/status")
    made = customers_api.post("/v1/customers", {"company_name": "A"}).json
    assert made["status"] == "active"
    path = f"/v1/customers/{made['id']}"
    changed = customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    assert changed.json["status"] == "inactive"


def test_a_list_of_ones_own(admin: Api, customers_api: Api) -> None:
    fields = [{"name": "gate", "type": "text"}]
    wanted = ["phone|mobile", "custom.gate", "billing_address"]
    required = put(admin, required_fields=wanted, custom_fields=fields)
    assert required == ["display_name", *wanted]
    assert missing(customers_api) == {
        "/display_name", "/phone", "/custom/gate", "/billing_address",
    }  # fmt: skip
    body = {"company_name": "A", "mobile": "1", "custom": {"gate": "7"},
            "billing_same_as_service": True}  # fmt: skip
    assert customers_api.post("/v1/customers", body).status == 201
    assert "custom.gate" not in put(admin, custom_fields=[]), "nobody could fill it in"
    assert put(admin, required_preset=None) == ["display_name"]


@pytest.mark.shows("S0.48")
def test_an_edit_may_not_empty_a_required_field(admin: Api, customers_api: Api) -> None:
    old = customers_api.post("/v1/customers", {"full_name": "Ann Lee"}).json
    put(admin, required_preset="gst")
    path = f"/v1/customers/{old['id']}"
    answer = customers_api.patch(path, {"phone": "1"})
    assert answer.status == 200, "what was missing before may stay so"
    assert customers_api.patch(path, {"company_name": "Acme"}).status == 200
    emptied = customers_api.patch(path, {"company_name": None, "full_name": ""})
    assert emptied.status == 422
    assert {e["pointer"] for e in emptied.json["errors"]} == {"/company_name", "/full_name"}
    assert customers_api.get(path).json["company_name"] == "Acme"


@pytest.mark.shows("S1.52")
def test_the_schema_says_what_is_required() -> None:
    document = json.loads((ROOT / "docs/openapi.json").read_text())
    schema = document["components"]["schemas"]["CustomerIn"]
    assert schema["x-required-fields"]["gst"] == ["company_name", "full_name"]
    assert "required_fields" in document["components"]["schemas"]["SettingsOut"]["properties"]
