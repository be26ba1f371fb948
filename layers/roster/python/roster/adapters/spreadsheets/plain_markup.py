"""The markup that spreadsheet programs write by the megabyte, read without the XML parser.

The parser calls back three times for each cell, most of what reading a workbook costs. Nearly all
rows and texts look alike, and say all they say to a regular expression that takes nothing else.
So the parser is given all but these: what is left out are whole elements, between whole elements of
the same name. Whatever is unusual it sees, and refuses, as if there were no other way to read.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from xml.parsers import expat

from roster.adapters.spreadsheets import limits

# What XML allows in a text as it stands, but for line ends that it turns into others.
_TEXT = r"[^<\x00-\x08\x0b-\x1f\ufffe\uffff]*+"
_ROW = re.compile(r'[ \n]*<row r="([1-9][0-9]{0,6})"([^<>]{0,500})>')
_ATTRIBUTES = re.compile(r'(?: [A-Za-z0-9:]+="[ !#-%\'-;=?-~]*")*')
_ATTRIBUTE_NAME = re.compile(r' ([A-Za-z0-9:]+)="')
# Column, style and type; a value, or a text that stands in the cell. An empty one has neither.
_CELL = re.compile(
    r'<c r="([A-Z]++)[1-9][0-9]*+"((?: s="[0-9]{1,9}+")?+(?: t="[A-Za-z]{1,9}+")?+)'
    rf"(?:><v>({_TEXT})</v></c>| ?/>|></c>"
    rf'|><is><t(?: xml:space="preserve")?>({_TEXT})</t></is></c>)'
)
_STATED = re.compile(r' ([st])="([^"]*)"')
# What splitting by it gives for each cell: what stands before it, and its groups.
_CELL_STEP = 1 + _CELL.groups
_SHARED = re.compile(rf'[ \n]*<si><t(?: xml:space="preserve")?>({_TEXT})</t></si>')
_OTHER_ENTITY = re.compile("&(?!(?:amp|lt|gt|quot|apos);)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))

ROW_END, SHARED_END = b"</row>", b"</si>"

# Column; style and type as they are written; the value, or the text that stands in the cell.
type PlainCell = tuple[str, str, str | None, str | None]


class Unparsed:
    """Pieces of a part on their way to the parser, without those that `take` has understood.

    `take` is given text that ends where an element ends and begins where another one did; it
    returns what it leaves to the parser.
    """

    def __init__(self, closing: bytes, take: Callable[[str], str]) -> None:
        self._closing, self._take = closing, take
        self._parser: expat.XMLParserType | None = None
        self._given, self._closed_at = 0, -1
        self._is_utf8 = True

    def watch(self, parser: expat.XMLParserType) -> None:
        """Know the parser, before it begins."""
        self._parser = parser
        parser.XmlDeclHandler = self._declared

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._is_utf8 = encoding is None or encoding.lower() == "utf-8"

    def closed(self) -> None:
        """Tell that the parser is at such an end."""
        if self._parser is not None:
            self._closed_at = self._parser.CurrentByteIndex

    def pieces(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """What the parser has to see of each chunk, maybe nothing."""
        held = b""
        for chunk in chunks:
            held += chunk
            end = held.rfind(self._closing) + len(self._closing)
            if end < len(self._closing):
                # The beginning, an enormous element, or what comes behind the last one.
                end = len(held)
            block, held = held[:end], held[end:]
            left = self._left(block)
            self._given += len(left)
            yield left
        self._given += len(held)
        yield held

    def _left(self, block: bytes) -> bytes:
        """What of a block is for the parser."""
        # An end within a comment would be none, and the parser may be behind what it was given.
        is_between = self._closed_at == self._given - len(self._closing)
        if not (is_between and self._is_utf8 and block.endswith(self._closing)):
            return block
        # Longer than a cell may be: whoever hears the parser counts.
        if len(block) > limits.MAX_CELL_CHARS or b"]]>" in block:
            return block
        try:
            text = block.decode()
        except UnicodeDecodeError:
            return block
        if "&" in text and _OTHER_ENTITY.search(text):
            return block
        return self._take(text).encode()


def take_rows(text: str, add: Callable[[str, Iterator[PlainCell]], None]) -> str:
    """Hand on the number and the cells of each row, up to the first that is not plain.

    Returns that row and the rest.
    """
    rows = text.split("</row>")
    for at, row in enumerate(rows[:-1]):
        head = _ROW.match(row)
        cells = _CELL.split(row[head.end() :]) if head and _is_plain(head[2]) else None
        if head is None or cells is None or any(cells[::_CELL_STEP]):
            return "</row>".join(rows[at:])
        add(head[1], zip(*(cells[i::_CELL_STEP] for i in range(1, _CELL_STEP)), strict=True))
    return ""


def take_texts(text: str, add: Callable[[str], None]) -> str:
    """Hand on each text of the table, up to the first that is not plain; returns the rest."""
    end = 0
    for match in _SHARED.finditer(text):
        if match.start() != end:
            break
        add(unescaped(match[1]))
        end = match.end()
    return text[end:]


@lru_cache(maxsize=256)
def style_and_type(attributes: str) -> tuple[str | None, str]:
    """What a cell says of itself: "n" where it states no type."""
    stated = dict(_STATED.findall(attributes))
    return stated.get("s"), stated.get("t", "n")


def unescaped(text: str) -> str:
    """`text` with the five entities that every XML has."""
    if "&" in text:
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
    return text


@lru_cache(maxsize=256)
def _is_plain(attributes: str) -> bool:
    """Whether an XML parser would take these attributes beside `r`, which are passed over."""
    names = ["r", *_ATTRIBUTE_NAME.findall(attributes)]
    return _ATTRIBUTES.fullmatch(attributes) is not None and len(set(names)) == len(names)
