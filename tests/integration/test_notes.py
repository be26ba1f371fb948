"""Notes on a customer, and what every family of records shares, through the functions' doors."""

import json
from datetime import timedelta

import pytest

from roster import bootstrap
from roster.domain.note import MAX_TEXT
from tests.support.api import Answer, Api
from tests.support.aws import IDEMPOTENCY_TABLE

RECORDS = Api("records_api")


@pytest.fixture
def customer(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    return f"/v1/customers/{made.json['id']}"


def delete(path: str, if_match: str = "*") -> Answer:
    return RECORDS.call("DELETE", path, headers={"if-match": if_match})


@pytest.mark.shows("S1.16")
def test_a_remark_is_recorded_read_edited_and_removed(customer: str) -> None:
    made = RECORDS.post(f"{customer}/notes", {"text": " Ring twice.\nBeware of the dog "})
    assert made.status == 201, made.text
    path = f"{customer}/notes/{made.json['id']}"
    assert made.headers["location"] == path
    assert RECORDS.get(path).json == made.json
    assert made.json["text"] == " Ring twice.\nBeware of the dog ", "as it was typed"
    assert made.json["created_by"] == "olga"
    known = RECORDS.call("GET", path, headers={"if-none-match": made.headers["etag"]})
    assert known.status == 304
    edited = RECORDS.patch(path, {"text": "Ring once"}, '"1"')
    assert (edited.status, edited.json["version"]) == (200, 2)
    assert RECORDS.patch(path, {"text": "Late"}, '"1"').status == 412
    assert RECORDS.get(path).json["text"] == "Ring once"
    assert delete(path, '"1"').status == 412
    assert delete(path).status == 204
    assert RECORDS.get(path).status == 404
    assert RECORDS.get(f"{customer}/notes").json == {"data": [], "next_cursor": None}


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": " \n"}, {"text": "\u200b"}, {"text": "x" * (MAX_TEXT + 1)},
             {"text": None}, {"text": 1}, {"text": "x", "colour": "red"}],
)  # fmt: skip
def test_a_bad_remark_is_refused_by_field_and_rule(customer: str, body: dict[str, object]) -> None:
    refused = RECORDS.post(f"{customer}/notes", body)
    assert refused.status == 422
    assert refused.json["errors"][0]["pointer"] in ("/text", "/colour")
    assert RECORDS.get(f"{customer}/notes").json["data"] == []


def test_pages_go_from_the_newest_to_the_oldest(customer: str) -> None:
    for n in range(5):
        RECORDS.post(f"{customer}/notes", {"text": str(n)})
    seen, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = RECORDS.call("GET", f"{customer}/notes", query=query).json
        seen += [note["text"] for note in page["data"]]
        RECORDS.post(f"{customer}/notes", {"text": "later"})
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ["4", "3", "2", "1", "0"], "what is added meanwhile shifts nothing"


def test_the_same_request_makes_one_remark_even_when_its_answer_was_lost(customer: str) -> None:
    first = RECORDS.post(f"{customer}/notes", {"text": "once"}, idempotency_key="k1")
    # The function died after the write: the answer was never remembered.
    client = bootstrap.dynamodb()
    for item in client.scan(TableName=IDEMPOTENCY_TABLE)["Items"]:
        client.delete_item(TableName=IDEMPOTENCY_TABLE, Key={"id": item["id"]})
    again = RECORDS.post(f"{customer}/notes", {"text": "once"}, idempotency_key="k1")
    assert (again.status, again.json) == (201, first.json)
    assert len(RECORDS.get(f"{customer}/notes").json["data"]) == 1


