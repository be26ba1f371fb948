"""The front door for customer lists: any file in, rows of text out, or a reason why not.

A later format (HTML tables, XML Spreadsheet 2003) gets a module and a branch here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roster.adapters.spreadsheets.foreign import ForeignFile
from roster.adapters.spreadsheets.iif import IifFile
from roster.adapters.spreadsheets.sniff import sniff
from roster.adapters.spreadsheets.text import TextFile
from roster.adapters.spreadsheets.xlsx import XlsxFile
from roster.domain.imports.reading import SourceRow, UnreadableFile

__all__ = ["SourceRow", "Spreadsheet", "UnreadableFile", "open_spreadsheet"]


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A readable file: its format, and the sheet of a workbook or the encoding of a text.

    `sheets` are the names of all sheets of a workbook that can be seen, `other_lists` those of
    them with headings of customers that were passed over for the first of that sort.
    """

    format: Literal["xlsx", "xlsm", "xlsb", "xls", "ods", "csv", "tsv", "iif"]
    sheet: str | None
    _rows: Callable[[], Iterator[SourceRow]]
    _share: Callable[[], float | None]
    sheets: Sequence[str] = ()
    encoding: str | None = None
    delimiter: str | None = None
    other_lists: Sequence[str] = ()

    @property
    def share_read(self) -> float | None:
        """How much of the file the latest reading has gone through, up to 1; None: unknown."""
        return self._share()

    def rows(self) -> Iterator[SourceRow]:
        """The non-blank rows as a person sees them, from the top at every call.

        Cells are text: leading zeros of number formats kept, dates as ISO 8601, TRUE and FALSE,
        formulas by their stored result, error cells as "#N/A" and the like, a formula without a
        result as UNCALCULATED. Empty cells at the end of a row are left out. Numbers rise.
        Raises UnreadableFile as late as the last row: what a damaged file gave before that is not
        to be used.
        """
        return self._rows()


def open_spreadsheet(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Spreadsheet:
    """Work out by its content what the file is, and make it ready to read.

    What is not told is worked out too: the encoding (a name of Python's) and the delimiter of a
    text file, the sheet of a workbook. What does not apply to the format is passed over.
    Raises UnreadableFile with its code and a reason for a person.
    """
    content = sniff(path)
    if content == "xlsx":
        book = XlsxFile(path, sheet=sheet)
        kind: Literal["xlsx", "xlsm"] = "xlsm" if book.has_macros else "xlsx"
        return Spreadsheet(
            kind, book.sheet, book.rows, book.share_read, book.sheets, other_lists=book.other_lists
        )
    if content == "iif":
        iif = IifFile(path)
        return Spreadsheet("iif", None, iif.rows, iif.share_read)
    if content != "text":
        foreign = ForeignFile(path, zipped=content != "xls", sheet=sheet)
        return Spreadsheet(
            content, foreign.sheet, foreign.rows, foreign.share_read, foreign.sheets,
            other_lists=foreign.other_lists,
        )  # fmt: skip
    text = TextFile(path, delimiter=delimiter, encoding=encoding)
    return Spreadsheet(
        "tsv" if text.delimiter == "\t" else "csv", None, text.rows, text.share_read,
        encoding=text.encoding, delimiter=text.delimiter,
    )  # fmt: skip
