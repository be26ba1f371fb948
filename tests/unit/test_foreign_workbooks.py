"""Workbooks in formats that are not ours (.xls, .xlsb, .ods) read like .xlsx, and do no harm."""

import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from roster.adapters.spreadsheets import foreign, limits
from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.imports.reading import SourceRow, UnreadableFile
from tests.support.spreadsheets import written
from tests.support.workbooks import Date, Sheets, ods, xls, xlsb

type Build = Callable[[Path, Sheets], Path]

each_format = pytest.mark.parametrize(
    ("build", "form"), [(ods, "ods"), (xls, "xls"), (xlsb, "xlsb")], ids=["ods", "xls", "xlsb"]
)


def refusal(path: Path) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refused:
        list(open_spreadsheet(path).rows())
    return refused.value


@each_format
def test_a_list_of_customers(tmp_path: Path, build: Build, form: str) -> None:
    rows: list[list[str | float | bool | None]] = [
        ["Name", "City", "Zip", "Rate", "Active"],
        ["Café Müller", "Añasco", "00610", 1.25, True],
        ["Bolt & Söhne <x>", None, "07601", 42.0, False],
    ]
    # The name of the file says something else: it does not count.
    spreadsheet = open_spreadsheet(build(tmp_path / "list.xlsx", {"Customers": rows}))
    assert (spreadsheet.format, spreadsheet.sheet) == (form, "Customers")
    expected = [
        SourceRow(1, ("Name", "City", "Zip", "Rate", "Active")),
        SourceRow(2, ("Café Müller", "Añasco", "00610", "1.25", "TRUE")),
        SourceRow(3, ("Bolt & Söhne <x>", "", "07601", "42", "FALSE")),
    ]
    assert list(spreadsheet.rows()) == expected
    assert list(spreadsheet.rows()) == expected


@each_format
def test_blank_rows_above_and_blank_columns_to_the_left(
    tmp_path: Path, build: Build, form: str
) -> None:
    rows: list[list[str | None]] = [
        [None],
        [None],
        [None, None, "Name", "City"],
        [None],
        [None, None, "Acme", "Reno"],
    ]
    path = build(tmp_path / f"a.{form}", {"One": rows})
    assert list(open_spreadsheet(path).rows()) == [
        SourceRow(3, ("", "", "Name", "City")),
        SourceRow(5, ("", "", "Acme", "Reno")),
    ]


@each_format
def test_the_sheet_with_the_customers_is_found(tmp_path: Path, build: Build, form: str) -> None:
    sheets: Sheets = {
        "Read me": [["Fill in the second sheet."], ["Then upload this file."]],
        "Clients": [["Company", "Email"], ["Acme", "a@acme.example"]],
    }
    spreadsheet = open_spreadsheet(build(tmp_path / f"a.{form}", sheets))
    assert spreadsheet.sheet == "Clients"
    assert [row.cells for row in spreadsheet.rows()] == [
        ("Company", "Email"),
        ("Acme", "a@acme.example"),
    ]


def test_days_of_an_xls_are_iso_dates(tmp_path: Path) -> None:
    path = xls(tmp_path / "a.xls", {"One": [["Name", "Since"], ["Acme", Date(45000)]]})
    assert list(open_spreadsheet(path).rows())[1].cells == ("Acme", "2023-03-15")


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    table = [["Name", "City"], ["Acme", "Reno"]]
    path = xls(tmp_path / "a.xls", {"Old": table, "New": [["Name"], ["Bolt"]]}, hidden=["Old"])
    assert open_spreadsheet(path).sheet == "New"
    refused = refusal(xls(tmp_path / "b.xls", {"Old": table}, hidden=["Old"]))
    assert (refused.code, "unhide" in refused.reason) == ("empty", True)


@each_format
def test_nothing_on_any_sheet(tmp_path: Path, build: Build, form: str) -> None:
    assert refusal(build(tmp_path / f"a.{form}", {"One": [], "Two": []})).code == "empty"


@each_format
def test_half_a_file_is_damaged(tmp_path: Path, build: Build, form: str) -> None:
    rows = [[f"Customer {i}", f"{i * 7919} Main Street"] for i in range(300)]
    path = build(tmp_path / f"a.{form}", {"One": rows})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    assert refusal(path).code == "damaged"


