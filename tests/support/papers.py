"""What stands in a PDF, read back by another library than the one that wrote it."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import boto3
import pypdfium2

from tests.support.aws import PAPERS_BUCKET


def pages(content: bytes) -> list[str]:
    """The words of each page, with single spaces between them."""
    pdf = pypdfium2.PdfDocument(content)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]
    finally:
        pdf.close()


def fetched(url: str) -> tuple[str, bytes]:
    """Key and content of the paper behind a presigned address of the test cloud."""
    link = urlsplit(url)
    assert link.netloc.startswith(PAPERS_BUCKET)
    key = unquote(link.path.lstrip("/"))
    body = boto3.client("s3").get_object(Bucket=PAPERS_BUCKET, Key=key)["Body"]
    return Path(key).name, body.read()
