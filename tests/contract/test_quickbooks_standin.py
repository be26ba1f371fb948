"""The stand-in as a process: headers, realms, restarts, the forms of its answers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import requests

from infra.local.quickbooks.remote import Control
from tests.support.quickbooks import Api, ControlFailed, StandIn, only_error

if TYPE_CHECKING:
    from pathlib import Path

SECOND = "9341450000000002"
NAMESPACE = "{http://schema.intuit.com/finance/v3}"


def test_answers_carry_intuits_headers_over_one_connection(api: Api) -> None:
    api.saved(DisplayName="Amy")
    answer = api.ask("customer/1")

    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert re.fullmatch(r"1-[0-9a-f]{8}-[0-9a-f]{24}", answer.headers["intuit_tid"])
    assert answer.headers["QBO-Version"]
    assert answer.headers["Connection"] == "keep-alive"
    assert api.ask("customer/9").headers["Content-Type"] == "application/json"
    assert re.search(r'"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-0[78]:00"', answer.text)


def test_without_json_in_accept_the_answer_is_xml(quickbooks: StandIn) -> None:
    api = quickbooks.session(accept="*/*")
    api.write(DisplayName="Amy & Co")
    root = ET.fromstring(api.ask("customer/1").content)  # noqa: S314 - our own answer

    customer = root.find(f"{NAMESPACE}Customer")
    assert customer is not None
    assert customer.attrib == {"domain": "QBO", "sparse": "false"}
    assert customer.findtext(f"{NAMESPACE}DisplayName") == "Amy & Co"
    assert api.ask("customer/9").headers["Content-Type"].startswith("application/xml")


def test_an_unknown_resource_is_an_unsupported_operation(api: Api) -> None:
    for path in ("custmoer/1", "customer/1/5", "batch", "customer"):
        answer = api.ask(path)
        assert (answer.status_code, only_error(answer)["code"]) == (400, "500")
        assert only_error(answer)["Message"] == "Unsupported Operation"
    answer = api.post(f"{api.company_url}/customer?operation=delete", json={"Id": "1"}, timeout=9)
    assert only_error(answer)["Detail"] == "Operation delete is not supported."


def test_two_companies_know_nothing_of_each_other(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.open_company(SECOND)
    other = quickbooks.session(realm=SECOND)

    assert api.saved(DisplayName="Amy")["Id"] == "1"
    assert other.saved(DisplayName="Amy")["Id"] == "1"
    assert other.saved(DisplayName="Only there")["Id"] == "2"
    assert api.query("select count(*) from Customer") == {"totalCount": 1}
    wrong = api.get(f"{quickbooks.company_url(SECOND)}/customer/1", timeout=9)
    assert wrong.status_code == 403
    assert wrong.json()["fault"]["error"][0]["code"] == "3100"


def test_company_info_and_preferences(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.configure(company_name="Cool Air Inc.", custom_txn_numbers=True)

    info = api.ask(f"companyinfo/{quickbooks.realm}").json()["CompanyInfo"]
    assert info["CompanyName"] == "Cool Air Inc."
    assert {"Name": "SubscriptionStatus", "Value": "PAID"} in info["NameValue"]
    preferences = api.ask("preferences", minorversion="75").json()["Preferences"]
    assert preferences["SalesFormsPrefs"]["CustomTxnNumbers"] is True
    assert api.query("select * from CompanyInfo")["CompanyInfo"] == [info]


def test_state_survives_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with StandIn(state) as first:
        tokens = first.connect("app")
        top = first.control.create("Amy")
        first.control.create("Amy's barn", ParentRef={"value": top["Id"]})
        first.control.touch(top["Id"], amount=12.5)
        first.control.fail("html_502", path="/query")
        first.control.clock(offset=600)
        before = first.control.book()
    with StandIn(state) as second:
        assert second.control.book() == before
        assert second.control.failures()[0]["fault"] == "html_502"
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        url = f"{second.company_url()}/customer/1"
        assert requests.get(url, headers=headers, timeout=9).status_code == 200
        with pytest.raises(ControlFailed, match="6240"):
            second.control.create("amy")
        assert second.control.create("Bob")["Id"] == "3"


def test_a_book_saved_before_there_were_lists_gets_them(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with StandIn(state) as first:
        first.control.create("Amy")
    saved = json.loads(state.read_text(encoding="utf-8"))
    for name in ("records", "last_ids", "next_number", "replays"):
        del saved["companies"][0][name]
    del saved["hooks"]
    state.write_text(json.dumps(saved), encoding="utf-8")
    with StandIn(state) as second:
        assert second.control.customer("1")["DisplayName"] == "Amy"
        assert "Net 30" in [row["Name"] for row in second.control.rows("terms")]


def test_the_process_saves_on_sigterm_and_binds_loopback_only(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state.json"
    command = [sys.executable, "-m", "infra.local.quickbooks", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().rsplit(" ", 1)[1].strip()
        assert base_url.startswith("http://127.0.0.1:")
        Control(base_url).create("Amy")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0

    entries = json.loads(state.read_text(encoding="utf-8"))["companies"][0]["entries"]
    assert [one["fields"]["DisplayName"] for one in entries] == ["Amy"]
