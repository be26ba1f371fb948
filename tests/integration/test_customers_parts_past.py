"""Taking back what was done to a customer's locations and contacts, through the function's door."""

from dataclasses import replace
from typing import Any

import pytest

from roster import bootstrap
from roster.bootstrap import parts
from roster.domain.events import Actor, Change, Event, EventKind, event_id
from roster.usecases.part_ports import PartStep
from tests.support.api import Answer, Api
from tests.support.places import AUSTIN, TULSA

ANN = {"first_name": "Ann", "title": "Owner", "email": "ann@lee.example"}


@pytest.fixture
def path(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "service_location": TULSA})
    assert made.status == 201, made.text
    return f"/v1/customers/{made.json['id']}"


def listed(api: Api, path: str, family: str = "locations") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"{path}/{family}").json["data"]
    return found


def without_version(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in part.items() if k != "version"} for part in parts]


def last_event(api: Api, path: str) -> dict[str, Any]:
    event: dict[str, Any] = api.get(f"{path}/history", limit=1).json["data"][0]
    return event


def restore(
    api: Api, path: str, event: dict[str, Any], *fields: str, if_match: str = "*"
) -> Answer:
    body = {"fields": list(fields)} if fields else {}
    return api.post(f"{path}/history/{event['id']}/restore", body, if_match=if_match)


def add(api: Api, path: str, family: str, **fields: Any) -> dict[str, Any]:
    answer = api.post(f"{path}/{family}", fields)
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def remove(api: Api, path: str) -> None:
    assert api.call("DELETE", path, headers={"if-match": "*"}).status == 204


def change(api: Api, path: str, **fields: Any) -> dict[str, Any]:
    answer = api.patch(path, fields)
    assert answer.status == 200, answer.text
    changed: dict[str, Any] = answer.json
    return changed


def test_an_added_location_goes_and_comes_again(customers_api: Api, path: str) -> None:
    before = listed(customers_api, path)
    barn = add(customers_api, path, "locations", **AUSTIN, name="Barn", primary=True)
    added = last_event(customers_api, path)
    with_barn = listed(customers_api, path)
    answer = restore(customers_api, path, added, if_match='"2"')
    assert (answer.status, answer.headers["etag"]) == (200, '"3"')
    assert answer.json["id"] == path.rsplit("/", 1)[1]
    assert without_version(listed(customers_api, path)) == without_version(before)
    taken = last_event(customers_api, path)
    assert taken["kind"] == "location_removed"
    assert taken["reason"] == f"restored what {added['id']} changed"
    assert taken["version"] == 3
    assert restore(customers_api, path, taken).status == 200
    assert without_version(listed(customers_api, path)) == without_version(with_barn)
    assert last_event(customers_api, path)["kind"] == "location_added"
    again = customers_api.get(f"{path}/locations/{barn['id']}")
    assert again.json["version"] > barn["version"], "an ETag of before never fits"


def test_a_removed_location_comes_back_whole_with_its_place_on_the_map(
    customers_api: Api, path: str
) -> None:
    barn = add(customers_api, path, "locations", **AUSTIN, name="Barn", unit="9")
    one = f"{path}/locations/{barn['id']}"
    assert customers_api.post(f"{one}/validate-address", None).status == 200
    change(customers_api, one, geofence={"radius_m": 400})
    before = listed(customers_api, path)
    assert before[1]["latitude"]
    remove(customers_api, one)
    assert restore(customers_api, path, last_event(customers_api, path)).status == 200
    assert without_version(listed(customers_api, path)) == without_version(before)


def test_an_edited_address_is_again_what_and_where_it_was(customers_api: Api, path: str) -> None:
    one = f"{path}/locations/{listed(customers_api, path)[0]['id']}"
    customers_api.post(f"{one}/validate-address", None)
    found = last_event(customers_api, path)
    placed = customers_api.get(one).json
    change(customers_api, one, **AUSTIN, name="Barn")
    moved = last_event(customers_api, path)
    assert customers_api.get(one).json["latitude"] is None
    field = f"locations/{placed['id']}/name"
    assert restore(customers_api, path, moved, field).status == 200
    named = customers_api.get(one).json
    assert (named["name"], named["street"]) == (None, AUSTIN["street"]), "only what was asked for"
    assert restore(customers_api, path, moved).status == 200
    assert customers_api.get(one).json == placed | {"version": named["version"] + 1}
    # Before it was looked up it was nowhere.
    assert restore(customers_api, path, found).status == 200
    nowhere = customers_api.get(one).json
    assert (nowhere["latitude"], nowhere["geofence"], nowhere["street"]) == (
        None, None, TULSA["street"],
    )  # fmt: skip
    version = customers_api.get(path).json["version"]
    assert restore(customers_api, path, found).status == 200
    assert customers_api.get(path).json["version"] == version, "nothing moved"


def test_a_position_never_comes_back_to_another_address(customers_api: Api, path: str) -> None:
    one = f"{path}/locations/{listed(customers_api, path)[0]['id']}"
    customers_api.post(f"{one}/validate-address", None)
    change(customers_api, one, street="9 Elm St")
    moved = last_event(customers_api, path)
    change(customers_api, one, city="Bixby")
    assert restore(customers_api, path, moved).status == 200
    found = customers_api.get(one).json
    assert (found["street"], found["city"]) == (TULSA["street"], "Bixby")
    assert found["latitude"] is None
    # Nor by itself, while the street it belongs to is not asked for.
    change(customers_api, one, **TULSA)
    customers_api.post(f"{one}/validate-address", None)
    change(customers_api, one, street="9 Elm St")
    moved = last_event(customers_api, path)
    field = next(c["field"] for c in moved["changes"] if c["field"].endswith("latitude"))
    assert restore(customers_api, path, moved, field).status == 200
    assert customers_api.get(one).json["latitude"] is None


