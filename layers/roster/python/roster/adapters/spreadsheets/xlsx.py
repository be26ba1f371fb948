"""Rows of an .xlsx worksheet as text, read as a stream (ADR 0003 says why this is our own)."""

from collections.abc import Iterator
from pathlib import Path

from roster.adapters.spreadsheets import limits, refusals
from roster.adapters.spreadsheets.cells import trimmed
from roster.adapters.spreadsheets.choice import best_sheet
from roster.adapters.spreadsheets.markup import local, parse
from roster.adapters.spreadsheets.number_formats import Styles, iso_cell
from roster.adapters.spreadsheets.package import Package
from roster.adapters.spreadsheets.plain_markup import (
    ROW_END,
    PlainCell,
    Unparsed,
    style_and_type,
    take_rows,
    unescaped,
)
from roster.adapters.spreadsheets.shared_strings import SharedStrings, decoded
from roster.adapters.spreadsheets.workbook import Sheet, read_workbook
from roster.domain.imports.reading import UNCALCULATED, SourceRow

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Most cells are texts of the table: just this is what they say of themselves.
_OF_THE_TABLE = ' t="s"'


class XlsxFile:
    """A workbook and the worksheet chosen from it; the shared texts stay in memory."""

    def __init__(self, path: Path, *, sheet: str | None = None) -> None:
        self._path = path
        self._read_bytes = self._size = 0
        with Package(path) as package:
            book = read_workbook(package)
            styles = package.chunks(book.styles) if book.styles else None
            texts = package.chunks(book.shared_strings) if book.shared_strings else None
            self._styles = Styles(styles, epoch_1904=book.epoch_1904)
            self._shared = SharedStrings(texts)
            self._sheet, self.other_lists = self._choose(package, book.sheets, sheet)
            self.sheets = tuple(one.name for one in book.sheets if one.visible)
            self.has_macros = "xl/vbaProject.bin" in package

    @property
    def sheet(self) -> str:
        """The name on the tab of the chosen worksheet."""
        return self._sheet.name

    def _choose(
        self, package: Package, sheets: list[Sheet], told: str | None
    ) -> tuple[Sheet, tuple[str, ...]]:
        visible = [sheet for sheet in sheets if sheet.visible]
        asked = [sheet for sheet in visible if told in (None, sheet.name)]
        best, others = best_sheet((sheet, self._read(package, sheet)) for sheet in asked)
        if best is None and told is not None:
            raise refusals.wrong_sheet(told, [sheet.name for sheet in visible])
        if best is None:
            raise refusals.no_rows(hidden=len(visible) < len(sheets))
        return best, tuple(one.name for one in others)

    def rows(self) -> Iterator[SourceRow]:
        """The rows that are not blank, numbered as Excel numbers them."""
        with Package(self._path) as package:
            yield from self._read(package, self._sheet)

    def share_read(self) -> float | None:
        """How much of the worksheet the latest rows have gone through."""
        return self._read_bytes / self._size if self._size else None

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._read_bytes += len(chunk)
            yield chunk

    def _read(self, package: Package, sheet: Sheet) -> Iterator[SourceRow]:
        reader = _SheetReader(self._styles, self._shared)
        self._read_bytes, self._size = 0, package.size(sheet.part)
        chunks = self._counted(package.chunks(sheet.part))
        rest = reader.unparsed.pieces(chunks)
        for _ in parse(
            rest, reader.start, reader.end, reader.heard.append, watch=reader.unparsed.watch
        ):
            yield from reader.take()


