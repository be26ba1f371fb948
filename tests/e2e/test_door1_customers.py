"""Door 1: the API, as a person with a token uses it, through the deployed template."""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.e2e import Api, Deployed, new_tenant

PARALLEL_CLIENTS = 20
PARALLEL_CREATES = 50
COLD_BURST_S = 240.0


def create(api: Api, name: str) -> dict[str, object]:
    answer = api.post("/v1/customers", json={"company_name": name})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.fixture(scope="module")
def warmed(deployed: Deployed) -> None:
    """A worker of the customers function for each of the parallel calls to come.

    On the local cloud every worker starts by itself on these few processors, which takes the
    better part of a minute; a person's requests would not all come at once to cold functions.
    """
    office = deployed.api(new_tenant())
    began = time.monotonic()

    def call(_: int) -> int:
        return office.get("/v1/customers", timeout=COLD_BURST_S).status_code

    with ThreadPoolExecutor(PARALLEL_CREATES) as pool:
        answers = list(pool.map(call, range(PARALLEL_CREATES)))
    print(f"cold burst of {len(answers)}: {time.monotonic() - began:.0f} s, {set(answers)}")


@pytest.mark.shows("S0.02", "S0.50", "S0.64", "S0.67")
def test_a_customer_from_birth_to_the_end(api: Callable[..., Api], tenant: str) -> None:
    office = api(tenant)
    made = office.post(
        "/v1/customers",
        json={
            "company_name": "Añasco Fire & Safety",
            "email": "info@anasco.example",
            "service_location": {"street": "1 Rd", "city": "X", "state": "PR", "zip": "00610"},
        },
    )
    assert made.status_code == 201
    path = f"/v1/customers/{made.json()['id']}"
    read = office.get(path)
    assert read.json() == made.json()
    assert office.get(path, headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    patched = office.patch(
        path,
        data=json.dumps({"phone": "787 555 0100"}),
        headers={"If-Match": read.headers["ETag"], "Content-Type": "application/merge-patch+json"},
    )
    assert (patched.status_code, patched.json()["phone"]) == (200, "787 555 0100")
    found = office.get("/v1/customers", params={"q": "anasco"}).json()["data"]
    assert [c["id"] for c in found] == [made.json()["id"]]
    delete = {"params": {"confirm": "true"}, "headers": {"If-Match": "*"}}
    assert office.delete(path, **delete).status_code == 409
    body = {"confirm": True}
    off = office.post(f"{path}/deactivate", json=body, headers={"If-Match": "*"})
    assert off.json()["status"] == "inactive"
    kinds = [e["kind"] for e in office.get(f"{path}/history").json()["data"]]
    assert kinds == ["deactivated", "edited", "created"]
    gone = office.delete(path, **delete)
    assert (gone.status_code, gone.content) == (204, b"")
    assert office.get(path).status_code == 410


def test_who_gets_in(api: Callable[..., Api], anonymous: Api, tenant: str) -> None:
    assert anonymous.get("/v1/customers").status_code == 401
    viewer = api(tenant, "viewer")
    assert viewer.get("/v1/customers").status_code == 200
    refused = viewer.post("/v1/customers", json={"company_name": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "role")
    assert refused.headers["Content-Type"] == "application/problem+json"
    header, payload, signature = str(viewer.headers["Authorization"]).split(" ")[1].split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "role": "admin"}).encode())
    anonymous.headers["Authorization"] = (
        f"Bearer {header}.{forged.decode().rstrip('=')}.{signature}"
    )
    assert anonymous.get("/v1/customers").status_code == 401


def test_the_contract_is_public(anonymous: Api) -> None:
    assert "/v1/customers" in anonymous.get("/v1/openapi.json").json()["paths"]
    page = anonymous.get("/v1/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Roster API" in page.text


@pytest.mark.shows("S0.08")
def test_a_user_without_the_customers_is_kept_out_of_them(deployed: Deployed, tenant: str) -> None:
    imports_only = deployed.api(tenant, modules="imports")
    refused = imports_only.get("/v1/customers")
    assert (refused.status_code, refused.json()["code"]) == (403, "module")
    assert imports_only.post("/v1/customers", json={"company_name": "Acme"}).status_code == 403
    assert imports_only.get("/v1/imports").status_code == 200
    modules = {m["name"]: m["available"] for m in imports_only.get("/v1/me").json()["modules"]}
    assert (modules["customers"], modules["imports"]) == (False, True)


def test_a_user_cannot_write_the_own_company_or_rights(deployed: Deployed, tenant: str) -> None:
    cognito = deployed.client("cognito-idp")
    for name, value in (
        ("custom:role", "admin"),
        ("custom:tenant", "other"),
        ("custom:modules", "customers,money"),
    ):
        with pytest.raises(cognito.exceptions.ClientError) as refusal:
            cognito.update_user_attributes(
                AccessToken=deployed.token(tenant, "viewer"),
                UserAttributes=[{"Name": name, "Value": value}],
            )
        assert refusal.value.response["Error"]["Code"] == "NotAuthorizedException"


def test_malformed_requests_are_told_what_is_wrong(api: Callable[..., Api], tenant: str) -> None:
    office = api(tenant)
    broken = office.post("/v1/customers", data="{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed_json")
    form = office.post("/v1/customers", data={"company_name": "x"})
    assert form.status_code == 415
    large = office.post("/v1/customers", json={"notes": "x" * (1024 * 1024)})
    assert large.status_code == 413
    unknown = office.get("/v1/customers", params={"colour": "red"})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "unknown_parameter")
    nowhere = office.get("/v1/customers/cus_1/nowhere")
    assert nowhere.headers["Content-Type"] == "application/problem+json"


