"""What a file is, is decided by its content: people rename files."""

import zipfile
from pathlib import Path

import pytest

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.imports.reading import UnreadableFile
from tests.support.spreadsheets import written, zipped

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 2000


def refusal(path: Path) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refused:
        open_spreadsheet(path)
    return refused.value


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "empty", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty", "empty"),
        (b"\0" * 5000, "empty", "empty"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "password"),
        (
            OLE
            + "DRMEncryptedTransform".encode("utf-16-le")
            + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
            "rights management",
        ),
        (OLE + "Workbook".encode("utf-16-le"), "damaged", "damaged"),
        (OLE + "Book".encode("utf-16-le"), "damaged", "damaged"),
        (OLE + "WordDocument".encode("utf-16-le"), "not_a_spreadsheet", "not a spreadsheet"),
        (b"<html><table><tr><td>Name</td></tr></table>", "unsupported_format", "HTML"),
        (b"\r\n <TABLE border=1><tr><td>Name", "unsupported_format", "HTML"),
        (b"<!DOCTYPE html>\n<html>", "unsupported_format", "HTML"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "unsupported_format",
            "XML Spreadsheet",
        ),
        (b"!VEND\tNAME\r\nVEND\tPaper Ltd\r\n", "empty", "no list of customers"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not_a_spreadsheet", ".csv"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_spreadsheet", ".csv"),
        (bytes(range(256)) * 20, "not_a_spreadsheet", ".csv"),
        (b"PK\x03\x04 and then nothing of a zip", "damaged", "damaged"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, content: bytes, code: str, said: str) -> None:
    refused = refusal(written(tmp_path / "customers.xlsx", content))
    assert (refused.code, said in refused.reason) == (code, True), refused.reason


@pytest.mark.parametrize(
    ("part", "code", "said"),
    [
        ("content.xml", "damaged", "damaged"),
        ("xl/workbook.bin", "damaged", "damaged"),
        ("Index/Document.iwa", "unsupported_format", "Numbers"),
        ("word/document.xml", "not_a_spreadsheet", ".csv"),
    ],
)
def test_other_kinds_of_zip(tmp_path: Path, part: str, code: str, said: str) -> None:
    refused = refusal(zipped(tmp_path / "customers.xlsx", {part: "x"}))
    assert (refused.code, said in refused.reason) == (code, True), refused.reason


def test_a_zip_of_spreadsheets_is_not_one(tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "Name\nAcme\n")
    assert refusal(path).code == "not_a_spreadsheet"


def test_text_named_xlsx_is_read_as_text(tmp_path: Path) -> None:
    path = written(tmp_path / "customers.xlsx", "Name,City\nAcme,Reno\n")
    assert [row.cells for row in open_spreadsheet(path).rows()][1] == ("Acme", "Reno")
