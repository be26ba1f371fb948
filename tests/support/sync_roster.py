"""The Roster side without a table: customers with the times of their edits, links, the outbox."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from roster.domain import customer as rules
from roster.domain.customer import Customer, Origin, Status
from roster.domain.events import Actor, Source
from roster.domain.sync.policy import Policy
from roster.domain.sync.records import ACTIVE, COMPARED, Link, TheirCustomer, our_values
from roster.domain.sync.steps import Action, Decision, Here, There, Verb, Write
from roster.domain.text import fold
from tests.support.sync_books import Books, sent_as

TENANT, REALM = "t", "9130"
# Payment terms of ours, with QuickBooks' ids of them.
TERMS = {"trm_1": "3", "trm_2": "4"}
_PERSON, _SYNC = Actor("olga"), Actor("quickbooks", Source.QUICKBOOKS)


@dataclass(frozen=True)
class Line:
    """One line of a report."""

    quickbooks_id: str | None
    action: Action


class Moved(Exception):
    """The customer is no longer as it was planned for."""


class Roster:
    """Our side; times are by our own clock."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.customers: dict[str, Customer] = {}
        self.links: dict[str, Link] = {}
        self.outbox: dict[str, Write] = {}
        self.decisions: dict[str, Decision] = {}
        self.report: list[Line] = []
        self.edited: dict[str, dict[str, datetime]] = {}
        self.by_person: set[tuple[str, str]] = set()
        self.past: dict[tuple[str, str], list[Any]] = {}
        self.moved: dict[str, int] = {}
        self.changes = 0
        self.cursor: datetime | None = None
        self.watermark = 0
        self.anew = True

    def living(self) -> list[Customer]:
        """Those that are neither deleted nor merged away."""
        return [c for c in self.customers.values() if c.status in (Status.ACTIVE, Status.INACTIVE)]

    def keep(self, after: Customer, at: datetime, *, person: bool) -> None:
        """Store a customer and note what moved, when, and who did it."""
        before = self.customers.get(after.id)
        was = our_values(before) if before else {}
        for name in COMPARED:
            new = our_values(after).get(name)
            if new == was.get(name):
                continue
            self.edited.setdefault(after.id, {})[name] = at
            self.past.setdefault((after.id, name), []).append(new)
            if person:
                self.by_person.add((after.id, name))
            else:
                self.by_person.discard((after.id, name))
        self.customers[after.id] = after
        self.changes += 1
        self.moved[after.id] = self.changes

    def enter(self, values: Mapping[str, Any], at: datetime) -> Customer:
        """Somebody enters a customer."""
        made = rules.new_customer(
            id=f"cus_{len(self.customers)}",
            tenant=TENANT,
            values=values,
            source=Origin.MANUAL,
            actor=_PERSON,
            now=at,
        )
        self.keep(made, at, person=True)
        return made

    def edit(self, key: str, values: Mapping[str, Any], at: datetime) -> None:
        """Somebody edits a customer."""
        before = self.customers[key]
        named = {"display_name": before.display_name} | dict(values)
        self.keep(rules.edit(before, named, now=at), at, person=True)

    def set_status(self, key: str, status: Status, at: datetime) -> None:
        """Somebody archives, takes back or deletes a customer."""
        before = self.customers[key]
        after = replace(before, status=status, version=before.version + 1)
        self.keep(after, at, person=True)

    def merge(self, loser: str, winner: str, at: datetime) -> None:
        """Somebody merges two customers here."""
        gone, kept = self.customers[loser], self.customers[winner]
        self.customers[loser] = replace(gone, status=Status.MERGED, merged_into=winner)
        absorbed = (*kept.absorbed, loser, *gone.absorbed)
        after = replace(kept, absorbed=absorbed, version=kept.version + 1)
        self.keep(after, at, person=True)

    def names(self) -> dict[str, tuple[str, ...]]:
        """Ids by folded name."""
        found: dict[str, tuple[str, ...]] = {}
        for customer in self.living():
            key = fold(customer.display_name)
            found[key] = tuple(sorted((*found.get(key, ()), customer.id)))
        return found

    def _survivor(self, customer: Customer) -> Customer:
        while customer.merged_into:
            customer = self.customers[customer.merged_into]
        return customer

    def _first_linked(self, survivor: Customer) -> str | None:
        """The one of those it absorbed whose record it follows, having none of its own."""
        if survivor.quickbooks is not None:
            return None
        return next((i for i in survivor.absorbed if self.customers[i].quickbooks), None)

    def here(self, merges: Mapping[str, str]) -> Here:
        """Our side as the pull wants it."""
        followed = {}
        for key, customer in self.customers.items():
            survivor = self._survivor(customer)
            if customer.merged_into and (
                survivor.status is Status.DELETED or self._first_linked(survivor) == key
            ):
                followed[key] = survivor
        return Here(
            links=self.links,
            customers={**self.customers, **followed},
            names=self.names(),
            holders={c.quickbooks: c.id for c in self.customers.values() if c.quickbooks},
            decisions=self.decisions,
            merges=merges,
        )

    def there(self, books: Books, some: Iterable[Customer]) -> There:
        """QuickBooks' side as the push wants it."""
        by_customer: dict[str, Link] = {}
        for link in sorted(self.links.values(), key=lambda one: one.leads):
            if link.customer_id and link.kind == "customer":
                by_customer[link.customer_id] = link
        links = {}
        for customer in some:
            found = by_customer.get(customer.id)
            if found is None and (other := self._first_linked(customer)):
                found = by_customer.get(other)
            if found is not None:
                links[customer.id] = found
        return There(links=links, names=books.holders(), choices=TERMS)

    def dirty(self, upto: int, *, everything: bool) -> list[Customer]:
        """Those changed since the last push, or marked."""
        marked = {link.customer_id for link in self.links.values() if link.to_push}
        return [
            self._survivor(c) if c.id in marked else c
            for c in self.customers.values()
            if everything or self.watermark < self.moved[c.id] <= upto or c.id in marked
        ]

    def act(self, theirs: TheirCustomer, action: Action, at: datetime) -> str | None:
        """Do one action of a pull; the id of the customer that a creation led to."""
        key = action.customer_id or ""
        match action.verb:
            case Verb.CREATE_HERE:
                return self._create(theirs, action, at)
            case Verb.UPDATE_HERE:
                before = self.customers[key]
                for change in action.changes:
                    if getattr(before, change.field) not in (change.old, change.new):
                        raise Moved
                values = {"display_name": before.display_name}
                values |= {c.field: c.new for c in action.changes}
                self.keep(rules.edit(before, values, now=at), at, person=False)
            case Verb.ACTIVATE_HERE | Verb.DEACTIVATE_HERE:
                on = action.verb is Verb.ACTIVATE_HERE
                before = self.customers[key]
                wanted = Status.ACTIVE if on else Status.INACTIVE
                if before.status in (Status.ACTIVE, Status.INACTIVE) and before.status != wanted:
                    after = replace(before, status=wanted, version=before.version + 1)
                    self.keep(after, at, person=False)
            case Verb.LINK | Verb.UNLINK:
                before = self.customers[key]
                has, links = before.quickbooks == theirs.id, action.verb is Verb.LINK
                free = before.quickbooks is None and before in self.living()
                if links and not has and not free:
                    raise Moved
                if has != links:
                    self.link(key, theirs.id if links else None, at)
        return None

    def link(self, key: str, quickbooks_id: str | None, at: datetime) -> None:
        """Write the QuickBooks id on a customer, whatever became of it meanwhile."""
        before = self.customers[key]
        after = rules.link_quickbooks(before, quickbooks_id, now=at)
        if after is not before:
            self.keep(after, at, person=False)

    def _create(self, theirs: TheirCustomer, action: Action, at: datetime) -> str:
        key = action.customer_id or ""
        if key not in self.customers:
            made = rules.new_customer(
                id=key,
                tenant=TENANT,
                values={c.field: c.new for c in action.changes},
                source=Origin.QUICKBOOKS,
                actor=_SYNC,
                now=at,
            )
            status = Status.ACTIVE if theirs.active else Status.INACTIVE
            self.keep(replace(made, quickbooks=theirs.id, status=status), at, person=False)
        return key

    def seen(self, key: str, field: str, value: Any) -> bool:
        """Whether the customer, or one that was merged into it, ever had that value."""
        ids = (key, *self.customers[key].absorbed)
        return any(value == sent_as(field, v) for i in ids for v in self.past.get((i, field), ()))


def active_of(customer: Customer) -> bool:
    """The status as the sync compares it."""
    return bool(our_values(customer)[ACTIVE])
