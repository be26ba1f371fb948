"""The table of texts that the cells of a workbook refer to; all of it has to stay in memory."""

import re
from array import array
from collections.abc import Iterable

from roster.adapters.spreadsheets import limits, refusals
from roster.adapters.spreadsheets.cells import unguard
from roster.adapters.spreadsheets.markup import local, parse
from roster.adapters.spreadsheets.plain_markup import SHARED_END, Unparsed, take_texts

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def decoded(text: str) -> str:
    """`text` with `_x000D_` escapes and text guards resolved."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unguard(text) if text[:1] == "=" else text


class SharedStrings:
    """The texts by index, packed as UTF-8 in one block: a third of what a list would take."""

    def __init__(self, chunks: Iterable[bytes] | None) -> None:
        self._block = bytearray()
        self._ends = array("Q", [0])
        # Text goes straight to a list, and is looked at when its element ends.
        self._heard: list[str] = []
        self._text = ""
        self._taking = self._phonetic = False
        self._chars = 0
        self._unparsed = Unparsed(SHARED_END, lambda text: take_texts(text, self._add))
        if chunks is not None:
            rest = self._unparsed.pieces(chunks)
            for _ in parse(
                rest, self._start, self._end, self._heard.append, watch=self._unparsed.watch
            ):
                self._check_heard()

    def at(self, stored: str) -> str:
        """The text a cell with the value `stored` means; "damaged" when there is no such text."""
        try:
            index = int(stored)
            if index < 0:
                raise refusals.damaged_workbook()
            return self._block[self._ends[index] : self._ends[index + 1]].decode()
        except (ValueError, IndexError) as error:
            raise refusals.damaged_workbook() from error

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = local(name) if ":" in name else name
        if tag == "t":
            self._taking = not self._phonetic
            self._heard.clear()
        elif tag == "rPh":
            self._phonetic = True

    def _end(self, name: str) -> None:
        tag = local(name) if ":" in name else name
        if tag == "t":
            if self._taking:
                self._taking = False
                self._text += "".join(self._heard)
                if len(self._text) > limits.MAX_CELL_CHARS:
                    raise refusals.long_cell()
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self._add(self._text)
            self._text = ""
            self._unparsed.closed()

    def _check_heard(self) -> None:
        """Let nothing of what is heard grow without end."""
        if not self._taking:
            self._heard.clear()
        elif sum(map(len, self._heard)) > limits.MAX_CELL_CHARS:
            raise refusals.long_cell()

    def _add(self, stored: str) -> None:
        text = decoded(stored)
        self._chars += len(text)
        too_many = len(self._ends) > limits.MAX_SHARED_STRINGS
        if too_many or self._chars > limits.MAX_SHARED_CHARS:
            raise refusals.too_large("The workbook holds more text than can be read at once.")
        self._block += text.encode()
        self._ends.append(len(self._block))
