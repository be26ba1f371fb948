"""Documents of a customer, through the doors of both functions and the bucket between them."""

import base64
import importlib
import json
from typing import Any

import boto3
import pytest
import requests

from roster.adapters.dynamodb.documents import DynamoDocuments
from roster.adapters.s3.documents import S3DocumentFiles
from tests.support import documents as contents
from tests.support.api import Api
from tests.support.aws import DOCUMENTS_BUCKET
from tests.support.context import LambdaContext
from tests.support.events import event
from tests.support.uploads import announce, send, tell, versions


@pytest.fixture
def customer(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Müller"})
    return str(made.json["id"])


@pytest.fixture
def records() -> Api:
    return Api("records_api")


@pytest.mark.shows("S0.22", "S0.23", "S0.53")
def test_a_service_contract_comes_back_byte_for_byte(records: Api, customer: str) -> None:
    name = "Vertrag „Müller“ 東京.pdf"
    made = announce(records, customer, contents.PDF, name=name, kind="service_contract")
    assert made.status == 201, made.text
    document = made.json
    assert document["id"].startswith("doc_")
    assert (document["status"], document["kind"]) == ("awaiting_upload", "service_contract")
    path = f"/v1/customers/{customer}/documents/{document['id']}"
    assert made.headers["location"] == path
    assert records.get(path).json["download"] is None
    assert tell(send(document["upload"], contents.PDF)) == "activated"
    read = records.get(path)
    assert (read.json["status"], read.json["refusal"]) == ("active", None)
    assert (read.headers["etag"], read.headers["cache-control"]) == ('"2"', "no-store")
    fetched = requests.get(read.json["download"]["url"], timeout=5)
    assert fetched.content == contents.PDF
    assert fetched.headers["content-disposition"].startswith("attachment; ")
    assert fetched.headers["content-type"] == "application/pdf"
    listed = records.get(f"/v1/customers/{customer}/documents").json
    assert [(d["filename"], d["status"]) for d in listed["data"]] == [(name, "active")]
    assert all("download" not in d and "upload" not in d for d in listed["data"])


def test_the_upload_is_bound_to_size_type_and_place(records: Api, customer: str) -> None:
    upload = announce(records, customer, b"x" * 77).json["upload"]
    policy = json.loads(base64.b64decode(upload["fields"]["policy"]))
    assert ["content-length-range", 77, 77] in policy["conditions"]
    assert {"Content-Type": "application/pdf"} in policy["conditions"]
    assert {"key": upload["fields"]["key"]} in policy["conditions"]
    assert upload["fields"]["key"].startswith(f"acme/{customer}/doc_")
    assert upload["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_every_type_can_be_stored(records: Api, customer: str) -> None:
    for name, content_type, content in (
        ("a.png", "image/png", contents.PNG),
        ("a.jpeg", "image/jpeg", contents.JPEG),
        ("a.docx", contents.DOCX, contents.WORD),
        ("a.xlsx", contents.XLSX, contents.workbook()),
        ("a.csv", "text/csv", contents.CSV.encode()),
        ("a.txt", "text/plain", contents.CSV.encode("cp1252")),
    ):
        made = announce(records, customer, content, name=name, content_type=content_type).json
        assert tell(send(made["upload"], content)) == "activated", name
        path = f"/v1/customers/{customer}/documents/{made['id']}"
        url = records.get(path).json["download"]["url"]
        assert requests.get(url, timeout=5).content == content, name


NO_PDF = {
    **{name: (program, "executable") for name, program in contents.EXECUTABLES.items()},
    "picture": (contents.PNG, "other_type"),
    "page": (b"<html><script>alert(1)</script>", "other_type"),
}


@pytest.mark.parametrize("what", NO_PDF)
def test_what_is_no_pdf_is_refused_and_deleted(records: Api, customer: str, what: str) -> None:
    content, refusal = NO_PDF[what]
    made = announce(records, customer, content).json
    told = send(made["upload"], content)
    assert tell(told) == "refused"
    read = records.get(f"/v1/customers/{customer}/documents/{made['id']}").json
    assert (read["status"], read["refusal"], read["download"]) == ("refused", refusal, None)
    assert versions() == 0, "no stored version is left"
    assert tell(told) == "already_judged"


def test_another_size_than_announced_is_refused(records: Api, customer: str) -> None:
    made = announce(records, customer, contents.PDF[:-1]).json
    assert tell(send(made["upload"], contents.PDF)) == "refused"
    read = records.get(f"/v1/customers/{customer}/documents/{made['id']}").json
    assert read["refusal"] == "other_size"


def test_an_event_that_comes_twice_or_late_has_one_effect(records: Api, customer: str) -> None:
    made = announce(records, customer, contents.PDF).json
    told = send(made["upload"], contents.PDF)
    assert [tell(told), tell(told), tell(told)] == ["activated", *["already_judged"] * 2]
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    assert records.get(path).json["version"] == 2
    assert versions() == 1
    assert records.call("DELETE", path, headers={"if-match": "*"}).status == 204
    assert tell(told) == "no_document"
    assert records.get(path).status == 404


def test_an_upload_permission_used_again_changes_nothing(records: Api, customer: str) -> None:
    made = announce(records, customer, contents.PDF).json
    assert tell(send(made["upload"], contents.PDF)) == "activated"
    other = b"MZ" + contents.PDF[2:]
    again = send(made["upload"], other)
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    for _ in range(2):
        url = records.get(path).json["download"]["url"]
        assert requests.get(url, timeout=5).content == contents.PDF
        assert tell(again) == "already_judged"
    assert versions() == 1, "the second file is gone"
    third = send(made["upload"], other)
    del third["detail"]["object"]["version-id"]
    assert [tell(third), tell(third)] == ["already_judged"] * 2
    assert versions() == 1, "an event without a version means the newest"
    url = records.get(path).json["download"]["url"]
    assert requests.get(url, timeout=5).content == contents.PDF


def test_events_may_lack_the_version(records: Api, customer: str) -> None:
    for content, outcome, left in ((contents.PDF, "activated", 1), (contents.PNG, "refused", 1)):
        made = announce(records, customer, content).json
        told = send(made["upload"], content)
        del told["detail"]["object"]["version-id"]
        assert [tell(told), tell(told)] == [outcome, "already_judged"]
        assert versions() == left


def test_two_deliveries_at_once_have_one_effect(
    records: Api, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = announce(records, customer, contents.PDF).json
    told = send(made["upload"], contents.PDF)
    look, outcomes = S3DocumentFiles.look, []

    def look_while_another_judges(*args: Any) -> Any:
        found = look(*args)
        monkeypatch.setattr(S3DocumentFiles, "look", look)
        outcomes.append(tell(told))
        return found

    monkeypatch.setattr(S3DocumentFiles, "look", look_while_another_judges)
    assert (tell(told), outcomes) == ("already_judged", ["activated"])
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    assert records.get(path).json["version"] == 2


def test_a_document_deleted_while_it_was_judged_stays_deleted(
    records: Api, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = announce(records, customer, contents.PDF).json
    told = send(made["upload"], contents.PDF)
    path, look = f"/v1/customers/{customer}/documents/{made['id']}", S3DocumentFiles.look

    def look_while_it_is_deleted(*args: Any) -> Any:
        found = look(*args)
        monkeypatch.setattr(S3DocumentFiles, "look", look)
        assert records.call("DELETE", path, headers={"if-match": "*"}).status == 204
        return found

    monkeypatch.setattr(S3DocumentFiles, "look", look_while_it_is_deleted)
    assert tell(told) == "no_document"
    assert records.get(path).status == 404


@pytest.mark.parametrize(("if_match", "status"), [("*", 204), ('"1"', 412)])
def test_a_deletion_during_which_it_was_judged(
    records: Api, customer: str, monkeypatch: pytest.MonkeyPatch, if_match: str, status: int
) -> None:
    made = announce(records, customer, contents.PDF).json
    told = send(made["upload"], contents.PDF)
    path, remove = f"/v1/customers/{customer}/documents/{made['id']}", DynamoDocuments.remove

    def judge_before(*args: Any, **options: Any) -> None:
        assert tell(told) in ("activated", "already_judged"), "the deletion looks again"
        remove(*args, **options)

    monkeypatch.setattr(DynamoDocuments, "remove", judge_before)
    assert records.call("DELETE", path, headers={"if-match": if_match}).status == status
    read = records.get(path)
    assert read.status == (404 if status == 204 else 200)
    if status == 412:
        url = read.json["download"]["url"]
        assert requests.get(url, timeout=5).content == contents.PDF, "nothing was lost"


def test_a_refused_file_goes_at_the_replay_of_a_crash(
    records: Api, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = announce(records, customer, contents.PNG).json
    told = send(made["upload"], contents.PNG)

    def crash(*_: Any) -> None:
        raise TimeoutError

    with monkeypatch.context() as broken:
        broken.setattr(S3DocumentFiles, "discard", crash)
        with pytest.raises(TimeoutError):
            tell(told)
    assert versions() == 1
    assert tell(told) == "already_judged"
    assert versions() == 0


def test_a_file_that_is_gone_before_it_was_looked_at(records: Api, customer: str) -> None:
    made = announce(records, customer, contents.PDF).json
    told = send(made["upload"], contents.PDF)
    where = told["detail"]["object"]
    boto3.client("s3").delete_object(
        Bucket=DOCUMENTS_BUCKET, Key=where["key"], VersionId=where["version-id"]
    )
    assert tell(told) == "no_file"
    read = records.get(f"/v1/customers/{customer}/documents/{made['id']}").json
    assert read["status"] == "awaiting_upload"


@pytest.mark.parametrize("key", ["", "notes/readme.txt", "a/b/c", "/cus_1/doc_1", "acme/cus_1/"])
def test_objects_that_are_no_documents_are_ignored(
    cloud: None, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    told = event("document_uploaded", "foreign_object")
    told["detail"]["object"]["key"] = key
    assert tell(told) == "no_document"
    assert "ignored" in caplog.text


def test_an_unknown_document_is_ignored(cloud: None) -> None:
    assert tell(event("document_uploaded", "object_created")) == "no_document"


def test_delete_is_guarded_and_removes_the_file(records: Api, customer: str) -> None:
    made = announce(records, customer, contents.PDF).json
    tell(send(made["upload"], contents.PDF))
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    assert records.call("DELETE", path).status == 428
    assert records.call("DELETE", path, headers={"if-match": '"1"'}).status == 412
    assert records.call("DELETE", path, headers={"if-match": '"2"'}).status == 204
    assert records.call("DELETE", path, headers={"if-match": "*"}).status == 404
    assert records.get(f"/v1/customers/{customer}/documents").json["data"] == []
    with pytest.raises(boto3.client("s3").exceptions.NoSuchKey):
        boto3.client("s3").get_object(Bucket=DOCUMENTS_BUCKET, Key=made["upload"]["fields"]["key"])


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/filename", "/content_type", "/size"}),
        ({"filename": "a.exe", "content_type": "application/x-msdownload", "size": 1},
         {"/content_type"}),
        ({"filename": "a.exe", "content_type": "application/pdf", "size": 0},
         {"/filename", "/size"}),
        ({"filename": "a.pdf", "content_type": "application/pdf", "size": 26214401}, {"/size"}),
        ({"filename": "a.pdf", "content_type": "application/pdf", "size": "7"}, {"/size"}),
        ({"filename": "a.pdf", "content_type": "application/pdf", "size": 1, "key": "x"},
         {"/key"}),
        ({"filename": "a\x00.pdf", "content_type": "application/pdf", "size": 1, "kind": "x"},
         {"/kind"}),
        ({"filename": "../a\n.pdf", "content_type": "application/pdf", "size": 1}, {"/filename"}),
    ],
)  # fmt: skip
def test_bad_announcements_name_what_is_wrong(
    records: Api, customer: str, body: dict[str, Any], pointers: set[str]
) -> None:
    answer = records.post(f"/v1/customers/{customer}/documents", body)
    assert answer.status == 422, answer.text
    assert {e["pointer"] for e in answer.json["errors"]} == pointers
    assert records.get(f"/v1/customers/{customer}/documents").json["data"] == []


def test_roles(records: Api, customer: str) -> None:
    viewer = Api("records_api", role="viewer")
    assert announce(viewer, customer, contents.PDF).status == 403
    made = announce(records, customer, contents.PDF).json
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    assert viewer.get(path).status == 200
    assert viewer.get(f"/v1/customers/{customer}/documents").status == 200
    assert viewer.call("DELETE", path, headers={"if-match": "*"}).status == 403


def test_another_company_and_another_customer_see_nothing(
    customers_api: Api, records: Api, customer: str
) -> None:
    made = announce(records, customer, contents.PDF).json
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    other = Api("records_api", tenant="other")
    assert other.get(path).status == 404
    assert other.get(f"/v1/customers/{customer}/documents").status == 404
    assert announce(other, customer, contents.PDF).status == 404
    assert other.call("DELETE", path, headers={"if-match": "*"}).status == 404
    second = customers_api.post("/v1/customers", {"company_name": "Second"}).json["id"]
    assert records.get(f"/v1/customers/{second}/documents/{made['id']}").status == 404
    assert records.get(path).status == 200


def test_a_deleted_customer_has_no_documents(
    customers_api: Api, records: Api, customer: str
) -> None:
    made = announce(records, customer, contents.PDF).json
    path = f"/v1/customers/{customer}"
    customers_api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
    assert announce(records, customer, contents.PDF).status == 201, "an inactive one has"
    deleted = customers_api.call(
        "DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"}
    )
    assert deleted.status == 204
    assert records.get(f"{path}/documents").status == 410
    assert records.get(f"{path}/documents/{made['id']}").status == 410
    assert announce(records, customer, contents.PDF).status == 410


def test_the_list_has_pages(records: Api, customer: str) -> None:
    for n in range(5):
        announce(records, customer, contents.PDF, name=f"{n}.pdf")
    path, seen, cursor = f"/v1/customers/{customer}/documents", [], None
    while True:
        page = records.get(path, limit=2, **({"cursor": cursor} if cursor else {})).json
        assert len(page["data"]) <= 2
        seen += [d["filename"] for d in page["data"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert sorted(seen) == [f"{n}.pdf" for n in range(5)]
    assert records.get(path, cursor="e30=").status == 400


def test_an_idempotency_key_makes_one_document(records: Api, customer: str) -> None:
    path = f"/v1/customers/{customer}/documents"
    body = {"filename": "a.pdf", "content_type": "application/pdf", "size": 9}
    first = records.post(path, body, idempotency_key="k")
    assert records.post(path, body, idempotency_key="k").json == first.json
    assert len(records.get(path).json["data"]) == 1


def test_the_example_events_are_understood(records: Api, cloud: None) -> None:
    app = importlib.import_module("functions.records_api.app")
    for case in ("announce_service_contract", "list_documents"):
        answer = app.lambda_handler(event("records_api", case), LambdaContext("records_api"))
        assert answer["statusCode"] == 404, "there is no such customer"
        assert json.loads(answer["body"])["code"] == "not_found"
