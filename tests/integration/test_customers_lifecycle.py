"""A customer's life: active → inactive → deleted, through the function's door."""

import pytest

from tests.support.api import Answer, Api


def made(api: Api, **fields: str) -> str:
    answer = api.post("/v1/customers", {"company_name": "Acme", **fields})
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def act(api: Api, customer: str, verb: str, confirm: object = True) -> Answer:
    body = {"confirm": confirm, "reason": "quiet since May"}
    return api.post(f"/v1/customers/{customer}/{verb}", body, if_match="*")


def listed(api: Api, status: str) -> list[str]:
    return [c["id"] for c in api.get("/v1/customers", status=status).json["data"]]


@pytest.mark.shows("S0.49", "S0.58", "S0.59", "S0.60", "S3.36", "S3.31", "S3.38")
def test_a_deactivated_customer_moves_from_list_to_list(customers_api: Api) -> None:
    one, other = made(customers_api), made(customers_api)
    assert listed(customers_api, "active") == sorted([one, other])
    assert act(customers_api, one, "deactivate").json["archived"] is True
    assert listed(customers_api, "active") == [other]
    assert listed(customers_api, "inactive") == [one]
    assert listed(customers_api, "all") == sorted([one, other])


@pytest.mark.shows("S0.57", "S0.62", "S0.66")
@pytest.mark.parametrize("confirm", [None, False, "yes", 1])
def test_without_a_confirmation_nothing_changes(customers_api: Api, confirm: object) -> None:
    customer = made(customers_api)
    assert act(customers_api, customer, "deactivate", confirm).status == 422
    assert listed(customers_api, "active") == [customer]
    assert act(customers_api, customer, "deactivate").status == 200
    assert act(customers_api, customer, "activate", confirm).status == 422
    path = f"/v1/customers/{customer}"
    assert customers_api.call("DELETE", path, headers={"if-match": "*"}).status == 422
    assert listed(customers_api, "inactive") == [customer]


@pytest.mark.shows("S0.61", "S0.63", "S3.32", "S3.33", "S3.30")
def test_an_inactive_customer_is_edited_and_comes_back_whole(customers_api: Api) -> None:
    customer = made(customers_api, phone="1", notes="n")
    path = f"/v1/customers/{customer}"
    act(customers_api, customer, "archive")
    edited = customers_api.patch(path, {"phone": "2"})
    assert (edited.status, edited.json["archived"]) == (200, True)
    back = act(customers_api, customer, "unarchive").json
    assert (back["status"], back["phone"], back["notes"]) == ("active", "2", "n")
    assert listed(customers_api, "active") == [customer]
    assert listed(customers_api, "inactive") == []


@pytest.mark.shows("S3.29")
def test_an_action_in_the_wrong_state_is_refused(customers_api: Api) -> None:
    customer = made(customers_api)
    assert act(customers_api, customer, "activate").status == 409
    act(customers_api, customer, "deactivate")
    assert act(customers_api, customer, "deactivate").status == 409


def test_actions_are_about_a_version(customers_api: Api) -> None:
    path = f"/v1/customers/{made(customers_api)}/deactivate"
    assert customers_api.post(path, {"confirm": True}).status == 428
    assert customers_api.post(path, {"confirm": True}, if_match='"9"').status == 412


@pytest.mark.shows("S0.64", "S0.67", "S1.20")
def test_delete_is_for_inactive_ones_and_for_good(customers_api: Api) -> None:
    customer = made(customers_api, external_id="x1")
    path = f"/v1/customers/{customer}"

    def delete() -> Answer:
        return customers_api.call(
            "DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"}
        )

    assert delete().status == 409
    act(customers_api, customer, "deactivate")
    assert delete().status == 204
    assert customers_api.get(path).status == 410
    assert customers_api.patch(path, {"phone": "1"}).status == 410
    assert act(customers_api, customer, "activate").status == 410
    assert delete().status == 410
    assert listed(customers_api, "all") == []
    assert customers_api.get("/v1/customers", q="acme", status="all").json["data"] == []
    assert customers_api.get("/v1/customers/options", q="acme").json["data"] == []
    made(customers_api, external_id="x1")


@pytest.mark.shows("S3.34")
def test_the_history_tells_every_change(customers_api: Api) -> None:
    customer = made(customers_api, phone="1")
    path = f"/v1/customers/{customer}"
    customers_api.patch(path, {"phone": "2", "email": "a@b.de"})
    act(Api("customers_api", user="bert", role="admin"), customer, "deactivate")
    events = customers_api.get(f"{path}/history").json["data"]
    assert [e["kind"] for e in events] == ["deactivated", "edited", "created"]
    assert events[1]["changes"] == [
        {"field": "email", "old": None, "new": "a@b.de"},
        {"field": "phone", "old": "1", "new": "2"},
    ]
    assert (events[0]["by"], events[0]["source"], events[0]["reason"]) == (
        "bert", "api", "quiet since May",
    )  # fmt: skip
    created = {c["field"]: c["new"] for c in events[2]["changes"]}
    assert created["phone"] == "1"
    assert "email" not in created
    assert [e["version"] for e in events] == [3, 2, 1]


def test_the_history_comes_in_pages_and_the_creation_last(customers_api: Api) -> None:
    customer = made(customers_api, phone="0")
    path = f"/v1/customers/{customer}"
    for n in range(1, 6):
        customers_api.patch(path, {"phone": str(n)})
    seen: list[dict[str, object]] = []
    query: dict[str, object] = {"limit": 2}
    while True:
        page = customers_api.get(f"{path}/history", **query).json
        assert len(page["data"]) <= 3
        seen += page["data"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert [e["version"] for e in seen] == [6, 5, 4, 3, 2, 1]
    assert {"field": "phone", "old": None, "new": "0"} in seen[-1]["changes"]  # type: ignore[operator]
