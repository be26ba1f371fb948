"""The customer mapping: what becomes of QuickBooks' customers, chosen and saved by a person."""

from typing import Any

import boto3
import pytest

from roster.domain.customer import Customer
from roster.usecases.quickbooks import mapping
from tests.support.api import Answer, Api
from tests.support.aws import TABLE
from tests.support.imports import table_items
from tests.support.sync import Office

BOOKS = Api("quickbooks_api")
ADMIN = Api("quickbooks_api", role="admin")
PATH = "/v1/quickbooks/mappings"


@pytest.fixture
def acme(acme: Office) -> Office:
    """A company that wants to choose before anything is imported."""
    settle(default_option="dont_import")
    return acme


def settle(**values: Any) -> None:
    chosen = {"mode": "quickbooks_to_roster", **values}
    answer = ADMIN.call("PUT", "/v1/quickbooks/settings", chosen)
    assert answer.status == 200, answer.text


def rows(**query: Any) -> dict[str, Any]:
    """The whole mapping by name, page after page."""
    found: dict[str, Any] = {}
    while True:
        answer = BOOKS.get(PATH, **query)
        assert answer.status == 200, answer.text
        found |= {row["full_name"]: row for row in answer.json["data"]}
        if (cursor := answer.json["next_cursor"]) is None:
            return found
        query = {**query, "cursor": cursor}


def choose(row: dict[str, Any], option: str, **values: Any) -> Answer:
    return BOOKS.call("PUT", f"{PATH}/{row['quickbooks_id']}", {"option": option, **values})


def chosen(row: dict[str, Any], option: str, **values: Any) -> dict[str, Any]:
    answer = choose(row, option, **values)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def choose_default(option: str) -> None:
    answer = BOOKS.post(f"{PATH}/default", {"option": option})
    assert answer.status == 200, answer.text


def save() -> dict[str, Any]:
    answer = BOOKS.post(f"{PATH}/save", {})
    assert answer.status == 202, answer.text
    found: dict[str, Any] = answer.json
    return found


def saved(acme: Office) -> dict[str, Any]:
    """Save, and let the run do its work."""
    answer = save()
    assert acme.work() == []
    return answer


def linked(acme: Office) -> dict[str, str]:
    """Names of our customers by the QuickBooks id each has."""
    return {c.quickbooks: c.display_name for c in acme.customers().values() if c.quickbooks}


@pytest.mark.shows("S2.07")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", PATH, None),
        ("PUT", f"{PATH}/1", {"option": "create"}),
        ("POST", f"{PATH}/default", {"option": "create"}),
        ("POST", f"{PATH}/save", {}),
    ],
)
@pytest.mark.usefixtures("unconnected")
def test_before_quickbooks_is_connected_the_mapping_points_to_its_settings(
    method: str, path: str, body: Any
) -> None:
    answer = BOOKS.call(method, path, body)
    assert (answer.status, answer.json["code"]) == (409, "quickbooks_not_connected")
    assert "QuickBooks settings" in answer.json["detail"]
    assert "/v1/quickbooks/connect" in answer.json["detail"]


@pytest.mark.shows("S2.09", "S2.10")
def test_every_quickbooks_customer_is_listed_with_its_relationship(acme: Office) -> None:
    settle(default_option="create")
    amy = acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "555-1"})
    acme.control.create("Roof", ParentRef={"value": amy["Id"]}, Job=True)
    acme.pull()
    acme.edit("Amy", {"phone": "555-9"})
    settle(default_option="dont_import")
    acme.control.create("Bob", PrimaryEmailAddr={"Address": "bob@b.example"})
    acme.pull()
    found = rows()
    assert set(found) == {"Amy", "Amy:Roof", "Bob"}
    assert found["Amy"]["customer"]["id"] == acme.customers()["Amy"].id
    assert (found["Amy"]["status"], found["Amy"]["phone"]) == ("linked", "555-1")
    assert found["Amy"]["overrides"] == ["phone"]
    roof = found["Amy:Roof"]
    assert (roof["kind"], roof["status"]) == ("job", "linked")
    assert (roof["options"], roof["option"]) == (["create", "existing"], None)
    bob = found["Bob"]
    assert (bob["status"], bob["email"], bob["customer"]) == ("unlinked", "bob@b.example", None)
    assert bob["options"] == ["dont_import", "create", "existing"]
    assert set(rows(status="unlinked")) == {"Bob"}
    assert set(rows(status="linked", limit=1)) == {"Amy", "Amy:Roof"}