def test_contacts_go_come_back_and_are_what_they_were(customers_api: Api, path: str) -> None:
    ann = add(customers_api, path, "contacts", **ANN)
    bob = add(customers_api, path, "contacts", first_name="Bob", primary=True)
    added = last_event(customers_api, path)
    one = f"{path}/contacts/{ann['id']}"
    change(customers_api, one, title=None, email="a@lee.example")
    edited = last_event(customers_api, path)
    assert restore(customers_api, path, edited, f"contacts/{ann['id']}/title").status == 200
    found = customers_api.get(one).json
    assert (found["title"], found["email"]) == ("Owner", "a@lee.example")
    assert restore(customers_api, path, edited).status == 200
    assert customers_api.get(one).json["email"] == ANN["email"]
    assert restore(customers_api, path, added).status == 200
    (left,) = listed(customers_api, path, "contacts")
    assert (left["id"], left["primary"]) == (ann["id"], True)
    gone = last_event(customers_api, path)
    assert restore(customers_api, path, gone).status == 200
    assert [(c["id"], c["primary"]) for c in listed(customers_api, path, "contacts")] == [
        (ann["id"], False), (bob["id"], True),
    ]  # fmt: skip


def test_what_leaves_no_primary_or_has_gone_is_refused(customers_api: Api, path: str) -> None:
    barn = add(customers_api, path, "locations", **AUSTIN)
    added = last_event(customers_api, path)
    one = f"{path}/locations/{barn['id']}"
    change(customers_api, one, primary=True)
    refused = restore(customers_api, path, added)
    assert (refused.status, refused.json["code"]) == (409, "primary")
    change(customers_api, one, name="Barn")
    named = last_event(customers_api, path)
    first = listed(customers_api, path)[0]
    change(customers_api, f"{path}/locations/{first['id']}", primary=True)
    remove(customers_api, one)
    version = customers_api.get(path).json["version"]
    refused = restore(customers_api, path, named)
    assert (refused.status, refused.json["code"]) == (409, "part_gone")
    assert customers_api.get(path).json["version"] == version
    assert restore(customers_api, path, added).status == 200, "it is gone already"
    assert customers_api.get(path).json["version"] == version


def test_restoring_a_part_needs_version_role_and_company(customers_api: Api, path: str) -> None:
    add(customers_api, path, "contacts", **ANN)
    added = last_event(customers_api, path)
    plain = f"{path}/history/{added['id']}/restore"
    assert customers_api.post(plain, {}).status == 428
    assert restore(customers_api, path, added, if_match='"1"').status == 412
    assert restore(Api("customers_api", role="viewer"), path, added).status == 403
    assert restore(Api("customers_api", tenant="zenith"), path, added).status == 404
    refused = restore(customers_api, path, added, "contacts/con_1/email", "email")
    assert refused.status == 422
    assert [e["pointer"] for e in refused.json["errors"]] == ["/fields/0", "/fields/1"]
    assert len(listed(customers_api, path, "contacts")) == 1


def test_old_values_that_may_not_be_any_more_are_named(customers_api: Api, path: str) -> None:
    """They may have been valid under the rules of their day, or have come by an import."""
    ann = add(customers_api, path, "contacts", **ANN)
    (place,) = listed(customers_api, path)
    at = f"locations/{place['id']}"
    long = _happened(
        path,
        EventKind.LOCATION_EDITED,
        Change(f"{at}/street", "x" * 256, "y"),
        Change(f"{at}/zip", None, "1"),
        Change(f"{at}/name", "a\x00b", None),
    )
    mail = _happened(
        path, EventKind.CONTACT_EDITED, Change(f"contacts/{ann['id']}/email", "nobody", "a@b.de")
    )
    refused = restore(customers_api, path, long)
    assert refused.status == 422, refused.text
    assert {(e["pointer"], e["code"]) for e in refused.json["errors"]} == {
        (f"/{at}/street", "too_long"),
        (f"/{at}/zip", "required"),
        (f"/{at}/name", "control_character"),
    }
    refused = restore(customers_api, path, mail)
    assert [e["pointer"] for e in refused.json["errors"]] == [f"/contacts/{ann['id']}/email"]
    assert listed(customers_api, path) == [place]
    assert listed(customers_api, path, "contacts") == [ann]


def _happened(path: str, kind: EventKind, *changes: Change) -> dict[str, Any]:
    """Write an event that no door would let in today; no part is touched."""
    before = bootstrap.customers().get("acme", path.rsplit("/", 1)[1])
    assert before is not None
    after = replace(before, version=before.version + 1)
    event = Event(
        id=event_id(after.version, before.updated_at),
        kind=kind,
        customer_id=before.id,
        version=after.version,
        at=before.updated_at,
        actor=Actor("olga"),
        changes=changes,
    )
    parts.locations().save(PartStep(before=before, after=after, event=event, puts=(), removes=()))
    return {"id": event.id}
