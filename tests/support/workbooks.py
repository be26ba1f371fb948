"""Builders of .ods, .xls and .xlsb files, by their specifications and without the library read."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tests.support.spreadsheets import zipped

type Cell = str | float | bool | None
type Sheets = Mapping[str, Sequence[Sequence[Cell]]]

_SECTOR = 512
_DATE_FORMAT = 14


class Date(float):
    """A day as the serial number Excel keeps: 45000 is 2023-03-15."""


def ods(path: Path, sheets: Sheets, **parts: str) -> Path:
    """An OpenDocument spreadsheet; `parts` are further entries of the package."""
    tables = "".join(_ods_table(name, rows) for name, rows in sheets.items())
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    parts = {"META-INF/manifest.xml": manifest, "content.xml": content, **parts}
    return zipped(path, {"mimetype": kind, **parts})


def _ods_table(name: str, rows: Sequence[Sequence[Cell]]) -> str:
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    return f"<table:table table:name={quoteattr(name)}>{lines}</table:table>"


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(cell).lower()}"'
    elif isinstance(cell, float):
        kind = f'office:value-type="float" office:value="{cell}"'
    else:
        kind = 'office:value-type="string"'
    text = escape(str(cell))
    return f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"


def xls(path: Path, sheets: Sheets, *, hidden: Sequence[str] = (), encrypted: bool = False) -> Path:
    """An Excel 97 workbook: BIFF8 records in the one stream of an OLE container."""
    bodies = [_biff(0x0809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) for _ in sheets]
    for i, rows in enumerate(sheets.values()):
        for r, row in enumerate(rows):
            bodies[i] += b"".join(_xls_cell(r, c, cell) for c, cell in enumerate(row))
        bodies[i] += _biff(0x000A, b"")
    head = _biff(0x0809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
    if encrypted:
        head += _biff(0x002F, struct.pack("<HHH", 0, 0x1234, 0x5678))
    head += _biff(0x0042, struct.pack("<H", 1200))
    head += b"".join(_biff(0x00E0, struct.pack("<HH16x", 0, f)) for f in (0, _DATE_FORMAT))
    listed = [_xls_sheet(0, name, hidden=name in hidden) for name in sheets]
    at = len(head) + sum(map(len, listed)) + len(_biff(0x000A, b""))
    listed = []
    for name, body in zip(sheets, bodies, strict=True):
        listed.append(_xls_sheet(at, name, hidden=name in hidden))
        at += len(body)
    stream = head + b"".join(listed) + _biff(0x000A, b"") + b"".join(bodies)
    path.write_bytes(_ole("Workbook", stream))
    return path


def _biff(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls_sheet(at: int, name: str, *, hidden: bool) -> bytes:
    text = name.encode("utf-16-le")
    return _biff(0x0085, struct.pack("<IBBBB", at, hidden, 0, len(name), 1) + text)


def _xls_cell(row: int, column: int, cell: Cell) -> bytes:
    if cell is None:
        return b""
    if isinstance(cell, bool):
        return _biff(0x0205, struct.pack("<HHHBB", row, column, 0, cell, 0))
    if isinstance(cell, float):
        style = isinstance(cell, Date)
        return _biff(0x0203, struct.pack("<HHHd", row, column, style, cell))
    text = cell.encode("utf-16-le")
    return _biff(0x0204, struct.pack("<HHHHB", row, column, 0, len(cell), 1) + text)


def _ole(name: str, stream: bytes) -> bytes:
    """A container with one stream; padded to 4096 bytes, below which another table counts."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // _SECTOR)
    stream = stream.ljust(sectors * _SECTOR, b"\0")
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    chain = [0xFFFFFFFD, end, *range(3, 2 + sectors), end]
    if len(chain) > _SECTOR // 4:
        raise ValueError("one sector of allocation table holds 126 sectors of stream")
    table = struct.pack(f"<{_SECTOR // 4}I", *chain, *[free] * (_SECTOR // 4 - len(chain)))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<109I", 0, *[free] * 108)
    directory = _ole_entry("Root Entry", kind=5, child=1, start=end, size=0)
    directory += _ole_entry(name, kind=2, child=free, start=2, size=len(stream))
    return head + table + directory.ljust(_SECTOR, b"\0") + stream


def _ole_entry(name: str, *, kind: int, child: int, start: int, size: int) -> bytes:
    text = f"{name}\0".encode("utf-16-le")
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def xlsb(path: Path, sheets: Sheets) -> Path:
    """A binary Excel workbook (BIFF12)."""
    base = "http://schemas.openxmlformats.org"
    listed, links, parts = b"", "", {}
    for n, (name, rows) in enumerate(sheets.items(), 1):
        listed += _record(156, struct.pack("<II", 0, n) + _wide(f"rId{n}") + _wide(name))
        links += (
            f'<Relationship Id="rId{n}" Type="{base}/officeDocument/2006/relationships/worksheet"'
            f' Target="worksheets/sheet{n}.bin"/>'
        )
        parts[f"xl/worksheets/sheet{n}.bin"] = _xlsb_sheet(rows)
    book = _record(131) + _record(143) + listed + _record(144) + _record(132)
    rels = f'<Relationships xmlns="{base}/package/2006/relationships">{links}</Relationships>'
    return zipped(path, {"xl/workbook.bin": book, "xl/_rels/workbook.bin.rels": rels, **parts})


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(data)
    while length > 127:
        size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
    return head + size + bytes([length]) + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    width = max(map(len, rows), default=1)
    out = _record(129) + _record(148, struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, width - 1))
    out += _record(145)
    for r, row in enumerate(rows):
        out += _record(0, struct.pack("<II", r, 0) + bytes(9))
        for c, cell in enumerate(row):
            out += _xlsb_cell(struct.pack("<II", c, 0), cell)
    return out + _record(146) + _record(130)


def _xlsb_cell(at: bytes, cell: Cell) -> bytes:
    if cell is None:
        return b""
    if isinstance(cell, bool):
        return _record(4, at + bytes([cell]))
    if isinstance(cell, float):
        return _record(5, at + struct.pack("<d", cell))
    return _record(6, at + _wide(cell))
