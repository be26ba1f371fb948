"""Two-way sync with either side as the primary one: who wins, what is edited where, who is whom."""

from typing import Any

import boto3
import pytest

from roster.adapters.dynamodb import quickbooks_keys
from tests.support.api import Api
from tests.support.aws import TABLE
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

RECORDS = Api("records_api")
PLACE = {"street": "1 Main St", "city": "Tucson", "state": "AZ", "zip": "85701"}
each_primary = pytest.mark.parametrize(
    "leads",
    [
        pytest.param("quickbooks", marks=pytest.mark.shows("S4.077")),
        pytest.param("roster", marks=pytest.mark.shows("S4.078")),
    ],
)


@pytest.fixture
def acme(timed_and_connected: Office) -> Office:
    return timed_and_connected


def path_of(name: str) -> str:
    return f"/v1/customers/{everybody()[name]['id']}"


def edit(name: str, **values: Any) -> None:
    answer = CUSTOMERS.patch(path_of(name), values)
    assert answer.status == 200, answer.text


@each_primary
def test_customers_and_their_edits_go_both_ways(acme: Office, leads: str) -> None:
    choose(mode="two_way", primary=leads)
    amy = acme.control.create("Amy")
    assert CUSTOMERS.post("/v1/customers", {"display_name": "Bob"}).status == 201
    assert sorted(told(synced(acme))) == [("create_here", "Amy"), ("create_there", "Bob")]
    acme.control.edit(amy["Id"], DisplayName="Amy of Theirs")
    edit("Bob", display_name="Bob of Ours")
    run = synced(acme)
    assert sorted(r["action"] for r in rows_of(run)) == ["update_here", "update_there"]
    there = {row["DisplayName"] for row in acme.control.book()["Customer"]}
    assert set(everybody()) == there == {"Amy of Theirs", "Bob of Ours"}
    assert told(synced(acme)) == []


@each_primary
def test_where_two_edits_cannot_be_put_in_order_the_primary_has_the_word(
    acme: Office, leads: str
) -> None:
    choose(mode="two_way", primary=leads)
    amy = acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "1"})
    synced(acme)
    # Both edits lie between two syncs, and QuickBooks does not say when in between its own was.
    edit("Amy", phone="2")
    acme.control.edit(amy["Id"], PrimaryPhone={"FreeFormNumber": "3"})
    run = synced(acme)
    [line] = [r for r in rows_of(run) if r["action"] == "conflict"]
    spoken = "QuickBooks" if leads == "quickbooks" else "Roster"
    assert f"{spoken} is the primary system" in line["reason"]
    wanted = "3" if leads == "quickbooks" else "2"
    assert everybody()["Amy"]["phone"] == wanted
    assert acme.control.customer(amy["Id"])["PrimaryPhone"]["FreeFormNumber"] == wanted
    assert told(synced(acme)) == []


_EDITS: list[Any] = [
    pytest.param(
        {"display_name": "Amy's"}, {"DisplayName": "Amy's"}, marks=pytest.mark.shows("S4.081")
    ),
    pytest.param(
        {"first_name": "Amy", "last_name": "Bird"},
        {"GivenName": "Amy", "FamilyName": "Bird"},
        marks=pytest.mark.shows("S4.082"),
    ),
    pytest.param(
        {"phone": "520 555 0100", "email": "amy@b.example"},
        {
            "PrimaryPhone": {"FreeFormNumber": "520 555 0100"},
            "PrimaryEmailAddr": {"Address": "amy@b.example"},
        },
        marks=pytest.mark.shows("S4.082"),
    ),
    pytest.param(
        {"billing_address": {"street": "1 Main St", "city": "Tucson"}},
        {"BillAddr": {"Line1": "1 Main St", "City": "Tucson"}},
        marks=pytest.mark.shows("S4.083"),
    ),
    pytest.param({"notes": "Ring twice"}, {}, marks=pytest.mark.shows("S4.084")),
]


@pytest.mark.parametrize(("values", "there"), _EDITS)
def test_where_roster_is_the_primary_a_customer_is_edited_here(
    acme: Office, values: Json, there: Json
) -> None:
    choose(mode="two_way", primary="roster")
    made = acme.control.create("Amy", Notes="theirs")
    synced(acme)
    edit("Amy", **values)
    synced(acme)
    [here] = everybody().values()
    for field, value in values.items():
        held = here[field]
        assert (value.items() <= held.items()) if isinstance(value, dict) else held == value
    found = acme.control.customer(made["Id"])
    for field, value in there.items():
        held = found[field]
        assert (value.items() <= held.items()) if isinstance(value, dict) else held == value
    assert found["Notes"] == "theirs"
    assert told(synced(acme)) == []


