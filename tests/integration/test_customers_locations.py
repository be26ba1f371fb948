"""Locations of a customer, through the function's door."""

from dataclasses import replace
from typing import Any

import pytest

from roster import bootstrap
from roster.adapters.dynamodb.parts import DynamoParts
from roster.bootstrap import parts as wired
from roster.domain.events import Actor, Source
from roster.domain.location import Address, Location
from roster.usecases import parts
from tests.support.api import Answer, Api
from tests.support.places import AUSTIN, TULSA, found, use_amazon_location


@pytest.fixture
def path(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "service_location": TULSA})
    assert made.status == 201, made.text
    return f"/v1/customers/{made.json['id']}"


def keep(location: Location) -> None:
    """Add a location by its id, as a QuickBooks run does."""
    actor = Actor("QuickBooks", Source.QUICKBOOKS, "run")
    parts.keep_location(
        "acme", location, actor=actor, customers=bootstrap.customers(), clock=bootstrap.clock
    )


def listed(api: Api, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"{path}/locations").json["data"]
    return found


def delete(api: Api, path: str, if_match: str = "*") -> Answer:
    return api.call("DELETE", path, headers={"if-match": if_match})


@pytest.mark.shows("S0.29", "S0.30", "S3.03", "S3.06", "S3.20")
def test_a_customer_has_many_locations(customers_api: Api, path: str) -> None:
    made = customers_api.post(f"{path}/locations", AUSTIN | {"name": "Barn", "unit": "B"})
    assert made.status == 201, made.text
    assert made.headers["etag"] == '"1"'
    assert made.headers["location"] == f"{path}/locations/{made.json['id']}"
    assert (made.json["primary"], made.json["country"]) == (False, None)
    assert {k: made.json[k] for k in AUSTIN} == AUSTIN
    first, second = listed(customers_api, path)
    assert second == made.json
    assert {k: first[k] for k in TULSA} == TULSA
    assert first["primary"]
    assert customers_api.get(f"{path}/locations/{second['id']}").json == second
    of_it = customers_api.get("/v1/locations", customer_id=path.rsplit("/", 1)[1])
    named = {"customer_name": "Acme"}
    assert of_it.json["data"] == [first | named, second | named]
    page = customers_api.get(f"{path}/locations", limit=1).json
    rest = customers_api.get(f"{path}/locations", limit=1, cursor=page["next_cursor"]).json
    several = {"company_name": "B", "service_location": [TULSA, AUSTIN]}
    assert customers_api.post("/v1/customers", several).status == 422
    assert (page["data"], rest["data"]) == ([first], [second])
    assert rest["next_cursor"] is None


@pytest.mark.shows("S0.32", "S0.34", "S0.35", "S0.36")
def test_a_location_needs_its_parts(customers_api: Api, path: str) -> None:
    answer = customers_api.post(f"{path}/locations", {"country": "US", "zip": " ", "city": None})
    assert answer.status == 422
    assert {(e["pointer"], e["code"]) for e in answer.json["errors"]} == {
        ("/street", "required"), ("/city", "required"), ("/state", "required"),
        ("/zip", "required"),
    }  # fmt: skip
    (one,) = listed(customers_api, path)
    for part in TULSA:
        for nothing in (None, " "):
            one_path = f"{path}/locations/{one['id']}"
            refused = customers_api.patch(one_path, {part: nothing})
            assert refused.status == 422, refused.text
            assert [e["pointer"] for e in refused.json["errors"]] == [f"/{part}"]
    assert listed(customers_api, path) == [one]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"street": "x" * 256}, "/street"),
        ({"name": "a\x00b"}, "/name"),
        ({"latitude": 1.0}, "/latitude"),
        ({"validated": True}, "/validated"),
        ({"primary": "yes"}, "/primary"),
        ({"primary": None}, "/primary"),
        ({"zip": 74103}, "/zip"),
        ({"geofence": {"radius_m": 49}}, "/geofence/radius_m"),
        ({"geofence": {"radius_m": 5001}}, "/geofence/radius_m"),
        ({"geofence": {"radius_m": 99.5}}, "/geofence/radius_m"),
        ({"geofence": {}}, "/geofence/radius_m"),
    ],
)
def test_bad_input_names_its_field(
    customers_api: Api, path: str, body: dict[str, object], pointer: str
) -> None:
    (one,) = listed(customers_api, path)
    answer = customers_api.patch(f"{path}/locations/{one['id']}", body)
    assert answer.status == 422, answer.text
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    assert listed(customers_api, path) == [one]


