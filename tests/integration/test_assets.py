"""Equipment: whose it is, at whose location it stands, and what the lists say of it."""

from collections.abc import Callable
from typing import Any

import pytest

from roster import bootstrap
from roster.adapters.dynamodb.assets import DynamoAssets
from roster.domain.asset import Asset
from tests.support.api import Answer, Api
from tests.support.aws import IDEMPOTENCY_TABLE
from tests.support.places import AUSTIN, TULSA

RECORDS = Api("records_api")


def made(api: Api, name: str, *places: dict[str, str]) -> str:
    """The path of a customer with those locations."""
    first = {"service_location": places[0]} if places else {}
    answer = api.post("/v1/customers", {"company_name": name, **first})
    assert answer.status == 201, answer.text
    path = f"/v1/customers/{answer.json['id']}"
    for place in places[1:]:
        assert api.post(f"{path}/locations", place).status == 201
    return path


def id_of(path: str) -> str:
    return path.rsplit("/", 1)[1]


def locations(api: Api, path: str) -> list[Any]:
    found: list[Any] = api.get(f"{path}/locations").json["data"]
    return found


def added(path: str, **values: Any) -> Any:
    answer = RECORDS.post(f"{path}/assets", {"name": "Boiler", **values})
    assert answer.status == 201, answer.text
    return answer.json


def names(path: str, **query: Any) -> list[str]:
    return [asset["name"] for asset in RECORDS.get(f"{path}/assets", **query).json["data"]]


def delete(path: str, if_match: str = "*") -> Answer:
    return RECORDS.call("DELETE", path, headers={"if-match": if_match})


def figures(api: Api, path: str) -> tuple[int, int, int]:
    """Locations, assets owned and on location: of the record, which the list row repeats."""
    one = api.get(path).json
    rows = {c["id"]: c for c in api.get("/v1/customers", status="all").json["data"]}
    fields = ("locations_count", "assets_owned", "assets_on_location")
    shown = [tuple(c[f] for f in fields) for c in (one, rows[one["id"]])]
    assert shown[0] == shown[1]
    found: tuple[int, int, int] = shown[0]
    return found


@pytest.fixture
def owner(customers_api: Api) -> str:
    return made(customers_api, "Acme", TULSA, AUSTIN)


@pytest.fixture
def host(customers_api: Api) -> str:
    return made(customers_api, "Zenith", AUSTIN)


def test_an_asset_is_added_read_edited_and_removed(customers_api: Api, owner: str) -> None:
    place = locations(customers_api, owner)[0]
    answer = RECORDS.post(
        f"{owner}/assets",
        {
            "name": "Boiler 1", "type": "boiler", "serial": "007", "model": "B-9",
            "manufacturer": "Vaillant", "installed_on": "2024-02-29",
            "warranty_until": "2029-02-28", "location_id": place["id"], "notes": "loud",
        },
    )  # fmt: skip
    assert answer.status == 201, answer.text
    asset = answer.json
    path = f"{owner}/assets/{asset['id']}"
    assert answer.headers["location"] == path
    assert (asset["status"], asset["serial"], asset["version"]) == ("active", "007", 1)
    assert asset["owner"] == {"id": id_of(owner), "display_name": "Acme"}
    assert asset["location_customer_id"] == id_of(owner)
    assert RECORDS.get(path).json == asset
    (row,) = RECORDS.get(f"{owner}/assets").json["data"]
    assert row == {k: v for k, v in asset.items() if k != "notes"}
    edited = RECORDS.patch(path, {"status": "in_service", "notes": None}, '"1"')
    assert (edited.status, edited.json["notes"], edited.json["version"]) == (200, None, 2)
    assert edited.json["installed_on"] == "2024-02-29"
    assert RECORDS.patch(path, {"name": "Late"}, '"1"').status == 412
    assert RECORDS.patch(path, {"status": "in_service"}).json["version"] == 2, "nothing moved"
    assert delete(path, '"1"').status == 412
    assert delete(path).status == 204
    assert RECORDS.get(path).status == 404
    assert RECORDS.get("/v1/assets").json["data"] == []
    assert figures(customers_api, owner) == (2, 0, 0)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/name"]),
        ({"name": ""}, ["/name"]),
        ({"name": " \u200b"}, ["/name"]),
        ({"name": "x" * 201, "type": "x" * 61, "serial": "x" * 101},
         ["/name", "/type", "/serial"]),
        ({"name": "x", "status": "broken", "installed_on": "2023-02-29"},
         ["/installed_on", "/status"]),
        ({"name": "x", "installed_on": "2024-05-02", "warranty_until": "2024-05-01"},
         ["/warranty_until"]),
        ({"name": "x", "colour": "red"}, ["/colour"]),
        ({"name": "x", "location_id": "loc_none", "owner_id": "cus_none"},
         ["/location_id", "/owner_id"]),
        ({"status": "broken", "serial": "x" * 101}, ["/name", "/serial", "/status"]),
        ({"name": "x", "owner_id": None}, ["/owner_id"]),
        ({"name": "x", "location_id": "loc_none"}, ["/location_id"]),
        ({"name": "x", "location_id": "loc#none"}, ["/location_id"]),
        ({"name": "x", "location_id": "loc_none", "location_customer_id": "cus_none"},
         ["/location_customer_id"]),
        ({"name": "x", "location_customer_id": "cus_none"}, ["/location_customer_id"]),
    ],
)  # fmt: skip
def test_a_bad_asset_is_refused_with_every_bad_field(
    customers_api: Api, owner: str, body: dict[str, Any], pointers: list[str]
) -> None:
    refused = RECORDS.post(f"{owner}/assets", body)
    assert refused.status == 422, refused.text
    assert sorted(e["pointer"] for e in refused.json["errors"]) == sorted(pointers)
    assert names(owner) == []
    assert figures(customers_api, owner) == (2, 0, 0)


