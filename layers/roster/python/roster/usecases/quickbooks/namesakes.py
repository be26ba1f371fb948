"""Who has a name in QuickBooks: asked by a push, and by whoever enters a customer by hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from roster.domain.customer import Status
from roster.domain.sync.records import Link
from roster.domain.sync.steps import NameHolder
from roster.domain.text import fold
from roster.usecases.ports import Customers
from roster.usecases.quickbooks.policies import SyncSettings


class Names(Protocol):
    """Who has which name in QuickBooks."""

    def holders(
        self, tenant: str, realm: str, names: Iterable[str]
    ) -> Mapping[str, tuple[NameHolder, ...]]:
        """By folded name who has it, or had it."""


class Links(Protocol):
    """What is remembered of QuickBooks' customers."""

    def links(self, tenant: str, realm: str, ids: Iterable[str]) -> Mapping[str, Link]:
        """Links by QuickBooks id."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Where to look."""

    names: Names
    links: Links
    customers: Customers


def holders(
    tenant: str, realm: str, names: Sequence[str], *, known: Names, links: Links
) -> dict[str, tuple[NameHolder, ...]]:
    """By folded name who has it now: one query a name, and a read for each customer found."""
    found = known.holders(tenant, realm, names) if names else {}
    ids = {h.id for some in found.values() for h in some if h.kind == "customer"}
    there = links.links(tenant, realm, sorted(ids)) if ids else {}

    def holds(holder: NameHolder, folded: str) -> bool:
        # What is kept of a customer's name may be what it was called before.
        link = there.get(holder.id)
        return holder.kind != "customer" or (link is not None and fold(link.name) == folded)

    return {
        folded: kept
        for folded, some in found.items()
        if (kept := tuple(h for h in some if holds(h, folded)))
    }


def namesakes(
    tenant: str, name: str, settings: SyncSettings, known: KnownNames
) -> tuple[NameHolder, ...]:
    """Who has a name in the QuickBooks company that is synced; nobody where none is.

    Where nothing goes to QuickBooks, names there are known by the customers here that came of them.
    """
    if not settings.connected or settings.realm is None or settings.policy is None:
        return ()
    if settings.policy.mode.pushes:
        found = holders(tenant, settings.realm, [name], known=known.names, links=known.links)
        return found.get(fold(name), ())
    ids = {card.id for card in known.customers.same_name(tenant, name)}
    here = known.customers.get_many(tenant, sorted(ids)).values()
    return tuple(
        NameHolder("customer", one.quickbooks, one.display_name, one.status is Status.ACTIVE)
        for one in sorted(here, key=lambda one: one.id)
        if one.quickbooks is not None
    )
