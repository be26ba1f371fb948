"""The conflict inbox: fields edited on both sides, and a person's last word on them."""

from typing import Any

import pytest

from roster.usecases.quickbooks.runs import message_of
from tests.support.api import Answer, Api
from tests.support.imports import table_items
from tests.support.sync import Office

BOOKS = Api("quickbooks_api")
ADMIN = Api("quickbooks_api", role="admin")
PATH = "/v1/quickbooks/conflicts"


@pytest.fixture
def acme(acme: Office) -> Office:
    """A company that works on both sides; QuickBooks wins where no order is known."""
    choose("quickbooks")
    # The clocks are too far apart to order edits: the primary wins.
    acme.clock.advance(minutes=20)
    return acme


def choose(primary: str) -> None:
    values = {"mode": "two_way", "primary": primary}
    assert ADMIN.call("PUT", "/v1/quickbooks/settings", values).status == 200


def customer(acme: Office, name: str, **theirs: Any) -> str:
    """A customer that both sides have; its QuickBooks id."""
    made = acme.control.create(name, **theirs)
    acme.pull()
    found: str = made["Id"]
    return found


def collide(acme: Office, name: str = "Amy", phones: tuple[str, str] = ("here", "there")) -> str:
    """A customer whose phone and e-mail were edited on both sides; its QuickBooks id."""
    one = customer(
        acme,
        name,
        PrimaryPhone={"FreeFormNumber": "before"},
        PrimaryEmailAddr={"Address": "before@x.example"},
    )
    acme.edit(name, {"phone": phones[0], "email": "here@x.example"})
    acme.control.edit(
        one,
        PrimaryPhone={"FreeFormNumber": phones[1]},
        PrimaryEmailAddr={"Address": "there@x.example"},
    )
    acme.pull()
    return one


def entries(**query: Any) -> list[dict[str, Any]]:
    answer = BOOKS.get(PATH, **query)
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["data"]
    return found


def resolve(conflict: str, **body: Any) -> Answer:
    return BOOKS.post(f"{PATH}/{conflict}/resolve", body)


def resolved(conflict: str, **body: Any) -> dict[str, Any]:
    answer = resolve(conflict, **body)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.shows("S4.048", "S4.049")
def test_a_field_edited_on_both_sides_is_listed_with_every_value_and_the_winner(
    acme: Office,
) -> None:
    one = collide(acme)
    found = {entry["field"]: entry for entry in entries(state="open")}
    assert set(found) == {"phone", "email"}
    phone = found["phone"]
    assert (phone["base"], phone["ours"], phone["theirs"]) == ("before", "here", "there")
    assert (phone["winner"], phone["state"], phone["name"]) == ("quickbooks", "open", "Amy")
    assert "QuickBooks is the primary system" in phone["why"]
    assert phone["run_id"].startswith("run_")
    amy = acme.customers()["Amy"]
    assert (phone["quickbooks_id"], phone["customer_id"]) == (one, amy.id)
    assert amy.phone == "there"


def test_what_two_systems_write_differently_is_no_conflict_when_they_meet(acme: Office) -> None:
    acme.create("Amy", phone="(512) 555-0100", email="Amy@x.example", mobile="512 555 0101")
    theirs = acme.control.create(
        "Amy",
        PrimaryPhone={"FreeFormNumber": "512-555-0100"},
        PrimaryEmailAddr={"Address": "amy@X.example"},
        Mobile={"FreeFormNumber": "512 555 0102"},
    )
    acme.pull()
    assert [entry["field"] for entry in entries()] == ["mobile"]
    here = acme.customers()["Amy"]
    assert (here.phone, here.email) == ("(512) 555-0100", "Amy@x.example")
    acme.control.reset_counters()
    acme.pull()
    assert acme.control.counters()["batch"] == 0
    acme.control.edit(theirs["Id"], PrimaryPhone={"FreeFormNumber": "512-555-0199"})
    acme.pull()
    assert acme.customers()["Amy"].phone == "512-555-0199"
    assert acme.control.customer(theirs["Id"])["PrimaryEmailAddr"]["Address"] == "amy@X.example"


@pytest.mark.parametrize("field", ["fax", "phones"])
def test_a_field_that_no_conflict_can_be_of_is_refused(acme: Office, field: str) -> None:
    collide(acme)
    listed = BOOKS.get(PATH, field=field)
    assert (listed.status, listed.json["errors"][0]["pointer"]) == (422, "?field")
    answer = BOOKS.post(f"{PATH}/resolve", {"take": "ours", "field": field})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/field")
    assert {entry["state"] for entry in entries()} == {"open"}