def test_a_bad_edit_leaves_the_asset_alone(owner: str) -> None:
    asset = added(owner, installed_on="2024-05-02")
    path = f"{owner}/assets/{asset['id']}"
    for body in (
        {"name": None},
        {"warranty_until": "2024-05-01"},
        {"serial": "9", "location_id": "loc_none"},
        {"serial": "9", "owner_id": None},
        {"serial": "9", "owner_id": "cus_none"},
    ):
        assert RECORDS.patch(path, body).status == 422
    assert RECORDS.get(path).json == asset


@pytest.mark.shows("S3.05", "S3.21", "S3.22", "S3.23")
def test_an_asset_of_one_at_the_others_location_is_in_both_lists(
    customers_api: Api, owner: str, host: str
) -> None:
    (place,) = locations(customers_api, host)
    own_place = locations(customers_api, owner)[0]
    asset = added(
        owner, name="Ours there", location_id=place["id"], location_customer_id=id_of(host)
    )
    added(owner, name="Ours here", location_id=own_place["id"])
    added(owner, name="Ours in a van")
    assert names(owner, relation="owned") == ["Ours in a van", "Ours here", "Ours there"]
    assert names(owner, relation="on_location") == ["Ours here"]
    assert names(owner) == names(owner, relation="owned"), "each once"
    assert names(host, relation="on_location") == ["Ours there"]
    assert names(host, relation="owned") == []
    assert names(host) == ["Ours there"]
    seen = RECORDS.get(f"{host}/assets/{asset['id']}").json
    assert seen == asset
    assert (seen["owner"]["display_name"], seen["location_customer"]["display_name"]) == (
        "Acme", "Zenith",
    )  # fmt: skip
    edited = RECORDS.patch(f"{host}/assets/{asset['id']}", {"name": "Seen through its host"})
    assert edited.status == 200, edited.text
    assert names(owner, relation="owned")[-1] == names(host)[0] == "Seen through its host"
    assert locations(customers_api, host)[0]["assets_count"] == 1


@pytest.mark.shows("S3.08", "S3.09", "S3.10")
def test_list_rows_say_how_many_locations_and_assets_there_are(
    customers_api: Api, owner: str, host: str
) -> None:
    assert figures(customers_api, owner) == (2, 0, 0)
    (place,) = locations(customers_api, host)
    asset = added(owner, location_id=place["id"], location_customer_id=id_of(host))
    path = f"{owner}/assets/{asset['id']}"
    assert figures(customers_api, owner) == (2, 1, 0)
    assert figures(customers_api, host) == (1, 0, 1)
    RECORDS.patch(path, {"location_id": locations(customers_api, owner)[1]["id"]})
    assert figures(customers_api, owner) == (2, 1, 1)
    assert figures(customers_api, host) == (1, 0, 0)
    RECORDS.patch(path, {"owner_id": id_of(host)})
    assert figures(customers_api, owner) == (2, 0, 1)
    assert figures(customers_api, host) == (1, 1, 0)
    delete(f"{host}/assets/{asset['id']}")
    assert figures(customers_api, owner) == (2, 0, 0)
    assert figures(customers_api, host) == (1, 0, 0)
    rows = {c["display_name"]: c for c in customers_api.get("/v1/customers").json["data"]}
    assert rows["Acme"]["primary_location"] == TULSA["city"]
    first = locations(customers_api, owner)[0]
    customers_api.patch(f"{owner}/locations/{first['id']}", {"name": "Head office"})
    rows = {c["display_name"]: c for c in customers_api.get("/v1/customers").json["data"]}
    assert rows["Acme"]["primary_location"] == "Head office"


