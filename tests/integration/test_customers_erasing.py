"""What remains of a deleted customer, and what an erasure leaves of it."""

import boto3
import pytest

from roster.adapters.dynamodb.stream import step_of
from tests.support import aws
from tests.support.api import Answer, Api

ADMIN = Api("customers_api", role="admin", user="ada")
VIEWER = Api("customers_api", role="viewer")
# Each of these words occurs in personal fields only.
PERSONAL = ("quetzal", "Ximena", "zumba", "55501", "Yonder", "wherever", "vipper", "grumpy")


@pytest.fixture
def path(customers_api: Api) -> str:
    """A customer with personal data in every corner, deleted."""
    made = customers_api.post(
        "/v1/customers",
        {
            "company_name": "Quetzal & Sons", "first_name": "Ximena", "email": "x@zumba.example",
            "phone": "55501", "notes": "grumpy", "tags": ["vipper"], "external_id": "e1",
            "billing_address": {"street": "Yonder 1"},
            "service_location": {
                "street": "wherever 2", "city": "Tulsa", "state": "OK", "zip": "74103",
                "name": "Yonder hall",
            },
        },
    )  # fmt: skip
    path = f"/v1/customers/{made.json['id']}"
    customers_api.patch(path, {"phone": "555019", "notes": None, "tags": []})
    project = {"name": "Ximena's roof", "description": "zumba"}
    assert Api("records_api").post(f"{path}/projects", project).status == 201
    body = {"confirm": True, "reason": "Ximena moved"}
    customers_api.post(f"{path}/deactivate", body, if_match="*")
    query = {"confirm": "true", "confirm_open_work": "true"}
    headers = {"if-match": "*"}
    assert customers_api.call("DELETE", path, query=query, headers=headers).status == 204
    return path


def erase(api: Api, path: str, confirm: object = True) -> Answer:
    return api.post(f"{path}/erase", {"confirm": confirm})


def stored(customer: str) -> str:
    found = boto3.client("dynamodb").scan(TableName=aws.TABLE)["Items"]
    return str([item for item in found if customer in str(item)])


@pytest.mark.shows("S1.18", "S1.19", "S1.20")
def test_a_deleted_customer_stays_in_the_archive_alone(customers_api: Api, path: str) -> None:
    answer = VIEWER.get(f"{path}/archive")
    assert answer.status == 200, answer.text
    customer, history = answer.json["customer"], answer.json["history"]["data"]
    assert (customer["status"], customer["company_name"]) == ("deleted", "Quetzal & Sons")
    assert [e["kind"] for e in history] == ["deleted", "deactivated", "edited", "created"]
    assert {"field": "notes", "old": "grumpy", "new": None} in history[2]["changes"]
    assert customers_api.get(path).status == 410
    assert customers_api.get(path, as_of="2099-01-01").status == 410
    assert customers_api.get(f"{path}/history").status == 410
    assert customers_api.get("/v1/customers", status="all").json["data"] == []
    page = VIEWER.get(f"{path}/archive", limit=2).json["history"]
    rest = VIEWER.get(f"{path}/archive", cursor=page["next_cursor"]).json["history"]["data"]
    assert page["data"] + rest == history


def test_the_archive_is_of_deleted_ones(customers_api: Api, path: str) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"}).json["id"]
    assert VIEWER.get(f"/v1/customers/{made}/archive").status == 409
    assert VIEWER.get("/v1/customers/cus_none/archive").status == 404
    assert Api("customers_api", tenant="zenith").get(f"{path}/archive").status == 404


def test_an_erasure_leaves_nothing_personal(path: str) -> None:
    customer = path.rsplit("/", 1)[1]
    assert [word for word in PERSONAL if word.casefold() in stored(customer).casefold()]
    answer = erase(ADMIN, path)
    assert answer.status == 200, answer.text
    assert [w for w in PERSONAL if w.casefold() in stored(customer).casefold()] == []
    archive = VIEWER.get(f"{path}/archive").json
    assert (archive["customer"]["display_name"], archive["customer"]["email"]) == ("[erased]", None)
    assert (archive["customer"]["number"], archive["customer"]["external_id"]) == ("C-00001", "e1")
    history = archive["history"]["data"]
    assert [(e["kind"], e["by"]) for e in history] == [
        ("erased", "ada"),
        ("deleted", "olga"),
        ("deactivated", "olga"),
        ("edited", "olga"),
        ("created", "olga"),
    ]
    assert {"field": "phone", "old": "[erased]", "new": "[erased]"} in history[3]["changes"]
    assert history[2]["reason"] == "[erased]"
    assert {"field": "status", "old": "active", "new": "inactive"} in history[2]["changes"]
    assert {"field": "number", "old": None, "new": "C-00001"} in history[4]["changes"]


def test_erasing_twice_is_once(path: str) -> None:
    first = erase(ADMIN, path)
    assert erase(ADMIN, path).json == first.json
    assert len(VIEWER.get(f"{path}/archive").json["history"]["data"]) == 5


def test_only_a_deleted_one_is_erased_and_only_by_an_admin(customers_api: Api, path: str) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"}).json["id"]
    assert erase(ADMIN, f"/v1/customers/{made}").status == 409
    assert customers_api.get(f"/v1/customers/{made}").json["company_name"] == "Acme"
    assert erase(ADMIN, path, confirm=False).status == 422
    assert erase(customers_api, path).status == 403
    assert erase(ADMIN, "/v1/customers/cus_none").status == 404
    assert erase(Api("customers_api", role="admin", tenant="zenith"), path).status == 404
    assert "Quetzal" in VIEWER.get(f"{path}/archive").text


def test_a_redacted_event_is_no_news() -> None:
    image = {"pk": {"S": "acme#C#cus_1"}, "sk": {"S": "EVT#evt_1"}}
    change = {"Keys": image, "NewImage": image}
    assert step_of({"eventName": "MODIFY", "dynamodb": change}) is None
