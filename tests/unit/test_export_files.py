"""What an exported file holds, byte by byte and cell by cell, without any cloud."""

import contextlib
import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.adapters.spreadsheets.writing import CsvTable, XlsxTable
from roster.domain.customer import Customer, Origin, new_customer
from roster.domain.errors import Invalid
from roster.domain.events import Actor
from roster.domain.export_columns import TOLD, ExportColumns
from roster.domain.exports import ExportFormat, WholeCustomer
from roster.domain.ids import new_id
from roster.domain.imports.cell_values import clean, guarded, guarded_text
from roster.domain.imports.draft import Action
from roster.domain.imports.plan import CardIndex, Planner
from roster.domain.imports.reading import SourceRow, map_columns
from roster.domain.imports.row_reader import row_fields
from roster.domain.matching import match_card
from roster.domain.vocabulary import Vocabulary

MADE = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
COLUMNS = ExportColumns(Vocabulary())
HEADINGS = COLUMNS.headings
# What a customer's text may hold: line breaks and tabs, and no other control characters.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"))
TROUBLE = st.sampled_from(
    ["=", "+", "-", "@", "'", "''=", "#N/A", "'#REF!", '="0"', "_x0041_", "0049", "'0049", "\t"]
)


class Sink(io.RawIOBase):
    """Bytes in memory that cannot be sought, as a multipart upload cannot."""

    def __init__(self) -> None:
        super().__init__()
        self.content = b""

    def write(self, content: bytes, /) -> int:  # type: ignore[override]
        self.content += content
        return len(content)

    def tell(self) -> int:
        raise OSError

    def seekable(self) -> bool:
        return False


def csv_of(*rows: list[str]) -> bytes:
    sink = Sink()
    table = CsvTable(sink)
    for row in rows:
        table.row(row)
    table.end()
    return sink.content


def xlsx_of(*rows: list[str]) -> bytes:
    sink = Sink()
    table = XlsxTable(sink, made=MADE)
    for row in rows:
        table.row(row)
    table.end()
    return sink.content


def test_the_importer_knows_every_heading_but_those_it_leaves_out() -> None:
    columns = map_columns(HEADINGS)
    assert {c.heading for c in columns if c.field is None} == TOLD
    fields = [c.field for c in columns if c.field]
    assert len(fields) == len(set(fields))
    assert {c.heading: c.field for c in columns}["Service Zip"] == "service_location.zip"
    assert {c.heading: c.field for c in columns}["Billing Unit"] == "billing_address.unit"
    assert min(c.confidence for c in columns if c.field) >= 0.9


@given(TEXT | st.tuples(TROUBLE, TEXT).map("".join))
def test_a_guarded_text_is_given_back(text: str) -> None:
    text = clean_of_an_api(text)
    plain = clean(f"x{text}x", lines=True)[1:-1] if text else ""
    for guard in (guarded, guarded_text):
        assert clean(guard(text), lines=True) == plain, guard
    assert guarded(text)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


def clean_of_an_api(text: str) -> str:
    """As the API takes it: without the space around it, which no cell is sure to keep."""
    return text.strip().strip("\ufeff\u200b\u200e\u200f\u2060").strip()


@given(st.lists(st.lists(TEXT | TROUBLE, min_size=3, max_size=3), min_size=1, max_size=5))
def test_a_csv_file_is_read_back_by_others(rows: list[list[str]]) -> None:
    content = csv_of(*rows)
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read == rows


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "_x0041_",
        "a\nb",
        " led ",
        "\ufffe\uffff",
        "<&>\"'",
        "🎉",
        "0049",
        "http://a.example",
    ],
)
def test_a_workbook_is_read_back_by_others_and_by_us(text: str, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = tmp_path / "made.xlsx"
    path.write_bytes(xlsx_of(["Name", "Other"], [text, "x"], ["", "y"]))
    sheet = load_workbook(path).worksheets[0]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].hyperlink is None
    assert sheet["A2"].number_format == "@"
    # openpyxl leaves the format's own escapes as they are; Excel and we do not.
    if "\ufffe" not in text and "_x" not in text:
        assert sheet["A2"].value == text
    rows = list(open_spreadsheet(path).rows())
    assert rows[1].cells == (text, "x")
    assert rows[2].cells == ("", "y")


def test_a_workbook_is_one_any_program_unpacks() -> None:
    content = xlsx_of(list(HEADINGS), *(["x" * 100] * 33 for _ in range(2000)))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        # Excel does not read ZIP64 where the sizes follow a part.
        assert {entry.extract_version for entry in package.infolist()} == {20}
    assert content == xlsx_of(list(HEADINGS), *(["x" * 100] * 33 for _ in range(2000)))


def test_a_text_that_looks_like_an_error_is_a_text_behind_its_guard() -> None:
    columns = map_columns(["Company", "Notes"])
    kept = row_fields(columns, SourceRow(2, (guarded("#N/A"), guarded("#REF!"))))
    assert (kept.fields, kept.issues) == ({"company_name": "#N/A", "notes": "#REF!"}, ())
    shown = row_fields(columns, SourceRow(2, ("Acme", "#REF!")))
    assert [issue.rule for issue in shown.issues] == ["cell_error"]


def customers_of(strings: list[str]) -> list[Customer]:
    """A customer for each text that a name and notes may be."""
    made = []
    for text in strings:
        with contextlib.suppress(Invalid):
            made.append(
                new_customer(
                    id=new_id("cus", MADE), tenant="acme", source=Origin.MANUAL,
                    values={"company_name": text, "notes": text}, actor=Actor("olga"), now=MADE,
                )
            )  # fmt: skip
    return made


@pytest.mark.parametrize("file_format", ExportFormat)
def test_naughty_strings_go_out_and_come_back_unharmed(
    file_format: ExportFormat, roster_data: Path, tmp_path: Path
) -> None:
    """No row is new or wrong, and what is read is what was stored."""
    found = json.loads((roster_data / "text/blns.json").read_text())
    strings = [text for one in found if (text := clean_of_an_api(one))]
    made = customers_of(strings)
    assert len(made) > 0.95 * len(strings)
    texts = [COLUMNS.row(WholeCustomer(one, None), file_format) for one in made]
    path = tmp_path / f"made.{file_format}"
    write = csv_of if file_format is ExportFormat.CSV else xlsx_of
    path.write_bytes(write(list(HEADINGS), *map(list, texts)))
    head, *rows = open_spreadsheet(path).rows()
    columns = map_columns(head.cells)
    index = CardIndex(match_card(id=c.id, display_name=c.display_name) for c in made)
    planner = Planner(columns=columns, index=index, auto_numbering=True)
    for row, one in zip(rows, made, strict=True):
        read = row_fields(columns, row)
        # Names are taken on one line, as of any cell.
        assert read.fields["notes"] == one.notes
        assert str(read.fields["company_name"]).split() == (one.company_name or "").split()
        planned = planner.plan(row.number, read)
        assert (planned.action, planned.same_as, planned.issues) == (Action.SKIP, one.id, ())
