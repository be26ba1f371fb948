"""A new QuickBooks customer that is likely one of ours under another name waits for a person."""

from typing import Any

import boto3
import pytest

from roster import bootstrap
from roster.domain.sync.connection import RunStatus
from roster.domain.sync.policy import Mode
from roster.usecases.quickbooks import meetings
from tests.support import request_units
from tests.support.api import Api
from tests.support.sync import Office

BOOKS = Api("quickbooks_api")
MAPPINGS = "/v1/quickbooks/mappings"
OURS = {"email": "info@willow.example", "phone": "206-555-0142"}
THEIRS: dict[str, Any] = {
    "PrimaryEmailAddr": {"Address": "info@willow.example"},
    "PrimaryPhone": {"FreeFormNumber": "(206) 555-0142"},
}


@pytest.fixture
def acme(unconnected: Office) -> Office:
    return unconnected


@pytest.fixture(params=["one by one", "in one pass"])
def connected(
    acme: Office, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """Few new records are asked for one by one, many in one pass: the outcome is the same."""
    if request.param == "in one pass":
        monkeypatch.setattr(meetings, "_MANY_NEW", 0)
    acme.connect()
    return acme


def the_row(name: str) -> dict[str, Any]:
    [row] = [r for r in BOOKS.get(MAPPINGS).json["data"] if r["name"] == name]
    return dict(row)


def test_who_is_likely_here_already_waits_in_the_mapping_and_is_told_in_words(
    connected: Office,
) -> None:
    ours = connected.create("Willow Bakery LLC", **OURS)
    connected.create("Quite Another Firm", email="other@firm.example")
    there = connected.control.create("Willow Bakery", **THEIRS)
    connected.control.create("Amy's Bird Sanctuary")
    run = connected.pull()
    assert run.counts == {"create_here": 1, "skip": 1}
    assert set(connected.customers()) == {
        "Willow Bakery LLC", "Quite Another Firm", "Amy's Bird Sanctuary",
    }  # fmt: skip
    [line] = [r for r in connected.report(run) if r.verb == "skip"]
    assert line.quickbooks_id == there["Id"]
    for part in (
        "“Willow Bakery” is likely “Willow Bakery LLC”",
        ours.id,
        "same e-mail",
        "mapping",
    ):
        assert part in line.reason
    row = the_row("Willow Bakery")
    assert (row["status"], row["reason"]) == ("unlinked", line.reason)
    assert [(c["customer_id"], c["closeness"]) for c in row["candidates"]] == [(ours.id, "likely")]


def test_a_near_name_at_the_same_address_is_likely_too(connected: Office) -> None:
    place = {"street": "12 Ocean Avenue", "city": "Half Moon Bay", "state": "CA", "zip": "94019"}
    connected.create("Freeman Sporting Goods", billing_address=place)
    connected.control.create(
        "Freemann Sporting Goods Inc",
        BillAddr={
            "Line1": "12 Ocean Ave", "City": "Half Moon Bay",
            "CountrySubDivisionCode": "CA", "PostalCode": "94019",
        },
    )  # fmt: skip
    assert connected.pull().counts == {"skip": 1}
    assert set(connected.customers()) == {"Freeman Sporting Goods"}


def test_a_shared_phone_of_two_households_is_nobody_s_likeness(connected: Office) -> None:
    connected.create("Alba Moreno", phone="206-555-0142")
    connected.control.create("Dylan Sollfrank", PrimaryPhone={"FreeFormNumber": "206-555-0142"})
    assert connected.pull().counts == {"create_here": 1}


def test_who_is_linked_already_is_no_candidate(connected: Office) -> None:
    connected.control.create("Willow Bakery LLC", **THEIRS)
    connected.pull()
    connected.control.create("Willow Bakery", **THEIRS)
    assert connected.pull().counts == {"create_here": 1}


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("create", {"Willow Bakery LLC", "Willow Bakery"}),
        ("existing", {"Willow Bakery"}),
        ("dont_import", {"Willow Bakery LLC"}),
    ],
)
def test_the_mapping_has_the_last_word(acme: Office, option: str, names: set[str]) -> None:
    acme.connect()
    ours = acme.create("Willow Bakery LLC", **OURS)
    there = acme.control.create("Willow Bakery", **THEIRS)
    acme.pull()
    body = {"option": option} | ({"customer_id": ours.id} if option == "existing" else {})
    assert BOOKS.call("PUT", f"{MAPPINGS}/{there['Id']}", body).status == 200
    assert BOOKS.post(f"{MAPPINGS}/save", {}).status == 202
    assert acme.work() == []
    assert set(acme.customers()) == names
    acme.control.edit(there["Id"], PrimaryPhone={"FreeFormNumber": "206-555-0199"})
    assert acme.pull().status is RunStatus.COMPLETED
    assert set(acme.customers()) == names


@pytest.mark.shows("S4.044")
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.ROSTER_TO_QUICKBOOKS])
def test_ours_is_not_sent_beside_the_record_it_may_be_until_that_is_decided(
    acme: Office, mode: Mode
) -> None:
    acme.connect(mode=mode)
    ours = acme.create("Willow Bakery LLC", **OURS)
    there = acme.control.create("Willow Bakery", **THEIRS)
    run = acme.pull()
    assert not {"create_there", "create_here"} & set(run.counts)
    assert [c["DisplayName"] for c in acme.control.book()["Customer"]] == ["Willow Bakery"]
    told = [r.reason for r in acme.report(run) if r.customer_id == ours.id]
    assert any(f"as “Willow Bakery” ({there['Id']})" in reason for reason in told)
    assert acme.pull().counts.get("create_there") is None
    choice = {"option": "dont_import"}
    assert BOOKS.call("PUT", f"{MAPPINGS}/{there['Id']}", choice).status == 200
    assert BOOKS.post(f"{MAPPINGS}/save", {}).status == 202
    assert acme.work() == []
    book = acme.control.book()["Customer"]
    assert {c["DisplayName"] for c in book} == {"Willow Bakery", "Willow Bakery LLC"}
    assert set(acme.customers()) == {"Willow Bakery LLC"}


def test_a_dry_run_says_who_would_wait(acme: Office) -> None:
    acme.connect()
    acme.create("Willow Bakery LLC", **OURS)
    acme.control.create("Willow Bakery", **THEIRS)
    answer = BOOKS.post("/v1/quickbooks/plan", {})
    assert answer.status == 202, answer.text
    assert acme.work() == []
    dry = acme.run(answer.json["id"])
    assert dry.counts == {"skip": 1}
    wet = acme.pull()
    assert [(r.verb, r.reason) for r in acme.report(dry)] == [
        (r.verb, r.reason) for r in acme.report(wet)
    ]


def test_comparing_costs_an_empty_book_nothing_and_a_full_one_a_single_pass(acme: Office) -> None:
    acme.connect()
    meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))

    def lookups() -> int:
        found = [c for c in meter.charges if c.operation == "Query" and c.table]
        return len(found)

    for n in range(60):
        acme.control.create(f"First {n}")
    acme.pull()
    first = lookups()
    for n in range(60):
        acme.create(f"Entered Here {n}")
    for n in range(60):
        acme.control.create(f"Second {n}")
    meter.clear()
    run = acme.pull()
    assert run.counts == {"create_here": 60}
    assert lookups() <= first + 3
