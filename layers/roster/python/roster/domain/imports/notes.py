"""Remarks about customers in a spreadsheet, one a row."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from roster.domain.errors import Invalid
from roster.domain.imports.draft import Action, PlannedRow
from roster.domain.imports.hanging import (
    Directory,
    Existing,
    Layout,
    Row,
    find_layout,
)
from roster.domain.imports.headings import normalise
from roster.domain.imports.reading import SourceRow
from roster.domain.note import MAX_AUTHOR, check_note
from roster.domain.text import is_invisible

# A list of customers may have a column of notes; one of "note text" has nobody but a list of notes.
_PLAIN_TEXT = "notes|comments|comment|remarks|remark|memo|memos|customer notes|client notes"
_OWN_TEXT = (
    "note text|note body|note content|note contents|text of note|comment text|note description"
)
_ONE_NOTE = "note|customer note|client note|internal note|text|body|message"
_DATE = (
    "date|note date|created at|created on|date created|created|note created at|noted at|noted on"
    "|entered on|added on|timestamp|date time|datetime|logged at|activity date|date added"
)
_AUTHOR = (
    "author|note author|created by|note created by|entered by|written by|added by|noted by"
    "|logged by|posted by"
)
_TITLE = "title|note title|subject|note subject|headline|topic"


def _words(**fields: str) -> dict[str, str]:
    return {name: field for field, names in fields.items() for name in names.split("|")}


_WORDS = _words(
    text=f"{_PLAIN_TEXT}|{_OWN_TEXT}|{_ONE_NOTE}", date=_DATE, author=_AUTHOR, title=_TITLE
)


def find_notes(rows: Iterable[SourceRow]) -> Layout | None:
    """The header row of a list of notes: a column names the customer, another holds the text."""
    return find_layout(rows, _WORDS, "text")


def is_surely_notes(layout: Layout) -> bool:
    """Whether these headings are those of notes alone, and not of customers who have notes.

    Nothing may be told of the customer but who it is. "Notes" belong to either list, and to one
    of notes where somebody wrote them; "Note" does where there is a date, a title or a writer, or
    where names are headed "Customer": in lists of customers they are companies and people.
    """
    column = layout.column("text")
    if column is None or layout.strange:
        return False
    heading = normalise(column.heading)
    if heading in _OWN_TEXT.split("|"):
        return True
    if heading in _ONE_NOTE.split("|"):
        more = any(layout.column(name) for name in ("author", "title", "date"))
        named = [normalise(one.heading) for one in layout.of_customers]
        return more or all(name.startswith(("customer", "client")) for name in named)
    return layout.column("author") is not None


class NotePlanner:
    """Decides row by row; `names` are the folded names of all it looked at."""

    def __init__(
        self,
        layout: Layout,
        directory: Directory,
        existing: Existing,
        *,
        now: datetime,
        month_first: bool,
    ) -> None:
        self._layout, self._directory, self._existing = layout, directory, existing
        self._now, self._month_first = now, month_first
        self._lines: dict[tuple[str, str], int] = {}
        self.names: set[str] = set()

    def plan(self, source: SourceRow) -> PlannedRow:
        """What becomes of the row; never raises for what it holds."""
        row = Row(source, self._layout)
        if not row:
            return row.planned(Action.SKIP, reason="the headings again")
        text = row.cell("text", lines=True)
        title = row.cell("title")
        if is_invisible(text) and is_invisible(title):
            return row.planned(Action.SKIP, reason="no text")
        text = "\n".join(part for part in (title, text) if not is_invisible(part))
        customer_id = row.customer(self._directory, self.names)
        at = row.moment("date", now=self._now, month_first=self._month_first)
        author = row.cell("author") or None
        self._check(row, text, author)
        if customer_id is None or row.is_refused:
            return row.planned(Action.ERROR)
        name, there = self._existing(customer_id)
        mark = note_mark(text, at)
        same = there.get(mark)
        if same is None and (first := self._lines.get((customer_id, mark))):
            same = f"row {first}"
        if same is not None:
            return row.planned(
                Action.SKIP, customer_id=customer_id, name=name, same_as=same,
                reason="the customer has this note already",
            )  # fmt: skip
        self._lines[customer_id, mark] = row.line
        entry = {"text": text, "at": at.isoformat() if at else None, "author": author}
        return row.planned(Action.CREATE, customer_id=customer_id, name=name, values=entry)

    def _check(self, row: Row, text: str, author: str | None) -> None:
        try:
            check_note({"text": text})
        except Invalid as invalid:
            for broken in invalid.errors:
                row.refuse(self._layout.column("text"), broken.code, broken.detail, text)
        if author and len(author) > MAX_AUTHOR:
            detail = f"at most {MAX_AUTHOR} characters"
            row.refuse(self._layout.column("author"), "too_long", detail, author)


def note_mark(text: str, at: datetime | None) -> str:
    """What makes two notes of a customer the same: their words, and their day if it is known."""
    words = hashlib.blake2b(text.strip().encode(), digest_size=16).hexdigest()
    return f"{at.date().isoformat()} {words}" if at else words