def test_a_merge_patch_keeps_sets_and_clears(customers_api: Api, path: str) -> None:
    (one,) = listed(customers_api, path)
    one_path = f"{path}/locations/{one['id']}"
    answer = customers_api.patch(one_path, {"name": "Hall", "unit": "9"}, '"1"')
    assert (answer.status, answer.headers["etag"]) == (200, '"2"')
    assert answer.json == one | {"name": "Hall", "unit": "9", "version": 2}
    cleared = customers_api.patch(one_path, {"name": None}, '"2"')
    assert (cleared.json["name"], cleared.json["unit"]) == (None, "9")
    same = customers_api.patch(one_path, {"unit": "9"}, '"3"')
    assert (same.status, same.json["version"]) == (200, 3), "nothing moved"


def test_versions_guard_writes(customers_api: Api, path: str) -> None:
    (one,) = listed(customers_api, path)
    one_path = f"{path}/locations/{one['id']}"
    assert customers_api.call("PATCH", one_path, {"name": "A"}).status == 428
    assert customers_api.patch(one_path, {"name": "A"}, '"7"').status == 412
    assert customers_api.call("DELETE", one_path).status == 428
    assert delete(customers_api, one_path, '"7"').status == 412
    assert customers_api.call("GET", one_path, headers={"if-none-match": '"1"'}).status == 304
    assert listed(customers_api, path) == [one]


def test_one_location_is_the_primary(customers_api: Api, path: str) -> None:
    (one,) = listed(customers_api, path)
    two = customers_api.post(f"{path}/locations", AUSTIN | {"primary": True}).json
    assert [p["primary"] for p in listed(customers_api, path)] == [False, True]
    moved = customers_api.get(f"{path}/locations/{one['id']}").json
    assert moved == one | {"primary": False, "version": 2}
    refused = customers_api.patch(f"{path}/locations/{two['id']}", {"primary": False})
    assert (refused.status, refused.json["code"]) == (409, "primary")
    refused = delete(customers_api, f"{path}/locations/{two['id']}")
    assert (refused.status, refused.json["code"]) == (409, "primary")
    back = customers_api.patch(f"{path}/locations/{one['id']}", {"primary": True})
    assert (back.status, back.json["primary"]) == (200, True)
    assert [p["primary"] for p in listed(customers_api, path)] == [True, False]
    assert delete(customers_api, f"{path}/locations/{two['id']}").status == 204
    assert delete(customers_api, f"{path}/locations/{one['id']}").status == 204, "the last"
    assert listed(customers_api, path) == []
    again = customers_api.post(f"{path}/locations", TULSA)
    assert again.json["primary"], "the first is"


@pytest.mark.shows("S3.04")
def test_a_location_belongs_to_one_customer(customers_api: Api, path: str) -> None:
    other = customers_api.post("/v1/customers", {"company_name": "Other"}).json
    (one,) = listed(customers_api, path)
    theirs = f"/v1/customers/{other['id']}/locations"
    attached = customers_api.post(theirs, TULSA | {"id": one["id"]})
    assert (attached.status, attached.json["code"]) == (409, "attached")
    moved = customers_api.patch(f"{path}/locations/{one['id']}", {"customer_id": other["id"]})
    assert (moved.status, moved.json["code"]) == (409, "attached")
    assert customers_api.get(f"{theirs}/{one['id']}").status == 404
    assert customers_api.patch(f"{theirs}/{one['id']}", {"name": "Mine"}).status == 404
    assert delete(customers_api, f"{theirs}/{one['id']}").status == 404
    assert customers_api.post(f"{theirs}/{one['id']}/validate-address", None).status == 404
    assert customers_api.get(theirs).json["data"] == []
    assert listed(customers_api, path) == [one]


