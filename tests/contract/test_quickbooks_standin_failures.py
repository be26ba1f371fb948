"""The stand-in's bad days, its counters and its log of calls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import requests

from tests.support.quickbooks import Api, ControlFailed, StandIn, only_error

if TYPE_CHECKING:
    from pathlib import Path


def test_a_throttle_is_xml_even_for_json_clients(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.fail("xml_429")
    answer = api.ask("preferences")

    assert answer.status_code == 429
    assert "xml" in answer.headers["Content-Type"]
    fault = ET.fromstring(answer.content)[0]  # noqa: S314 - our own answer
    assert fault.attrib == {"type": "SERVICE"}
    assert fault[0].attrib == {"code": "3001"}
    assert api.ask("preferences").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "part"),
    [
        ("json_429", 429, '"code":"3001"'),
        ("xml_403", 403, "statusCode=403"),
        ("html_502", 502, "<title>502 Bad Gateway</title>"),
        ("html_503", 503, "<title>503"),
        ("empty", 503, ""),
        ("401", 401, "errorCode=003200"),
        ("403", 403, "ApplicationAuthorizationFailed"),
        ("500", 400, '"code":"500"'),
        ("610", 400, '"code":"610"'),
        ("2500", 400, '"code":"2500"'),
        ("5010", 400, '"code":"5010"'),
        ("6000", 400, '"code":"6000"'),
        ("6190", 400, '"code":"6190"'),
        ("6240", 400, '"code":"6240"'),
        ("120", 401, '"code":"120"'),
        ("10000", 500, '"type":"SystemFault"'),
    ],
)
def test_named_faults(quickbooks: StandIn, api: Api, fault: str, status: int, part: str) -> None:
    quickbooks.control.fail(fault)
    answer = api.write(DisplayName="Amy")
    assert answer.status_code == status
    assert part in answer.text
    assert quickbooks.control.book()["Customer"] == []


def test_a_rule_names_its_calls(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.fail("html_502", times=2, method="POST", path="/customer", skip=1)

    statuses = [api.write(DisplayName=name).status_code for name in ("A", "B", "C", "D")]
    assert statuses == [200, 502, 502, 200]
    assert quickbooks.control.failures() == []
    quickbooks.control.fail("html_502", times=5)
    quickbooks.control.heal()
    assert api.ask("preferences").status_code == 200
    with pytest.raises(ControlFailed, match="unknown fault"):
        quickbooks.control.fail("locusts")


def test_a_write_can_succeed_and_its_answer_get_lost(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.fail("html_502", applied=True)
    assert api.write(DisplayName="Amy").status_code == 502
    quickbooks.control.fail("drop", applied=True)
    with pytest.raises(requests.ConnectionError):
        api.write(DisplayName="Bob")
    names = [row["DisplayName"] for row in quickbooks.control.book()["Customer"]]
    assert names == ["Amy", "Bob"]


def test_a_dropped_call_has_no_effect_by_itself(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.fail("drop")
    with pytest.raises(requests.ConnectionError):
        api.write(DisplayName="Amy")
    assert quickbooks.control.book()["Customer"] == []


def test_half_a_body(quickbooks: StandIn, api: Api) -> None:
    api.saved(DisplayName="Amy")
    quickbooks.control.fail("half_body")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.ask("customer/1")
    assert api.ask("customer/1").status_code == 200


def test_a_slow_answer_holds_up_nobody_else(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.fail("timeout", seconds=1, path="/customer")
    with pytest.raises(requests.ReadTimeout):
        api.post(f"{api.company_url}/customer", json={"DisplayName": "Amy"}, timeout=0.2)
    assert quickbooks.control.book()["Customer"] == []
    # The client has given up; the write happens all the same.
    deadline = time.monotonic() + 10
    while not quickbooks.control.book()["Customer"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_token_calls_can_fail_too(quickbooks: StandIn) -> None:
    token = quickbooks.connect("app")["refresh_token"]
    url = f"{quickbooks.base_url}/oauth2/v1/tokens/bearer"
    form = {"grant_type": "refresh_token", "refresh_token": token}
    quickbooks.control.fail("html_503", path="/tokens/bearer")
    quickbooks.control.fail("invalid_grant", path="/tokens/bearer")

    statuses = [
        requests.post(url, data=form, auth=("app", "x"), timeout=9).status_code for _ in range(3)
    ]
    assert statuses == [503, 400, 200]


def test_calls_are_counted_by_kind_and_remembered(quickbooks: StandIn, api: Api) -> None:
    api.write(DisplayName="Amy")
    api.query("select * from Customer")
    api.ask("customer/1")
    api.ask("cdc", entities="Customer", changedSince="2000-01-01")
    requests.get(quickbooks.discovery_url, timeout=9)
    api.post(
        f"{api.company_url}/customer?requestid=r-1",
        json={"Id": "1", "SyncToken": "0", "sparse": True},
        timeout=9,
    )

    assert quickbooks.control.counters() == {
        "oauth": 1,
        "query": 1,
        "cdc": 1,
        "read": 1,
        "write": 2,
        "batch": 0,
        "other": 0,
    }
    last = quickbooks.control.calls("write")[-1]
    assert (last["requestid"], last["status"], last["realm"]) == ("r-1", 200, quickbooks.realm)
    quickbooks.control.reset_counters()
    assert quickbooks.control.counters()["write"] == 0
    assert quickbooks.control.calls() == []


def test_calls_are_counted_by_company_too(quickbooks: StandIn, api: Api) -> None:
    other = quickbooks.control.open_company()
    quickbooks.session(realm=other).write(DisplayName="Bob")
    api.query("select * from Customer")
    counters = quickbooks.control.counters
    assert (counters()["write"], counters()["query"]) == (1, 1)
    assert (counters(realm=other)["write"], counters(realm=other)["query"]) == (1, 0)
    assert counters(realm=quickbooks.realm)["write"] == 0
    quickbooks.control.reset_counters()
    assert counters(realm=other)["write"] == 0


def test_one_company_is_healed_alone(quickbooks: StandIn, api: Api) -> None:
    other = quickbooks.control.open_company()
    quickbooks.control.fail("html_502", times=9, path=f"/v3/company/{other}/query")
    quickbooks.control.fail("html_502", path=f"/v3/company/{quickbooks.realm}/query")
    quickbooks.control.heal(realm=other)
    quickbooks.session(realm=other).query("select * from Customer")
    assert api.ask("query", query="select * from Customer").status_code == 502


def test_the_door_says_what_is_wrong(quickbooks: StandIn) -> None:
    for method, path, body, status in (
        ("GET", "/nowhere", None, 404),
        ("POST", "/realms/123/seed", {}, 404),
        ("POST", f"/realms/{quickbooks.realm}/customers/9/touch", {}, 404),
        ("POST", "/realms", {"realm": "12"}, 400),
        ("PATCH", f"/realms/{quickbooks.realm}", {"colour": "red"}, 400),
        ("POST", "/failures", {"fault": "drop", "times": 0}, 400),
    ):
        with pytest.raises(ControlFailed) as error:
            quickbooks.control.call(method, path, body)
        assert error.value.status == status
        assert error.value.body["error"]


def test_a_fault_of_the_book_keeps_its_words_at_the_door(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.create("Amy")
    with pytest.raises(ControlFailed) as error:
        quickbooks.control.vendor("Amy")
    written = only_error(api.write(DisplayName="Amy"))
    assert error.value.body["Fault"]["Error"] == [written]


def test_reset_leaves_one_empty_company(quickbooks: StandIn, tmp_path: Path) -> None:
    quickbooks.control.open_company()
    quickbooks.control.seed(3)
    quickbooks.control.fail("drop")
    quickbooks.control.reset()
    assert quickbooks.control.health()["realms"] == [quickbooks.realm]
    book = quickbooks.control.book()
    assert not any(book[kind] for kind in ("Customer", "Vendor", "Employee", "Invoice"))
    assert quickbooks.control.failures() == []
