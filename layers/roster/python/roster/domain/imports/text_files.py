"""The encodings and delimiters of text files, by the names people give them."""

import codecs
from dataclasses import replace

from roster.domain.errors import FieldError
from roster.domain.imports.told import Told


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


# Python's names of those in which lists of customers are saved; it knows others, not all of text.
_ENCODINGS = _names(
    "utf-8|utf-16|utf-16-le|utf-16-be|utf-32|cp1250|cp1251|cp1252|cp1253|cp1254|cp1255"
    "|cp1256|cp1257|cp1258|cp437|cp850|cp852|cp858|cp866|cp874|iso8859-1|iso8859-2"
    "|iso8859-3|iso8859-4|iso8859-5|iso8859-6|iso8859-7|iso8859-8|iso8859-9|iso8859-10"
    "|iso8859-13|iso8859-14|iso8859-15|iso8859-16|mac-roman|mac-latin2|mac-cyrillic"
    "|mac-greek|mac-turkish|koi8-r|koi8-u|cp932|shift_jis|euc_jp|iso2022_jp|cp949|euc_kr"
    "|gb18030|gbk|gb2312|big5"
)
_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


def encoding_named(name: str) -> str | None:
    """Python's name of the encoding; None where it is none we know. A mark is read over."""
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    if found in ("utf-8", "utf-8-sig"):
        return "utf-8-sig"
    return found if found in _ENCODINGS else None


def delimiter_named(text: str) -> str | None:
    """The one character between cells; None for what cannot part them."""
    sign = _DELIMITERS.get(text.strip().casefold(), text) if text.strip() else text
    if len(sign) != 1 or sign.isalnum() or sign in "\"'\r\n\0\\":
        return None
    return sign


def check_reading(encoding: str | None, delimiter: str | None, *, at: str = "") -> list[FieldError]:
    """What is wrong with what is told of a text file; `at` is where it stands."""
    errors = []
    if encoding is not None and encoding_named(encoding) is None:
        detail = "no encoding we know, such as utf-8, windows-1252 or utf-16"
        errors.append(FieldError(f"{at}/encoding", "unknown_encoding", detail))
    if delimiter is not None and delimiter_named(delimiter) is None:
        detail = 'one sign between cells, such as ";" or "tab"; no letter, digit or quotation mark'
        errors.append(FieldError(f"{at}/delimiter", "delimiter", detail))
    return errors


def named(told: Told) -> Told:
    """`told`, that `check_reading` has let through, by the names files are opened with."""
    return replace(
        told,
        encoding=encoding_named(told.encoding) if told.encoding else None,
        delimiter=delimiter_named(told.delimiter) if told.delimiter else None,
    )
