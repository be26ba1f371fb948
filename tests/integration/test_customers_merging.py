"""Two records of one customer: merged by a pointer, and parted again exactly."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from roster import bootstrap
from tests.support import documents as contents
from tests.support.api import Answer, Api
from tests.support.uploads import announce, send, tell

PLACE = {"street": "2 Elm", "city": "Tulsa", "state": "OK", "zip": "74103"}


def made(api: Api, **values: Any) -> str:
    answer = api.post("/v1/customers", values)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def merge(api: Api, survivor: str, loser: str, if_match: str = "*", **more: Any) -> Answer:
    body = {"loser_id": loser, **more}
    return api.post(f"/v1/customers/{survivor}/merge", body, if_match=if_match)


def undo(api: Api, merge_id: str) -> Answer:
    return api.post(f"/v1/merges/{merge_id}/undo", {})


def read(api: Api, customer: str, **query: Any) -> Any:
    answer = api.get(f"/v1/customers/{customer}", **query)
    assert answer.status == 200, answer.text
    return answer.json


def listed(api: Api, **query: Any) -> set[str]:
    return {c["id"] for c in api.get("/v1/customers", status="all", **query).json["data"]}


@pytest.fixture
def pair(customers_api: Api) -> tuple[str, str]:
    survivor = made(customers_api, company_name="Acme", phone="1", tags=["vip"])
    loser = made(
        customers_api,
        company_name="Acme Inc",
        phone="2",
        email="a@b.de",
        external_id="x1",
        service_location=PLACE,
    )
    return survivor, loser


def test_a_preview_shows_the_fields_and_writes_nothing(
    customers_api: Api, pair: tuple[str, str]
) -> None:
    survivor, loser = pair
    before = [read(customers_api, one) for one in pair]
    answer = merge(customers_api, survivor, loser, dry_run=True, fields={"phone": "loser"})
    assert answer.status == 200, answer.text
    assert (answer.json["merge_id"], answer.json["dry_run"]) == (None, True)
    assert answer.json["changes"] == [
        {"field": "email", "old": None, "new": "a@b.de"},
        {"field": "phone", "old": "1", "new": "2"},
    ]
    assert answer.json["customer"]["display_name"] == "Acme"
    assert [read(customers_api, one) for one in pair] == before
    done = merge(customers_api, survivor, loser, fields={"phone": "loser"})
    assert done.json["changes"] == answer.json["changes"]
    assert read(customers_api, survivor) == done.json["customer"]


def test_what_was_the_losers_is_seen_at_the_survivor(
    customers_api: Api, pair: tuple[str, str]
) -> None:
    survivor, loser = pair
    merge(customers_api, survivor, loser)
    assert read(customers_api, loser) == read(customers_api, survivor)
    assert listed(customers_api) == {survivor}
    assert listed(customers_api, q="inc") == set()
    options = customers_api.get("/v1/customers/options", q="acme").json["data"]
    assert [o["id"] for o in options] == [survivor]
    for one in pair:
        places = customers_api.get(f"/v1/customers/{one}/locations").json["data"]
        assert [p["street"] for p in places] == ["2 Elm"]
    refused = customers_api.post("/v1/customers", {"company_name": "Z", "external_id": "x1"})
    assert refused.status == 409
    assert loser in refused.json["detail"], "and this id leads to the survivor"


def test_the_loser_is_nothing_to_write_to(customers_api: Api, pair: tuple[str, str]) -> None:
    survivor, loser = pair
    merge(customers_api, survivor, loser)
    path = f"/v1/customers/{loser}"
    for answer in (
        customers_api.patch(path, {"phone": "9"}),
        customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*"),
        customers_api.call("DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"}),
    ):
        assert (answer.status, answer.json["code"]) == (409, "merged")
        assert survivor in answer.json["detail"]
    bulk = {"action": "tag", "ids": [loser], "tags": ["x"]}
    assert customers_api.post("/v1/customers/bulk", bulk).json["results"][0]["status"] == 409


def test_an_undo_restores_both_exactly(customers_api: Api, pair: tuple[str, str]) -> None:
    survivor, loser = pair
    customers_api.post(f"/v1/customers/{loser}/deactivate", {"confirm": True}, if_match="*")
    before = [read(customers_api, one) for one in pair]
    choices = {"phone": "loser", "display_name": "loser", "company_name": "loser"}
    done = merge(customers_api, survivor, loser, fields=choices).json
    assert done["customer"]["display_name"] == "Acme Inc"
    answer = undo(customers_api, done["merge_id"])
    assert answer.status == 200, answer.text
    moved = ("version", "updated_at")
    for was, part in zip(before, ("survivor", "loser"), strict=True):
        now = read(customers_api, was["id"])
        assert now == answer.json[part]
        assert {**now, **{k: was[k] for k in moved}} == was
    assert listed(customers_api) == set(pair)
    assert listed(customers_api, q="inc") == {loser}
    assert customers_api.get(f"/v1/customers/{survivor}/locations").json["data"] == []
    assert undo(customers_api, done["merge_id"]).status == 409


def test_what_was_set_meanwhile_stays_or_is_named(
    customers_api: Api, pair: tuple[str, str]
) -> None:
    survivor, loser = pair
    done = merge(customers_api, survivor, loser, fields={"phone": "loser"}).json
    path = f"/v1/customers/{survivor}"
    customers_api.patch(path, {"notes": "n", "phone": "3", "email": "c@d.de"})
    before = read(customers_api, survivor)
    answer = undo(customers_api, done["merge_id"])
    assert (answer.status, answer.json["code"]) == (409, "touched_since")
    assert {e["pointer"] for e in answer.json["errors"]} == {"/phone", "/email"}
    assert read(customers_api, loser) == before
    customers_api.patch(path, {"phone": "2", "email": "a@b.de"})
    assert undo(customers_api, done["merge_id"]).status == 200
    now = read(customers_api, survivor)
    assert (now["phone"], now["email"], now["notes"]) == ("1", None, "n")


def test_merges_nest_and_part(customers_api: Api, pair: tuple[str, str]) -> None:
    survivor, loser = pair
    top = made(customers_api, company_name="Top")
    first = merge(customers_api, survivor, loser).json["merge_id"]
    second = merge(customers_api, top, survivor).json["merge_id"]
    assert read(customers_api, loser)["id"] == top
    assert len(customers_api.get(f"/v1/customers/{top}/locations").json["data"]) == 1
    assert undo(customers_api, first).status == 409, "the survivor is a part of another one now"
    assert undo(customers_api, second).status == 200
    assert read(customers_api, loser)["id"] == survivor
    assert undo(customers_api, first).status == 200
    assert listed(customers_api) == {top, survivor, loser}


def test_histories_tell_it_and_the_past_is_each_ones_own(
    customers_api: Api, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    survivor, loser = pair
    monkeypatch.setattr(bootstrap, "clock", lambda: datetime(2099, 1, 1, tzinfo=UTC))
    done = merge(customers_api, survivor, loser).json
    monkeypatch.setattr(bootstrap, "clock", lambda: datetime(2099, 2, 1, tzinfo=UTC))
    assert read(customers_api, loser, as_of="2098-12-31")["company_name"] == "Acme Inc"
    assert read(customers_api, loser, as_of="2099-01-01") == read(customers_api, survivor)
    assert read(customers_api, survivor, as_of="2098-12-31")["email"] is None
    undo(customers_api, done["merge_id"])
    assert read(customers_api, loser, as_of="2099-01-15")["id"] == survivor
    assert read(customers_api, loser, as_of="2099-02-01")["id"] == loser

    def told(customer: str) -> list[tuple[str, str]]:
        entries = customers_api.get(f"/v1/customers/{customer}/timeline").json["data"]
        return [(e["kind"], e["text"]) for e in entries[:2]]

    assert told(survivor) == [
        ("unmerged", f"olga parted {loser} from the customer"),
        ("merged", f"olga merged {loser} into the customer"),
    ]
    assert told(loser) == [
        ("unmerged", f"olga parted the customer from {survivor}"),
        ("merged", f"olga merged the customer into {survivor}"),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_the_timeline_is_of_all_that_were_merged(
    customers_api: Api, pair: tuple[str, str], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    survivor, loser = pair
    days = iter(datetime(2099, 1, day, tzinfo=UTC) for day in range(1, 20))
    monkeypatch.setattr(bootstrap, "clock", lambda: next(days))
    for customer, phone in ((loser, "71"), (survivor, "72"), (loser, "73"), (loser, "74")):
        customers_api.patch(f"/v1/customers/{customer}", {"phone": phone})
    done = merge(customers_api, survivor, loser).json
    for one in pair:
        told: list[tuple[str, str]] = []
        more: dict[str, str] = {}
        while True:
            path = f"/v1/customers/{one}/timeline"
            page = customers_api.get(path, limit=limit, **more).json
            told += [(e["customer_id"], e["kind"]) for e in page["data"]]
            if page["next_cursor"] is None:
                break
            more = {"cursor": page["next_cursor"]}
        assert told == [
            (survivor, "merged"),
            (loser, "merged"),
            (loser, "edited"),
            (loser, "edited"),
            (survivor, "edited"),
            (loser, "edited"),
            (loser, "created"),
            (survivor, "created"),
        ]
    assert undo(customers_api, done["merge_id"]).status == 200
    own = customers_api.get(f"/v1/customers/{survivor}/timeline").json["data"]
    assert {e["customer_id"] for e in own} == {survivor}


def test_documents_of_all_that_were_merged_are_one_list(
    customers_api: Api, pair: tuple[str, str]
) -> None:
    survivor, loser = pair
    records = Api("records_api")
    top = made(customers_api, company_name="Top")
    announced = [
        announce(records, customer, contents.PDF, name=f"{n}.pdf").json
        for n, customer in enumerate([loser, survivor, top, loser, survivor])
    ]
    assert tell(send(announced[0]["upload"], contents.PDF)) == "activated"
    first = merge(customers_api, survivor, loser).json["merge_id"]
    second = merge(customers_api, top, survivor).json["merge_id"]
    ids = [document["id"] for document in announced]
    for one in (top, survivor, loser):
        seen: list[str] = []
        more: dict[str, str] = {}
        while True:
            page = records.get(f"/v1/customers/{one}/documents", limit=2, **more).json
            seen += [document["id"] for document in page["data"]]
            if page["next_cursor"] is None:
                break
            more = {"cursor": page["next_cursor"]}
        assert seen == sorted(ids, reverse=True), "newest first, whoever they were"
        found = records.get(f"/v1/customers/{one}/documents/{ids[0]}").json
        fetched = requests.get(found["download"]["url"], timeout=5)
        assert fetched.content == contents.PDF
    path = f"/v1/customers/{top}/documents"
    assert records.patch(f"{path}/{ids[0]}", {"filename": "new.pdf"}).status == 200
    assert tell(send(announced[3]["upload"], contents.PDF)) == "activated", "under way at the merge"
    gone = records.call("DELETE", f"{path}/{ids[1]}", headers={"if-match": "*"})
    assert gone.status == 204
    sent = announce(records, loser, contents.PDF, name="late.pdf")
    assert (sent.status, sent.json["customer_id"]) == (201, top), "what is new is the survivor's"
    its = f"/v1/customers/{loser}/documents/{ids[0]}"
    assert records.patch(its, {"kind": "service_contract"}).status == 200
    for merge_id in (second, first):
        assert undo(customers_api, merge_id).status == 200

    def own(customer: str) -> list[tuple[str, str]]:
        listed = records.get(f"/v1/customers/{customer}/documents").json["data"]
        return [(document["id"], document["filename"]) for document in listed]

    assert own(top) == [(sent.json["id"], "late.pdf"), (ids[2], "2.pdf")]
    assert own(survivor) == [(ids[4], "4.pdf")]
    assert own(loser) == [(ids[3], "3.pdf"), (ids[0], "new.pdf")]


def test_a_part_of_one_merged_away_is_edited_at_the_survivor(
    customers_api: Api, pair: tuple[str, str]
) -> None:
    survivor, loser = pair
    own = customers_api.post(f"/v1/customers/{survivor}/locations", {**PLACE, "street": "1 Oak"})
    contact = customers_api.post(f"/v1/customers/{loser}/contacts", {"first_name": "Ann"})
    assert (own.status, contact.status) == (201, 201), contact.text
    [its] = customers_api.get(f"/v1/customers/{loser}/locations").json["data"]
    done = merge(customers_api, survivor, loser).json
    path = f"/v1/customers/{survivor}/locations"

    def shown() -> dict[str, bool]:
        return {p["street"]: p["primary"] for p in customers_api.get(path).json["data"]}

    assert shown() == {"1 Oak": True, "2 Elm": False}, "the survivor's own leads"
    edited = customers_api.patch(f"{path}/{its['id']}", {"street": "3 Elm", "primary": True})
    assert edited.status == 200, edited.text
    assert customers_api.get(f"{path}/{its['id']}").json["street"] == "3 Elm"
    assert shown() == {"1 Oak": False, "3 Elm": True}
    people = f"/v1/customers/{survivor}/contacts"
    assert [c["first_name"] for c in customers_api.get(people).json["data"]] == ["Ann"]
    renamed = customers_api.patch(f"{people}/{contact.json['id']}", {"first_name": "Anna"})
    assert renamed.json["first_name"] == "Anna"
    blocked = customers_api.call(
        "DELETE", f"{path}/{its['id']}", headers={"if-match": edited.headers["etag"]}
    )
    assert blocked.status == 409, "it is the primary"
    gone = customers_api.call("DELETE", f"{path}/{own.json['id']}", headers={"if-match": "*"})
    assert gone.status == 204
    assert undo(customers_api, done["merge_id"]).status == 200
    assert customers_api.get(path).json["data"] == []
    [back] = customers_api.get(f"/v1/customers/{loser}/locations").json["data"]
    assert (back["street"], back["primary"]) == ("3 Elm", True)
    assert customers_api.get(people).json["data"] == []


def test_billing_goes_over_as_one_thing(customers_api: Api) -> None:
    bills = {"street": "9 Bill", "city": "Tulsa"}
    linked = {"service_location": PLACE, "billing_same_as_service": True}
    for own, its, expected in (
        ({"billing_address": bills}, linked, (False, "9 Bill")),
        (linked, {"billing_address": bills}, (True, "2 Elm")),
        ({}, linked, (True, "2 Elm")),
        ({}, {"billing_address": bills}, (False, "9 Bill")),
    ):
        survivor = made(customers_api, company_name="A", **own)
        loser = made(customers_api, company_name="B", **its)
        before = read(customers_api, survivor)
        done = merge(customers_api, survivor, loser)
        now = read(customers_api, survivor)
        shown = (now["billing_same_as_service"], now["billing_address"]["street"])
        assert shown == expected, (own, its)
        undo(customers_api, done.json["merge_id"])
        now = read(customers_api, survivor)
        assert {**now, "version": 0, "updated_at": ""} == {**before, "version": 0, "updated_at": ""}


def _itself(api: Api, survivor: str) -> str:
    return survivor


def _deleted(api: Api, survivor: str) -> str:
    customer = made(api, company_name="Gone")
    for action in ("deactivate", "delete"):
        body = {"action": action, "ids": [customer], "confirm": True}
        assert api.post("/v1/customers/bulk", body).json["results"][0]["problem"] is None
    return customer


def _merged(api: Api, survivor: str) -> str:
    one, other = made(api, company_name="One"), made(api, company_name="Other")
    assert merge(api, one, other).status == 200
    return other


def _anothers(api: Api, survivor: str) -> str:
    return made(Api("customers_api", tenant="zenith"), company_name="Theirs")


@pytest.mark.parametrize(
    ("loser_of", "rule"),
    [(_itself, "itself"), (_deleted, "deleted"), (_merged, "merged"), (_anothers, "unknown")],
)
def test_who_cannot_be_merged_is_refused_with_the_rule(
    customers_api: Api,
    pair: tuple[str, str],
    loser_of: Callable[[Api, str], str],
    rule: str,
) -> None:
    survivor, _ = pair
    before = read(customers_api, survivor)
    answer = merge(customers_api, survivor, loser_of(customers_api, survivor))
    assert answer.status == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [("/loser_id", rule)]
    assert read(customers_api, survivor) == before


def test_a_merge_is_about_a_version_and_known_fields(
    customers_api: Api, pair: tuple[str, str]
) -> None:
    survivor, loser = pair
    assert merge(customers_api, survivor, loser, if_match='"7"').status == 412
    body = {"loser_id": loser}
    assert customers_api.post(f"/v1/customers/{survivor}/merge", body).status == 428
    for name in ("number", "status", "colour"):
        answer = merge(customers_api, survivor, loser, fields={name: "loser"})
        assert answer.status == 422
        assert answer.json["errors"][0]["pointer"] == f"/fields/{name}"
    assert merge(customers_api, survivor, loser, fields={"phone": "mine"}).status == 422
    assert merge(Api("customers_api", role="viewer"), survivor, loser).status == 403
    assert listed(customers_api) == set(pair)


def test_another_company_undoes_nothing(customers_api: Api, pair: tuple[str, str]) -> None:
    done = merge(customers_api, *pair).json
    other = Api("customers_api", tenant="zenith")
    assert undo(other, done["merge_id"]).status == 404
    assert undo(Api("customers_api", role="viewer"), done["merge_id"]).status == 403
    assert listed(customers_api) == {pair[0]}


def test_with_the_survivor_goes_what_was_merged_into_it(
    customers_api: Api, pair: tuple[str, str]
) -> None:
    survivor, loser = pair
    done = merge(customers_api, survivor, loser).json
    for action in ("deactivate", "delete"):
        body = {"action": action, "ids": [survivor], "confirm": True}
        customers_api.post("/v1/customers/bulk", body)
    assert customers_api.get(f"/v1/customers/{loser}").status == 410
    anew = customers_api.post("/v1/customers", {"company_name": "New", "external_id": "x1"})
    assert anew.status == 201, "what led to the loser is free again"
    assert undo(customers_api, done["merge_id"]).status == 409
    admin = Api("customers_api", role="admin")
    assert admin.post(f"/v1/customers/{survivor}/erase", {"confirm": True}).status == 200
    kept = bootstrap.customers().get("acme", loser)
    assert kept is not None
    assert (kept.display_name, kept.email, kept.external_id) == ("[erased]", None, "x1")
    assert bootstrap.customers().locations("acme", loser) == []


def test_a_phone_goes_and_comes_back_in_every_form(customers_api: Api) -> None:
    Api("settings_api", role="admin").call("PATCH", "/v1/settings", {"country": "GB"})
    survivor = made(customers_api, company_name="Acme", mobile="020 7946 0001")
    loser = made(customers_api, company_name="Bolt", phone="020 7946 0018", mobile="020 7946 0002")
    before = {one: read(customers_api, one) for one in (survivor, loser)}
    merged = merge(customers_api, survivor, loser, fields={"mobile": "loser"})
    numbers = ("phone_e164", "mobile_e164")
    now = merged.json["customer"]
    assert [now[n] for n in numbers] == ["+442079460018", "+442079460002"]
    assert undo(customers_api, merged.json["merge_id"]).status == 200
    for one, was in before.items():
        again = read(customers_api, one)
        assert [again[n] for n in numbers] == [was[n] for n in numbers]
    assert listed(customers_api, q="020 7946 0018") == {loser}
    assert listed(customers_api, q="+442079460001") == {survivor}
