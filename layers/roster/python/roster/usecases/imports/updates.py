"""Carrying out what a plan changes of customers there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from roster.domain import customer as rules
from roster.domain import parts
from roster.domain.contact import Contact
from roster.domain.custom_fields import check_values
from roster.domain.customer import Customer, Status
from roster.domain.errors import Invalid, StaleVersion, Taken
from roster.domain.events import Actor, Event, EventKind, Source
from roster.domain.ids import derived_id
from roster.domain.imports import updating
from roster.domain.imports.job import Import, Tally
from roster.domain.imports.touching import UNDONE
from roster.domain.job import Job
from roster.domain.location import Location
from roster.domain.settings import TenantSettings
from roster.domain.terms import CUSTOMER_FIELD
from roster.usecases.customer_fields import emptied_by, unlinked
from roster.usecases.imports.ports import Changing, WholeChange
from roster.usecases.imports.rows import people_of, places_of, rows_of
from roster.usecases.ports import Clock, Customers, Settings
from roster.usecases.record_ports import Records

OF_STATUS = {
    Status.ACTIVE: EventKind.ACTIVATED,
    Status.INACTIVE: EventKind.DEACTIVATED,
}

type Entry = Mapping[str, Any]

# A reader of the same item may pass by; a change of it is told from that by the version.
ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What changing customers takes."""

    customers: Customers
    changing: Changing
    jobs: Callable[[], Records[Job]]
    settings: Settings
    clock: Clock


def is_update(entry: Entry) -> bool:
    """Whether an entry of a chunk changes a customer there is."""
    return "update" in entry


def event_of_row(job: Import, entry: Entry) -> str:
    """The id of the history's entry: it tells every later attempt that the work is done."""
    return _event_id(job, entry, entry["version"] + 1, "update")


def event_of_undo(job: Import, entry: Entry, version: int) -> str:
    """The id of the entry of its undo, which makes that version."""
    return _event_id(job, entry, version, UNDONE)


def _event_id(job: Import, entry: Entry, version: int, what: str) -> str:
    named = derived_id("e", job.created_at, job.id, str(entry["line"]), what)
    return f"evt_{version:010d}_{named[2:]}"


def told_holder(holder: Customer | None) -> str:
    """Who holds a value that a row asks for, for people: its id and its state."""
    return f"customer {holder.id} ({holder.status})" if holder else "another customer"


