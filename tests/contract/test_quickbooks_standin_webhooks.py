"""The stand-in's webhooks: signed notices in both shapes, and everything that befalls them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.quickbooks.direct import Direct
from tests.support.quickbooks import ControlFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.quickbooks import StandIn

VERIFIER = "roster-verifier"


@pytest.fixture
def direct() -> Direct:
    """A company whose changes are told to an address nobody calls: the test takes the notices."""
    direct = Direct()
    direct.control.tell(url="http://127.0.0.1:9/hook", verifier=VERIFIER)
    return direct


def entities(direct: Direct) -> list[dict[str, Any]]:
    """Return the events of all notices that are due, in the legacy shape."""
    return [
        entity
        for notice, _ in direct.notices()
        for one in json.loads(notice.body)["eventNotifications"]
        for entity in one["dataChangeEvent"]["entities"]
    ]


def told(direct: Direct) -> list[tuple[str, str, str]]:
    return [(one["name"], one["id"], one["operation"]) for one in entities(direct)]


class TestWhatIsTold:
    def test_creating_changing_and_inactivating(self, direct: Direct) -> None:
        direct.post("customer", {"DisplayName": "Amy"})
        assert told(direct) == [("Customer", "1", "Create")]
        direct.control.edit("1", Notes="by hand")
        assert told(direct) == [("Customer", "1", "Update")]
        direct.control.inactivate("1")
        assert told(direct) == [("Customer", "1", "Delete")]
        direct.control.configure(inactivation_event="Update")
        direct.control.change("terms", "3", Name="Thirty")
        direct.control.retire("terms", "3")
        assert told(direct) == [
            ("Preferences", "1", "Update"),
            ("Term", "3", "Update"),
        ]
        assert told(direct) == []

    def test_transactions_tell_of_themselves_and_what_they_settle(self, direct: Direct) -> None:
        direct.control.create("Amy")
        sale = {"Amount": 9, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
        bill = direct.control.enter("invoices", CustomerRef={"value": "1"}, Line=[sale])["Id"]
        told(direct)
        paid = direct.control.pay("1", 9, {bill: 9})["Id"]
        assert told(direct) == [("Payment", paid, "Create"), ("Invoice", bill, "Update")]
        direct.control.void("payments", paid)
        assert ("Payment", paid, "Void") in told(direct)
        direct.control.delete("invoices", bill)
        assert ("Invoice", bill, "Delete") in told(direct)
        direct.control.configure(sales_events_on_customer=True)
        direct.control.pay("1", 5)
        assert ("Customer", "1", "Update") in told(direct)

    def test_a_merge_names_both(self, direct: Direct) -> None:
        direct.control.create("Amy")
        direct.control.create("Bob")
        told(direct)
        direct.control.merge("2", "1")
        (entity,) = entities(direct)
        assert (entity["operation"], entity["id"], entity["deletedId"]) == ("Merge", "1", "2")

    def test_not_of_taxes_nor_of_refused_or_replayed_writes(self, direct: Direct) -> None:
        direct.control.change("taxrates", "1", RateValue=9)
        direct.post("customer", {"DisplayName": "A:B"})
        direct.post("customer", {"DisplayName": "Amy"}, requestid="r")
        direct.post("customer", {"DisplayName": "Amy"}, requestid="r")
        assert told(direct) == [("Customer", "1", "Create")]

    def test_several_saves_in_the_gathering_time_are_told_once(self, direct: Direct) -> None:
        direct.control.tell(gather=60)
        direct.control.create("Amy")
        for number in range(3):
            direct.control.clock(advance=5)
            direct.control.edit("1", Notes=str(number))
        assert told(direct) == []
        direct.control.clock(advance=60)
        assert told(direct) == [("Customer", "1", "Create"), ("Customer", "1", "Update")]

    def test_nothing_is_kept_for_nobody(self) -> None:
        direct = Direct()
        direct.control.create("Amy")
        direct.control.tell(url="http://127.0.0.1:9/hook", verifier=VERIFIER)
        assert told(direct) == []


class TestShapes:
    def test_legacy(self, direct: Direct) -> None:
        direct.control.create("Amy")
        ((notice, headers),) = direct.notices()
        assert json.loads(notice.body) == {
            "eventNotifications": [
                {
                    "realmId": direct.realm,
                    "dataChangeEvent": {
                        "entities": [
                            {
                                "name": "Customer",
                                "id": "1",
                                "operation": "Create",
                                "lastUpdated": "2026-05-31T17:00:00-0700",
                            }
                        ]
                    },
                }
            ]
        }
        digest = hmac.new(VERIFIER.encode(), notice.body.encode(), hashlib.sha256).digest()
        assert headers["intuit-signature"] == base64.b64encode(digest).decode()

    def test_cloud_events_of_several_companies(self, direct: Direct) -> None:
        direct.control.tell(shape="cloudevents", gather=1)
        second = direct.control.open_company()
        direct.control.create("Amy")
        direct.control.create("Bob")
        direct.control.merge("2", "1")
        direct.control.create("Carl", realm=second)
        direct.control.clock(advance=2)
        ((notice, _),) = direct.notices()
        events = json.loads(notice.body)
        assert [one["type"] for one in events] == [
            "qbo.customer.created.v1",
            "qbo.customer.created.v1",
            "qbo.customer.merged.v1",
            "qbo.customer.created.v1",
        ]
        assert (events[2]["intuitentityid"], events[2]["data"]) == ("1", {"deletedid": "2"})
        assert {one["intuitaccountid"] for one in events} == {direct.realm, second}
        assert len({one["id"] for one in events}) == 4
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", events[0]["time"])

    def test_there_is_no_third(self, direct: Direct) -> None:
        with pytest.raises(ControlFailed, match="legacy or cloudevents"):
            direct.control.tell(shape="xml")


class TestTheWay:
    def test_doubled(self, direct: Direct) -> None:
        direct.control.tell(duplicate=True)
        direct.control.create("Amy")
        first, second = (notice.body for notice, _ in direct.notices())
        assert first == second

    def test_reordered(self, direct: Direct) -> None:
        direct.control.tell(reorder=True, late=10)
        hooks, clock = direct.world.hooks, direct.world.clock
        for name in ("Amy", "Bob"):
            direct.control.create(name)
            hooks.flush(clock.now())
        direct.control.clock(advance=11)
        assert [one["id"] for one in entities(direct)] == ["2", "1"]

    def test_lost(self, direct: Direct) -> None:
        direct.control.tell(lose=1)
        direct.control.create("Amy")
        assert told(direct) == []
        direct.control.create("Bob")
        assert told(direct) == [("Customer", "2", "Create")]
        direct.control.tell(lose=-1)
        for name in ("C", "D"):
            direct.control.create(name)
            assert told(direct) == []

    def test_late(self, direct: Direct) -> None:
        direct.control.tell(late=300)
        direct.control.create("Amy")
        assert told(direct) == []
        direct.control.clock(advance=299)
        assert told(direct) == []
        direct.control.clock(advance=1)
        assert told(direct) == [("Customer", "1", "Create")]

    def test_tried_again_after_20_30_and_50_minutes_then_given_up(self, direct: Direct) -> None:
        direct.control.create("Amy")
        hooks, clock = direct.world.hooks, direct.world.clock
        bodies = set()
        for minutes in (0, 20, 30, 50):
            direct.control.clock(advance=minutes * 60 - 1)
            if minutes:
                assert direct.notices() == []
            direct.control.clock(advance=1)
            ((notice, _),) = direct.notices()
            bodies.add(notice.body)
            hooks.settle(notice, 503, clock.now())
        assert len(bodies) == 1
        assert direct.control.told()["given_up"] is True
        direct.control.create("Bob")
        direct.control.clock(advance=86_400)
        assert direct.notices() == []
        direct.control.tell()
        direct.control.create("Carl")
        assert told(direct) == [("Customer", "3", "Create")]

    @pytest.mark.parametrize("status", [200, 204, 400, 401])
    def test_other_answers_end_it(self, direct: Direct, status: int) -> None:
        direct.control.create("Amy")
        ((notice, _),) = direct.notices()
        direct.world.hooks.settle(notice, status, direct.world.clock.now())
        direct.control.clock(advance=86_400)
        assert direct.notices() == []


class Receiver(ThreadingHTTPServer):
    """Takes notices; answers `statuses` one by one (0: too late), then 200."""

    daemon_threads = True

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[bytes, str]] = []
        super().__init__(("127.0.0.1", 0), _Post)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def wait_for(self, count: int) -> list[tuple[bytes, str]]:
        ends = time.monotonic() + 10
        while len(self.got) < count and time.monotonic() < ends:
            time.sleep(0.02)
        return self.got


class _Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.server.got.append((body, self.headers["intuit-signature"]))
        if not status:
            time.sleep(3.5)
            return
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


class TestOverHttp:
    def test_the_signature_is_over_the_raw_bytes(
        self, quickbooks: StandIn, receiver: Receiver
    ) -> None:
        quickbooks.control.tell(url=receiver.url, verifier=VERIFIER)
        quickbooks.control.create("Zoë")
        ((body, signature),) = receiver.wait_for(1)
        digest = hmac.new(VERIFIER.encode(), body, hashlib.sha256).digest()
        assert base64.b64encode(digest).decode() == signature
        assert json.loads(body)["eventNotifications"][0]["realmId"] == quickbooks.realm

    def test_a_refused_notice_comes_again(self, quickbooks: StandIn, receiver: Receiver) -> None:
        receiver.statuses = [500]
        quickbooks.control.tell(url=receiver.url, verifier=VERIFIER)
        quickbooks.control.create("Amy")
        receiver.wait_for(1)
        ends = time.monotonic() + 5
        while not quickbooks.control.told()["queued"] and time.monotonic() < ends:
            time.sleep(0.02)
        quickbooks.control.clock(advance=1201)
        first, second = receiver.wait_for(2)
        assert first == second

    def test_an_answer_after_three_seconds_is_none(
        self, quickbooks: StandIn, receiver: Receiver
    ) -> None:
        receiver.statuses = [0]
        quickbooks.control.tell(url=receiver.url, verifier=VERIFIER)
        quickbooks.control.create("Amy")
        ends = time.monotonic() + 8
        while not quickbooks.control.told()["log"] and time.monotonic() < ends:
            time.sleep(0.05)
        (entry,) = quickbooks.control.told()["log"]
        assert (entry["status"], entry["try"]) == (None, 1)


def test_what_is_queued_survives_a_restart(tmp_path: Any) -> None:
    from tests.support.quickbooks import StandIn

    with StandIn(tmp_path / "s.json") as first:
        first.control.tell(url="http://127.0.0.1:9/hook", verifier=VERIFIER, late=3600)
        first.control.create("Amy")
        ends = time.monotonic() + 5
        while not first.control.told()["queued"] and time.monotonic() < ends:
            time.sleep(0.02)
    with StandIn(tmp_path / "s.json") as second:
        (queued,) = second.control.told()["queued"]
        assert '"Create"' in queued["body"]
