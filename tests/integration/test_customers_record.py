"""Creating, reading and editing a customer, through the function's door."""

import pytest

from tests.support.api import Api


@pytest.mark.shows("S2.04", "S3.24", "S3.25", "S0.12")
def test_a_name_is_enough(customers_api: Api) -> None:
    answer = customers_api.post("/v1/customers", {"company_name": "Café Müller GmbH"})
    assert answer.status == 201, answer.text
    customer = answer.json
    assert customer["display_name"] == "Café Müller GmbH"
    assert customer["number"] == "C-00001"
    assert (customer["status"], customer["archived"]) == ("active", False)
    assert customer["source"] == "manual"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/v1/customers/{customer['id']}"
    read = customers_api.get(f"/v1/customers/{customer['id']}")
    assert read.json == customer


@pytest.mark.shows("S0.48")
def test_every_broken_rule_is_named_at_once(customers_api: Api) -> None:
    body = {
        "email": "nobody",
        "colour": "red",
        "tags": "vip",
        "first_name": "x" * 101,
        "service_location": {"street": "1 Main St"},
    }
    answer = customers_api.post("/v1/customers", body)
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {e["pointer"] for e in answer.json["errors"]} == {
        "/email", "/colour", "/tags", "/first_name",
        "/service_location/city", "/service_location/state", "/service_location/zip",
    }  # fmt: skip
    assert customers_api.get("/v1/customers").json["data"] == []


@pytest.mark.shows("S0.32", "S0.34", "S0.35", "S0.36")
def test_a_service_location_needs_its_parts(customers_api: Api) -> None:
    answer = customers_api.post("/v1/customers", {"service_location": {"country": "US"}})
    assert answer.status == 422
    assert {e["pointer"] for e in answer.json["errors"]} == {
        "/display_name",
        "/service_location/street",
        "/service_location/city",
        "/service_location/state",
        "/service_location/zip",
    }


@pytest.mark.shows("S0.24", "S0.31", "S0.33", "S0.37", "S0.40")
def test_the_service_location_is_kept(customers_api: Api) -> None:
    place = {
        "name": "Main hall", "street": "1 Fair Rd", "unit": "B", "city": "Tulsa", "state": "OK",
        "zip": "07601", "country": "US",
    }  # fmt: skip
    made = customers_api.post("/v1/customers", {"full_name": "Ann Lee", "service_location": place})
    assert made.status == 201, made.text
    (location,) = customers_api.get(f"/v1/customers/{made.json['id']}/locations").json["data"]
    assert {k: location[k] for k in place} == place
    assert (location["validated"], location["latitude"]) == (False, None)


@pytest.mark.shows("S0.52", "S3.26", "S2.01")
def test_a_merge_patch_keeps_sets_and_clears(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "phone": "1", "notes": "n"})
    path = f"/v1/customers/{made.json['id']}"
    answer = customers_api.patch(path, {"company_name": "Acme Fire", "notes": None}, '"1"')
    assert answer.status == 200, answer.text
    assert answer.headers["etag"] == '"2"'
    assert answer.json["display_name"] == "Acme Fire"
    assert (answer.json["phone"], answer.json["notes"]) == ("1", None)
    assert customers_api.get(path).json == answer.json


@pytest.mark.shows("S0.52")
def test_a_merge_patch_reaches_into_the_billing_address(customers_api: Api) -> None:
    made = customers_api.post(
        "/v1/customers", {"company_name": "Acme", "billing_address": {"street": "1 Rd"}}
    )
    path = f"/v1/customers/{made.json['id']}"

    def billing(patch: object) -> object:
        answer = customers_api.patch(path, {"billing_address": patch})
        assert answer.status == 200, answer.text
        assert customers_api.get(path).json == answer.json
        found = answer.json["billing_address"]
        return found and {k: v for k, v in found.items() if v}

    assert billing({"city": "Tulsa"}) == {"street": "1 Rd", "city": "Tulsa"}
    assert billing({"street": None}) == {"city": "Tulsa"}
    assert billing({}) == {"city": "Tulsa"}
    assert billing({"city": None}) is None
    assert billing({}) is None
    empty = customers_api.post("/v1/customers", {"company_name": "B", "billing_address": {}})
    assert (empty.status, empty.json["billing_address"]) == (201, None)


def test_a_patch_that_changes_nothing_makes_no_version(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    answer = customers_api.patch(f"/v1/customers/{made.json['id']}", {"company_name": "Acme"})
    assert (answer.status, answer.json["version"]) == (200, 1)


def test_versions_guard_writes(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    path = f"/v1/customers/{made.json['id']}"
    assert customers_api.call("PATCH", path, {"phone": "2"}).status == 428
    assert customers_api.patch(path, {"phone": "2"}, '"7"').status == 412
    assert customers_api.patch(path, {"phone": "2"}, "seven").status == 400
    assert customers_api.get(path).json["phone"] is None
    assert customers_api.call("GET", path, headers={"if-none-match": '"1"'}).status == 304


def test_merge_patch_has_its_own_content_type(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    answer = customers_api.call(
        "PATCH", f"/v1/customers/{made.json['id']}", {"phone": "2"},
        headers={"content-type": "application/merge-patch+json", "if-match": "*"},
    )  # fmt: skip
    assert (answer.status, answer.json["phone"]) == (200, "2")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("APPLICATION/JSON; charset=utf-8", 200),
        ("Application/Merge-Patch+JSON", 200),
        ("application/json-patch+json", 415),
        ("text/plain; hint=json", 415),
    ],
)
def test_media_types_are_compared_as_such(
    customers_api: Api, content_type: str, status: int
) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    answer = customers_api.call(
        "PATCH", f"/v1/customers/{made.json['id']}", {"phone": "2"},
        headers={"content-type": content_type, "if-match": "*"},
    )  # fmt: skip
    assert answer.status == status, answer.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"company_name": "\u200b\u202e"}, "/company_name"),
        ({"display_name": "\u3164"}, "/display_name"),
        ({"company_name": "A", "tags": ["vip", " "]}, "/tags/1"),
        ({"company_name": "A", "tags": ["a\x00b"]}, "/tags/0"),
        ({"company_name": "A", "billing_address": {"street": "1\x00"}}, "/billing_address/street"),
    ],
)
def test_what_nobody_can_see_is_refused(
    customers_api: Api, body: dict[str, object], pointer: str
) -> None:
    answer = customers_api.post("/v1/customers", body)
    assert answer.status == 422, answer.text
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]


