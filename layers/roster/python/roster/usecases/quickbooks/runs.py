"""Runs of the sync: begun by the schedule or a person, moved on slice by slice.

First the lists that no feed tells of, then QuickBooks is pulled completely, then our edits are
pushed. A slice is one page or one batch. Whatever dies in between, the same slice runs again and
finds its own traces: ids are derived, links are matched by QuickBooks id, report lines have one
place each, a batch is kept before it is sent, and only the checkpoint counts.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from roster.domain.errors import FieldError, Invalid, WrongState
from roster.domain.ids import new_id
from roster.domain.sync.connection import (
    FEED_REACH,
    OVERLAP,
    Connection,
    ConnectionStatus,
    FaultAction,
    NotConnected,
    Phase,
    QuickBooksFault,
    Run,
    RunMode,
    RunStatus,
    SliceMessage,
    Trigger,
)
from roster.domain.sync.policy import CHOOSE_MODE, Policy
from roster.domain.sync.records import fingerprint
from roster.usecases.quickbooks.bookkeeping import has_books, hear_slice, send_slice
from roster.usecases.quickbooks.chosen import chosen_slice
from roster.usecases.quickbooks.connecting import connected
from roster.usecases.quickbooks.keeping import Counted
from roster.usecases.quickbooks.lists import has_lists, lists_slice
from roster.usecases.quickbooks.parting import part_slice
from roster.usecases.quickbooks.policies import SyncSettings
from roster.usecases.quickbooks.ports import KeptInputs, QuickBooksPorts
from roster.usecases.quickbooks.pulling import fetched, is_last, pull_slice
from roster.usecases.quickbooks.pushing import is_through, push_slice, settle_old_batch
from roster.usecases.quickbooks.rehearsing import rehearsed

PULL_EVERY = timedelta(minutes=15)
# A run nobody has touched for this long has lost its message or its worker.
STALE_AFTER = timedelta(minutes=10)
# How old the lists may be. Who presses "sync now" may have added a term in QuickBooks just before;
# the schedule comes by too often to ask for them each time.
_POLL_EVERY = {Trigger.SCHEDULE: timedelta(days=1), Trigger.REQUEST: timedelta(minutes=10)}
# Edits that were under way when the last run began may carry an earlier time.
_EDITS_OVERLAP = timedelta(minutes=2)
# How long the first, the second… pause in a row lasts at least.
_PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120))


class ModeMissing(WrongState):
    """Nobody has chosen yet which way the sync goes."""

    code = "mode_missing"


def start_run(
    tenant: str,
    *,
    trigger: Trigger,
    ports: QuickBooksPorts,
    dry: bool = False,
    plan: str | None = None,
    full: bool = False,
) -> Run | None:
    """Begin a run, or None when one is under way; its first slice is the caller's to send.

    A `dry` one only plans; one with a `plan`, the id of such a run, is limited to that; a `full`
    one looks at every record of both sides, changed or not. Raises NotConnected, ModeMissing,
    Invalid for no plan of this connection, WrongState for an unfinished.
    """
    connection = connected(tenant, ports=ports)
    chosen = ports.policies.get(tenant)
    policy = required_policy(chosen)
    if plan is not None:
        _require_plan(tenant, plan, connection.realm, ports)
    if dry and connection.former:
        raise WrongState(
            "the links with the QuickBooks company used before end with the first sync: start one,"
            " and plan the next"
        )
    now = ports.clock()
    since = connection.cursor
    anew = chosen.anew or full
    feed = since is not None and now - since < FEED_REACH and not anew
    polled = connection.polled
    lists = not feed or polled is None or now - polled >= _POLL_EVERY[trigger]
    edited_since = connection.pushed - _EDITS_OVERLAP if connection.pushed else None
    run = Run(
        id=new_id("run", now),
        tenant=tenant,
        realm=connection.realm,
        trigger=trigger,
        status=RunStatus.RUNNING,
        mode=RunMode.CHANGES if feed else RunMode.FULL,
        # A plan is there to be read.
        policy=replace(policy, report=True) if dry else policy,
        dry=dry,
        plan=plan,
        phase=Phase.PARTING if connection.former else _first_phase(policy, lists=lists),
        former=connection.former,
        anew=anew,
        lists=lists,
        since=since if feed else None,
        looked=since,
        edited_since=None if anew else edited_since,
        started_at=now,
        touched_at=now,
        kept=0,
    )
    return run if ports.connections.begin_run(run) else None


def _first_phase(policy: Policy, *, lists: bool) -> Phase:
    return Phase.LISTS if lists and has_lists(policy) else Phase.PULL


def required_policy(chosen: SyncSettings) -> Policy:
    """The policy that was chosen; raises ModeMissing."""
    if chosen.policy is None:
        raise ModeMissing(CHOOSE_MODE)
    return chosen.policy


def _require_plan(tenant: str, plan: str, realm: str, ports: QuickBooksPorts) -> None:
    found = ports.state.run(tenant, plan)
    if found is None or not found.dry or found.realm != realm:
        raise Invalid([FieldError("/plan", "not_found", f"{plan} is no plan of this connection")])
    if found.status is not RunStatus.COMPLETED:
        raise WrongState(f"the plan {plan} is not complete")


def message_of(run: Run) -> SliceMessage:
    """The message that has the run's next slice done."""
    return SliceMessage(run.tenant, run.realm, run.id, run.slice)


