"""What a plan hands to the load: entries in the order of the file, each whole before it is cut.

A row may add to the customer of a row far above it. So entries wait in a local file while the rows
go by, and become chunks in a second pass; only those that were added to are parsed for it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import orjson


class Entries:
    """Entries of a plan, by the line of the row that begins each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._out = path.open("wb")
        self._in = path.open("rb")
        self._lines, self._places = array("q"), array("q")
        self._size = self._flushed = 0
        self._joined: dict[int, list[bytes]] = {}
        self._filled: dict[int, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()
        self._in.close()

    def add(self, entry: Mapping[str, Any]) -> None:
        """One more; its "line" is above that of the one before."""
        content = orjson.dumps(entry) + b"\n"
        self._lines.append(entry["line"])
        self._places.append(self._size)
        self._out.write(content)
        self._size += len(content)

    def join(self, head: int, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Add a row to the entry that begins at line `head`, whose customer gets `values` too."""
        self._joined.setdefault(head, []).append(orjson.dumps(row))
        if values:
            self._filled.setdefault(head, {}).update(values)

    def head(self, line: int) -> dict[str, Any]:
        """The entry that begins at `line`, with all that was added so far."""
        place = self._places[bisect_left(self._lines, line)]
        if place >= self._flushed:
            self._out.flush()
            self._flushed = self._size
        self._in.seek(place)
        entry: dict[str, Any] = orjson.loads(self._in.readline())
        entry["values"] |= self._filled.get(line, {})
        for joined in map(orjson.loads, self._joined.get(line, ())):
            entry["locations"] += joined["locations"]
            entry["contacts"] += joined["contacts"]
        return entry

    def chunks(self, rows: int) -> Iterator[bytes]:
        """The entries as JSON arrays of about so many rows of the file each."""
        self._out.flush()
        some: list[bytes] = []
        weight = 0
        self._in.seek(0)
        for line, content in zip(self._lines, self._in, strict=True):
            joined = self._joined.get(line)
            some.append(self._whole(line, content, joined) if joined else content)
            weight += 1 + len(joined or ())
            if weight >= rows:
                yield b"[" + b",".join(some) + b"]"
                some, weight = [], 0
        if some:
            yield b"[" + b",".join(some) + b"]"

    def _whole(self, line: int, content: bytes, joined: list[bytes]) -> bytes:
        entry: dict[str, Any] = orjson.loads(content)
        if filled := self._filled.get(line):
            entry["values"] |= filled
        return orjson.dumps({**entry, "joined": [orjson.Fragment(one) for one in joined]})