def test_nothing_hangs_on_a_customer_that_is_not_there(customers_api: Api, customer: str) -> None:
    note = RECORDS.post(f"{customer}/notes", {"text": "here"}).json
    assert RECORDS.post("/v1/customers/cus_0/notes", {"text": "x"}).status == 404
    other = Api("records_api", tenant="globex")
    assert other.get(f"{customer}/notes/{note['id']}").status == 404
    assert other.post(f"{customer}/notes", {"text": "x"}).status == 404
    customers_api.post(f"{customer}/deactivate", {"confirm": True}, if_match="*")
    assert RECORDS.post(f"{customer}/notes", {"text": "archived ones too"}).status == 201
    gone = customers_api.call(
        "DELETE", customer, query={"confirm": "true"}, headers={"if-match": "*"}
    )
    assert gone.status in (200, 204), gone.text
    for answer in (
        RECORDS.post(f"{customer}/notes", {"text": "late"}),
        RECORDS.get(f"{customer}/notes"),
        RECORDS.get(f"{customer}/notes/{note['id']}"),
        delete(f"{customer}/notes/{note['id']}"),
    ):
        assert answer.status == 410


def test_remarks_of_a_merged_customer_are_seen_and_edited_at_the_survivor(
    customers_api: Api, customer: str
) -> None:
    loser = customers_api.post("/v1/customers", {"company_name": "Acme Ltd"}).json["id"]
    old = RECORDS.post(f"/v1/customers/{loser}/notes", {"text": "of the loser"}).json
    RECORDS.post(f"{customer}/notes", {"text": "of the survivor"})
    merged = customers_api.post(f"{customer}/merge", {"loser_id": loser}, if_match="*")
    assert merged.status == 200, merged.text
    for path in (customer, f"/v1/customers/{loser}"):
        texts = [note["text"] for note in RECORDS.get(f"{path}/notes").json["data"]]
        assert texts == ["of the survivor", "of the loser"]
    edited = RECORDS.patch(f"{customer}/notes/{old['id']}", {"text": "still of the loser"})
    assert edited.status == 200
    kinds = [e["kind"] for e in customers_api.get(f"{customer}/timeline").json["data"]]
    assert kinds.count("note_added") == 2
    undone = customers_api.post(f"/v1/merges/{merged.json['merge_id']}/undo", {})
    assert undone.status == 200, undone.text
    texts = [n["text"] for n in RECORDS.get(f"/v1/customers/{loser}/notes").json["data"]]
    assert texts == ["still of the loser"]


@pytest.mark.shows("S1.43")
def test_the_timeline_is_one_ledger_of_changes_and_records(
    customers_api: Api, customer: str
) -> None:
    RECORDS.post(f"{customer}/notes", {"text": "private words"})
    customers_api.patch(customer, {"phone": "0171 1"})
    note = RECORDS.post(f"{customer}/notes", {"text": "2"}).json
    RECORDS.patch(f"{customer}/notes/{note['id']}", {"text": "3"})
    delete(f"{customer}/notes/{note['id']}")
    whole = customers_api.get(f"{customer}/timeline").json
    kinds = [entry["kind"] for entry in whole["data"]]
    assert kinds == ["note_removed", "note_edited", "note_added", "edited", "note_added", "created"]
    assert whole["next_cursor"] is None
    assert whole["data"][0]["record_id"] == note["id"]
    assert whole["data"][0]["text"] == "olga removed note"
    assert "private" not in json.dumps(whole), "the words stand in the note alone"
    paged, cursor = [], None
    while True:
        query = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = customers_api.call("GET", f"{customer}/timeline", query=query).json
        paged += page["data"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert paged == whole["data"]
    entry = f"{customer}/timeline/{whole['data'][0]['id']}"
    for method in ("PATCH", "DELETE", "PUT"):
        headers = {"if-match": "*"}
        assert customers_api.call(method, entry, {}, headers=headers).status in (404, 405)


def test_writers_whose_clocks_differ_lose_no_entry(
    customers_api: Api, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = bootstrap.clock
    RECORDS.post(f"{customer}/notes", {"text": "now"})
    monkeypatch.setattr(bootstrap, "clock", lambda: clock() - timedelta(hours=1))
    RECORDS.post(f"{customer}/notes", {"text": "by a late clock"})
    customers_api.patch(customer, {"phone": "0171 1"})
    entries, cursor = [], None
    while True:
        query = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = customers_api.call("GET", f"{customer}/timeline", query=query).json
        entries += page["data"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert sorted(e["kind"] for e in entries) == ["created", "edited", "note_added", "note_added"]
