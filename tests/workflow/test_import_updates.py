"""Imports that change customers there are, as planned, and undos that set them back."""

from typing import Any

import pytest

from tests.support import updates
from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop
from tests.support.updates import announce, confirm, made, now, places, plan_of, undo

HEAD = ("Customer #", "Company", "Email", "Phone", "Notes", "Tags")

pytestmark = pytest.mark.usefixtures("cloud")


def file(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> bytes:
    return csv_of(head, *rows)


def rules_of(row: dict[str, Any]) -> list[str]:
    return [issue["rule"] for issue in row["issues"]]


def patch(customer: dict[str, Any], **values: Any) -> None:
    answer = Api("customers_api").patch(f"/v1/customers/{customer['id']}", values)
    assert answer.status == 200, answer.text


def without_time(customer: dict[str, Any]) -> dict[str, Any]:
    """All that an undo brings back."""
    return {k: v for k, v in customer.items() if k not in ("version", "updated_at")}


def test_the_plan_says_each_field_old_and_new_and_the_load_does_just_that(
    asked_for: list[Any],
) -> None:
    updates.manual_numbers()
    one = made(company_name="Acme", number="A-1", email="old@acme.test", notes="Gate 7")
    made(company_name="Bolt", number="B-1")
    job = announce(
        file(
            ("A-1", "Acme", "new@acme.test", "", "", "vip"),
            ("B-1", "Bolt", "", "", "", ""),
            ("C-1", "Coil", "c@coil.test", "", "", ""),
        ),
        mode="both",
        match_by="number",
    )
    assert job["status"] == "awaiting_confirmation"
    assert job["options"] == {"mode": "both", "match_by": "number", "blank_cells": "keep"}
    assert job["plan"] == {"create": 1, "update": 1, "join": 0, "skip": 1, "error": 0}
    update, unchanged, create = plan_of(job)
    assert (update["action"], update["customer_id"]) == ("update", one["id"])
    assert update["changes"] == [
        {"field": "email", "old": "old@acme.test", "new": "new@acme.test"},
        {"field": "tags", "old": [], "new": ["vip"]},
    ]
    assert (unchanged["action"], unchanged["reason"]) == ("skip", "unchanged")
    assert create["action"] == "create"
    assert now(one) == one, "a plan writes nothing"
    job = confirm(job, asked_for)
    assert job["status"] == "completed"
    progress = job["progress"]
    assert (progress["created"], progress["updated"], progress["skipped"]) == (1, 1, 1)
    after = now(one)
    moved = {"email", "email_normalized", "tags", "version", "updated_at"}
    assert {k for k in one if one[k] != after[k]} == moved
    assert (after["email"], after["tags"], after["notes"]) == ("new@acme.test", ["vip"], "Gate 7")
    (event, *_) = updates.history(one)
    assert (event["source"], event["run"], event["version"]) == ("import", job["id"], 2)


def test_an_undo_brings_overwritten_fields_back(asked_for: list[Any]) -> None:
    updates.manual_numbers()
    one = made(
        company_name="Acme", number="A-1", phone="918 555 0101", tags=["old"],
        billing_address={"street": "1 Main St", "city": "Tulsa"},
    )  # fmt: skip
    head = ("Customer #", "Company", "Phone", "Tags", "Billing Street", "Billing Zip", "Street",
            "City", "State", "Zip")  # fmt: skip
    row = ("A-1", "Acme Inc", "+49 30 901820", "new", "2 Side St", "07601", "9 Far Rd", "Tulsa",
           "OK", "74103")  # fmt: skip
    job = announce(file(row, head=head), mode="update", match_by="number", confirm=False)
    assert (job["status"], job["progress"]["updated"]) == ("completed", 1)
    after = now(one)
    assert after["display_name"] == "Acme Inc"
    assert after["billing_address"]["street"] == "2 Side St"
    assert after["billing_address"]["city"] == "Tulsa", "a part without a column stays"
    assert [p["street"] for p in places(one)] == ["9 Far Rd"]
    search = {"path": "/v1/customers", "q": "4930901820"}
    assert Api("customers_api").get(**search).json["data"][0]["id"] == one["id"]
    job = undo(job, asked_for)
    assert (job["status"], job["undo"]["restored"], job["undo"]["kept"]) == ("undone", 1, 0)
    assert without_time(now(one)) == without_time(one)
    assert places(one) == []
    assert Api("customers_api").get(**search).json["data"] == []
    (event, *_) = updates.history(one)
    assert (event["source"], event["run"], event["reason"]) == ("import", job["id"], "undo")


@pytest.mark.parametrize(
    ("options", "email", "notes"),
    [({}, "a@acme.test", "Gate 7"), ({"blank_cells": "clear"}, None, None)],
)
def test_a_blank_cell_keeps_the_field_unless_it_is_to_clear_it(
    options: dict[str, str], email: str | None, notes: str | None
) -> None:
    """C07: and a field that the file has no column for stays in any case."""
    one = made(
        company_name="Acme", email="a@acme.test", notes="Gate 7", website="https://acme.test"
    )
    job = announce(
        file(("", "Acme", "", "918 555 0101", "", "")), mode="update", confirm=False, **options
    )
    assert job["progress"]["updated"] == 1
    after = now(one)
    assert (after["email"], after["notes"], after["phone"]) == (email, notes, "918 555 0101")
    assert (after["display_name"], after["number"]) == ("Acme", one["number"])
    assert after["website"] == "https://acme.test"


def test_an_address_that_is_none_of_the_customers_is_added_and_overwrites_none(
    asked_for: list[Any],
) -> None:
    home = {"street": "1 Main St.", "city": "Tulsa", "state": "OK", "zip": "74103"}
    one = made(company_name="Acme", service_location=home)
    head = ("Company", "Street", "City", "State", "Zip")
    content = file(
        ("Acme", "1 main st", "TULSA", "OK", "74103"),
        ("Acme", "9 Far Rd", "Omaha", "NE", "68102"),
        ("Acme", "9 Far Rd", "Omaha", "NE", "68102"),
        ("Acme", "7 Low Ln", "Omaha", "NE", "68102"),
        head=head,
    )
    job = announce(content, mode="both")
    assert [(r["action"], r["locations_added"]) for r in plan_of(job)] == [
        ("skip", 0), ("update", 1), ("skip", 0), ("join", 1),
    ]  # fmt: skip
    job = confirm(job, asked_for)
    assert [p["street"] for p in places(one)] == ["1 Main St.", "9 Far Rd", "7 Low Ln"]
    assert [p["primary"] for p in places(one)] == [True, False, False]
    assert now(one)["version"] == 2
    job = undo(job, asked_for)
    assert [p["street"] for p in places(one)] == ["1 Main St."]
    assert without_time(now(one)) == without_time(one)


def test_several_customers_that_match_are_named_with_their_state() -> None:
    """C02: nothing is guessed."""
    one, other = (made(company_name="Acme", email=f"{n}@acme.test") for n in "ab")
    gone = Api("customers_api").post(
        f"/v1/customers/{other['id']}/deactivate", {"confirm": True}, if_match="*"
    )
    assert gone.status == 200
    job = announce(file(("", "Acme", "", "918 555 0101", "", "")), mode="both", match_by="name")
    (row,) = plan_of(job)
    assert (row["action"], rules_of(row)) == ("error", ["ambiguous_match"])
    detail = row["issues"][0]["detail"]
    assert one["id"] in detail
    assert f"{other['id']} (inactive)" in detail


def test_a_row_without_its_key_or_its_customer_changes_nobody_in_mode_update() -> None:
    made(company_name="Acme", email="a@acme.test")
    job = announce(
        file(("", "Acme", "", "", "Gate 7", ""), ("", "Bolt", "b@bolt.test", "", "", "")),
        mode="update",
        match_by="email",
    )
    blank, unknown = plan_of(job)
    assert (blank["action"], rules_of(blank)) == ("error", ["match_key_missing"])
    assert (unknown["action"], unknown["reason"]) == ("skip", "not_found")


def test_a_number_that_is_somebody_elses_is_refused_and_its_holder_named() -> None:
    updates.manual_numbers()
    made(company_name="Acme", number="A-1")
    bolt = made(company_name="Bolt", number="B-1", email="b@bolt.test")
    job = announce(
        file(("A-1", "Bolt", "b@bolt.test", "", "", "")), mode="update", match_by="email"
    )
    (row,) = plan_of(job)
    assert (row["action"], rules_of(row)) == ("error", ["number_taken"])
    assert now(bolt) == bolt


def test_a_plan_is_not_carried_out_on_a_customer_that_moved_since(asked_for: list[Any]) -> None:
    one = made(company_name="Acme", email="a@acme.test")
    job = announce(file(("", "Acme", "", "918 555 0101", "", "")), mode="update")
    # Nothing that rows are told by: it is the version that counts.
    patch(one, notes="ours")
    path = f"/v1/imports/{job['id']}/confirm"
    answer = Api("imports_api").post(path, {"plan_hash": job["plan_hash"]})
    assert (answer.status, answer.json["code"]) == (412, "plan_moved")
    Machine().run(asked_for.pop())
    again = updates.import_now(job)
    assert again["status"] == "awaiting_confirmation"
    assert again["plan_hash"] != job["plan_hash"]
    confirm(again, asked_for)
    assert (now(one)["phone"], now(one)["notes"]) == ("918 555 0101", "ours")


def test_a_customer_that_moves_while_the_import_loads_is_reported_and_left(
    asked_for: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from roster.usecases.imports import load

    one = made(company_name="Acme")
    job = announce(file(("", "Acme", "a@acme.test", "", "", "")), mode="update")
    real = load.Updates.load

    def late(self: Any, *given: Any) -> Any:
        patch(one, notes="ours")
        return real(self, *given)

    monkeypatch.setattr(load.Updates, "load", late)
    job = confirm(job, asked_for)
    assert (job["status"], job["progress"]["failed"]) == ("completed_with_errors", 1)
    assert [(e["line"], e["rule"]) for e in job["errors"]] == [(2, "moved")]
    assert (now(one)["notes"], now(one)["email"]) == ("ours", None)
    job = undo(job, asked_for)
    assert (job["undo"]["restored"], job["undo"]["kept"]) == (0, 0)
    assert now(one)["notes"] == "ours"


def test_what_was_touched_since_stays_and_is_listed(asked_for: list[Any]) -> None:
    one, other = made(company_name="Acme"), made(company_name="Bolt")
    job = announce(
        file(("", "Acme", "a@a.test", "", "", ""), ("", "Bolt", "b@b.test", "", "", "")),
        mode="update", confirm=False,
    )  # fmt: skip
    patch(one, notes="ours")
    touched = now(one)
    job = undo(job, asked_for)
    assert (job["undo"]["restored"], job["undo"]["kept"]) == (1, 1)
    assert now(one) == touched
    assert now(other)["email"] is None
    (kept,) = updates.kept_of(job)
    assert (kept["line"], kept["customer_id"], kept["code"]) == (2, one["id"], "edited")
    assert kept["detail"].startswith("changed by olga on 20")


def test_a_place_where_a_job_is_open_stays_with_what_the_import_changed(
    asked_for: list[Any],
) -> None:
    one = made(company_name="Acme")
    head = ("Company", "Email", "Street", "City", "State", "Zip")
    row = ("Acme", "a@acme.test", "9 Far Rd", "Omaha", "NE", "68102")
    job = announce(file(row, head=head), mode="update", confirm=False)
    (place,) = places(one)
    body = {"title": "Fix it", "location_id": place["id"]}
    answer = Api("records_api").post(f"/v1/customers/{one['id']}/jobs", body)
    assert answer.status == 201, answer.text
    job = undo(job, asked_for)
    assert (job["undo"]["restored"], job["undo"]["kept"]) == (0, 1)
    assert now(one)["email"] == "a@acme.test"
    assert [p["id"] for p in places(one)] == [place["id"]]
    (kept,) = updates.kept_of(job)
    assert kept["code"] == "in_use"
    assert "jobs are open" in kept["detail"]


def test_a_number_that_was_given_away_since_does_not_come_back(asked_for: list[Any]) -> None:
    updates.manual_numbers()
    one = made(company_name="Acme", number="A-1", email="a@acme.test")
    job = announce(
        file(("A-2", "Acme", "a@acme.test", "", "", "")),
        mode="update", match_by="email", confirm=False,
    )  # fmt: skip
    assert now(one)["number"] == "A-2"
    taker = made(company_name="Bolt", number="A-1")
    job = undo(job, asked_for)
    assert job["undo"]["kept"] == 1
    (kept,) = updates.kept_of(job)
    assert kept["code"] == "value_taken"
    assert taker["id"] in kept["detail"]
    assert now(one)["number"] == "A-2"


def test_the_same_file_changes_nothing_the_second_time_and_goes_in_again_after_an_undo(
    asked_for: list[Any],
) -> None:
    """C06 and C01 of the complaints."""
    one = made(company_name="Acme")
    content = file(
        ("7", "Acme", "not an address", "", "Gate 7", ""), ("8", "Bolt", "", "", "Call", "")
    )
    first = announce(content, mode="both", confirm=False)
    assert (first["progress"]["created"], first["progress"]["updated"]) == (1, 1)
    second = announce(content, mode="both")
    assert [row["reason"] for row in plan_of(second)] == ["unchanged", "unchanged"]
    first = undo(first, asked_for)
    assert (first["undo"]["restored"], first["undo"]["removed"]) == (1, 1)
    assert without_time(now(one)) == without_time(one)
    third = announce(content, mode="both", confirm=False)
    assert (third["progress"]["created"], third["progress"]["updated"]) == (1, 1)


def test_a_dropped_file_goes_as_the_company_has_set_it() -> None:
    one = made(company_name="Acme")
    admin = Api("settings_api", role="admin")
    wanted = {"import_mode": "update", "import_match_by": "name", "import_blank_cells": "clear"}
    assert admin.patch("/v1/settings", wanted).status == 200
    assert admin.get("/v1/settings").json.items() >= wanted.items()
    Machine().run(drop(file(("", "ACME", "a@acme.test", "", "", ""), ("", "Bolt", *[""] * 4))))
    assert now(one)["email"] == "a@acme.test"
    (listed,) = Api("imports_api").get("/v1/imports").json["data"]
    assert (listed["progress"]["updated"], listed["progress"]["created"]) == (1, 0)
    refused = admin.patch("/v1/settings", {"import_mode": "replace"})
    assert refused.status == 422
    answer = Api("imports_api").post(
        "/v1/imports", {"filename": "a.csv", "options": {"mode": "x", "match_by": "y"}}
    )
    assert answer.status == 422
    assert {e["pointer"] for e in answer.json["errors"]} == {"/options/mode", "/options/match_by"}


def test_a_row_of_our_own_export_is_known_by_its_id_though_its_name_changed() -> None:
    one = made(company_name="Acme", email="a@acme.test")
    head = ("Roster ID", "Company", "Email")
    job = announce(
        file((one["id"], "Acme Holding", "new@acme.test"), head=head), mode="update", confirm=False
    )
    assert job["progress"]["updated"] == 1
    assert (now(one)["display_name"], now(one)["email"]) == ("Acme Holding", "new@acme.test")


def test_the_row_of_a_record_that_was_merged_away_leaves_the_survivor_as_it_is() -> None:
    one, other = made(company_name="Acme"), made(company_name="Acme Old")
    body = {"loser_id": other["id"]}
    path = f"/v1/customers/{one['id']}/merge"
    assert Api("customers_api").post(path, body, if_match="*").status == 200
    before = now(one)
    job = announce(file(("", "Acme Old", "old@acme.test", "", "", "")), mode="both", confirm=False)
    (row,) = plan_of(job)
    assert (row["action"], row["same_as"]) == ("skip", one["id"])
    assert now(one) == before


def test_a_customer_is_made_inactive_and_active_again_with_the_undo(asked_for: list[Any]) -> None:
    one = made(company_name="Acme")
    head = ("Roster ID", "Display Name", "External ID", "Kind", "Customer Role", "Status")
    row = (one["id"], "Acme", "", "company", "end customer", "inactive")
    job = announce(file(row, head=head), mode="update", confirm=False)
    assert job["progress"]["updated"] == 1
    assert now(one)["status"] == "inactive"
    assert updates.history(one)[0]["kind"] == "deactivated"
    listed = Api("customers_api").get("/v1/customers", status="active").json["data"]
    assert listed == []
    undo(job, asked_for)
    assert without_time(now(one)) == without_time(one)
    assert updates.history(one)[0]["kind"] == "activated"


@pytest.mark.parametrize(
    ("key", "value", "match_by"),
    [("Customer #", "A-1", "number"), ("Email", "a@acme.test", "email")],
)
def test_changes_need_no_name_where_something_else_tells_the_customer(
    asked_for: list[Any], key: str, value: str, match_by: str
) -> None:
    updates.manual_numbers()
    one = made(company_name="Acme", number="A-1", email="a@acme.test")
    content = file((value, "918 555 0101"), ("", "918 555 0102"), head=(key, "Phone"))
    job = announce(content, mode="update", match_by=match_by)
    assert job["status"] == "awaiting_confirmation", job["reason"]
    change, nobody = plan_of(job)
    assert (change["action"], change["customer_id"], change["name"]) == (
        "update", one["id"], "Acme",
    )  # fmt: skip
    assert nobody["action"] == "error"
    assert confirm(job, asked_for)["progress"]["updated"] == 1
    assert now(one)["phone"] == "918 555 0101"
    for mode in ("create", "both"):
        refused = announce(content, mode=mode, match_by=match_by)
        assert (refused["status"], refused["reason"]["code"]) == ("rejected", "no_usable_header")


@pytest.mark.parametrize("mode", ["create", "update", "both"])
@pytest.mark.parametrize("match_by", ["number", "external_id", "email"])
def test_a_file_without_the_column_that_rows_are_matched_by_is_refused(
    mode: str, match_by: str
) -> None:
    made(company_name="Acme")
    content = file(("Acme", "918 555 0101"), head=("Company", "Phone"))
    job = announce(content, mode=mode, match_by=match_by)
    assert (job["status"], job["reason"]["code"]) == ("rejected", "no_match_column")
