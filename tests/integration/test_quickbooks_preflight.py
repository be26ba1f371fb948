"""GET /v1/quickbooks/preflight: one call before a sync, whether it may start and what to do."""

from datetime import timedelta
from typing import Any

import boto3
import pytest

from roster import bootstrap
from roster.domain.sync.policy import ItemsDirection, Mode, Primary
from roster.domain.sync.preflight.words import Code
from tests.support import aws, request_units
from tests.support.api import Answer, Api
from tests.support.imports import table_items
from tests.support.sync import Office

ADMIN = Api("quickbooks_api", role="admin", user="ada")
VIEWER = Api("quickbooks_api", role="viewer", user="vic")
SETTINGS = Api("settings_api", role="admin")
PATH = "/v1/quickbooks/preflight"
PULL, PUSH, BOTH = Mode.QUICKBOOKS_TO_ROSTER, Mode.ROSTER_TO_QUICKBOOKS, Mode.TWO_WAY


@pytest.fixture
def acme(timed: Office) -> Office:
    return timed


def preflight() -> dict[str, Any]:
    answer = VIEWER.get(PATH)
    assert answer.status == 200, answer.text
    return dict(answer.json)


def checks() -> dict[str, Any]:
    found = preflight()["checks"]
    assert [one["code"] for one in found] == list(Code)
    return {one["code"]: one for one in found}


def results(*codes: str) -> tuple[str, ...]:
    found = checks()
    return tuple(found[code]["result"] for code in codes)


def failed() -> set[str]:
    return {code for code, one in checks().items() if one["result"] == "fail"}


def settings(**values: Any) -> Answer:
    return ADMIN.call("PUT", "/v1/quickbooks/settings", values)


def backed_up(acme: Office, **values: Any) -> None:
    now = acme.clock().isoformat()
    assert settings(mode="quickbooks_to_roster", backup_confirmed_at=now, **values).status == 200


def names(check: dict[str, Any]) -> list[str]:
    return [one["name"] for one in check["examples"]]


def test_without_a_connection_all_that_can_be_is_checked(acme: Office) -> None:
    acme.create('The "Old" Mill')
    found = preflight()
    assert (found["ready"], found["company"]) == (False, None)
    told = checks()
    assert failed() == {"connection", "mode"}
    assert names(told["names_refused"]) == ['The "Old" Mill']
    assert "not connected" in told["jobs"]["detail"]
    assert told["jobs"]["result"] == "warn"
    assert all(one["title"] and one["detail"] for one in told.values())
    assert all(one["steps"] for one in told.values() if one["result"] != "pass")


def test_what_fails_is_what_a_start_is_refused_for(acme: Office) -> None:
    def refused() -> str:
        answer = ADMIN.call("POST", "/v1/quickbooks/runs")
        return str(answer.json["code"]) if answer.status == 409 else ""

    assert (failed(), refused()) == ({"connection", "mode"}, "quickbooks_not_connected")
    acme.control.consent(realm=acme.intuit.realm)
    acme.connect()
    bootstrap.table().delete({"pk": "acme#Q", "sk": "SETTINGS"})
    assert (failed(), refused()) == ({"mode"}, "mode_missing")
    acme.choose()
    assert (failed(), preflight()["ready"]) == (set(), True)
    assert refused() == ""
    assert (failed(), refused()) == ({"run_under_way"}, "run_under_way")
    acme.work()
    assert failed() == set()
    acme.control.revoke()
    acme.control.expire_access()
    acme.clock.advance(hours=2)
    assert failed() == {"connection"}
    assert refused() == "quickbooks_not_connected"
    assert "again" in checks()["connection"]["title"]


def test_it_writes_nothing_and_says_the_same_again(acme: Office) -> None:
    acme.connect(mode=BOTH)
    acme.control.seed(12, jobs=4)
    acme.create("Amy: Bird")
    before = table_items()
    acme.control.reset_counters()
    first, second = preflight(), preflight()
    assert {**first, "checked_at": None} == {**second, "checked_at": None}
    asked = acme.control.counters()
    assert (asked["write"], asked["batch"]) == (0, 0)
    assert asked["query"] + asked["read"] <= 2 * 12
    assert table_items() == before


