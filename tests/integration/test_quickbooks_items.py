"""Items between QuickBooks and here: one way, the other, or not at all."""

from collections.abc import Iterator
from typing import Any

import pytest

from roster.domain.sync.connection import QuickBooksFault, Trigger
from roster.domain.sync.policy import ItemsDirection
from roster.usecases.quickbooks.items import carry_items
from tests.support.api import Api
from tests.support.quickbooks_money import Shop, shop, verbs

SETTINGS = Api("settings_api", role="admin")
_ACCOUNTS = {"income_account": "Services", "expense_account": "Purchases"}


@pytest.fixture
def inwards() -> Iterator[Shop]:
    with shop(items=ItemsDirection.QUICKBOOKS_TO_ROSTER) as one:
        yield one


@pytest.fixture
def outwards() -> Iterator[Shop]:
    with shop(items=ItemsDirection.ROSTER_TO_QUICKBOOKS) as one:
        yield one


def ours() -> dict[str, Any]:
    """Our items by name, inactive ones too."""
    return {one["name"]: one for one in SETTINGS.get("/v1/items", status="all").json["data"]}


def define(name: str, **values: Any) -> Any:
    """An item that somebody defines here."""
    made = SETTINGS.post("/v1/items", {"name": name, **_ACCOUNTS, **values})
    assert made.status == 201, made.text
    return made.json


def theirs(one: Shop) -> dict[str, dict[str, Any]]:
    """QuickBooks' items by name, without those it came with."""
    return {
        row["Name"]: row
        for row in one.control.rows("items")
        if row["Name"] not in ("Services", "Hours")
    }


def inventory(name: str, one: Shop, **fields: Any) -> dict[str, Any]:
    """Something that is kept in stock in QuickBooks."""
    return one.item(
        name, Type="Inventory", TrackQtyOnHand=True, QtyOnHand=4, InvStartDate="2026-01-01",
        IncomeAccountRef={"value": "2"}, ExpenseAccountRef={"value": "3"},
        AssetAccountRef={"value": "5"}, **fields,
    )  # fmt: skip


@pytest.mark.shows("S4.093")
def test_items_of_every_kind_arrive_from_quickbooks(inwards: Shop) -> None:
    inwards.item("Visit", UnitPrice=80.5, Description="A visit", Sku="V-1", Taxable=True)
    inwards.item("Filter", Type="NonInventory", UnitPrice=12)
    inventory("Pump", inwards, UnitPrice=99.99)
    define("Crane", kind="equipment", unit_price=1)
    inventory("Crane", inwards, UnitPrice=500)
    inwards.sync()
    found = ours()
    kinds = {name: one["kind"] for name, one in found.items()}
    assert kinds == {
        "Visit": "service", "Filter": "non_inventory", "Pump": "inventory", "Crane": "equipment",
    }  # fmt: skip
    assert found["Visit"] | {
        "unit_price": 8050, "description": "A visit", "sku": "V-1", "taxable": True,
        "income_account": "Services", "expense_account": "Purchases", "active": True,
    } == found["Visit"]  # fmt: skip
    assert (found["Pump"]["unit_price"], found["Crane"]["unit_price"]) == (9999, 50_000)
    assert inwards.sync() == []


@pytest.mark.shows("S4.094")
def test_a_change_here_does_not_reach_quickbooks(inwards: Shop) -> None:
    inwards.item("Visit", UnitPrice=80)
    inwards.sync()
    item = ours()["Visit"]
    SETTINGS.patch(f"/v1/items/{item['id']}", {"unit_price": 9000})
    define("Own")
    inwards.control.reset_counters()
    assert inwards.sync() == []
    inwards.sync(whole=True)
    assert inwards.control.counters()["write"] == 0
    assert theirs(inwards)["Visit"]["UnitPrice"] == 80
    assert "Own" not in theirs(inwards)


