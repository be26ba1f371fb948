"""Taking back what an import changed of customers there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from roster.domain import customer as rules
from roster.domain import parts
from roster.domain.contact import Contact
from roster.domain.customer import Customer, Status
from roster.domain.errors import StaleVersion, Taken
from roster.domain.events import Actor, Event, EventKind, Source
from roster.domain.imports import updating
from roster.domain.imports.job import Tally
from roster.domain.imports.touching import UNDONE, KeptCode, touched_by, why_touched
from roster.domain.location import Location
from roster.usecases.imports.ports import WholeChange
from roster.usecases.imports.rows import rows_of
from roster.usecases.imports.updates import (
    ATTEMPTS,
    OF_STATUS,
    Entry,
    Updates,
    event_of_undo,
)

# One query, and more than a customer ever has open.
_OPEN_JOBS_LOOKED_AT = 1000
# A page of a history.
_EVENTS = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A customer that an undo leaves as it is: its line in the file, and why."""

    line: int
    customer: Customer
    code: KeptCode
    detail: str


class _Stays(Exception):
    """The customer is not set back."""

    def __init__(self, code: KeptCode, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class Restoring(Updates):
    """The updates of one chunk, being taken back."""

    def undo(self, entries: Sequence[Entry]) -> tuple[int, list[Kept]]:
        """Set back what was changed: how many customers; and those that stay as they are."""
        heads = self.heads(entries)
        kept: list[Kept] = []
        restored = 0
        for entry in entries:
            head = heads.get(entry["update"])
            if head is None or not self.is_done(entry):
                continue
            try:
                self._set_back(entry, head)
            except _Stays as why:
                now = self.ports.customers.get(head.tenant, head.id)
                kept.append(Kept(entry["line"], now or head, why.code, why.detail))
            else:
                restored += 1
        return restored, kept

    def loaded(self, entries: Sequence[Entry]) -> Tally:
        """What a load that was given up half way has done of them."""
        done = [one for one in entries if self.is_done(one)]
        return Tally(updated=len(done), joined=sum(rows_of(one) - 1 for one in done))

    def _set_back(self, entry: Entry, head: Customer) -> None:
        """Bring back what the customer was, unless an earlier attempt has; raises _Stays."""
        for _ in range(ATTEMPTS):
            since = self._since(entry, head)
            if any(event.id == event_of_undo(self.job, entry, event.version) for event in since):
                return
            touched = touched_by(since)
            if touched is not None or head.status in (Status.DELETED, Status.MERGED):
                raise _Stays(*why_touched(head, touched))
            places, people = self.parts(entry, head)
            if places and self._has_work_at(head, {place.id for place in places}):
                raise _Stays(KeptCode.IN_USE, "jobs are open at a place that the import added")
            try:
                self.ports.changing.take_away(self._back(entry, head, places, people))
            except StaleVersion:
                head = self.ports.customers.get(head.tenant, head.id) or head
            except Taken as clash:
                raise _Stays(
                    KeptCode.VALUE_TAKEN,
                    f"the {clash.field} it had, {clash.value}, belongs to "
                    f"{self.told(clash.holder_id)} by now",
                ) from clash
            else:
                return
        raise _Stays(KeptCode.IN_USE, "something that the import added is in use")

    def _since(self, entry: Entry, head: Customer) -> list[Event]:
        """The events after that of the import, newest first: mostly none, and no read."""
        done = entry["version"] + 1
        found: list[Event] = []
        after: str | None = None
        while head.version > done:
            page = self.ports.customers.history(
                head.tenant, head.id, limit=_EVENTS, after=after, head=head
            )
            found += page.items
            after = page.next
            if after is None or found[-1].version <= done:
                break
        return [event for event in found if event.version > done]

    def _has_work_at(self, head: Customer, places: set[str]) -> bool:
        owners = (head.id, *head.absorbed)
        # Only here: most chunks are not about jobs, whose records take a while to start.
        there = self.ports.jobs().open(head.tenant, owners, limit=_OPEN_JOBS_LOOKED_AT)
        return any(job.location_id in places for job in there)

    def _back(
        self,
        entry: Entry,
        head: Customer,
        places: Sequence[Location],
        people: Sequence[Contact],
    ) -> WholeChange:
        rest = head.locations_count - len(places)
        after = replace(
            updating.as_it_was(head, entry["old"]),
            locations_count=rest,
            primary_location=head.primary_location if rest else None,
            version=head.version + 1,
            updated_at=self.ports.clock(),
        )
        event = Event(
            id=event_of_undo(self.job, entry, after.version),
            kind=_kind_back(entry, places, people),
            customer_id=head.id,
            version=after.version,
            at=after.updated_at,
            actor=Actor(self._undone_by(), Source.IMPORT, self.job.id),
            changes=(
                *rules.changes_between(head, after),
                *parts.changes("locations", places, []),
                *parts.changes("contacts", people, []),
            ),
            reason=UNDONE,
        )
        return WholeChange(head, after, event, places, people)

    def _undone_by(self) -> str:
        return (self.job.undo_by or self.job.created_by).user


def _kind_back(entry: Entry, places: Sequence[Location], people: Sequence[Contact]) -> EventKind:
    if entry["old"].keys() == {"status"} and not (places or people):
        return OF_STATUS[Status(entry["old"]["status"])]
    if entry["old"] or (places and people):
        return EventKind.EDITED
    return EventKind.LOCATION_REMOVED if places else EventKind.CONTACT_REMOVED
