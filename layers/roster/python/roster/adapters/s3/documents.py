"""The bucket of customers' documents: permissions to send and to fetch, and first looks."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from roster.adapters.s3.attachments import attachment
from roster.domain.customer import Customer
from roster.domain.document import HEAD_BYTES, Arrival, Content, Place
from roster.usecases.ports import Download, Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_UPLOAD_FOR, _DOWNLOAD_FOR = timedelta(minutes=15), timedelta(minutes=5)
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"})
_EMPTY = frozenset({"InvalidRange", "416"})
_KEY_PARTS = 3
_NUMBER = re.compile(r"(.+)\.([1-9]\d{0,8})\Z")


def key_of(place: Place) -> str:
    """Where the content stands; the name that people gave is not part of it."""
    first = f"{folder_of(place.tenant, place.customer_id)}{place.document_id}"
    return first if place.number == 1 else f"{first}.{place.number}"


def folder_of(tenant: str, customer_id: str) -> str:
    """What the keys of one customer's files begin with, and no other's."""
    return f"{tenant}/{customer_id}/"


def place_of(key: str) -> Place | None:
    """The place of such a key; None for any other."""
    parts = key.rsplit("/", _KEY_PARTS - 1)
    if len(parts) != _KEY_PARTS or not all(parts):
        return None
    tenant, customer_id, name = parts
    if not (customer_id.startswith("cus_") and name.startswith("doc_")):
        return None
    numbered = _NUMBER.match(name)
    if numbered is None:
        return Place(tenant, customer_id, name)
    return Place(tenant, customer_id, numbered[1], int(numbered[2]))


class S3DocumentFiles:
    """Contents of documents in one bucket; implements `ports.DocumentFiles`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def permit_upload(self, place: Place, content: Content, *, now: datetime) -> Upload:
        """A presigned POST for 15 minutes: this key, this type, this many bytes.

        The file is stored as an attachment, so that it is one whoever asks for it, and how.
        """
        stored = {
            "Content-Type": str(content.content_type),
            "Content-Disposition": attachment(content.filename),
        }
        signed = self._client.generate_presigned_post(
            self._bucket,
            key_of(place),
            Fields=dict(stored),
            Conditions=[
                *({name: value} for name, value in stored.items()),
                ["content-length-range", content.size, content.size],
            ],
            ExpiresIn=int(_UPLOAD_FOR.total_seconds()),
        )
        return Upload(signed["url"], signed["fields"], now + _UPLOAD_FOR)

    def permit_download(self, place: Place, content: Content, *, now: datetime) -> Download:
        """A presigned GET for five minutes, of the stored version that was judged."""
        asked: dict[str, Any] = {
            "Bucket": self._bucket,
            "Key": key_of(place),
            "ResponseContentType": str(content.content_type),
            "ResponseContentDisposition": attachment(content.filename),
        }
        if content.object_version:
            asked["VersionId"] = content.object_version
        url = self._client.generate_presigned_url(
            "get_object", Params=asked, ExpiresIn=int(_DOWNLOAD_FOR.total_seconds())
        )
        return Download(url, now + _DOWNLOAD_FOR)

    def keep(self, place: Place, content: Content, path: Path) -> str | None:
        """One PUT, as what `permit_upload` would let a browser send."""
        with path.open("rb") as file:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key_of(place),
                Body=file,
                ContentType=str(content.content_type),
                ContentDisposition=attachment(content.filename),
            )
        return answer.get("VersionId")

    def look(self, place: Place, object_version: str | None) -> Arrival | None:
        """The first bytes by a ranged GET, the size from what the answer says of the whole."""
        asked: dict[str, Any] = {"Bucket": self._bucket, "Key": key_of(place)}
        if object_version:
            asked["VersionId"] = object_version
        try:
            answer = self._client.get_object(**asked, Range=f"bytes=0-{HEAD_BYTES - 1}")
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _GONE:
                return None
            if code in _EMPTY:
                return Arrival(b"", 0, object_version)
            raise
        head = answer["Body"].read(HEAD_BYTES)
        size = answer.get("ContentRange", "").rpartition("/")[2] or answer["ContentLength"]
        return Arrival(head, int(size), object_version or answer.get("VersionId"))

    def discard(self, place: Place, object_version: str | None = None) -> None:
        """See `ports.DocumentFiles.discard`; what is gone already is fine."""
        asked: dict[str, Any] = {"Bucket": self._bucket, "Key": key_of(place)}
        if object_version:
            asked["VersionId"] = object_version
        self._client.delete_object(**asked)

    def forget(self, customer: Customer) -> None:
        """Delete every stored version in the customer's folder for good, owned or not."""
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=folder_of(customer.tenant, customer.id)
        )
        for page in pages:
            for stored in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                self._client.delete_object(
                    Bucket=self._bucket, Key=stored["Key"], VersionId=stored["VersionId"]
                )