def test_a_filtered_list_goes_through_all_pages_without_a_gap_or_a_double(acme: Office) -> None:
    names = [f"Customer {n:02}" for n in range(23)]
    for name in names:
        acme.control.create(name)
    acme.pull()
    every_third = [row for n, row in enumerate(rows().values()) if n % 3 == 0]
    for row in every_third:
        chosen(row, "create")
    saved(acme)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = BOOKS.get(PATH, status="unlinked", limit=4, **cursor).json
        seen += [row["name"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(set(names) - {row["name"] for row in every_third})


def test_candidates_are_scored_from_exact_to_ambiguous(acme: Office) -> None:
    only, one, other = acme.create("Only One"), acme.create("Twin"), acme.create("Twin")
    far = acme.create("Willow Bakery LLC", email="info@willow.example", phone="206-555-0142")
    acme.control.create("Only One")
    acme.control.create("Twin")
    acme.control.create(
        "Willow Bakery",
        PrimaryEmailAddr={"Address": "info@willow.example"},
        PrimaryPhone={"FreeFormNumber": "206-555-0142"},
    )
    acme.pull()
    found = rows()
    [exact] = found["Only One"]["candidates"]
    assert (exact["customer_id"], exact["closeness"]) == (only.id, "exact")
    twins = {c["customer_id"]: c["closeness"] for c in found["Twin"]["candidates"]}
    assert twins == {one.id: "ambiguous", other.id: "ambiguous"}
    [likely] = found["Willow Bakery"]["candidates"]
    assert (likely["customer_id"], likely["closeness"]) == (far.id, "likely")
    assert 0 < likely["score"] < exact["score"]


@pytest.mark.shows("S2.06", "S2.12", "S2.17", "S2.18", "S2.19")
def test_nothing_happens_before_the_mapping_is_saved(acme: Office) -> None:
    acme.control.create("Amy", PrimaryEmailAddr={"Address": "amy@birds.example"})
    acme.pull()
    chosen(rows()["Amy"], "create")
    acme.pull()
    assert acme.customers() == {}
    answer = saved(acme)
    assert answer["saved"] == 1
    assert answer["run_id"] is not None
    amy = acme.customers()["Amy"]
    row = rows()["Amy"]
    assert (amy.email, amy.quickbooks) == ("amy@birds.example", row["quickbooks_id"])
    assert (row["status"], row["customer"]["id"], row["draft"]) == ("linked", amy.id, None)
    assert row["saved"]["option"] == "create"


@pytest.mark.shows("S2.20")
def test_saving_again_does_nothing_further(acme: Office) -> None:
    acme.control.create("Amy")
    acme.pull()
    chosen(rows()["Amy"], "create")
    saved(acme)
    before = table_items()
    assert save() == {"saved": 0, "left": 0, "default_option": None, "run_id": None}
    assert table_items() == before
    chosen(rows()["Amy"], "create")
    saved(acme)
    assert len(acme.customers()) == 1
    assert len(linked(acme)) == 1


@pytest.mark.shows("S2.11", "S2.21")
def test_what_is_not_imported_can_be_imported_later_and_a_link_taken_away(acme: Office) -> None:
    acme.control.create("Amy")
    acme.pull()
    chosen(rows()["Amy"], "dont_import")
    saved(acme)
    settle(default_option="create")
    acme.pull()
    assert acme.customers() == {}
    assert rows()["Amy"]["status"] == "unlinked"
    chosen(rows()["Amy"], "create")
    saved(acme)
    assert list(linked(acme).values()) == ["Amy"]
    chosen(rows()["Amy"], "dont_import")
    assert rows()["Amy"]["status"] == "linked"
    saved(acme)
    assert rows()["Amy"]["status"] == "unlinked"
    assert linked(acme) == {}
    assert list(acme.customers()) == ["Amy"]
    # The customer it had stays the one it can have: it is not made a second time.
    again = choose(rows()["Amy"], "create")
    assert (again.status, again.json["errors"][0]["code"]) == (422, "created_before")
    chosen(rows()["Amy"], "existing", customer_id=acme.customers()["Amy"].id)
    saved(acme)
    assert list(linked(acme).values()) == ["Amy"]


@pytest.mark.shows("S2.13")
def test_an_existing_customer_is_linked_and_brings_what_is_known_of_it(acme: Office) -> None:
    ours = acme.create("Amy's Birds", email="amy@here.example")
    acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "555-1"})
    acme.pull()
    refused = choose(rows()["Amy"], "existing")
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [
        ("/customer_id", "required")
    ]
    chosen(rows()["Amy"], "existing", customer_id=ours.id)
    saved(acme)
    [now] = acme.customers().values()
    assert (now.id, now.quickbooks) == (ours.id, rows()["Amy"]["quickbooks_id"])
    assert now.phone == "555-1"


