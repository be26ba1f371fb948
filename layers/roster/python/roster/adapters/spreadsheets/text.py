"""Rows of a delimited text file, streamed: its encoding, its delimiter, its records."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import dropwhile, islice
from pathlib import Path
from typing import TextIO

from roster.adapters.spreadsheets import limits, refusals
from roster.adapters.spreadsheets.cells import trimmed, unguard
from roster.adapters.spreadsheets.encoding import encoding_of
from roster.domain.imports.reading import SourceRow

# In this order when two divide the file equally well: a comma is the likeliest to be prose.
_DELIMITERS = "\t;|,"
_STATED = re.compile(r'"?sep=([^"\r\n])"?[\r\n]', re.IGNORECASE)
_SAMPLE_CHARS = 128 * 1024
_SAMPLE_RECORDS = 200
_MAX_FIELD_CHARS = 8 * limits.MAX_CELL_CHARS
_MAX_RECORD_CHARS = 16 * limits.MIB


class TextFile:
    """A delimited text file whose encoding and delimiter have been worked out."""

    def __init__(self, path: Path, *, delimiter: str | None = None) -> None:
        if path.stat().st_size > limits.MAX_TEXT_BYTES:
            raise refusals.too_large("The file is larger than 1 GiB.")
        self._path = path
        self._size = path.stat().st_size
        self._position: Callable[[], int] = int
        self._encoding = encoding_of(path)
        with self._open() as file:
            sample = file.read(_SAMPLE_CHARS)
        stated = _STATED.match(sample)
        self._skip_first = stated is not None
        self.delimiter = delimiter or (stated[1] if stated else delimiter_of(sample))

    def _open(self) -> TextIO:
        # newline="" leaves line ends inside quotes as they are, an old Mac's lone CR included.
        return self._path.open(encoding=self._encoding, errors="replace", newline="")

    def rows(self) -> Iterator[SourceRow]:
        """The records that are not blank, numbered by the line on which each begins."""
        # This limit counts for the whole process: it is raised here and lowered by nobody.
        csv.field_size_limit(_MAX_FIELD_CHARS)
        with self._open() as file:
            # Of the bytes beneath: the text's own position is costly to work out.
            self._position = file.buffer.tell
            lines = _Lines(file)
            if self._skip_first:
                next(lines)
            records = csv.reader(lines, delimiter=self.delimiter, strict=True)
            for count, (start, record) in enumerate(_records(records, lines), 1):
                if count > limits.MAX_ROWS:
                    raise refusals.too_many_rows()
                cells = trimmed([unguard(c) if c[:2] == '="' else c for c in record])
                if len(cells) > limits.MAX_COLUMNS:
                    raise refusals.too_many_columns(start)
                if lines.record_chars > limits.MAX_CELL_CHARS:
                    _check_cells(cells, start)
                if cells:
                    yield SourceRow(start, cells)

    def share_read(self) -> float | None:
        """How much of the file the latest rows have gone through; None once it is closed."""
        try:
            return self._position() / self._size if self._size else None
        except ValueError:
            return None


class _Lines:
    """The lines of a file, counted, and the characters since the caller's last record."""

    __slots__ = ("_file", "count", "record_chars")

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.count = 0
        self.record_chars = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_MAX_RECORD_CHARS)
        if not line:
            raise StopIteration
        self.count += 1
        self.record_chars += len(line)
        if self.record_chars >= _MAX_RECORD_CHARS:
            raise refusals.too_large(f"The row that reaches line {self.count} is far too long.")
        # Some exports pad their fields with NUL; nobody sees it and no database wants it.
        return line.replace("\0", "") if "\0" in line else line


def _records(records: Iterator[list[str]], lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    while True:
        start = lines.count + 1
        lines.record_chars = 0
        try:
            record = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            raise refusals.damaged_text(start, str(error)) from error
        yield start, record


def _check_cells(cells: tuple[str, ...], row: int) -> None:
    if any(len(cell) > limits.MAX_CELL_CHARS for cell in cells):
        raise refusals.long_cell(row)


def delimiter_of(sample: str) -> str:
    """The delimiter that divides most records of `sample` into the same number of columns.

    csv.Sniffer is not used: it gives up on single columns and guesses by letters' frequency.
    """
    scores = {delimiter: _evenness(sample, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])
    if scores[best] > (0.0, 0):
        return best
    first = next((line for line in sample.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=lambda d: (first.count(d), d == ","))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """(share of records with the commonest width, that width); (0, 0) when nothing is divided."""
    csv.field_size_limit(_MAX_FIELD_CHARS)
    widths: list[int] = []
    cut_off = len(sample) >= _SAMPLE_CHARS
    records = csv.reader(StringIO(sample, newline=""), delimiter=delimiter, strict=True)
    try:
        widths.extend(len(record) for record in islice(records, _SAMPLE_RECORDS) if any(record))
    except csv.Error as error:
        if not (cut_off and "unexpected end" in str(error)):
            return 0.0, 0
    else:
        if cut_off and len(widths) < _SAMPLE_RECORDS:
            widths = widths[:-1] or widths
    divided = sum(width > 1 for width in widths)
    if divided < min(2, len(widths)):
        return 0.0, 0
    # Lines above the table (a report's title) are not divided: they count half.
    table = list(dropwhile(lambda width: width == 1, widths))
    width, count = Counter(table).most_common(1)[0]
    return (2 * count / (len(table) + len(widths)), width) if width > 1 else (0.0, 0)
