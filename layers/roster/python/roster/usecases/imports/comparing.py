"""Rows of customers there are, against the customers: what each would change, field by field."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from roster.domain import customer as rules
from roster.domain.customer import Customer, Status
from roster.domain.errors import Invalid
from roster.domain.imports import updating
from roster.domain.imports.draft import ROW, Action, Draft, PlannedRow
from roster.domain.imports.matched import Matched
from roster.domain.parts import MAX_PARTS
from roster.domain.settings import TenantSettings
from roster.usecases.customer_fields import emptied_by, unlinked
from roster.usecases.imports.ports import People
from roster.usecases.joining import joined_locations, owners
from roster.usecases.ports import Customers

# As many heads as one read takes, and no more rows at once than a small function holds.
_HEADS, _ROWS = 100, 1000
# A change is one transaction, which takes 100 items; a customer's tags and names come first.
_NEW_PARTS = 40


class Comparing:
    """Settles rows in the order of the file; heads are read a hundred at a time."""

    def __init__(
        self,
        tenant: str,
        *,
        customers: Customers,
        people: People,
        ours: TenantSettings,
        write: Callable[[PlannedRow], None],
    ) -> None:
        self._tenant, self._customers, self._people = tenant, customers, people
        self._ours, self._write = ours, write
        self._waiting: list[PlannedRow | Matched] = []
        self._matched = 0
        # By customer: the row that changes it, what it has with what rows have brought so far.
        self._updates: dict[str, int] = {}
        self._brought: dict[str, int] = {}
        self._places: dict[str, list[Mapping[str, Any]]] = {}
        self._persons: dict[str, list[Mapping[str, Any]]] = {}

    def take(self, one: PlannedRow | Matched) -> None:
        """The next row of the file; it is written once it is settled, in its turn."""
        if isinstance(one, PlannedRow) and not self._waiting:
            self._write(one)
            return
        self._waiting.append(one)
        self._matched += isinstance(one, Matched)
        if self._matched == _HEADS or len(self._waiting) == _ROWS:
            self.flush()

    def flush(self) -> None:
        """Settle and write every row that waits."""
        waiting, self._waiting, self._matched = self._waiting, [], 0
        ids = {one.customer_id for one in waiting if isinstance(one, Matched)}
        heads = self._customers.get_many(self._tenant, sorted(ids)) if ids else {}
        for one in waiting:
            if isinstance(one, PlannedRow):
                self._write(one)
            else:
                self._write(self._row(one, heads.get(one.customer_id)))

    def _row(self, one: Matched, head: Customer | None) -> PlannedRow:
        draft = one.draft
        if head is None or head.status not in (Status.ACTIVE, Status.INACTIVE):
            detail = f"customer {one.customer_id} was changed while the plan was made"
            draft.refuse("", "moved", detail, draft.called)
            return draft.row(Action.ERROR, draft.called)
        after = self._edited(one, head) if one.is_first or self._may_note(draft, head) else head
        places, people = self._new_parts(draft, head)
        self._check_room(draft, head, len(places), len(people))
        if after is None or draft.is_refused:
            return replace(draft.row(Action.ERROR, draft.called), customer_id=head.id)
        changes = updating.field_changes(head, after)
        name = draft.called or head.display_name
        if not (changes or places or people):
            return self._skipped(one, head, name)
        # Without new ones nobody has looked yet what there is.
        if places:
            self._places[head.id].extend(places)
        if people:
            self._persons[head.id].extend(people)
        self._brought[head.id] = self._brought.get(head.id, 0) + len(places) + len(people)
        if (earlier := self._updates.get(head.id)) is not None:
            row = draft.row(Action.JOIN, name, same_as=f"{ROW}{earlier}")
            told = f"the same customer as row {earlier}: its new places and people are added"
            return replace(row, locations=places, contacts=people, customer_id=head.id, reason=told)
        self._updates[head.id] = draft.line
        return replace(
            draft.row(Action.UPDATE, name, same_as=head.id),
            locations=places,
            contacts=people,
            customer_id=head.id,
            version=head.version,
            values=updating.settable(changes),
            old=updating.what_was(head, after),
            changes=(*changes,),
        )

    def _skipped(self, one: Matched, head: Customer, name: str) -> PlannedRow:
        if one.is_first:
            row = one.draft.row(Action.SKIP, name, same_as=head.id, reason="unchanged")
        else:
            reason = f"the same customer as {ROW}{one.first} of this file"
            row = one.draft.row(Action.SKIP, name, same_as=f"{ROW}{one.first}", reason=reason)
        return replace(row, customer_id=head.id)

    def _may_note(self, draft: Draft, head: Customer) -> bool:
        """Whether a place or a person of the customer leaves remarks with it, as a change."""
        if not (draft.is_child and draft.kept_notes):
            return False
        if head.id in self._updates:
            kept = "\n".join(draft.kept_notes)
            draft.warn("notes", "left_out", "left out: an earlier row changes the notes", kept)
            return False
        draft.values, draft.typed_notes, draft.status = {}, None, None
        return True

    def _edited(self, one: Matched, head: Customer) -> Customer | None:
        """The customer as the row wants it; None, and issues, where the rules refuse that."""
        draft = one.draft
        self._one_billing_address(draft, head)
        values = updating.patch(
            head,
            {k: v for k, v in draft.values.items() if k != "notes"},
            blank=one.blank,
            typed_notes=draft.typed_notes,
            kept=draft.kept_notes,
            several=one.several,
        )
        start = unlinked(head, values, customers=self._customers)
        try:
            after = rules.edit(start, values, now=head.updated_at, region=self._ours.country)
        except Invalid as invalid:
            for broken in invalid.errors:
                draft.refuse_field(broken)
            return None
        for broken in emptied_by(head, after, self._ours):
            draft.refuse_field(broken)
        return replace(after, status=Status(draft.status)) if draft.status else after

    def _one_billing_address(self, draft: Draft, head: Customer) -> None:
        """Leave out where bills go where the customer's go to its place of service."""
        says = draft.values.get("billing_same_as_service", head.billing_same_as_service)
        if says and draft.values.get("billing_address"):
            typed = ", ".join(draft.values.pop("billing_address").values())
            detail = "left out: the customer's bills go to its service address"
            draft.warn("billing_address", "two_billing_addresses", detail, typed)

    def _new_parts(
        self, draft: Draft, head: Customer
    ) -> tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...]]:
        """The row's places and people that neither the customer nor an earlier row has."""
        places: tuple[Mapping[str, Any], ...] = ()
        people: tuple[Mapping[str, Any], ...] = ()
        if draft.locations:
            if head.id not in self._places:
                self._places[head.id] = self._known_places(head)
            places = tuple(updating.new_places(draft.locations, self._places[head.id]))
        if draft.contacts:
            if head.id not in self._persons:
                self._persons[head.id] = self._known_people(head)
            people = tuple(updating.new_people(draft.contacts, self._persons[head.id]))
        return places, people

    def _known_places(self, head: Customer) -> list[Mapping[str, Any]]:
        if not head.locations_count:
            return []
        return [updating.address_of(p) for p in joined_locations(head, customers=self._customers)]

    def _known_people(self, head: Customer) -> list[Mapping[str, Any]]:
        found = (self._people.all(head.tenant, owner) for owner in owners(head))
        return [updating.person_of(person) for some in found for person in some]

    def _check_room(self, draft: Draft, head: Customer, places: int, people: int) -> None:
        if places + people and self._brought.get(head.id, 0) + places + people > _NEW_PARTS:
            detail = f"an import adds at most {_NEW_PARTS} places and people to a customer there is"
            draft.refuse("", "too_many", detail, None)
        elif places and head.locations_count + places > MAX_PARTS:
            detail = f"a customer has at most {MAX_PARTS} locations"
            draft.refuse("", "too_many", detail, None)