@pytest.mark.shows("S4.008", "S4.009")
def test_another_company_is_refused_and_told_of(acme: Office) -> None:
    acme.connect()
    acme.control.create("Amy")
    acme.pull()
    before = acme.customers()["Amy"].id
    assert "Stand-in Field Services" in checks()["company"]["detail"]
    # Its name is no identity: renamed, it is the same company, and nothing comes twice.
    acme.control.configure(company_name="Renamed Services")
    assert "Renamed Services" in checks()["company"]["detail"]
    assert acme.pull().counts == {}
    other = acme.control.open_company("9999999999999999")
    acme.control.consent(realm="9999999999999999")
    url = ADMIN.call("POST", "/v1/quickbooks/connect").json["authorize_url"]
    query = acme.intuit.consent(url)
    assert Api("quickbooks_api").get("/v1/quickbooks/callback", **query).status == 409
    check = checks()["company"]
    assert check["result"] == "warn"
    assert other in check["detail"]
    assert "second time" in check["detail"]
    assert {c.id for c in acme.customers().values()} == {before}
    acme.connect()
    assert results("company") == ("pass",)
    assert acme.pull().counts == {}


@pytest.mark.shows("S4.010")
def test_a_backup_is_asked_for_before_the_first_sync(acme: Office) -> None:
    acme.connect()
    check = checks()["backup_before_first_sync"]
    assert check["result"] == "warn"
    assert any("Back Up Company" in step for step in check["steps"])
    backed_up(acme)
    assert results("backup_before_first_sync") == ("pass",)
    acme.clock.advance(hours=25)
    again = checks()["backup_before_first_sync"]
    assert again["result"] == "warn"
    assert "more than a day ago" in again["detail"]


def test_a_backup_that_is_yet_to_be_made_is_not_confirmed(acme: Office) -> None:
    later = (acme.clock() + timedelta(hours=1)).isoformat()
    answer = settings(mode="two_way", backup_confirmed_at=later)
    assert answer.status == 422
    pointers = [e["pointer"] for e in answer.json["errors"]]
    assert sorted(pointers) == ["/backup_confirmed_at", "/primary"]
    assert settings(mode="two_way", backup_confirmed_at="yesterday").status == 422
    now = acme.clock().replace(microsecond=0)
    kept = settings(mode="quickbooks_to_roster", backup_confirmed_at=now.isoformat())
    assert kept.json["backup_confirmed_at"] == now.isoformat().replace("+00:00", "Z")
    # The last word stands while settings are chosen anew.
    after = settings(mode="roster_to_quickbooks").json
    assert after["backup_confirmed_at"] == kept.json["backup_confirmed_at"]


@pytest.mark.shows("S4.011")
def test_daily_backups_are_reminded_of_in_the_first_four_weeks(acme: Office) -> None:
    acme.connect()
    backed_up(acme, sync_taxes=False, sync_terms=False)
    assert results("daily_backups") == ("pass",)
    acme.pull()
    assert results("backup_before_first_sync", "daily_backups") == ("pass", "pass")
    acme.clock.advance(days=2)
    check = checks()["daily_backups"]
    assert check["result"] == "warn"
    assert "every day" in check["detail"]
    backed_up(acme, sync_taxes=False, sync_terms=False)
    assert results("daily_backups") == ("pass",)
    acme.clock.advance(days=25)
    acme.pull()
    assert results("daily_backups") == ("warn",)
    acme.clock.advance(days=2)
    assert results("daily_backups") == ("pass",)


