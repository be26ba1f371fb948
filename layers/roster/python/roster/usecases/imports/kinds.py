"""What a file holds, told by its content: customers, or notes or documents of those we have."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from roster.domain.imports.attachments import (
    AttachmentPlanner,
    Members,
    find_attachments,
    may_be_the_sheet,
)
from roster.domain.imports.cards import CardIndex, name_hash
from roster.domain.imports.dates import MONTH_FIRST
from roster.domain.imports.draft import PlannedRow
from roster.domain.imports.foresight import Foresight
from roster.domain.imports.hanging import Directory, Layout
from roster.domain.imports.headings import Column
from roster.domain.imports.job import Import, ImportKind
from roster.domain.imports.notes import NotePlanner, find_notes, is_surely_notes
from roster.domain.imports.packed import DamagedMember, Member
from roster.domain.imports.plan import Matched
from roster.domain.imports.reading import RowIssue, UnreadableFile
from roster.domain.imports.told import Told
from roster.domain.note import Note
from roster.domain.settings import TenantSettings
from roster.usecases.imports.attachments import document_marks
from roster.usecases.imports.notes import note_marks
from roster.usecases.imports.ports import Bundle, OpenBundle, OpenSpreadsheet, Sheet
from roster.usecases.ports import Customers, Documents
from roster.usecases.record_keeping import living
from roster.usecases.record_ports import Records

ROWS_PER_CHUNK = 200
# Each is up to 25 MB, and a chunk has a minute.
DOCUMENTS_PER_CHUNK = 10
_MAX_SHEETS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPorts:
    """What it takes to plan notes and documents; each is made when it is needed."""

    notes: Callable[[], Records[Note]]
    documents: Callable[[], Documents]
    open_bundle: OpenBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFile:
    """An opened file of notes, or of documents: those come with the `bundle` that holds them."""

    kind: ImportKind
    sheet: Sheet
    format: str
    sheet_name: str | None
    layout: Layout
    bundle: Bundle | None = None
    member: Member | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """The rows of a file as planned, one at a time; what they looked at is known after the last.

    `names` are hashes of the folded names of all customers of `index` that had a say, `remarks`
    are there to be told beside those of the rows, and `told` is what is kept of what was told of
    the file, where a plan settles any of it. `foresight` is what the plan has learnt.
    """

    kind: ImportKind
    sheet: Sheet
    format: str
    sheet_name: str | None
    header_row: int
    columns: Sequence[Column]
    index: CardIndex
    rows: Iterable[PlannedRow | Matched]
    names: Callable[[], set[bytes]]
    format_detected: str | None = None
    remarks: Callable[[], Iterable[RowIssue]] = tuple
    rows_per_chunk: int = ROWS_PER_CHUNK
    told: Callable[[], Told] | None = None
    foresight: Callable[[], Foresight] = Foresight


def open_records(
    job: Import, source: Path, *, open_spreadsheet: OpenSpreadsheet, open_bundle: OpenBundle
) -> RecordFile | None:
    """Open the import's file as what it was said to be, else as what it is; None: customers.

    Raises UnreadableFile; of a file that may be a list of customers, whoever reads those may.
    """
    if job.kind is ImportKind.CUSTOMERS:
        return None
    if job.kind is not ImportKind.NOTES:
        bundle = open_bundle(source)
        if bundle is not None:
            return _in_bundle(bundle, source.parent, open_spreadsheet)
        if job.kind is ImportKind.ATTACHMENTS:
            raise UnreadableFile(
                "not_a_spreadsheet",
                "Attachments come as a .zip that holds the files, and a sheet with a column for "
                "the customer and one for the file's name.",
            )
    try:
        told = job.told
        sheet = open_spreadsheet(
            source, encoding=told.encoding, delimiter=told.delimiter, sheet=told.sheet
        )
        layout = find_notes(sheet.rows())
    except UnreadableFile:
        if job.kind is None:
            return None
        raise
    if layout is None or not (job.kind is ImportKind.NOTES or is_surely_notes(layout)):
        if job.kind is None:
            return None
        raise UnreadableFile(
            "no_usable_header",
            'Notes come with a heading for the customer ("Customer Number", "Customer", "Email") '
            'and one for the text ("Note") in the first rows.',
        )
    return RecordFile(
        kind=ImportKind.NOTES, sheet=sheet, format=sheet.format, sheet_name=sheet.sheet,
        layout=layout,
    )  # fmt: skip


def _in_bundle(bundle: Bundle, folder: Path, open_spreadsheet: OpenSpreadsheet) -> RecordFile:
    """The one sheet of an archive that says whose its files are."""
    candidates = [member for member in bundle.members if may_be_the_sheet(member)][:_MAX_SHEETS]
    if not candidates:
        raise UnreadableFile(
            "not_a_spreadsheet",
            "The archive holds no spreadsheet. Put an .xlsx or .csv beside the files, with a "
            "column for the customer and one for the file's name.",
        )
    found: list[RecordFile] = []
    for number, member in enumerate(candidates):
        path = folder / f"sheet-{number}"
        try:
            bundle.unpack(member, path)
            sheet = open_spreadsheet(path)
            layout = find_attachments(sheet.rows())
        except (DamagedMember, UnreadableFile):
            # It may be one of the attachments: then its row will say what is wrong with it.
            layout = None
        if layout is None:
            path.unlink(missing_ok=True)
            continue
        found.append(
            RecordFile(
                kind=ImportKind.ATTACHMENTS, sheet=sheet, format="zip", sheet_name=member.name,
                layout=layout, bundle=bundle, member=member,
            )
        )  # fmt: skip
    if not found:
        raise UnreadableFile(
            "no_usable_header",
            'No sheet of the archive has a heading for the customer ("Customer Number", '
            '"Customer", "Email") and one for the file ("File") in its first rows.',
        )
    if len(found) > 1:
        which = ", ".join(str(one.sheet_name) for one in found[:5])
        raise UnreadableFile(
            "several_sheets",
            f"Several sheets of the archive name customers and files: {which}. Leave one in it.",
        )
    return found[0]


def read_records(
    job: Import,
    file: RecordFile,
    index: CardIndex,
    *,
    customers: Customers,
    ports: RecordPorts,
    ours: TenantSettings,
    now: datetime,
) -> PlannedFile:
    """The rows of a file of notes or documents, planned against the customers of `index`."""
    layout = file.layout
    known = _Known(job.tenant, customers, _marks(job.tenant, file.kind, ports))
    directory = Directory(index)
    month_first = ours.country in MONTH_FIRST
    planner: NotePlanner | AttachmentPlanner
    remarks: Callable[[], Iterable[RowIssue]] = tuple
    if file.bundle is not None and file.member is not None:
        attachments = planner = AttachmentPlanner(
            layout, directory, known, Members(file.bundle.members, file.member), file.bundle.head,
            now=now, month_first=month_first,
        )  # fmt: skip
        remarks = attachments.unnamed
    else:
        planner = NotePlanner(layout, directory, known, now=now, month_first=month_first)
    return PlannedFile(
        kind=file.kind,
        sheet=file.sheet,
        format=file.format,
        sheet_name=file.sheet_name,
        header_row=layout.number,
        columns=layout.columns,
        index=index,
        rows=_planned(file.sheet, layout, planner),
        names=lambda: {name_hash(name) for name in planner.names},
        remarks=remarks,
        rows_per_chunk=DOCUMENTS_PER_CHUNK if file.bundle else ROWS_PER_CHUNK,
    )


def _planned(
    sheet: Sheet, layout: Layout, planner: NotePlanner | AttachmentPlanner
) -> Iterator[PlannedRow]:
    for row in sheet.rows():
        if row.number > layout.number:
            yield planner.plan(row)


def _marks(
    tenant: str, kind: ImportKind, ports: RecordPorts
) -> Callable[[Sequence[str]], Mapping[str, str]]:
    if kind is ImportKind.NOTES:
        notes = ports.notes()
        return lambda owners: note_marks(notes, tenant, owners)
    documents = ports.documents()
    return lambda owners: document_marks(documents, tenant, owners)


class _Known:
    """The customers that the rows name, each read once: its name, and what it has already."""

    def __init__(
        self,
        tenant: str,
        customers: Customers,
        marks: Callable[[Sequence[str]], Mapping[str, str]],
    ) -> None:
        self._tenant, self._customers, self._marks = tenant, customers, marks
        self._read: dict[str, tuple[str, Mapping[str, str]]] = {}

    def __call__(self, customer_id: str) -> tuple[str, Mapping[str, str]]:
        if customer_id not in self._read:
            customer = living(self._tenant, [customer_id], self._customers).get(customer_id)
            # Deleted in this very moment: the load will say so.
            there = self._marks((customer.id, *customer.absorbed)) if customer else {}
            self._read[customer_id] = customer.display_name if customer else "", there
        return self._read[customer_id]
