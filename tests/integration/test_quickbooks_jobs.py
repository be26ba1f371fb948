"""Jobs, sub-customers and sites of QuickBooks: whose they are here, and what people make of it."""

from itertools import permutations
from typing import Any

import pytest

from tests.support.sync import Office
from tests.support.sync_doors import (
    BOOKS,
    CUSTOMERS,
    Json,
    choose,
    everybody,
    places_of,
    rows_of,
    synced,
    told,
)

HOME = {"Line1": "1 Main St", "City": "Tucson", "PostalCode": "85701"}
OFFICE = {"Line1": "9 Site Rd", "City": "Tucson", "PostalCode": "85702"}
DEPOT = {"Line1": "77 Yard Ln", "City": "Tucson", "PostalCode": "85703"}
SHED = {"Line1": "5 Back Alley", "City": "Tucson", "PostalCode": "85704"}
each_mode_that_pulls = pytest.mark.parametrize(
    "chosen",
    [
        {"mode": "quickbooks_to_roster"},
        {"mode": "two_way", "primary": "quickbooks"},
        {"mode": "two_way", "primary": "roster"},
    ],
    ids=["theirs", "both, theirs", "both, ours"],
)


@pytest.fixture
def acme(timed_and_connected: Office) -> Office:
    return timed_and_connected


def carefree(acme: Office, **more: Any) -> Json:
    """A customer with a home."""
    return acme.control.create("Carefree", CompanyName="Carefree", BillAddr=HOME, **more)


def job(acme: Office, parent: Json, name: str, **more: Any) -> Json:
    """A job as QuickBooks makes it: with its parent's company, phone and e-mail."""
    copied = {k: parent[k] for k in ("CompanyName", "BillAddr", "PrimaryPhone") if k in parent}
    return acme.control.create(name, ParentRef={"value": parent["Id"]}, Job=True, **copied, **more)


def streets(customer: Json) -> set[tuple[str | None, str]]:
    return {(place["name"], place["street"]) for place in places_of(customer)}


def mapped() -> dict[str, Json]:
    """The rows of the mapping, by QuickBooks' name."""
    return {row["name"]: row for row in BOOKS.get("/v1/quickbooks/mappings").json["data"]}


def decide(whose: str, option: str, **values: Any) -> None:
    """Choose for one row, and save the mapping."""
    path = f"/v1/quickbooks/mappings/{mapped()[whose]['quickbooks_id']}"
    answer = BOOKS.call("PUT", path, {"option": option, **values})
    assert answer.status == 200, answer.text
    assert BOOKS.call("POST", "/v1/quickbooks/mappings/save", {}).status == 202


@pytest.mark.shows("S4.020", "S4.021", "S4.022")
@each_mode_that_pulls
def test_a_job_is_never_a_second_customer_of_the_same_name(acme: Office, chosen: Json) -> None:
    choose(**chosen)
    parent = carefree(acme, PrimaryPhone={"FreeFormNumber": "520 555 0100"})
    job(acme, parent, "Main Office", ShipAddr=OFFICE)
    run = synced(acme)
    assert told(run) == [
        ("create_here", "Carefree"), ("add_location", "Main Office"), ("keep_job", "Main Office"),
    ]  # fmt: skip
    [customer] = everybody().values()
    assert customer["display_name"] == "Carefree"
    row = mapped()["Main Office"]
    assert (row["kind"], row["full_name"]) == ("job", "Carefree:Main Office")
    assert row["customer"]["id"] == customer["id"]
    assert streets(customer) == {("Main Office", "9 Site Rd")}
    assert told(synced(acme)) == []


