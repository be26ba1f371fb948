"""The bucket of papers: PDFs that can be drawn again, and addresses to fetch them."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from roster.adapters.s3.attachments import attachment
from roster.usecases.papers import Place
from roster.usecases.ports import Download

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LINK_FOR = timedelta(minutes=5)
# The bucket forgets papers after 30 days; one that is about to go is written again.
_FRESH_FOR = timedelta(days=29)
_PDF = "application/pdf"
# Without the right to list, S3 answers 403 for what is not there.
_ABSENT = frozenset({"403", "404", "NoSuchKey", "AccessDenied"})


def key_of(place: Place) -> str:
    """Where the paper stands."""
    return f"{place.tenant}/{place.customer_id}/{place.document_id}/{place.name}.pdf"


class S3PaperFiles:
    """Papers in one bucket; implements `papers.PaperFiles`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def has(self, place: Place) -> bool:
        """One HEAD request."""
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=key_of(place))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code", "") in _ABSENT:
                return False
            raise
        return found["LastModified"] > datetime.now(UTC) - _FRESH_FOR

    def keep(self, place: Place, content: bytes) -> None:
        """See `papers.PaperFiles.keep`."""
        self._client.put_object(
            Bucket=self._bucket, Key=key_of(place), Body=content, ContentType=_PDF
        )

    def permit_download(self, place: Place, filename: str, *, now: datetime) -> Download:
        """A presigned GET for five minutes, as an attachment."""
        url = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key_of(place),
                "ResponseContentType": _PDF,
                "ResponseContentDisposition": attachment(filename),
            },
            ExpiresIn=int(_LINK_FOR.total_seconds()),
        )
        return Download(url, now + _LINK_FOR)