@pytest.mark.shows("S4.083")
def test_service_addresses_are_edited_here_and_the_sync_leaves_them(acme: Office) -> None:
    choose(mode="two_way", primary="roster")
    ship = {"Line1": "9 Site Rd", "City": "Tucson", "PostalCode": "85702"}
    acme.control.create("Amy", ShipAddr=ship)
    synced(acme)
    [place] = places_of(everybody()["Amy"])
    one = f"{path_of('Amy')}/locations/{place['id']}"
    assert CUSTOMERS.patch(one, {"street": "11 Site Rd", "state": "AZ"}).status == 200
    assert CUSTOMERS.post(f"{path_of('Amy')}/locations", PLACE).status == 201
    edit("Amy", phone="520 555 0100")
    synced(acme)
    assert {p["street"] for p in places_of(everybody()["Amy"])} == {"11 Site Rd", "1 Main St"}


@pytest.mark.shows("S4.085")
def test_job_details_and_what_was_done_are_edited_here(acme: Office) -> None:
    choose(mode="two_way", primary="roster")
    acme.control.create("Amy")
    synced(acme)
    jobs = f"{path_of('Amy')}/jobs"
    made = RECORDS.post(jobs, {"title": "Roof"})
    assert made.status == 201, made.text
    one = f"{jobs}/{made.json['id']}"
    assert RECORDS.patch(one, {"title": "Roof, north side"}).status == 200
    note = RECORDS.post(f"{path_of('Amy')}/notes", {"text": "Two tiles replaced"})
    assert note.status == 201, note.text
    before = acme.control.book()
    synced(acme)
    assert RECORDS.get(one).json["title"] == "Roof, north side"
    assert [n["text"] for n in RECORDS.get(f"{path_of('Amy')}/notes").json["data"]] == [
        "Two tiles replaced"
    ]
    assert acme.control.book() == before


def forget_links(acme: Office) -> None:
    """Lose what Roster remembers of QuickBooks' records, as an old backup would."""
    table = boto3.resource("dynamodb").Table(TABLE)
    for row in acme.control.book()["Customer"]:
        table.delete_item(Key=dict(quickbooks_keys.link("acme", acme.intuit.realm, row["Id"])))


@pytest.mark.shows("S4.035", "S4.045")
@each_primary
def test_a_customer_is_known_by_its_id_whatever_it_is_called_by_now(
    acme: Office, leads: str
) -> None:
    choose(mode="two_way", primary=leads)
    acme.control.create("Theirs")
    assert CUSTOMERS.post("/v1/customers", {"display_name": "Ours"}).status == 201
    synced(acme)
    before = {one["id"]: acme.customers()[name].quickbooks for name, one in everybody().items()}
    forget_links(acme)
    for row in acme.control.book()["Customer"]:
        acme.control.edit(row["Id"], DisplayName=f"{row['DisplayName']}, renamed there")
    choose(mode="two_way", primary=leads, include_inactive=True)
    run = synced(acme)
    assert not [r for r in rows_of(run) if r["action"].startswith("create")]
    assert {c.id: c.quickbooks for c in acme.customers().values()} == before
    assert len(acme.control.book()["Customer"]) == 2


@pytest.mark.shows("S4.035", "S4.045")
@each_primary
def test_a_customer_of_just_that_name_is_the_same_one(acme: Office, leads: str) -> None:
    choose(mode="two_way", primary=leads)
    there = acme.control.create("ABC  Plumbing")
    made = CUSTOMERS.post("/v1/customers", {"display_name": "abc plumbing"}).json
    run = synced(acme)
    assert ("link", "ABC Plumbing") in [
        (r["action"], " ".join(r["name"].split())) for r in rows_of(run)
    ]
    assert acme.customers().popitem()[1].quickbooks == there["Id"]
    assert [one["id"] for one in everybody().values()] == [made["id"]]
    assert len(acme.control.book()["Customer"]) == 1


@pytest.mark.shows("S4.035")
@pytest.mark.parametrize("mode", ["quickbooks_to_roster", "roster_to_quickbooks"])
def test_in_one_direction_a_name_that_is_there_already_is_a_duplicate(
    acme: Office, mode: str
) -> None:
    choose(mode=mode)
    acme.control.create("ABC Plumbing")
    assert CUSTOMERS.post("/v1/customers", {"display_name": "ABC Plumbing"}).status == 201
    run = synced(acme)
    [line] = rows_of(run)
    assert (line["action"], "ABC Plumbing" in line["reason"]) == ("skip", True)
    assert BOOKS.get(f"/v1/quickbooks/runs/{run['id']}").json["counts"]["skip"] == 1
    assert (len(everybody()), len(acme.control.book()["Customer"])) == (1, 1)


