"""The rows that went wrong, given back to be put right: what stands beside them, and the way back.

The file has the user's own columns and cells, and four of ours. When it comes again ours are left
out before anything looks at it, so that it is read as the file it was.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from roster.domain.imports import cell_values
from roster.domain.imports.reading import SourceRow

OURS = ("_line", "_column", "_rule", "_suggestion")
# A heading or two may be gone when the file comes back; one alone may be somebody's own.
_ENOUGH = 2
# Where find_header looks for the headings.
_LOOK = 50
# A cell of a workbook holds 32 767 characters; who reads these wants far fewer.
_SAID = 2_000
_STEM = 120
_IMPORT_ID = re.compile(r"imp_[0-9A-HJKMNP-TV-Z]{26}")
_BETWEEN = "; "


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row failed: the heading (None: the whole row), the rule's name, a sentence, a cure."""

    column: str | None
    rule: str
    detail: str
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A row that could not go in: its number in the file, its cells as typed, and why."""

    line: int
    cells: Sequence[str]
    errors: Sequence[RowError]


def heading_row(headings: Sequence[str], width: int, *, csv: bool) -> list[str]:
    """The headings as they were, and ours behind the `width` columns of the rows."""
    kept = [cell_values.kept(cell, csv=csv) for cell in headings]
    return [*kept, *[""] * (width - len(kept)), *OURS]


def failed_row(row: FailedRow, width: int, *, csv: bool) -> list[str]:
    """The row: its cells as they were, then, behind `width` columns, what is wrong with it."""
    cells = [*row.cells, *[""] * (width - len(row.cells))]
    said = (
        str(row.line),
        _together([error.column or "" for error in row.errors]),
        _BETWEEN.join(f"{error.rule}: {error.detail}" for error in row.errors),
        _together([error.suggestion or "" for error in row.errors]),
    )
    return [cell_values.kept(cell, csv=csv) for cell in (*cells, *(one[:_SAID] for one in said))]


def _together(words: Sequence[str]) -> str:
    """One entry for each error, so that the cells of a row can be told apart; nothing for none."""
    return _BETWEEN.join(word or "none" for word in words) if any(words) else ""


def error_filename(filename: str, import_id: str, ending: str) -> str:
    """A name that says whose errors these are: by it the file is known when it comes back."""
    stem = _IMPORT_ID.sub("", PurePath(filename).stem.partition(" - errors ")[0]).strip()
    return f"{stem[:_STEM] or 'import'} - errors {import_id}.{ending}"


def repaired_import(filename: str) -> str | None:
    """The id of the import whose errors a file of this name holds, if it says so."""
    found = _IMPORT_ID.search(filename)
    return found[0] if found else None


def our_columns(rows: Iterable[SourceRow]) -> frozenset[int]:
    """Where our columns stand, by the first row that has headings of ours; none in other files."""
    for row in islice(rows, _LOOK):
        found = [i for i, cell in enumerate(row.cells) if cell.strip().casefold() in OURS]
        if len(found) >= _ENOUGH:
            return frozenset(found)
    return frozenset()


def without_columns(rows: Iterable[SourceRow], ours: frozenset[int]) -> Iterator[SourceRow]:
    """The rows as they were before our columns were put beside them."""
    for row in rows:
        cells = [cell for i, cell in enumerate(row.cells) if i not in ours]
        while cells and not cells[-1]:
            del cells[-1]
        if cells:
            yield SourceRow(row.number, tuple(cells))
