"""Many customers in one request, through the function's door."""

from typing import Any

import pytest

from tests.support.api import Answer, Api

BULK, BATCH = "/v1/customers/bulk", "/v1/customers/batch"


def made(api: Api, count: int = 3) -> list[str]:
    people = [{"company_name": f"Acme {n:03}"} for n in range(count)]
    answer = api.post(BATCH, {"customers": people})
    assert answer.status == 207, answer.text
    return [str(result["id"]) for result in answer.json["results"]]


def bulk(api: Api, action: str, ids: list[str], **more: Any) -> Answer:
    return api.post(BULK, {"action": action, "ids": ids, "confirm": True, **more})


def statuses(answer: Answer) -> list[int]:
    assert answer.status == 207, answer.text
    assert [r["index"] for r in answer.json["results"]] == list(range(len(answer.json["results"])))
    return [r["status"] for r in answer.json["results"]]


def listed(api: Api, status: str) -> set[str]:
    found = api.get("/v1/customers", status=status, limit=200).json["data"]
    return {str(c["id"]) for c in found}


def test_a_batch_whose_answer_is_too_long_to_be_kept_has_one_effect(customers_api: Api) -> None:
    broken = {f"unknown_{n}": n for n in range(400)}
    body = {"customers": [{"company_name": "Acme"}, *[broken] * 60]}
    first = customers_api.post(BATCH, body, idempotency_key="k")
    again = customers_api.post(BATCH, body, idempotency_key="k")
    assert statuses(first) == statuses(again) == [201, *[422] * 60]
    assert len(first.text) > 400_000
    assert listed(customers_api, "all") == {first.json["results"][0]["id"]}


def test_a_hundred_are_created_and_numbered(customers_api: Api) -> None:
    ids = made(customers_api, 100)
    assert len(set(ids)) == 100
    found = customers_api.get("/v1/customers", limit=200).json["data"]
    assert {c["number"] for c in found} == {f"C-{n:05}" for n in range(1, 101)}


def test_what_is_wrong_with_one_does_not_keep_the_others_out(customers_api: Api) -> None:
    answer = customers_api.post(
        BATCH,
        {
            "customers": [
                {"company_name": "Acme", "external_id": "x1"},
                {"email": "nobody", "colour": "red"},
                {"company_name": "Zenith", "external_id": "x1"},
                {},
                {"full_name": "Ann Lee"},
            ]
        },
    )
    assert statuses(answer) == [201, 422, 409, 422, 201]
    first, wrong, clash, empty, last = answer.json["results"]
    named = {e["pointer"] for e in wrong["problem"]["errors"]}
    assert named == {"/email", "/colour", "/display_name"}
    assert clash["problem"]["errors"][0]["pointer"] == "/external_id"
    assert empty["problem"]["errors"][0]["pointer"] == "/display_name"
    assert first["problem"] is None
    assert listed(customers_api, "all") == {first["id"], last["id"]}


def test_a_batch_sent_twice_with_its_key_is_one(customers_api: Api) -> None:
    body = {"customers": [{"company_name": "Acme"}, {"company_name": "Acme"}]}
    first = customers_api.post(BATCH, body, idempotency_key="k")
    again = customers_api.post(BATCH, body, idempotency_key="k")
    assert again.json == first.json
    assert len(listed(customers_api, "all")) == 2