def test_an_edit_in_quickbooks_reaches_the_customer_that_was_chosen(acme: Office) -> None:
    ours = acme.create("Amy's Birds")
    made = acme.control.create("Amy")
    acme.pull()
    chosen(rows()["Amy"], "existing", customer_id=ours.id)
    saved(acme)
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "555-7"})
    acme.pull()
    [now] = acme.customers().values()
    assert (now.id, now.phone) == (ours.id, "555-7")


@pytest.mark.shows("S2.22")
def test_a_customer_belongs_to_one_record_and_a_record_to_one_customer(acme: Office) -> None:
    ours = acme.create("Ours")
    first, second = acme.control.create("First"), acme.control.create("Second")
    acme.pull()
    found = rows()
    chosen(found["First"], "existing", customer_id=ours.id)
    chosen(found["Second"], "existing", customer_id=ours.id)
    before = table_items()
    both = BOOKS.post(f"{PATH}/save", {})
    assert both.status == 422
    assert sorted(e["pointer"] for e in both.json["errors"]) == [
        f"/{first['Id']}/customer_id",
        f"/{second['Id']}/customer_id",
    ]
    assert table_items() == before
    chosen(found["Second"], "dont_import")
    saved(acme)
    assert list(linked(acme)) == [first["Id"]]
    taken = choose(found["Second"], "existing", customer_id=ours.id)
    assert taken.status == 409
    assert first["Id"] in taken.json["detail"]
    # Where the first is to let it go, the second may have it: both at once.
    chosen(found["First"], "dont_import")
    chosen(found["Second"], "existing", customer_id=ours.id)
    saved(acme)
    assert list(linked(acme)) == [second["Id"]]


@pytest.mark.shows("S2.14", "S2.15", "S2.16")
def test_a_default_is_for_every_row_without_a_relationship_and_for_no_other(acme: Office) -> None:
    ours = acme.create("Mine")
    for n in range(30):
        acme.control.create(f"Customer {n:02}")
    acme.control.create("Theirs")
    acme.pull()
    chosen(rows()["Theirs"], "existing", customer_id=ours.id)
    chosen(rows()["Customer 05"], "dont_import")
    saved(acme)
    assert len(acme.customers()) == 1
    related = rows()["Theirs"]
    choose_default("create")
    found = rows()
    assert {row["option"] for name, row in found.items() if name != "Theirs"} == {"create"}
    assert found["Theirs"] == related
    chosen(found["Customer 07"], "dont_import")
    assert len(acme.customers()) == 1
    assert saved(acme)["default_option"] == "create"
    names = {f"Customer {n:02}" for n in range(30)} - {"Customer 07"}
    assert set(linked(acme).values()) == {*names, rows()["Theirs"]["customer"]["display_name"]}
    assert ADMIN.get("/v1/quickbooks/settings").json["default_option"] == "create"


def test_a_default_is_one_write_however_many_rows_there_are(acme: Office) -> None:
    acme.control.seed(40)
    acme.pull()
    before = len(table_items())
    choose_default("create")
    assert len(table_items()) == before + 1


def test_a_default_of_existing_links_only_who_is_meant_beyond_doubt(acme: Office) -> None:
    acme.create("Only One"), acme.create("Twin"), acme.create("Twin")
    for name in ("Only One", "Twin", "Nobody"):
        acme.control.create(name)
    acme.pull()
    choose_default("existing")
    saved(acme)
    assert list(linked(acme).values()) == ["Only One"]
    assert len(rows(status="unlinked")) == 2


@pytest.mark.shows("S4.040", "S4.041")
def test_a_namesake_is_left_to_a_person_who_may_create_it_under_another_name(
    unconnected: Office,
) -> None:
    acme = unconnected
    acme.connect()
    settle(default_option="create")
    acme.create("John Smith")
    acme.control.create("John Smith")
    acme.pull()
    assert len(acme.customers()) == 1
    row = rows()["John Smith"]
    assert (row["status"], row["candidates"][0]["closeness"]) == ("unlinked", "exact")
    chosen(row, "create", name="John Smith (Reno)")
    saved(acme)
    assert set(acme.customers()) == {"John Smith", "John Smith (Reno)"}
    assert list(linked(acme).values()) == ["John Smith (Reno)"]


