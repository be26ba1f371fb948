"""Runs of the pull: begun by the schedule or a person, moved on slice by slice.

A slice is one page, done in this order: fetch, plan, report, apply, link, checkpoint. Whatever dies
in between, the same slice runs again and finds its own traces: ids are derived, links are matched
by QuickBooks id, report lines have one place each, and only the checkpoint counts.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from roster.domain.ids import new_id
from roster.domain.sync.connection import (
    FEED_REACH,
    OVERLAP,
    PAGE_SIZE,
    Answer,
    Connection,
    ConnectionStatus,
    FaultAction,
    NotConnected,
    QuickBooksFault,
    Run,
    RunMode,
    RunStatus,
    SliceMessage,
    Trigger,
)
from roster.domain.sync.policy import Policy
from roster.usecases.quickbooks.apply import apply_page, settle_waiting
from roster.usecases.quickbooks.connecting import connected
from roster.usecases.quickbooks.deciding import settle_decided
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.tokens import access_token

PULL_EVERY = timedelta(minutes=15)
# A run nobody has touched for this long has lost its message or its worker.
STALE_AFTER = timedelta(minutes=10)


def start_run(tenant: str, *, trigger: Trigger, ports: QuickBooksPorts) -> Run | None:
    """Begin a run, or None when one is under way; its first slice is the caller's to send.

    Raises NotConnected.
    """
    connection = connected(tenant, ports=ports)
    now = ports.clock()
    since = connection.cursor
    anew = ports.policies.get(tenant).anew
    feed = since is not None and now - since < FEED_REACH and not anew
    run = Run(
        id=new_id("run", now),
        tenant=tenant,
        realm=connection.realm,
        trigger=trigger,
        status=RunStatus.RUNNING,
        mode=RunMode.CHANGES if feed else RunMode.FULL,
        since=since if feed else None,
        started_at=now,
        touched_at=now,
    )
    return run if ports.connections.begin_run(run) else None


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
    under_way = ports.state.run(tenant, connection.run) if connection.run else None
    if under_way is None:
        begun = start_run(tenant, trigger=Trigger.SCHEDULE, ports=ports)
        return (message_of(begun), "") if begun else None
    now = ports.clock()
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
        answer = _fetch(run, connection, ports)
    except NotConnected as error:
        fail_run(run, error.detail, ports=ports)
        return None
    except QuickBooksFault as fault:
        return _after_fault(run, fault, ports)
    return _done(run, answer, ports)


def _the_runs_connection(run: Run, ports: QuickBooksPorts) -> Connection:
    connection = connected(run.tenant, ports=ports)
    if connection.run != run.id or connection.realm != run.realm:
        raise NotConnected("the connection was renewed while the run was under way")
    return connection


def _fetch(run: Run, connection: Connection, ports: QuickBooksPorts) -> Answer:
    """One page; a token that QuickBooks calls expired is refreshed, once."""
    token = access_token(connection.tenant, ports=ports)
    try:
        return _ask(run, token, ports)
    except QuickBooksFault as fault:
        if fault.action is not FaultAction.REFRESH:
            raise
    token = access_token(connection.tenant, ports=ports, refused=token)
    answer = _ask(run, token, ports)
    return replace(answer, calls=answer.calls + 1)


def _ask(run: Run, token: str, ports: QuickBooksPorts) -> Answer:
    if run.mode is RunMode.CHANGES and run.since is not None:
        return ports.api.changes(run.realm, token, run.since)
    return ports.api.page(run.realm, token, run.position)


def _after_fault(run: Run, fault: QuickBooksFault, ports: QuickBooksPorts) -> SliceMessage | None:
    match fault.action:
        case FaultAction.RETRY:
            ports.state.checkpoint(run, replace(run, reason=fault.detail))
            raise fault
        case FaultAction.PAUSE:
            until = ports.clock() + (fault.wait or timedelta(minutes=1))
            paused = replace(run, status=RunStatus.PAUSED, not_before=until, reason=fault.detail)
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


def _done(run: Run, answer: Answer, ports: QuickBooksPorts) -> SliceMessage | None:
    now = ports.clock()
    moved = replace(
        run,
        status=RunStatus.RUNNING,
        slice=run.slice + 1,
        calls=run.calls + answer.calls,
        began=run.began or answer.time,
        touched_at=now,
        not_before=None,
        reason=None,
    )
    full = len(answer.customers) >= PAGE_SIZE
    if full and run.mode is RunMode.CHANGES:
        # The feed cuts off at its thousand: only the whole list tells what is missing.
        return _checkpointed(run, replace(moved, mode=RunMode.FULL, since=None, began=None), ports)
    theirs = [ports.read(row) for row in answer.customers]
    policy = ports.policies.get(run.tenant).policy or Policy()
    apply_page(run, theirs, policy, ports=ports)
    if not full:
        settle_waiting(run, policy, ports=ports)
        settle_decided(run, policy, ports=ports)
    counts = dict(run.counts)
    for verb, n in ports.state.count_rows(run, f"{run.slice:06d}#").items():
        counts[verb] = counts.get(verb, 0) + n
    moved = replace(moved, counts=counts, position=run.position + len(answer.customers))
    if full:
        return _checkpointed(run, moved, ports)
    over = replace(moved, status=RunStatus.COMPLETED, finished_at=now)
    cursor = (over.began or answer.time) - OVERLAP
    ports.connections.end_run(over, cursor=cursor, due=run.started_at + PULL_EVERY)
    return None


def _checkpointed(run: Run, moved: Run, ports: QuickBooksPorts) -> SliceMessage | None:
    ports.state.checkpoint(run, moved)
    return message_of(moved)
