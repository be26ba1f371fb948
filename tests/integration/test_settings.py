"""Who calls and what their company has set, and what settings do to numbers."""

import importlib
import json
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.context import LambdaContext
from tests.support.events import event

DEFAULTS = {
    "auto_numbering": True,
    "number_prefix": "C-",
    "number_width": 5,
    "next_number": 1,
    "confirm_dropped_files": False,
    "confirm_api_imports": True,
    "import_mode": "create",
    "import_match_by": "auto",
    "import_blank_cells": "keep",
    "country": "US",
    "required_preset": "trade",
    "required_fields": ["display_name"],
    "default_list_status": "all",
    "custom_fields": [],
    "currency": "USD",
    "gstin": None,
    "pan": None,
    "company_name": None,
    "company_address": None,
    "company_email": None,
    "company_phone": None,
    "company_website": None,
    "payment_instructions": None,
}


@pytest.fixture
def admin(cloud: None) -> Api:
    return Api("settings_api", role="admin")


def patch(api: Api, body: dict[str, Any]) -> Any:
    return api.call("PATCH", "/v1/settings", body)


def number(customers_api: Api, **fields: Any) -> Any:
    answer = customers_api.post("/v1/customers", {"company_name": "Acme", **fields})
    assert answer.status == 201, answer.text
    return answer.json["number"]


def test_me(cloud: None) -> None:
    me = Api("settings_api", role="viewer").get("/v1/me").json
    assert (me["tenant"], me["role"], me["user"]) == ("acme", "viewer", "olga")
    modules = {"customers", "imports", "quickbooks", "settings", "money", "work"}
    assert {m["name"] for m in me["modules"] if m["available"]} == modules
    assert Api("settings_api", tenant="").get("/v1/me").status == 403


def test_a_new_company_has_defaults(admin: Api) -> None:
    assert admin.get("/v1/settings").json == DEFAULTS


@pytest.mark.parametrize(
    ("preset", "status"),
    [("trade", "all"), ("field_service", "active"), ("gst", "active"), ("asset", "active")],
)
def test_settings_say_which_customers_a_screen_shows_first(
    admin: Api, customers_api: Api, preset: str, status: str
) -> None:
    customers_api.post("/v1/customers", {"company_name": "Open"})
    gone = customers_api.post("/v1/customers", {"company_name": "Archived"}).json["id"]
    confirmed = {"confirm": True}
    customers_api.post(f"/v1/customers/{gone}/deactivate", confirmed, if_match="*")
    assert patch(admin, {"required_preset": preset}).status == 200
    told = admin.get("/v1/settings").json["default_list_status"]
    assert told == status
    listed = customers_api.get("/v1/customers", status=told).json["data"]
    expected = {"all": ["Archived", "Open"], "active": ["Open"]}[status]
    assert [row["display_name"] for row in listed] == expected


@pytest.mark.shows("S0.12")
def test_numbers_follow_the_settings(admin: Api, customers_api: Api) -> None:
    assert number(customers_api) == "C-00001"
    answer = patch(admin, {"number_prefix": "KD", "number_width": 3, "next_number": 42})
    assert (answer.status, answer.json["next_number"]) == (200, 42)
    assert [number(customers_api), number(customers_api)] == ["KD042", "KD043"]
    assert admin.get("/v1/settings").json["next_number"] == 44
    cleared = patch(admin, {"number_prefix": None}).json
    assert (cleared["number_prefix"], cleared["number_width"]) == ("C-", 3)
    assert patch(admin, {"number_prefix": ""}).json["number_prefix"] == ""
    assert number(customers_api) == "044"


@pytest.mark.shows("S0.13")
def test_numbers_by_hand_are_optional_and_unique(admin: Api, customers_api: Api) -> None:
    assert patch(admin, {"auto_numbering": False}).status == 200
    assert number(customers_api, number="A 7") == "A 7"
    second = customers_api.post("/v1/customers", {"company_name": "B", "number": "A 7"})
    assert second.status == 409
    assert second.json["errors"][0]["pointer"] == "/number"
    assert number(customers_api) is None, "in the preset trade a name is enough"
    assert number(customers_api) is None, "no number is no number twice"


def test_automatic_numbers_step_over_those_given_by_hand(admin: Api, customers_api: Api) -> None:
    patch(admin, {"auto_numbering": False})
    number(customers_api, number="C-00001")
    number(customers_api, number="C-00002")
    patch(admin, {"auto_numbering": True})
    assert number(customers_api) == "C-00003"


