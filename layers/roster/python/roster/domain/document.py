"""Documents of a customer: what may be announced, and whether what arrived is what was announced.

A document is announced first and uploaded after; what arrives is judged by its content. The name
and the type that a client gives are claims.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from roster.domain.errors import FieldError
from roster.domain.events import Actor

MAX_BYTES = 25 * 1024 * 1024
MAX_FILENAME = 255
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
class Document:
    """A document as stored. `size` is in bytes; `version` counts its changes from 1.

    `object_version` is the one stored version of the file that was judged, and the only one that
    is ever served: a permission to upload may be used again.
    """

    id: str
    tenant: str
    customer_id: str
    kind: DocumentKind
    filename: str
    content_type: ContentType
    size: int
    created_at: datetime
    created_by: Actor
    status: DocumentStatus = DocumentStatus.AWAITING_UPLOAD
    version: int = 1
    refusal: Refusal | None = None
    checked_at: datetime | None = None
    object_version: str | None = None


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


def refusal_of(document: Document, arrival: Arrival) -> Refusal | None:
    """Why what arrived is not what was announced, or None where it is."""
    if _is_executable(arrival.head):
        return Refusal.EXECUTABLE
    if arrival.size != document.size:
        return Refusal.OTHER_SIZE
    if not _FITS[document.content_type](arrival.head):
        return Refusal.OTHER_TYPE
    return None


def judge(document: Document, arrival: Arrival, *, now: datetime) -> Document:
    """`document` after a look at what arrived: active, or refused with the reason."""
    refusal = refusal_of(document, arrival)
    return replace(
        document,
        status=DocumentStatus.REFUSED if refusal else DocumentStatus.ACTIVE,
        refusal=refusal,
        checked_at=now,
        object_version=arrival.object_version,
        version=document.version + 1,
    )
