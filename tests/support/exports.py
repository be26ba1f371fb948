"""Asks for exports and lets the worker make them."""

import importlib
import json
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3

from tests.support.api import Api
from tests.support.aws import ENVIRONMENT, EXPORTS_BUCKET
from tests.support.context import LambdaContext


def ask(api: Api, file_format: str = "csv", **filters: Any) -> str:
    """Ask for an export; its path."""
    answer = api.post("/v1/exports", {"format": file_format, "filters": filters})
    assert answer.status == 202, answer.text
    assert answer.json["status"] == "queued"
    assert answer.json["link"] is None
    return answer.headers["location"]


def messages() -> list[dict[str, Any]]:
    """What waits in the queue, taken out of it."""
    queue = boto3.client("sqs")
    found = queue.receive_message(
        QueueUrl=ENVIRONMENT["EXPORT_QUEUE_URL"], MaxNumberOfMessages=10
    ).get("Messages", [])
    return [{"messageId": m["MessageId"], "body": m["Body"]} for m in found]


def work(records: list[dict[str, Any]] | None = None, *, remaining_ms: int = 900_000) -> list[Any]:
    """Hand messages to the worker, all that wait if none are given; those it gives back."""
    handler: Any = importlib.import_module("functions.export_write.app").lambda_handler
    event = {"Records": messages() if records is None else records}
    context = LambdaContext("export_write", remaining_ms=remaining_ms)
    left: list[Any] = json.loads(json.dumps(handler(event, context)))["batchItemFailures"]
    return left


def fetch(api: Api, path: str) -> bytes:
    """The file behind the link of a completed export."""
    answer = api.get(path)
    assert answer.json["status"] == "completed", answer.text
    link = urlsplit(answer.json["link"]["url"])
    assert link.netloc.startswith(EXPORTS_BUCKET)
    assert "response-content-disposition=attachment" in link.query
    key = unquote(link.path.lstrip("/"))
    content: bytes = boto3.client("s3").get_object(Bucket=EXPORTS_BUCKET, Key=key)["Body"].read()
    return content


def exported(api: Api, file_format: str = "csv", **filters: Any) -> bytes:
    """An export from the question to the file."""
    path = ask(api, file_format, **filters)
    assert work() == []
    return fetch(api, path)
