"""Delimited text reads right whatever wrote it: encoding, delimiter, line ends, quotes."""

import time
from pathlib import Path

import pytest

from roster.adapters.spreadsheets import limits
from roster.adapters.spreadsheets.encoding import encoding_of
from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.imports.reading import SourceRow, UnreadableFile
from tests.support.spreadsheets import written


def rows(path: Path) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.cells) for row in open_spreadsheet(path).rows()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_accents_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = "Name,City\r\nCafé Müller,Añasco\r\nNaïve GmbH,Zürich\r\n" + "Plain,Reno\r\n" * 50
    path = written(tmp_path / "a.csv", text.encode(encoding))
    assert rows(path)[:3] == [
        (1, ("Name", "City")),
        (2, ("Café Müller", "Añasco")),
        (3, ("Naïve GmbH", "Zürich")),
    ]


def test_one_accent_at_the_end_of_a_long_file_decides(tmp_path: Path) -> None:
    text = "Name,City\n" + "Plain,Reno\n" * 20_000 + "Añasco,PR\n"
    path = written(tmp_path / "a.csv", text.encode("cp1252"))
    assert rows(path)[-1] == (20_002, ("Añasco", "PR"))


def test_a_picture_among_the_letters_does_not_keep_the_reader_busy(tmp_path: Path) -> None:
    # Base64 without a break: a megabyte of it once took a quarter of an hour to look through.
    picture = b"iVBORw" + b"QUJD" * 256 * 1024
    path = written(tmp_path / "a.csv", b"name,city\nJos\xe9,A\xf1asco\n" + picture)
    begun = time.process_time()
    assert encoding_of(path) == "cp1252"
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Name,Note\nAcme,a;b\nBolt,c|d\n", "csv"),
        ("Name;Rate\nAcme;1,5\nBolt;2,5\n", "csv"),
        ("Name\tNote\nAcme\ta,b\n", "tsv"),
        ("Name|Note\nAcme|a,b\n", "csv"),
        ('Name;Note\n"Acme; Inc";"x, y"\n', "csv"),
        ("sep=;\nName;Note\nAcme;b\n", "csv"),
    ],
)
def test_the_delimiter_is_found(tmp_path: Path, text: str, form: str) -> None:
    spreadsheet = open_spreadsheet(written(tmp_path / "list.txt", text))
    assert (spreadsheet.format, spreadsheet.sheet) == (form, None)
    assert {len(row.cells) for row in spreadsheet.rows()} == {2}


def test_title_lines_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    text = "Customer List\nAs of May 1\n\nCustomer;Email;City\nA;a@x.com;Reno\n;;\nB;b@x.com\n"
    assert rows(written(tmp_path / "a.csv", text)) == [
        (1, ("Customer List",)),
        (2, ("As of May 1",)),
        (4, ("Customer", "Email", "City")),
        (5, ("A", "a@x.com", "Reno")),
        (7, ("B", "b@x.com")),
    ]


def test_a_single_column(tmp_path: Path) -> None:
    assert rows(written(tmp_path / "a.csv", "Name\nAcme\nBolt\n")) == [
        (1, ("Name",)),
        (2, ("Acme",)),
        (3, ("Bolt",)),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_record_has_the_number_of_the_line_it_begins_on(tmp_path: Path, end: str) -> None:
    lines = ["Name,Note", 'Acme,"one', 'two"', "", "Bolt,x"]
    path = written(tmp_path / "a.csv", end.join(lines))
    assert rows(path) == [
        (1, ("Name", "Note")),
        (2, ("Acme", f"one{end}two")),
        (5, ("Bolt", "x")),
    ]


def test_guards_and_zeros_and_padding(tmp_path: Path) -> None:
    text = 'Name,Zip,Id\nAcme,="07601","=""0042"""\nBolt,00501,x\0\0\n'
    assert rows(written(tmp_path / "a.csv", text))[1:] == [
        (2, ("Acme", "07601", "0042")),
        (3, ("Bolt", "00501", "x")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'Name,City\nAcme,"Reno\nBolt,Elko\n',
        'Name,City\nAcme,"Reno\nBolt,"Elko"\n',
        'Name,City\nAcme,"' + "Reno\n" * 300_000,
    ],
)
def test_a_quote_that_is_not_closed_is_said_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"begins on line 2 .*quotation mark") as refused:
        rows(written(tmp_path / "a.csv", text))
    assert refused.value.code == "damaged"


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def code(text: str) -> str:
        with pytest.raises(UnreadableFile) as refused:
            rows(written(tmp_path / "a.csv", text))
        return refused.value.code

    assert code("Name" + "," * 1000 + "x\n") == "too_many_columns"
    assert code("Name,City\nAcme," + "x" * 131_073 + "\n") == "too_large"
    assert code('"\n",' * 9_000_000) == "too_large"
    monkeypatch.setattr(limits, "MAX_ROWS", 100)
    assert code("Name,City\n" * 101) == "too_many_rows"
    monkeypatch.setattr(limits, "MAX_TEXT_BYTES", 100)
    assert code("Name,City\n" * 11) == "too_large"


def test_empty_columns_beyond_the_limit_do_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "Name" + "," * 5000 + "\nAcme" + "," * 5000 + "\n")
    assert list(open_spreadsheet(path).rows()) == [
        SourceRow(1, ("Name",)),
        SourceRow(2, ("Acme",)),
    ]


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        ("Dvořák,Plzeň\nŽižka,Brno\nNěmec,České Budějovice", "cp1250"),
        ("Wałęsa,Gdańsk\nŁukasz,Łódź", "cp1250"),
        ("Erdős,Győr\nFűzfa,Pécs", "cp1250"),
        ("Müller,Köln\nGroß,Düsseldorf", "cp1252 mac_roman"),
        ("Hélène,Besançon\nL’Hôpital,Nîmes", "cp1252 mac_roman"),
        ("Pérez,Añasco\nJosé,Mayagüez", "cp1252 mac_roman"),
        ("João,Guimarães\nSimões,Évora", "cp1252 mac_roman"),
        ("Bjørn,Ærø\nSøren,Århus", "cp1252 mac_roman"),
        ("Ann,50 € – “ok”", "cp1252 mac_roman"),
        ("Zoë,Reno", "cp1252 mac_roman"),
    ],
)
@pytest.mark.parametrize(("end", "delimiter"), [("\n", ","), ("\r", ";"), ("\r\n", "|")])
def test_code_pages_line_ends_and_delimiters(
    tmp_path: Path, text: str, encodings: str, end: str, delimiter: str
) -> None:
    lines = ["Name,City", *text.split("\n")]
    for encoding in encodings.split():
        content = end.join(line.replace(",", delimiter) for line in lines).encode(encoding)
        spreadsheet = open_spreadsheet(written(tmp_path / f"{encoding}.csv", content))
        assert [row.cells for row in spreadsheet.rows()] == [tuple(x.split(",")) for x in lines]
