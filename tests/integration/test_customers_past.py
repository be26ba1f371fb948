"""The past of a customer through the function's door: as it was, who set what, and back again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from roster import bootstrap
from roster.domain import customer as rules
from roster.domain.events import Actor, Change, EventKind, Source
from tests.support.api import Answer, Api


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock to that day of January 2026, noon."""

    def set_to(day: int) -> None:
        monkeypatch.setattr(bootstrap, "clock", lambda: datetime(2026, 1, day, 12, tzinfo=UTC))

    return set_to


@pytest.fixture
def path(customers_api: Api, at: Any) -> str:
    """A customer made on the 1st, edited on the 3rd and the 5th, deactivated on the 7th."""
    at(1)
    made = customers_api.post(
        "/v1/customers",
        {"company_name": "Acme", "phone": "1", "tags": ["vip"], "billing_address": {"city": "Ulm"}},
    )
    path = f"/v1/customers/{made.json['id']}"
    at(3)
    customers_api.patch(path, {"phone": "2", "billing_address": {"zip": "007"}})
    at(5)
    bert = Api("customers_api", user="bert")
    bert.patch(path, {"phone": "3", "email": "a@b.de", "tags": None, "company_name": "Apex"})
    at(7)
    customers_api.post(f"{path}/deactivate", {"confirm": True, "reason": "quiet"}, if_match="*")
    at(9)
    return path


def restore(api: Api, path: str, event: str, body: Any = None, if_match: str = "*") -> Answer:
    return api.post(f"{path}/history/{event}/restore", body or {}, if_match=if_match)


def event_id(api: Api, path: str, version: int) -> str:
    events = api.get(f"{path}/history").json["data"]
    return next(str(e["id"]) for e in events if e["version"] == version)


@pytest.mark.shows("S3.34")
def test_a_customer_as_it_was(customers_api: Api, path: str) -> None:
    now = customers_api.get(path).json

    def then(as_of: str) -> Any:
        answer = customers_api.get(path, as_of=as_of)
        assert answer.status == 200, answer.text
        return answer.json

    first = then("2026-01-01")
    assert (first["phone"], first["tags"], first["email"]) == ("1", ["vip"], None)
    assert first["billing_address"]["city"] == "Ulm"
    assert (first["billing_address"]["zip"], first["version"]) == (None, 1)
    second = then("2026-01-05T11:59:59.999Z")
    assert (second["phone"], second["display_name"], second["version"]) == ("2", "Acme", 2)
    assert second["billing_address"]["zip"] == "007"
    assert second["updated_at"].startswith("2026-01-03T12:00:00")
    third = then("2026-01-05T13:00:00+01:00")
    assert (third["phone"], third["display_name"], third["status"]) == ("3", "Apex", "active")
    assert third["tags"] == []
    assert then("2026-01-07T12:00:00Z") == now
    assert then("2031-01-01") == now


def test_what_was_is_nothing_to_write_against(customers_api: Api, path: str) -> None:
    assert "etag" not in customers_api.get(path, as_of="2026-01-02").headers


def test_before_its_creation_there_is_none(customers_api: Api, path: str) -> None:
    answer = customers_api.get(path, as_of="2025-12-31")
    assert (answer.status, answer.json["code"]) == (404, "not_yet_created")


@pytest.mark.parametrize(
    "as_of", ["", "yesterday", "2026-13-01", "2026-01-01T10:00:00", "1", "0001-01-01T00:00+23:00"]
)
def test_a_moment_that_is_none_is_named(customers_api: Api, path: str, as_of: str) -> None:
    answer = customers_api.get(path, as_of=as_of)
    assert answer.status == 422, answer.text
    assert answer.json["errors"][0]["pointer"] == "?as_of"


def test_every_field_answers_who_set_it(customers_api: Api, path: str) -> None:
    found = {p["field"]: p for p in customers_api.get(f"{path}/provenance").json["data"]}
    phone = found["phone"]
    assert (phone["value"], phone["old"], phone["by"], phone["source"]) == ("3", "2", "bert", "api")
    assert phone["at"].startswith("2026-01-05T12:00:00")
    assert phone["event_id"] == event_id(customers_api, path, 3)
    assert (found["tags"]["value"], found["tags"]["old"]) == ([], ["vip"])
    assert found["billing_address"]["old"] == {"city": "Ulm"}
    assert (found["number"]["by"], found["number"]["old"]) == ("olga", None)
    assert found["status"]["value"] == "inactive"
    assert "website" not in found


