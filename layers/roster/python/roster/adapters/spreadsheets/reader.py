"""The front door for customer lists: any file in, rows of text out, or a reason why not.

Later formats (.xls, .xlsb, .ods, HTML tables, .iif) get a module each and a branch here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roster.adapters.spreadsheets.sniff import sniff
from roster.adapters.spreadsheets.text import TextFile
from roster.adapters.spreadsheets.xlsx import XlsxFile
from roster.domain.imports import SourceRow, UnreadableFile

__all__ = ["SourceRow", "Spreadsheet", "UnreadableFile", "open_spreadsheet"]


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A readable file: its format and, for a workbook, the name of the sheet that is read."""

    format: Literal["xlsx", "csv", "tsv"]
    sheet: str | None
    _rows: Callable[[], Iterator[SourceRow]]

    def rows(self) -> Iterator[SourceRow]:
        """The non-blank rows as a person sees them, from the top at every call.

        Cells are text: leading zeros of number formats kept, dates as ISO 8601, TRUE and FALSE,
        formulas by their stored result, error cells as "#N/A" and the like, a formula without a
        result as UNCALCULATED. Empty cells at the end of a row are left out. Numbers rise.
        Raises UnreadableFile as late as the last row: what a damaged file gave before that is not
        to be used.
        """
        return self._rows()


def open_spreadsheet(path: Path) -> Spreadsheet:
    """Work out by its content what the file is, and make it ready to read.

    Raises UnreadableFile with its code and a reason for a person.
    """
    if sniff(path) == "xlsx":
        workbook = XlsxFile(path)
        return Spreadsheet("xlsx", workbook.sheet, workbook.rows)
    text = TextFile(path)
    return Spreadsheet("tsv" if text.delimiter == "\t" else "csv", None, text.rows)