@pytest.mark.shows("S4.012")
def test_what_is_not_wanted_is_to_be_made_inactive_in_quickbooks_first(acme: Office) -> None:
    acme.connect()
    acme.choose(PULL, sync_taxes=False, sync_terms=False, items=ItemsDirection.QUICKBOOKS_TO_ROSTER)
    made = [acme.control.create(f"Customer {n}") for n in range(3)]
    acme.control.create("Main Office", ParentRef={"value": made[0]["Id"]}, Job=True)
    found = checks()
    customers, items = found["unwanted_customers"], found["unwanted_items"]
    assert (customers["result"], customers["count"]) == ("warn", 3)
    assert "Make inactive" in customers["steps"][0]
    assert items["result"] == "warn"
    acme.control.inactivate(made[2]["Id"])
    fewer = checks()["unwanted_customers"]
    assert (fewer["count"], "1 inactive" in fewer["detail"]) == (2, True)
    assert {c.display_name for c in acme.customers().values()} == set()
    acme.pull()
    assert set(acme.customers()) == {"Customer 0", "Customer 1"}
    assert results("unwanted_customers", "unwanted_items") == ("pass", "pass")


def test_names_that_quickbooks_does_not_take_are_told_before(acme: Office) -> None:
    acme.connect(mode=PUSH)
    for name in ("Amy", "Site: North", 'The "Old" Mill'):
        acme.create(name)
    acme.create("Long", company_name="x" * 101)
    found = checks()
    refused, shortened = found["names_refused"], found["names_shortened"]
    assert (refused["result"], refused["count"]) == ("warn", 2)
    assert names(refused) == ["Site: North", 'The "Old" Mill']
    whys = [one["why"] for one in refused["examples"]]
    assert "a colon" in whys[0]
    assert "a double quote" in whys[1]
    assert "4 customers" in refused["detail"]
    assert names(shortened) == ["Long"]
    for one in refused["examples"]:
        fixed = {"display_name": one["name"].replace(":", "").replace('"', "")}
        assert Api("customers_api").patch(one["href"], fixed).status == 200
    assert results("names_refused") == ("pass",)
    assert acme.pull().counts == {"create_there": 4}
    acme.choose(PULL)
    assert checks()["names_refused"]["detail"].startswith("QuickBooks leads")


@pytest.mark.shows("S4.050", "S4.051")
def test_names_that_are_there_twice_can_be_reviewed_before(acme: Office) -> None:
    first, second = acme.create("ABC Plumbing"), acme.create("A.B.C. plumbing", phone="5550100")
    third = acme.create("Abc  Plumbing")
    acme.create("Zenith")
    check = checks()["names_twice"]
    assert (check["result"], check["count"]) == ("warn", 2)
    assert {one["customer_id"] for one in check["examples"]} == {first.id, third.id}
    assert second.id not in {one["customer_id"] for one in check["examples"]}
    assert any("/v1/duplicates" in step for step in check["steps"])


@pytest.mark.parametrize("read_before", [False, True])
def test_names_of_vendors_and_employees_are_told(acme: Office, read_before: bool) -> None:
    acme.connect(mode=PUSH)
    vendor = acme.control.vendor("Bob's Burgers")
    acme.control.employee("Emil Early")
    if read_before:
        acme.pull()
    ours = acme.create("Bob’s burgers")
    acme.create("Amy")
    check = checks()["names_taken"]
    assert (check["result"], check["count"]) == ("warn", 1)
    [example] = check["examples"]
    assert (example["customer_id"], example["quickbooks_id"]) == (ours.id, vendor["Id"])
    assert "vendor" in example["why"]
    assert acme.pull().counts == {"create_there": 1, "skip": 1}


@pytest.mark.shows("S4.099")
def test_items_without_accounts_are_told_whichever_way_they_go(acme: Office) -> None:
    acme.connect()
    assert "not synced" in checks()["items_without_accounts"]["detail"]
    accounts = {"income_account": "Services", "expense_account": "Purchases"}
    assert SETTINGS.post("/v1/items", {"name": "Visit", **accounts}).status == 201
    bare = SETTINGS.post("/v1/items", {"name": "Pump"}).json
    acme.choose(PULL, items=ItemsDirection.ROSTER_TO_QUICKBOOKS)
    [ours] = checks()["items_without_accounts"]["examples"]
    assert (ours["name"], ours["href"]) == ("Pump", f"/v1/items/{bare['id']}")
    assert "income" in ours["why"]
    income = {"value": "1"}
    theirs = acme.control.enter("items", Name="Crane", Type="Service", IncomeAccountRef=income)
    acme.choose(PULL, items=ItemsDirection.QUICKBOOKS_TO_ROSTER)
    check = checks()["items_without_accounts"]
    crane = next(one for one in check["examples"] if one["name"] == "Crane")
    assert crane["quickbooks_id"] == theirs["Id"]
    assert "expense" in crane["why"]
    assert check["count"] == len(check["examples"])