@pytest.mark.shows("S4.013")
def test_everything_that_is_active_comes_unless_somebody_says_otherwise(acme: Office) -> None:
    choose(mode="quickbooks_to_roster", items="quickbooks_to_roster")
    acme.control.seed(40, jobs=8)
    acme.control.enter("items", Name="Filter", Type="Service", IncomeAccountRef={"value": "1"},
                       ExpenseAccountRef={"value": "9"})  # fmt: skip
    synced(acme)
    book = acme.control.book()["Customer"]
    top = {row["DisplayName"].casefold() for row in book if row["Active"] and not row.get("Job")}
    assert {name.casefold() for name in everybody()} == top
    rows, cursor = [], None
    while True:
        page = BOOKS.get(
            "/v1/quickbooks/mappings", limit=50, **({"cursor": cursor} if cursor else {})
        )
        rows += page.json["data"]
        if (cursor := page.json["next_cursor"]) is None:
            break
    linked = {row["quickbooks_id"] for row in rows if row["customer"]}
    jobs = {row["Id"] for row in book if row["Active"] and row.get("Job")}
    assert jobs <= linked
    assert "Filter" in {item["name"] for item in Api("settings_api").get("/v1/items").json["data"]}


def delete(*names: str) -> None:
    """Deactivate and delete customers: the first by itself, the others in one request."""
    first, *others = (path_of(name) for name in names)
    for path in (first, *others):
        assert CUSTOMERS.post(f"{path}/deactivate", {"confirm": True}, if_match="*").status == 200
    asked = {"query": {"confirm": "true"}, "headers": {"if-match": "*"}}
    assert CUSTOMERS.call("DELETE", first, **asked).status == 204
    ids = [path.rsplit("/", 1)[1] for path in others]
    if not ids:
        return
    bulk = {"action": "delete", "ids": ids, "confirm": True}
    assert CUSTOMERS.post("/v1/customers/bulk", bulk).status == 207


@pytest.mark.shows("S4.027")
@pytest.mark.parametrize("mode", ["two_way", "roster_to_quickbooks"])
def test_who_is_deleted_here_and_active_there_is_told_once(acme: Office, mode: str) -> None:
    choose(mode="two_way", primary="roster")
    made = {name: acme.control.create(name)["Id"] for name in ("Amy", "Bob", "Cleo")}
    synced(acme)
    leads = {"primary": "roster"} if mode == "two_way" else {}
    choose(mode=mode, **leads)
    synced(acme)
    assert CUSTOMERS.post("/v1/customers", {"display_name": "Only here"}).status == 201
    synced(acme)
    delete("Amy", "Bob", "Only here")
    plan = BOOKS.post("/v1/quickbooks/plan", None)
    assert plan.status == 202
    assert acme.work() == []
    lines = [("skip", "Amy"), ("skip", "Bob"), ("skip", "Only here")]
    assert sorted(told(plan.json)) == lines
    run = synced(acme)
    assert sorted(told(run)) == lines
    of_amy = next(row for row in rows_of(run) if row["name"] == "Amy")
    assert of_amy["quickbooks_id"] == made["Amy"]
    assert "deleted here and is still active in QuickBooks" in of_amy["reason"]
    assert all(acme.control.customer(i)["Active"] for i in made.values())
    assert told(synced(acme)) == []
    replayed = BOOKS.post(f"/v1/quickbooks/runs/{run['id']}/replay", None).json
    assert (replayed["differing"], replayed["records"] > 0) == (0, True)
    # A look at everything tells nothing that was told before.
    choose(mode="two_way", primary="quickbooks", include_inactive=True)
    assert told(synced(acme)) == []
    assert list(everybody()) == ["Cleo"]


def test_who_was_merged_and_deleted_here_is_told_of_by_its_record(acme: Office) -> None:
    choose(mode="two_way", primary="roster")
    acme.control.create("Amy")
    synced(acme)
    into = CUSTOMERS.post("/v1/customers", {"display_name": "Amelia"}).json
    lost = everybody()["Amy"]
    body = {"loser_id": lost["id"]}
    assert CUSTOMERS.post(f"/v1/customers/{into['id']}/merge", body, if_match="*").status == 200
    delete("Amelia")
    assert told(synced(acme)) == [("skip", "Amy")]
    assert told(synced(acme)) == []


def test_an_erased_customer_is_not_named_again(acme: Office) -> None:
    choose(mode="two_way", primary="roster")
    acme.control.create("Amy")
    synced(acme)
    path = path_of("Amy")
    delete("Amy")
    erased = Api("customers_api", role="admin").post(f"{path}/erase", {"confirm": True})
    assert erased.status < 300, erased.text
    assert told(synced(acme)) == []
