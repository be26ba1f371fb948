"""Notes of an import: written beside their customers, and taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from roster.domain.activities import Activity
from roster.domain.errors import StaleVersion
from roster.domain.events import Actor, Source
from roster.domain.ids import derived_id
from roster.domain.imports.job import Import
from roster.domain.imports.notes import note_mark
from roster.domain.note import Note
from roster.usecases.imports.record_rows import gone
from roster.usecases.ports import Customers
from roster.usecases.record_keeping import living
from roster.usecases.record_ports import Records

_PAGE = 200
_ATTEMPTS = 3


def note_marks(notes: Records[Note], tenant: str, owners: Sequence[str]) -> Mapping[str, str]:
    """The ids of a customer's notes, by what makes two the same, with their day and without."""
    marks: dict[str, str] = {}
    after = None
    while True:
        page = notes.page(tenant, owners, limit=_PAGE, after=after)
        for note in page.items:
            marks.setdefault(note_mark(note.text, None), note.id)
            marks.setdefault(note_mark(note.text, note.created_at), note.id)
        after = page.next
        if after is None:
            return marks


class NoteRows:
    """Rows that are notes; implements `record_rows.RecordRows`.

    A note lies beside the customer that the plan chose, even if that has become part of another
    meanwhile: there every attempt finds it again, and so does whoever reads the other.
    """

    def __init__(self, notes: Records[Note], customers: Customers) -> None:
        self._notes, self._customers = notes, customers

    def write(self, job: Import, planned: Mapping[str, Any]) -> None:
        """See `record_rows.RecordRows.write`."""
        note, told = _note(job, planned), _told(job, planned)
        for _ in range(_ATTEMPTS):
            customer = living(job.tenant, [note.customer_id], self._customers).get(note.customer_id)
            if customer is None:
                break
            try:
                self._notes.add_once(customer, note, told)
            except StaleVersion:
                continue
            return
        raise gone()

    def is_there(self, job: Import, planned: Mapping[str, Any]) -> bool:
        """See `record_rows.RecordRows.is_there`."""
        return self._stored(job, planned) is not None

    def remove(self, job: Import, planned: Mapping[str, Any]) -> str | None:
        """See `record_rows.RecordRows.remove`."""
        for _ in range(_ATTEMPTS):
            note = self._stored(job, planned)
            if note is None:
                return None
            if note.version > 1:
                break
            try:
                self._notes.take_back(note, _told(job, planned).id)
            except StaleVersion:
                continue
            return None
        return _id(job, planned)

    def _stored(self, job: Import, planned: Mapping[str, Any]) -> Note | None:
        return self._notes.get(job.tenant, [planned["customer_id"]], _id(job, planned))


def _at(job: Import, planned: Mapping[str, Any]) -> datetime:
    """When the note was written: as the file says, or with the import."""
    typed = planned["values"]["at"]
    return datetime.fromisoformat(typed) if typed else job.load_started_at or job.created_at


def _id(job: Import, planned: Mapping[str, Any]) -> str:
    return derived_id("nte", _at(job, planned), job.id, str(planned["line"]))


def _actor(job: Import) -> Actor:
    return Actor(job.created_by.user, Source.IMPORT, job.id)


def _note(job: Import, planned: Mapping[str, Any]) -> Note:
    return Note(
        id=_id(job, planned),
        tenant=job.tenant,
        customer_id=planned["customer_id"],
        created_at=_at(job, planned),
        updated_at=job.load_started_at or job.created_at,
        created_by=_actor(job),
        text=planned["values"]["text"],
        author=planned["values"]["author"],
    )


def _told(job: Import, planned: Mapping[str, Any]) -> Activity:
    """The entry of the timeline, of the import's own moment: that is when the note came here."""
    at = job.load_started_at or job.created_at
    return Activity(
        id=derived_id("act", at, job.id, str(planned["line"])),
        tenant=job.tenant,
        customer_id=planned["customer_id"],
        at=at,
        actor=_actor(job),
        noun=str(Note.family),
        verb="added",
        record_id=_id(job, planned),
    )
