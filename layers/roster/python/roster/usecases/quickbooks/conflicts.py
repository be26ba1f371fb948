"""The conflict inbox: fields edited on both sides, who won and why, and a person's last word.

A run has already let one side win. A resolution sets the field here under the rules of any edit,
and what is set here goes to QuickBooks as any edit does.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from roster.domain.customer import Customer, Status
from roster.domain.errors import FieldError, Invalid, MovedSince, NotFound, RosterError, WrongState
from roster.domain.events import Actor
from roster.domain.location import Address
from roster.domain.sync.outgoing import as_sent
from roster.domain.sync.policy import Primary
from roster.domain.sync.records import ACTIVE, Link, canonical, our_values
from roster.domain.sync.steps import Conflict
from roster.usecases.customers import (
    activate_customer,
    deactivate_customer,
    edit_customer,
    read_customer,
)
from roster.usecases.ports import Page
from roster.usecases.quickbooks.connecting import status
from roster.usecases.quickbooks.ports import QuickBooksPorts

# So many entries are looked at for one page; a filter may leave few of them.
_LOOKED_AT = 500


class ConflictState(StrEnum):
    """Whether somebody still has to look at it."""

    OPEN = "open"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class Take(StrEnum):
    """Whose value is to count on both sides."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The value that somebody chose; `take` is None where it was typed."""

    take: Take | None
    value: Any
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A field of a QuickBooks record that was edited on both sides, as the run `run` found it."""

    quickbooks_id: str
    field: str
    name: str
    customer_id: str | None
    run: str
    at: datetime
    state: ConflictState
    conflict: Conflict
    resolution: Resolution | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for somebody."""
        return self.state is not ConflictState.RESOLVED


