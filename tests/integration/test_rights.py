"""The tests' own cloud refuses a function what the template does not let it do."""

import boto3
import pytest

from tests.support import rights
from tests.support.api import Api
from tests.support.aws import DOCUMENTS_BUCKET, IMPORTS_BUCKET
from tests.support.imports import Machine, csv_of, drop

FILE = csv_of(("Company name", "Email"), ("Acme", "info@acme.example"), ("", ""))


def without(monkeypatch: pytest.MonkeyPatch, *actions: str) -> None:
    granted = rights._granted
    monkeypatch.setattr(
        rights, "_granted", lambda folder: [g for g in granted(folder) if g[0] not in actions]
    )


@pytest.mark.parametrize(
    ("function", "action"),
    [
        ("customers_api", "dynamodb:PutItem"),
        ("customers_api", "dynamodb:UpdateItem"),
        ("imports_api", "s3:PutObject"),
    ],
)
def test_a_function_fails_as_it_would_deployed(
    cloud: None, monkeypatch: pytest.MonkeyPatch, function: str, action: str
) -> None:
    path, body = (
        ("/v1/imports", {"filename": "a.csv"})
        if function == "imports_api"
        else ("/v1/customers", {"company_name": "Acme"})
    )
    assert Api(function).post(path, body).status == 201
    without(monkeypatch, action)
    assert Api(function).post(path, body).status == 500


def test_an_address_is_not_signed_by_who_may_not_fetch_it(
    customers_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme"}).json["id"]
    without(monkeypatch, "s3:PutObject")
    body = {"filename": "a.pdf", "content_type": "application/pdf", "size": 9}
    assert Api("records_api").post(f"/v1/customers/{made}/documents", body).status == 500


def test_who_may_not_list_a_bucket_is_not_told_that_a_file_is_missing(
    cloud: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Machine().run(drop(FILE))
    api, s3 = Api("imports_api"), boto3.client("s3")
    (job,) = api.get("/v1/imports").json["data"]
    for stored in s3.list_objects_v2(Bucket=IMPORTS_BUCKET)["Contents"]:
        if "/plan/" in stored["Key"]:
            s3.delete_object(Bucket=IMPORTS_BUCKET, Key=stored["Key"])
    for path in ("", "/plan", "/mapping"):
        assert api.get(f"/v1/imports/{job['id']}{path}").status in (200, 404, 410), path
    without(monkeypatch, "s3:ListBucket")
    assert api.get(f"/v1/imports/{job['id']}/plan").status == 500


def test_a_right_is_for_the_resources_it_names() -> None:
    put = "s3:PutObject"
    assert rights.allows("imports_api", rights.Need(put, f"{IMPORTS_BUCKET}/acme/imports/imp/a"))
    assert not rights.allows("imports_api", rights.Need(put, f"{IMPORTS_BUCKET}/acme/work/imp/a"))
    assert not rights.allows("imports_api", rights.Need(put, f"{DOCUMENTS_BUCKET}/acme/imports/a"))
    deleted = {"Bucket": DOCUMENTS_BUCKET, "Delete": {"Objects": [{"Key": "a", "VersionId": "1"}]}}
    assert list(rights.needs("s3", "DeleteObjects", deleted)) == [
        rights.Need("s3:DeleteObjectVersion", f"{DOCUMENTS_BUCKET}/a")
    ]
    scheduled = rights.needs("scheduler", "CreateSchedule", {"Target": {}})
    assert [need.action for need in scheduled] == ["scheduler:CreateSchedule", "iam:PassRole"]