class Updates:
    """The updates of one chunk; `issues` is what there is to report of them."""

    def __init__(self, job: Import, ours: TenantSettings, ports: Ports) -> None:
        self.job, self.ours, self.ports = job, ours, ports
        self.issues: list[dict[str, Any]] = []

    def load(self, entries: Sequence[Entry], gone: set[str]) -> Tally:
        """Change the customers, each once however often it is tried; `gone` are retired terms."""
        heads = self.heads(entries)
        done = [one for one in entries if self._is_written(one, heads.get(one["update"]), gone)]
        joined = sum(rows_of(one) - 1 for one in done)
        failed = sum(map(rows_of, entries)) - len(done) - joined
        return Tally(updated=len(done), joined=joined, failed=failed)

    def heads(self, entries: Sequence[Entry]) -> Mapping[str, Customer]:
        """The customers as they are now, by id."""
        ids = [one["update"] for one in entries]
        return self.ports.customers.get_many(self.job.tenant, ids) if ids else {}

    def _is_written(self, entry: Entry, head: Customer | None, gone: set[str]) -> bool:
        if head is None or head.version != entry["version"]:
            return self.is_done(entry) or self._moved(entry)
        values = updating.values_of(entry["set"])
        for field in CUSTOMER_FIELD.values():
            if values.get(field) in gone:
                self._say(entry, field, values.pop(field), "warning", "retired",
                          "left out: it was retired since the plan was made")  # fmt: skip
        for _ in range(ATTEMPTS):
            change = self._change(entry, head, values)
            if change is None:
                return False
            try:
                self.ports.changing.add(change)
            except StaleVersion:
                if not self.is_as_planned(entry, entry["version"]):
                    return self.is_done(entry) or self._moved(entry)
            except Taken as clash:
                if not self._gives_way(entry, clash, values):
                    return False
            else:
                return True
        raise StaleVersion(f"customer {head.id} keeps changing")

    def is_as_planned(self, entry: Entry, version: int) -> bool:
        """Whether the customer is at that version: then a write only lost against a passing one."""
        now = self.ports.customers.get(self.job.tenant, entry["update"])
        return now is not None and now.version == version

    def is_done(self, entry: Entry) -> bool:
        """Whether an earlier attempt has changed the customer."""
        tenant, customers = self.job.tenant, self.ports.customers
        return customers.event(tenant, entry["update"], event_of_row(self.job, entry)) is not None

    def _moved(self, entry: Entry) -> bool:
        detail = f"customer {entry['update']} was changed since the plan was made"
        self._tell(entry["line"], None, None, "error", "moved", detail)
        return False

    def _gives_way(self, entry: Entry, clash: Taken, values: dict[str, Any]) -> bool:
        """Whether the row goes in without a value that somebody else has by now."""
        holder = self.told(clash.holder_id)
        if clash.field == "external_id":
            self._say(entry, clash.field, values.pop(clash.field), "warning", "taken",
                      f"left out: the id now belongs to {holder}")  # fmt: skip
            return True
        self._say(entry, clash.field, clash.value, "error", "taken",
                  f"the {clash.field} now belongs to {holder}")  # fmt: skip
        return False

    def told(self, customer_id: str | None) -> str:
        """Who holds a value, for people."""
        found = self.ports.customers.get(self.job.tenant, customer_id) if customer_id else None
        return told_holder(found)

    def _change(
        self, entry: Entry, head: Customer, values: Mapping[str, Any]
    ) -> WholeChange | None:
        """What is to be written, or None where the rules refuse it by now."""
        now = self.ports.clock()
        start = unlinked(head, values, customers=self.ports.customers)
        errors = check_values(values.get("custom") or {}, self.ours.custom_fields)
        fields = {name: value for name, value in values.items() if name != "status"}
        try:
            after = rules.edit(start, fields, now=now, region=self.ours.country)
            after = replace(after, status=values.get("status", head.status))
        except Invalid as invalid:
            errors += invalid.errors
            after = head
        errors += emptied_by(head, after, self.ours)
        if errors:
            for broken in errors:
                name = broken.pointer.strip("/").replace("/", ".")
                self._tell(entry["line"], name, None, "error", broken.code, broken.detail)
            return None
        places, people = self.parts(entry, head)
        return self._step(head, after, places, people, event_of_row(self.job, entry))

    def parts(self, entry: Entry, head: Customer) -> tuple[list[Location], list[Contact]]:
        """The places and people that the rows of the entry bring, under their ids."""
        rows = [entry, *entry.get("joined", ())]
        leads = not head.locations_count
        places = [
            replace(place, primary=place.primary and leads)
            for place in places_of(self.job, head.id, rows)
        ]
        # Where nobody is marked the oldest leads.
        people = [replace(one, primary=False) for one in people_of(self.job, head.id, rows)]
        return places, people

    def _step(
        self,
        head: Customer,
        edited: Customer,
        places: Sequence[Location],
        people: Sequence[Contact],
        event_id: str,
    ) -> WholeChange:
        after = replace(
            updating.with_places(edited, places),
            version=head.version + 1,
            updated_at=self.ports.clock(),
        )
        changes = [
            *rules.changes_between(head, after),
            *parts.changes("locations", [], places),
            *parts.changes("contacts", [], people),
        ]
        event = Event(
            id=event_id,
            kind=_kind(head, edited, places, people),
            customer_id=head.id,
            version=after.version,
            at=after.updated_at,
            actor=Actor(self.job.created_by.user, Source.IMPORT, self.job.id),
            changes=tuple(changes),
        )
        return WholeChange(head, after, event, places, people)

    def _say(
        self, entry: Entry, field: str, value: Any, severity: str, what: str, detail: str
    ) -> None:
        self._tell(entry["line"], field, value, severity, f"{field}_{what}", detail)

    def _tell(
        self, line: int, field: str | None, value: Any, severity: str, rule: str, detail: str
    ) -> None:
        heading = next((h for h, f in self.job.columns if f == field), None)
        self.issues.append(
            {
                "line": line,
                "column": heading,
                "value": value,
                "rule": rule,
                "detail": detail,
                "severity": severity,
                "suggestion": None,
            }
        )


def _kind(
    head: Customer, edited: Customer, places: Sequence[Location], people: Sequence[Contact]
) -> EventKind:
    """The one thing that happened, or an edit where there are several."""
    changed = [change.field for change in rules.changes_between(head, edited)]
    if changed == ["status"] and not (places or people):
        return OF_STATUS[edited.status]
    if changed or (places and people):
        return EventKind.EDITED
    return EventKind.LOCATION_ADDED if places else EventKind.CONTACT_ADDED