def next_message(tenant: str, *, ports: QuickBooksPorts) -> tuple[SliceMessage, str] | None:
    """What the dispatcher is to send for a connection that is due, with the attempt's name.

    A run that was paused or has lost its worker is taken up where it stands; a run that is being
    worked on is left alone.
    """
    try:
        connection = connected(tenant, ports=ports)
    except NotConnected:
        return None
    now = ports.clock()
    under_way = ports.state.run(tenant, connection.run) if connection.run else None
    if under_way is None:
        try:
            begun = start_run(tenant, trigger=Trigger.SCHEDULE, ports=ports)
        except ModeMissing:
            ports.connections.look_again(tenant, now + PULL_EVERY)
            return None
        return (message_of(begun), "") if begun else None
    if _is_quiet(under_way, now):
        ports.connections.look_again(tenant, now + STALE_AFTER)
        return message_of(under_way), f"again-{int(now.timestamp())}"
    return None


def _is_quiet(run: Run, now: datetime) -> bool:
    if run.status is RunStatus.PAUSED:
        return run.not_before is None or run.not_before <= now
    return now - run.touched_at >= STALE_AFTER


def sync_slice(message: SliceMessage, *, ports: QuickBooksPorts) -> SliceMessage | None:
    """Do one slice; returns the message of the next one, None when there is nothing more to do.

    Raises QuickBooksFault when QuickBooks cannot be reached: the same message is to come again.
    """
    run = ports.state.run(message.tenant, message.run)
    if run is None or run.is_over or run.slice < message.slice:
        return None
    if run.slice > message.slice:
        # Done before, but the worker may have died before it could send the next.
        return message_of(run)
    now = ports.clock()
    if run.not_before is not None and run.not_before > now:
        return None
    try:
        connection = _the_runs_connection(run, ports)
        keeping = Counted(ports.kept)
        working = replace(ports, kept=cast("KeptInputs", keeping))
        moved, is_over = _work(run, rehearsed(run, working) if run.dry else working)
    except NotConnected as error:
        fail_run(run, error.detail, ports=ports)
        return None
    except QuickBooksFault as fault:
        return _after_fault(run, fault, ports)
    # A run that was under way when inputs began to be kept has only some.
    kept = run.kept + len(keeping.names) if run.kept is not None else None
    after = _moved_on(run, replace(moved, kept=kept), ports)
    if not is_over:
        ports.state.checkpoint(run, after)
        return message_of(after)
    _complete(run, after, connection, ports)
    return None