def test_nobody_else_gets_in(customers_api: Api, path: str) -> None:
    (one,) = listed(customers_api, path)
    for elsewhere in (Api("customers_api", tenant="other"),):
        assert elsewhere.get(f"{path}/locations").status == 404
        assert elsewhere.get(f"{path}/locations/{one['id']}").status == 404
        assert elsewhere.post(f"{path}/locations", TULSA).status == 404
    viewer = Api("customers_api", role="viewer")
    assert viewer.get(f"{path}/locations").status == 200
    assert viewer.post(f"{path}/locations", TULSA).status == 403
    assert delete(viewer, f"{path}/locations/{one['id']}").status == 403
    customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    assert customers_api.post(f"{path}/locations", AUSTIN).status == 201, "inactive is editable"
    customers_api.call("DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"})
    assert customers_api.get(f"{path}/locations").status == 410
    assert customers_api.post(f"{path}/locations", AUSTIN).status == 410
    assert customers_api.get("/v1/customers/cus_x/locations").status == 404


def test_every_change_is_history(customers_api: Api, path: str) -> None:
    (one,) = listed(customers_api, path)
    two = customers_api.post(f"{path}/locations", AUSTIN | {"primary": True}).json
    customers_api.patch(f"{path}/locations/{one['id']}", {"street": "2 Fair Rd"})
    customers_api.patch(path, {"phone": "1"}, "*")
    delete(customers_api, f"{path}/locations/{one['id']}")
    events = customers_api.get(f"{path}/history").json["data"]
    assert [(e["kind"], e["version"]) for e in events] == [
        ("location_removed", 5), ("edited", 4), ("location_edited", 3), ("location_added", 2),
        ("created", 1),
    ]  # fmt: skip
    changes = [{c["field"]: (c["old"], c["new"]) for c in event["changes"]} for event in events]
    at = f"locations/{one['id']}"
    assert changes[2] == {f"{at}/street": ("1 Fair Rd", "2 Fair Rd")}
    assert changes[3] == {
        f"{at}/primary": (True, False),
        f"locations/{two['id']}/primary": (None, True),
        **{f"locations/{two['id']}/{k}": (None, v) for k, v in AUSTIN.items()},
    }
    was = TULSA | {"street": "2 Fair Rd"}
    assert changes[0] == {f"{at}/{k}": (v, None) for k, v in was.items()}
    assert not [f for f in changes[4] if f.startswith("locations/")]
    assert {e["by"] for e in events} == {"olga"}
    customer = customers_api.get(path).json
    assert customer["version"] == 5
    (row,) = customers_api.get("/v1/customers").json["data"]
    assert row["version"] == 5


