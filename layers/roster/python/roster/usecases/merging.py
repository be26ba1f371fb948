"""Merging two customers into one, and taking a merge back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from roster.domain import merge as rules
from roster.domain.counts import placed, total
from roster.domain.customer import Customer, event_of
from roster.domain.errors import NotFound, WrongState
from roster.domain.events import Actor, Event, EventKind
from roster.domain.history import dialled
from roster.domain.ids import new_id
from roster.domain.merge import Choice, Merge, Pair
from roster.domain.parts import joined
from roster.usecases.customers import own_customer
from roster.usecases.joining import owners
from roster.usecases.ports import Clock, Customers, Settings


@dataclass(frozen=True, slots=True)
class Step:
    """One customer's part in a change of two."""

    before: Customer
    after: Customer
    event: Event


class Merges(Protocol):
    """The records of merges."""

    def get(self, tenant: str, merge_id: str) -> Merge | None:
        """The merge as of now."""

    def save(self, merge: Merge, steps: tuple[Step, Step]) -> None:
        """Write both customers and the merge, or nothing; raises StaleVersion."""


@dataclass(frozen=True, slots=True)
class Merging:
    """What a merge did, or would do: `merge` is None for a preview."""

    before: Pair
    after: Pair
    merge: Merge | None


def merge_customers(
    tenant: str,
    survivor_id: str,
    loser_id: str,
    choices: Mapping[str, Choice],
    *,
    is_preview: bool,
    if_version: int | None,
    actor: Actor,
    customers: Customers,
    merges: Merges,
    clock: Clock,
) -> Merging:
    """Let `loser_id` become a part of `survivor_id`; a preview writes nothing.

    Raises Invalid with the rule that the loser or a choice breaks, StaleVersion, NotFound, Gone.
    """
    survivor = own_customer(tenant, survivor_id, if_version=if_version, customers=customers)
    loser = rules.check_loser(survivor, loser_id, customers.get(tenant, loser_id))
    before, now = Pair(survivor, loser), clock()
    after = rules.merge(survivor, loser, choices, now=now)
    if is_preview:
        return Merging(before, after, None)
    steps = _steps(EventKind.MERGED, before, after, actor)
    merge = Merge(
        id=new_id("mrg", now),
        tenant=tenant,
        survivor_id=survivor.id,
        loser_id=loser.id,
        survivor_event=steps[0].event.id,
        loser_event=steps[1].event.id,
        at=now,
    )
    merges.save(merge, steps)
    return Merging(before, after, merge)


def _steps(kind: EventKind, before: Pair, after: Pair, actor: Actor) -> tuple[Step, Step]:
    pairs = ((before.survivor, after.survivor), (before.loser, after.loser))
    one, other = (Step(old, new, event_of(kind, old, new, actor)) for old, new in pairs)
    return one, other


def _recounted(customer: Customer, customers: Customers) -> Customer:
    """The customer with the figures of what is its own again."""
    parts = [customers.locations(customer.tenant, owner) for owner in owners(customer)]
    places = joined(parts[0], [place for some in parts[1:] for place in some])
    stored = customers.counts(customer.tenant, owners(customer)).values()
    return replace(
        placed(customer, places),
        assets_owned=sum(total(one.owned) for one in stored),
        assets_on_location=sum(total(one.on_location) for one in stored),
    )


def undo_merge(
    tenant: str,
    merge_id: str,
    *,
    actor: Actor,
    customers: Customers,
    merges: Merges,
    settings: Settings,
    clock: Clock,
) -> Pair:
    """Take a merge back, however old; raises TouchedSince with what stands in the way."""
    merge = merges.get(tenant, merge_id)
    if merge is None:
        raise NotFound(f"there is no merge {merge_id}")
    if merge.is_undone:
        raise WrongState("this merge has been undone")
    survivor = customers.get(tenant, merge.survivor_id)
    loser = customers.get(tenant, merge.loser_id)
    of_survivor = customers.event(tenant, merge.survivor_id, merge.survivor_event)
    of_loser = customers.event(tenant, merge.loser_id, merge.loser_event)
    if survivor is None or loser is None or of_survivor is None or of_loser is None:
        raise NotFound(f"merge {merge_id} has lost its customers")
    before = Pair(survivor, loser)
    after = rules.unmerge(before, (of_survivor, of_loser), now=clock())
    region = settings.get(tenant).country
    after = Pair(
        _recounted(dialled(after.survivor, region), customers), _recounted(after.loser, customers)
    )
    merges.save(merge, _steps(EventKind.UNMERGED, before, after, actor))
    return after
