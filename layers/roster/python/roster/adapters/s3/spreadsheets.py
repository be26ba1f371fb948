"""The import bucket: uploaded spreadsheets, and the working files of imports."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from botocore.exceptions import ClientError

from roster.adapters.s3.attachments import attachment
from roster.domain.imports.job import Import
from roster.usecases.imports import names
from roster.usecases.imports.lifecycle import MAX_UPLOAD_BYTES
from roster.usecases.imports.ports import FileGone, Upload
from roster.usecases.ports import Download

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_UPLOAD_SECONDS = 3600
_LINK_FOR = timedelta(minutes=5)
_READ_BYTES = 256 * 1024
# In an answer, of at most 6 MB, letters that are not ASCII take up to three times as much.
_PAGE_BYTES = 1024**2
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "PreconditionFailed", "412"})
_EMPTY_RANGE = frozenset({"InvalidRange", "416"})


class S3ImportFiles:
    """Files of imports in one bucket; implements `imports.ports.ImportFiles`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def upload_form(self, key: str) -> Upload:
        """A presigned POST for an hour: exactly this key, and no more than the limit."""
        signed = self._client.generate_presigned_post(
            self._bucket,
            key,
            Conditions=[["content-length-range", 1, MAX_UPLOAD_BYTES]],
            ExpiresIn=_UPLOAD_SECONDS,
        )
        return Upload("POST", signed["url"], signed["fields"], {})

    def fetch(self, job: Import, into: Path) -> None:
        """The very object that arrived: by version where the bucket keeps versions, else ETag."""
        with into.open("wb") as file:
            for part in self._source(job):
                file.write(part)

    def stretch(self, job: Import, start: int, length: int) -> Iterator[bytes]:
        """One ranged GET; none for no bytes, of which there is no range."""
        return (
            self._source(job, Range=f"bytes={start}-{start + length - 1}") if length else iter(())
        )

    def _source(self, job: Import, **more: Any) -> Iterator[bytes]:
        asked: dict[str, Any] = {"Bucket": self._bucket, "Key": job.key, **more}
        if job.object_version:
            asked["VersionId"] = job.object_version
        elif job.etag:
            asked["IfMatch"] = f'"{job.etag}"'
        try:
            yield from self._client.get_object(**asked)["Body"].iter_chunks(_READ_BYTES)
        except ClientError as error:
            if _code(error) in _GONE:
                raise FileGone(job.key) from error
            raise

    def write(self, job: Import, name: str, content: bytes) -> None:
        """Keep a working file."""
        self._client.put_object(Bucket=self._bucket, Key=_key(job, name), Body=content)

    def write_from(self, job: Import, name: str, path: Path) -> None:
        """Keep a local file, in parts when it is large."""
        self._client.upload_file(str(path), self._bucket, _key(job, name))

    def read(self, job: Import, name: str) -> bytes | None:
        """A working file, or None."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=_key(job, name))["Body"].read()
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            raise

    def read_into(self, job: Import, name: str, path: Path) -> None:
        """Copy a working file to a local path; an absent one is empty."""
        try:
            self._client.download_file(self._bucket, _key(job, name), str(path))
        except ClientError as error:
            if _code(error) not in _GONE:
                raise
            path.touch()

    def lines(
        self, job: Import, name: str, *, after: int, limit: int
    ) -> tuple[list[dict[str, Any]], int | None]:
        """See `imports.ports.ImportFiles.lines`: reads as little as holds `limit` lines."""
        found: list[dict[str, Any]] = []
        pending = b""
        start = read = after
        while True:
            part, total = self._part(_key(job, name), read)
            pending += part
            read += len(part)
            *whole, pending = pending.split(b"\n")
            for line in whole:
                found.append(orjson.loads(line))
                after += len(line) + 1
                if len(found) == limit or after - start >= _PAGE_BYTES:
                    return found, after if after < total else None
            if not part or read >= total:
                return found, None

    def _part(self, key: str, start: int) -> tuple[bytes, int]:
        """Some bytes of an object from `start` on, and the size of all of it."""
        span = f"bytes={start}-{start + _READ_BYTES - 1}"
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=span)
        except ClientError as error:
            if _code(error) in _GONE | _EMPTY_RANGE:
                return b"", 0
            raise
        total = int(answer["ContentRange"].rpartition("/")[2])
        return answer["Body"].read(), total

    def permit_download(
        self, job: Import, name: str, *, filename: str, media_type: str, now: datetime
    ) -> Download:
        """A presigned GET for five minutes, as an attachment."""
        url = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": _key(job, name),
                "ResponseContentType": media_type,
                "ResponseContentDisposition": attachment(filename),
            },
            ExpiresIn=int(_LINK_FOR.total_seconds()),
        )
        return Download(url, now + _LINK_FOR)

    def location(self, job: Import, name: str) -> Mapping[str, str]:
        """`bucket` and `key` of a working file."""
        return {"bucket": self._bucket, "key": _key(job, name)}


def _key(job: Import, name: str) -> str:
    return names.work_key(job.tenant, job.id, f"{job.work}/{name}" if job.work else name)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