def test_the_inbox_is_narrowed_by_state_field_and_customer(acme: Office) -> None:
    amy, bob = collide(acme, "Amy"), collide(acme, "Bob")
    resolved(f"{amy}.phone", take="theirs")
    assert {e["id"] for e in entries(state="resolved")} == {f"{amy}.phone"}
    assert {e["id"] for e in entries(field="email")} == {f"{amy}.email", f"{bob}.email"}
    ours = acme.customers()["Bob"].id
    assert {e["id"] for e in entries(customer_id=ours)} == {f"{bob}.email", f"{bob}.phone"}
    first = BOOKS.get(PATH, limit=3).json
    second = BOOKS.get(PATH, limit=3, cursor=first["next_cursor"]).json
    assert len({e["id"] for e in (*first["data"], *second["data"])}) == 4


def test_taking_ours_sets_the_field_here_and_leaves_it_to_be_sent(acme: Office) -> None:
    one = collide(acme)
    done = resolved(f"{one}.phone", take="ours")
    assert (done["state"], done["resolution"]["take"]) == ("resolved", "ours")
    assert (done["resolution"]["value"], done["resolution"]["by"]) == ("here", "olga")
    amy = acme.customers()["Amy"]
    assert (amy.phone, amy.email) == ("here", "there@x.example")
    [row] = BOOKS.get("/v1/quickbooks/mappings").json["data"]
    assert row["overrides"] == ["phone"]
    acme.pull()
    assert acme.control.book()["Customer"][0]["PrimaryPhone"]["FreeFormNumber"] == "here"
    assert BOOKS.get("/v1/quickbooks/mappings").json["data"][0]["overrides"] == []
    history = acme.ports.customers.history(acme.tenant, amy.id, limit=1, after=None).items[0]
    assert (history.actor.user, [c.field for c in history.changes]) == ("olga", ["phone"])


def test_a_value_of_neither_side_is_taken_under_the_rules_of_any_edit(acme: Office) -> None:
    one = collide(acme)
    assert resolved(f"{one}.email", value="both@x.example")["resolution"]["take"] is None
    assert acme.customers()["Amy"].email == "both@x.example"
    wrong = resolve(f"{one}.phone", value="x" * 51)
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (422, "/value")
    resolved(f"{one}.phone", value=None)
    assert acme.customers()["Amy"].phone is None


def test_a_status_and_an_address_are_resolved_as_what_they_are(acme: Office) -> None:
    one = customer(acme, "Amy", BillAddr={"Line1": "1 Old St", "City": "Reno"})
    acme.edit("Amy", {"billing_address": {"street": "1 Here St"}})
    acme.control.edit(one, BillAddr={"Line1": "1 There St", "City": "Reno"})
    acme.pull()
    assert acme.customers()["Amy"].billing_address is not None
    [entry] = entries()
    assert (entry["field"], entry["ours"]["street"]) == ("billing_address", "1 Here St")
    resolved(entry["id"], take="ours")
    address = acme.customers()["Amy"].billing_address
    assert address is not None
    assert (address.street, address.city) == ("1 Here St", "Reno")
    BOOKS.post(f"{PATH}/{entry['id']}/reopen", {})
    wrong = resolve(entry["id"], value={"street": 5, "planet": "Mars"})
    assert sorted(e["pointer"] for e in wrong.json["errors"]) == ["/value/planet", "/value/street"]
    resolved(entry["id"], value={"street": "2 New St"})
    address = acme.customers()["Amy"].billing_address
    assert address is not None
    assert (address.street, address.city) == ("2 New St", None)


def test_a_resolution_of_what_moved_since_is_refused_with_the_present_values(
    acme: Office,
) -> None:
    one = collide(acme)
    acme.edit("Amy", {"phone": "newer"})
    before = table_items()
    answer = resolve(f"{one}.phone", take="ours")
    assert (answer.status, answer.json["code"]) == (412, "moved_since")
    assert [e["pointer"] for e in answer.json["errors"]] == ["/ours"]
    assert '"newer"' in answer.json["errors"][0]["detail"]
    assert table_items() == before
    acme.edit("Amy", {"phone": "there"})
    acme.control.edit(one, PrimaryPhone={"FreeFormNumber": "theirs again"})
    acme.pull()
    again = resolve(f"{one}.phone", take="ours")
    assert again.status == 412
    assert {e["pointer"] for e in again.json["errors"]} == {"/ours", "/theirs"}
    assert resolved(f"{one}.email", take="ours")["state"] == "resolved"