@pytest.mark.shows("S4.086", "S4.087")
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_several_ship_to_sites_are_several_places_of_one_customer(
    acme: Office, order: tuple[int, ...]
) -> None:
    choose(mode="two_way", primary="quickbooks")
    parent = carefree(acme, ShipAddr=SHED)
    sites = [("Main Office", OFFICE), ("Depot", DEPOT), ("Billing Only", HOME)]
    for n in order:
        name, address = sites[n]
        job(acme, parent, name, ShipAddr=address)
    synced(acme)
    [customer] = everybody().values()
    # A job whose Ship To is its parent's own address is no place of its own.
    assert streets(customer) == {
        (None, "5 Back Alley"), ("Main Office", "9 Site Rd"), ("Depot", "77 Yard Ln"),
    }  # fmt: skip
    assert told(synced(acme)) == []


@pytest.mark.shows("S4.086")
def test_a_ship_to_that_is_added_or_moved_later_follows(acme: Office) -> None:
    choose(mode="quickbooks_to_roster")
    parent = carefree(acme)
    office = job(acme, parent, "Main Office")
    synced(acme)
    assert places_of(everybody()["Carefree"]) == []
    acme.control.edit(office["Id"], ShipAddr=OFFICE)
    acme.control.edit(parent["Id"], ShipAddr=SHED)
    synced(acme)
    assert streets(everybody()["Carefree"]) == {
        (None, "5 Back Alley"), ("Main Office", "9 Site Rd"),
    }  # fmt: skip
    acme.control.edit(office["Id"], ShipAddr=DEPOT)
    synced(acme)
    assert streets(everybody()["Carefree"]) == {
        (None, "5 Back Alley"), ("Main Office", "77 Yard Ln"),
    }  # fmt: skip


@pytest.mark.shows("S4.083")
@pytest.mark.parametrize("leads", ["quickbooks", "roster"])
def test_a_place_that_was_edited_here_is_not_overwritten_in_silence(
    acme: Office, leads: str
) -> None:
    choose(mode="two_way", primary=leads)
    parent = carefree(acme)
    office = job(acme, parent, "Main Office", ShipAddr=OFFICE)
    synced(acme)
    [place] = places_of(everybody()["Carefree"])
    path = f"/v1/customers/{place['customer_id']}/locations/{place['id']}"
    edited = {"street": "11 Site Rd", "state": "AZ", "name": "The big one"}
    assert CUSTOMERS.patch(path, edited).status == 200
    acme.control.edit(office["Id"], PrimaryPhone={"FreeFormNumber": "520 555 0100"})
    synced(acme)
    assert streets(everybody()["Carefree"]) == {("The big one", "11 Site Rd")}
    acme.control.edit(office["Id"], ShipAddr=DEPOT)
    run = synced(acme)
    [line] = [r for r in rows_of(run) if r["action"] == "conflict"]
    assert f"{leads.capitalize()} leads".lower() in line["reason"].lower()
    [change] = line["changes"]
    assert (change["old"]["street"], change["new"]["street"]) == ("11 Site Rd", "77 Yard Ln")
    kept = "77 Yard Ln" if leads == "quickbooks" else "11 Site Rd"
    assert streets(everybody()["Carefree"]) == {("The big one", kept)}
    assert told(synced(acme)) == []


@pytest.mark.shows("S4.025")
@each_mode_that_pulls
def test_a_job_renamed_in_quickbooks_is_renamed_with_the_next_sync(
    acme: Office, chosen: Json
) -> None:
    choose(**chosen)
    office = job(acme, carefree(acme), "Job 1", ShipAddr=OFFICE)
    synced(acme)
    acme.control.edit(office["Id"], DisplayName="Carefree – Main Office")
    assert ("keep_job", "Carefree – Main Office") in told(synced(acme))
    [customer] = everybody().values()
    assert customer["display_name"] == "Carefree"
    assert streets(customer) == {("Carefree – Main Office", "9 Site Rd")}
    row = mapped()["Carefree – Main Office"]
    assert (row["full_name"], row["customer"]["id"]) == (
        "Carefree:Carefree – Main Office", customer["id"],
    )  # fmt: skip


