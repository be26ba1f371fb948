"""Choosing which way the sync goes, and what that locks in Roster."""

from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.sync import Office

BOOKS = Api("quickbooks_api", role="admin")
SETTINGS = Api("settings_api", role="admin")
PATH = "/v1/quickbooks/settings"
PULL, PUSH, BOTH = "quickbooks_to_roster", "roster_to_quickbooks", "two_way"
KINDS = [
    ("/v1/tax-rates", {"name": "Texas", "rate_percent": "8.25"}, {"name": "Utah"}),
    ("/v1/payment-terms", {"name": "Net 30", "due_days": 30}, {"due_days": 45}),
]
each_kind = pytest.mark.parametrize(("path", "values", "edit"), KINDS)
LOCKING: list[dict[str, Any]] = [
    {"mode": PULL},
    {"mode": BOTH, "primary": "quickbooks"},
    {"mode": BOTH, "primary": "roster"},
]


@pytest.fixture
def acme(unconnected: Office) -> Office:
    return unconnected


def choose(**values: Any) -> Answer:
    return BOOKS.call("PUT", PATH, values)


def test_nothing_is_chosen_until_somebody_chooses(acme: Office) -> None:
    found = BOOKS.get(PATH).json
    assert found["mode"] is None
    assert found["locks"] == {"tax_rates": None, "payment_terms": None}


@pytest.mark.shows("S4.029", "S4.032", "S4.033", "S4.034", "S4.064")
@pytest.mark.usefixtures("acme")
def test_each_direction_can_be_chosen_and_changed_at_any_time() -> None:
    first = choose(mode=PULL, include_inactive=True)
    assert first.status == 200, first.text
    assert (first.json["sync_taxes"], first.json["sync_terms"]) == (True, True)
    assert choose(mode=PULL, sync_taxes=False).json["sync_taxes"] is False
    other = choose(mode=PUSH).json
    assert (other["mode"], other["primary"], other["sync_taxes"]) == (PUSH, "roster", False)
    both = choose(mode=BOTH, primary="roster", invoice_numbers="quickbooks", report=False)
    assert both.status == 200
    assert BOOKS.get(PATH).json == both.json
    assert (both.json["primary"], both.json["report"], both.json["items"]) == (
        "roster", False, "none",
    )  # fmt: skip


@pytest.mark.shows("S4.070", "S4.092")
@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("values", "pointers"),
    [
        ({}, ["/mode"]),
        ({"mode": BOTH}, ["/primary"]),
        ({"mode": PUSH, "sync_taxes": True, "sync_terms": True}, ["/sync_taxes", "/sync_terms"]),
        ({"mode": BOTH, "primary": "roster", "sync_taxes": False}, ["/sync_taxes"]),
        ({"mode": BOTH, "primary": "roster", "items": "two_way"}, ["/items"]),
        ({"mode": "sideways", "primary": "me", "colour": 1}, ["/colour", "/mode", "/primary"]),
        ({"mode": PULL, "report": "yes?"}, ["/report"]),
        ({"mode": PUSH, "items": "up", "sync_taxes": True}, ["/items", "/sync_taxes"]),
        ({"mode": BOTH, "primary": "me", "sync_terms": False}, ["/primary", "/sync_terms"]),
        ({"mode": BOTH, "colour": 1}, ["/colour", "/primary"]),
        ({"mode": "sideways", "sync_taxes": True}, ["/mode"]),
        ({"report": 7}, ["/mode", "/report"]),
        (
            {
                "mode": BOTH,
                "service_item": "a:b",
                "backup_confirmed_at": "2999-01-01T00:00:00Z",
                "report": [],
            },
            ["/backup_confirmed_at", "/primary", "/report", "/service_item"],
        ),
    ],
)
def test_what_does_not_go_together_is_named(values: dict[str, Any], pointers: list[str]) -> None:
    answer = choose(**values)
    assert answer.status == 422
    assert sorted(e["pointer"] for e in answer.json["errors"]) == pointers
    assert BOOKS.get(PATH).json["mode"] is None


