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
from roster.usecases.joining import survivors
from roster.usecases.ports import Customers
from roster.usecases.quickbooks.lending import as_chosen_here, chosen_there
from roster.usecases.quickbooks.meetings import meetings
from roster.usecases.quickbooks.namesakes import holders
from roster.usecases.quickbooks.ports import QuickBooksPorts

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
    open_ = sorted(t.id for t in new if t.id not in own)
    decisions = {**decisions, **ports.decisions.in_force(run.tenant, run.realm, open_)}
    unknown_here = [t for t in new if t.id not in decisions and t.id not in holding]
    met = meetings(run, new, unknown_here, ports)
    chosen = {d.customer_id for d in decisions.values() if d.customer_id}
    some = sorted(linked | derived | met.customers | chosen | set(holding.values()))
    customers = ports.customers.get_many(run.tenant, some)
    merged = {i: c for i in sorted(linked - derived) if (c := customers.get(i)) and c.merged_into}
    customers |= _followed(run.tenant, merged, ports)
    here = Here(
        links=links,
        customers=customers,
        names=met.names,
        holders=holding,
        decisions=decisions,
        likely=met.likely,
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
    living = [c for c in some if c.status is not Status.DELETED]
    wanted = [c.display_name for c in living if _needs_name(c, links.get(c.id))]
    new = [c.id for c in living if c.id not in links and c.quickbooks is None]
    names = holders(run.tenant, run.realm, wanted, known=ports.names, links=ports.state)
    return There(
        links=links,
        names=names,
        likely=_resembling(run, new, ports),
        choices=chosen_there(run, living, ports),
    )


def _resembling(
    run: Run, customer_ids: Sequence[str], ports: QuickBooksPorts
) -> dict[str, tuple[Link, ...]]:
    """The records that may be one of these customers, while nobody has decided on them."""
    marks = {i: ports.state.resembling(run.tenant, run.realm, i) for i in customer_ids}
    ids = sorted({one for records in marks.values() for one in records})
    links = ports.state.links(run.tenant, run.realm, ids) if ids else {}
    decided = ports.decisions.in_force(run.tenant, run.realm, ids) if ids else {}

    def may_be(quickbooks_id: str, customer_id: str) -> bool:
        link = links.get(quickbooks_id)
        is_open = link is not None and link.customer_id is None and customer_id in link.likely
        return is_open and quickbooks_id not in decided

    found = {i: tuple(links[o] for o in records if may_be(o, i)) for i, records in marks.items()}
    return {i: records for i, records in found.items() if records}


def _needs_name(customer: Customer, link: Link | None) -> bool:
    """Whether a write of the customer may give its name, or give it back, to a record there."""
    if link is None:
        return customer.quickbooks is None
    active = customer.status is Status.ACTIVE
    return customer.display_name != link.base_ours.get("display_name") or active != link.active