def test_a_key_sent_twice_makes_one_customer(
    warmed: None, api: Callable[..., Api], tenant: str
) -> None:
    office = api(tenant)

    def send(_: int) -> tuple[int, str | None]:
        answer = office.post(
            "/v1/customers", json={"company_name": "Once"}, headers={"Idempotency-Key": "k-1"}
        )
        return answer.status_code, answer.json().get("id")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {status for status, _ in answers} <= {201, 409}
    assert len({i for status, i in answers if status == 201}) == 1
    assert len(office.get("/v1/customers").json()["data"]) == 1


@pytest.mark.shows("S0.14")
def test_parallel_creates_get_distinct_numbers_and_are_found_at_once(
    warmed: None, api: Callable[..., Api], tenant: str
) -> None:
    office = api(tenant)

    def create_and_look(n: int) -> str:
        # A token that only this customer's name holds.
        made = create(office, f"Parallel p{n:03d}q")
        listed = office.get("/v1/customers", params={"limit": 200}).json()["data"]
        assert made["id"] in {c["id"] for c in listed}
        found = office.get("/v1/customers", params={"q": f"p{n:03d}q"}).json()["data"]
        assert [c["id"] for c in found] == [made["id"]]
        return str(made["number"])

    with ThreadPoolExecutor(PARALLEL_CREATES) as pool:
        numbers = list(pool.map(create_and_look, range(PARALLEL_CREATES)))
    assert len(set(numbers)) == PARALLEL_CREATES


def test_two_companies_never_see_each_other(warmed: None, api: Callable[..., Api]) -> None:
    """20 clients of each company write and read at the same time; each sees its own only."""
    tenants = new_tenant(), new_tenant()
    offices = {tenant: api(tenant) for tenant in tenants}

    def work(job: tuple[str, int]) -> str:
        tenant, n = job
        office = offices[tenant]
        made = create(office, f"Shared name {tenant} {n}")
        path = f"/v1/customers/{made['id']}"
        office.patch(path, json={"notes": tenant}, headers={"If-Match": "*"})
        for query in ({"limit": 200}, {"limit": 200, "q": "shared"}, {"status": "all"}):
            for customer in office.get("/v1/customers", params=query).json()["data"]:
                assert tenant in customer["display_name"]
        other = offices[tenants[1 - tenants.index(tenant)]]
        assert other.get(path).status_code == 404
        assert other.get(f"{path}/history").status_code == 404
        assert other.patch(path, json={"notes": "x"}, headers={"If-Match": "*"}).status_code == 404
        return str(made["number"])

    jobs = [(tenant, n) for n in range(PARALLEL_CLIENTS) for tenant in tenants]
    with ThreadPoolExecutor(2 * PARALLEL_CLIENTS) as pool:
        numbers = list(pool.map(work, jobs))
    for tenant in tenants:
        own = [n for (t, _), n in zip(jobs, numbers, strict=True) if t == tenant]
        assert sorted(own) == [f"C-{n:05d}" for n in range(1, PARALLEL_CLIENTS + 1)]


def test_events_reach_the_bus(deployed: Deployed, api: Callable[..., Api], tenant: str) -> None:
    """A rule of ours on the bus hands what is published to a queue."""
    events, sqs = deployed.client("events"), deployed.client("sqs")
    bus = next(b["Name"] for b in events.list_event_buses()["EventBuses"] if "events" in b["Name"])
    queue = sqs.create_queue(QueueName=f"listen-{tenant}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    pattern = json.dumps({"detail": {"tenant": [tenant]}})
    events.put_rule(Name=f"listen-{tenant}", EventBusName=bus, EventPattern=pattern)
    events.put_targets(
        Rule=f"listen-{tenant}", EventBusName=bus, Targets=[{"Id": "q", "Arn": arn["QueueArn"]}]
    )
    made = create(api(tenant), "Announced")
    deadline = time.monotonic() + 30
    heard: list[dict[str, object]] = []
    while time.monotonic() < deadline and not heard:
        messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages", [])
        heard += [json.loads(m["Body"]) for m in messages]
    sqs.delete_queue(QueueUrl=queue)
    events.remove_targets(Rule=f"listen-{tenant}", EventBusName=bus, Ids=["q"])
    events.delete_rule(Name=f"listen-{tenant}", EventBusName=bus)
    assert heard[0]["detail-type"] == "customer.created"
    assert heard[0]["detail"]["customer_id"] == made["id"]  # type: ignore[index]
