"""Workbooks in formats of others (.xls, .xlsb, .ods), read by python_calamine at arm's length.

A file of two kilobytes can make that library abort its process or fill the memory (ADR 0021). So
it works in a child process, with limits and without our credentials, and leaves text behind.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from struct import Struct
from typing import Any

import orjson

from roster.adapters.spreadsheets import calamine_child, limits, refusals
from roster.adapters.spreadsheets.cells import trimmed, unguard
from roster.adapters.spreadsheets.choice import best_sheet
from roster.adapters.spreadsheets.markup import local, parse_all
from roster.adapters.spreadsheets.package import Package
from roster.domain.imports.reading import SourceRow

# The record that begins the workbook of an .xls, and the one that says there is a password.
_BIFF8 = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_RECORD = Struct("<HH")
_FILEPASS = 0x002F
# Only records that say how to open the file (write protection, the template's mark) come before.
_RECORDS_BEFORE_PASSWORD = 10
# Where Lambda keeps the shared library of Python.
_NEEDED = ("LD_LIBRARY_PATH",)
_CHILD = Path(__file__).with_name("calamine_child.py")


class ForeignFile:
    """A workbook whose rows stand as lines of JSON beside it, in "<name>.rows"."""

    def __init__(self, path: Path, *, zipped: bool, sheet: str | None = None) -> None:
        if zipped:
            _check_package(path)
        else:
            _check_password(path)
        self._bytes_read = 0
        self._lines = path.with_name(f"{path.name}.rows")
        with self._lines.open("wb") as out:
            _read(path, out.fileno())
        sheets = list(self._sheets())
        self.sheets = tuple(name for name, _ in sheets)
        told = [found for found in sheets if sheet in (None, found[0])]
        best, others = best_sheet((found, self._rows(found[1])) for found in told)
        if best is None and sheet is not None:
            raise refusals.wrong_sheet(sheet, self.sheets)
        if best is None:
            raise refusals.no_rows()
        self.sheet, self._at = best
        self.other_lists = tuple(name for name, _ in others)

    def rows(self) -> Iterator[SourceRow]:
        """The rows that are not blank, numbered as the program of the workbook numbers them."""
        return self._rows(self._at)

    def share_read(self) -> float | None:
        """How much of the workbook the latest rows have gone through."""
        return self._bytes_read / size if (size := self._lines.stat().st_size) else None

    def _sheets(self) -> Iterator[tuple[str, int]]:
        """The name of each sheet, and where in the file its rows begin."""
        with self._lines.open("rb") as file:
            while line := _line(file):
                if line.startswith(b'"'):
                    yield orjson.loads(line), file.tell()

    def _rows(self, at: int) -> Iterator[SourceRow]:
        with self._lines.open("rb") as file:
            file.seek(at)
            self._bytes_read = at
            while (line := _line(file)) and not line.startswith(b'"'):
                number, texts = orjson.loads(line)
                self._bytes_read += len(line)
                if number > limits.MAX_ROWS:
                    raise refusals.too_many_rows()
                if len(texts) > limits.MAX_COLUMNS:
                    raise refusals.too_many_columns(number)
                if any(len(text) > limits.MAX_CELL_CHARS for text in texts):
                    raise refusals.long_cell(number)
                if cells := trimmed([unguard(text) for text in texts]):
                    yield SourceRow(number, cells)


def _check_package(path: Path) -> None:
    """Refuse bombs, and the password of an .ods, which the library takes for damage."""
    manifest = "META-INF/manifest.xml"
    with Package(path) as package:
        if manifest in package and "encryption-data" in _tags(package, manifest):
            raise refusals.encrypted()


def _check_password(path: Path) -> None:
    """Refuse an .xls under a password; of the older way to hide it the library reads garbage."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        at = max(content.find(_BIFF8), 0)
        for _ in range(_RECORDS_BEFORE_PASSWORD):
            kind, length = _RECORD.unpack(content[at : at + 4].ljust(4, b"\0"))
            if kind == _FILEPASS:
                raise refusals.encrypted()
            at += 4 + length


def _tags(package: Package, part: str) -> set[str]:
    found: set[str] = set()

    def start(tag: str, _: dict[str, str]) -> None:
        found.add(local(tag))

    parse_all(package.chunks(part), start, lambda _: None, lambda _: None)
    return found


def _line(file: Any) -> bytes:
    line: bytes = file.readline(limits.MAX_FOREIGN_LINE_BYTES)
    if len(line) == limits.MAX_FOREIGN_LINE_BYTES:
        raise refusals.too_large("A row of the workbook is far too long.")
    return line


def _read(path: Path, out: int) -> None:
    library = importlib.util.find_spec("python_calamine")
    if library is None or library.origin is None:
        raise RuntimeError("the layer with python_calamine is missing")
    bounds = (
        limits.FOREIGN_MEMORY_BYTES,
        limits.FOREIGN_CPU_SECONDS,
        limits.FOREIGN_OUTPUT_BYTES,
    )
    folder = Path(library.origin).parents[1]
    arguments = [_CHILD, path, folder, *bounds]
    try:
        # -I and hardly an environment: what reads a stranger's file must not hold our credentials.
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={name: value for name in _NEEDED if (value := os.environ.get(name))},
            timeout=limits.FOREIGN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise refusals.too_much_work() from error
    if done.returncode == calamine_child.ENCRYPTED:
        raise refusals.encrypted()
    if done.returncode == calamine_child.ALL_HIDDEN:
        raise refusals.no_rows(hidden=True)
    if done.returncode == calamine_child.DAMAGED:
        raise refusals.damaged_workbook()
    if done.returncode < 0 or done.returncode == calamine_child.TOO_MUCH:
        # The signal that a limit sends, or the abort of a library that got no memory.
        raise refusals.too_much_work()
    if done.returncode:
        raise RuntimeError(f"the reader of workbooks failed with {done.returncode}")