def test_moving_an_asset_keeps_its_history_and_is_told_to_both(
    customers_api: Api, owner: str, host: str
) -> None:
    (place,) = locations(customers_api, host)
    asset = added(owner, notes="secret words")
    there = {"location_id": place["id"], "location_customer_id": id_of(host)}
    RECORDS.patch(f"{owner}/assets/{asset['id']}", there)
    RECORDS.patch(f"{owner}/assets/{asset['id']}", {"owner_id": id_of(host), "serial": "9"})
    path = f"{host}/assets/{asset['id']}"
    moved = RECORDS.patch(path, {"location_id": None}).json
    assert (moved["version"], moved["owner_id"], moved["location_id"]) == (4, id_of(host), None)
    history = RECORDS.get(f"{path}/history").json["data"]
    assert [(e["version"], e["verb"], e["by"]) for e in history] == [
        (4, "moved", "olga"), (3, "moved", "olga"), (2, "moved", "olga"), (1, "added", "olga"),
    ]  # fmt: skip
    assert {c["field"]: (c["old"], c["new"]) for c in history[1]["changes"]} == {
        "owner_id": (id_of(owner), id_of(host)), "serial": (None, "9"),
    }  # fmt: skip
    assert {c["field"]: (c["old"], c["new"]) for c in history[2]["changes"]} == {
        "location_id": (None, place["id"]), "location_customer_id": (None, id_of(host)),
    }  # fmt: skip
    assert "secret" not in str(history)
    pages, cursor = [], None
    while True:
        query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = RECORDS.call("GET", f"{path}/history", query=query).json
        pages += page["data"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert pages == history
    told = [
        [e["kind"] for e in customers_api.get(f"{one}/timeline").json["data"]]
        for one in (owner, host)
    ]
    assert told[0] == ["asset_moved", "asset_moved", "asset_added", "location_added", "created"]
    assert told[1] == ["asset_moved", "asset_moved", "asset_moved", "created"]
    texts = [e["text"] for e in customers_api.get(f"{host}/timeline").json["data"]]
    assert texts[1] == "olga moved an asset"
    assert RECORDS.get(f"{owner}/assets/{asset['id']}").status == 404
    delete(path)
    assert RECORDS.get(f"{path}/history").status == 404


def test_a_location_with_assets_stays_and_so_does_their_customer(
    customers_api: Api, owner: str, host: str
) -> None:
    second = locations(customers_api, owner)[1]
    asset = added(host, location_id=second["id"], location_customer_id=id_of(owner))
    refused = customers_api.call(
        "DELETE", f"{owner}/locations/{second['id']}", headers={"if-match": "*"}
    )
    assert (refused.status, refused.json["code"]) == (409, "has_assets")
    edited = customers_api.patch(f"{owner}/locations/{second['id']}", {"name": "Depot"})
    assert edited.json["assets_count"] == 1, "an edit of the place loses no figure"
    for customer in (owner, host):
        customers_api.post(f"{customer}/deactivate", {"confirm": True}, if_match="*")
        gone = customers_api.call(
            "DELETE", customer, query={"confirm": "true"}, headers={"if-match": "*"}
        )
        assert (gone.status, gone.json["code"]) == (409, "has_assets")
        customers_api.post(f"{customer}/activate", {"confirm": True}, if_match="*")
    RECORDS.patch(f"{host}/assets/{asset['id']}", {"location_id": None})
    gone = customers_api.call(
        "DELETE", f"{owner}/locations/{second['id']}", headers={"if-match": "*"}
    )
    assert gone.status == 204
    late = {"location_id": second["id"], "location_customer_id": id_of(owner)}
    refused = RECORDS.patch(f"{host}/assets/{asset['id']}", late)
    assert [e["pointer"] for e in refused.json["errors"]] == ["/location_id"]
    assert figures(customers_api, owner) == (1, 0, 0)


def test_taking_back_that_a_location_came_leaves_one_with_assets(
    customers_api: Api, owner: str
) -> None:
    second = locations(customers_api, owner)[1]
    event = customers_api.get(f"{owner}/history").json["data"][0]
    assert event["kind"] == "location_added"
    asset = added(owner, location_id=second["id"])
    restore = f"{owner}/history/{event['id']}/restore"
    refused = customers_api.post(restore, {}, if_match="*")
    assert (refused.status, refused.json["code"]) == (409, "has_assets")
    moved = customers_api.get(f"{owner}/history").json["data"][0]
    assert moved["kind"] == "asset_added"
    path = f"{owner}/history/{moved['id']}/restore"
    assert customers_api.post(path, {}, if_match="*").status == 409, "an asset is moved back itself"
    delete(f"{owner}/assets/{asset['id']}")
    assert customers_api.post(restore, {}, if_match="*").status == 200
    assert figures(customers_api, owner) == (1, 0, 0)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """What is given happens once, between the look of the next change and its write."""

    def happens(act: Callable[[], object]) -> None:
        commit, waiting = DynamoAssets.commit, [act]

        def after_it(self: DynamoAssets, *args: Any, **more: Any) -> Asset:
            if waiting:
                waiting.pop()()
            return commit(self, *args, **more)

        monkeypatch.setattr(DynamoAssets, "commit", after_it)

    return happens


def test_an_asset_does_not_come_to_a_place_that_goes_meanwhile(
    customers_api: Api, owner: str, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    second = locations(customers_api, owner)[1]
    path = f"{owner}/locations/{second['id']}"
    meanwhile(lambda: customers_api.call("DELETE", path, headers={"if-match": "*"}))
    refused = RECORDS.post(f"{owner}/assets", {"name": "x", "location_id": second["id"]})
    assert [e["pointer"] for e in refused.json["errors"]] == ["/location_id"]
    assert figures(customers_api, owner) == (1, 0, 0)


def test_edits_of_the_place_and_of_the_customer_meanwhile_lose_nothing(
    customers_api: Api, owner: str, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    second = locations(customers_api, owner)[1]

    def act() -> None:
        customers_api.patch(f"{owner}/locations/{second['id']}", {"name": "Depot", "type": "d"})
        customers_api.patch(owner, {"phone": "1"})
        RECORDS.post(f"{owner}/assets", {"name": "other", "location_id": second["id"]})

    meanwhile(act)
    added(owner, name="one", location_id=second["id"])
    place = locations(customers_api, owner)[1]
    assert (place["name"], place["type"], place["assets_count"]) == ("Depot", "d", 2)
    assert customers_api.get(owner).json["phone"] == "1"
    assert figures(customers_api, owner) == (2, 2, 2)


def test_two_moves_at_once_have_one_outcome(
    customers_api: Api, owner: str, host: str, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    first, second = locations(customers_api, owner)
    asset = added(owner, location_id=first["id"])
    path = f"{owner}/assets/{asset['id']}"
    meanwhile(lambda: RECORDS.patch(path, {"owner_id": id_of(host)}, '"1"'))
    assert RECORDS.patch(path, {"location_id": second["id"]}, '"1"').status in (404, 412)
    counts = [place["assets_count"] for place in locations(customers_api, owner)]
    assert counts == [1, 0]
    assert figures(customers_api, owner) == (2, 0, 1)
    assert figures(customers_api, host) == (1, 1, 0)


def test_a_place_of_a_deleted_customer_is_no_place(
    customers_api: Api, owner: str, host: str
) -> None:
    (place,) = locations(customers_api, host)
    customers_api.post(f"{host}/deactivate", {"confirm": True}, if_match="*")
    customers_api.call("DELETE", host, query={"confirm": "true"}, headers={"if-match": "*"})
    there = {"location_id": place["id"], "location_customer_id": id_of(host)}
    refused = RECORDS.post(f"{owner}/assets", {"name": "x", **there})
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [
        ("/location_customer_id", "deleted_customer")
    ]
    refused = RECORDS.post(f"{owner}/assets", {"name": "x", "owner_id": id_of(host)})
    assert [e["code"] for e in refused.json["errors"]] == ["deleted_customer"]
    assert RECORDS.get(f"{host}/assets").status == 410


def test_assets_of_a_merged_customer_are_the_survivors_until_it_is_undone(
    customers_api: Api, owner: str, host: str
) -> None:
    (place,) = locations(customers_api, host)
    old = added(host, name="Of the loser", location_id=place["id"])
    added(owner, name="At the loser's", location_id=place["id"], location_customer_id=id_of(host))
    before = [figures(customers_api, one) for one in (owner, host)]
    done = customers_api.post(f"{owner}/merge", {"loser_id": id_of(host)}, if_match="*").json
    assert figures(customers_api, owner) == (3, 2, 2)
    for path in (owner, host):
        assert names(path, relation="owned") == ["At the loser's", "Of the loser"]
        assert names(path, relation="on_location") == ["At the loser's", "Of the loser"]
    everything = RECORDS.get("/v1/assets", customer_id=id_of(host)).json["data"]
    assert [asset["owner"]["display_name"] for asset in everything] == ["Acme", "Acme"]
    shown = RECORDS.get(f"{owner}/assets/{old['id']}").json
    assert (shown["owner_id"], shown["location_customer_id"]) == (id_of(owner), id_of(owner))
    own = locations(customers_api, owner)[0]["id"]
    moved = RECORDS.patch(f"{owner}/assets/{old['id']}", {"location_id": own, "name": "Moved"})
    assert moved.status == 200, moved.text
    assert figures(customers_api, owner) == (3, 2, 2)
    undone = customers_api.post(f"/v1/merges/{done['merge_id']}/undo", {})
    assert undone.status == 200, undone.text
    assert before == [(2, 1, 0), (1, 1, 2)]
    assert figures(customers_api, owner) == (2, 1, 1)
    assert figures(customers_api, host) == (1, 1, 1)
    assert names(host, relation="owned") == ["Moved"]
    assert names(owner, relation="on_location") == ["Moved"]


def test_the_same_request_makes_one_asset_even_after_it_has_moved(
    customers_api: Api, owner: str, host: str
) -> None:
    first = RECORDS.post(f"{owner}/assets", {"name": "Once"}, idempotency_key="k1").json
    RECORDS.patch(f"{owner}/assets/{first['id']}", {"owner_id": id_of(host)})
    # The function died after the write: the answer was never remembered.
    client = bootstrap.dynamodb()
    for item in client.scan(TableName=IDEMPOTENCY_TABLE)["Items"]:
        client.delete_item(TableName=IDEMPOTENCY_TABLE, Key={"id": item["id"]})
    again = RECORDS.post(f"{owner}/assets", {"name": "Once"}, idempotency_key="k1")
    assert (again.status, again.json["id"]) == (201, first["id"])
    assert figures(customers_api, owner) == (2, 0, 0)
    assert figures(customers_api, host) == (1, 1, 0)


def test_the_companys_assets_by_owner_type_status_and_place(
    customers_api: Api, owner: str, host: str
) -> None:
    (place,) = locations(customers_api, host)
    there = {"location_id": place["id"], "location_customer_id": id_of(host)}
    added(owner, name="a", type="Boiler", **there)
    added(owner, name="b", type="pump", status="retired")
    added(host, name="c", type="boiler", location_id=place["id"])

    def found(**query: str) -> list[str]:
        return [asset["name"] for asset in RECORDS.get("/v1/assets", **query).json["data"]]

    assert found() == ["c", "b", "a"]
    assert found(customer_id=id_of(owner)) == ["b", "a"]
    assert found(type="BOILER") == ["c", "a"]
    assert found(status="retired") == ["b"]
    assert found(location_id=place["id"]) == ["c", "a"]
    assert found(location_id=place["id"], customer_id=id_of(owner)) == ["a"]
    assert names(host, relation="on_location", type="boiler") == ["c", "a"]
    assert names(owner, status="retired") == ["b"]
    assert RECORDS.get("/v1/assets", customer_id="cus_none").status == 404
    seen, cursor = [], None
    while True:
        query = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = RECORDS.call("GET", f"{host}/assets", query=query).json
        seen += [asset["name"] for asset in page["data"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ["c", "a"]


def test_another_company_finds_nothing_of_it(customers_api: Api, owner: str) -> None:
    place = locations(customers_api, owner)[0]
    asset = added(owner, location_id=place["id"])
    other, theirs = Api("records_api", tenant="globex"), Api("customers_api", tenant="globex")
    own = made(theirs, "Globex")
    assert other.get("/v1/assets").json["data"] == []
    assert other.get(f"{owner}/assets/{asset['id']}").status == 404
    assert other.get(f"{own}/assets/{asset['id']}").status == 404
    there = {"location_id": place["id"], "location_customer_id": id_of(owner)}
    refused = other.post(f"{own}/assets", {"name": "x", **there})
    assert [e["pointer"] for e in refused.json["errors"]] == ["/location_customer_id"]
    assert Api("records_api", role="viewer").post(f"{owner}/assets", {"name": "x"}).status == 403
