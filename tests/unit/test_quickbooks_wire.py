"""QuickBooks' wire format: customers in, and the four shapes of a refusal."""

import json
from datetime import timedelta
from typing import Any

import pytest

from roster.adapters.quickbooks.faults import parse
from roster.adapters.quickbooks.mapping import plain_name, read_customer
from roster.domain.location import Address
from roster.domain.sync.connection import FaultAction


def service(code: str, message: str = "Message", detail: str = "Detail") -> bytes:
    error = {"Message": message, "Detail": detail, "code": code, "element": ""}
    return json.dumps({"Fault": {"Error": [error], "type": "ValidationFault"}}).encode()


def gateway(code: str) -> bytes:
    error = {"message": "message=X", "detail": "why", "code": code, "element": None}
    fault = {"error": [error], "type": "AUTHENTICATION"}
    return json.dumps({"warnings": None, "fault": fault, "time": 1601391072830}).encode()


XML = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse><Fault type="SERVICE">'
    b'<Error code="003001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429'
    b"</Message></Error></Fault></IntuitResponse>"
)


@pytest.mark.parametrize(
    ("status", "body", "action", "code"),
    [
        (401, gateway("3200"), FaultAction.REFRESH, "3200"),
        (401, gateway("003200"), FaultAction.REFRESH, "3200"),
        (403, gateway("3100"), FaultAction.RECONNECT, "3100"),
        (401, service("120"), FaultAction.RECONNECT, "120"),
        (400, service("6190"), FaultAction.RECONNECT, "6190"),
        (429, gateway("3001"), FaultAction.PAUSE, "3001"),
        (429, XML, FaultAction.PAUSE, "3001"),
        (403, XML, FaultAction.PAUSE, "3001"),
        (429, b"", FaultAction.PAUSE, ""),
        (500, service("500"), FaultAction.PERMANENT, "500"),
        (500, service("10000"), FaultAction.RETRY, "10000"),
        (500, b"", FaultAction.RETRY, ""),
        (502, b"<html><head><title>502 Bad Gateway</title></head></html>", FaultAction.RETRY, ""),
        (503, b"", FaultAction.RETRY, ""),
        (504, b"", FaultAction.RETRY, ""),
        (200, service("6240"), FaultAction.NAME_TAKEN, "6240"),
        (400, service("610"), FaultAction.MISSING, "610"),
        (400, service("2500"), FaultAction.RESYNC, "2500"),
        (400, service("5010"), FaultAction.REREAD, "5010"),
        (400, service("6140"), FaultAction.NUMBER_TAKEN, "6140"),
        (400, service("6210"), FaultAction.NUMBER_TAKEN, "6210"),
        *(
            (400, service(code), FaultAction.PERMANENT, code)
            for code in ("2010", "2020", "2030", "2050", "2080", "4001", "6000", "6150")
        ),
    ],
)
def test_every_refusal_says_what_helps(
    status: int, body: bytes, action: FaultAction, code: str
) -> None:
    fault = parse(status, {"intuit_tid": "1-abc"}, body)
    assert fault is not None
    assert (fault.action, fault.fault_code, fault.tid) == (action, code, "1-abc")
    assert (fault.wait is not None) == (action is FaultAction.PAUSE)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, gateway("3100"), "Connect again"),
        (403, b"", "Connect again"),
        (401, service("120", "Authorization Failure", "-11014-no access"), "Connect again"),
        (400, service("6190"), "Renew it in QuickBooks"),
        (429, XML, "goes on by itself"),
        (429, b"", "goes on by itself"),
        (502, b"<html><head><title>502 Bad Gateway</title></head></html>", "tried again"),
        (500, service("10000"), "tried again"),
    ],
)
def test_a_refusal_of_the_connection_says_what_becomes_of_it_and_nothing_of_its_wire(
    status: int, body: bytes, said: str
) -> None:
    fault = parse(status, {}, body)
    assert fault is not None
    assert said in fault.detail
    assert not any(noise in fault.detail for noise in ("errorCode", "message=", "HTTP", "-11014-"))