def test_the_next_number_never_goes_back(admin: Api, customers_api: Api) -> None:
    patch(admin, {"next_number": 10})
    assert patch(admin, {"next_number": 10}).status == 200
    back = patch(admin, {"next_number": 9, "number_prefix": "X"})
    assert (back.status, back.json["errors"][0]["pointer"]) == (422, "/next_number")
    assert admin.get("/v1/settings").json == DEFAULTS | {"next_number": 10}
    assert number(customers_api) == "C-00010"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"number_prefix": "x" * 11}, "/number_prefix"),
        ({"number_prefix": "a\n"}, "/number_prefix"),
        ({"number_prefix": 7}, "/number_prefix"),
        ({"number_width": 0}, "/number_width"),
        ({"number_width": 13}, "/number_width"),
        ({"number_width": "5"}, "/number_width"),
        ({"next_number": 0}, "/next_number"),
        ({"next_number": 10**12}, "/next_number"),
        ({"next_number": None}, "/next_number"),
        ({"next_number": True}, "/next_number"),
        ({"auto_numbering": "yes"}, "/auto_numbering"),
        ({"preset": "field_service"}, "/preset"),
        ({"country": "usa"}, "/country"),
        ({"country": "XX"}, "/country"),
        ({"required_preset": "none"}, "/required_preset"),
        ({"required_fields": ["email", "colour"]}, "/required_fields/1"),
        ({"required_fields": ["email"] * 51}, "/required_fields"),
        ({"required_fields": ["email"], "required_preset": "gst"}, "/required_fields"),
        ({"required_fields": ["custom.gate"]}, "/required_fields/0"),
        ({"custom_fields": [{"name": "Gate", "type": "text"}]}, "/custom_fields/0/name"),
        ({"custom_fields": [{"name": "a", "type": "text"}] * 2}, "/custom_fields/1/name"),
        ({"custom_fields": [{"name": "a", "type": "choice"}]}, "/custom_fields/0/choices"),
        (
            {"custom_fields": [{"name": "a", "type": "text", "choices": ["x"]}]},
            "/custom_fields/0/choices",
        ),
        ({"custom_fields": [{"name": "a", "type": "colour"}]}, "/custom_fields/0/type"),
        ({"currency": "usd"}, "/currency"),
        ({"currency": "XXX"}, "/currency"),
        ({"gstin": "27AAPFU0939F1ZX"}, "/gstin"),
        ({"pan": "AAPFU"}, "/pan"),
        ({"gstin": "27AAPFU0939F1ZV", "pan": "AAACR5055K"}, "/pan"),
        ({"company_name": "x" * 151}, "/company_name"),
        ({"company_name": "Two\nlines"}, "/company_name"),
        ({"company_address": "a\x00b"}, "/company_address"),
        ({"company_email": "nobody"}, "/company_email"),
        ({"company_website": "javascript:alert(1)"}, "/company_website"),
        ({"payment_instructions": "\u200b"}, "/payment_instructions"),
    ],
)
def test_bad_settings_change_nothing(admin: Api, body: dict[str, Any], pointer: str) -> None:
    answer = patch(admin, {"confirm_dropped_files": True, **body})
    assert answer.status == 422, answer.text
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    assert admin.get("/v1/settings").json == DEFAULTS


def test_only_administrators_set(admin: Api) -> None:
    for role in ("viewer", "office"):
        other = Api("settings_api", role=role)
        assert patch(other, {"auto_numbering": False}).status == 403
        assert other.get("/v1/settings").json == DEFAULTS


def test_the_letterhead_is_kept_as_it_will_be_printed(admin: Api) -> None:
    given = {
        "currency": "INR",
        "gstin": " 27aapfu0939f1zv ",
        "pan": "aapfu0939f",
        "company_name": " Sundar Air Conditioning ",
        "company_address": "12 MG Road\nPune 411001",
        "payment_instructions": "  ",
    }
    answer = patch(admin, given)
    assert answer.status == 200, answer.text
    kept = {
        "currency": "INR",
        "gstin": "27AAPFU0939F1ZV",
        "pan": "AAPFU0939F",
        "company_name": "Sundar Air Conditioning",
        "company_address": "12 MG Road\nPune 411001",
    }
    assert admin.get("/v1/settings").json == DEFAULTS | kept
    assert patch(admin, {"pan": "AAACR5055K"}).json["errors"][0]["pointer"] == "/pan"
    assert patch(admin, dict.fromkeys(kept)).json == DEFAULTS


def test_companies_do_not_share_settings(admin: Api) -> None:
    patch(admin, {"number_prefix": "Z", "next_number": 9})
    assert Api("settings_api", tenant="other").get("/v1/settings").json == DEFAULTS


def test_the_example_event_is_understood(cloud: None) -> None:
    app = importlib.import_module("functions.settings_api.app")
    answer = app.lambda_handler(
        event("settings_api", "manual_numbers"), LambdaContext("settings_api")
    )
    assert json.loads(answer["body"])["auto_numbering"] is False
