"""Files of customers in an archive, and the sheet in it that says whose they are."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import PurePosixPath

from roster.domain.document import (
    HEAD_BYTES,
    Arrival,
    Content,
    ContentType,
    DocumentKind,
    Refusal,
    check_announcement,
    content_type_of,
    refusal_of,
)
from roster.domain.events import Actor
from roster.domain.imports.draft import Action, PlannedRow
from roster.domain.imports.hanging import (
    Directory,
    Existing,
    Layout,
    Row,
    find_layout,
)
from roster.domain.imports.headings import normalise
from roster.domain.imports.packed import DamagedMember, Member
from roster.domain.imports.reading import RowIssue, SourceRow

_FILE = (
    "file|filename|file name|file path|filepath|path|attachment|attachment name|attachment file"
    "|document|document name|document file|file location|picture|photo|image"
)
_TITLE = "title|document title|file title|description|caption|label"
_KIND = "category|kind|type|document type|document kind|document category|file type"
_DATE = "date|document date|created at|created on|uploaded at|date added|added on|date created"
_WORDS = {
    name: field
    for field, names in (("file", _FILE), ("title", _TITLE), ("kind", _KIND), ("date", _DATE))
    for name in names.split("|")
}
_CONTRACT = frozenset(
    ("service contract", "contract", "service agreement", "agreement", "maintenance contract")
)
_OTHER = frozenset(("other", "document", "file", "photo", "picture", "image"))
_REFUSED = {
    Refusal.EXECUTABLE: "programs are not kept as documents, whatever their name says",
    Refusal.OTHER_TYPE: "the file is not of the type that its name says",
    Refusal.OTHER_SIZE: "the file is not as long as the archive says",
}
_SHEETS = (".csv", ".tsv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_DEEPEST_SHEET = 2
MAX_SHEET_BYTES = 64 * 1024 * 1024


def may_be_the_sheet(member: Member) -> bool:
    """Whether it may be what says whose the files are: a sheet at the top, or one folder below."""
    path = PurePosixPath(member.name)
    fits = member.unsafe is None and member.size <= MAX_SHEET_BYTES
    return fits and len(path.parts) <= _DEEPEST_SHEET and path.suffix.lower() in _SHEETS


def find_attachments(rows: Iterable[SourceRow]) -> Layout | None:
    """The header row: a column names the customer, another the file."""
    return find_layout(rows, _WORDS, "file")


class Members:
    """The files of an archive by what a sheet calls them."""

    def __init__(self, members: Sequence[Member], sheet: Member) -> None:
        self._folder = PurePosixPath(sheet.name).parent
        self._by_path: dict[str, list[Member]] = {}
        self._by_name: dict[str, list[Member]] = {}
        self._left = {one.name: one for one in members if one is not sheet}
        for one in self._left.values():
            path = _plain(one.name)
            self._by_path.setdefault(path, []).append(one)
            self._by_name.setdefault(path.rpartition("/")[2], []).append(one)

    def find(self, typed: str) -> list[Member]:
        """Those a cell may mean: by the path from the sheet or the top, or by the name alone."""
        path = _plain(typed)
        for known in (_plain(str(self._folder / path)), path):
            if found := self._by_path.get(known):
                break
        else:
            found = [] if "/" in path else self._by_name.get(path, [])
        for one in found:
            self._left.pop(one.name, None)
        return found

    def unnamed(self) -> list[Member]:
        """The files that no row has named so far."""
        return list(self._left.values())


def _plain(path: str) -> str:
    """A path as it is compared: people type neither cases, accents nor slashes as systems do."""
    plain = unicodedata.normalize("NFC", path.replace("\\", "/").strip()).casefold()
    return plain.removeprefix("./").lstrip("/")


class AttachmentPlanner:
    """Decides row by row; `names` are the folded names of all customers it looked at.

    `head_of` unpacks a file and returns its first HEAD_BYTES; it raises DamagedMember.
    """

    def __init__(
        self,
        layout: Layout,
        directory: Directory,
        existing: Existing,
        members: Members,
        head_of: Callable[[Member], bytes],
        *,
        now: datetime,
        month_first: bool,
    ) -> None:
        self._layout, self._directory, self._existing = layout, directory, existing
        self._members, self._head_of = members, head_of
        self._now, self._month_first = now, month_first
        self._lines: dict[tuple[str, str], int] = {}
        self._looked_at: dict[tuple[str, ContentType], str | None] = {}
        self.names: set[str] = set()

    def plan(self, source: SourceRow) -> PlannedRow:
        """What becomes of the row; never raises for what it or its file holds."""
        row = Row(source, self._layout)
        if not row:
            return row.planned(Action.SKIP, reason="the headings again")
        customer_id = row.customer(self._directory, self.names)
        at = row.moment("date", now=self._now, month_first=self._month_first)
        member = self._member(row)
        entry = self._entry(row, member) if member else None
        if customer_id is None or member is None or entry is None or row.is_refused:
            return row.planned(Action.ERROR)
        name, there = self._existing(customer_id)
        mark = document_mark(str(entry["filename"]), member.size)
        same = there.get(mark)
        if same is None and (first := self._lines.get((customer_id, member.name))):
            same = f"row {first}"
        if same is not None:
            return row.planned(
                Action.SKIP, customer_id=customer_id, name=name, same_as=same,
                reason="the customer has this document already",
            )  # fmt: skip
        self._lines[customer_id, member.name] = row.line
        whole = {**entry, "at": at.isoformat() if at else None, "member": asdict(member)}
        return row.planned(Action.CREATE, customer_id=customer_id, name=name, values=whole)

    def unnamed(self) -> Iterable[RowIssue]:
        """A warning of each file that no row has named; below the heading, where a row would be."""
        for member in self._members.unnamed():
            yield RowIssue(
                self._layout.number, None, member.name[:200], "file_not_named",
                "no row names this file: it was left out", "warning", None,
            )  # fmt: skip

    def _member(self, row: Row) -> Member | None:
        column, typed = self._layout.column("file"), row.cell("file")
        if not typed:
            row.refuse(column, "file_missing", "the row names no file", None)
            return None
        found = self._members.find(typed)
        if not found:
            row.refuse(column, "file_not_found", "there is no such file in the archive", typed)
        elif len(found) > 1:
            paths = ", ".join(sorted(one.name for one in found)[:5])
            row.refuse(column, "file_ambiguous", f"several files go by this: {paths}", typed)
        elif found[0].unsafe:
            row.refuse(column, "file_unsafe", found[0].unsafe, typed)
        else:
            return found[0]
        return None

    def _entry(self, row: Row, member: Member) -> dict[str, str | int] | None:
        """What of the document there is to say; None with the reasons among the issues."""
        column, typed = self._layout.column("file"), row.cell("file")
        path = PurePosixPath(member.name)
        content_type = content_type_of(path.name)
        if content_type is None:
            types = ", ".join(sorted(kind.name.lower() for kind in ContentType))
            row.refuse(column, "file_type", f"documents are one of {types}", typed)
            return None
        title = row.cell("title").replace("/", "-").replace("\\", "-")
        given = title.lower().endswith(path.suffix.lower())
        filename = (title if given else f"{title}{path.suffix}") if title else path.name
        for broken in check_announcement(filename, content_type, member.size):
            of = "title" if title and broken.pointer == "/filename" else "file"
            row.refuse(self._layout.column(of), broken.code, broken.detail, row.cell(of))
        if not row.is_refused and (why := self._refusal(member, content_type)):
            row.refuse(column, *why, typed)
        return {
            "filename": filename,
            "content_type": str(content_type),
            "size": member.size,
            "kind": str(self._kind(row)),
        }

    def _refusal(self, member: Member, content_type: ContentType) -> tuple[str, str] | None:
        """Why the content cannot be kept: it is judged as if it had been uploaded."""
        known = (member.name, content_type)
        if known not in self._looked_at:
            self._looked_at[known] = self._judged(member, content_type)
        rule = self._looked_at[known]
        if rule is None:
            return None
        damaged = "the file is damaged in the archive"
        return rule, _REFUSED[Refusal(rule)] if rule in set(Refusal) else damaged

    def _judged(self, member: Member, content_type: ContentType) -> str | None:
        try:
            head = self._head_of(member)
        except DamagedMember:
            return "file_damaged"
        content = Content(
            filename=member.name, content_type=content_type, size=member.size,
            announced_at=self._now, announced_by=Actor(""),
        )  # fmt: skip
        refusal = refusal_of(content, Arrival(head[:HEAD_BYTES], member.size, None))
        return str(refusal) if refusal else None

    def _kind(self, row: Row) -> DocumentKind:
        typed = row.cell("kind")
        word = normalise(typed)
        if word in _CONTRACT:
            return DocumentKind.SERVICE_CONTRACT
        if typed and word not in _OTHER:
            detail = 'neither "service contract" nor "other": kept as other'
            row.warn(self._layout.column("kind"), "document_kind", detail, typed)
        return DocumentKind.OTHER


def document_mark(filename: str, size: int) -> str:
    """What makes two documents of a customer the same."""
    return f"{size} {unicodedata.normalize('NFC', filename)}"
