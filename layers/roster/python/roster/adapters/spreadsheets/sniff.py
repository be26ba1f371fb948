"""What a file is, by its content: people rename files, so the extension says nothing."""

import re
import zipfile
from pathlib import Path
from typing import Literal

from roster.adapters.spreadsheets import limits, refusals
from roster.domain.imports.reading import UnreadableFile

type Content = Literal["xlsx", "xls", "xlsb", "ods", "iif", "text"]

_HEAD_BYTES = 64 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_UTF16_OR_32_BOM = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_BINARY: tuple[bytes, ...] = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!")
_BINARY += (b"7z\xbc\xaf", b"{\\rtf", b"BZh", b"\xfd7zXZ", b"\x7fELF", b"SQLite format 3")
_HTML = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|table|head|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_2003 = re.compile(
    rb"\s*<\?xml.{0,2000}urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL
)
_IIF = re.compile(rb'\s*"?!(HDR|CUST|VEND|ACCNT|TRNS|EMP|OTHERNAME)"?\t')
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff(path: Path) -> Content:
    """The format; raises UnreadableFile for everything Roster does not read."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile("empty", "The file is empty. Check that the right file was chosen.")
    if head.startswith(_ZIP):
        return _zip_content(path)
    if head.startswith(_OLE):
        return _ole_content(path)
    if head.startswith(_BINARY):
        raise refusals.not_a_spreadsheet()
    if _HTML.match(head):
        raise refusals.unsupported("a web page (HTML) with a table, whatever its name says")
    if _XML_2003.match(head):
        raise refusals.unsupported('an "XML Spreadsheet 2003" file')
    if _IIF.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "iif"
    if not head.startswith(_UTF16_OR_32_BOM) and _is_binary(head):
        raise refusals.not_a_spreadsheet()
    return "text"


def _is_binary(head: bytes) -> bool:
    if utf16_without_mark(head):
        return False
    # A few are harmless: some exports pad their fields with NUL.
    return len(_CONTROL.findall(head)) > 8 + len(head) // 50


def utf16_without_mark(head: bytes) -> str | None:
    """The UTF-16 flavour of text without a byte order mark, by where its NUL bytes stand."""
    sample = head[: 4096 & ~1]
    half = len(sample) // 2
    if half == 0:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _zip_content(path: Path) -> Content:
    try:
        check_directory_size(path)
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").lower().lstrip("/") for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise refusals.damaged_workbook() from error
    if "content.xml" in names:
        return "ods"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.endswith(".iwa") for name in names):
        raise refusals.unsupported("an Apple Numbers document")
    if "xl/workbook.xml" in names or any(name.startswith("xl/") for name in names):
        return "xlsx"
    raise refusals.not_a_spreadsheet()


def check_directory_size(path: Path) -> None:
    """Refuse a zip whose table of contents would fill the memory by itself.

    zipfile reads the whole table, of the size the end record states, before anyone can look.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        tail_at = max(0, size - 65_557 - 20)
        file.seek(tail_at)
        tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0:
            raise refusals.damaged_workbook()
        directory = int.from_bytes(tail[end + 12 : end + 16], "little")
        if end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":
            file.seek(int.from_bytes(tail[end - 12 : end - 4], "little"))
            record = file.read(56)
            directory = max(directory % 0xFFFFFFFF, int.from_bytes(record[40:48], "little"))
    if directory > limits.MAX_DIRECTORY_BYTES:
        raise refusals.bomb()


def _ole_content(path: Path) -> Content:
    """What an OLE container (D0CF11E0) holds, by the names in its directory sectors."""
    names = ("DRMEncrypted", "EncryptedPackage", "Workbook", "Book")
    needles = {name: name.encode("utf-16-le") for name in names}
    found: set[str] = set()
    overlap = b""
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            window = overlap + chunk
            found |= {name for name, needle in needles.items() if needle in window}
            overlap = window[-64:]
    if "DRMEncrypted" in found:
        raise refusals.rights_managed()
    if "EncryptedPackage" in found:
        raise refusals.encrypted()
    if found:
        return "xls"
    raise refusals.not_a_spreadsheet()
