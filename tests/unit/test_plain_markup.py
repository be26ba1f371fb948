"""What goes past the XML parser reads as if it had not."""

import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.adapters.spreadsheets import limits
from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.adapters.spreadsheets.xlsx import _SheetReader
from roster.domain.imports.reading import SourceRow, UnreadableFile
from tests.support.spreadsheets import sheet_xml, workbook_parts, zipped

_STYLES = (
    '<numFmts><numFmt numFmtId="200" formatCode="00000"/></numFmts><cellXfs>'
    '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="200"/></cellXfs>'
)
# As Excel, LibreOffice, Google Sheets and libraries write them, and as nobody does.
_CELLS = (
    '<c r="A{n}" t="s"><v>0</v></c>',
    '<c r="B{n}" t="s"><v>3</v></c>',
    '<c r="B{n}" s="1" t="s"><v>1</v></c>',
    '<c r="C{n}" s="2"><v>501</v></c>',
    '<c r="D{n}" s="1"/>',
    '<c r="D{n}" t="n"><v>1.5E3</v></c>',
    '<c r="E{n}" t="inlineStr"><is><t>Müller &amp;amp; Söhne &#233;</t></is></c>',
    '<c r="E{n}" t="inlineStr"><is><t xml:space="preserve"> a &lt;b&gt; &amp;lt; </t></is></c>',
    '<c r="F{n}" t="str"><f>A1&amp;B1</f><v>sum</v></c>',
    '<c r="F{n}" t="str"><v>="07601"</v></c>',
    '<c r="G{n}"><f>1+1</f><v/></c>',
    '<c r="H{n}" t="b"><v>1</v></c>',
    '<c r="I{n}"></c>',
    '<c r="I{n}" s="1" />',
    '<c r="J{n}" t="e"><v>#N/A</v></c>',
    '<c r="K{n}" t="inlineStr"><is><t>one\r\ntwo\tthree\nfour</t></is></c>',
    '<c t="d"><v>2024-02-29</v></c>',
    '<c r="L{n}" t="inlineStr"><is><t><![CDATA[</row><row r="9">]]></t></is></c>',
    '<x:c r="M{n}"><x:v>7</x:v></x:c>',
    "<c r='N{n}' t='s'><v>2</v></c>",
)
_BROKEN_CELLS = (
    '<c r="A{n}" t="s"><v>99</v></c>',
    '<c r="A{n}" t="s"><v>x</v></c>',
    '<c r="A{n}" r="B{n}"><v>1</v></c>',
    '<c r="XFD{n}"><v>1</v></c>',
    '<c r="ABCD{n}"><v>1</v></c>',
    '<c r="A{n}" t="str"><v>]]></v></c>',
    '<c r="A{n}" t="str"><v>\x01</v></c>',
    '<c r="A{n}" t="str"><v>&nbsp;</v></c>',
    '<c r="A{n}" t="str"><v>\ufffe</v></c>',
    '<c r="A{n}"><v>1</c></v>',
)
_ATTRIBUTES = ("", ' spans="1:20" x14ac:dyDescent="0.25"', " ht='15'", ' hidden="1"', ' a="&amp;"')
_BETWEEN = (
    "", "\n  ", "<!-- </row><row r=\"3\"><c r=\"A3\"><v>7</v></c></row> -->", "<?a </row>?>",
    '<row r="{n}"/>',
)  # fmt: skip
_BROKEN_ROWS = ('<row r="{n}" r="{n}"></row>', '<row r="1"></row>', "<row", '<row r="{n}">',
                '<row r="{n}" a="<"></row>', "]]></row>", '<row r="0"></row>')  # fmt: skip
_TEXTS = "".join(
    f"<si><t>{text}</t></si>" for text in ("Name", "City &amp; Town", "Reno", "Ö" * 30)
)


@st.composite
def _sheets(draw: st.DrawFn) -> str:
    is_broken = draw(st.booleans())
    parts = []
    number = 0
    for _ in range(draw(st.integers(1, 12))):
        number += draw(st.integers(1, 3))
        cells = draw(st.lists(st.sampled_from(_CELLS), max_size=5))
        head = f'<row r="{number}"{draw(st.sampled_from(_ATTRIBUTES))}>'
        between = draw(st.sampled_from(_BETWEEN) if draw(st.booleans()) else st.just(""))
        parts += [head, *cells, "</row>", between]
        parts = [part.replace("{n}", str(number)) for part in parts]
    if is_broken:
        broken = draw(st.sampled_from(_BROKEN_CELLS + _BROKEN_ROWS))
        at = draw(st.integers(0, len(parts)))
        parts.insert(at, broken.replace("{n}", str(number)))
    return "".join(parts)