def test_the_customer_may_move_meanwhile(
    customers_api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look and our write somebody edits the customer, and somebody adds a primary."""
    real, calls = DynamoParts.save, []

    def late(self: Any, step: Any) -> None:
        calls.append(step)
        if len(calls) == 1:
            customers_api.patch(path, {"phone": "1"}, "*")
        if len(calls) == 2:
            made = customers_api.post(f"{path}/locations", AUSTIN | {"primary": True})
            assert made.status == 201
        real(self, step)

    monkeypatch.setattr(DynamoParts, "save", late)
    made = customers_api.post(f"{path}/locations", TULSA | {"primary": True})
    assert made.status == 201, made.text
    assert len(calls) == 4
    assert [p["primary"] for p in listed(customers_api, path)].count(True) == 1
    assert customers_api.get(f"{path}/locations/{made.json['id']}").json["primary"]
    assert customers_api.get(path).json["version"] == 4


def test_locations_that_came_by_quickbooks_have_a_primary_too(
    customers_api: Api, path: str
) -> None:
    customer_id = path.rsplit("/", 1)[1]
    (one,) = wired.locations().all("acme", customer_id)
    customers_api.patch(f"{path}/locations/{one.id}", {"name": "Edited"})
    for number, primary in (("1", True), ("2", False)):
        job = replace(one, id=f"loc_Z{number}", primary=primary)
        keep(job)
    keep(one)
    first, *jobs = listed(customers_api, path)
    assert [p["primary"] for p in (first, *jobs)] == [True, False, False]
    assert first["name"] == "Edited", "a job that comes again overwrites nothing"
    made = customers_api.post("/v1/customers", {"company_name": "Jobs only"}).json
    for number in "12":
        job = replace(one, id=f"loc_Y{number}", customer_id=made["id"], primary=False)
        keep(job)
    here = listed(customers_api, f"/v1/customers/{made['id']}")
    assert [p["primary"] for p in here] == [True, False]


def test_an_incomplete_address_may_be_mended_step_by_step(customers_api: Api, path: str) -> None:
    """An import keeps it as typed; nobody is made to know the ZIP to correct the name."""
    customer_id = path.rsplit("/", 1)[1]
    (one,) = wired.locations().all("acme", customer_id)
    typed = replace(one, id="loc_Z1", primary=False, address=Address(street="1 Rd", city="Tulsa"))
    keep(typed)
    place = f"{path}/locations/loc_Z1"
    assert customers_api.patch(place, {"name": "Hall"}).status == 200
    assert customers_api.patch(place, {"zip": "74103"}).status == 200
    refused = customers_api.patch(place, {"city": None})
    assert [e["pointer"] for e in refused.json["errors"]] == ["/city"]
    refused = customers_api.post(f"{place}/validate-address", None)
    assert [e["pointer"] for e in refused.json["errors"]] == ["/state"]


@pytest.mark.shows("S0.38", "S0.40")
def test_the_embedded_geocoder_is_honest(customers_api: Api, path: str) -> None:
    (one,) = listed(customers_api, path)
    assert (one["latitude"], one["longitude"], one["validated"]) == (None, None, False)
    assert (one["accuracy_m"], one["source"], one["geofence"]) == (None, None, None)
    answer = customers_api.post(f"{path}/locations/{one['id']}/validate-address", None)
    assert answer.status == 200, answer.text
    place = answer.json
    assert (place["latitude"], place["longitude"]) == (36.1539, -95.9954)
    assert (place["source"], place["validated"]) == ("zip_centroid", False)
    assert 500 < place["accuracy_m"] < 10_000
    assert place["geofence"] == {
        "latitude": 36.1539, "longitude": -95.9954, "radius_m": 150,
        "reach_m": place["accuracy_m"], "approximate": True,
    }  # fmt: skip
    assert listed(customers_api, path) == [place]
    assert answer.headers["etag"] == '"2"'


@pytest.mark.parametrize(
    ("patch", "pointer", "code"),
    [
        ({"zip": "00000"}, "/zip", "unknown_zip"),
        ({"zip": "7410"}, "/zip", "unknown_zip"),
        ({"zip": "EC1A 1BB"}, "/zip", "unknown_zip"),
        ({"zip": "74103-12"}, "/zip", "unknown_zip"),
        ({"zip": "78701"}, "/zip", "zip_of_another_state"),
        ({"country": "Germany"}, "/country", "country_not_covered"),
    ],
)
def test_what_the_embedded_geocoder_does_not_know_is_refused(
    customers_api: Api, path: str, patch: dict[str, str], pointer: str, code: str
) -> None:
    (one,) = listed(customers_api, path)
    customers_api.patch(f"{path}/locations/{one['id']}", patch)
    before = listed(customers_api, path)
    answer = customers_api.post(f"{path}/locations/{one['id']}/validate-address", None)
    assert answer.status == 422
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [(pointer, code)]
    assert listed(customers_api, path) == before


def test_zips_with_leading_zeros_and_with_four_more(customers_api: Api, path: str) -> None:
    (one,) = listed(customers_api, path)
    one_path = f"{path}/locations/{one['id']}"
    there = {"zip": "07601-1234", "state": "nj", "city": "Hackensack", "country": "USA"}
    assert customers_api.patch(one_path, there).json["zip"] == "07601-1234"
    answer = customers_api.post(f"{one_path}/validate-address", None)
    assert (answer.status, round(answer.json["latitude"])) == (200, 41), answer.text


@pytest.mark.shows("S0.38", "S0.39", "S0.41")
@pytest.mark.parametrize("part", TULSA)
def test_a_validated_address_until_it_is_edited(
    customers_api: Api, path: str, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    use_amazon_location(monkeypatch, found(), found())
    (one,) = listed(customers_api, path)
    one_path = f"{path}/locations/{one['id']}"
    place = customers_api.post(f"{one_path}/validate-address", None).json
    assert (place["validated"], place["source"]) == (True, "amazon_location")
    assert (place["latitude"], place["longitude"]) == (36.15398, -95.99277)
    assert place["geofence"]["approximate"] is False
    kept = customers_api.patch(one_path, {"name": "Hall", "unit": "2", part: one[part]})
    assert (kept.json["validated"], kept.json["latitude"]) == (True, 36.15398)
    edited = customers_api.patch(one_path, {part: "9 Other"}).json
    assert (edited["validated"], edited["latitude"], edited["longitude"]) == (False, None, None)
    assert (edited["accuracy_m"], edited["source"], edited["geofence"]) == (None, None, None)
    assert customers_api.get(one_path).json == edited
    again = customers_api.post(f"{one_path}/validate-address", None).json
    assert again["validated"]
    fields = {
        c["field"].rsplit("/", 1)[1]: (c["old"], c["new"])
        for c in customers_api.get(f"{path}/history").json["data"][1]["changes"]
    }
    assert fields["validated"] == (True, False)
    assert fields["latitude"] == (36.15398, None)


@pytest.mark.parametrize(
    "result", [{}, found(kind="Street"), found(kind="PostalCode"), found(score=0.6)]
)
def test_what_only_resembles_the_address_does_not_validate_it(
    customers_api: Api, path: str, monkeypatch: pytest.MonkeyPatch, result: dict[str, Any]
) -> None:
    use_amazon_location(monkeypatch, result)
    (one,) = listed(customers_api, path)
    answer = customers_api.post(f"{path}/locations/{one['id']}/validate-address", None)
    assert answer.status == 422
    assert [e["code"] for e in answer.json["errors"]] == ["address_not_found"]
    assert listed(customers_api, path) == [one]


def test_a_geocoder_that_does_not_answer_is_503(
    customers_api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = use_amazon_location(monkeypatch)
    stub.add_client_error("geocode", "ThrottlingException", http_status_code=429)
    (one,) = listed(customers_api, path)
    answer = customers_api.post(f"{path}/locations/{one['id']}/validate-address", None)
    assert answer.status == 503
    assert listed(customers_api, path) == [one]


@pytest.mark.shows("S0.26")
def test_a_geofence_lies_round_a_located_address(
    customers_api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_amazon_location(monkeypatch, found())
    (one,) = listed(customers_api, path)
    one_path = f"{path}/locations/{one['id']}"
    refused = customers_api.patch(one_path, {"geofence": {"radius_m": 300}})
    assert (refused.status, refused.json["code"]) == (409, "no_position")
    place = customers_api.post(f"{one_path}/validate-address", None).json
    assert place["geofence"] == {
        "latitude": 36.15398, "longitude": -95.99277, "radius_m": 150, "reach_m": 150,
        "approximate": False,
    }  # fmt: skip
    wide = customers_api.patch(one_path, {"geofence": {"radius_m": 300}}).json
    assert (wide["geofence"]["radius_m"], wide["geofence"]["reach_m"]) == (300, 300)
    assert customers_api.get(one_path).json == wide
    usual = customers_api.patch(one_path, {"geofence": {"radius_m": None}}).json
    assert usual["geofence"]["radius_m"] == 150


def test_bills_keep_going_where_the_last_location_was(customers_api: Api, path: str) -> None:
    customers_api.patch(path, {"billing_same_as_service": True})
    other = customers_api.post(f"{path}/locations", AUSTIN).json
    first = listed(customers_api, path)[0]["id"]
    assert delete(customers_api, f"{path}/locations/{other['id']}").status == 204
    assert customers_api.get(path).json["billing_same_as_service"] is True, "one is left"
    version = customers_api.get(path).json["version"]
    assert delete(customers_api, f"{path}/locations/{first}").status == 204
    now = customers_api.get(path).json
    assert now["billing_same_as_service"] is False
    assert {k: now["billing_address"][k] for k in TULSA} == TULSA
    assert now["version"] == version + 1, "it is one step"
    last = customers_api.get(f"{path}/history").json["data"][0]
    changed = {c["field"]: (c["old"], c["new"]) for c in last["changes"]}
    assert last["kind"] == "location_removed"
    assert changed["billing_same_as_service"] == (True, False)
    assert changed["billing_address"][0] is None
    assert changed["billing_address"][1]["street"] == TULSA["street"]
    diff = customers_api.get(f"{path}/diff", **{"from": str(version), "to": str(version + 1)}).json
    assert {c["field"] for c in diff["changes"]} == {"billing_same_as_service", "billing_address"}


def test_a_last_location_that_no_bill_went_to_leaves_no_address(
    customers_api: Api, path: str
) -> None:
    only = listed(customers_api, path)[0]["id"]
    assert delete(customers_api, f"{path}/locations/{only}").status == 204
    assert customers_api.get(path).json["billing_address"] is None
