"""What a customer list in a spreadsheet says: its rows, its header and what its columns mean."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from roster.domain.custom_fields import CustomField
from roster.domain.imports.cell_values import UNCALCULATED
from roster.domain.imports.formats import Format, columns_of
from roster.domain.imports.headings import NAME_FIELDS, Column, map_columns, recognises
from roster.domain.quick import quick_dataclass

__all__ = [
    "UNCALCULATED",
    "Column",
    "Header",
    "RowIssue",
    "RowReading",
    "SourceRow",
    "UnreadableFile",
    "find_header",
    "map_columns",
]

type UnreadableCode = Literal[
    "not_a_spreadsheet",
    "unsupported_format",
    "encrypted",
    "zip_bomb",
    "too_large",
    "too_many_rows",
    "too_many_columns",
    "damaged",
    "empty",
    "no_usable_header",
    "no_match_column",
    "wrong_encoding",
    "wrong_sheet",
    "wrong_header_row",
    "wrong_columns",
    "several_sheets",
]
type Fields = dict[str, Any]

# Each alternative has one way to match: a cell may be 131,072 characters long.
LOOKS_LIKE_DATA = re.compile(r"[\W_]*\d[\W\d_]*|\S[^\s@]*@\S[^\s.]*\.\S+|https?://.*")


class UnreadableFile(Exception):
    """The whole file is refused: a stable `code` and a `reason` that tells a person what to do."""

    def __init__(self, code: UnreadableCode, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@quick_dataclass(frozen=True, slots=True)
class SourceRow:
    """One row as text: `number` is the 1-based row (or line) a person sees in their program."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowIssue:
    """One thing to know about a row; an error keeps it out, a warning does not.

    `line` is the row's number in the file, `column` its heading as typed (None: the whole row),
    `value` the cell as typed, `rule` a stable name, `suggestion` a value that would be right.
    """

    line: int
    column: str | None
    value: str | None
    rule: str
    detail: str
    severity: Literal["error", "warning"]
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """The header row: its `number` in the file and its columns; data begins on a later row.

    `format` is the system that wrote the file, where its headings tell.
    """

    number: int
    columns: tuple[Column, ...]
    format: Format | None = None

    @property
    def unrecognised(self) -> tuple[Column, ...]:
        """Columns with a heading that no field takes."""
        return tuple(c for c in self.columns if c.heading and c.field is None)


@quick_dataclass(frozen=True, slots=True)
class RowReading:
    """The customer fields one row holds (API names, nested addresses, no empty values).

    "locations" and "contacts" are lists of mappings, "kept" what goes to the notes for want of a
    field; `cells` are the row as typed. A `skipped` row is no customer (a total, a repeated
    header); its issue says why. A row with an issue of severity error cannot become a customer.
    """

    fields: Fields
    issues: tuple[RowIssue, ...]
    skipped: bool = False
    cells: tuple[str, ...] = ()


def find_header(
    rows: Iterable[SourceRow],
    look: int = 50,
    *,
    own: Sequence[CustomField] = (),
    naming: frozenset[str] = NAME_FIELDS,
) -> Header:
    """The row among the first `look` whose headings are recognised best; the earliest of equals.

    `own` are the fields the company has declared, `naming` those of which there must be one.

    Raises UnreadableFile: "empty" (no rows, or nothing below the header), "no_usable_header".
    """
    stream = iter(rows)
    first = list(islice(stream, look))
    if not first:
        raise UnreadableFile("empty", "The file has no rows. Check that the right file was chosen.")
    best: tuple[int, int] | None = None
    for position, row in enumerate(first):
        score = _header_score(row, first, naming)
        if score and (best is None or score > best[0]):
            best = score, position
    if best is None:
        raise UnreadableFile(
            "no_usable_header",
            "No heading for a customer's name was found in the first rows. Put a row of headings "
            'such as "Company", "First Name", "Last Name", "Email" above the customers, '
            "or say in the import's mapping what each column is.",
        )
    header = first[best[1]]
    if best[1] == len(first) - 1 and next(stream, None) is None:
        raise UnreadableFile(
            "empty", f"There are headings in row {header.number} but no customers below them."
        )
    return Header(header.number, *columns_of(header.cells, own))


def _header_score(candidate: SourceRow, rows: Sequence[SourceRow], naming: frozenset[str]) -> int:
    """How many headings are recognised; 0 when the row cannot be the header of `rows`."""
    cells = candidate.cells
    known = [(i, meaning) for i, c in enumerate(cells) if (meaning := recognises(c))]
    names = [i for i, meaning in known if meaning in naming]
    if not names:
        return 0
    if len(known) < 3 and any(LOOKS_LIKE_DATA.fullmatch(c.strip()) for c in cells):
        return 0
    # "Company" may be a value too (a column of customer types): headings do not come again.
    if len(known) == 1 and any(
        row.number != candidate.number and row.cells[names[0] : names[0] + 1] == (cells[names[0]],)
        for row in rows
    ):
        return 0
    return len(known)