def _read(path: Path, *, at_once: int) -> list[SourceRow] | tuple[str, list[SourceRow]]:
    rows: list[SourceRow] = []
    with mock.patch.object(limits, "READ_BYTES", at_once):
        try:
            rows.extend(open_spreadsheet(path).rows())
        except UnreadableFile as refused:
            return refused.code, rows
    return rows


@settings(max_examples=400, deadline=None)
@given(_sheets(), st.integers(20, 400))
def test_a_sheet_reads_the_same_whatever_of_it_the_parser_sees(sheet: str, at_once: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = workbook_parts({"S": sheet_xml(sheet)}, shared=_TEXTS, styles=_STYLES)
        path = zipped(Path(folder) / "a.xlsx", parts)
        # A small file in one piece is the parser's alone.
        whole = _read(path, at_once=limits.READ_BYTES)
        pieces = _read(path, at_once=at_once)
    assert pieces == whole or (isinstance(whole, tuple) and pieces[0] == whole[0])


_SHARED = (
    "<si><t>plain</t></si>", '<si><t xml:space="preserve"> blanks </t></si>', "<si><t/></si>",
    "<si><t>R&amp;D &lt;x&gt; &amp;amp;</t></si>", "<si><t>caf&#233;</t></si>", "<si/>",
    "<si><r><t>rich </t></r><r><t>text</t></r></si>", "<si><t>one_x000D_\ntwo</t></si>",
    "<si><t>a\r\nb</t></si>", "\n<si><t>Ünï</t></si>", "<!-- <si><t>no</t></si> -->",
    "<si><t>x</t><rPh><t>y</t></rPh></si>", '<si><t>="07601"</t></si>',
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(_SHARED), min_size=1, max_size=30), st.integers(20, 400))
def test_a_table_of_texts_reads_the_same_whatever_of_it_the_parser_sees(
    texts: list[str], at_once: int
) -> None:
    count = sum(text != _SHARED[10] for text in texts)
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 2}</v></c><c r="B{n}"><v>{n}</v></c></row>'
        for n in range(2, count + 2)
    )
    with tempfile.TemporaryDirectory() as folder:
        parts = workbook_parts({"S": sheet_xml(cells)}, shared="".join(texts))
        path = zipped(Path(folder) / "a.xlsx", parts)
        assert _read(path, at_once=at_once) == _read(path, at_once=limits.READ_BYTES)


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16"])
def test_another_encoding_is_left_to_the_parser(tmp_path: Path, encoding: str) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="str"><v>\u00c3\u00a9 {n}</v></c></row>' for n in range(1, 60)
    )
    sheet = sheet_xml(rows).partition("?>")[2]
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{sheet}'.encode(encoding)
    parts = workbook_parts({"S": ""}) | {"xl/worksheets/sheet1.xml": declared}
    read = _read(zipped(tmp_path / "a.xlsx", parts), at_once=200)
    assert read == [SourceRow(n, (f"\u00c3\u00a9 {n}",)) for n in range(1, 60)]


@pytest.mark.parametrize(
    "broken",
    [
        *(f'<row r="50">{cell}</row>' for cell in _BROKEN_CELLS if "XFD" not in cell),
        '<row r="50" spans="1:2" spans="1:2"></row>',
        '<row r="50" r="51"></row>',
        '<row r="50" a="<"></row>',
        '<row r="50" a="&"></row>',
        '<row r="49"></row>',
        "]]&gt;<row></row>]]>",
    ],
)
def test_what_no_parser_takes_is_refused_behind_plain_rows(tmp_path: Path, broken: str) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 50))
    more = '<row r="60"><c r="A60"><v>60</v></c></row>'
    sheet = sheet_xml(rows + broken.replace("{n}", "50") + more)
    path = zipped(tmp_path / "a.xlsx", workbook_parts({"S": sheet}, shared=_TEXTS))
    for at_once in (100, 200, 300):
        assert _read(path, at_once=at_once)[0] == "damaged"


def test_the_parser_sees_few_of_the_rows_that_a_program_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = _SheetReader.start

    def start(self: _SheetReader, name: str, attributes: dict[str, str]) -> None:
        seen.append(name)
        real(self, name, attributes)

    monkeypatch.setattr(_SheetReader, "start", start)
    rows = "".join(
        f'<row r="{n}" spans="1:2"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}"><v>{n}</v></c></row>'
        for n in range(1, 1001)
    )
    parts = workbook_parts({"S": sheet_xml(rows)}, shared=_TEXTS)
    read = _read(zipped(tmp_path / "a.xlsx", parts), at_once=1000)
    assert read == [SourceRow(n, ("Name", str(n))) for n in range(1, 1001)]
    # Those of the first piece, of each time that the sheet was opened.
    assert seen.count("row") < 50
