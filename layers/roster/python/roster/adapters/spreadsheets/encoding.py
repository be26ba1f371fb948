"""The encoding of a text file."""

import codecs
import re
from collections.abc import Iterable
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
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_WORDS_ENOUGH = 5_000
# The Western code page, the Central European one and the old Mac's; the first of equals is taken.
_CODE_PAGES = ("cp1252", "cp1250", "mac_roman")
# How likely a letter is in a list of names and addresses; any other letter tells nothing.
_LIKELY = {
    **dict.fromkeys("áâàäãåçéêèëíîïñóôöõøúüßæšžý", 2.0),
    **dict.fromkeys("čćěłńśżźőűąęřůţşăťďň", 1.75),
    # At home in words of Central Europe, read in the Western code page.
    **dict.fromkeys("ìòù", 0.5),
    **dict.fromkeys("ĺľđ¸ˇ", -1.0),
}
_SIGNS = "’‘“”–—…€"
_SIGN, _UNLIKELY = 2.0, -3.0


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
    """The codec to open the file with: its mark, its NUL bytes, strict UTF-8, else a code page.

    The whole file is checked, because one accent on the last line decides. Which code page it is
    shows in the words with accents.
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
            return _code_page(path)
    return "utf-8"


def _code_page(path: Path) -> str:
    words: set[bytes] = set()
    with path.open("rb") as file:
        # A word cut in two between chunks is one of thousands.
        while len(words) < _WORDS_ENOUGH and (chunk := file.read(limits.READ_BYTES)):
            words.update(word for word in _WORD.findall(chunk) if not word.isascii())
    scores = {codec: _score(words, codec) for codec in _CODE_PAGES}
    return max(_CODE_PAGES, key=lambda codec: scores[codec])


def _score(words: Iterable[bytes], codec: str) -> float:
    return sum(_likelihood(word.decode(codec, errors="replace")) for word in words)


def _likelihood(word: str) -> float:
    """How much a word reads like one: not with signs inside, or capitals after small letters."""
    total = 0.0
    for at, letter in enumerate(word):
        before, after = word[max(at - 1, 0) : at], word[at + 1 : at + 2]
        if letter.isupper() and before.islower() and not (letter + before).isascii():
            total += _UNLIKELY
        elif letter in _SIGNS:
            astray = after.isalpha() if letter == "”" else before.isalpha() and letter != "’"
            total += _UNLIKELY if astray else _SIGN
        elif letter.isalpha():
            total += _LIKELY.get(letter.lower(), 0.0)
        elif before.isalpha() or after.isalpha():
            total += _UNLIKELY
    return total
