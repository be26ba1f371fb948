"""The first half of a run: what changed in QuickBooks comes here, page by page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from roster.domain.erasure import ERASED
from roster.domain.sync.connection import (
    PAGE_SIZE,
    Answer,
    Run,
    RunMode,
)
from roster.domain.sync.records import LinkStatus, TheirCustomer, as_theirs
from roster.domain.sync.steps import Look
from roster.usecases.quickbooks.apply import apply_page, settle_waiting
from roster.usecases.quickbooks.deciding import settle_decided
from roster.usecases.quickbooks.money import FED
from roster.usecases.quickbooks.naming import learn_names, name_of
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.tokens import asked

_CUSTOMER = "Customer"


def fetched(run: Run, ports: QuickBooksPorts) -> Answer:
    """The page that the run's slice is about."""

    def ask(token: str) -> Answer:
        if run.mode is RunMode.CHANGES and run.since is not None:
            return ports.api.changes(run.realm, token, run.since, (_CUSTOMER, *FED))
        return ports.api.page(run.realm, token, run.position)

    answer, in_vain = asked(run.tenant, ports, ask)
    return replace(answer, calls=answer.calls + in_vain)


def pull_slice(run: Run, answer: Answer, ports: QuickBooksPorts) -> Run:
    """Carry out a page; the run as it goes on, the last page leaving nothing to pull."""
    moved = replace(
        run,
        calls=run.calls + answer.calls,
        reads=run.reads + answer.calls,
        began=run.began or answer.time,
        skew=skew_of(answer.time, ports.clock()),
    )
    full = len(answer.customers) >= PAGE_SIZE
    if full and run.mode is RunMode.CHANGES:
        # The feed cuts off at its thousand: only the whole list tells what is missing.
        return replace(moved, mode=RunMode.FULL, since=None, began=None)
    theirs = [ports.wire.customer(row) for row in answer.customers]
    theirs += _merged_away(run, theirs, ports)
    keep_names(run, theirs, ports)
    apply_page(run, theirs, Look(run.looked, moved.skew), ports=ports)
    if not full:
        settle_waiting(run, ports=ports)
        settle_decided(run, ports=ports)
    return replace(moved, position=run.position + len(answer.customers))


def is_last(answer: Answer) -> bool:
    """Whether nothing comes after the page."""
    return len(answer.customers) < PAGE_SIZE


def skew_of(theirs: datetime, ours: datetime) -> timedelta:
    """How far QuickBooks' clock goes ahead of ours."""
    return theirs - ours


def _merged_away(
    run: Run, theirs: Sequence[TheirCustomer], ports: QuickBooksPorts
) -> list[TheirCustomer]:
    """Those that were merged into others, as they were: what is left of them may never come.

    Nor need who took them in come again: once for each run is enough. A plan of the one who took
    them in finds them by itself (`gone.left_behind`).
    """
    if run.position > 1:
        return []
    ids = {t.id for t in theirs}
    losers = [i for i in ports.merges.merges(run.tenant, run.realm) if i not in ids]
    links = ports.state.links(run.tenant, run.realm, sorted(losers)) if losers else {}
    there = [link for link in links.values() if link.status is not LinkStatus.MERGED]
    return [as_theirs(link) for link in there if link.customer_id is not None]


def keep_names(run: Run, theirs: Sequence[TheirCustomer], ports: QuickBooksPorts) -> None:
    """Remember who has which name, for a push to look them up."""
    if not run.policy.mode.pushes:
        return
    ids = {i for t in theirs for i in (t.id, t.parent_id) if i}
    links = ports.state.links(run.tenant, run.realm, sorted(ids))
    # What was erased here is not written down again.
    erased = {i for i, link in links.items() if link.their_hash == ERASED}
    living = [t for t in theirs if not {t.id, t.parent_id} & erased]
    names = [name_of(t.id, t.display_name, active=t.active) for t in living]
    learn_names(run, names, links, ports)
