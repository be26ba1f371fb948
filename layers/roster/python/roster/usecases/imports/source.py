"""The file of an import as its plan reads it: without our own columns, and with its progress."""

from collections.abc import Iterator
from datetime import timedelta

from roster.domain.errors import StaleVersion
from roster.domain.imports.job import Import, Reading
from roster.domain.imports.reading import SourceRow
from roster.domain.imports.repair import our_columns, without_columns
from roster.usecases.imports.ports import Imports, Sheet
from roster.usecases.ports import Clock

_LOOK_AT_THE_CLOCK = 1_000
NOTE_ROWS, NOTE_EVERY = 20_000, timedelta(seconds=5)


class Source:
    """A sheet that is read as it was before errors were written beside it; a `Sheet` itself.

    Its rows are counted, and now and then noted on the import. Reading stops with StaleVersion
    when the import has moved on: it was cancelled, or somebody else plans it.
    """

    def __init__(self, sheet: Sheet, job: Import, *, imports: Imports, clock: Clock) -> None:
        self._sheet, self._job, self._imports, self._clock = sheet, job, imports, clock
        self.format, self.sheet, self.sheets = sheet.format, sheet.sheet, sheet.sheets
        self.encoding, self.delimiter = sheet.encoding, sheet.delimiter
        self.other_lists = sheet.other_lists
        self._ours = our_columns(sheet.rows())
        self._noted_rows, self._started_at = 0, clock()
        self._noted_at = self._started_at

    @property
    def share_read(self) -> float | None:
        """See `ports.Sheet`."""
        return self._sheet.share_read

    def rows(self) -> Iterator[SourceRow]:
        """The rows, from the first, each time anew."""
        rows = self._sheet.rows()
        for count, row in enumerate(without_columns(rows, self._ours) if self._ours else rows):
            if count and count % _LOOK_AT_THE_CLOCK == 0:
                self._note(count)
            yield row

    def _note(self, rows: int) -> None:
        now, further = self._clock(), rows - self._noted_rows
        if further < NOTE_ROWS and now - self._noted_at < NOTE_EVERY:
            return
        share = self._sheet.share_read
        reading = Reading(
            revision=self._job.revision,
            rows=rows,
            expected=round(rows / share) if share else None,
            started_at=self._started_at,
            at=now,
        )
        if not self._imports.note_reading(self._job, reading):
            raise StaleVersion(f"import {self._job.id} has moved on while it was being planned")
        self._noted_rows, self._noted_at = rows, now


def cells_of(sheet: Sheet, number: int) -> tuple[str, ...]:
    """The cells of one row, that should be near the top."""
    return next((row.cells for row in sheet.rows() if row.number == number), ())
