"""The template's rights, enforced on moto: what a function may not do fails as it would on AWS.

moto and the local cloud let everybody do everything. Here each call to AWS that a function makes is
looked up in the statements the template gives that function, presigned requests included: whoever
holds one acts with the rights of who signed it. Calls of the tests themselves pass.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.signers import RequestSigner, S3PostPresigner

from roster.adapters.dynamodb.wire import Wire
from tests.support.functions import functions

# Operations whose right is called otherwise.
_S3 = {
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
}
_OF_A_VERSION = {"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}
_MISSING = ("NoSuchKey", "404")
_TRANSACTED = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_PARTIQL = {"INSERT": "PartiQLInsert", "SELECT": "PartiQLSelect"}
_PREFIXES = {"sesv2": "ses", "stepfunctions": "states"}
_NONE: dict[str, Any] = {"Variables": {}}
_API_CALL = "_make_api_call"
_FUNCTION = re.compile(r"functions\.([a-z_]+)\.")
_STATED_ARN = re.compile(r"(?:\$\{)?(\w+(?:Bucket|Table))\.Arn\}?(.*)")


@dataclass(frozen=True, slots=True)
class Need:
    """A right that a call needs; `resource` is a table, a bucket, "bucket/key" or, else, empty."""

    action: str
    resource: str = ""


def needs(service: str, operation: str, sent: Mapping[str, Any]) -> Iterator[Need]:
    """The rights that a call needs."""
    match service:
        case "dynamodb":
            yield from _of_dynamodb(operation, sent)
        case "s3":
            yield from _of_s3(operation, sent)
        case "sqs":
            yield Need("sqs:" + operation.removesuffix("Batch"))
        case "lambda" if operation == "Invoke":
            yield Need("lambda:InvokeFunction")
        case "scheduler" if "Target" in sent:
            yield from (Need(f"scheduler:{operation}"), Need("iam:PassRole"))
        case _:
            yield Need(f"{_PREFIXES.get(service, service)}:{operation}")


def _of_dynamodb(operation: str, sent: Mapping[str, Any]) -> Iterator[Need]:
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for item in sent["TransactItems"]:
            for kind, what in item.items():
                yield Need(f"dynamodb:{_TRANSACTED[kind]}", what["TableName"])
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for name in sent["RequestItems"]:
            yield Need(f"dynamodb:{operation}", name)
    elif operation in ("ExecuteStatement", "BatchExecuteStatement"):
        for one in sent.get("Statements", [sent]):
            verb, name = one["Statement"].split('"')[:2]
            yield Need(f"dynamodb:{_PARTIQL[verb.split()[0]]}", name)
    else:
        yield Need(f"dynamodb:{operation}", sent["TableName"])


def _of_s3(operation: str, sent: Mapping[str, Any]) -> Iterator[Need]:
    bucket = sent["Bucket"]
    if operation == "DeleteObjects":
        for one in sent["Delete"]["Objects"]:
            yield from _of_s3("DeleteObject", {"Bucket": bucket, **one})
        return
    action = _S3.get(operation, operation)
    if sent.get("VersionId"):
        action = _OF_A_VERSION[action]
    yield Need(f"s3:{action}", f"{bucket}/{sent['Key']}" if "Key" in sent else bucket)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache
def _granted(folder: str) -> tuple[tuple[str, re.Pattern[str] | None], ...]:
    """(action, form of the resource) that the template gives a function; None fits whatever."""
    (found,) = (f for f in functions() if f.folder == folder)
    return tuple(
        (action, _form(resource))
        for policy in found.properties.get("Policies", [])
        for statement in _listed(policy["Statement"])
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    )


def _form(resource: Any) -> re.Pattern[str] | None:
    stated = next(iter(resource.values())) if isinstance(resource, dict) else resource
    found = _STATED_ARN.fullmatch(stated)
    if found is None:
        return None
    text = _names()[found[1]] + found[2]
    return re.compile(re.escape(text).replace(r"\*", ".*"), re.DOTALL)


@cache
def _names() -> dict[str, str]:
    """What tables and buckets are called here, by logical id: functions are told in variables."""
    return {
        value["Ref"]: os.environ[variable]
        for function in functions()
        for variable, value in function.properties.get("Environment", _NONE)["Variables"].items()
        if "Ref" in value and variable.endswith(("TABLE_NAME", "BUCKET_NAME"))
    }


def allows(folder: str, need: Need) -> bool:
    """Whether the template lets a function do this."""
    return any(
        action == need.action and (form is None or form.fullmatch(need.resource) is not None)
        for action, form in _granted(folder)
    )


def _caller() -> str | None:
    """The function whose code makes this call; None for code of a test.

    A thread that a function started has nothing of it on its stack: then it is the one at work.
    """
    found = _nearest(sys._getframe(1))
    if found is not None:
        return found or None
    others = (_nearest(frame) for frame in sys._current_frames().values())
    return next((one for one in others if one), None)


def _nearest(frame: FrameType | None) -> str | None:
    """The folder of the nearest function on a stack, "" where a test stands before it."""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("tests.") and name != __name__:
            return ""
        if found := _FUNCTION.match(name):
            return found[1]
        frame = frame.f_back
    return None


def _check(
    service: str, operation: str, sent: Mapping[str, Any], *, on_behalf_of: str | None = None
) -> None:
    """Raise what AWS would; `on_behalf_of` is what was asked for, where that is another."""
    folder = _caller()
    if folder is None:
        return
    for need in needs(service, operation, sent):
        if not allows(folder, need):
            asked = on_behalf_of or operation
            told = f"{folder} may not {need.action} on {need.resource or 'anything'}"
            raise ClientError({"Error": {"Code": _refusal(service, asked), "Message": told}}, asked)


def _refusal(service: str, operation: str) -> str:
    if service != "s3":
        return "AccessDeniedException"
    # The answer to a HEAD has no body that could say more.
    return "403" if operation.startswith("Head") else "AccessDenied"


@contextmanager
def enforced() -> Iterator[None]:
    """Refuse what the template does not let the calling function do."""
    call, send = getattr(BaseClient, _API_CALL), Wire.call
    sign, sign_post = RequestSigner.generate_presigned_url, S3PostPresigner.generate_presigned_post

    def api_call(self: Any, operation: str, sent: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        _check(service, operation, sent)
        try:
            return call(self, operation, sent)
        except ClientError as error:
            if service == "s3" and error.response["Error"]["Code"] in _MISSING:
                # S3 tells who may not list a bucket nothing of what is not in it.
                bucket = {"Bucket": sent["Bucket"]}
                _check("s3", "ListObjectsV2", bucket, on_behalf_of=operation)
            raise

    def wire_call(self: Wire, operation: str, body: bytes) -> dict[str, Any]:
        _check("dynamodb", operation, json.loads(body))
        return send(self, operation, body)

    def signed(self: Any, request_dict: dict[str, Any], operation_name: str, **more: Any) -> Any:
        _check("s3", operation_name, _place(request_dict))
        return sign(self, request_dict, operation_name, **more)

    def signed_post(self: Any, request_dict: dict[str, Any], **more: Any) -> Any:
        (key,) = (c["key"] for c in more["conditions"] if isinstance(c, dict) and "key" in c)
        _check("s3", "PutObject", {**_place(request_dict), "Key": key})
        return sign_post(self, request_dict, **more)

    with (
        patch.object(BaseClient, _API_CALL, api_call),
        patch.object(Wire, "call", wire_call),
        patch.object(RequestSigner, "generate_presigned_url", signed),
        patch.object(S3PostPresigner, "generate_presigned_post", signed_post),
    ):
        yield


def _place(request: Mapping[str, Any]) -> dict[str, Any]:
    """Bucket, key and version of a request to sign, whose host names the bucket."""
    url = urlsplit(request["url"])
    place = {"Bucket": url.netloc.split(".")[0], "Key": unquote(url.path.lstrip("/"))}
    version = request.get("query_string", {}).get("versionId")
    return {**place, "VersionId": version} if version else place
