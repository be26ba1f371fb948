"""Workbooks that other programs write in their own way read like those of Excel."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.imports.reading import SourceRow, UnreadableFile
from tests.support.spreadsheets import (
    STRICT,
    inline,
    sheet_xml,
    workbook_parts,
    xlsx,
    zipped,
)

TABLE = [("Name", "City"), ("Acme", "Reno")]
ROWS = [SourceRow(1, ("Name", "City")), SourceRow(2, ("Acme", "Reno"))]


def rows(path: Path) -> list[SourceRow]:
    return list(open_spreadsheet(path).rows())


def at(ref: str, text: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize("claimed", ["A1", "A1:XFD1048576", "nonsense"])
def test_the_size_a_sheet_claims_does_not_count(tmp_path: Path, claimed: str) -> None:
    xml = sheet_xml(inline(TABLE), before=f'<dimension ref="{claimed}"/>')
    assert rows(zipped(tmp_path / "a.xlsx", workbook_parts({"One": xml}))) == ROWS


def test_strict_open_xml(tmp_path: Path) -> None:
    xml = sheet_xml(inline(TABLE), namespace=STRICT)
    assert rows(zipped(tmp_path / "a.xlsx", workbook_parts({"One": xml}, strict=True))) == ROWS


def test_prefixed_namespaces_and_backslashes_in_part_names(tmp_path: Path) -> None:
    xml = sheet_xml(inline(TABLE)).replace("<worksheet xmlns=", "<worksheet xmlns:x=")
    for tag in ("worksheet", "sheetData", "row", "c", "is", "t"):
        for before, after in ((" ", " "), (">", ">")):
            xml = xml.replace(f"<{tag}{before}", f"<x:{tag}{after}")
        xml = xml.replace(f"</{tag}>", f"</x:{tag}>")
    parts = workbook_parts({"One": xml})
    path = zipped(tmp_path / "a.xlsx", {k.replace("/", "\\"): v for k, v in parts.items()})
    assert rows(path) == ROWS


def test_real_row_numbers_blank_rows_and_a_leading_blank_column(tmp_path: Path) -> None:
    data = (
        f'<row r="3">{at("B3", "Name")}{at("D3", "City")}</row>'
        f'<row r="4"><c r="B4" s="1"/>{at("C4", "  ")}</row>'
        f'<row r="9">{at("D9", "Reno")}{at("B9", "Acme")}<c r="XFD9" s="1"/></row>'
    )
    assert rows(xlsx(tmp_path / "a.xlsx", data)) == [
        SourceRow(3, ("", "Name", "", "City")),
        SourceRow(9, ("", "Acme", "", "Reno")),
    ]


def test_merged_cells_have_their_value_once(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Customers", "", "x"])
    sheet.append(["Name", "City", "y"])
    sheet.merge_cells("A1:B1")
    book.save(tmp_path / "a.xlsx")
    assert rows(tmp_path / "a.xlsx")[0] == SourceRow(1, ("Customers", "", "x"))


def test_styled_blank_rows_are_passed_over(tmp_path: Path) -> None:
    blank = "".join(f'<row r="{i}"><c r="A{i}" s="1"/></row>' for i in range(3, 20_000))
    data = inline(TABLE) + blank + f'<row r="20000">{at("A20000", "Last")}</row>'
    assert rows(xlsx(tmp_path / "a.xlsx", data)) == [*ROWS, SourceRow(20_000, ("Last",))]


def test_the_first_visible_sheet_with_two_rows_is_read(tmp_path: Path) -> None:
    full, lone = sheet_xml(inline(TABLE)), sheet_xml(inline([("Read me",)]))
    sheets = {"Chart": "<chartsheet/>", "Old": full, "Older": full, "Cover": lone, "List": full}
    parts = workbook_parts(
        sheets, states={"Old": "hidden", "Older": "veryHidden"}, kinds={"Chart": "chartsheet"}
    )
    spreadsheet = open_spreadsheet(zipped(tmp_path / "a.xlsx", parts))
    assert (spreadsheet.format, spreadsheet.sheet) == ("xlsx", "List")
    assert list(spreadsheet.rows()) == ROWS
    assert list(spreadsheet.rows()) == ROWS, "a second reading begins at the top"


def test_rows_on_hidden_sheets_only(tmp_path: Path) -> None:
    parts = workbook_parts({"One": sheet_xml(inline(TABLE))}, states={"One": "hidden"})
    with pytest.raises(UnreadableFile, match="unhide") as refused:
        open_spreadsheet(zipped(tmp_path / "a.xlsx", parts))
    assert refused.value.code == "empty"


def test_the_extension_says_nothing(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "customers.csv", inline(TABLE))
    assert open_spreadsheet(path).format == "xlsx"


def test_macros_are_carried_and_not_looked_at(tmp_path: Path) -> None:
    parts = workbook_parts({"One": sheet_xml(inline(TABLE))})
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0 no container at all"
    spreadsheet = open_spreadsheet(zipped(tmp_path / "a.xlsm", parts))
    assert (spreadsheet.format, list(spreadsheet.rows())) == ("xlsm", ROWS)


def test_the_sheet_with_the_customers_is_read_not_the_instructions_before_it(
    tmp_path: Path,
) -> None:
    read_me = [("How to use this file",), ("1. Fill in the list.",), ("2. Upload it.",)]
    sheets = {
        "Read me": sheet_xml(inline(read_me)),
        "Totals": sheet_xml(inline([("Month", "Total"), ("May", "7")])),
        "Clients": sheet_xml(inline([("Company", "Email"), ("Acme", "a@acme.example")])),
        "More": sheet_xml(inline([("Company", "Email", "Phone"), ("Bolt", "", "555-0100")])),
    }
    spreadsheet = open_spreadsheet(zipped(tmp_path / "a.xlsx", workbook_parts(sheets)))
    assert spreadsheet.sheet == "Clients"


def test_merged_and_repeated_headings_keep_their_places(tmp_path: Path) -> None:
    data = (
        f'<row r="1">{at("A1", "Customers 2026")}<c r="B1"/><c r="C1"/></row>'
        f'<row r="3">{at("A3", "Name")}{at("B3", "Phone")}{at("C3", "Phone")}</row>'
        f'<row r="4">{at("A4", "Acme")}{at("C4", "555-0100")}</row>'
    )
    parts = workbook_parts({"One": sheet_xml(data)})
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>'
    part = "xl/worksheets/sheet1.xml"
    parts[part] = str(parts[part]).replace("</sheetData>", merged)
    assert rows(zipped(tmp_path / "a.xlsx", parts)) == [
        SourceRow(1, ("Customers 2026",)),
        SourceRow(3, ("Name", "Phone", "Phone")),
        SourceRow(4, ("Acme", "", "555-0100")),
    ]
