"""The bucket of customers' documents: permissions to send and to fetch, and first looks."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from roster.adapters.s3.attachments import attachment
from roster.domain.document import HEAD_BYTES, Arrival, Document
from roster.usecases.ports import Download, Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_UPLOAD_FOR, _DOWNLOAD_FOR = timedelta(minutes=15), timedelta(minutes=5)
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"})
_EMPTY = frozenset({"InvalidRange", "416"})
_KEY_PARTS = 3


def key_of(document: Document) -> str:
    """Where the content stands; the name that people gave is not part of it."""
    return f"{document.tenant}/{document.customer_id}/{document.id}"


def parts_of(key: str) -> tuple[str, str, str] | None:
    """Tenant, customer and document of such a key; None for any other."""
    parts = key.rsplit("/", _KEY_PARTS - 1)
    if len(parts) != _KEY_PARTS or not all(parts):
        return None
    tenant, customer_id, document_id = parts
    if not (customer_id.startswith("cus_") and document_id.startswith("doc_")):
        return None
    return tenant, customer_id, document_id


class S3DocumentFiles:
    """Contents of documents in one bucket; implements `ports.DocumentFiles`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def permit_upload(self, document: Document, *, now: datetime) -> Upload:
        """A presigned POST for 15 minutes: this key, this type, this many bytes.

        The file is stored as an attachment, so that it is one whoever asks for it, and how.
        """
        stored = {
            "Content-Type": str(document.content_type),
            "Content-Disposition": attachment(document.filename),
        }
        signed = self._client.generate_presigned_post(
            self._bucket,
            key_of(document),
            Fields=dict(stored),
            Conditions=[
                *({name: value} for name, value in stored.items()),
                ["content-length-range", document.size, document.size],
            ],
            ExpiresIn=int(_UPLOAD_FOR.total_seconds()),
        )
        return Upload(signed["url"], signed["fields"], now + _UPLOAD_FOR)

    def permit_download(self, document: Document, *, now: datetime) -> Download:
        """A presigned GET for five minutes, of the stored version that was judged."""
        asked: dict[str, Any] = {
            "Bucket": self._bucket,
            "Key": key_of(document),
            "ResponseContentType": str(document.content_type),
            "ResponseContentDisposition": attachment(document.filename),
        }
        if document.object_version:
            asked["VersionId"] = document.object_version
        url = self._client.generate_presigned_url(
            "get_object", Params=asked, ExpiresIn=int(_DOWNLOAD_FOR.total_seconds())
        )
        return Download(url, now + _DOWNLOAD_FOR)

    def look(self, document: Document, object_version: str | None) -> Arrival | None:
        """The first bytes by a ranged GET, the size from what the answer says of the whole."""
        asked: dict[str, Any] = {"Bucket": self._bucket, "Key": key_of(document)}
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

    def discard(self, document: Document, object_version: str | None = None) -> None:
        """See `ports.DocumentFiles.discard`; what is gone already is fine."""
        asked: dict[str, Any] = {"Bucket": self._bucket, "Key": key_of(document)}
        if object_version:
            asked["VersionId"] = object_version
        self._client.delete_object(**asked)
