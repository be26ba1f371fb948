"""The encoding of a text file."""

import codecs
from pathlib import Path

from roster.adapters.spreadsheets import limits
from roster.adapters.spreadsheets.sniff import utf16_without_mark

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def is_text_in(path: Path, encoding: str) -> bool:
    """Whether every byte of the file means something in the encoding."""
    try:
        with path.open(encoding=encoding, errors="strict", newline="") as file:
            while file.read(limits.READ_BYTES):
                pass
    except UnicodeError:
        return False
    return True


def encoding_of(path: Path) -> str:
    """The codec to open the file with: its mark, its NUL bytes, strict UTF-8, else Windows-1252.

    The whole file is checked, because one accent on the last line decides. Windows-1252 is the
    Western guess; a detector for other code pages (charset-normalizer on the distinct non-ASCII
    words, biased by the tenant's locale) has its place at the end of this function.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        chunk = file.read(limits.READ_BYTES)
        for mark, codec in _MARKS:
            if chunk.startswith(mark):
                return codec
        flavour = utf16_without_mark(chunk)
        if flavour:
            return flavour
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(limits.READ_BYTES)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"
