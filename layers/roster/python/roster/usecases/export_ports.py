"""What the export use cases need from the outside, as protocols."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from roster.domain.exports import Export, WholeCustomer
from roster.usecases.ports import Download, Page


class ExportHeld(Exception):
    """Another worker is at this export; try again a little later."""


class Exports(Protocol):
    """The record of every export."""

    def get(self, tenant: str, export_id: str) -> Export | None:
        """The export as stored."""

    def list(self, tenant: str, *, limit: int, after: str | None) -> Page[Export]:
        """Exports, newest first."""

    def add(self, export: Export) -> None:
        """Write a new export."""

    def claim(
        self, tenant: str, export_id: str, *, now: datetime, lease: timedelta
    ) -> Export | None:
        """Begin an attempt; None when the export has ended, or there is none.

        Raises ExportHeld while an earlier attempt's lease runs.
        """

    def save(self, export: Export, *, lease: timedelta = timedelta()) -> bool:
        """Write how the attempt stands and hold on to it for `lease`; False: it is another's."""


class ExportQueue(Protocol):
    """The queue that workers take exports from."""

    def send(self, export: Export) -> None:
        """Put an export in; raises Unavailable."""


class WholeCustomers(Protocol):
    """Customers with what an export says of them."""

    def whole(self, tenant: str, customer_ids: Sequence[str]) -> Sequence[WholeCustomer]:
        """Those that are not deleted, strongly consistent, in the order of the ids."""

    def everyone(self, tenant: str) -> Iterator[str]:
        """The ids of all that ever were, the deleted and the merged included; some may repeat."""

    def whole_at(
        self, tenant: str, customer_ids: Sequence[str], moment: datetime
    ) -> Sequence[WholeCustomer]:
        """Those that were there at the moment, as they were, in the order of the ids."""


class ExportTable(Protocol):
    """A file being written."""

    def row(self, cells: Sequence[str]) -> None:
        """Write one row."""


class ExportFiles(Protocol):
    """The files of exports."""

    def writing(self, export: Export) -> AbstractContextManager[ExportTable]:
        """The file of this attempt: there when the context ends well, and not at all otherwise."""

    def permit_download(self, export: Export, *, now: datetime) -> Download:
        """Let the holder fetch the file for a short while, as an attachment."""