def test_a_batch_that_died_half_way_goes_on(
    customers_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from functions.customers_api import many

    body = {"customers": [{"company_name": f"Acme {n}"} for n in range(3)]}
    real = many._created

    def dies(who: Any, index: int, values: Any) -> Any:
        if index == 2:
            raise ConnectionError("killed")
        return real(who, index, values)

    monkeypatch.setattr(many, "_created", dies)
    assert customers_api.post(BATCH, body, idempotency_key="k").status == 500
    before = listed(customers_api, "all")
    assert len(before) == 2
    monkeypatch.setattr(many, "_created", real)
    answer = customers_api.post(BATCH, body, idempotency_key="k")
    assert statuses(answer) == [201, 201, 201]
    assert before < listed(customers_api, "all")
    assert len(listed(customers_api, "all")) == 3


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_its_limits(customers_api: Api, count: int) -> None:
    answer = customers_api.post(BATCH, {"customers": [{"company_name": "Acme"}] * count})
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/customers"
    assert listed(customers_api, "all") == set()


@pytest.mark.shows("S0.65")
def test_what_is_in_the_wrong_state_is_told_and_the_others_are_done(customers_api: Api) -> None:
    one, two, three = made(customers_api)
    assert statuses(bulk(customers_api, "deactivate", [one])) == [200]
    answer = bulk(customers_api, "deactivate", [one, two, "cus_none"])
    assert statuses(answer) == [409, 200, 404]
    assert answer.json["results"][0]["problem"]["code"] == "wrong_state"
    assert [r["id"] for r in answer.json["results"]] == [one, two, "cus_none"]
    assert listed(customers_api, "inactive") == {one, two}
    assert statuses(bulk(customers_api, "activate", [one])) == [200]
    assert statuses(bulk(customers_api, "delete", [one, two, three])) == [409, 204, 409]
    assert listed(customers_api, "all") == {one, three}
    assert statuses(bulk(customers_api, "delete", [two])) == [410]


def test_tags_are_added_and_taken_away(customers_api: Api) -> None:
    one, two, _ = made(customers_api)
    customers_api.patch(f"/v1/customers/{one}", {"tags": ["vip"]})
    answer = bulk(customers_api, "tag", [one, two], tags=["late", "vip"], confirm=False)
    assert statuses(answer) == [200, 200]
    assert customers_api.get(f"/v1/customers/{one}").json["tags"] == ["vip", "late"]
    assert customers_api.get(f"/v1/customers/{two}").json["tags"] == ["late", "vip"]
    assert statuses(bulk(customers_api, "untag", [one, two], tags=["vip"])) == [200, 200]
    assert customers_api.get(f"/v1/customers/{one}").json["tags"] == ["late"]
    last = customers_api.get(f"/v1/customers/{one}/history").json["data"][0]
    assert last["changes"] == [{"field": "tags", "old": ["vip", "late"], "new": ["late"]}]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "deactivate", "ids": ["c"]}, "/confirm"),
        ({"action": "deactivate", "ids": ["c"], "confirm": 1}, "/confirm"),
        ({"action": "delete", "ids": [], "confirm": True}, "/ids"),
        ({"action": "delete", "ids": ["c"] * 2, "confirm": True}, "/ids"),
        ({"action": "delete", "ids": [f"c{n}" for n in range(101)], "confirm": True}, "/ids"),
        ({"action": "erase", "ids": ["c"], "confirm": True}, "/action"),
        ({"action": "tag", "ids": ["c"]}, "/tags"),
        ({"action": "tag", "ids": ["c"], "tags": ["x" * 51]}, "/tags/0"),
        ({"action": "delete", "ids": ["c"], "confirm": True, "tags": ["x"]}, "/tags"),
    ],
)
def test_a_bulk_request_that_is_wrong_is_refused_whole(
    customers_api: Api, body: dict[str, Any], pointer: str
) -> None:
    answer = customers_api.post(BULK, body)
    assert answer.status == 422, answer.text
    assert answer.json["errors"][0]["pointer"] == pointer


def test_another_company_and_a_viewer_change_nothing(customers_api: Api) -> None:
    ids = made(customers_api)
    other = Api("customers_api", tenant="zenith")
    assert statuses(bulk(other, "deactivate", ids)) == [404, 404, 404]
    viewer = Api("customers_api", role="viewer")
    assert bulk(viewer, "deactivate", ids).status == 403
    assert viewer.post(BATCH, {"customers": [{"company_name": "A"}]}).status == 403
    assert listed(customers_api, "active") == set(ids)