def test_provenance_names_the_road_and_the_run(customers_api: Api, path: str) -> None:
    customers = bootstrap.customers()
    before = customers.get("acme", path.rsplit("/", 1)[1])
    assert before is not None
    after = rules.edit(before, {"phone": "41"}, now=bootstrap.clock())
    actor = Actor("quickbooks", Source.QUICKBOOKS, "run_41")
    customers.save(before, after, rules.event_of(EventKind.EDITED, before, after, actor))
    found = {p["field"]: p for p in customers_api.get(f"{path}/provenance").json["data"]}
    phone = found["phone"]
    assert (phone["source"], phone["run"], phone["old"]) == ("quickbooks", "run_41", "3")
    top = customers_api.get(f"{path}/timeline").json["data"][0]
    assert (top["kind"], top["text"]) == ("sync_update", "quickbooks changed phone from 3 to 41")


def test_an_edit_is_told_by_its_road(customers_api: Api, path: str) -> None:
    customers = bootstrap.customers()
    for road, kind in ((Source.IMPORT, "import"), (Source.QUICKBOOKS, "sync_update")):
        before = customers.get("acme", path.rsplit("/", 1)[1])
        assert before is not None
        after = rules.edit(before, {"phone": road}, now=bootstrap.clock())
        event = rules.event_of(EventKind.EDITED, before, after, Actor("olga", road, "run_1"))
        customers.save(before, after, event)
        assert customers_api.get(f"{path}/timeline").json["data"][0]["kind"] == kind


@pytest.mark.parametrize(
    ("start", "end"), [("1", "2"), ("2026-01-02", "2026-01-04T00:00:00Z"), ("1", "2026-01-04")]
)
def test_what_differs_between_versions_and_times(
    customers_api: Api, path: str, start: str, end: str
) -> None:
    answer = customers_api.get(f"{path}/diff", **{"from": start, "to": end})
    assert answer.status == 200, answer.text
    assert (answer.json["from"]["version"], answer.json["to"]["version"]) == (1, 2)
    assert answer.json["changes"] == [
        {"field": "phone", "old": "1", "new": "2"},
        {
            "field": "billing_address",
            "old": {"city": "Ulm"},
            "new": {"city": "Ulm", "zip": "007"},
        },
    ]


def test_a_difference_may_be_looked_at_backwards(customers_api: Api, path: str) -> None:
    answer = customers_api.get(f"{path}/diff", **{"from": "4", "to": "3"})
    assert answer.json["changes"] == [{"field": "status", "old": "inactive", "new": "active"}]


def test_a_version_that_never_was(customers_api: Api, path: str) -> None:
    for start in ("0", "5"):
        answer = customers_api.get(f"{path}/diff", **{"from": start, "to": "1"})
        assert (answer.status, answer.json["code"]) == (404, "no_such_version")
    assert customers_api.get(f"{path}/diff", **{"from": "1"}).status == 422


def test_an_event_is_taken_back_whole(customers_api: Api, path: str) -> None:
    event = event_id(customers_api, path, 3)
    answer = restore(customers_api, path, event, if_match='"4"')
    assert answer.status == 200, answer.text
    assert answer.headers["etag"] == '"5"'
    found = answer.json
    assert (found["phone"], found["email"], found["tags"]) == ("2", None, ["vip"])
    assert (found["company_name"], found["display_name"]) == ("Acme", "Acme")
    assert found["status"] == "inactive", "what another event did stays"
    top = customers_api.get(f"{path}/history").json["data"][0]
    assert (top["kind"], top["reason"]) == ("edited", f"restored what {event} changed")
    assert customers_api.get("/v1/customers", q="acme", status="all").json["data"]


def test_one_field_of_an_event_is_taken_back(customers_api: Api, path: str) -> None:
    event = event_id(customers_api, path, 2)
    found = restore(customers_api, path, event, {"fields": ["billing_address"]}).json
    assert found["billing_address"]["zip"] is None
    assert (found["billing_address"]["city"], found["phone"]) == ("Ulm", "3")


