"""The file of failed rows: nothing of a cell is lost on its way out and back."""

import csv
import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.adapters.spreadsheets.writing import table_file
from roster.domain.imports.cell_values import clean, kept
from roster.domain.imports.reading import SourceRow
from roster.domain.imports.repair import (
    OURS,
    FailedRow,
    RowError,
    error_filename,
    failed_row,
    heading_row,
    our_columns,
    repaired_import,
    without_columns,
)
from roster.usecases.imports.errors import failures

MADE = datetime(2026, 11, 22, tzinfo=UTC)
IMPORT = "imp_01M81G0RZM85Y3EAD035E190YY"
CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"))
TROUBLE = st.sampled_from(
    ["=", "+", "-", "@", "'", "''=", "#N/A", "'#REF!", '="0"', "0049", "'0049", " =", "\t", "\n-"]
)
TYPED = CELL | st.tuples(TROUBLE, CELL).map("".join)


@given(TYPED)
def test_a_cell_means_the_same_when_it_comes_back_and_is_no_formula(text: str) -> None:
    for is_csv in (True, False):
        back = kept(text, csv=is_csv)
        for lines in (True, False):
            assert clean(back, lines=lines) == clean(text, lines=lines)
        assert ("'" in back) >= ("'" in text)
    assert kept(text, csv=True)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


@given(st.lists(st.lists(TYPED, min_size=1, max_size=4), min_size=1, max_size=4), st.booleans())
def test_rows_come_back_as_they_were(rows: list[list[str]], xlsx: bool) -> None:
    """Through a file that is written, read by our reader, and freed of our columns."""
    error = RowError("=Company", "too_long", "at most 255 characters", None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "errors"
        with table_file(path, xlsx=xlsx, delimiter=";", made=MADE) as table:
            table.row(heading_row(["Company", "E-mail"], 4, csv=not xlsx))
            for number, cells in enumerate(rows, 2):
                row = FailedRow(number, cells, [error])
                table.row(failed_row(row, 4, csv=not xlsx))
        sheet = open_spreadsheet(path)
        ours = our_columns(sheet.rows())
        found = list(without_columns(sheet.rows(), ours))
    assert ours == frozenset(range(4, 8))
    assert found[0].cells == ("Company", "E-mail")
    wanted = [[clean(cell, lines=True) for cell in row] for row in rows]
    back = [[clean(cell, lines=True) for cell in row.cells] for row in found[1:]]
    trimmed = [_trimmed(row) for row in wanted]
    assert [_trimmed(row) for row in back if _trimmed(row)] == [row for row in trimmed if row]


def _trimmed(row: list[str]) -> list[str]:
    return row[: max((i for i, cell in enumerate(row, 1) if cell), default=0)]


def test_several_errors_of_a_row_can_be_told_apart() -> None:
    row = FailedRow(7, ["Acme"], [
        RowError("Zip", "damaged_zip", "a zero is lost", "07601"),
        RowError(None, "name_required", "no name", None),
    ])  # fmt: skip
    assert failed_row(row, 1, csv=True) == [
        "Acme", "7", "Zip; none", "damaged_zip: a zero is lost; name_required: no name",
        "07601; none",
    ]  # fmt: skip


def test_what_we_say_is_no_formula_either() -> None:
    row = FailedRow(7, [], [RowError("=cmd|' /C calc'!A0", "x", "y", "+1 918 555 0100")])
    said = failed_row(row, 0, csv=True)
    assert said[1:] == ["'=cmd|' /C calc'!A0", "x: y", "'+1 918 555 0100"]
    text = io.StringIO()
    csv.writer(text).writerow(heading_row(["=HYPERLINK(1)"], 1, csv=True))
    assert text.getvalue().startswith("'=HYPERLINK")


@pytest.mark.parametrize(
    ("filename", "named"),
    [
        ("our list.csv", f"our list - errors {IMPORT}.csv"),
        (f"our list - errors {IMPORT[:-1]}X.csv", f"our list - errors {IMPORT}.csv"),
        (f"{IMPORT}.xlsx", f"import - errors {IMPORT}.csv"),
        ("x" * 200, f"{'x' * 120} - errors {IMPORT}.csv"),
    ],
)
def test_the_name_of_the_file_says_whose_errors_it_holds(filename: str, named: str) -> None:
    assert error_filename(filename, IMPORT, "csv") == named
    assert repaired_import(named.replace(".csv", " (1).csv")) == IMPORT


def test_files_that_are_not_ours_lose_no_column() -> None:
    rows = [SourceRow(1, ("Company", "_rule", "Line")), SourceRow(2, ("Acme", "a", "b"))]
    assert our_columns(rows) == frozenset()


def test_our_columns_are_found_wherever_a_person_moved_them() -> None:
    rows = [
        SourceRow(1, ("to be fixed",)),
        SourceRow(3, (" _Rule", "Company", "_LINE", "E-mail")),
        SourceRow(4, ("x", "Acme", "9", "a@example.com")),
        SourceRow(5, ("x", "", "10")),
    ]
    found = list(without_columns(rows, our_columns(rows)))
    assert [row.cells for row in found] == [("Company", "E-mail"), ("Acme", "a@example.com")]
    assert OURS == ("_line", "_column", "_rule", "_suggestion")


def test_a_row_that_joins_a_failed_customer_fails_with_it() -> None:
    """A place of a customer whose number was taken meanwhile; the customer after it went in."""
    entries = [
        {"line": 2, "cells": ["Acme", "1"], "joined": [{"line": 9, "cells": ["Acme", "", "Pier"]}]},
        {"line": 3, "cells": ["Bolt"], "joined": [{"line": 4, "cells": ["Bolt", "Mill"]}]},
    ]
    taken = {
        "line": 2, "column": "Number", "value": "1", "rule": "number_taken", "detail": "taken",
        "severity": "error", "suggestion": None,
    }  # fmt: skip
    doubt = {**taken, "line": 3, "severity": "warning"}
    rows, fallen = failures(entries, [taken, doubt])
    assert [(row.line, list(row.cells)) for row in rows] == [
        (2, ["Acme", "1"]), (9, ["Acme", "", "Pier"]),
    ]  # fmt: skip
    assert [error.rule for row in rows for error in row.errors] == [
        "number_taken", "customer_failed",
    ]  # fmt: skip
    assert [(one["line"], one["rule"], one["severity"]) for one in fallen] == [
        (9, "customer_failed", "error")
    ]
    assert fallen[0].keys() == taken.keys()