def test_what_the_mode_locks_is_told(acme: Office) -> None:
    acme.connect()
    acme.choose(BOTH, primary=Primary.ROSTER)
    locked = checks()["taxes_and_terms"]
    assert locked["result"] == "warn"
    assert "Tax rates come from QuickBooks" in locked["detail"]
    assert "Payment terms come from QuickBooks" in locked["detail"]
    acme.choose(PUSH)
    assert results("taxes_and_terms") == ("pass",)


@pytest.mark.shows("S4.026", "S4.031")
def test_jobs_are_warned_of_with_three_ways_to_go_on(acme: Office) -> None:
    acme.connect()
    assert results("jobs") == ("pass",)
    parent = acme.control.create("Carefree")
    job = {"ParentRef": {"value": parent["Id"]}, "Job": True, "CompanyName": "Carefree"}
    made = acme.control.create("Main Office", **job)
    check = checks()["jobs"]
    assert (check["result"], check["count"]) == ("warn", 1)
    assert "separate customers using only the company name" in check["detail"]
    assert "never makes a second customer" in check["detail"]
    options = {one["code"]: one for one in check["options"]}
    assert list(options) == ["leave", "rename", "delete"]
    assert [one["allowed"] for one in options.values()] == [True, True, False]
    assert "backup" in options["delete"]["steps"][0]
    assert not any("Make inactive" in step for step in options["delete"]["steps"])
    backed_up(acme, sync_taxes=False, sync_terms=False)
    delete = next(one for one in checks()["jobs"]["options"] if one["code"] == "delete")
    assert delete["allowed"]
    assert "Roster deletes nothing in QuickBooks" in delete["steps"][0]
    # What was said comes true: one customer, its job below it, and QuickBooks as it was.
    assert acme.pull().counts == {"create_here": 1, "keep_job": 1}
    assert set(acme.customers()) == {"Carefree"}
    assert acme.control.customer(made["Id"])["Active"] is True


@pytest.mark.shows("S4.025")
def test_a_job_renamed_in_quickbooks_to_include_its_place_shows_after_the_next_sync(
    acme: Office,
) -> None:
    acme.connect()
    parent = acme.control.create("Carefree")
    job = acme.control.create("Job 1", ParentRef={"value": parent["Id"]}, Job=True)
    acme.pull()
    rename = next(one for one in checks()["jobs"]["options"] if one["code"] == "rename")
    assert "Carefree – Main Office" in rename["steps"][0]
    acme.control.edit(job["Id"], DisplayName="Carefree – Main Office")
    acme.pull()
    rows = VIEWER.get("/v1/quickbooks/mappings").json["data"]
    [shown] = [row for row in rows if row["quickbooks_id"] == job["Id"]]
    assert shown["name"] == "Carefree – Main Office"
    assert set(acme.customers()) == {"Carefree"}


@pytest.mark.shows("S4.118")
def test_jobs_without_a_ship_to_are_told_with_the_steps(acme: Office) -> None:
    acme.connect()
    place = {"Line1": "1 Main St", "City": "Reno", "CountrySubDivisionCode": "NV"}
    whole, bare = acme.control.create("Whole"), acme.control.create("Bare", BillAddr=place)
    site = {"Line1": "9 Harbor Blvd", "City": "Reno", "CountrySubDivisionCode": "NV"}
    acme.control.create("A", ParentRef={"value": whole["Id"]}, Job=True, ShipAddr=site)
    without = acme.control.create("B", ParentRef={"value": bare["Id"]}, Job=True, BillAddr=place)
    check = checks()["missing_ship_to"]
    assert (check["result"], check["count"]) == ("warn", 1)
    [example] = check["examples"]
    assert (example["quickbooks_id"], example["name"]) == (bare["Id"], "Bare")
    steps = check["steps"]
    assert "Open the customer in QuickBooks" in steps[0]
    assert "Edit" in steps[1]
    assert "plus icon under Ship To" in steps[2]
    acme.control.edit(without["Id"], ShipAddr=site)
    assert results("missing_ship_to") == ("pass",)