def test_an_id_longer_than_any_key_is_not_found(customers_api: Api) -> None:
    path = "/v1/customers/" + "é" * 1500
    assert customers_api.get(path).status == 404
    assert customers_api.patch(path, {"phone": "1"}).status == 404
    assert customers_api.get(f"{path}/history").status == 404


def test_status_is_not_a_field_to_patch(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    answer = customers_api.patch(f"/v1/customers/{made.json['id']}", {"status": "inactive"})
    assert answer.status == 422
    assert answer.json["errors"][0]["code"] == "unknown_field"


def test_a_number_is_refused_while_numbers_are_automatic(customers_api: Api) -> None:
    answer = customers_api.post("/v1/customers", {"company_name": "Acme", "number": "7"})
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/number"


@pytest.mark.shows("S0.13")
def test_unique_values_name_their_holder(customers_api: Api) -> None:
    first = customers_api.post("/v1/customers", {"company_name": "Acme", "external_id": "x1"})
    second = customers_api.post("/v1/customers", {"company_name": "Other", "external_id": "x1"})
    assert second.status == 409
    assert second.json["errors"][0]["pointer"] == "/external_id"
    assert first.json["id"] in second.json["detail"]
    third = customers_api.post("/v1/customers", {"company_name": "Third"})
    taken = customers_api.patch(f"/v1/customers/{third.json['id']}", {"number": "C-00001"})
    assert taken.status == 409
    found = customers_api.get("/v1/customers", q="other").json["data"]
    assert found == [], "a refused create is in no search"


@pytest.mark.parametrize(
    ("raw", "status"), [("{", 400), ("[]", 422), ("null", 422), ("", 422), ("\x00", 400)]
)
def test_bodies_that_are_no_customer(customers_api: Api, raw: str, status: int) -> None:
    answer = customers_api.call("POST", "/v1/customers", raw=raw)
    assert answer.status == status, answer.text
    assert answer.json["request_id"]


def test_a_body_of_another_kind_is_415(customers_api: Api) -> None:
    answer = customers_api.call(
        "POST",
        "/v1/customers",
        raw="company_name=Acme",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 415


def test_roles_and_tokens(customers_api: Api) -> None:
    viewer = Api("customers_api", role="viewer")
    assert viewer.post("/v1/customers", {"company_name": "Acme"}).status == 403
    assert viewer.post("/v1/customers", {"nonsense": 1}).status == 403
    assert viewer.get("/v1/customers").status == 200
    for tenant in ("", "a#C", "a/b", "Acme", "a\n"):
        assert Api("customers_api", tenant=tenant).get("/v1/customers").status == 403
    assert Api("customers_api", role="king").get("/v1/customers").status == 403


def test_another_company_sees_nothing(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"}).json
    other = Api("customers_api", tenant="other")
    assert other.get(f"/v1/customers/{made['id']}").status == 404
    assert other.patch(f"/v1/customers/{made['id']}", {"phone": "1"}).status == 404
    assert other.get("/v1/customers", status="all").json["data"] == []
    assert other.get("/v1/customers", q="acme").json["data"] == []


def test_unknown_parameters_routes_and_cursors_are_refused(customers_api: Api) -> None:
    assert customers_api.get("/v1/customers", colour="red").json["code"] == "unknown_parameter"
    assert customers_api.get("/v1/customers", cursor="e30=").status == 400
    assert customers_api.get("/v1/customers", limit=0).status == 422
    assert customers_api.get("/v1/customers", status="gone").status == 422
    assert customers_api.get("/v1/customers/cus_x/nothing").status == 404
    assert customers_api.get("/v1/customers/cus_x").status == 404


@pytest.mark.shows("S0.14")
def test_an_idempotency_key_makes_it_happen_once(customers_api: Api) -> None:
    body = {"company_name": "Acme"}
    first = customers_api.post("/v1/customers", body, idempotency_key="k1")
    again = customers_api.post("/v1/customers", body, idempotency_key="k1")
    assert (again.status, again.json) == (201, first.json)
    other = customers_api.post("/v1/customers", {"company_name": "B"}, idempotency_key="k1")
    assert other.status == 422
    viewer = Api("customers_api", role="viewer")
    peek = viewer.post("/v1/customers", body, idempotency_key="k1")
    assert (peek.status, "id" in peek.json) == (422, False), "a kept answer is not for a viewer"
    elsewhere = Api("customers_api", tenant="other")
    theirs = elsewhere.post("/v1/customers", body, idempotency_key="k1")
    assert theirs.json["id"] != first.json["id"]
    assert len(customers_api.get("/v1/customers").json["data"]) == 1