def test_restoring_needs_the_version_and_a_known_event(customers_api: Api, path: str) -> None:
    event = event_id(customers_api, path, 3)
    assert customers_api.post(f"{path}/history/{event}/restore", {}).status == 428
    assert restore(customers_api, path, event, if_match='"1"').status == 412
    assert restore(customers_api, path, "evt_1").status == 404
    stranger = Api("customers_api", tenant="zenith")
    assert restore(stranger, path, event).status == 404
    assert restore(Api("customers_api", role="viewer"), path, event).status == 403


@pytest.mark.parametrize("version", [1, 4])
def test_what_cannot_be_taken_back_is_refused(customers_api: Api, path: str, version: int) -> None:
    answer = restore(customers_api, path, event_id(customers_api, path, version))
    assert (answer.status, answer.json["code"]) == (409, "wrong_state")
    assert customers_api.get(path).json["version"] == 4


def test_fields_that_the_event_did_not_change_are_named(customers_api: Api, path: str) -> None:
    event = event_id(customers_api, path, 2)
    answer = restore(customers_api, path, event, {"fields": ["phone", "email", "status"]})
    assert answer.status == 422
    assert [e["pointer"] for e in answer.json["errors"]] == ["/fields/1", "/fields/2"]


def test_a_value_that_is_no_longer_valid_is_named(customers_api: Api, path: str) -> None:
    """It may have been valid under the rules of its day."""
    customers = bootstrap.customers()
    now = customers.get("acme", path.rsplit("/", 1)[1])
    assert now is not None
    later = replace(now, version=5, updated_at=now.updated_at + timedelta(hours=1))
    event = rules.event_of(EventKind.EDITED, now, later, Actor("olga"))
    event = replace(event, changes=(Change("email", "nobody", now.email),))
    customers.save(now, later, event)
    answer = restore(customers_api, path, event.id)
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/email"
    assert customers_api.get(path).json["version"] == 5


def test_a_value_that_is_somebody_elses_now_is_refused(customers_api: Api, path: str) -> None:
    customers_api.patch(path, {"external_id": "x1"})
    customers_api.patch(path, {"external_id": None})
    customers_api.post("/v1/customers", {"company_name": "Zenith", "external_id": "x1"})
    answer = restore(customers_api, path, event_id(customers_api, path, 6))
    assert (answer.status, answer.json["code"]) == (409, "taken")


@pytest.mark.shows("S1.43")
def test_the_timeline_tells_in_words(customers_api: Api, path: str) -> None:
    entries = customers_api.get(f"{path}/timeline").json["data"]
    assert [(e["kind"], e["by"]) for e in entries] == [
        ("status_changed", "olga"),
        ("edited", "bert"),
        ("edited", "olga"),
        ("created", "olga"),
    ]
    assert entries[0]["text"] == "olga deactivated the customer (quiet)"
    assert "set email to a@b.de" in entries[1]["text"]
    assert "cleared tags, which was vip" in entries[1]["text"]
    assert "changed phone from 1 to 2" in entries[2]["text"]
    page = customers_api.get(f"{path}/timeline", limit=1).json
    rest = customers_api.get(f"{path}/timeline", cursor=page["next_cursor"]).json["data"]
    assert page["data"] + rest == entries


@pytest.mark.shows("S1.43")
def test_nobody_rewrites_the_ledger(customers_api: Api, path: str) -> None:
    event = event_id(customers_api, path, 2)
    for method in ("PUT", "PATCH", "DELETE"):
        for where in ("history", "timeline"):
            answer = customers_api.call(method, f"{path}/{where}/{event}", {})
            assert answer.status == 404


def test_a_phone_of_the_past_has_the_e164_form_of_the_past(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "A", "mobile": "2125550100"}).json
    path = f"/v1/customers/{made['id']}"
    first = customers_api.patch(path, {"phone": "2125550188"}).json
    customers_api.patch(path, {"phone": "(646) 555-0111", "mobile": None})
    then = customers_api.get(path, as_of=made["updated_at"]).json
    assert (then["phone"], then["phone_e164"], then["mobile_e164"]) == (None, None, "+12125550100")
    then = customers_api.get(path, as_of=first["updated_at"]).json
    assert (then["phone_e164"], then["mobile_e164"]) == ("+12125550188", "+12125550100")