def test_a_resolved_conflict_is_opened_again_and_then_only(acme: Office) -> None:
    one = collide(acme)
    assert BOOKS.post(f"{PATH}/{one}.phone/reopen", {}).status == 409
    resolved(f"{one}.phone", take="ours")
    assert resolve(f"{one}.phone", take="theirs").json["code"] == "resolved"
    again = BOOKS.post(f"{PATH}/{one}.phone/reopen", {}).json
    assert (again["state"], again["resolution"]["value"]) == ("reopened", "here")
    assert acme.customers()["Amy"].phone == "here"
    resolved(f"{one}.phone", take="theirs")
    assert acme.customers()["Amy"].phone == "there"


def test_a_new_collision_takes_the_place_of_the_resolved_one(acme: Office) -> None:
    one = collide(acme)
    resolved(f"{one}.phone", take="theirs")
    acme.edit("Amy", {"phone": "here 2"})
    acme.control.edit(one, PrimaryPhone={"FreeFormNumber": "there 2"})
    acme.pull()
    [entry] = entries(field="phone")
    assert (entry["state"], entry["base"], entry["resolution"]) == ("open", "there", None)
    assert (entry["ours"], entry["theirs"]) == ("here 2", "there 2")


def test_one_rule_resolves_all_that_fit_and_says_which_it_could_not(acme: Office) -> None:
    ids = [collide(acme, f"Customer {n}") for n in range(3)]
    acme.edit("Customer 1", {"phone": "newer"})
    done = BOOKS.post(f"{PATH}/resolve", {"take": "ours", "field": "phone"}).json
    assert (done["resolved"], done["next_cursor"]) == (2, None)
    [left] = done["left"]
    assert left["id"] == f"{ids[1]}.phone"
    assert "newer" in left["reason"]
    assert {c.phone for c in acme.customers().values()} == {"here", "newer"}
    assert {c.email for c in acme.customers().values()} == {"there@x.example"}
    none = BOOKS.post(f"{PATH}/resolve", {"take": "ours", "winner": "roster"}).json
    assert none["resolved"] == 0
    rest = BOOKS.post(f"{PATH}/resolve", {"take": "ours", "field": "email"}).json
    assert rest["resolved"] == 3
    assert len(entries(state="open")) == 1


def test_what_a_run_has_not_finished_cannot_be_resolved_yet(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = customer(acme, "Amy", PrimaryPhone={"FreeFormNumber": "before"})
    acme.edit("Amy", {"phone": "here"})
    acme.control.edit(one, PrimaryPhone={"FreeFormNumber": "there"})
    run = acme.start()
    with monkeypatch.context() as patched:
        patched.setattr(acme.ports.state, "save_links", _dies)
        with pytest.raises(RuntimeError):
            acme.finish(message_of(run))
    assert resolve(f"{one}.phone", take="ours").status == 412
    acme.finish(message_of(run))
    assert resolved(f"{one}.phone", take="ours")["state"] == "resolved"


def _dies(*_: Any) -> None:
    raise RuntimeError("the worker dies")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/take"]),
        ({"take": "ours", "value": "x"}, ["/take"]),
        ({"value": 5}, ["/value"]),
        ({"take": "mine", "colour": 1}, ["/colour", "/take"]),
    ],
)
def test_a_resolution_is_a_side_or_a_value(
    acme: Office, body: dict[str, Any], pointers: list[str]
) -> None:
    one = collide(acme)
    before = table_items()
    answer = BOOKS.post(f"{PATH}/{one}.phone/resolve", body)
    assert answer.status == 422
    assert sorted(e["pointer"] for e in answer.json["errors"]) == pointers
    assert table_items() == before


def test_another_company_sees_and_resolves_nothing_of_it(acme: Office) -> None:
    one = collide(acme)
    other = Api("quickbooks_api", tenant="globex")
    assert other.get(PATH).status == 404
    assert other.post(f"{PATH}/{one}.phone/resolve", {"take": "ours"}).status == 404
    assert BOOKS.post(f"{PATH}/{one}.notes/resolve", {"take": "ours"}).status == 404
    viewer = Api("quickbooks_api", role="viewer")
    assert viewer.get(PATH).status == 200
    assert viewer.post(f"{PATH}/{one}.phone/resolve", {"take": "ours"}).status == 403
