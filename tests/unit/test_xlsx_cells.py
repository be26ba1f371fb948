"""A cell of a workbook reads as a person sees it."""

import re
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.imports.reading import UNCALCULATED, SourceRow
from tests.support.spreadsheets import number_cells, xlsx


def first_row(path: Path) -> tuple[str, ...]:
    return next(open_spreadsheet(path).rows()).cells


@pytest.mark.parametrize(
    ("code", "stored", "seen"),
    [
        ("General", "42", "42"),
        ("General", "42.0", "42"),
        ("General", "1.23E+10", "12300000000"),
        ("General", "9876543210123456", "9876543210123456"),
        ("General", "0.30000000000000004", "0.3"),
        ("General", "-122.41941550000001", "-122.4194155"),
        ("General", "0.0000015", "0.0000015"),
        ("00000", "501", "00501"),
        ("00000", "7601.0", "07601"),
        ("00000-0000", "76011234", "07601-1234"),
        ("00000\\-0000", "76011234", "07601-1234"),
        ("(000) 000-0000", "2125550101", "(212) 555-0101"),
        ("[<=9999999]###-####;(###) ###-####", "5550101", "555-0101"),
        ("[<=9999999]###-####;(###) ###-####", "2125550101", "(212) 555-0101"),
        ('"C-"0000', "42", "C-0042"),
        ("0.0%", "0.1234", "0.1234"),
        ("#,##0.00", "1500", "1500"),
        ('0" days"', "30", "30"),
        ('"$"#,##0', "1500", "1500"),
        ("@", "7", "7"),
        ("yyyy-mm-dd", "45667", "2025-01-10"),
        ("m/d/yy h:mm", "45667.5", "2025-01-10T12:00:00"),
        ("[$-409]d\\-mmm\\-yy;@", "45667", "2025-01-10"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "1", "1900-01-01"),
        ("yyyy-mm-dd", "60", "1900-02-29"),
        ("yyyy-mm-dd", "61", "1900-03-01"),
        ("yyyy-mm-dd", "-5", "-5"),
        ("yyyy-mm-dd", "99999999", "99999999"),
        ("h:mm AM/PM", "0.75", "18:00:00"),
        ("[h]:mm:ss", "1.5", "36:00:00"),
        pytest.param("[<=9]#;##", "7" * 5000, "7" * 5000, id="more digits than Python takes"),
        pytest.param("0", "-" + "0" * 5000 + "7", "-7", id="and zeros before them"),
        pytest.param("[h" * 500_000, "7", "7", id="a format longer than Excel has any"),
    ],
)
def test_a_number_reads_as_its_format_shows_it(
    tmp_path: Path, code: str, stored: str, seen: str
) -> None:
    styles, data = number_cells([code], [stored])
    assert first_row(xlsx(tmp_path / "a.xlsx", data, styles=styles)) == (seen,)


@pytest.mark.parametrize("number", ["²", "٣", "-1", "7" * 5000, ""])
def test_a_style_without_a_number_shows_plain_numbers(tmp_path: Path, number: str) -> None:
    styles, data = number_cells(["yyyy-mm-dd"], ["45667"])
    broken = re.sub(r'numFmtId="[1-9]\d*"', f'numFmtId="{number}"', styles)
    assert broken != styles
    assert first_row(xlsx(tmp_path / "a.xlsx", data, styles=broken)) == ("45667",)


def test_dates_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    styles, data = number_cells(["yyyy-mm-dd"], ["44205"])
    path = xlsx(tmp_path / "a.xlsx", data, styles=styles, date1904=True)
    assert first_row(path) == ("2025-01-10",)


def test_what_openpyxl_writes(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Zip", "Since", "At", "Seen", "Active", "Rate", "Balance", "Name"])
    row = ["07601", date(2024, 2, 29), time(9, 30), datetime(2024, 3, 12, 9, 14), True, 0.075]  # noqa: DTZ001
    sheet.append([*row, 1500, "Müller & Söhne <GmbH>"])
    sheet.append([501, None, None, None, False])
    sheet["A3"].number_format = "00000"
    sheet["F2"].number_format = "0.0%"
    book.save(tmp_path / "a.xlsx")
    assert list(open_spreadsheet(tmp_path / "a.xlsx").rows())[1:] == [
        SourceRow(
            2,
            (
                "07601", "2024-02-29", "09:30:00", "2024-03-12T09:14:00", "TRUE", "0.075", "1500",
                "Müller & Söhne <GmbH>",
            ),
        ),
        SourceRow(3, ("00501", "", "", "", "FALSE")),
    ]  # fmt: skip


def test_types_of_cells(tmp_path: Path) -> None:
    data = (
        "<row>"
        '<c t="s"><v>1</v></c><c t="str"><f>A1</f><v>calculated</v></c><c><f>1+1</f><v>2</v></c>'
        '<c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c><f>1+1</f><v/></c>'
        '<c t="str"><f>""</f><v></v></c><c t="d"><v>2024-02-29T00:00:00</v></c>'
        '<c t="s"><v>0</v></c>'
        "</row>"
    )
    shared = (
        "<si><r><t>rich </t></r><r><rPr><b/></rPr><t>text</t></r>"
        '<rPh sb="0" eb="1"><t>phonetic</t></rPh></si><si><t>shared</t></si>'
    )
    assert first_row(xlsx(tmp_path / "a.xlsx", data, shared=shared)) == (
        "shared", "calculated", "2", "TRUE", "#N/A", UNCALCULATED, "", "2024-02-29", "rich text",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("one_x000D_\ntwo", "one\r\ntwo"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D__xDE00_", "😀"),
        ('="07601"', "07601"),
        ('="say ""hi"""', 'say "hi"'),
        ("=1+1", "=1+1"),
    ],
)
def test_escapes_and_guards_are_undone(tmp_path: Path, stored: str, seen: str) -> None:
    data = f'<row><c t="inlineStr"><is><t>{stored}</t></is></c></row>'
    assert first_row(xlsx(tmp_path / "a.xlsx", data)) == (seen,)
