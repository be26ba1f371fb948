"""Documents through the deployed template: the API, the bucket, the event between them."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.support import documents as contents
from tests.support.e2e import Api, Deployed, wait_for


@pytest.fixture
def customer(api: Callable[..., Api], tenant: str) -> str:
    made = api(tenant).post("/v1/customers", json={"company_name": "Müller"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def announce(office: Api, customer: str, size: int, name: str = "contract.pdf") -> dict[str, Any]:
    body = {"filename": name, "content_type": "application/pdf", "size": size}
    made = office.post(
        f"/v1/customers/{customer}/documents", json={**body, "kind": "service_contract"}
    )
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def send(upload: dict[str, Any], content: bytes, **fields: str) -> requests.Response:
    given = {**upload["fields"], **fields}
    return requests.post(upload["url"], data=given, files={"file": ("x", content)}, timeout=30)


def judged(office: Api, path: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = office.get(path).json()
        return found if found["status"] != "awaiting_upload" else None

    return wait_for(look, what="the upload is judged")


@pytest.mark.shows("S0.22", "S0.23", "S0.53")
def test_a_contract_goes_up_and_comes_down_as_it_was(
    api: Callable[..., Api], tenant: str, customer: str
) -> None:
    office = api(tenant)
    made = announce(office, customer, len(contents.PDF), "Vertrag Müller 東京.pdf")
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    sent = send(made["upload"], contents.PDF)
    assert sent.status_code in (200, 201, 204), sent.text
    document = judged(office, path)
    assert (document["status"], document["refusal"]) == ("active", None)
    seen = api(tenant, "viewer").get(path).json()
    fetched = requests.get(seen["download"]["url"], timeout=30)
    assert fetched.status_code == 200, fetched.text
    assert fetched.content == contents.PDF
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    listed = office.get(f"/v1/customers/{customer}/documents").json()["data"]
    assert [d["id"] for d in listed] == [made["id"]]
    assert office.delete(path, headers={"If-Match": '"2"'}).status_code == 204
    assert office.get(path).status_code == 404


def test_a_program_that_says_it_is_a_pdf_is_refused(
    api: Callable[..., Api], tenant: str, customer: str
) -> None:
    office = api(tenant)
    program = contents.EXECUTABLES["windows"]
    made = announce(office, customer, len(program))
    assert send(made["upload"], program).status_code in (200, 201, 204)
    document = judged(office, f"/v1/customers/{customer}/documents/{made['id']}")
    assert (document["status"], document["refusal"]) == ("refused", "executable")
    assert document["download"] is None


def test_the_upload_takes_nothing_but_what_was_announced(
    api: Callable[..., Api], tenant: str, customer: str
) -> None:
    made = announce(api(tenant), customer, len(contents.PDF))
    upload = made["upload"]
    assert send(upload, contents.PDF + b"x").status_code >= 400
    assert send(upload, contents.PDF[:-1]).status_code >= 400
    assert send(upload, contents.PDF, **{"Content-Type": "text/html"}).status_code >= 400
    assert send(upload, contents.PDF, key="other/cus_1/doc_1").status_code >= 400


def test_what_is_sent_after_the_judgement_is_never_served(
    api: Callable[..., Api], deployed: Deployed, tenant: str, customer: str
) -> None:
    office = api(tenant)
    made = announce(office, customer, len(contents.PDF))
    upload, path = made["upload"], f"/v1/customers/{customer}/documents/{made['id']}"
    assert send(upload, contents.PDF).status_code in (200, 201, 204)
    assert judged(office, path)["status"] == "active"
    assert send(upload, b"MZ" + contents.PDF[2:]).status_code in (200, 201, 204)
    bucket = deployed.outputs["DocumentsBucketName"]

    def only_one_is_left() -> bool:
        listed = deployed.client("s3").list_object_versions(
            Bucket=bucket, Prefix=upload["fields"]["key"]
        )
        return len(listed["Versions"]) == 1

    wait_for(only_one_is_left, what="the second file is deleted")
    url = office.get(path).json()["download"]["url"]
    assert requests.get(url, timeout=30).content == contents.PDF


def test_another_company_finds_no_document(
    api: Callable[..., Api], tenant: str, customer: str
) -> None:
    made = announce(api(tenant), customer, 10)
    other = api(f"{tenant}-other")
    path = f"/v1/customers/{customer}/documents"
    assert other.get(path).status_code == 404
    assert other.get(f"{path}/{made['id']}").status_code == 404


def test_a_replaced_contract_can_still_be_fetched(
    api: Callable[..., Api], tenant: str, customer: str
) -> None:
    office = api(tenant)
    made = announce(office, customer, len(contents.PDF))
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    assert send(made["upload"], contents.PDF).status_code in (200, 201, 204)
    assert judged(office, path)["status"] == "active"
    later = contents.PDF + b"signed"
    body = {"filename": "signed.pdf", "size": len(later)}
    edited = office.patch(path, json=body, headers={"If-Match": '"2"'})
    assert edited.status_code == 200, edited.text
    assert send(edited.json()["upload"], later).status_code in (200, 201, 204)
    now = wait_for(
        lambda: found if (found := office.get(path).json())["replacement"] is None else None,
        what="the replacement is judged",
    )
    assert [(v["number"], v["filename"]) for v in now["versions"]] == [
        (2, "signed.pdf"),
        (1, "contract.pdf"),
    ]
    for query, content in (({}, later), ({"document_version": "1"}, contents.PDF)):
        url = office.get(path, params=query).json()["download"]["url"]
        assert requests.get(url, timeout=30).content == content


def test_documents_follow_a_merge_and_go_with_an_erasure(
    api: Callable[..., Api], deployed: Deployed, tenant: str, customer: str
) -> None:
    office, admin = api(tenant), api(tenant, "admin")
    made = announce(office, customer, len(contents.PDF))
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    assert send(made["upload"], contents.PDF).status_code in (200, 201, 204)
    assert judged(office, path)["status"] == "active"
    survivor = office.post("/v1/customers", json={"company_name": "Mueller"}).json()["id"]
    merged = office.post(
        f"/v1/customers/{survivor}/merge", json={"loser_id": customer}, headers={"If-Match": "*"}
    )
    assert merged.status_code == 200, merged.text
    for owner in (survivor, customer):
        listed = office.get(f"/v1/customers/{owner}/documents").json()["data"]
        assert [d["id"] for d in listed] == [made["id"]]
    late = announce(office, survivor, len(contents.PDF))
    gone = office.delete(
        f"/v1/customers/{survivor}/documents/{late['id']}", headers={"If-Match": "*"}
    )
    assert gone.status_code == 204, gone.text
    assert send(late["upload"], contents.PDF).status_code in (200, 201, 204)
    bucket = deployed.outputs["DocumentsBucketName"]

    def stored() -> list[str]:
        listed = deployed.client("s3").list_object_versions(Bucket=bucket, Prefix=f"{tenant}/")
        return [version["Key"] for version in listed.get("Versions", [])]

    kept = f"{tenant}/{customer}/{made['id']}"
    wait_for(lambda: stored() == [kept], what="the file nobody owns is discarded")
    for action in ("deactivate", "delete"):
        body = {"action": action, "ids": [survivor], "confirm": True}
        assert office.post("/v1/customers/bulk", json=body).json()["results"][0]["problem"] is None
    erased = admin.post(f"/v1/customers/{survivor}/erase", json={"confirm": True})
    assert erased.status_code == 200, erased.text
    assert stored() == []
