"""What the import use cases need from the outside, as protocols."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from roster.domain.contact import Contact
from roster.domain.customer import Customer
from roster.domain.events import Event
from roster.domain.imports.job import Import, Reading, Run, Tally
from roster.domain.imports.packed import Member
from roster.domain.imports.reading import SourceRow
from roster.domain.imports.told import Saved
from roster.domain.location import Location
from roster.usecases.ports import Download, NewCustomer, Page


@dataclass(frozen=True, slots=True)
class Upload:
    """How a client sends its file: an HTTP `method`, the address, form `fields` and headers."""

    method: str
    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


class ChunkHeld(Exception):
    """Another attempt at this chunk may still be writing; try again a little later."""


class FileGone(Exception):
    """The uploaded file is no longer the one the import was started for."""


class Imports(Protocol):
    """The record of every import."""

    def get(self, tenant: str, import_id: str) -> Import | None:
        """The import as of now."""

    def list(self, tenant: str, *, limit: int, after: str | None) -> Page[Import]:
        """Imports, newest first."""

    def add(self, job: Import, *, arrival: str | None = None) -> Import:
        """Write a new import; the same `arrival` (one file put once) again gives the first's."""

    def save(self, before: Import, after: Import) -> None:
        """Write `after` if nobody else did since `before`, or raise StaleVersion.

        Leaves the tally and the stop flag alone. Open imports can be found from then on, others
        no longer.
        """

    def open(self) -> Iterable[tuple[str, str]]:
        """(tenant, import id) of everything something must be at work on."""

    def take_turn(self, tenant: str, import_id: str) -> str | None:
        """Be the one import of the tenant at work; the id of the one that is, else None."""

    def end_turn(self, tenant: str, import_id: str) -> None:
        """Let the next import of the tenant have its turn; harmless when it was not ours."""

    def note_reading(self, job: Import, reading: Reading) -> bool:
        """Say how far the file has been read; False when the import has moved on since `job`.

        Changes no revision.
        """

    def stop(self, tenant: str, import_id: str) -> None:
        """Ask the chunks that have not begun to do nothing."""

    def claim_chunk(
        self,
        tenant: str,
        import_id: str,
        chunk: int,
        *,
        now: datetime,
        lease: timedelta,
        over_for: timedelta = timedelta(0),
        run: Run = Run.LOAD,
        undo: int = 1,
    ) -> int | None:
        """The number of this attempt at the chunk, from 1; None when the chunk is finished.

        An earlier attempt's lease must have been over for so long. `undo` says which undo it is,
        where there are several.

        Raises ChunkHeld while an earlier attempt's lease runs.
        """

    def finish_chunk(
        self,
        tenant: str,
        import_id: str,
        chunk: int,
        tally: Tally,
        *,
        issues: int,
        run: Run = Run.LOAD,
        undo: int = 1,
    ) -> None:
        """Mark the chunk finished and add its tally to the import's, once and in one."""

    def chunks_with_issues(
        self, tenant: str, import_id: str, run: Run = Run.LOAD, undo: int = 1
    ) -> Iterator[int]:
        """The finished chunks that have something to report, in order."""


class SavedMappings(Protocol):
    """Mappings of columns that a company has made, by the signatures of their headings."""

    def find(self, tenant: str, signatures: Iterable[str]) -> Mapping[str, Saved]:
        """Those there are."""

    def save(self, tenant: str, signature: str, mapping: Saved) -> None:
        """Keep one in the place of any earlier one."""


@dataclass(frozen=True, slots=True)
class Stays:
    """A customer that an undo leaves as it is: what touched it last, and what lies beside it."""

    customer: Customer
    touched_by: Event | None = None
    beside: tuple[str, ...] = ()


class TakingBack(Protocol):
    """What removes customers that an import has made."""

    def look(self, new: Sequence[NewCustomer]) -> dict[str, Any]:
        """A note, as JSON, of those of the customers that are there, by id."""

    def take_back(
        self, new: Sequence[NewCustomer], noted: Mapping[str, Any], *, batch: str
    ) -> Mapping[str, Stays]:
        """Remove the customers, noted or half written, of one batch; those that must stay.

        One stays that anybody touched since, or that anything was added to. What imports changed
        that were undone since is no such thing. Harmless twice.
        """


class People(Protocol):
    """The contacts of customers."""

    def all(self, tenant: str, customer_id: str) -> Sequence[Contact]:
        """Every one the customer has."""


@dataclass(frozen=True, slots=True)
class WholeChange:
    """A change of a customer, with the places and people that come or go in the same step."""

    before: Customer
    after: Customer
    event: Event
    locations: Sequence[Location] = ()
    contacts: Sequence[Contact] = ()


