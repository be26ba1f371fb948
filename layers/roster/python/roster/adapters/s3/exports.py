"""The bucket of exports: files written in parts while they grow, and addresses to fetch them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from roster.adapters.s3.attachments import attachment
from roster.adapters.spreadsheets.writing import CsvTable, XlsxTable
from roster.domain.exports import Export, ExportFormat
from roster.usecases.export_ports import ExportTable
from roster.usecases.ports import Download

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# S3 takes parts of 5 MB and more, and 10 000 of them.
_PART_BYTES = 8 * 1024 * 1024
_LINK_FOR = timedelta(minutes=5)


def key_of(export: Export) -> str:
    """Where the file of this attempt stands; attempts do not share one."""
    return f"{export.tenant}/{export.id}/{export.attempt}.{export.format}"


class S3ExportFiles:
    """Files of exports in one bucket; implements `export_ports.ExportFiles`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    @contextmanager
    def writing(self, export: Export) -> Iterator[ExportTable]:
        """A multipart upload: S3 shows the file once it is whole."""
        sink = PartsSink(
            self._client,
            Bucket=self._bucket,
            Key=key_of(export),
            ContentType=export.format.media_type,
            ContentDisposition=attachment(export.filename),
        )
        try:
            table = (
                XlsxTable(sink, made=export.created_at)
                if export.format is ExportFormat.XLSX
                else CsvTable(sink)
            )
            yield table
            table.end()
            sink.complete()
        except BaseException:
            sink.abort()
            raise

    def permit_download(self, export: Export, *, now: datetime) -> Download:
        """A presigned GET for five minutes, as an attachment."""
        url = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key_of(export),
                "ResponseContentType": export.format.media_type,
                "ResponseContentDisposition": attachment(export.filename),
            },
            ExpiresIn=int(_LINK_FOR.total_seconds()),
        )
        return Download(url, now + _LINK_FOR)


class PartsSink:
    """Bytes that become an object: one part at a time is in memory."""

    def __init__(self, client: "S3Client", **what: Any) -> None:
        self._client = client
        self._pending = bytearray()
        self._parts: list[Any] = []
        upload = client.create_multipart_upload(**what)
        self._where: Any = {
            "Bucket": what["Bucket"], "Key": what["Key"], "UploadId": upload["UploadId"],
        }  # fmt: skip

    def write(self, content: bytes, /) -> int:
        """Take some bytes; send them once they make a part."""
        self._pending += content
        while len(self._pending) >= _PART_BYTES:
            self._send(bytes(self._pending[:_PART_BYTES]))
            del self._pending[:_PART_BYTES]
        return len(content)

    def flush(self) -> None:
        """Parts go when they are full."""

    def close(self) -> None:
        """See `complete`."""

    def complete(self) -> None:
        """Send what is left and make it an object."""
        self._send(bytes(self._pending))
        self._client.complete_multipart_upload(
            **self._where, MultipartUpload={"Parts": self._parts}
        )

    def abort(self) -> None:
        """Forget the parts."""
        self._client.abort_multipart_upload(**self._where)

    def _send(self, part: bytes) -> None:
        number = len(self._parts) + 1
        sent = self._client.upload_part(**self._where, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