def test_an_edit_there_arrives_and_leaves_alone_what_it_did_not_touch(inwards: Shop) -> None:
    made = inwards.item("Visit", UnitPrice=80, Description="A visit")
    inwards.sync()
    item = ours()["Visit"]
    SETTINGS.patch(f"/v1/items/{item['id']}", {"description": "Our words"})
    inwards.control.change("items", made["Id"], UnitPrice=90, Name="Long visit")
    [row] = inwards.sync()
    assert (row.verb, {c.field for c in row.changes}) == ("update_here", {"name", "unit_price"})
    after = ours()["Long visit"]
    assert (after["id"], after["unit_price"]) == (item["id"], 9000)
    assert after["description"] == "Our words"


def test_an_item_made_inactive_there_is_inactive_here_and_comes_back(inwards: Shop) -> None:
    made = inwards.item("Visit")
    inwards.sync()
    inwards.control.retire("items", made["Id"])
    assert [row.verb for row in inwards.sync()] == ["deactivate_here"]
    assert ours()["Visit"]["active"] is False
    inwards.control.change("items", made["Id"], Active=True)
    assert [row.verb for row in inwards.sync()] == ["activate_here"]
    assert ours()["Visit"]["active"] is True


@pytest.mark.shows("S4.099")
def test_an_item_without_both_accounts_stays_away_and_the_report_says_so(inwards: Shop) -> None:
    inwards.item("Free", IncomeAccountRef={"value": "1"}, ExpenseAccountRef=None)
    rows = {row.name: row for row in inwards.sync()}
    assert rows["Free"].verb == "skip"
    assert rows["Free"].reason == "Item “Free” was left out: it has no expense account."
    assert ours() == {}


@pytest.mark.shows("S4.099")
def test_an_item_of_ours_without_accounts_is_not_sent(outwards: Shop) -> None:
    define("Bare", income_account=None, expense_account=None)
    define("Lost", income_account="No such account")
    rows = {row.name: row for row in outwards.sync()}
    assert rows["Bare"].reason.endswith("it has no income and no expense account.")
    assert "no active account “No such account”" in rows["Lost"].reason
    assert theirs(outwards) == {}
    outwards.control.reset_counters()
    assert outwards.sync() == [], "it is told once a day"
    assert outwards.control.counters()["query"] == 0
    outwards.trigger = Trigger.REQUEST
    assert verbs(outwards.sync()) == [("skip", "Bare"), ("skip", "Lost")], "a person asked"
    outwards.trigger = Trigger.SCHEDULE
    SETTINGS.patch(f"/v1/items/{ours()['Lost']['id']}", {"income_account": "Services"})
    assert verbs(outwards.sync()) == [("create_there", "Lost")]


def test_categories_and_name_clashes_are_left_out_and_told(inwards: Shop) -> None:
    shelf = inwards.item("Shelf", Type="Category", IncomeAccountRef=None, ExpenseAccountRef=None)
    inwards.item("Visit")
    define("Twice")
    define("Twice")
    inwards.item("Twice")
    rows = {row.name: row.reason for row in inwards.sync() if row.verb == "skip"}
    assert shelf["Id"]
    assert "it is a category" in rows["Shelf"]
    assert "2 items here have its name" in rows["Twice"]
    assert set(ours()) == {"Visit", "Twice"}


@pytest.mark.shows("S4.095")
@pytest.mark.shows("S4.098")
def test_items_of_every_kind_reach_quickbooks(outwards: Shop) -> None:
    define("Visit", kind="service", unit_price=8050, description="A visit", sku="V-1")
    define("Filter", kind="non_inventory", unit_price=1200)
    stock = {"income_account": "Sales of Product Income", "expense_account": "cost of goods sold"}
    define("Pump", kind="inventory", **stock)
    define("Crane", kind="equipment", **stock)
    rows = outwards.sync()
    assert {row.verb for row in rows} == {"create_there"}
    found = theirs(outwards)
    types = {name: one["Type"] for name, one in found.items()}
    assert types == {
        "Visit": "Service", "Filter": "NonInventory", "Pump": "Inventory", "Crane": "Inventory",
    }  # fmt: skip
    assert (found["Visit"]["UnitPrice"], found["Visit"]["Sku"]) == (80.5, "V-1")
    crane = found["Crane"]
    assert (crane["QtyOnHand"], crane["InvStartDate"]) == (0, "2026-11-22")
    assert crane["AssetAccountRef"]["value"] == "5"
    outwards.control.reset_counters()
    assert outwards.sync() == []
    assert outwards.control.counters()["write"] == 0