class Changing(Protocol):
    """What changes customers together with their parts, whole or not at all."""

    def add(self, change: WholeChange) -> None:
        """Write the change, its parts being new; raises StaleVersion or Taken."""

    def take_away(self, change: WholeChange) -> None:
        """Write the change, its parts going; raises StaleVersion (touched too) or Taken."""


class ImportFiles(Protocol):
    """Uploaded spreadsheets, and an import's working files by name."""

    def upload_form(self, key: str) -> Upload:
        """How a client may send one file of limited size to `key`."""

    def fetch(self, job: Import, into: Path) -> None:
        """Copy the import's own spreadsheet to a local path; raises FileGone."""

    def write(self, job: Import, name: str, content: bytes) -> None:
        """Keep a working file."""

    def write_from(self, job: Import, name: str, path: Path) -> None:
        """Keep a local file as a working file."""

    def read(self, job: Import, name: str) -> bytes | None:
        """A working file, or None."""

    def read_into(self, job: Import, name: str, path: Path) -> None:
        """Copy a working file to a local path; an absent one is empty."""

    def lines(
        self, job: Import, name: str, *, after: int, limit: int
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Up to `limit` JSON lines from byte `after` on, and the byte to go on from.

        Fewer, but one at least, where they are more than an answer can hold.
        """

    def stretch(self, job: Import, start: int, length: int) -> Iterator[bytes]:
        """So many bytes of the import's own file from `start` on, in parts; raises FileGone."""

    def permit_download(
        self, job: Import, name: str, *, filename: str, media_type: str, now: datetime
    ) -> Download:
        """Where a working file can be fetched from for a while, saved as `filename`."""

    def location(self, job: Import, name: str) -> Mapping[str, str]:
        """`bucket` and `key` of a working file, as the workflow reads it."""


class Executions(Protocol):
    """The workflow engine."""

    def start(self, job: Import) -> None:
        """Begin (again) the work on an import, in the place of `job.execution`."""

    def is_running(self, execution: str) -> bool:
        """Whether that execution is still at work; an unknown one is not."""


class Sheet(Protocol):
    """An opened spreadsheet."""

    @property
    def format(self) -> str:
        """Such as "xlsx"."""

    @property
    def sheet(self) -> str | None:
        """The name of the sheet that is read."""

    @property
    def sheets(self) -> Sequence[str]:
        """The names of all sheets that can be read."""

    @property
    def other_lists(self) -> Sequence[str]:
        """Those that have headings of customers too, and are not the one that is read."""

    @property
    def encoding(self) -> str | None:
        """The encoding of a text file."""

    @property
    def delimiter(self) -> str | None:
        """What stands between the cells of a text file."""

    @property
    def share_read(self) -> float | None:
        """How much of the file the latest `rows` have gone through, up to 1; None: unknown."""

    def rows(self) -> Iterator[SourceRow]:
        """The rows, from the first, each time anew."""


class OpenSpreadsheet(Protocol):
    """Opens a local file; raises UnreadableFile for what is no spreadsheet of ours."""

    def __call__(
        self,
        path: Path,
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        sheet: str | None = None,
    ) -> Sheet:
        """The spreadsheet; what does not apply to its format is passed over."""


class Bundle(Protocol):
    """An opened archive of files."""

    @property
    def members(self) -> Sequence[Member]:
        """Its files."""

    def head(self, member: Member) -> bytes:
        """The first bytes of a file, of which all are unpacked; raises DamagedMember."""

    def unpack(self, member: Member, into: Path) -> None:
        """Write one file to a local path; raises DamagedMember."""


class OpenBundle(Protocol):
    """Opens a local archive; raises UnreadableFile for one that is damaged or hostile."""

    def __call__(self, path: Path) -> Bundle | None:
        """The archive; None for whatever is none, or is a workbook."""


class Table(Protocol):
    """A table that is being written."""

    def row(self, cells: Sequence[str]) -> None:
        """Write one row."""


class WriteTable(Protocol):
    """Makes a table of any length a local file, whole when the context ends."""

    def __call__(
        self, path: Path, *, xlsx: bool, delimiter: str, made: datetime
    ) -> AbstractContextManager[Table]:
        """The table: .xlsx, or else CSV with this delimiter."""


class WriteSheet(Protocol):
    """Makes a small table a file."""

    def __call__(self, rows: Iterable[Sequence[str]], *, xlsx: bool, made: datetime) -> bytes:
        """The file: .xlsx, or else CSV."""