def test_everything_wrong_with_a_choice_is_told_at_once_and_changes_nothing(acme: Office) -> None:
    amy = acme.control.create("Amy")
    acme.control.create("Roof", ParentRef={"value": amy["Id"]}, Job=True)
    acme.pull()
    before = table_items()
    job = rows()["Roof"] if "Roof" in rows() else rows()["Amy:Roof"]
    answer = choose(job, "dont_import", customer_id="cus_none", name="a\x07b")
    assert sorted((e["pointer"], e["code"]) for e in answer.json["errors"]) == [
        ("/customer_id", "option"),
        ("/name", "option"),
        ("/option", "job"),
    ]
    gone = choose(rows()["Amy"], "existing", customer_id="cus_none", name="x")
    assert sorted(e["pointer"] for e in gone.json["errors"]) == ["/customer_id", "/name"]
    odd = choose(job, "create", name="a\x07b")
    assert [(e["pointer"], e["code"]) for e in odd.json["errors"]] == [
        ("/name", "control_character")
    ]
    assert BOOKS.call("PUT", f"{PATH}/999", {"option": "create"}).status == 404
    assert table_items() == before


def test_a_mapping_waits_for_the_mode_and_for_those_who_may_write(unconnected: Office) -> None:
    unconnected.connect()
    boto3.resource("dynamodb").Table(TABLE).delete_item(Key={"pk": "acme#Q", "sk": "SETTINGS"})
    choose_default("create")
    refused = BOOKS.post(f"{PATH}/save", {})
    assert (refused.status, refused.json["code"]) == (409, "mode_missing")
    viewer = Api("quickbooks_api", role="viewer")
    assert viewer.get(PATH).status == 200
    assert viewer.post(f"{PATH}/default", {"option": "create"}).status == 403
    assert viewer.post(f"{PATH}/save", {}).status == 403


def test_another_company_neither_sees_nor_moves_the_mapping(acme: Office) -> None:
    acme.control.create("Amy")
    acme.pull()
    chosen(rows()["Amy"], "create")
    other = Api("quickbooks_api", tenant="globex")
    assert other.get(PATH).status == 409
    acme.tenant = "globex"
    acme.connect()
    assert other.get(PATH).json["data"] == []
    row = rows()["Amy"]["quickbooks_id"]
    assert other.call("PUT", f"{PATH}/{row}", {"option": "create"}).status == 404
    assert other.post(f"{PATH}/save", {}).json["saved"] == 0
    assert acme.customers() == {}
    acme.tenant = "acme"
    saved(acme)
    assert list(acme.customers()) == ["Amy"]


def test_a_worker_that_dies_carries_out_the_rest_and_nothing_twice(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(6):
        acme.control.create(f"Customer {n}")
    acme.pull()
    for row in rows().values():
        chosen(row, "create")
    save()
    adding = acme.ports.customers.add
    added: list[str] = []

    def dies(new: Any, **more: Any) -> Customer:
        added.append(new.customer.display_name)
        if len(added) == 4:
            raise RuntimeError("the worker dies")
        return adding(new, **more)

    with monkeypatch.context() as patched:
        patched.setattr(acme.ports.customers, "add", dies)
        assert acme.work() != []
    assert len(acme.customers()) == 3
    assert acme.work() == []
    assert sorted(linked(acme).values()) == [f"Customer {n}" for n in range(6)]
    assert len(acme.customers()) == 6


def test_a_plan_tells_what_a_saved_mapping_will_do_and_changes_nothing(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(default_option="create")
    acme.control.create("Linked")
    acme.pull()
    settle(default_option="dont_import")
    acme.control.create("Fresh")
    acme.pull()
    chosen(rows()["Fresh"], "create")
    chosen(rows()["Linked"], "dont_import")
    with monkeypatch.context() as patched:
        # No run begins with the saving, as while another one is under way.
        patched.setattr(mapping, "start_run", lambda *_, **__: None)
        assert save() == {"saved": 2, "left": 0, "default_option": None, "run_id": None}
    before = (rows(), acme.customers())
    plan = BOOKS.post("/v1/quickbooks/plan", None).json["id"]
    assert acme.work() == []
    assert (rows(), acme.customers()) == before
    assert {(r.verb, r.name) for r in acme.report(acme.run(plan))} == {
        ("unlink", "Linked"),
        ("skip", "Linked"),
        ("create_here", "Fresh"),
    }
    BOOKS.post("/v1/quickbooks/runs", {"plan": plan})
    assert acme.work() == []
    assert list(linked(acme).values()) == ["Fresh"]
    assert {name: row["status"] for name, row in rows().items()} == {
        "Linked": "unlinked",
        "Fresh": "linked",
    }
