"""What a plan needs to know of our side: links, customers, names, and when we edited what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from roster.domain.customer import Customer, Status
from roster.domain.events import Event
from roster.domain.sync.connection import Run
from roster.domain.sync.jobs import makes_its_own
from roster.domain.sync.pull import contested
from roster.domain.sync.records import (
    ACTIVE,
    COMPARED,
    Link,
    LinkStatus,
    TheirCustomer,
    customer_id_for,
)
from roster.domain.sync.steps import Here, There
from roster.domain.text import fold
from roster.usecases.joining import survivors
from roster.usecases.ports import Customers
from roster.usecases.quickbooks.lending import as_chosen_here, chosen_there
from roster.usecases.quickbooks.namesakes import holders
from roster.usecases.quickbooks.ports import QuickBooksPorts

# From here on one pass over all names is cheaper than a query for each.
_MANY_NEW = 50
# An edit that lies further back than so many events counts as one of unknown time.
_EVENTS, _PAGE = 200, 25


def here_for(
    run: Run, theirs: Sequence[TheirCustomer], ports: QuickBooksPorts
) -> tuple[list[TheirCustomer], Here]:
    """The records, with what they chose in our ids, and our side of a pull of them."""
    ids = {t.id for t in theirs}
    told = ports.merges.merges(run.tenant, run.realm)
    merges = {loser: into for loser, into in told.items() if loser in ids or into in ids}
    wanted = ids | {t.parent_id for t in theirs if t.parent_id} | merges.keys()
    links = ports.state.links(run.tenant, run.realm, sorted(wanted | set(merges.values())))
    jobs = sorted(t.id for t in theirs if t.is_job and _is_known_job(links.get(t.id)))
    decisions = ports.decisions.in_force(run.tenant, run.realm, jobs) if jobs else {}
    own = {one for one, decision in decisions.items() if makes_its_own(decision)}
    theirs = as_chosen_here(run, theirs, links, ports)
    new = [t for t in theirs if t.id in own or (not t.is_job and not _is_ours(links.get(t.id)))]
    linked = {link.customer_id for link in links.values() if link.customer_id}
    # A job that was a customer until it lost its link is found by the id it has then.
    unknown = [t for t in theirs if t.is_job and t.id not in links]
    derived = {customer_id_for(run.tenant, run.realm, t) for t in (*new, *unknown)}
    holding = ports.state.holders(run.tenant, sorted(t.id for t in (*new, *unknown)))
    names = _names(run.tenant, new, ports)
    open_ = sorted(t.id for t in new if t.id not in own)
    decisions = {**decisions, **ports.decisions.in_force(run.tenant, run.realm, open_)}
    chosen = {d.customer_id for d in decisions.values() if d.customer_id}
    named = {holder for holders in names.values() for holder in holders}
    some = sorted(linked | derived | named | chosen | set(holding.values()))
    customers = ports.customers.get_many(run.tenant, some)
    merged = {i: c for i in sorted(linked - derived) if (c := customers.get(i)) and c.merged_into}
    customers |= _followed(run.tenant, merged, ports)
    here = Here(
        links=links,
        customers=customers,
        names=names,
        holders=holding,
        decisions=decisions,
        merges=merges,
    )
    edited = {
        customer_id: edits_of(customers[customer_id], ports.customers)
        for customer_id in contested(theirs, here, run.policy)
    }
    return list(theirs), replace(here, edited=edited)


def _followed(
    tenant: str, merged: Mapping[str, Customer], ports: QuickBooksPorts
) -> dict[str, Customer]:
    """By the ids of customers merged away, whom their records are synced with instead.

    One record leads a customer: its own, else the first that came with those it absorbed. The
    other records are left alone.
    """
    found = survivors(tenant, merged, customers=ports.customers)
    absorbed = {i for survivor in found.values() for i in survivor.absorbed}
    heads = ports.customers.get_many(tenant, sorted(absorbed)) if absorbed else {}

    def leads(customer_id: str, survivor: Customer) -> bool:
        return survivor.quickbooks is None and _first_linked(survivor, heads) == customer_id

    return {
        i: survivor
        for i, survivor in found.items()
        if survivor.status is Status.DELETED or leads(i, survivor)
    }


def _first_linked(survivor: Customer, heads: Mapping[str, Customer]) -> str | None:
    return next((i for i in survivor.absorbed if (c := heads.get(i)) and c.quickbooks), None)


def _is_ours(link: Link | None) -> bool:
    return link is not None and link.customer_id is not None


def _is_known_job(link: Link | None) -> bool:
    """Whether somebody may have chosen for it: that takes a row of the mapping."""
    return link is not None and not link.leads and link.status is not LinkStatus.MERGED


def _names(
    tenant: str, new: Sequence[TheirCustomer], ports: QuickBooksPorts
) -> dict[str, tuple[str, ...]]:
    """Who already has one of the names: customer ids by folded name."""
    wanted = {folded: t.display_name for t in new if (folded := fold(t.display_name))}
    found: dict[str, set[str]] = {}
    if len(wanted) > _MANY_NEW:
        for card in ports.customers.match_cards(tenant):
            if card.name in wanted:
                found.setdefault(card.name, set()).add(card.id)
    else:
        for name in wanted.values():
            for card in ports.customers.same_name(tenant, name):
                found.setdefault(card.name, set()).add(card.id)
    return {name: tuple(sorted(ids)) for name, ids in found.items()}


def edits_of(customer: Customer, customers: Customers) -> dict[str, datetime]:
    """When each of the compared fields got the value it has, as far as the history is read."""
    found: dict[str, datetime] = {}
    after: str | None = None
    for _ in range(_EVENTS // _PAGE):
        page = customers.history(customer.tenant, customer.id, limit=_PAGE, after=after)
        for event in page.items:
            for name in _fields_of(event):
                found.setdefault(name, event.at)
        after = page.next
        if after is None or len(found) == len(COMPARED):
            break
    return found


def _fields_of(event: Event) -> Iterable[str]:
    for change in event.changes:
        if change.field == "status":
            yield ACTIVE
        elif change.field in COMPARED:
            yield change.field


def there_for(run: Run, ours: Iterable[Customer], ports: QuickBooksPorts) -> There:
    """QuickBooks' side of a push of these customers, as far as it is known here."""
    some = list(ours)
    absorbed = sorted({i for c in some if c.quickbooks is None for i in c.absorbed})
    heads = ports.customers.get_many(run.tenant, absorbed) if absorbed else {}
    leaders = {
        c.id: c.quickbooks
        or (heads[first].quickbooks if (first := _first_linked(c, heads)) else "")
        for c in some
    }
    known = ports.state.links(run.tenant, run.realm, sorted({i for i in leaders.values() if i}))
    links = {c.id: link for c in some if (link := known.get(leaders[c.id] or ""))}
    wanted = [c.display_name for c in some if _needs_name(c, links.get(c.id))]
    names = holders(run.tenant, run.realm, wanted, known=ports.names, links=ports.state)
    return There(links=links, names=names, choices=chosen_there(run, some, ports))


def _needs_name(customer: Customer, link: Link | None) -> bool:
    """Whether a write of the customer may give its name, or give it back, to a record there."""
    if link is None:
        return customer.quickbooks is None
    active = customer.status is Status.ACTIVE
    return customer.display_name != link.base_ours.get("display_name") or active != link.active
