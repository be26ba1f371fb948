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


class DocumentPatch(BaseModel):
    """What may be set on a document. With a `size` a replacement is announced, to be uploaded.

    Its name and type are the present ones unless given. A `filename` alone renames.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    filename: str = ""
    content_type: ContentType = ContentType.PDF
    size: Annotated[int, Field(strict=True)] = 0
    kind: DocumentKind = DocumentKind.OTHER

    def values(self) -> dict[str, Any]:
        """What was given."""
        return self.model_dump(exclude_unset=True)


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


class DocumentReplacementOut(BaseModel):
    """A file announced to take the place of a document's content; `refusal` says why it did not."""

    number: int
    filename: str
    content_type: ContentType
    size: int
    status: DocumentStatus
    refusal: Refusal | None
    announced_at: datetime
    announced_by: str
    checked_at: datetime | None


class DocumentVersionOut(BaseModel):
    """One content of a document; fetch it with `?document_version=` and its number.

    A number is missing where what was announced under it was refused or never came.
    """

    number: int
    filename: str
    content_type: ContentType
    size: int
    uploaded_at: datetime | None
    by: str
    current: bool


class DocumentRow(BaseModel):
    """A document as a list shows it; `refusal` says why an uploaded file was refused.

    While a `replacement` waits, the rest tells of the content that is still served.
    """

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
    replacement: DocumentReplacementOut | None

    @classmethod
    def of(cls, document: Document) -> Self:
        """The wire form of a document."""
        return cls(**cls._shared(document))

    @classmethod
    def _shared(cls, document: Document) -> dict[str, Any]:
        values = asdict(document.content) | asdict(document)
        values["created_by"] = document.created_by.user
        if document.replacement is not None:
            by = document.replacement.announced_by.user
            given = asdict(document.replacement) | {"announced_by": by}
            values["replacement"] = DocumentReplacementOut.model_validate(given)
        return {name: values[name] for name in DocumentRow.model_fields}


class DocumentOut(DocumentRow):
    """A document with its versions, newest first; `download` is null while there is no content."""

    versions: list[DocumentVersionOut]
    download: DocumentDownloadOut | None = None

    @classmethod
    def served(cls, document: Document, download: Download | None) -> Self:
        """The wire form of a document with the way to its content."""
        way = DocumentDownloadOut(**asdict(download)) if download else None
        return cls(**cls._whole(document), download=way)

    @classmethod
    def _whole(cls, document: Document) -> dict[str, Any]:
        versions = [
            DocumentVersionOut(
                number=content.number,
                filename=content.filename,
                content_type=content.content_type,
                size=content.size,
                uploaded_at=content.checked_at,
                by=content.announced_by.user,
                current=content is document.content,
            )
            for content in reversed(document.served)
        ]
        return {**cls._shared(document), "versions": versions}


class EditedDocument(DocumentOut):
    """A document, and how to send its replacement where one was announced."""

    upload: DocumentUploadOut | None

    @classmethod
    def edited(cls, document: Document, upload: Upload | None) -> Self:
        """The wire form of a document that was edited."""
        way = DocumentUploadOut(**asdict(upload)) if upload else None
        return cls(**cls._whole(document), upload=way)


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
