"""A document whose content is replaced: what is served meanwhile, and what was served before."""

from typing import Any

import boto3
import pytest
import requests

from roster.adapters.dynamodb.documents import DynamoDocuments
from tests.support import documents as contents
from tests.support.api import Api
from tests.support.aws import DOCUMENTS_BUCKET, TABLE
from tests.support.uploads import announce, send, tell, versions

SECOND = contents.PDF.replace(b"1.7", b"1.4")
RECORDS = Api("records_api")


@pytest.fixture
def path(customers_api: Api) -> str:
    """A document that is served."""
    customer = customers_api.post("/v1/customers", {"company_name": "Müller"}).json["id"]
    made = announce(RECORDS, customer, contents.PDF, kind="service_contract").json
    assert tell(send(made["upload"], contents.PDF)) == "activated"
    return f"/v1/customers/{customer}/documents/{made['id']}"


def replaced(path: str, content: bytes, **more: Any) -> dict[str, Any]:
    """Announce and send a replacement; what S3 tells of it."""
    answer = RECORDS.patch(path, {"size": len(content), **more})
    assert answer.status == 200, answer.text
    return send(answer.json["upload"], content)


def fetched(path: str, **query: Any) -> bytes:
    answer = RECORDS.get(path, **query)
    assert answer.status == 200, answer.text
    return requests.get(answer.json["download"]["url"], timeout=5).content


def test_a_replacement_keeps_what_was_there(path: str) -> None:
    answer = RECORDS.patch(path, {"filename": "second.pdf", "size": len(SECOND)}, '"2"')
    assert answer.status == 200, answer.text
    waiting = answer.json["replacement"]
    assert (waiting["number"], waiting["filename"], waiting["status"]) == (
        2,
        "second.pdf",
        "awaiting_upload",
    )
    assert answer.headers["etag"] == '"3"'
    told = send(answer.json["upload"], SECOND)
    assert fetched(path) == contents.PDF, "until it was looked at, nothing has changed"
    assert RECORDS.get(path).json["filename"] == "contract.pdf"
    assert [tell(told), tell(told)] == ["activated", "already_judged"]
    now = RECORDS.get(path).json
    assert (now["status"], now["filename"], now["kind"], now["replacement"]) == (
        "active",
        "second.pdf",
        "service_contract",
        None,
    )
    shown = [
        (v["number"], v["filename"], v["size"], v["by"], v["current"]) for v in now["versions"]
    ]
    assert shown == [
        (2, "second.pdf", len(SECOND), "olga", True),
        (1, "contract.pdf", len(contents.PDF), "olga", False),
    ]
    assert all(v["uploaded_at"] for v in now["versions"])
    assert fetched(path) == fetched(path, document_version=2) == SECOND
    assert fetched(path, document_version=1) == contents.PDF
    assert RECORDS.get(path, document_version=3).status == 404
    assert RECORDS.get(path, document_version=0).status == 422
    listed = RECORDS.get(path.rpartition("/")[0]).json["data"]
    assert [d["filename"] for d in listed] == ["second.pdf"]


def test_a_replacement_may_have_another_type(path: str) -> None:
    told = replaced(path, contents.PNG, filename="a.png", content_type="image/png")
    assert tell(told) == "activated"
    assert RECORDS.get(path).json["content_type"] == "image/png"
    assert (fetched(path), fetched(path, document_version=1)) == (contents.PNG, contents.PDF)


def test_a_refused_replacement_leaves_what_was_there(path: str) -> None:
    told = replaced(path, b"MZ" + SECOND)
    assert [tell(told), tell(told)] == ["refused", "already_judged"]
    now = RECORDS.get(path).json
    assert (now["status"], now["refusal"]) == ("active", None)
    assert (now["replacement"]["status"], now["replacement"]["refusal"]) == (
        "refused",
        "executable",
    )
    assert fetched(path) == contents.PDF
    assert versions() == 1, "the refused file is gone"
    assert tell(replaced(path, SECOND)) == "activated"
    now = RECORDS.get(path).json
    assert ([v["number"] for v in now["versions"]], now["replacement"]) == ([3, 1], None)


def test_the_last_announced_replacement_is_the_one_that_counts(path: str) -> None:
    early = replaced(path, b"%PDF-1.0 early")
    late = replaced(path, SECOND)
    assert [tell(late), tell(early), tell(late)] == ["activated", *["already_judged"] * 2]
    assert fetched(path) == SECOND
    assert [v["number"] for v in RECORDS.get(path).json["versions"]] == [3, 1]
    assert versions() == 2, "what was overtaken is gone"


def test_a_permission_used_again_changes_no_version(path: str) -> None:
    answer = RECORDS.patch(path, {"size": len(SECOND)}).json
    assert tell(send(answer["upload"], SECOND)) == "activated"
    assert tell(send(answer["upload"], b"%PDF" + b"x" * (len(SECOND) - 4))) == "already_judged"
    assert (fetched(path), fetched(path, document_version=1)) == (SECOND, contents.PDF)
    assert versions() == 2