class _SheetReader:
    """Turns the events of one worksheet into rows; only the row being read is kept.

    The size the sheet claims (`<dimension>`) is ignored: it is wrong often enough.
    Text goes straight to the list `heard`, and is looked at when its element ends.
    """

    __slots__ = (
        "_cells", "_column", "_columns", "_formula", "_phonetic", "_ready", "_row",
        "_shared", "_stored", "_style", "_styles", "_taking", "_type", "heard", "unparsed",
    )  # fmt: skip

    def __init__(self, styles: Styles, shared: SharedStrings) -> None:
        self._styles = styles
        self._shared = shared
        self._columns: dict[str, int] = {}
        self._ready: list[SourceRow] = []
        self._cells: list[str] = []
        self.heard: list[str] = []
        self._stored = ""
        self._row = 0
        self._column = -1
        self._type = "n"
        self._style: str | None = None
        self._formula = self._taking = self._phonetic = False
        self.unparsed = Unparsed(ROW_END, self._take_plain)

    def take(self) -> list[SourceRow]:
        """The rows that are complete since the last call; raises UnreadableFile.

        Of what is heard it lets nothing grow without end.
        """
        if not self._taking:
            self.heard.clear()
        elif sum(map(len, self.heard)) > limits.MAX_CELL_CHARS:
            raise refusals.long_cell(self._row)
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name) if ":" in name else name
        if tag == "v":
            self._taking = True
            self.heard.clear()
        elif tag == "c":
            get = attributes.get
            ref = get("r")
            if ref:
                letters = ref.rstrip("0123456789")
                column = self._columns.get(letters)
                self._column = self._index(letters) if column is None else column
            else:
                self._column += 1
            self._type = get("t", "n")
            self._style = get("s")
            self._formula = False
            self._stored = ""
        elif tag == "t":
            self._taking = not self._phonetic
            self.heard.clear()
        elif tag == "row":
            self._begin_row(attributes.get("r"))
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        tag = local(name) if ":" in name else name
        if tag == "v" or tag == "t":
            if self._taking:
                self._taking = False
                self._stored += "".join(self.heard)
                if len(self._stored) > limits.MAX_CELL_CHARS:
                    raise refusals.long_cell(self._row)
        elif tag == "c":
            stored = self._stored
            if stored or self._formula:
                value = self._shown(stored)
                if value:
                    self._put(self._column, value)
        elif tag == "row":
            self._end_row()
            self.unparsed.closed()
        elif tag == "rPh":
            self._phonetic = False

    def _take_plain(self, text: str) -> str:
        return take_rows(text, self._add_plain)

    def _add_plain(self, number: str, cells: Iterator[PlainCell]) -> None:
        """A whole row: what the events of its elements would have come to."""
        self._begin_row(number)
        self._formula = False
        columns, shared, row = self._columns, self._shared.at, self._cells
        for letters, attributes, value, inline in cells:
            stored = value or inline
            if not stored:
                continue
            column = columns.get(letters)
            if column is None:
                column = self._index(letters)
            if attributes == _OF_THE_TABLE:
                shown = shared(stored)
            else:
                self._style, self._type = style_and_type(attributes)
                shown = self._shown(unescaped(stored))
            if shown and column == len(row) < limits.MAX_COLUMNS:
                row.append(shown)
            elif shown:
                self._put(column, shown)
        self._end_row()

    def _end_row(self) -> None:
        cells = trimmed(self._cells)
        if cells:
            self._ready.append(SourceRow(self._row, cells))

    def _begin_row(self, stated: str | None) -> None:
        number = self._row + 1
        if stated:
            if not (stated.isascii() and stated.isdigit()):
                raise refusals.damaged_workbook()
            if len(stated) > 10 or int(stated) > limits.MAX_ROWS:
                raise refusals.too_many_rows()
            # A row number is the identity of a customer to be: it may not come twice.
            if int(stated) < number:
                raise refusals.damaged_workbook()
            number = int(stated)
        elif number > limits.MAX_ROWS:
            raise refusals.too_many_rows()
        self._row = number
        self._column = -1
        self._cells = []

    def _index(self, letters: str) -> int:
        """The 0-based column of "A", "B"… "XFD", remembered for the next row."""
        if not letters or len(letters) > 3:
            raise refusals.damaged_workbook()
        index = 0
        for letter in letters.upper():
            place = _LETTERS.find(letter)
            if place < 0:
                raise refusals.damaged_workbook()
            index = index * 26 + place + 1
        self._columns[letters] = index - 1
        return index - 1

    def _put(self, column: int, value: str) -> None:
        cells = self._cells
        if column >= limits.MAX_COLUMNS:
            raise refusals.too_many_columns(self._row)
        if column >= len(cells):
            cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = value

    def _shown(self, stored: str) -> str:
        kind = self._type
        if kind == "s":
            return self._shared.at(stored)
        bare = stored.strip()
        if kind in ("inlineStr", "str"):
            return decoded(stored)
        if not bare:
            return UNCALCULATED if self._formula else ""
        if kind == "n":
            return self._styles[self._style](bare)
        if kind == "b":
            return "TRUE" if bare in ("1", "true") else "FALSE"
        return iso_cell(bare) if kind == "d" else stored
