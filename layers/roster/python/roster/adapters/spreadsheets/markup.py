"""The XML of a workbook, read as a stream of events with every document type refused."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from xml.parsers import expat

from roster.adapters.spreadsheets import limits, refusals

type Start = Callable[[str, dict[str, str]], None]
type End = Callable[[str], None]
type Text = Callable[[str], None]
type Watch = Callable[[expat.XMLParserType], None]


@lru_cache(maxsize=256)
def local(name: str) -> str:
    """The name without its namespace prefix: "x:row" → "row"."""
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    # No workbook has one; entities are how a small XML grows large or reads other files.
    raise refusals.damaged_workbook()


def parse(
    chunks: Iterable[bytes], start: Start, end: End, text: Text, *, watch: Watch | None = None
) -> Iterator[None]:
    """Feed `chunks` to the three handlers; yields after each piece, so a caller may take results.

    Names come with their prefix (see `local`). `watch` gets the parser before it begins.
    Raises UnreadableFile "damaged" on broken XML.
    """
    parser = expat.ParserCreate()
    if watch is not None:
        watch(parser)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    fed = reached = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk)
            fed += len(chunk)
            reached = max(reached, parser.CurrentByteIndex)
            if fed - reached > limits.MAX_TAG_BYTES:
                raise refusals.damaged_workbook()
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - it takes no keyword
    # The other two: an encoding is declared that is not one of text.
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise refusals.damaged_workbook() from error
    yield


def parse_all(chunks: Iterable[bytes], start: Start, end: End, text: Text) -> None:
    """Like `parse`, for parts that are read whole."""
    for _ in parse(chunks, start, end, text):
        pass
