"""Documents on the wire."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from roster.domain.document import ContentType, Document, DocumentKind, DocumentStatus, Refusal
from roster.usecases.ports import Download, Upload


class DocumentIn(BaseModel):
    """A document to be uploaded: its name, its type, its exact size in bytes."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    filename: str
    content_type: ContentType
    size: Annotated[int, Field(strict=True)]
    kind: DocumentKind = DocumentKind.OTHER


class DocumentUploadOut(BaseModel):
    """How to send the file: a form POST with `fields` first and the file as `file` last.

    The same shape as the upload of an import.
    """

    method: Literal["POST"] = "POST"
    url: str
    fields: dict[str, str]
    headers: dict[str, str] = Field(default_factory=dict)
    expires_at: datetime


class DocumentDownloadOut(BaseModel):
    """Where to fetch the file from; whoever has the address may, until it expires."""

    url: str
    expires_at: datetime


class DocumentRow(BaseModel):
    """A document as a list shows it; `refusal` says why an uploaded file was refused."""

    id: str
    customer_id: str
    kind: DocumentKind
    filename: str
    content_type: ContentType
    size: int
    status: DocumentStatus
    refusal: Refusal | None
    version: int
    created_at: datetime
    created_by: str
    checked_at: datetime | None

    @classmethod
    def of(cls, document: Document) -> Self:
        """The wire form of a document."""
        return cls(**cls._shared(document))

    @classmethod
    def _shared(cls, document: Document) -> dict[str, Any]:
        values = asdict(document) | {"created_by": document.created_by.user}
        return {name: values[name] for name in cls.model_fields if name in values}


class DocumentOut(DocumentRow):
    """A document; `download` is null unless its status is active."""

    download: DocumentDownloadOut | None = None

    @classmethod
    def served(cls, document: Document, download: Download | None) -> Self:
        """The wire form of a document with the way to its content."""
        way = DocumentDownloadOut(**asdict(download)) if download else None
        return cls(**cls._shared(document), download=way)


class AnnouncedDocument(DocumentRow):
    """A document that waits for its file, and how to send it."""

    upload: DocumentUploadOut

    @classmethod
    def awaiting(cls, document: Document, upload: Upload) -> Self:
        """The wire form of a new document."""
        return cls(**cls._shared(document), upload=DocumentUploadOut(**asdict(upload)))


class DocumentPage(BaseModel):
    """A page of documents, newest first; `next_cursor` is null at the end."""

    data: list[DocumentRow]
    next_cursor: str | None
