"""Customers by when they were created and last changed, through the function's door."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from roster import bootstrap
from roster.adapters.dynamodb import encoding, keys, orders
from roster.domain.customer import Customer, Origin, new_customer
from roster.domain.events import Actor
from roster.domain.ids import derived_id
from roster.usecases.ports import NewCustomer
from tests.support.api import Api

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """Tells the time that it was set to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def day(self, number: float) -> None:
        self.now = START + timedelta(days=number)


@pytest.fixture
def clock(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(bootstrap, "clock", found)
    return found


def make(api: Api, clock: Clock, **days: int) -> dict[str, str]:
    """Customers by name, each created on its day; their paths."""
    paths = {}
    for name, number in sorted(days.items(), key=lambda day: day[1]):
        clock.day(number)
        made = api.post("/v1/customers", {"company_name": name})
        paths[name] = f"/v1/customers/{made.json['id']}"
    return paths


def pages(api: Api, **query: Any) -> Iterator[list[str]]:
    while True:
        answer = api.get("/v1/customers", **query)
        assert answer.status == 200, answer.text
        yield [c["display_name"] for c in answer.json["data"]]
        if answer.json["next_cursor"] is None:
            return
        query["cursor"] = answer.json["next_cursor"]


def names(api: Api, **query: Any) -> list[str]:
    return [name for page in pages(api, **query) for name in page]


def batch(name: str, ids: range, at: datetime = START) -> list[NewCustomer]:
    """What an import loads together."""
    return [
        NewCustomer(
            new_customer(
                id=derived_id("cus", START, str(n)),
                tenant="acme",
                values={"company_name": f"{name} {n}"},
                source=Origin.IMPORT,
                actor=Actor("olga"),
                now=at,
            )
        )
        for n in ids
    ]


@pytest.mark.parametrize("limit", [1, 2, 200])
def test_the_newest_come_first(customers_api: Api, clock: Clock, limit: int) -> None:
    paths = make(customers_api, clock, Oak=3, Elm=1, Ash=2)
    clock.day(9)
    customers_api.patch(paths["Elm"], {"notes": "n"})
    assert names(customers_api, sort="-created_at", limit=limit) == ["Oak", "Ash", "Elm"]
    assert names(Api("customers_api", tenant="bolt"), sort="-created_at") == []


@pytest.mark.parametrize("limit", [1, 2, 200])
def test_the_last_changed_come_first(customers_api: Api, clock: Clock, limit: int) -> None:
    paths = make(customers_api, clock, Oak=1, Elm=2, Ash=3)
    for day, name in ((4, "Oak"), (5, "Elm"), (6, "Oak")):
        clock.day(day)
        assert customers_api.patch(paths[name], {"notes": f"n{day}"}).status == 200
    assert names(customers_api, sort="-updated_at", limit=limit) == ["Oak", "Elm", "Ash"]
    clock.day(7)
    customers_api.post(f"{paths['Ash']}/deactivate", {"confirm": True}, if_match="*")
    query = {"sort": "-updated_at", "limit": limit}
    assert names(customers_api, **query) == ["Oak", "Elm"]
    assert names(customers_api, **query, status="all") == ["Ash", "Oak", "Elm"]
    assert names(customers_api, **query, status="inactive") == ["Ash"]


def test_created_and_changed_in_one_millisecond_is_shown_once(
    customers_api: Api, clock: Clock
) -> None:
    paths = make(customers_api, clock, Oak=1, Elm=1)
    for n in (1, 2):
        customers_api.patch(paths["Oak"], {"notes": str(n)})
    for limit in (1, 25):
        assert sorted(names(customers_api, sort="-updated_at", limit=limit)) == ["Elm", "Oak"]


@pytest.mark.parametrize("limit", [1, 7, 25, 200])
def test_what_an_import_loaded_together_is_shown_whole(
    customers_api: Api, clock: Clock, limit: int
) -> None:
    clock.day(8)
    for number in range(4):
        some = batch("Row", range(number * 25, number * 25 + 25))
        bootstrap.customers().load_first(some, batch=f"imp_1#000001#{number:03}")
    bootstrap.customers().load_again(batch("Row", range(25)), batch="imp_1#000001#000")
    clock.day(9)
    path = f"/v1/customers/{derived_id('cus', START, '42')}"
    customers_api.patch(path, {"notes": "n"})
    make(customers_api, clock, New=10)
    for sort in ("-created_at", "-updated_at"):
        found = names(customers_api, sort=sort, limit=limit)
        assert (len(found), len(set(found))) == (101, 101)
        assert found[0] == "New"
    assert found[1] == "Row 42"


def test_pages_go_on_while_customers_change(customers_api: Api, clock: Clock) -> None:
    paths = make(customers_api, clock, A=1, B=2, C=3, D=4, E=5)
    going = pages(customers_api, sort="-created_at", limit=2)
    assert next(going) == ["E", "D"]
    clock.day(9)
    customers_api.patch(paths["B"], {"notes": "n"})
    clock.day(9.5)
    customers_api.patch(paths["D"], {"company_name": "Z"})
    make(customers_api, clock, F=10)
    assert [name for page in going for name in page] == ["C", "B", "A"]
    going = pages(customers_api, sort="-updated_at", limit=2)
    assert next(going) == ["F", "Z"]
    clock.day(11)
    customers_api.patch(paths["A"], {"notes": "n"})
    customers_api.patch(paths["E"], {"notes": "n"})
    later = [name for page in going for name in page]
    assert later == ["B", "C"], "A and E are at the top now; none comes twice, no other is lost"


def test_deleted_and_merged_customers_are_in_no_order(customers_api: Api, clock: Clock) -> None:
    paths = make(customers_api, clock, Oak=1, Elm=2, Ash=3)
    clock.day(4)
    loser = paths["Elm"].rpartition("/")[2]
    merged = customers_api.post(f"{paths['Oak']}/merge", {"loser_id": loser}, if_match="*")
    customers_api.post(f"{paths['Ash']}/deactivate", {"confirm": True}, if_match="*")
    customers_api.call("DELETE", paths["Ash"], query={"confirm": "true"}, headers={"if-match": "*"})
    for sort in ("-created_at", "-updated_at"):
        assert names(customers_api, sort=sort, status="all") == ["Oak"]
    clock.day(5)
    customers_api.post(f"/v1/merges/{merged.json['merge_id']}/undo", {})
    assert names(customers_api, sort="-created_at") == ["Elm", "Oak"]
    assert sorted(names(customers_api, sort="-updated_at")) == ["Elm", "Oak"]


@pytest.mark.shows("S0.56")
def test_who_has_been_quiet_since_a_moment(customers_api: Api, clock: Clock) -> None:
    paths = make(customers_api, clock, Oak=1, Elm=2, Ash=3, Yew=30)
    clock.day(40)
    customers_api.patch(paths["Elm"], {"notes": "called us"})
    customers_api.post(f"{paths['Ash']}/deactivate", {"confirm": True}, if_match="*")

    def quiet(day: int, **query: Any) -> list[str]:
        since = (START + timedelta(days=day)).isoformat()
        return names(customers_api, inactive_since=since, **query)

    assert quiet(20) == ["Oak"]
    assert quiet(31) == quiet(31, limit=1) == ["Yew", "Oak"]
    assert quiet(31, sort="display_name") == ["Oak", "Yew"]
    assert quiet(31, q="o") == ["Oak"]
    assert quiet(30) == ["Oak"], "Yew was created at that very moment"
    assert quiet(1) == []
    assert quiet(41, status="all", limit=2) == quiet(41, status="all")
    assert set(quiet(41, status="all")) == {"Oak", "Elm", "Ash", "Yew"}


def test_what_changed_since_a_moment_in_the_order_of_change(
    customers_api: Api, clock: Clock
) -> None:
    paths = make(customers_api, clock, Oak=1, Elm=2, Ash=3)
    clock.day(9)
    customers_api.patch(paths["Oak"], {"notes": "n"})
    query = {"sort": "-updated_at", "updated_since": (START + timedelta(days=3)).isoformat()}
    assert names(customers_api, **query) == names(customers_api, **query, limit=1) == ["Oak", "Ash"]
    assert names(customers_api, **{**query, "sort": "-created_at"}) == ["Ash", "Oak"]


def test_filters_narrow_an_order_and_a_page_may_be_short(customers_api: Api, clock: Clock) -> None:
    for number in range(4):
        bootstrap.customers().load_first(batch("Row", range(number * 25, number * 25 + 25)))
    make(customers_api, clock, New=1)
    path = f"/v1/customers/{derived_id('cus', START, '42')}"
    customers_api.patch(path, {"tags": ["vip"]})
    found = list(pages(customers_api, sort="-created_at", tag="vip", limit=25))
    assert [name for page in found for name in page] == ["Row 42"]
    assert len(found) > 1, "not all heads were looked at in one request"


def test_a_cursor_belongs_to_its_order(customers_api: Api, clock: Clock) -> None:
    make(customers_api, clock, Oak=1, Elm=2)
    query: dict[str, Any] = {"limit": 1, "sort": "-created_at"}
    cursor = customers_api.get("/v1/customers", **query).json["next_cursor"]
    for other in ("-updated_at", "display_name"):
        answer = customers_api.get("/v1/customers", limit=1, sort=other, cursor=cursor)
        assert (answer.status, answer.json["code"]) == (400, "bad_cursor")
    assert customers_api.get("/v1/customers", **query, cursor=cursor).status == 200


def _entries(order: str) -> list[str]:
    table = bootstrap.table()
    return [item["sk"] for item in table.query_all(keys.order_partition("acme", order))]


def test_entries_that_hold_no_longer_are_passed_over_and_swept(
    customers_api: Api, clock: Clock
) -> None:
    path = make(customers_api, clock, Oak=1)["Oak"]
    customer_id = path.rpartition("/")[2]
    states: list[Customer] = []

    def act(day: int, send: Any) -> None:
        clock.day(day)
        assert send().status in (200, 204)
        now = bootstrap.customers().get("acme", customer_id)
        assert now is not None
        states.append(now)

    for day in (2, 3, 4):
        act(day, lambda day=day: customers_api.patch(path, {"notes": str(day)}))
    assert len(_entries("changed")) == 3
    assert names(customers_api, sort="-updated_at") == ["Oak"]
    for before, after in pairwise(states):
        bootstrap.customers().sweep(before, after)
    assert len(_entries("changed")) == 1
    assert names(customers_api, sort="-updated_at") == ["Oak"]
    act(5, lambda: customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*"))
    query, headers = {"confirm": "true"}, {"if-match": "*"}
    act(6, lambda: customers_api.call("DELETE", path, query=query, headers=headers))
    for before, after in pairwise(states[2:]):
        bootstrap.customers().sweep(before, after)
    assert [_entries(order) for order in ("changed", "created", "fresh")] == [[], [], []]


@pytest.mark.parametrize("count", [1, 25])
def test_with_its_first_change_a_customer_is_no_longer_fresh(
    customers_api: Api, clock: Clock, count: int
) -> None:
    """Or a company that has changed everybody once would read on through all of them in vain."""
    customers = bootstrap.customers()
    customers.load_first(batch("Row", range(count)), batch="imp_1#000001#000")
    make(customers_api, clock, Oak=1)
    clock.day(2)
    for row in customers_api.get("/v1/customers", limit=200).json["data"]:
        before = customers.get("acme", row["id"])
        assert customers_api.patch(f"/v1/customers/{row['id']}", {"notes": "n"}).status == 200
        after = customers.get("acme", row["id"])
        assert before is not None
        assert after is not None
        for _ in range(2):
            customers.sweep(before, after)
        found = names(customers_api, sort="-created_at", limit=7)
        assert (len(found), len(set(found))) == (count + 1, count + 1)
    assert _entries("fresh") == []
    assert len(_entries("created")) == count + 1
    customers.load_again(batch("Row", range(count)), batch="imp_1#000001#000")
    assert _entries("fresh") == []
    found = names(customers_api, sort="-updated_at", limit=7)
    assert (len(found), len(set(found))) == (count + 1, count + 1)


def test_a_change_is_seen_at_once_though_a_replica_lags(
    customers_api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = make(customers_api, clock, Oak=1, Elm=2)
    table = type(bootstrap.table())
    real = table.get_many
    old = list(real(bootstrap.table(), [keys.customer("acme", paths["Oak"].rpartition("/")[2])]))
    clock.day(3)
    customers_api.patch(paths["Oak"], {"notes": "n"})

    def lagging(self: Any, wanted: Any, *, consistent: bool = True) -> Any:
        found = list(real(self, wanted, consistent=consistent))
        return found if consistent else [old[0] if i["pk"] == old[0]["pk"] else i for i in found]

    monkeypatch.setattr(table, "get_many", lagging)
    assert names(customers_api, sort="-updated_at") == ["Oak", "Elm"]


def test_a_creation_that_was_refused_leaves_no_place_in_an_order(
    customers_api: Api, clock: Clock
) -> None:
    body = {"company_name": "Oak", "external_id": "x"}
    assert customers_api.post("/v1/customers", body).status == 201
    assert customers_api.post("/v1/customers", body).status == 409
    assert len(_entries("fresh")) == 1


def test_an_entry_says_whose_it_is_and_no_more() -> None:
    (one,) = batch("Row", range(1))
    customer = one.customer
    entry = orders.fresh_entry(customer)
    assert entry == {
        "pk": "acme#O#fresh",
        "sk": f"{encoding.milliseconds(START):014}#{customer.id}",
    }