def _work(run: Run, ports: QuickBooksPorts) -> tuple[Run, bool]:
    """Do what the slice is about; the run as it goes on, and whether it is through."""
    before = settle_old_batch(run, ports) if run.slice == 1 else run
    if run.redrives is not None:
        return chosen_slice(before, ports)
    match run.phase:
        case Phase.PARTING:
            moved, is_over = part_slice(before, ports)
            phase = _first_phase(run.policy, lists=run.lists) if is_over else run.phase
            return replace(moved, phase=phase), False
        case Phase.LISTS:
            return replace(lists_slice(before, ports), phase=Phase.PULL), False
        case Phase.PULL:
            answer = fetched(before, ports)
            moved = pull_slice(before, answer, ports)
            if moved.mode is not before.mode or not is_last(answer):
                return moved, False
            heard = hear_slice(moved, answer, ports)
            if run.policy.mode.pushes:
                return replace(heard, phase=Phase.OWED, after=""), False
            return replace(heard, phase=Phase.BOOKS), not has_books(heard, ports)
        case Phase.OWED | Phase.CHANGED:
            moved = push_slice(before, ports)
            if moved.phase is not Phase.CHANGED or not is_through(moved):
                return moved, False
            return replace(moved, phase=Phase.BOOKS), not has_books(moved, ports)
        case Phase.BOOKS:
            return send_slice(before, ports)


def _the_runs_connection(run: Run, ports: QuickBooksPorts) -> Connection:
    connection = connected(run.tenant, ports=ports)
    if connection.run != run.id or connection.realm != run.realm:
        raise NotConnected("the connection was renewed while the run was under way")
    return connection


def _after_fault(run: Run, fault: QuickBooksFault, ports: QuickBooksPorts) -> SliceMessage | None:
    match fault.action:
        case FaultAction.RETRY:
            ports.state.checkpoint(run, replace(run, reason=fault.detail))
            raise fault
        case FaultAction.PAUSE:
            least = _PAUSES[min(run.pauses, len(_PAUSES) - 1)]
            until = ports.clock() + max(least, fault.wait or least)
            paused = replace(
                run, status=RunStatus.PAUSED, not_before=until, reason=fault.detail,
                pauses=run.pauses + 1,
            )  # fmt: skip
            ports.state.checkpoint(run, paused)
            ports.connections.look_again(run.tenant, until)
        case FaultAction.RECONNECT | FaultAction.REFRESH:
            ports.connections.close(run.tenant, ConnectionStatus.NEEDS_RECONNECT, fault.detail)
            fail_run(run, fault.detail, ports=ports)
        case _:
            fail_run(run, fault.detail, ports=ports)
    return None


def fail_run(run: Run, reason: str, *, ports: QuickBooksPorts) -> None:
    """End a run without success; the next one begins where the last good one ended."""
    now = ports.clock()
    over = replace(run, status=RunStatus.FAILED, finished_at=now, touched_at=now, reason=reason)
    ports.connections.end_run(over, cursor=None, due=now + PULL_EVERY)


def _moved_on(run: Run, after: Run, ports: QuickBooksPorts) -> Run:
    counts = dict(run.counts)
    for verb, n in ports.state.count_rows(run, f"{run.slice:06d}#").items():
        counts[verb] = counts.get(verb, 0) + n
    moved = replace(
        after,
        status=RunStatus.RUNNING,
        slice=run.slice + 1,
        counts=counts,
        touched_at=ports.clock(),
        pauses=0,
        not_before=None,
        reason=None,
    )
    if run.dry:
        digest = ports.state.digest(run, f"{run.slice:06d}#")
        return replace(moved, plan_hash=fingerprint({"before": run.plan_hash, "now": digest}))
    return moved


def _complete(run: Run, after: Run, connection: Connection, ports: QuickBooksPorts) -> None:
    now = after.touched_at
    over = replace(after, status=RunStatus.COMPLETED, finished_at=now)
    # What a run left undone is for the next one to find: that begins where the last whole one did.
    if run.anew and run.is_whole:
        ports.policies.looked(run.tenant, run.policy)
    cursor = (over.began or now) - OVERLAP if run.is_whole else None
    due = run.started_at + PULL_EVERY
    if run.redrives is not None:
        # Whoever tries lines again by hand puts off no whole run.
        due = max(now, (connection.last_pull or now) + PULL_EVERY)
    ports.connections.end_run(over, cursor=cursor, due=due)