@pytest.mark.shows("S4.096")
def test_a_change_there_does_not_come_here(outwards: Shop) -> None:
    item = define("Visit", unit_price=8000)
    outwards.sync()
    [made] = theirs(outwards).values()
    outwards.control.change("items", made["Id"], UnitPrice=1, Description="Theirs")
    outwards.item("Only there")
    outwards.sync()
    assert ours() == {"Visit": ours()["Visit"]}
    assert ours()["Visit"]["unit_price"] == 8000
    # What is sent later is what was edited here, and nothing else.
    SETTINGS.patch(f"/v1/items/{item['id']}", {"sku": "V-2"})
    assert [row.verb for row in outwards.sync()] == ["update_there"]
    after = theirs(outwards)["Visit"]
    assert (after["Sku"], after["Description"], after["UnitPrice"]) == ("V-2", "Theirs", 1)


def test_an_item_made_inactive_here_is_inactive_there_and_comes_back(outwards: Shop) -> None:
    item = define("Visit")
    outwards.sync()
    SETTINGS.patch(f"/v1/items/{item['id']}", {"active": False})
    assert [row.verb for row in outwards.sync()] == ["deactivate_there"]
    [there] = theirs(outwards).values()
    assert there["Active"] is False
    SETTINGS.patch(f"/v1/items/{item['id']}", {"active": True})
    assert [row.verb for row in outwards.sync()] == ["activate_there"]
    assert theirs(outwards)["Visit"]["Active"] is True


def test_an_item_deleted_here_is_inactive_there(outwards: Shop) -> None:
    item = define("Visit")
    outwards.sync()
    gone = SETTINGS.call("DELETE", f"/v1/items/{item['id']}")
    assert gone.status == 204
    assert [row.verb for row in outwards.sync()] == ["deactivate_there"]
    [there] = theirs(outwards).values()
    assert there["Active"] is False
    assert outwards.sync(whole=True) == []


@pytest.mark.shows("S4.097")
def test_taxable_there_and_not_here_is_told(outwards: Shop) -> None:
    define("Visit", taxable=False)
    outwards.sync()
    [made] = theirs(outwards).values()
    assert made["Taxable"] is False
    outwards.control.change("items", made["Id"], Taxable=True)
    assert verbs(outwards.sync()) == [("conflict", "Visit")]


@pytest.mark.shows("S4.097")
def test_an_item_that_is_not_taxable_here_and_is_there_is_told(inwards: Shop) -> None:
    made = inwards.item("Visit", Taxable=True)
    inwards.sync()
    SETTINGS.patch(f"/v1/items/{ours()['Visit']['id']}", {"taxable": False})
    inwards.control.change("items", made["Id"], Description="Something")
    rows = inwards.sync()
    assert verbs(rows) == [("conflict", "Visit"), ("update_here", "Visit")]
    assert "not taxable here and is taxable in QuickBooks" in rows[0].reason


def test_what_was_made_taxable_there_comes_along_when_the_direction_is_turned(
    outwards: Shop,
) -> None:
    define("Visit", taxable=False)
    outwards.sync()
    [made] = theirs(outwards).values()
    outwards.control.change("items", made["Id"], Taxable=True)
    outwards.set(items=ItemsDirection.QUICKBOOKS_TO_ROSTER)
    rows = [row for row in outwards.sync(whole=True) if row.name == "Visit"]
    assert verbs(rows) == [("update_here", "Visit")]
    assert [(c.field, c.old, c.new) for c in rows[0].changes] == [("taxable", False, True)]
    assert ours()["Visit"]["taxable"] is True


