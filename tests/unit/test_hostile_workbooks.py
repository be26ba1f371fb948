"""Broken and hostile workbooks are refused with a code and a sentence, without much work."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.imports.reading import UnreadableFile
from tests.support.spreadsheets import (
    inline,
    number_cells,
    sheet_xml,
    workbook_parts,
    written,
    xlsx,
    zipped,
)

TABLE = [("Name", "City"), ("Acme", "Reno")]


def refusal(path: Path) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refused:
        for _ in open_spreadsheet(path).rows():
            pass
    assert refused.value.reason.endswith(".")
    return refused.value


def cell(ref: str, text: str = "x") -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (f'<row r="1">{cell("A1")}</row><row r="2">{cell("XFD2")}</row>', "too_many_columns"),
        (f'<row r="1">{cell("A1")}</row><row r="2">{cell("ALM2")}</row>', "too_many_columns"),
        (f'<row r="4294967295">{cell("A4294967295")}</row>', "too_many_rows"),
        (f'<row r="1048577">{cell("A1048577")}</row>', "too_many_rows"),
        (f'<row r="{"9" * 5000}">{cell("A1")}</row>', "too_many_rows"),
        (f'<row r="2">{cell("A2")}</row><row r="2">{cell("A2")}</row>', "damaged"),
        (f'<row r="-1">{cell("A1")}</row>', "damaged"),
        (f"<row>{cell('A1', 'x' * 131_073)}</row>", "too_large"),
        (f"<row>{cell('AAAA1')}</row>", "damaged"),
        ('<row><c t="s"><v>7</v></c></row>', "damaged"),
        ('<row><c t="s"><v>-1</v></c></row>', "damaged"),
        ("<row><c></row>", "damaged"),
        ("", "empty"),
    ],
)
def test_impossible_sheets(tmp_path: Path, data: str, code: str) -> None:
    assert refusal(xlsx(tmp_path / "a.xlsx", data)).code == code


def test_column_1000_is_the_last_that_may_have_a_value(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", f'<row r="1">{cell("ALL1")}</row>')
    assert len(next(open_spreadsheet(path).rows()).cells) == 1000


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"])
def test_document_types_are_refused_in_every_part(tmp_path: Path, doctype: str, part: str) -> None:
    parts = workbook_parts({"One": sheet_xml(inline(TABLE))})
    xml = str(parts[part]).rpartition("?>")[2]
    assert refusal(zipped(tmp_path / "a.xlsx", {**parts, part: doctype + xml})).code == "damaged"


@pytest.mark.parametrize("encoding", ["no-such", "rot13", "shift_jis", "idna", "undefined"])
def test_xml_in_an_encoding_that_is_none(tmp_path: Path, encoding: str) -> None:
    parts = workbook_parts({"One": sheet_xml(inline(TABLE))})
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    parts["xl/workbook.xml"] = declared + str(parts["xl/workbook.xml"])
    assert refusal(zipped(tmp_path / "a.xlsx", parts)).code == "damaged"


def _bomb(path: Path, part: str, filling: bytes, mib: int) -> Path:
    """A workbook whose `part` unpacks to `mib` MiB of `filling`."""
    parts = workbook_parts({"One": sheet_xml(inline(TABLE))}, shared="<si><t>x</t></si>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name != part:
                archive.writestr(name, content)
        with archive.open(part, "w") as out:
            for _ in range(mib):
                out.write(filling * (1024 * 1024 // len(filling)))
    return path


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_small_file_that_unpacks_to_a_large_one(tmp_path: Path, part: str) -> None:
    path = _bomb(tmp_path / "a.xlsx", part, b" ", 64)
    assert path.stat().st_size < 100_000
    assert refusal(path).code == "zip_bomb"


def test_a_directory_that_lies_about_the_size(tmp_path: Path) -> None:
    path = _bomb(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", b"<row/>  ", 32)
    content = bytearray(path.read_bytes())
    name = content.rfind(b"xl/worksheets/sheet1.xml")
    # The uncompressed size stands 22 bytes before the name in the directory's record.
    struct.pack_into("<I", content, name - 22, 1000)
    assert refusal(written(path, bytes(content))).code == "damaged"


def test_one_tag_without_end(tmp_path: Path) -> None:
    xml = sheet_xml('<row x="' + "y0z1" * (4 * 1024 * 1024))
    parts = workbook_parts({"One": xml})
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert refusal(path).code == "damaged"


def test_a_table_of_contents_that_would_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for i in range(10_000):
            archive.writestr(f"xl/{i:0>400}.xml", b"")
    assert refusal(path).code == "zip_bomb"


def _cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def _flipped(content: bytes) -> bytes:
    at = content.find(b"xl/worksheets/sheet1.xml") + 200
    return content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1 :]


def _with_password_bit(content: bytes) -> bytes:
    changed = bytearray(content)
    entry = -1
    while (entry := changed.find(b"PK\x01\x02", entry + 1)) >= 0:
        changed[entry + 8] |= 1
    return bytes(changed)


def _with_patch_bit(content: bytes) -> bytes:
    changed = bytearray(content)
    changed[changed.find(b"PK\x01\x02") + 8] |= 0x20
    return bytes(changed)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_cut, "damaged"),
        (_flipped, "damaged"),
        (_with_password_bit, "encrypted"),
        (_with_patch_bit, "damaged"),
    ],
)
def test_spoiled_files(tmp_path: Path, spoil: Callable[[bytes], bytes], code: str) -> None:
    rows = [(f"Customer {i}", f"{i * 7919} Main Street") for i in range(500)]
    path = xlsx(tmp_path / "a.xlsx", inline(rows))
    assert refusal(written(path, spoil(path.read_bytes()))).code == code


@pytest.mark.parametrize("missing", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_a_part_that_is_missing(tmp_path: Path, missing: str) -> None:
    parts = workbook_parts({"One": sheet_xml(inline(TABLE))})
    del parts[missing]
    assert refusal(zipped(tmp_path / "a.xlsx", parts)).code == "damaged"


def test_absurd_numbers_and_styles_are_only_text(tmp_path: Path) -> None:
    formats = ["yyyy-mm-dd", "[h]:mm", "h:mm", "00000", "General"]
    values = ["1e400", "inf", "nan", "-1e308", "not a number"]
    styles, data = number_cells(formats, values)
    path = xlsx(tmp_path / "a.xlsx", data.replace('s="4"', 's="99"'), styles=styles)
    cells = next(open_spreadsheet(path).rows()).cells
    assert cells == ("1e400", "inf", "nan", "-1e+308", "not a number")
