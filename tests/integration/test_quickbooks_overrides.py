"""Edited here though QuickBooks leads: the field stays, and its provenance says so (A-17)."""

from datetime import datetime, timedelta
from typing import Any

from roster.domain.sync.policy import Mode
from tests.support.api import Api
from tests.support.sync import Office

API = Api("customers_api")


def provenance(acme: Office, name: str) -> dict[str, Any]:
    answer = API.get(f"/v1/customers/{acme.customers()[name].id}/provenance")
    assert answer.status == 200, answer.text
    return {one["field"]: one for one in answer.json["data"]}


def test_a_field_edited_here_says_what_quickbooks_has_since_when_and_from_which_run(
    acme: Office,
) -> None:
    made = acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "555-1"})
    first = acme.pull()
    assert {one["local_override"] for one in provenance(acme, "Amy").values()} == {None}
    edited = acme.edit("Amy", {"phone": "555-8"})
    acme.edit("Amy", {"phone": "555-9", "email": "amy@here.example"})
    assert acme.pull().counts == {}
    found = provenance(acme, "Amy")
    phone, email = found["phone"]["local_override"], found["email"]["local_override"]
    assert (found["phone"]["value"], phone["theirs"], phone["run"]) == ("555-9", "555-1", first.id)
    since = datetime.fromisoformat(phone["since"])
    assert abs(since - edited.updated_at) < timedelta(milliseconds=1)
    assert (email["theirs"], email["run"]) == (None, None)
    assert found["display_name"]["local_override"] is None
    # The next change there takes it back, and it is an override no longer.
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "555-2"})
    acme.pull()
    after = provenance(acme, "Amy")
    assert (after["phone"]["value"], after["phone"]["local_override"]) == ("555-2", None)
    assert after["email"]["local_override"] is not None


def test_a_status_set_here_is_one_too(acme: Office) -> None:
    acme.control.create("Amy")
    acme.pull()
    path = f"/v1/customers/{acme.customers()['Amy'].id}"
    assert API.post(f"{path}/deactivate", {"confirm": True}, if_match="*").status == 200
    override = provenance(acme, "Amy")["status"]["local_override"]
    assert override["theirs"] == "active"


def test_where_edits_go_to_quickbooks_there_are_none(acme: Office) -> None:
    acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "555-1"})
    acme.choose(Mode.TWO_WAY, primary="roster")
    acme.pull()
    acme.edit("Amy", {"phone": "555-9"})
    assert provenance(acme, "Amy")["phone"]["local_override"] is None


def test_a_customer_that_quickbooks_does_not_know_has_none(acme: Office) -> None:
    acme.create("Only Here", phone="555-1")
    assert {one["local_override"] for one in provenance(acme, "Only Here").values()} == {None}
