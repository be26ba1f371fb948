"""Another QuickBooks company than before: the sync stops and says so, and both ways out of it."""

import pytest

from tests.support.api import Answer, Api
from tests.support.imports import table_items
from tests.support.sync import Office
from tests.support.sync_doors import (
    BOOKS,
    CUSTOMERS,
    callback,
    everybody,
    rows_of,
    started,
    synced,
    told,
)

OTHER = "9999999999999999"
SETTINGS = Api("settings_api", role="admin")


@pytest.fixture
def acme(both_ways: Office) -> Office:
    both_ways.control.open_company(OTHER)
    return both_ways


def connect(acme: Office, realm: str, **body: bool) -> Answer:
    """Go through the authorization for a company as a person does."""
    acme.control.consent(realm=realm)
    begun = BOOKS.call("POST", "/v1/quickbooks/connect", body or None)
    assert begun.status == 200, begun.text
    return callback(acme.intuit.consent(begun.json["authorize_url"]))


@pytest.mark.shows("S4.009")
def test_another_company_stops_it_with_a_warning_and_changes_nothing(acme: Office) -> None:
    acme.control.create("Amy")
    synced(acme)
    acme.control.create("Wrong Amy", realm=OTHER)
    mine = (everybody(), acme.control.book(), acme.control.book(realm=OTHER))
    refused = connect(acme, OTHER)
    assert (refused.status, refused.json["code"]) == (409, "quickbooks_other_company")
    assert acme.intuit.realm in refused.json["detail"]
    assert "another_company" in refused.json["detail"]
    assert told(synced(acme)) == []
    assert (everybody(), acme.control.book(), acme.control.book(realm=OTHER)) == mine


@pytest.mark.shows("S4.009")
def test_the_old_company_can_be_connected_again_and_goes_on(acme: Office) -> None:
    made = acme.control.create("Amy")
    synced(acme)
    assert BOOKS.call("DELETE", "/v1/quickbooks/connection").status == 204
    assert connect(acme, OTHER).status == 409
    before = table_items()
    assert BOOKS.call("POST", "/v1/quickbooks/runs").status == 409
    assert table_items() == before
    assert connect(acme, acme.intuit.realm, another_company=True).status == 200
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "520 555 0100"})
    assert told(synced(acme)) == [("update_here", "Amy")]
    assert set(everybody()) == {"Amy"}


@pytest.mark.shows("S4.009")
def test_who_starts_anew_on_purpose_has_every_old_link_ended_first(acme: Office) -> None:
    for name in ("Amy", "Bob", "Only There"):
        acme.control.create(name)
    synced(acme)
    # In the other company the same ids are other people.
    for name in ("Zoe", "Amy", "Yan"):
        acme.control.create(name, realm=OTHER)
    old_book = acme.control.book()
    assert connect(acme, OTHER, another_company=True).status == 200
    assert BOOKS.call("POST", "/v1/quickbooks/plan").status == 409
    run = synced(acme)
    assert acme.control.book() == old_book
    ended = [r for r in rows_of(run) if r["action"] == "unlink"]
    assert {r["name"] for r in ended} == {"Amy", "Bob", "Only There"}
    assert acme.intuit.realm in ended[0]["reason"]
    there = {c["DisplayName"]: c["Id"] for c in acme.control.book(realm=OTHER)["Customer"]}
    assert set(there) == set(everybody()) == {"Amy", "Bob", "Only There", "Zoe", "Yan"}
    linked = {n: c.quickbooks for n, c in acme.customers().items()}
    assert linked == there
    assert told(synced(acme)) == []
    assert BOOKS.call("POST", "/v1/quickbooks/plan").status == 202


@pytest.mark.shows("S4.009")
def test_terms_of_the_old_company_are_matched_anew_and_none_comes_twice(acme: Office) -> None:
    with acme.intuit.session(realm=OTHER) as api:
        api.made("Term", Name="Net 99", DueDays=99)
    synced(acme)
    before = {t["name"]: t["id"] for t in SETTINGS.get("/v1/payment-terms").json["data"]}
    assert connect(acme, OTHER, another_company=True).status == 200
    synced(acme)
    after = {t["name"]: t["id"] for t in SETTINGS.get("/v1/payment-terms").json["data"]}
    assert after == before | {"Net 99": after["Net 99"]}


def test_a_parting_that_dies_goes_on_and_an_edit_meanwhile_is_kept(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roster.usecases.quickbooks.parting._AT_ONCE", 2)
    for n in range(5):
        acme.control.create(f"Customer {n}")
    synced(acme)
    assert connect(acme, OTHER, another_company=True).status == 200
    acme.control.fail("html_503", times=50, path="/v3/")
    acme.clock.advance(minutes=16)
    assert BOOKS.call("POST", "/v1/quickbooks/runs").status == 202
    acme.work()
    path = f"/v1/customers/{everybody()['Customer 0']['id']}"
    assert CUSTOMERS.patch(path, {"phone": "520 555 0100"}).status == 200
    acme.control.heal()
    acme.work()
    assert told(synced(acme)) == []
    there = acme.control.book(realm=OTHER)["Customer"]
    assert {c["DisplayName"] for c in there} == {f"Customer {n}" for n in range(5)}
    first = next(c for c in there if c["DisplayName"] == "Customer 0")
    assert first["PrimaryPhone"]["FreeFormNumber"] == "520 555 0100"
    assert started(acme)["status"] == "completed"
