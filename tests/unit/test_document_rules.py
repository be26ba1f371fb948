"""What an uploaded file is taken for, by its content."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain.document import (
    Arrival,
    Content,
    ContentType,
    Document,
    DocumentKind,
    DocumentStatus,
    Refusal,
    check_announcement,
    judge,
    refusal_of,
)
from roster.domain.events import Actor
from tests.support import documents as contents

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = {
    ContentType.PDF: [contents.PDF, b"\r\n%PDF-1.4 x"],
    ContentType.PNG: [contents.PNG],
    ContentType.JPEG: [contents.JPEG],
    ContentType.DOCX: [contents.WORD],
    ContentType.XLSX: [contents.workbook(), contents.archive("[Content_Types].xml", "xl/a.xml")],
    ContentType.CSV: [contents.CSV.encode(c) for c in ("utf-8", "utf-8-sig", "cp1252", "utf-16")],
    ContentType.TEXT: [b"a", "Grüße, 東京\n".encode(), "Grüße".encode("utf-16")],
}
TEXTS = {ContentType.CSV, ContentType.TEXT}


def document(content_type: ContentType, size: int) -> Document:
    olga = Actor("olga")
    content = Content(
        filename="x", content_type=content_type, size=size, announced_at=NOW, announced_by=olga
    )
    return Document(
        id="doc_1", tenant="acme", customer_id="cus_1", kind=DocumentKind.OTHER, content=content,
        created_at=NOW, created_by=olga,
    )  # fmt: skip


def refusal(content_type: ContentType, content: bytes) -> Refusal | None:
    arrival = Arrival(content[: 64 * 1024], len(content), "v1")
    return refusal_of(document(content_type, len(content)).content, arrival)


@pytest.mark.parametrize("announced", list(ContentType))
def test_a_file_is_what_its_content_says(announced: ContentType) -> None:
    for real, samples in GOOD.items():
        for sample in samples:
            same = real is announced or {real, announced} == TEXTS
            assert refusal(announced, sample) == (None if same else Refusal.OTHER_TYPE), real


@pytest.mark.parametrize("announced", list(ContentType))
@pytest.mark.parametrize("kind", list(contents.EXECUTABLES))
def test_programs_are_refused_whatever_they_say_they_are(announced: ContentType, kind: str) -> None:
    assert refusal(announced, contents.EXECUTABLES[kind]) is Refusal.EXECUTABLE


NEAR_MISSES = {
    "text with a hole": (ContentType.TEXT, b"text\x00with a hole"),
    "control characters": (ContentType.CSV, b"\x1b\x01\x02"),
    "zip of other files": (ContentType.DOCX, contents.archive("a.txt", "evil/word/document.xml")),
    "first bytes of a zip": (ContentType.DOCX, b"PK\x03\x04"),
    "workbook behind junk": (ContentType.XLSX, b"junk" + contents.workbook()),
    "nothing": (ContentType.XLSX, b""),
    "pdf behind junk": (ContentType.PDF, b"junk %PDF-1.7"),
    "half a signature": (ContentType.PNG, b"\x89PNG"),
}


@pytest.mark.parametrize("miss", NEAR_MISSES)
def test_near_misses_are_refused(miss: str) -> None:
    assert refusal(*NEAR_MISSES[miss]) is Refusal.OTHER_TYPE


def test_another_size_than_announced_is_refused() -> None:
    arrival = Arrival(contents.PDF, len(contents.PDF) + 1, "v1")
    judged = judge(document(ContentType.PDF, len(contents.PDF)), 1, arrival, now=NOW)
    content = judged.content
    assert (content.status, content.refusal) == (DocumentStatus.REFUSED, Refusal.OTHER_SIZE)
    assert (judged.version, content.object_version, content.checked_at) == (2, "v1", NOW)


@given(st.binary(max_size=400), st.sampled_from(ContentType))
def test_no_content_breaks_the_judge(content: bytes, announced: ContentType) -> None:
    refusal(announced, content)
    for start in (b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff"):
        refusal(announced, start + content)


@pytest.mark.parametrize(
    ("filename", "codes"),
    [
        ("contract.PDF", []),
        ("Vertrag Müller & Söhne – 東京.pdf", []),
        ("", ["length", "extension"]),
        ("x" * 252 + ".pdf", ["length"]),
        ("contract.pdf.exe", ["extension"]),
        ("contract", ["extension"]),
        ("../contract.pdf", ["character"]),
        ("a\\b.pdf", ["character"]),
        ("a\r\nSet-Cookie: x.pdf", ["character"]),
        ("a\u202egpj.pdf", ["character"]),
        ("a\ud800.pdf", ["character"]),
    ],
)
def test_names(filename: str, codes: list[str]) -> None:
    found = check_announcement(filename, ContentType.PDF, 1)
    assert [e.code for e in found] == codes
    assert all(e.pointer == "/filename" for e in found)


@pytest.mark.parametrize(("size", "fine"), [(0, 0), (1, 1), (26214400, 1), (26214401, 0), (-1, 0)])
def test_sizes(size: int, fine: int) -> None:
    assert bool(check_announcement("a.pdf", ContentType.PDF, size)) is not bool(fine)