@pytest.mark.shows(
    "S4.065", "S4.066", "S4.067", "S4.069", "S4.074", "S4.076", "S4.079", "S4.080"
)  # fmt: skip
@pytest.mark.parametrize("chosen", LOCKING, ids=str)
@each_kind
def test_where_quickbooks_leads_them_they_are_read_and_nothing_else(
    acme: Office, chosen: dict[str, Any], path: str, values: dict[str, Any], edit: dict[str, Any]
) -> None:
    one = f"{path}/{SETTINGS.post(path, values).json['id']}"
    acme.connect()
    assert choose(**chosen).status == 200
    before = SETTINGS.get(one).json
    for answer in (
        SETTINGS.post(path, values),
        SETTINGS.call("PATCH", one, edit),
        SETTINGS.call("DELETE", one),
    ):
        assert (answer.status, answer.json["code"]) == (423, "locked")
        assert "QuickBooks" in answer.json["detail"]
    assert SETTINGS.get(one).json == before
    assert [t["id"] for t in SETTINGS.get(path).json["data"]] == [before["id"]]
    kind = "tax_rates" if "tax" in path else "payment_terms"
    assert "QuickBooks" in BOOKS.get(PATH).json["locks"][kind]


@pytest.mark.shows("S4.071", "S4.072")
@each_kind
def test_where_roster_leads_they_are_added_edited_and_deleted(
    acme: Office, path: str, values: dict[str, Any], edit: dict[str, Any]
) -> None:
    acme.connect()
    assert choose(mode=PUSH).status == 200
    made = SETTINGS.post(path, values)
    assert made.status == 201
    one = f"{path}/{made.json['id']}"
    assert SETTINGS.call("PATCH", one, edit).json == made.json | edit
    assert SETTINGS.call("DELETE", one).status == 204


@each_kind
def test_a_toggle_that_is_off_and_a_connection_that_is_gone_lock_nothing(
    acme: Office, path: str, values: dict[str, Any], edit: dict[str, Any]
) -> None:
    assert choose(mode=PULL).status == 200
    assert SETTINGS.post(path, values).status == 201
    acme.connect()
    assert SETTINGS.post(path, values).status == 423
    assert choose(mode=PULL, sync_taxes=False, sync_terms=False).status == 200
    assert SETTINGS.post(path, values).status == 201
    assert choose(mode=PULL).status == 200
    assert BOOKS.call("DELETE", "/v1/quickbooks/connection").status == 204
    made = SETTINGS.post(path, values)
    assert made.status == 201
    assert SETTINGS.call("PATCH", f"{path}/{made.json['id']}", edit).status == 200


@pytest.mark.usefixtures("acme")
def test_only_administrators_choose_and_other_companies_see_nothing() -> None:
    assert Api("quickbooks_api", role="office").call("PUT", PATH, {"mode": PULL}).status == 403
    assert choose(mode=PULL).status == 200
    other = Api("quickbooks_api", role="admin", tenant="other")
    assert other.get(PATH).json["mode"] is None


def test_an_item_for_other_lines_is_checked_where_quickbooks_can_be_asked(acme: Office) -> None:
    assert choose(mode=PULL).json["service_item"] == "Services"
    assert choose(mode=PULL, service_item="Labour").json["service_item"] == "Labour"
    refused = choose(mode=PULL, service_item="Parts: small")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/service_item")
    acme.connect()
    none = choose(mode=PULL, service_item="Hours of work")
    assert none.status == 422
    [error] = none.json["errors"]
    assert (error["pointer"], error["code"]) == ("/service_item", "unusable")
    assert "no product or service named “Hours of work”" in error["detail"]
    assert BOOKS.get(PATH).json["service_item"] == "Labour"
    all_of_it = choose(mode=BOTH, service_item="Hours of work", items="up", sync_terms=False)
    assert sorted((e["pointer"], e["code"]) for e in all_of_it.json["errors"]) == [
        ("/items", "enum"), ("/primary", "required"), ("/service_item", "unusable"),
        ("/sync_terms", "mode"),
    ]  # fmt: skip
    accounts = {"IncomeAccountRef": {"value": "1"}, "ExpenseAccountRef": {"value": "9"}}
    acme.control.enter("items", Name="Hours of work", Type="Service", **accounts)
    assert choose(mode=PULL, service_item="Hours of work").status == 200
    # What cannot be asked shows with the first invoice.
    acme.control.fail("html_502", times=9, path="/query")
    assert choose(mode=PULL, service_item="Whatever").status == 200


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(("raw", "status"), [('{"mode":', 400), ("[]", 422), ('"two_way"', 422)])
def test_a_body_that_says_nothing_is_refused_as_such(raw: str, status: int) -> None:
    assert BOOKS.call("PUT", PATH, raw=raw).status == status
    assert BOOKS.get(PATH).json["mode"] is None
