"""Sending files of documents as a browser does, and telling of them as S3 does."""

import importlib
from typing import Any

import boto3
import requests

from tests.support.api import Answer, Api
from tests.support.aws import DOCUMENTS_BUCKET
from tests.support.context import LambdaContext
from tests.support.events import event

type Sent = dict[str, Any]


def announce(
    records: Api,
    customer: str,
    content: bytes,
    *,
    name: str = "contract.pdf",
    content_type: str = "application/pdf",
    **more: Any,
) -> Answer:
    body = {"filename": name, "content_type": content_type, "size": len(content), **more}
    return records.post(f"/v1/customers/{customer}/documents", body)


def send(upload: dict[str, Any], content: bytes) -> Sent:
    """Send the file as the answer says; the event that S3 tells of it."""
    answer = requests.post(
        upload["url"], data=upload["fields"], files={"file": ("x", content)}, timeout=5
    )
    assert answer.status_code in (200, 201, 204), answer.text
    head = boto3.client("s3").head_object(Bucket=DOCUMENTS_BUCKET, Key=upload["fields"]["key"])
    told = event("document_uploaded", "object_created")
    told["detail"]["object"] |= {
        "key": upload["fields"]["key"],
        "size": len(content),
        "version-id": head["VersionId"],
    }
    return told


def tell(told: Sent) -> str:
    handler = importlib.import_module("functions.document_uploaded.app").lambda_handler
    return str(handler(told, LambdaContext("document_uploaded"))["outcome"])


def versions(key: str = "") -> int:
    listed = boto3.client("s3").list_object_versions(Bucket=DOCUMENTS_BUCKET, Prefix=key)
    return len(listed.get("Versions", []))