def test_other_currencies_are_told(acme: Office) -> None:
    acme.connect()
    assert results("currency") == ("pass",)
    acme.control.configure(multi_currency=True)
    assert "several currencies" in checks()["currency"]["title"]
    acme.control.configure(currency="CAD")
    check = checks()["currency"]
    assert check["result"] == "warn"
    assert "CAD" in check["detail"]


def test_what_waits_for_a_person_is_counted(acme: Office) -> None:
    acme.connect(mode=BOTH)
    one = acme.create("John Smith", phone="5550100")
    acme.create("John Smith", phone="5550199")
    theirs = acme.control.create("John Smith")
    made = acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "1"})
    acme.pull()
    found = checks()["undecided_customers"]
    assert (found["result"], found["count"]) == ("warn", 1)
    assert found["examples"][0]["quickbooks_id"] == theirs["Id"]
    assert results("open_conflicts") == ("pass",)
    body = {"option": "existing", "customer_id": one.id}
    path = f"/v1/quickbooks/mappings/{theirs['Id']}"
    office_staff = Api("quickbooks_api", role="office")
    assert office_staff.call("PUT", path, body).status == 200
    assert office_staff.call("POST", "/v1/quickbooks/mappings/save").status in (200, 202)
    acme.work()
    assert results("undecided_customers") == ("pass",)
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "2"})
    acme.edit("Amy", {"phone": "3"})
    acme.pull()
    conflict = checks()["open_conflicts"]
    assert (conflict["result"], conflict["count"]) == ("warn", 1)
    assert conflict["examples"][0]["name"] == "Amy"


@pytest.mark.parametrize("fault", ["xml_429", "html_502", "drop", "empty", "half_body", "10000"])
def test_where_quickbooks_does_not_answer_it_says_so_and_checks_the_rest(
    acme: Office, fault: str
) -> None:
    acme.connect(mode=PUSH)
    acme.create("Site: North")
    acme.control.fail(fault, times=50, path="/v3/")
    found = checks()
    assert found["connection"]["result"] == "warn"
    assert found["names_refused"]["count"] == 1
    assert "could not be checked" in found["currency"]["detail"]
    assert preflight()["ready"], "a sync that is started waits by itself"
    acme.control.heal()
    assert results("connection", "currency") == ("pass", "pass")


@pytest.mark.parametrize("fault", ["403", "120"])
def test_where_quickbooks_shuts_us_out_a_person_has_to_sign_in(acme: Office, fault: str) -> None:
    acme.connect()
    acme.control.fail(fault, path="/v3/")
    check = checks()["connection"]
    assert check["result"] == "fail"
    assert any("/v1/quickbooks/connect" in step for step in check["steps"])


def test_one_question_that_is_refused_leaves_the_others(acme: Office) -> None:
    acme.connect()
    acme.control.create("Amy")
    acme.control.fail("500", path="/query", skip=1)
    found = checks()
    assert found["currency"]["result"] == "pass"
    assert "could not be checked" in found["jobs"]["detail"]
    acme.control.heal()


@pytest.mark.parametrize("fault", ["drop", "html_502", "half_body"])
def test_an_answer_that_is_lost_once_is_asked_for_again(acme: Office, fault: str) -> None:
    acme.connect()
    acme.control.fail(fault, path="/query")
    assert "could not be checked" not in str(checks())