class Conflicts(Protocol):
    """Where conflicts are kept: one for a record's field, the newest."""

    def get(self, tenant: str, realm: str, quickbooks_id: str, field: str) -> Entry | None:
        """One entry, strongly consistent."""

    def page(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[Entry]:
        """Some of all entries, by record and field."""

    def resolve(
        self, tenant: str, realm: str, entry: Entry, resolution: Resolution
    ) -> Entry | None:
        """Keep the resolution; None when a newer conflict has taken the entry's place."""

    def reopen(self, tenant: str, realm: str, entry: Entry) -> Entry | None:
        """Ask for another look; None as in `resolve`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries are meant; None is any."""

    state: ConflictState | None = None
    field: str | None = None
    winner: Primary | None = None
    customer_id: str | None = None

    def fits(self, entry: Entry) -> bool:
        """Whether the entry is one of them."""
        return (
            self.state in (None, entry.state)
            and self.field in (None, entry.field)
            and self.winner in (None, entry.conflict.winner)
            and self.customer_id in (None, entry.customer_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedMany:
    """How many were resolved, those that could not be with the reason, and where to go on."""

    resolved: int
    left: tuple[tuple[Entry, str], ...]
    next: str | None


def conflicts_page(
    tenant: str,
    wanted: Wanted,
    *,
    limit: int,
    after: str | None,
    conflicts: Conflicts,
    ports: QuickBooksPorts,
) -> Page[Entry]:
    """Entries by record and field; a page may be short and still not be the last."""
    realm = status(tenant, ports=ports).realm
    found: list[Entry] = []
    looked = 0
    while len(found) < limit and looked < _LOOKED_AT:
        part = conflicts.page(tenant, realm, limit=limit - len(found), after=after)
        found += filter(wanted.fits, part.items)
        looked, after = looked + len(part.items), part.next
        if after is None:
            break
    return Page(found, after)


def _entry(
    tenant: str, quickbooks_id: str, field: str, conflicts: Conflicts, ports: QuickBooksPorts
) -> tuple[str, Entry]:
    realm = status(tenant, ports=ports).realm
    entry = conflicts.get(tenant, realm, quickbooks_id, field)
    if entry is None:
        raise NotFound(f"there is no conflict about {field} of QuickBooks customer {quickbooks_id}")
    return realm, entry


def resolve_conflict(
    tenant: str,
    quickbooks_id: str,
    field: str,
    *,
    take: Take | None,
    value: Any,
    actor: Actor,
    conflicts: Conflicts,
    ports: QuickBooksPorts,
) -> Entry:
    """Set the field here to the value of a side, or to `value` where no side is taken.

    Raises NotFound, WrongState for one that is resolved, MovedSince where the field was edited
    since the conflict, or Invalid at /value.
    """
    realm, entry = _entry(tenant, quickbooks_id, field, conflicts, ports)
    return _resolved(tenant, realm, entry, take, value, actor, conflicts, ports)


def _resolved(
    tenant: str,
    realm: str,
    entry: Entry,
    take: Take | None,
    value: Any,
    actor: Actor,
    conflicts: Conflicts,
    ports: QuickBooksPorts,
) -> Entry:
    if not entry.is_open:
        raise WrongState("the conflict is resolved: reopen it first", code="resolved")
    sides = {Take.OURS: entry.conflict.ours, Take.THEIRS: entry.conflict.theirs}
    wanted = _typed(entry.field, sides[take] if take else value)
    customer = read_customer(tenant, entry.customer_id or "", customers=ports.customers)
    link = ports.state.links(tenant, realm, [entry.quickbooks_id]).get(entry.quickbooks_id)
    _refuse_moved(entry, customer, link, wanted)
    if entry.field == "display_name" and wanted is None:
        raise Invalid([FieldError("/value", "required", "a customer needs a name")])
    if our_values(customer).get(entry.field) != wanted:
        customer = _set(tenant, customer, entry, wanted, actor, ports)
    kept = our_values(customer).get(entry.field)
    resolution = Resolution(take=take, value=kept, by=actor.user, at=ports.clock())
    after = conflicts.resolve(tenant, realm, entry, resolution)
    if after is None:
        raise MovedSince("a newer conflict has taken the place of this one: read it again")
    return after


def _typed(field: str, value: Any) -> Any:
    """A value as customers hold it: an address is stored as its parts."""
    if field == "billing_address" and isinstance(value, dict):
        address = Address(**value)
        return address if address != Address() else None
    return value if value != "" else None


def _refuse_moved(entry: Entry, customer: Customer, link: Link | None, wanted: Any) -> None:
    """Only what the conflict left, or an earlier resolution of it, may be replaced unseen."""
    conflict = entry.conflict
    won = conflict.theirs if conflict.winner is Primary.QUICKBOOKS else conflict.ours
    known = [won, wanted] + ([entry.resolution.value] if entry.resolution else [])
    here = our_values(customer).get(entry.field)
    there = link.base_theirs.get(entry.field) if link is not None else None
    sent = [as_sent(entry.field, _typed(entry.field, value)) for value in known]
    moved = []
    if not _is_one_of(here, known):
        detail = f"it is {canonical(here)} in Roster by now"
        moved.append(FieldError("/ours", "moved", detail))
    if not _is_one_of(there, [conflict.theirs, *known, *sent]):
        detail = f"it is {canonical(there)} in QuickBooks by now"
        moved.append(FieldError("/theirs", "moved", detail))
    if moved:
        text = "; ".join(error.detail for error in moved)
        raise MovedSince(f"{entry.field} was edited since the conflict: {text}", moved)


def _is_one_of(value: Any, others: list[Any]) -> bool:
    return canonical(value) in {canonical(other) for other in others}


def _set(
    tenant: str, customer: Customer, entry: Entry, wanted: Any, actor: Actor, ports: QuickBooksPorts
) -> Customer:
    reason = "A conflict with QuickBooks was resolved."
    if entry.field == ACTIVE:
        is_active = customer.status is Status.ACTIVE
        move = deactivate_customer if is_active else activate_customer
        return move(
            tenant,
            customer.id,
            if_version=customer.version,
            actor=actor,
            customers=ports.customers,
            clock=ports.clock,
            reason=reason,
        )
    # The name is given even where it stays: one derived from the company would follow it.
    values = {"display_name": customer.display_name, entry.field: wanted}
    try:
        return edit_customer(
            tenant,
            customer.id,
            values,
            if_version=customer.version,
            actor=actor,
            customers=ports.customers,
            settings=ports.settings,
            clock=ports.clock,
            reason=reason,
        )
    except Invalid as invalid:
        at = f"/{entry.field}"
        errors = [(e, e.pointer.removeprefix(at)) for e in invalid.errors]
        raise Invalid(FieldError(f"/value{rest}", e.code, e.detail) for e, rest in errors) from None


def resolve_many(
    tenant: str,
    take: Take,
    wanted: Wanted,
    *,
    limit: int,
    after: str | None,
    actor: Actor,
    conflicts: Conflicts,
    ports: QuickBooksPorts,
) -> ResolvedMany:
    """Resolve those that are open and wanted, `limit` entries at a time, one by one.

    One that cannot be resolved stays open and does not stop the others.
    """
    realm = status(tenant, ports=ports).realm
    part = conflicts.page(tenant, realm, limit=limit, after=after)
    left: list[tuple[Entry, str]] = []
    resolved = 0
    for entry in part.items:
        if not entry.is_open or not wanted.fits(entry):
            continue
        try:
            _resolved(tenant, realm, entry, take, None, actor, conflicts, ports)
        except RosterError as error:
            left.append((entry, error.detail))
        else:
            resolved += 1
    return ResolvedMany(resolved=resolved, left=tuple(left), next=part.next)


def reopen_conflict(
    tenant: str, quickbooks_id: str, field: str, *, conflicts: Conflicts, ports: QuickBooksPorts
) -> Entry:
    """Ask for another look at a resolved conflict; what was set stays. Raises WrongState."""
    realm, entry = _entry(tenant, quickbooks_id, field, conflicts, ports)
    if entry.is_open:
        raise WrongState("the conflict is open")
    after = conflicts.reopen(tenant, realm, entry)
    if after is None:
        raise MovedSince("a newer conflict has taken the place of this one: read it again")
    return after