def test_passwords(tmp_path: Path) -> None:
    table = [["Name", "City"], ["Acme", "Reno"]]
    old = xls(tmp_path / "a.xls", {"One": table}, encrypted=True)
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="content.xml">'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    parts = {"META-INF/manifest.xml": manifest}
    new = ods(tmp_path / "a.ods", {"One": table}, **parts)
    for path in (old, new):
        refused = refusal(path)
        assert (refused.code, "password" in refused.reason) == ("encrypted", True)


@each_format
def test_a_value_beyond_the_last_column(tmp_path: Path, build: Build, form: str) -> None:
    if form == "xls":
        pytest.skip("an .xls has 256 columns")
    path = build(tmp_path / f"a.{form}", {"One": [["Name"], [*[None] * 1000, "x"]]})
    assert refusal(path).code == "too_many_columns"


def _corners(path: Path, rows: int, columns: int) -> Path:
    """An .ods of a few hundred bytes with texts in two opposite corners."""
    row = (
        f'<table:table-row><table:table-cell table:number-columns-repeated="{columns}"/>'
        '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    blank = f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell/>'
    ods(path, {"One": [["Name", "City"]]})
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    table = f"{row}{blank}</table:table-row>{row}</table:table>"
    return ods(path, {}, **{"content.xml": content.replace("</table:table>", table)})


def test_two_cells_in_opposite_corners_end_soon_and_with_a_reason(tmp_path: Path) -> None:
    """The library makes room for every cell between them and gives up where there is none."""
    path = _corners(tmp_path / "a.ods", 1_048_000, 16_000)
    began = time.monotonic()
    assert refusal(path).code == "damaged"
    assert time.monotonic() - began < 30


def test_memory_has_a_limit_that_the_caller_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _corners(tmp_path / "a.ods", 100_000, 900)
    assert path.stat().st_size < 2000
    monkeypatch.setattr(limits, "FOREIGN_MEMORY_BYTES", 256 * limits.MIB)
    refused = refusal(path)
    assert (refused.code, "memory or time" in refused.reason) == ("too_large", True)


def test_time_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ods(tmp_path / "a.ods", {"One": [["Name", "City"], ["Acme", "Reno"]]})
    monkeypatch.setattr(limits, "FOREIGN_SECONDS", 0.001)
    assert refusal(path).code == "too_large"


def test_entities_of_an_ods_are_refused(tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", {"One": [["Name", "City"], ["&a;", "Reno"]]})
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode().replace("&amp;a;", "&a;")
    declared = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    ods(path, {}, **{"content.xml": content.replace("?>", f"?>{declared}", 1)})
    assert refusal(path).code == "damaged"


@each_format
def test_spoiled_bytes_give_rows_or_a_reason_and_nothing_else(
    tmp_path: Path, build: Build, form: str
) -> None:
    path = build(tmp_path / f"a.{form}", {"One": [["Name", "City"]] * 50})
    whole = path.read_bytes()
    chance = random.Random(3)  # noqa: S311 - to spoil the same bytes each time
    refused = 0
    for _ in range(15):
        spoiled = bytearray(whole)
        for _ in range(8):
            spoiled[chance.randrange(8, len(spoiled))] = chance.randrange(256)
        path.write_bytes(spoiled)
        try:
            list(open_spreadsheet(path).rows())
        except UnreadableFile:
            refused += 1
    assert refused


def test_a_cell_far_outside_an_xls_does_not_end_the_process(tmp_path: Path) -> None:
    """The row and column are those of the last cell there could be, in a record of 20 bytes."""
    path = xls(tmp_path / "a.xls", {"One": [["Name", "City"], ["Acme", "Reno"]]})
    content = path.read_bytes()
    at = content.index("Reno".encode("utf-16-le")) - 9
    path.write_bytes(content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :])
    assert refusal(path).code == "too_large"


def test_the_reader_of_foreign_files_holds_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-ours")
    child = written(
        tmp_path / "child.py",
        "import json, os\nprint(json.dumps('One'))\n"
        "print(json.dumps([1, sorted(n for n in os.environ if n.startswith('AWS')) or ['none']]))",
    )
    monkeypatch.setattr(foreign, "_CHILD", child)
    path = xls(tmp_path / "a.xls", {"One": [["Name"]]})
    assert [row.cells for row in open_spreadsheet(path).rows()] == [("none",)]


def test_a_fault_of_our_own_is_not_blamed_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign, "_CHILD", written(tmp_path / "child.py", "import no_such_module"))
    with pytest.raises(RuntimeError, match="reader of workbooks failed"):
        open_spreadsheet(xls(tmp_path / "a.xls", {"One": [["Name"]]}))