def test_an_expired_token_is_refreshed(acme: Office) -> None:
    acme.connect()
    acme.control.expire_access()
    assert results("connection", "currency") == ("pass", "pass")
    before = acme.ports.connections.get("acme")
    acme.control.fail("401", path="/query", skip=1)
    assert "could not be checked" not in str(checks())
    after = acme.ports.connections.get("acme")
    assert before is not None
    assert after is not None
    assert after.token_version == before.token_version + 1


@pytest.mark.parametrize(("mode", "result"), [(PULL, "warn"), (PUSH, "fail")])
def test_an_ended_subscription_stops_what_is_to_be_written_there(
    acme: Office, mode: Mode, result: str
) -> None:
    acme.connect(mode=mode)
    assert results("subscription") == ("pass",)
    acme.control.configure(subscription_status="EXPIRED")
    check = checks()["subscription"]
    assert (check["result"], "expired" in check["detail"]) == (result, True)
    acme.control.configure(subscription_status="PAID")
    acme.control.fail("6190", path="/v3/")
    assert results("connection", "subscription") == ("warn", result)


def test_nobody_waits_for_a_quickbooks_that_is_slow(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.connect()
    ask = type(acme.ports.api).count

    def slow(*given: Any, **flags: Any) -> Any:
        acme.clock.advance(seconds=8)
        return ask(*given, **flags)

    monkeypatch.setattr(type(acme.ports.api), "count", slow)
    found = checks()
    assert found["currency"]["result"] == "pass"
    assert "takes too long" in found["unwanted_customers"]["detail"]


def test_roles_and_companies(acme: Office) -> None:
    acme.connect()
    acme.create("Site: North")
    theirs = Api("quickbooks_api", tenant="other", role="admin").get(PATH).json
    assert theirs["company"] is None
    assert "North" not in str(theirs)
    no_module = Api("quickbooks_api", role="admin", extra={"modules": "customers"})
    assert no_module.get(PATH).status == 403


def test_what_it_costs_is_bounded(acme: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roster.usecases.quickbooks.preflight_ours.MOST_NAMES", 20)
    monkeypatch.setattr("roster.usecases.quickbooks.preflight_ours._NAMES_AT_ONCE", 7)
    acme.connect(mode=BOTH)
    for n in range(30):
        acme.create(f"Customer {n:02}: x")
    acme.control.seed(30, jobs=5)
    meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
    acme.control.reset_counters()
    check = checks()["names_refused"]
    assert "20 of the first 20 customers looked at" in check["detail"]
    assert meter.read(request_units.budgeted(aws.TABLE)) <= 40
    assert meter.write() == 0
    asked = acme.control.counters()
    assert asked["query"] + asked["read"] <= 12


@pytest.mark.shows("S4.053")
@pytest.mark.parametrize("mode", [PULL, PUSH, BOTH])
def test_a_customer_entered_by_hand_that_quickbooks_has_is_warned_of(
    acme: Office, mode: Mode
) -> None:
    desk = Api("customers_api")

    def entered(name: str) -> list[str]:
        answer = desk.post("/v1/customers", {"display_name": name})
        assert answer.status == 201, answer.text
        return list(answer.json["tips"])

    assert entered("Nobody") == []
    acme.connect(mode=mode)
    theirs = acme.control.create("ABC Plumbing")
    acme.pull()
    if mode is PULL:
        # It came here, or there would be nothing here to know it by.
        assert "ABC Plumbing" in acme.customers()
    before = desk.get("/v1/customers/duplicates", name="abc plumbing").json["quickbooks"]
    assert [(one["kind"], one["id"]) for one in before] == [("customer", theirs["Id"])]
    [tip] = entered("ABC plumbing")
    assert f"customer “ABC Plumbing” ({theirs['Id']})" in tip
    assert "one of the two systems only" in tip
    assert entered("XYZ Plumbing") == []
    if mode.pushes:
        vendor = acme.control.vendor("Bob")
        acme.clock.advance(days=2)
        acme.pull()
        [tip] = entered("Bob")
        assert f"vendor “Bob” ({vendor['Id']})" in tip
    assert (
        Api("customers_api", tenant="other")
        .post("/v1/customers", {"display_name": "ABC Plumbing"})
        .json["tips"]
        == []
    )
