"""Any table of text, written as a spreadsheet, reads back identical."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.imports.reading import SourceRow
from tests.support.spreadsheets import delimited, escaped, inline, xlsx

_TEXT = st.text(
    st.one_of(
        st.sampled_from("aZ09 ,;|\t\"'\n\r_x=éß😀#@<&>]"),
        st.characters(exclude_categories=("Cs", "Cc")),
    ),
    max_size=12,
).filter(lambda text: not text.startswith(('="', "\ufeff")))
# The first cell is a word, so that no table is taken for a web page or one line "sep=;".
TABLES = st.lists(st.lists(_TEXT, min_size=2, max_size=5), min_size=1, max_size=6).map(
    lambda rows: [["Name", "City"], *rows]
)


def expected(table: list[list[str]]) -> list[tuple[str, ...]]:
    """The rows that are not blank, without empty cells at their ends."""
    kept = []
    for row in table:
        cells = list(row)
        while cells and cells[-1] == "":
            cells.pop()
        if "".join(cells).strip():
            kept.append(tuple(cells))
    return kept


def read(path: Path) -> list[SourceRow]:
    rows = list(open_spreadsheet(path).rows())
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers)), "row numbers rise"
    return rows


@settings(max_examples=150, deadline=None)
@given(
    TABLES,
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_delimited_text(table: list[list[str]], delimiter: str, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = delimited(Path(folder) / "a", table, delimiter=delimiter, encoding=encoding)
        assert [row.cells for row in read(path)] == expected(table)


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_workbook_with_inline_texts(table: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # XML itself turns a lone CR into LF, which is why Excel escapes it.
        rows = read(xlsx(Path(folder) / "a", inline(table)))
    assert [row.cells for row in rows] == expected(table)


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_workbook_with_shared_texts(table: list[list[str]]) -> None:
    texts = sorted({cell for row in table for cell in row})
    index = {text: i for i, text in enumerate(texts)}
    shared = "".join(f'<si><t xml:space="preserve">{escaped(t)}</t></si>' for t in texts)
    data = "".join(
        f'<row r="{n}">'
        + "".join(f'<c r="{"ABCDE"[i]}{n}" t="s"><v>{index[c]}</v></c>' for i, c in enumerate(row))
        + "</row>"
        for n, row in enumerate(table, 1)
    )
    with tempfile.TemporaryDirectory() as folder:
        rows = read(xlsx(Path(folder) / "a", data, shared=shared))
    numbered = [(n, expected([row])) for n, row in enumerate(table, 1)]
    assert [(r.number, [r.cells]) for r in rows] == [(n, c) for n, c in numbered if c]
