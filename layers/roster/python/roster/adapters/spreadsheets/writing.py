"""Tables written as they come, in little memory: CSV, and .xlsx without a library (ADR 0011)."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape

# A sheet of .xlsx ends here; the first row is the headings'.
XLSX_ROWS = 1_048_575
_KEPT_BYTES = 256 * 1024
# Fast: an export waits for people, and they for it, but the bytes are read once.
_DEFLATE = 4
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_CONTENT_TYPES = (
    f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    "</Types>"
)
_ROOT = (
    f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
_BOOK = (
    f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>'
    '<sheet name="Customers" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_BOOK_RELS = (
    f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELS}/styles" Target="styles.xml"/>'
    "</Relationships>"
)
# Style 1 is the format "@", text: what is typed into a cell later stays as it is typed.
_STYLES = (
    f'{_DECLARATION}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_SHEET = (
    f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><sheetData>"
)
_SHEET_END = "</sheetData></worksheet>"
# What XML cannot hold, and what looks like the way workbooks hold it all the same.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class ByteSink(Protocol):
    """Where bytes go, once and in order."""

    def write(self, content: bytes, /) -> int:
        """Take some bytes."""

    def flush(self) -> None:
        """Nothing need happen."""

    def close(self) -> None:
        """Nothing need happen."""


class CsvTable:
    """CSV as Excel opens it right: UTF-8 with a byte order mark, CRLF."""

    def __init__(self, sink: ByteSink, *, delimiter: str = ",") -> None:
        self._sink = sink
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, delimiter=delimiter)
        self._text.write("\ufeff")

    def row(self, cells: Sequence[str]) -> None:
        """Write one row."""
        self._writer.writerow(cells)
        if self._text.tell() >= _KEPT_BYTES:
            self._hand_on()

    def end(self) -> None:
        """Write what is left; nothing may follow."""
        self._hand_on()

    def _hand_on(self) -> None:
        self._sink.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


class XlsxTable:
    """A workbook of one sheet, every cell a text in its place; no formula, link or number."""

    def __init__(self, sink: ByteSink, *, made: datetime) -> None:
        # The sink cannot be sought, so sizes follow each part; without ZIP64, which Excel does
        # not read there: a sheet ends at 2 GiB.
        self._zip = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_DEFLATE)
        self._made = made
        for name, content in (
            ("[Content_Types].xml", _CONTENT_TYPES),
            ("_rels/.rels", _ROOT),
            ("xl/workbook.xml", _BOOK),
            ("xl/_rels/workbook.xml.rels", _BOOK_RELS),
            ("xl/styles.xml", _STYLES),
        ):
            self._zip.writestr(self._entry(name), content)
        self._sheet = self._zip.open(self._entry("xl/worksheets/sheet1.xml"), "w")
        self._kept = [_SHEET]
        self._size, self._rows = 0, 0

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._made.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        return entry

    def row(self, cells: Sequence[str]) -> None:
        """Write one row."""
        self._rows += 1
        written = "".join(
            f'<c r="{_column(i)}{self._rows}" s="1" t="inlineStr"><is>'
            f'<t xml:space="preserve">{_text(cell)}</t></is></c>'
            for i, cell in enumerate(cells)
            if cell
        )
        self._kept.append(f'<row r="{self._rows}">{written}</row>')
        self._size += len(written)
        if self._size >= _KEPT_BYTES:
            self._hand_on()

    def end(self) -> None:
        """Write what is left and the workbook's directory; nothing may follow."""
        self._kept.append(_SHEET_END)
        self._hand_on()
        self._sheet.close()
        self._zip.close()

    def _hand_on(self) -> None:
        self._sheet.write("".join(self._kept).encode())
        self._kept, self._size = [], 0


def whole_sheet(rows: Iterable[Sequence[str]], *, xlsx: bool, made: datetime) -> bytes:
    """A small table as a whole file."""
    content = io.BytesIO()
    table = XlsxTable(content, made=made) if xlsx else CsvTable(content)
    for row in rows:
        table.row(row)
    table.end()
    return content.getvalue()


@contextmanager
def table_file(
    path: Path, *, xlsx: bool, delimiter: str, made: datetime
) -> Iterator[CsvTable | XlsxTable]:
    """A table that grows in a local file."""
    with path.open("wb") as sink:
        table = XlsxTable(sink, made=made) if xlsx else CsvTable(sink, delimiter=delimiter)
        yield table
        table.end()


def _text(value: str) -> str:
    if _UNWRITABLE.search(value):
        value = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
    # A carriage return in XML is read as a line feed.
    return escape(value, {"\r": "_x000D_"})


@cache
def _column(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
