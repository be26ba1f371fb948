"""The client of the accounting API: what it sends, how fast, and what it makes of the answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from roster.adapters.quickbooks.client import QuickBooksClient
from roster.adapters.quickbooks.writing import changed_customer, new_customer
from roster.domain.location import Address
from roster.domain.sync.connection import FaultAction, QuickBooksFault, Write

TIME = "2026-05-05T02:05:12.193-07:00"
REALM, TOKEN = "9130000000000001", "secret"


def answer(status: int = 200, **body: Any) -> SimpleNamespace:
    return SimpleNamespace(status=status, headers={}, data=json.dumps(body).encode())


@dataclass
class Wire:
    """Stands where urllib3 would: gives the answers in turn and keeps what was asked, and when."""

    answers: list[Any]
    now: float = 100.0
    asked: list[dict[str, Any]] = field(default_factory=list)

    def request(self, method: str, url: str, **more: Any) -> Any:
        parts = urlsplit(url)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.asked.append(
            {"at": self.now, "method": method, "path": parts.path, "query": query, **more}
        )
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def client(self) -> QuickBooksClient:
        return QuickBooksClient(
            "https://books.example",
            http=self,  # type: ignore[arg-type]  # as much of a pool as is used
            sleep=self.sleep,
            tell_time=lambda: self.now,
        )


def body_of(asked: dict[str, Any]) -> Any:
    return json.loads(asked["body"])


def test_a_batch_keeps_each_writes_fate_apart_whatever_the_order() -> None:
    taken = {"Error": [{"Message": "Duplicate", "Detail": "x : Id=58", "code": "6240"}]}
    wire = Wire(
        [
            answer(
                BatchItemResponse=[
                    {"bId": "b", "Fault": taken},
                    {"bId": "a", "Customer": {"Id": "7", "SyncToken": "0"}},
                ],
                time=TIME,
            )
        ]
    )
    writes = [
        Write(id="a", operation="create", entity="Customer", body={"DisplayName": "Ann"}),
        Write(id="b", operation="update", entity="Customer", body={"Id": "3", "sparse": True}),
        Write(id="c", operation="void", entity="Invoice", body={"Id": "9", "SyncToken": "1"}),
    ]
    written, calls = wire.client.batch(REALM, TOKEN, writes, request_id="r-1")
    assert calls == 1
    assert [(w.id, w.row and w.row["Id"], w.fault and w.fault.action) for w in written] == [
        ("a", "7", None), ("b", None, FaultAction.NAME_TAKEN), ("c", None, FaultAction.RETRY),
    ]  # fmt: skip
    assert written[1].fault is not None
    assert written[1].fault.holder == "58"
    sent = wire.asked[0]
    assert (sent["path"], sent["query"]["requestid"]) == (f"/v3/company/{REALM}/batch", "r-1")
    assert body_of(sent)["BatchItemRequest"] == [
        {"bId": "a", "operation": "create", "Customer": {"DisplayName": "Ann"}},
        {"bId": "b", "operation": "update", "Customer": {"Id": "3", "sparse": True}},
        {"bId": "c", "operation": "update", "optionsData": "void",
         "Invoice": {"Id": "9", "SyncToken": "1"}},
    ]  # fmt: skip


def test_a_write_whose_answer_was_lost_goes_again_under_the_same_request_id() -> None:
    wire = Wire(
        [
            urllib3.exceptions.ReadTimeoutError(None, "", "lost"),  # type: ignore[arg-type]
            SimpleNamespace(status=200, headers={}, data=b'{"Customer": {"Id": "7"'),
            answer(Customer={"Id": "7", "SyncToken": "0"}, time=TIME),
        ]
    )
    row = wire.client.write(REALM, TOKEN, "Customer", {"DisplayName": "Ann"}, request_id="same")
    assert row["Id"] == "7"
    assert [one["query"]["requestid"] for one in wire.asked] == ["same"] * 3


def test_calls_keep_within_five_a_second_and_batches_within_forty_a_minute() -> None:
    def found() -> SimpleNamespace:
        return answer(QueryResponse={}, BatchItemResponse=[], time=TIME)

    wire = Wire([found() for _ in range(200)])
    client = wire.client
    for _ in range(100):
        client.page(REALM, TOKEN, 1)
    for _ in range(100):
        client.batch(REALM, TOKEN, [], request_id="r")

    def most(moments: list[float], seconds: float) -> int:
        return max(sum(m <= x < m + seconds for x in moments) for m in moments)

    moments = [one["at"] for one in wire.asked]
    assert most(moments, 1.0) <= 6
    assert most(moments, 60.0) <= 301
    assert most(moments[100:], 60.0) <= 38


def test_a_page_asks_for_all_by_id_and_transactions_without_active() -> None:
    wire = Wire([answer(QueryResponse={}, time=TIME) for _ in range(3)])
    client = wire.client
    client.page(REALM, TOKEN, 1001)
    client.rows(REALM, TOKEN, "Invoice")
    client.by_ids(REALM, TOKEN, "Customer", ["5", "12"])
    assert [one["body"].decode() for one in wire.asked] == [
        (
            "SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY Id"
            " STARTPOSITION 1001 MAXRESULTS 1000"
        ),
        "SELECT * FROM Invoice ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000",
        (
            "SELECT * FROM Customer WHERE Id IN ('5', '12') AND Active IN (true, false) ORDERBY Id"
            " STARTPOSITION 1 MAXRESULTS 1000"
        ),
    ]
    with pytest.raises(ValueError, match="digits"):
        client.by_ids(REALM, TOKEN, "Customer", ["5') OR Id IN ('6"])


def test_the_feed_keeps_entities_apart_and_what_went_away() -> None:
    rows = [
        {"Customer": [{"Id": "1"}, {"Id": "2", "status": "Deleted"}], "startPosition": 1},
        {"Term": [{"Id": "4"}]},
    ]
    wire = Wire([answer(CDCResponse=[{"QueryResponse": rows}], time=TIME)])
    since = datetime(2026, 5, 1, tzinfo=UTC)
    found = wire.client.changes(REALM, TOKEN, since, ("Customer", "Term"))
    assert ([c["Id"] for c in found.customers], found.gone) == (["1"], ("2",))
    assert {name: [r["Id"] for r in rows] for name, rows in found.others.items()} == {"Term": ["4"]}
    assert wire.asked[0]["query"]["entities"] == "Customer,Term"


def test_what_is_not_there_is_none() -> None:
    error = {"Message": "Object Not Found", "Detail": "", "code": "610"}
    wire = Wire([answer(400, Fault={"Error": [error]}, time=TIME)])
    assert wire.client.read(REALM, TOKEN, "Customer", "12") is None


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (new_customer, "default_discount_percent"),
        (lambda values: changed_customer("1", "0", values), "notes"),
    ],
)
def test_only_fields_of_ours_are_ever_sent(make: Callable[[Any], Any], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        make({field: "5"})


def test_a_sparse_update_holds_what_changed_and_empties_what_was_cleared() -> None:
    place = Address(street="1 Main St", city="Elko", state="NV", zip="89801")
    body = changed_customer(
        "7", "3", {"phone": "555", "email": None, "billing_address": place}, active=False
    )
    assert body == {
        "Id": "7", "SyncToken": "3", "sparse": True, "Active": False,
        "PrimaryPhone": {"FreeFormNumber": "555"}, "PrimaryEmailAddr": {"Address": ""},
        "BillAddr": {
            "Line1": "1 Main St", "Line2": "", "Line3": "", "Line4": "", "Line5": "",
            "City": "Elko", "CountrySubDivisionCode": "NV", "PostalCode": "89801", "Country": "",
        },
    }  # fmt: skip


def test_the_token_is_never_in_a_fault() -> None:
    wire = Wire([answer(400, Fault={"Error": [{"Message": "no", "code": "2010"}]}, time=TIME)])
    with pytest.raises(QuickBooksFault) as refused:
        wire.client.page(REALM, TOKEN, 1)
    assert TOKEN not in str(refused.value)
