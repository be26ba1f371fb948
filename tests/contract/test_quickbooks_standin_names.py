"""The stand-in's names: uniqueness, sub-customers, making inactive and active again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.quickbooks import Api, ControlFailed, StandIn, only_error

if TYPE_CHECKING:
    import requests


def code(answer: requests.Response) -> str:
    return str(only_error(answer)["code"])


def job(parent: str, name: str, **more: Any) -> dict[str, Any]:
    return {"DisplayName": name, "Job": True, "ParentRef": {"value": parent}, **more}


def test_a_name_is_unique_across_customers_vendors_and_employees(
    quickbooks: StandIn, api: Api
) -> None:
    quickbooks.control.vendor("Hicks Hardware")
    quickbooks.control.employee("Emily Platt")
    api.saved(DisplayName="Amy")

    for name, holder in (("hicks hardware", 1), ("Emily Platt", 2), ("AMY", 3)):
        error = only_error(api.write(DisplayName=name))
        assert error["code"] == "6240"
        assert error["Detail"] == f"The name supplied already exists. : Id={holder}"
    quickbooks.control.configure(duplicate_detail="null")
    assert only_error(api.write(DisplayName="Amy"))["Detail"].endswith("exists. : null")
    quickbooks.control.configure(duplicate_detail="sentence")
    sentence = "Another customer, vendor or employee is already using this name."
    assert sentence in only_error(api.write(DisplayName="Amy"))["Detail"]
    api.saved(DisplayName="Bob")
    assert code(api.write(Id="4", SyncToken="0", sparse=True, DisplayName="Amy")) == "6240"
    assert api.saved(Id="4", SyncToken="0", sparse=True, DisplayName="bob")["SyncToken"] == "1"


def test_a_sub_customer_may_repeat_a_name_of_another_level(api: Api) -> None:
    api.saved(DisplayName="Jack Doe")
    api.saved(DisplayName="Doe, Jack")
    sub = api.saved(**job("2", "Jack Doe", BillWithParent=True))

    assert sub["FullyQualifiedName"] == "Doe, Jack:Jack Doe"
    assert (sub["Level"], sub["ParentRef"], sub["BillWithParent"]) == (1, {"value": "2"}, True)
    assert code(api.write(**job("2", "Jack Doe"))) == "6240"
    assert api.saved(**job("1", "Jack Doe"))["FullyQualifiedName"] == "Jack Doe:Jack Doe"


def test_full_names_follow_the_parent_without_an_edit(api: Api) -> None:
    api.saved(DisplayName="Freeman")
    api.saved(**job("1", "55 Twin Lane"))
    api.saved(Id="1", SyncToken="0", sparse=True, DisplayName="Freeman & Sons")

    sub = api.read("2")
    assert sub["FullyQualifiedName"] == "Freeman & Sons:55 Twin Lane"
    assert sub["SyncToken"] == "0"


def test_levels_end_at_four_and_never_form_a_ring(api: Api) -> None:
    api.saved(DisplayName="0")
    for level in range(1, 5):
        assert api.saved(**job(str(level), str(level)))["Level"] == level
    assert code(api.write(**job("5", "5"))) == "6000"
    ring = api.write(**job("3", "1", Id="2", SyncToken="0", sparse=True))
    assert code(ring) == "900"


def test_only_a_person_makes_a_sub_customer_a_top_level_one(quickbooks: StandIn, api: Api) -> None:
    api.saved(DisplayName="Freeman")
    api.saved(**job("1", "Lane"))
    for reference in ({"value": "0"}, {"value": "1"}):
        update = {"Id": "2", "SyncToken": "0", "sparse": True, "ParentRef": reference}
        assert code(api.write(Job=False, **update)) == "6150"
    kept = api.saved(Id="2", SyncToken="0", DisplayName="Lane")
    assert kept["ParentRef"] == {"value": "1"}
    quickbooks.control.edit("2", ParentRef=None)
    assert "ParentRef" not in api.read("2")


def test_balances_add_up_along_the_line(quickbooks: StandIn, api: Api) -> None:
    api.saved(DisplayName="Freeman")
    api.saved(**job("1", "Lane"))
    quickbooks.control.touch("2", "invoice", 100.25)
    quickbooks.control.touch("1", "invoice", 50)
    quickbooks.control.touch("1", "payment", 20)

    top, sub = api.read("1"), api.read("2")
    assert (top["Balance"], top["BalanceWithJobs"]) == (30, 130.25)
    assert (sub["Balance"], sub["BalanceWithJobs"]) == (100.25, 100.25)


def test_making_inactive_marks_the_name_and_frees_it(api: Api) -> None:
    api.saved(DisplayName="Amy", GivenName="Amy", CompanyName="Amy Ltd")
    gone = api.saved(Id="1", SyncToken="0", sparse=True, Active=False)

    assert gone["DisplayName"] == gone["FullyQualifiedName"] == "Amy (deleted)"
    assert (gone["GivenName"], gone["CompanyName"], gone["PrintOnCheckName"]) == (
        "Amy",
        "Amy Ltd",
        "Amy Ltd",
    )
    assert (gone["Active"], gone["SyncToken"]) == (False, "1")
    assert api.read("1")["Active"] is False
    assert api.query("select * from Customer") == {}
    assert code(api.write(Id="1", SyncToken="1", sparse=True, Notes="x")) == "610"
    assert code(api.write(**job("1", "site"))) == "2500"
    second = api.saved(DisplayName="Amy")
    update = {"Id": second["Id"], "SyncToken": "0", "sparse": True}
    assert api.saved(Active=False, **update)["DisplayName"] == "Amy (deleted 1)"


@pytest.mark.parametrize("sent", [{}, {"DisplayName": "Amy"}, {"DisplayName": "Amy (deleted)"}])
def test_reactivating_gives_the_old_name_back(api: Api, sent: dict[str, str]) -> None:
    api.saved(DisplayName="Amy")
    api.saved(Id="1", SyncToken="0", sparse=True, Active=False)
    back = api.saved(Id="1", SyncToken="1", sparse=True, Active=True, **sent)
    assert (back["DisplayName"], back["Active"], back["SyncToken"]) == ("Amy", True, "2")


def test_reactivating_can_be_set_to_keep_the_suffix(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.configure(reactivation_strips_suffix=False)
    api.saved(DisplayName="Amy")
    api.saved(Id="1", SyncToken="0", sparse=True, Active=False)
    back = api.saved(Id="1", SyncToken="1", sparse=True, Active=True)
    assert back["DisplayName"] == "Amy (deleted)"


def test_reactivating_fails_when_the_name_was_taken_meanwhile(
    quickbooks: StandIn, api: Api
) -> None:
    api.saved(DisplayName="Amy")
    quickbooks.control.inactivate("1")
    api.saved(DisplayName="Amy")

    answer = api.write(Id="1", SyncToken="1", sparse=True, Active=True, DisplayName="Amy")
    assert only_error(answer)["Detail"].endswith("Id=2")
    with pytest.raises(ControlFailed, match="6240"):
        quickbooks.control.activate("1")
    quickbooks.control.edit("2", DisplayName="Amy the second")
    assert quickbooks.control.activate("1")["DisplayName"] == "Amy"


def test_an_open_balance_keeps_a_customer_active(quickbooks: StandIn, api: Api) -> None:
    api.saved(DisplayName="Amy")
    quickbooks.control.touch("1", amount=10)
    answer = api.write(Id="1", SyncToken="0", sparse=True, Active=False)
    assert only_error(answer)["Message"] == "Delete List Has Balance Error"
    assert api.read("1")["DisplayName"] == "Amy"


def test_projects_are_made_by_people_only(quickbooks: StandIn, api: Api) -> None:
    top = quickbooks.control.create("Freeman")["Id"]
    project = quickbooks.control.create("Roof", ParentRef={"value": top}, IsProject=True)
    assert api.read(project["Id"])["IsProject"] is True
    assert api.saved(**job(top, "Cellar", IsProject=True))["IsProject"] is False
    found = api.query("select * from Customer where IsProject = true")["Customer"]
    assert [row["DisplayName"] for row in found] == ["Roof"]


def test_vendors_and_employees_written_through_the_api_share_names_and_ids(api: Api) -> None:
    assert api.saved(DisplayName="Hicks")["Id"] == "1"
    for entity in ("vendor", "employee"):
        assert only_error(api.submit(entity, {"DisplayName": "HICKS"}))["code"] == "6240"
    vendor = api.made("Vendor", DisplayName="Hicks Hardware", CompanyName="Hicks Inc.")
    employee = api.made("Employee", GivenName="Emily", FamilyName="Platt")
    assert (vendor["Id"], employee["Id"]) == ("2", "3")
    assert (employee["DisplayName"], vendor["PrintOnCheckName"]) == ("Emily Platt", "Hicks Inc.")
    refused = only_error(api.write(DisplayName="emily platt"))
    assert refused["Detail"].endswith(": Id=3")

    key = {"Id": "2", "SyncToken": "0", "sparse": True}
    assert api.made("Vendor", **key, Active=False)["DisplayName"] == "Hicks Hardware (deleted)"
    assert api.saved(DisplayName="Hicks Hardware")["Id"] == "4"
    for body, code in (
        (key | {"AcctNum": "7"}, "5010"),
        ({"Id": "1", "SyncToken": "0", "sparse": True}, "610"),
        ({"DisplayName": "A", "Taxable": True}, "2010"),
    ):
        assert only_error(api.submit("vendor", body))["code"] == code
