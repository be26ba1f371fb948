"""What moves in the stand-in without an edit, and how change data capture tells it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.quickbooks import Api, StandIn, only_error

if TYPE_CHECKING:
    import requests


def capture(api: Api, since: str, entities: str = "Customer") -> requests.Response:
    return api.ask("cdc", entities=entities, changedSince=since)


def blocks(answer: requests.Response) -> list[dict[str, Any]]:
    return list(answer.json()["CDCResponse"][0]["QueryResponse"])


def moments(row: dict[str, Any]) -> tuple[str, str]:
    return row["MetaData"]["LastUpdatedTime"], row["SyncToken"]


def test_an_invoice_moves_the_time_of_the_whole_line_but_no_sync_token(
    quickbooks: StandIn, api: Api
) -> None:
    api.saved(DisplayName="Freeman")
    sub = api.saved(DisplayName="Lane", Job=True, ParentRef={"value": "1"})
    api.saved(DisplayName="Bystander")
    before = {number: moments(api.read(number)) for number in "123"}
    now = quickbooks.control.clock(advance=600)
    quickbooks.control.touch(sub["Id"], "invoice", 5)

    for number in "12":
        moved, token = moments(api.read(number))
        assert moved > before[number][0]
        assert datetime.fromisoformat(moved) >= datetime.fromisoformat(now) - timedelta(seconds=2)
        assert token == "0"
    assert moments(api.read("3")) == before["3"]


def test_an_edit_moves_both(quickbooks: StandIn, api: Api) -> None:
    api.saved(DisplayName="Amy")
    first = moments(api.read("1"))
    quickbooks.control.clock(advance=60)
    quickbooks.control.edit("1", Notes="by hand")
    second = moments(api.read("1"))
    assert second[0] > first[0]
    assert second[1] == "1"


def test_capture_tells_what_moved_since(quickbooks: StandIn, api: Api) -> None:
    api.saved(DisplayName="Amy")
    api.saved(DisplayName="Bob")
    api.saved(DisplayName="Carl")
    quickbooks.control.clock(advance=600)
    since = api.ask("preferences").json()["time"]
    assert blocks(capture(api, since)) == [{}]

    quickbooks.control.clock(advance=10)
    quickbooks.control.inactivate("3")
    quickbooks.control.clock(advance=10)
    quickbooks.control.touch("1")
    (block,) = blocks(capture(api, since))
    assert [row["DisplayName"] for row in block["Customer"]] == ["Carl (deleted)", "Amy"]
    assert block["Customer"][0]["Active"] is False
    assert (block["startPosition"], block["maxResults"]) == (1, 2)


def test_capture_answers_entity_by_entity(quickbooks: StandIn, api: Api) -> None:
    api.saved(DisplayName="Amy")
    quickbooks.control.vendor("Hicks")
    answer = blocks(capture(api, capture_start(api), "Invoice,Vendor,Customer,Estimate"))
    assert [next(iter(block), None) for block in answer] == [None, "Vendor", "Customer", None]


def capture_start(api: Api) -> str:
    now = datetime.fromisoformat(api.ask("preferences").json()["time"])
    return (now - timedelta(days=1)).isoformat()


def test_capture_stops_at_1000(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.clock(offset=-40 * 86_400)
    quickbooks.control.seed(1005)
    quickbooks.control.clock(offset=0)
    api = quickbooks.session()
    since = capture_start(api)
    assert blocks(capture(api, since)) == [{}]
    for row in quickbooks.control.book()["Customer"]:
        quickbooks.control.touch(row["Id"])
    answer = blocks(capture(api, since, "Customer,Vendor"))
    assert [block.get("maxResults") for block in answer] == [1000, None]


def test_capture_looks_back_30_days(quickbooks: StandIn, api: Api) -> None:
    now = datetime.fromisoformat(api.ask("preferences").json()["time"])
    assert capture(api, (now - timedelta(days=29)).isoformat()).status_code == 200
    late = capture(api, (now - timedelta(days=31)).isoformat())
    assert (late.status_code, only_error(late)["code"]) == (400, "4001")


@pytest.mark.parametrize(
    ("entities", "since"),
    [
        ("TaxCode", None),
        ("Customer,TaxRate", None),
        ("Custmoer", None),
        ("", None),
        ("Customer", "soon"),
        ("Customer", ""),
    ],
)
def test_capture_refuses(api: Api, entities: str, since: str | None) -> None:
    answer = capture(api, capture_start(api) if since is None else since, entities)
    assert answer.status_code == 400
    assert only_error(answer)["code"] in {"2020", "4001"}