def test_a_second_item_of_a_linked_ones_name_does_not_take_its_place(inwards: Shop) -> None:
    made = inwards.item("Visit")
    inwards.sync()
    inwards.control.change("items", made["Id"], Name="Long visit")
    inwards.item("Visit")
    # The feed tells of the new one alone, as it may: what ours is linked with is known anyway.
    item = ours()["Visit"]
    rows = [row for row in inwards.control.rows("items") if row["Name"] == "Visit"]
    told = carry_items(inwards.call(), inwards.policy, rows)
    assert verbs(told) == [("skip", "Visit")]
    assert "another item has its name" in told[0].reason
    inwards.sync()
    assert ours()["Long visit"]["id"] == item["id"]


def test_items_stay_where_they_are_unless_a_direction_is_chosen() -> None:
    with shop() as one:
        one.item("Theirs")
        define("Ours")
        assert one.sync() == []
        assert set(ours()) == {"Ours"}
        assert set(theirs(one)) == {"Theirs"}


def test_the_same_item_on_both_sides_is_linked_and_not_doubled(outwards: Shop) -> None:
    made = outwards.item("Visit", UnitPrice=1)
    define("visit", unit_price=500)
    assert [row.verb for row in outwards.sync()] == ["link"]
    [there] = theirs(outwards).values()
    assert (there["Id"], there["UnitPrice"]) == (made["Id"], 5)


def test_of_two_items_with_a_name_the_first_goes_and_the_second_is_told(outwards: Shop) -> None:
    define("Visit", unit_price=1)
    define("Visit", unit_price=2)
    assert sorted(row.verb for row in outwards.sync()) == ["create_there", "skip"]
    assert theirs(outwards)["Visit"]["UnitPrice"] == 0.01


@pytest.mark.parametrize("fault", ["timeout", "html_502"])
def test_an_answer_that_was_lost_is_no_second_item(outwards: Shop, fault: str) -> None:
    define("Visit")
    outwards.control.fail(fault, times=3, path="/item")
    with pytest.raises(QuickBooksFault):
        outwards.sync()
    outwards.control.heal()
    outwards.sync()
    assert len(theirs(outwards)) == 1
    SETTINGS.patch(f"/v1/items/{ours()['Visit']['id']}", {"sku": "1"})
    assert [row.verb for row in outwards.sync()] == ["update_there"]


def test_what_quickbooks_refuses_is_told_once_and_tried_again_when_it_changes(
    outwards: Shop,
) -> None:
    item = define("Visit")
    outwards.control.fail("6240", times=1, path="/item")
    assert [row.verb for row in outwards.sync()] == ["skip"]
    assert outwards.sync(whole=True) == []
    SETTINGS.patch(f"/v1/items/{item['id']}", {"name": "Other visit"})
    assert [row.verb for row in outwards.sync()] == ["create_there"]


@pytest.mark.shows("S4.100")
@pytest.mark.parametrize("direction", [*ItemsDirection])
def test_purchase_orders_are_neither_asked_for_nor_written(direction: ItemsDirection) -> None:
    with shop(items=direction) as one:
        customer, there = one.join("Birds")
        inventory("Pump", one)
        define("Visit")
        one.ready(customer, 100)
        one.sync()
        [made] = one.invoices()
        one.control.pay(there, 1, {made["Id"]: 1})
        one.sync()
        one.sync(whole=True)
        paths = {call["path"].rpartition("/")[2] for call in one.control.calls()}
        written = {call["path"].rpartition("/")[2] for call in one.control.calls("write")}
        assert written <= {"item", "invoice"}
        assert "purchaseorder" not in {path.lower() for path in paths}