@pytest.mark.shows("S4.025")
def test_a_renamed_customer_renames_what_its_jobs_are_called_in_full(acme: Office) -> None:
    choose(mode="quickbooks_to_roster")
    parent = carefree(acme)
    job(acme, parent, "Main Office", ShipAddr=OFFICE)
    synced(acme)
    acme.control.edit(parent["Id"], DisplayName="Carefree Homes")
    synced(acme)
    assert set(everybody()) == {"Carefree Homes"}
    assert mapped()["Main Office"]["full_name"] == "Carefree Homes:Main Office"


@pytest.mark.shows("S4.024")
@each_mode_that_pulls
def test_who_wants_a_job_as_a_customer_gets_one_that_is_marked_as_a_job(
    acme: Office, chosen: Json
) -> None:
    choose(**chosen)
    parent = carefree(acme)
    office = job(acme, parent, "Main Office", ShipAddr=OFFICE)
    job(acme, parent, "Depot", ShipAddr=DEPOT)
    synced(acme)
    decide("Main Office", "create", name="Carefree, Main Office")
    assert acme.work() == []
    assert set(everybody()) == {"Carefree", "Carefree, Main Office"}
    own = everybody()["Carefree, Main Office"]
    row = mapped()["Main Office"]
    assert (row["kind"], row["parent_id"], row["customer"]["id"]) == (
        "job", parent["Id"], own["id"],
    )  # fmt: skip
    assert streets(own) == {(None, "9 Site Rd")}
    latest = BOOKS.get("/v1/quickbooks/runs").json["data"][0]
    [line] = [r for r in rows_of(latest) if r["action"] == "create_here"]
    assert "is a job of “Carefree” in QuickBooks, and a customer of its own here" in line["reason"]
    # It goes on as that customer, and the other job as it was.
    assert told(synced(acme)) == []
    acme.control.edit(office["Id"], PrimaryPhone={"FreeFormNumber": "520 555 0199"})
    assert told(synced(acme)) == [("update_here", "Main Office")]
    assert everybody()["Carefree, Main Office"]["phone"] == "520 555 0199"
    assert mapped()["Depot"]["customer"]["id"] == everybody()["Carefree"]["id"]


@pytest.mark.shows("S4.024")
def test_a_job_that_came_as_a_customer_long_ago_can_be_linked_with_it_and_let_go(
    acme: Office,
) -> None:
    choose(mode="quickbooks_to_roster")
    office = job(acme, carefree(acme), "Main Office", ShipAddr=OFFICE)
    old = CUSTOMERS.post("/v1/customers", {"display_name": "Carefree (office)"}).json
    synced(acme)
    decide("Main Office", "existing", customer_id=old["id"])
    assert acme.work() == []
    # QuickBooks leads: with the link comes its name.
    assert set(everybody()) == {"Carefree", "Main Office"}
    assert mapped()["Main Office"]["customer"]["id"] == old["id"]
    decide("Main Office", "dont_import")
    assert acme.work() == []
    acme.control.edit(office["Id"], PrimaryPhone={"FreeFormNumber": "520 555 0199"})
    synced(acme)
    assert mapped()["Main Office"]["customer"]["id"] == everybody()["Carefree"]["id"]
    assert everybody()["Main Office"]["phone"] is None


@pytest.mark.shows("S4.024")
def test_a_customer_that_becomes_a_job_stays_one_and_the_report_says_so(acme: Office) -> None:
    choose(mode="quickbooks_to_roster")
    parent = carefree(acme)
    other = acme.control.create("Main Office")
    synced(acme)
    acme.control.edit(other["Id"], ParentRef={"value": parent["Id"]})
    run = synced(acme)
    assert told(run) == [("conflict", "Main Office")]
    assert "became a job in QuickBooks; here it stays" in rows_of(run)[0]["reason"]
    assert set(everybody()) == {"Carefree", "Main Office"}
    assert mapped()["Main Office"]["kind"] == "job"
