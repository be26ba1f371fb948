"""Documents of a customer: what may be announced, and whether what arrived is what was announced.

A document is announced first and uploaded after; what arrives is judged by its content. The name
and the type that a client gives are claims.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from roster.domain.errors import FieldError, Invalid, WrongState
from roster.domain.events import Actor

MAX_BYTES = 25 * 1024 * 1024
MAX_FILENAME = 255
MAX_VERSIONS = 100
# What a judgement looks at; the first entries of an Office file lie well within.
HEAD_BYTES = 64 * 1024


class DocumentKind(StrEnum):
    """What the document is to the customer."""

    SERVICE_CONTRACT = "service_contract"
    OTHER = "other"


class DocumentStatus(StrEnum):
    """Where a document is between being announced and being served."""

    AWAITING_UPLOAD = "awaiting_upload"
    ACTIVE = "active"
    REFUSED = "refused"


class ContentType(StrEnum):
    """The types a document may have."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    CSV = "text/csv"
    TEXT = "text/plain"


class Refusal(StrEnum):
    """Why an uploaded file was refused."""

    EXECUTABLE = "executable"
    OTHER_TYPE = "other_type"
    OTHER_SIZE = "other_size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One file of a document, of `size` bytes; `number` counts from 1 what was announced for it.

    `object_version` is the one stored version of the file that was judged, and the only one that
    is ever served: a permission to upload may be used again.
    """

    number: int = 1
    filename: str
    content_type: ContentType
    size: int
    announced_at: datetime
    announced_by: Actor
    status: DocumentStatus = DocumentStatus.AWAITING_UPLOAD
    refusal: Refusal | None = None
    checked_at: datetime | None = None
    object_version: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one file of a document stands."""

    tenant: str
    customer_id: str
    document_id: str
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as stored; `version` counts its changes from 1 and is its ETag.

    `content` is what it is now, `earlier` what it was before, oldest first. `replacement` waits to
    take the place of `content`, or says why it did not.
    """

    id: str
    tenant: str
    customer_id: str
    kind: DocumentKind
    created_at: datetime
    created_by: Actor
    content: Content
    earlier: tuple[Content, ...] = ()
    replacement: Content | None = None
    version: int = 1

    @property
    def served(self) -> tuple[Content, ...]:
        """The contents that can be fetched, oldest first."""
        active = (self.content,) if self.content.status is DocumentStatus.ACTIVE else ()
        return (*self.earlier, *active)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where files of it may stand."""
        waiting = (self.replacement,) if self.replacement else ()
        return tuple(map(self.place, (*self.earlier, self.content, *waiting)))

    def place(self, content: Content) -> Place:
        """Where that file of it stands."""
        return Place(self.tenant, self.customer_id, self.id, content.number)

    def awaited(self, number: int) -> Content | None:
        """What was announced under that number and has not been judged."""
        for content in (self.content, self.replacement):
            if (
                content is not None
                and content.number == number
                and content.status is DocumentStatus.AWAITING_UPLOAD
            ):
                return content
        return None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that arrived: its first HEAD_BYTES, its whole size and its stored version."""

    head: bytes
    size: int
    object_version: str | None


_EXTENSIONS: Mapping[ContentType, tuple[str, ...]] = {
    ContentType.PDF: (".pdf",),
    ContentType.PNG: (".png",),
    ContentType.JPEG: (".jpg", ".jpeg"),
    ContentType.DOCX: (".docx",),
    ContentType.XLSX: (".xlsx",),
    ContentType.CSV: (".csv",),
    ContentType.TEXT: (".txt",),
}


def content_type_of(filename: str) -> ContentType | None:
    """The type that a file of this name may be announced as."""
    name = filename.lower()
    return next((kind for kind, endings in _EXTENSIONS.items() if name.endswith(endings)), None)


# Slashes make paths; the bidirectional controls make "gpj.exe" read "exe.jpg".
_BAD_IN_NAMES = re.compile(
    r"[\x00-\x1f\x7f-\x9f/\\\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def check_announcement(filename: str, content_type: ContentType, size: int) -> list[FieldError]:
    """Every rule that an announced document breaks."""
    errors: list[FieldError] = []
    if not 1 <= len(filename) <= MAX_FILENAME:
        errors.append(FieldError("/filename", "length", f"1 to {MAX_FILENAME} characters"))
    if _BAD_IN_NAMES.search(filename):
        detail = "no slashes, no control characters, no characters that change the direction"
        errors.append(FieldError("/filename", "character", detail))
    endings = _EXTENSIONS[content_type]
    if not filename.lower().endswith(endings):
        detail = f"a file of the type {content_type} has a name that ends in {' or '.join(endings)}"
        errors.append(FieldError("/filename", "extension", detail))
    if not 1 <= size <= MAX_BYTES:
        errors.append(FieldError("/size", "size", f"1 to {MAX_BYTES} bytes"))
    return errors


_EXECUTABLE = (
    b"MZ",  # Windows and DOS
    b"\x7fELF",
    b"#!",
    b"\xfe\xed\xfa\xce",  # Mach-O, 32 and 64 bits, both byte orders, and universal
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xbe\xba\xfe\xca",
    b"\xca\xfe\xba\xbf",
    b"\xbf\xba\xfe\xca",
)
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_ENTRY = b"PK\x03\x04"
_ENTRY_HEADER = 30
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def _is_executable(head: bytes) -> bool:
    # A shell skips no mark, but an editor adds one and other systems forgive it.
    return head.removeprefix(_UTF8_MARK).startswith(_EXECUTABLE)


def _entry_names(head: bytes) -> list[bytes]:
    """The names of those entries of a zip file that begin within `head`."""
    names = []
    at = head.find(_ENTRY)
    while at >= 0:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        names.append(head[at + _ENTRY_HEADER : at + _ENTRY_HEADER + length])
        at = head.find(_ENTRY, at + len(_ENTRY))
    return names


def _office(folder: bytes) -> Callable[[bytes], bool]:
    def fits(head: bytes) -> bool:
        return head.startswith(_ENTRY) and any(n.startswith(folder) for n in _entry_names(head))

    return fits


def _is_pdf(head: bytes) -> bool:
    return head.removeprefix(_UTF8_MARK).lstrip(b"\r\n\t ").startswith(b"%PDF-")


def _is_text(head: bytes) -> bool:
    """Whether it reads as text: UTF-16 with its mark, or any encoding that contains ASCII."""
    known = (fits for kind, fits in _FITS.items() if kind not in _TEXTS)
    if head.startswith(_ENTRY) or any(fits(head) for fits in known):
        return False
    encoding = _UTF16_MARKS.get(head[:2], "latin-1")
    text = head.decode(encoding, errors="ignore")
    return _NOT_TEXT.search(text) is None


_TEXTS = frozenset({ContentType.CSV, ContentType.TEXT})
_FITS: Mapping[ContentType, Callable[[bytes], bool]] = {
    ContentType.PDF: _is_pdf,
    ContentType.PNG: lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    ContentType.JPEG: lambda head: head.startswith(b"\xff\xd8\xff"),
    ContentType.DOCX: _office(b"word/"),
    ContentType.XLSX: _office(b"xl/"),
    ContentType.CSV: _is_text,
    ContentType.TEXT: _is_text,
}


def refusal_of(content: Content, arrival: Arrival) -> Refusal | None:
    """Why what arrived is not what was announced, or None where it is."""
    if _is_executable(arrival.head):
        return Refusal.EXECUTABLE
    if arrival.size != content.size:
        return Refusal.OTHER_SIZE
    if not _FITS[content.content_type](arrival.head):
        return Refusal.OTHER_TYPE
    return None


def judge(document: Document, number: int, arrival: Arrival, *, now: datetime) -> Document:
    """`document` after a look at what arrived under `number`, which it awaits.

    A replacement that is what was announced takes the place of the content, which stays as an
    earlier one; one that is not stays beside it with the reason.
    """
    awaited = document.awaited(number)
    if awaited is None:
        raise ValueError(f"{document.id} awaits nothing under {number}")
    refusal = refusal_of(awaited, arrival)
    judged = replace(
        awaited,
        status=DocumentStatus.REFUSED if refusal else DocumentStatus.ACTIVE,
        refusal=refusal,
        checked_at=now,
        object_version=arrival.object_version,
    )
    document = replace(document, version=document.version + 1)
    if document.replacement is not awaited:
        return replace(document, content=judged)
    if refusal:
        return replace(document, replacement=judged)
    return replace(document, content=judged, earlier=document.served, replacement=None)


def edit(document: Document, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Document:
    """`document` with `values` set (kind, filename, content_type, size); itself if nothing moved.

    With a size or a type they announce a replacement, with a name alone the content is renamed.
    Raises Invalid, WrongState for one version too many.
    """
    kind = values.get("kind", document.kind)
    known = {"filename": document.content.filename, "content_type": document.content.content_type}
    filename, content_type = (values.get(name, known[name]) for name in known)
    if "size" not in values and "content_type" in values:
        raise Invalid([FieldError("/size", "required", "a new file has a size in bytes")])
    size = values.get("size", document.content.size)
    if errors := check_announcement(filename, content_type, size):
        raise Invalid(errors)
    after = replace(document, kind=kind)
    if "size" in values:
        if len(document.earlier) + 1 >= MAX_VERSIONS:
            detail = f"a document has at most {MAX_VERSIONS} versions: upload a new document"
            raise WrongState(detail, code="too_many")
        last = document.replacement or document.content
        announced = Content(
            number=last.number + 1,
            filename=filename,
            content_type=content_type,
            size=size,
            announced_at=now,
            announced_by=actor,
        )
        after = replace(after, replacement=announced)
    else:
        after = replace(after, content=replace(document.content, filename=filename))
    return document if after == document else replace(after, version=document.version + 1)
