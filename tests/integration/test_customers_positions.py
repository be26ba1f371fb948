"""GPS points at a location's geofence, and the reports of what happened there."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster import bootstrap
from roster.adapters.dynamodb.visits import DynamoSightings
from roster.bootstrap import parts
from roster.domain.geofence import Crossing
from tests.support.api import Answer, Api
from tests.support.places import TULSA, TULSA_POSITION, found, use_amazon_location

METRE = 1 / 111_195
IN, OUT = 0, 1000
DAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "clock", lambda: datetime(2026, 11, 22, 5, 0, tzinfo=UTC))


@pytest.fixture
def path(customers_api: Api, monkeypatch: pytest.MonkeyPatch) -> str:
    """A location whose address Amazon Location has found."""
    use_amazon_location(monkeypatch, found())
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "service_location": TULSA})
    path = f"/v1/customers/{made.json['id']}/locations"
    (one,) = customers_api.get(path).json["data"]
    answer = customers_api.post(f"{path}/{one['id']}/validate-address", None)
    assert answer.json["validated"]
    return f"{path}/{one['id']}"


def point(minutes: float, metres: float, device: str = "van-1", **more: Any) -> dict[str, Any]:
    return {
        "device": device,
        "at": (DAY + timedelta(minutes=minutes)).isoformat(),
        "latitude": TULSA_POSITION[0] + metres * METRE,
        "longitude": TULSA_POSITION[1],
        **more,
    }


def send(api: Api, path: str, *points: dict[str, Any]) -> Answer:
    return api.post(f"{path}/positions", {"positions": list(points)})


def activity(first: str = "2026-11-19", last: str = "2026-11-21", **more: Any) -> Answer:
    return Api("records_api", role="viewer").get(
        "/v1/reports/activity", **{"from": first, "to": last, **more}
    )


def told(minutes: float) -> str:
    return (DAY + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def rows(answer: Answer) -> list[tuple[str, str, str]]:
    assert answer.status == 200, answer.text
    return [
        (row["at"].replace("+00:00", "Z"), row["event"], row["device"])
        for row in answer.json["data"]
    ]


@pytest.mark.shows("S0.26", "S0.27")
def test_who_comes_and_goes_is_reported(customers_api: Api, path: str) -> None:
    answer = send(customers_api, path, point(0, OUT), point(10, IN), point(11, 100), point(40, OUT))
    assert answer.status == 200, answer.text
    assert (answer.json["accepted"], answer.json["undecided"]) == (4, 0)
    assert [e["event"] for e in answer.json["events"]] == ["entry", "exit"]
    report = activity()
    assert rows(report) == [(told(10), "entry", "van-1"), (told(40), "exit", "van-1")]
    _, _, _, customer_id, _, location_id = path.split("/")
    for row in report.json["data"]:
        assert (row["customer_id"], row["location_id"]) == (customer_id, location_id)
        assert (row["customer_name"], row["approximate"]) == ("Acme", False)
    assert activity("2026-11-21", "2026-11-21").json["data"] == []
    elsewhere = Api("records_api", tenant="other")
    query = {"from": "2026-11-20", "to": "2026-11-20"}
    assert elsewhere.get("/v1/reports/activity", **query).json["data"] == []


def test_a_point_sent_twice_is_one(customers_api: Api, path: str) -> None:
    points = [point(0, OUT), point(10, IN), point(10, IN), point(40, OUT)]
    first = send(customers_api, path, *points)
    again = send(customers_api, path, *reversed(points))
    assert (first.json["accepted"], again.json["accepted"]) == (3, 0)
    assert again.json["events"] == first.json["events"]
    other = send(customers_api, path, point(10, OUT))
    assert other.json["accepted"] == 0, "what was said of that moment stands"
    assert len(rows(activity())) == 2


def test_a_late_point_finds_its_place(customers_api: Api, path: str) -> None:
    send(customers_api, path, point(10, IN), point(60, IN))
    assert rows(activity()) == [(told(10), "entry", "van-1")]
    send(customers_api, path, point(30, OUT))
    assert [r[:2] for r in rows(activity())] == [
        (told(10), "entry"), (told(30), "exit"), (told(60), "entry"),
    ]  # fmt: skip
    send(customers_api, path, point(5, IN))
    assert [r[:2] for r in rows(activity())] == [
        (told(5), "entry"), (told(30), "exit"), (told(60), "entry"),
    ]  # fmt: skip


def test_devices_do_not_mix(customers_api: Api, path: str) -> None:
    send(customers_api, path, point(0, IN), point(5, OUT, "van-2"), point(6, IN, "van-2"))
    assert rows(activity()) == [(told(0), "entry", "van-1"), (told(6), "entry", "van-2")]


def test_vague_points_decide_nothing(customers_api: Api, path: str) -> None:
    answer = send(
        customers_api, path, point(0, IN),
        point(5, 160, accuracy_m=20), point(6, IN, accuracy_m=400),
    )  # fmt: skip
    assert (answer.json["accepted"], answer.json["undecided"]) == (1, 2)
    assert rows(activity()) == [(told(0), "entry", "van-1")]


def test_a_fence_round_a_zip_says_that_it_is_vague(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "B", "service_location": TULSA})
    path = f"/v1/customers/{made.json['id']}/locations"
    one = f"{path}/{customers_api.get(path).json['data'][0]['id']}"
    refused = send(customers_api, one, point(0, IN))
    assert (refused.status, refused.json["code"]) == (409, "no_fence")
    customers_api.post(f"{one}/validate-address", None)
    answer = send(customers_api, one, point(0, IN))
    assert [e["approximate"] for e in answer.json["events"]] == [True]
    assert [r["approximate"] for r in activity().json["data"]] == [True]


@pytest.mark.shows("S0.28")
def test_the_daily_report_adds_up(customers_api: Api, path: str) -> None:
    send(
        customers_api, path,
        point(-600, IN), point(0, OUT), point(10, IN), point(40, OUT),
        point(15, IN, "van-2"), point(900, IN, "van-2"),
    )  # fmt: skip
    daily = Api("records_api", role="viewer").get("/v1/reports/daily", date="2026-11-20")
    assert daily.status == 200, daily.text
    assert daily.json["date"] == "2026-11-20"
    (row,) = daily.json["data"]
    assert (row["customer_name"], row["location_id"]) == ("Acme", path.rsplit("/", 1)[1])
    assert (row["entries"], row["exits"]) == (2, 2)
    # Eight hours since midnight and half an hour; van-2 was not seen to leave.
    assert row["seconds_on_site"] == 8 * 3600 + 1800
    assert (row["devices"], row["still_there"]) == (["van-1", "van-2"], ["van-2"])
    empty = Api("records_api").get("/v1/reports/daily", date="2026-11-18")
    assert empty.json["data"] == []


def test_a_long_report_has_pages(customers_api: Api, path: str) -> None:
    points = [point(d + 10 * i, IN if i % 2 else OUT) for d in (0, 1440) for i in range(8)]
    send(customers_api, path, *points)
    whole = rows(activity())
    assert len(whole) == 15
    for limit in (1, 7, 3, 15):
        seen: list[tuple[str, str, str]] = []
        cursor: dict[str, str] = {}
        for _ in range(20):
            page = activity(limit=limit, **cursor)
            seen += rows(page)
            if not page.json["next_cursor"]:
                break
            cursor = {"cursor": page.json["next_cursor"]}
        assert seen == whole


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-02", "2026-11-01"), ("2026-11-01", "2026-12-02"), ("soon", "2026-11-01")],
)
def test_a_range_that_cannot_be_is_refused(customers_api: Api, first: str, last: str) -> None:
    assert activity(first, last).status == 422
    assert activity("2026-11-01", "2026-12-01").status == 200
    assert Api("records_api").get("/v1/reports/daily", date="yesterday").status == 422


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"latitude": 91}, "/positions/0/latitude"),
        ({"longitude": -180.5}, "/positions/0/longitude"),
        ({"latitude": "36"}, "/positions/0/latitude"),
        ({"accuracy_m": -1}, "/positions/0/accuracy_m"),
        ({"device": ""}, "/positions/0/device"),
        ({"device": "a#b"}, "/positions/0/device"),
        ({"at": "2026-11-20T08:00:00"}, "/positions/0/at"),
        ({"at": "2026-11-23T08:00:00Z"}, "/positions/0/at"),
        ({"at": "2026-08-01T08:00:00Z"}, "/positions/0/at"),
        ({"speed": 3}, "/positions/0/speed"),
    ],
)
def test_a_bad_point_is_named_and_none_is_kept(
    customers_api: Api, path: str, change: dict[str, Any], pointer: str
) -> None:
    answer = send(customers_api, path, point(0, IN) | change, point(1, IN))
    assert answer.status == 422, answer.text
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    assert rows(activity()) == []


def test_how_many_and_whose(customers_api: Api, path: str) -> None:
    assert send(customers_api, path).status == 422
    assert send(customers_api, path, *(point(i, IN) for i in range(101))).status == 422
    assert send(customers_api, path, *(point(i, IN) for i in range(100))).status == 200
    assert send(Api("customers_api", tenant="other"), path, point(0, IN)).status == 404
    assert send(Api("customers_api", role="viewer"), path, point(0, IN)).status == 403


def test_two_who_send_at_once(
    customers_api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between one sender's look and its write another's points come, which turn the picture."""
    real, calls = DynamoSightings.redraw, []

    def late(self: Any, *args: Any, **named: Any) -> None:
        calls.append(args)
        if len(calls) == 1:
            send(customers_api, path, point(5, IN))
        real(self, *args, **named)

    monkeypatch.setattr(DynamoSightings, "redraw", late)
    send(customers_api, path, point(0, OUT), point(10, IN))
    assert [r[:2] for r in rows(activity())] == [(told(5), "entry")]


steps = st.lists(st.sampled_from([IN, OUT, 100, 170]), min_size=1, max_size=12)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(
    customers_api: Api, path: str, metres: list[int], dice: random.Random
) -> None:
    """The same points in one go, and shuffled, doubled and cut up, come to the same visits."""
    # Devices nobody saw before: the dice of two examples may fall alike, and the table is one.
    straight, mixed = uuid.uuid4().hex, uuid.uuid4().hex
    send(customers_api, path, *(point(i, m, straight, accuracy_m=30) for i, m in enumerate(metres)))
    points = [point(i, m, mixed, accuracy_m=30) for i, m in enumerate(metres)] * 2
    dice.shuffle(points)
    while points:
        size = dice.randint(1, 5)
        assert send(customers_api, path, *points[:size]).status == 200
        del points[:size]
    page = parts.visits().of_day("acme", date(2026, 11, 20), limit=5000, after=None)
    one, two = (
        [(v.at, v.crossing) for v in page.items if v.device == device]
        for device in (straight, mixed)
    )
    assert one == two
    kinds = [kind for _, kind in one]
    assert kinds == [(Crossing.ENTRY, Crossing.EXIT)[i % 2] for i in range(len(kinds))]
