"""Contacts of a customer, through the function's door."""

import pytest

from tests.support.api import Answer, Api

ANN = {"first_name": "Ann", "last_name": "Lee", "title": "Owner", "email": "ann@lee.example"}


@pytest.fixture
def path(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    return f"/v1/customers/{made.json['id']}/contacts"


def delete(api: Api, path: str, if_match: str = "*") -> Answer:
    return api.call("DELETE", path, headers={"if-match": if_match})


def test_contacts_come_change_and_go(customers_api: Api, path: str) -> None:
    ann = customers_api.post(path, ANN)
    assert ann.status == 201, ann.text
    assert ann.headers["location"] == f"{path}/{ann.json['id']}"
    assert {k: ann.json[k] for k in ANN} == ANN
    assert ann.json["primary"], "the first is"
    bob = customers_api.post(path, {"mobile": "0171 1", "primary": True}).json
    assert [c["primary"] for c in customers_api.get(path).json["data"]] == [False, True]
    one = f"{path}/{ann.json['id']}"
    assert customers_api.get(one).json["version"] == 2
    assert customers_api.patch(one, {"title": None}, '"1"').status == 412
    edited = customers_api.patch(one, {"title": None, "phone": "1"}, '"2"')
    assert (edited.status, edited.headers["etag"]) == (200, '"3"')
    assert (edited.json["title"], edited.json["phone"]) == (None, "1")
    assert customers_api.get(one).json == edited.json
    assert delete(customers_api, f"{path}/{bob['id']}").status == 409
    assert customers_api.patch(one, {"primary": True}).status == 200
    assert delete(customers_api, f"{path}/{bob['id']}", '"2"').status == 204
    assert delete(customers_api, one).status == 204, "the last"
    assert customers_api.get(path).json == {"data": [], "next_cursor": None}
    kinds = [e["kind"] for e in customers_api.get(path.replace("contacts", "history")).json["data"]]
    assert kinds == [
        "contact_removed", "contact_removed", "contact_edited", "contact_edited",
        "contact_added", "contact_added", "created",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/first_name"),
        ({"title": "Owner"}, "/first_name"),
        ({"first_name": " "}, "/first_name"),
        ({"email": "nobody"}, "/email"),
        ({"first_name": "x" * 101}, "/first_name"),
        ({"first_name": "\u200b"}, "/first_name"),
        ({"last_name": "a\x00"}, "/last_name"),
        ({"first_name": "A", "title": "x" * 101}, "/title"),
        ({"first_name": "A", "title": "\u3164"}, "/title"),
        ({"first_name": "A", "colour": "red"}, "/colour"),
        ({"first_name": 1}, "/first_name"),
        ({"first_name": "A", "primary": 1}, "/primary"),
    ],
)
def test_bad_input_names_its_field(
    customers_api: Api, path: str, body: dict[str, object], pointer: str
) -> None:
    answer = customers_api.post(path, body)
    assert answer.status == 422, answer.text
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    assert customers_api.get(path).json["data"] == []


def test_who_a_contact_is_cannot_be_cleared(customers_api: Api, path: str) -> None:
    one = customers_api.post(path, {"phone": "1"}).json
    answer = customers_api.patch(f"{path}/{one['id']}", {"phone": None})
    assert answer.status == 422
    assert customers_api.get(f"{path}/{one['id']}").json == one


def test_contacts_of_others_are_not_found(customers_api: Api, path: str) -> None:
    one = customers_api.post(path, ANN).json
    other = customers_api.post("/v1/customers", {"company_name": "Other"}).json
    theirs = f"/v1/customers/{other['id']}/contacts/{one['id']}"
    assert customers_api.get(theirs).status == 404
    assert customers_api.patch(theirs, {"phone": "1"}).status == 404
    assert delete(customers_api, theirs).status == 404
    assert Api("customers_api", tenant="other").get(f"{path}/{one['id']}").status == 404
    assert Api("customers_api", role="viewer").post(path, ANN).status == 403
