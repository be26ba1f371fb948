"""The first half of a run: what changed in QuickBooks comes here, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from roster.domain.sync.connection import (
    PAGE_SIZE,
    Answer,
    Run,
    RunMode,
)
from roster.domain.sync.records import LinkStatus, TheirCustomer
from roster.domain.sync.steps import Look
from roster.usecases.quickbooks.apply import apply_page, as_theirs, settle_waiting
from roster.usecases.quickbooks.deciding import settle_decided
from roster.usecases.quickbooks.money import FED
from roster.usecases.quickbooks.naming import learn_names, name_of
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.tokens import asked

_CUSTOMER = "Customer"
_AGAIN = 100


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
        skew=_skew(answer.time, ports.clock()),
    )
    full = len(answer.customers) >= PAGE_SIZE
    if full and run.mode is RunMode.CHANGES:
        # The feed cuts off at its thousand: only the whole list tells what is missing.
        return replace(moved, mode=RunMode.FULL, since=None, began=None)
    theirs = [ports.wire.customer(row) for row in answer.customers]
    theirs += _merged_away(run, theirs, ports)
    _keep_names(run, theirs, ports)
    apply_page(run, theirs, Look(run.looked, moved.skew), ports=ports)
    if not full:
        settle_waiting(run, ports=ports)
        moved = _read_again(moved, ports)
        settle_decided(run, ports=ports)
    return replace(moved, position=run.position + len(answer.customers))


def _read_again(run: Run, ports: QuickBooksPorts) -> Run:
    """The records that somebody wants looked at though they did not change, one read for each."""
    after: str | None = None
    while True:
        page = ports.decisions.asked_again(run.tenant, run.realm, limit=_AGAIN, after=after)
        theirs = []
        for one in page.items:
            row, calls = _one(run, one, ports)
            run = replace(run, calls=run.calls + calls, reads=run.reads + calls)
            theirs += [ports.wire.customer(row)] if row is not None else []
        if theirs:
            apply_page(run, theirs, Look(run.looked, run.skew), ports=ports)
        if run.plan is None:
            ports.decisions.read_again(run.tenant, run.realm, page.items)
        after = page.next
        if after is None:
            return run


def _one(
    run: Run, quickbooks_id: str, ports: QuickBooksPorts
) -> tuple[Mapping[str, Any] | None, int]:
    """A customer as QuickBooks has it now, and the calls it took."""

    def ask(token: str) -> Mapping[str, Any] | None:
        return ports.api.read(run.realm, token, "Customer", quickbooks_id)

    row, in_vain = asked(run.tenant, ports, ask)
    return row, 1 + in_vain


def is_last(answer: Answer) -> bool:
    """Whether nothing comes after the page."""
    return len(answer.customers) < PAGE_SIZE


def _skew(theirs: datetime, ours: datetime) -> timedelta:
    return theirs - ours


def _merged_away(
    run: Run, theirs: Sequence[TheirCustomer], ports: QuickBooksPorts
) -> list[TheirCustomer]:
    """Those that were merged into others, as they were: what is left of them may never come.

    They stand on the page of who took them in, wherever they are listed themselves.
    """
    ids = {t.id for t in theirs}
    told = ports.merges.merges(run.tenant, run.realm).items()
    losers = [i for i, into in told if i not in ids and (run.position == 1 or into in ids)]
    links = ports.state.links(run.tenant, run.realm, sorted(losers)) if losers else {}
    there = [link for link in links.values() if link.status is not LinkStatus.MERGED]
    return [as_theirs(link) for link in there if link.customer_id is not None]


def _keep_names(run: Run, theirs: Sequence[TheirCustomer], ports: QuickBooksPorts) -> None:
    """Remember who has which name, for a push to look them up."""
    if run.policy.mode.pushes:
        links = ports.state.links(run.tenant, run.realm, [t.id for t in theirs])
        names = [name_of(t.id, t.display_name, active=t.active) for t in theirs]
        learn_names(run, names, links, ports)