def test_what_was_refused_first_can_be_sent_anew(customers_api: Api) -> None:
    customer = customers_api.post("/v1/customers", {"company_name": "Müller"}).json["id"]
    made = announce(RECORDS, customer, contents.PNG).json
    assert tell(send(made["upload"], contents.PNG)) == "refused"
    path = f"/v1/customers/{customer}/documents/{made['id']}"
    assert tell(replaced(path, SECOND)) == "activated"
    now = RECORDS.get(path).json
    assert (now["status"], now["refusal"]) == ("active", None)
    assert [v["number"] for v in now["versions"]] == [2], "a refused one is no version"
    assert RECORDS.get(path, document_version=1).status == 404
    assert fetched(path) == SECOND


def test_name_and_kind_are_set_without_a_file(path: str) -> None:
    answer = RECORDS.patch(path, {"filename": "Vertrag.pdf", "kind": "other"}, '"2"')
    assert answer.status == 200, answer.text
    assert (answer.json["filename"], answer.json["kind"]) == ("Vertrag.pdf", "other")
    assert (answer.json["upload"], answer.json["replacement"]) == (None, None)
    assert (answer.json["version"], len(answer.json["versions"])) == (3, 1)
    assert fetched(path) == contents.PDF
    again = RECORDS.patch(path, {"filename": "Vertrag.pdf", "kind": "other"})
    assert again.json["version"] == 3, "the same once more is nothing"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"content_type": "image/png"}, {"/size"}),
        ({"filename": "a.exe"}, {"/filename"}),
        ({"filename": None, "kind": None, "size": None}, {"/filename", "/kind", "/size"}),
        ({"filename": "a/b.exe", "size": 0}, {"/filename", "/size"}),
        ({"size": 26214401}, {"/size"}),
        ({"size": 9, "content_type": "image/png"}, {"/filename"}),
        ({"status": "active"}, {"/status"}),
    ],
)
def test_bad_changes_name_what_is_wrong(
    path: str, body: dict[str, Any], pointers: set[str]
) -> None:
    before = RECORDS.get(path).json
    answer = RECORDS.patch(path, body)
    assert answer.status == 422, answer.text
    assert {e["pointer"] for e in answer.json["errors"]} == pointers
    now = RECORDS.get(path).json
    assert {**now, "download": None} == {**before, "download": None}


def test_a_change_needs_the_version_it_was_made_on(path: str) -> None:
    assert RECORDS.patch(path, {"kind": "other"}, '"1"').status == 412
    assert RECORDS.call("PATCH", path, {"kind": "other"}).status == 428
    assert Api("records_api", role="viewer").patch(path, {"kind": "other"}).status == 403
    assert Api("records_api", tenant="zenith").patch(path, {"kind": "other"}).status == 404
    assert RECORDS.get(path).json["kind"] == "service_contract"


def test_a_rename_and_a_judgement_at_once_are_both_kept(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, save = replaced(path, SECOND, filename="b.pdf"), DynamoDocuments.save

    def judge_before(*args: Any) -> None:
        monkeypatch.setattr(DynamoDocuments, "save", save)
        assert tell(told) == "activated"
        save(*args)

    monkeypatch.setattr(DynamoDocuments, "save", judge_before)
    assert RECORDS.patch(path, {"kind": "other"}).status == 200
    now = RECORDS.get(path).json
    assert (now["kind"], now["filename"], now["replacement"]) == ("other", "b.pdf", None)


def test_a_deletion_takes_every_version(path: str) -> None:
    assert tell(replaced(path, SECOND)) == "activated"
    waiting = replaced(path, b"%PDF-1.0 waiting")
    assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 204
    assert RECORDS.get(path).status == 404
    seen = boto3.client("s3").list_objects_v2(Bucket=DOCUMENTS_BUCKET)
    assert seen["KeyCount"] == 0
    assert tell(waiting) == "no_document"
    assert versions() == 3, "what was deleted by mistake can be brought back for a month"


def test_a_file_that_comes_after_the_deletion_is_discarded(path: str) -> None:
    answer = RECORDS.patch(path, {"size": len(SECOND)}).json
    assert RECORDS.call("DELETE", path, headers={"if-match": "*"}).status == 204
    before = versions()
    told = send(answer["upload"], SECOND)
    assert [tell(told), tell(told)] == ["no_document", "no_document"]
    assert versions() == before, "nobody owns it"


def test_a_document_without_a_file_goes_by_itself(customers_api: Api, path: str) -> None:
    customer = path.split("/")[3]
    made = announce(RECORDS, customer, contents.PDF).json
    key = {"pk": {"S": f"acme#C#{customer}"}, "sk": {"S": f"DOC#{made['id']}"}}
    table = boto3.client("dynamodb")
    assert int(table.get_item(TableName=TABLE, Key=key)["Item"]["ttl"]["N"]) > 0
    assert tell(send(made["upload"], contents.PDF)) == "activated"
    assert "ttl" not in table.get_item(TableName=TABLE, Key=key)["Item"]
