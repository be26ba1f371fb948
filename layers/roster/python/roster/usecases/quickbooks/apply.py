"""Carrying out a plan: through the one repository of customers, so that all its rules hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from roster.domain.customer import Customer, Status
from roster.domain.errors import RosterError, StaleVersion
from roster.domain.sync.connection import ReportRow, Run
from roster.domain.sync.policy import Mode, Policy
from roster.domain.sync.pull import plan_pull
from roster.domain.sync.records import (
    MAPPED,
    Link,
    LinkKind,
    LinkStatus,
    TheirCustomer,
    customer_id_for,
)
from roster.domain.sync.steps import Action, Here, Step, Verb
from roster.domain.text import fold
from roster.usecases.joining import survivors
from roster.usecases.quickbooks.acts import act
from roster.usecases.quickbooks.numbers import Numbers
from roster.usecases.quickbooks.ports import QuickBooksPorts

# From here on one pass over all names is cheaper than a query for each.
_MANY_NEW = 50
_ATTEMPTS = 4


def apply_page(
    run: Run, theirs: Sequence[TheirCustomer], policy: Policy, *, ports: QuickBooksPorts
) -> None:
    """Plan, report, apply and link one page; may be done again, with the same outcome."""
    steps = _planned(run, theirs, policy, ports)
    _reported(run, steps, policy, ports)
    _carry_out(run, steps, policy, ports)


def _reported(run: Run, steps: Iterable[Step], policy: Policy, ports: QuickBooksPorts) -> None:
    rows = [row for step in steps for row in rows_of(run, step)]
    ports.state.add_rows(run, rows)
    if policy.mode is Mode.TWO_WAY:
        ports.state.save_conflicts(run, [row for row in rows if row.conflicts])


def _carry_out(run: Run, steps: Sequence[Step], policy: Policy, ports: QuickBooksPorts) -> None:
    creates = sum(a.verb is Verb.CREATE_HERE for s in steps for a in s.actions)
    numbers = Numbers(run.tenant, creates, ports.customers, ports.settings)
    links = [link for s in steps if (link := _carried_out(run, s, policy, numbers, ports))]
    ports.state.save_links(run.tenant, run.realm, links)


def settle_waiting(run: Run, policy: Policy, *, ports: QuickBooksPorts) -> None:
    """Jobs that came before their parents: try again until nothing moves any more."""
    waiting = ports.state.waiting(run.tenant, run.realm)
    while waiting:
        steps = _planned(run, [as_theirs(link) for link in waiting], policy, ports)
        rows = [row for step in steps for row in rows_of(run, step)]
        # Its first line said that it waits; that is over.
        waited = [_position(run, s.theirs, Verb.SKIP) for s in steps]
        ports.state.add_rows(run, rows, instead_of=waited)
        _carry_out(run, steps, policy, ports)
        left = ports.state.waiting(run.tenant, run.realm)
        if len(left) == len(waiting):
            return
        waiting = left


def as_theirs(link: Link) -> TheirCustomer:
    """The record as the link remembers it."""
    values = {k: v for k, v in link.base_theirs.items() if k in MAPPED}
    return TheirCustomer(
        id=link.quickbooks_id,
        sync_token=link.sync_token,
        display_name=link.name,
        parent_id=link.parent_id,
        is_job=link.kind is LinkKind.JOB,
        is_project=link.is_project,
        active=link.active,
        values=values,
        shipping_address=link.base_theirs.get("shipping_address"),
        created_at=link.created_at,
        last_updated=link.first_seen,
    )


def _planned(
    run: Run, theirs: Sequence[TheirCustomer], policy: Policy, ports: QuickBooksPorts
) -> tuple[Step, ...]:
    here = _here(run, theirs, ports)
    return plan_pull(theirs, here, policy, tenant=run.tenant, realm=run.realm, run=run.id)


def _here(run: Run, theirs: Sequence[TheirCustomer], ports: QuickBooksPorts) -> Here:
    wanted = {t.id for t in theirs} | {t.parent_id for t in theirs if t.parent_id}
    links = ports.state.links(run.tenant, run.realm, sorted(wanted))
    new = [t for t in theirs if not t.is_job and not _is_ours(links.get(t.id))]
    linked = {link.customer_id for link in links.values() if link.customer_id}
    # A job that was a customer until it lost its link is found by the id it has then.
    unknown = [t for t in theirs if t.is_job and t.id not in links]
    derived = {customer_id_for(run.tenant, run.realm, t) for t in (*new, *unknown)}
    names = _names(run.tenant, new, ports)
    holders = {holder for holders in names.values() for holder in holders}
    decisions = ports.decisions.in_force(run.tenant, run.realm, sorted(t.id for t in new))
    chosen = {d.customer_id for d in decisions.values() if d.customer_id}
    wanted = linked | derived | holders | chosen
    customers = ports.customers.get_many(run.tenant, sorted(wanted))
    merged = {i: c for i in sorted(linked - derived) if (c := customers.get(i)) and c.merged_into}
    customers |= _followed(run.tenant, merged, ports)
    return Here(links=links, customers=customers, names=names, decisions=decisions)


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
        linked = (i for i in survivor.absorbed if (c := heads.get(i)) and c.quickbooks)
        return survivor.quickbooks is None and next(linked, None) == customer_id

    return {
        i: survivor
        for i, survivor in found.items()
        if survivor.status is Status.DELETED or leads(i, survivor)
    }


def _is_ours(link: Link | None) -> bool:
    return link is not None and link.customer_id is not None


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


def _position(run: Run, theirs: TheirCustomer, verb: Verb) -> str:
    return f"{run.slice:06d}#{theirs.id:0>20}#{verb}"


def rows_of(run: Run, step: Step) -> Iterable[ReportRow]:
    """The lines of a step; their place depends on nothing but slice, record and verb."""
    for action in step.actions:
        yield ReportRow(
            position=_position(run, step.theirs, action.verb),
            verb=str(action.verb),
            quickbooks_id=step.theirs.id,
            name=step.theirs.display_name,
            reason=action.reason,
            customer_id=action.customer_id,
            changes=action.changes,
            conflicts=action.conflicts,
        )


def _carried_out(
    run: Run, step: Step, policy: Policy, numbers: Numbers, ports: QuickBooksPorts
) -> Link | None:
    """Do a step; who edited the customer meanwhile is not overwritten, the step is planned anew."""
    for attempt in range(_ATTEMPTS):
        try:
            link = step.link
            for action in step.actions:
                link = act(run, step, action, link, numbers, ports)
        except StaleVersion:
            if attempt == _ATTEMPTS - 1:
                raise
            again = _planned(run, [step.theirs], policy, ports)
            if not again:
                return None
            step = again[0]
            _reported(run, again, policy, ports)
        except RosterError as error:
            return _refused(run, step, error, ports)
        else:
            return link
    return None


def _refused(run: Run, step: Step, error: RosterError, ports: QuickBooksPorts) -> Link | None:
    """One record that our rules refuse must not stop the others: it is skipped and reported."""
    reason = f"“{step.theirs.display_name}” could not be taken over: {error.detail}"
    skipped = replace(step, actions=(Action(verb=Verb.SKIP, reason=reason),))
    planned = [_position(run, step.theirs, a.verb) for a in step.actions]
    ports.state.add_rows(run, list(rows_of(run, skipped)), instead_of=planned)
    created = any(a.verb is Verb.CREATE_HERE for a in step.actions)
    if step.link is None or not created:
        return None
    return replace(step.link, status=LinkStatus.SKIPPED, customer_id=None, reason=reason)