@pytest.mark.parametrize(
    ("detail", "holder"),
    [
        ("The name supplied already exists. : Id=58", "58"),
        ("Ce nom existe déjà. : Id=425", "425"),
        ("The name supplied already exists. : null", ""),
        ("Another $$customer$$ is already using this name.", ""),
    ],
)
def test_a_taken_name_names_its_holder_in_any_language(detail: str, holder: str) -> None:
    fault = parse(400, {}, service("6240", "Duplicate Name Exists Error", detail))
    assert fault is not None
    assert (fault.action, fault.holder) == (FaultAction.NAME_TAKEN, holder)


def test_a_throttle_that_names_a_time_is_waited_out() -> None:
    fault = parse(429, {"Retry-After": "300"}, XML)
    assert fault is not None
    assert fault.wait == timedelta(minutes=5)
    short = parse(429, {"Retry-After": "1"}, XML)
    assert short is not None
    assert short.wait == timedelta(minutes=1)


def test_half_a_throttle_is_a_throttle() -> None:
    fault = parse(429, {}, XML[:150])
    assert fault is not None
    assert (fault.action, fault.fault_code) == (FaultAction.PAUSE, "3001")


def test_a_good_answer_is_no_fault() -> None:
    assert parse(200, {}, b'{"QueryResponse": {}, "time": "2026-05-05T02:05:12.193-07:00"}') is None


def test_a_stale_objects_fault_keeps_no_persons_name() -> None:
    fault = parse(400, {}, service("5010", "Stale Object Error", "Dana Whitfield was there"))
    assert fault is not None
    assert "Dana" not in str(fault)


WIRE: dict[str, Any] = {
    "Id": "8",
    "SyncToken": "3",
    "DisplayName": "Freeman Sporting Goods (deleted)",
    "CompanyName": "Freeman Sporting Goods",
    "GivenName": "Sasha",
    "FamilyName": "Tillou",
    "Active": False,
    "BillAddr": {
        "Id": "8",
        "Line1": "370 Easy St.",
        "Line2": "Suite 4",
        "City": "Middlefield",
        "CountrySubDivisionCode": "CA",
        "PostalCode": "94482",
        "Lat": "37.4031672",
        "Long": "-122.0642815",
    },
    "PrimaryPhone": {"FreeFormNumber": "(415) 555-9933"},
    "PrimaryEmailAddr": {"Address": "a@sports.example, b@sports.example"},
    "MetaData": {
        "CreateTime": "2026-03-31T17:00:01-07:00",
        "LastUpdatedTime": "2026-04-08T13:15:36-07:00",
    },
    "FieldOfTomorrow": {"x": 1},
}


def test_a_customer_is_read() -> None:
    found = read_customer(WIRE)
    assert (found.id, found.sync_token, found.active, found.is_job) == ("8", "3", False, False)
    assert found.values == {
        "display_name": "Freeman Sporting Goods",
        "company_name": "Freeman Sporting Goods",
        "first_name": "Sasha",
        "last_name": "Tillou",
        "email": "a@sports.example",
        "phone": "(415) 555-9933",
        "billing_address": Address(
            street="370 Easy St.", unit="Suite 4", city="Middlefield", state="CA", zip="94482"
        ),
    }
    assert found.last_updated.isoformat() == "2026-04-08T13:15:36-07:00"


def test_what_quickbooks_moves_by_itself_leaves_the_hash() -> None:
    moved = WIRE | {
        "SyncToken": "4",
        "Balance": 10,
        "Active": True,
        "DisplayName": "Freeman Sporting Goods",
        "BillAddr": WIRE["BillAddr"] | {"Id": "2", "Lat": "INVALID", "Long": "INVALID"},
        "MetaData": WIRE["MetaData"] | {"LastUpdatedTime": "2026-05-01T00:00:00-07:00"},
    }
    assert read_customer(moved).hash == read_customer(WIRE).hash
    assert read_customer(WIRE | {"GivenName": "Sam"}).hash != read_customer(WIRE).hash


def test_a_sub_customer_and_a_project_are_jobs() -> None:
    job = read_customer(WIRE | {"Job": True, "ParentRef": {"value": "7"}, "IsProject": True})
    assert (job.is_job, job.parent_id, job.is_project) == (True, "7", True)


@pytest.mark.parametrize(
    ("name", "plain"),
    [("X (deleted)", "X"), ("X (deleted 2)", "X"), ("X (deleted) Y", "X (deleted) Y"), ("X", "X")],
)
def test_the_suffix_of_an_inactive_name(name: str, plain: str) -> None:
    assert plain_name(name) == plain
