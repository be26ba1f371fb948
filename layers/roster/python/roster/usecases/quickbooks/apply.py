"""Carrying out a plan: through the one repository of customers, so that all its rules hold."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from roster.domain.errors import RosterError, StaleVersion
from roster.domain.events import Change
from roster.domain.sync.connection import ReportRow, Run
from roster.domain.sync.outcomes import Code
from roster.domain.sync.policy import Mode
from roster.domain.sync.records import (
    Link,
    LinkStatus,
    TheirCustomer,
    as_theirs,
)
from roster.domain.sync.refused import as_it_stays, error_in_words, told, without_refused
from roster.domain.sync.replays import PullInputs, without_the_erased
from roster.domain.sync.steps import Action, Look, Step, Verb
from roster.usecases.quickbooks.acts import act
from roster.usecases.quickbooks.gathering import here_for
from roster.usecases.quickbooks.keeping import keep
from roster.usecases.quickbooks.limiting import allowed
from roster.usecases.quickbooks.numbers import Numbers
from roster.usecases.quickbooks.ports import QuickBooksPorts

_ATTEMPTS = 4


def apply_page(
    run: Run, theirs: Sequence[TheirCustomer], look: Look, *, ports: QuickBooksPorts
) -> None:
    """Plan, report, apply and link one page; may be done again, with the same outcome."""
    steps = _planned(run, theirs, look, ports)
    _reported(run, steps, ports)
    _carry_out(run, steps, look, ports)


def _reported(
    run: Run, steps: Iterable[Step], ports: QuickBooksPorts, *, instead_of: Iterable[str] = ()
) -> None:
    rows = [row for step in steps for row in rows_of(run, step)]
    ports.state.add_rows(run, rows, instead_of=instead_of)
    if run.policy.mode is Mode.TWO_WAY:
        ports.state.save_conflicts(run, [row for row in rows if row.conflicts])


def _carry_out(run: Run, steps: Sequence[Step], look: Look, ports: QuickBooksPorts) -> None:
    creates = sum(a.verb is Verb.CREATE_HERE for s in steps for a in s.actions)
    numbers = Numbers(run.tenant, creates, ports.customers, ports.settings)
    _begin(run, steps, ports)
    links = [link for s in steps if (link := _carried_out(run, s, look, numbers, ports))]
    ports.state.save_links(run.tenant, run.realm, links)


def _begin(run: Run, steps: Iterable[Step], ports: QuickBooksPorts) -> None:
    """Remember what comes from QuickBooks before it is here: who dies in between must not leave
    it looking like an edit of ours."""
    if doing := [step.begun for step in steps if step.begun is not None]:
        ports.state.save_links(run.tenant, run.realm, doing)


def settle_waiting(run: Run, *, ports: QuickBooksPorts) -> None:
    """Jobs that came before their parents: try again until nothing moves any more."""
    waiting = ports.state.waiting(run.tenant, run.realm)
    while waiting:
        steps = _planned(run, [as_theirs(link) for link in waiting], Look(), ports)
        # Its first line said that it waits; that is over.
        waited = [_position(run, s.theirs, Verb.SKIP) for s in steps]
        _reported(run, steps, ports, instead_of=waited)
        _carry_out(run, steps, Look(), ports)
        left = ports.state.waiting(run.tenant, run.realm)
        if len(left) == len(waiting):
            return
        waiting = left


def _planned(
    run: Run, theirs: Sequence[TheirCustomer], look: Look, ports: QuickBooksPorts
) -> list[Step]:
    records, here = here_for(run, theirs, ports)
    inputs = PullInputs(
        theirs=without_the_erased(records, here), here=here, policy=run.policy, look=look,
        tenant=run.tenant, realm=run.realm, run=run.id,
    )  # fmt: skip
    steps = inputs.decide()
    keep(run, inputs, steps, ports)
    return allowed(run, steps, ports)


def _position(run: Run, theirs: TheirCustomer, verb: Verb) -> str:
    return f"{run.slice:06d}#{theirs.id:0>20}#{verb}"


def rows_of(run: Run, step: Step) -> Iterable[ReportRow]:
    """The lines of a step; their place depends on nothing but slice, record and verb."""
    for action in step.actions:
        place = action.location if action.verb is Verb.CREATE_HERE else None
        made = (Change("address", None, place.address),) if place else ()
        yield ReportRow(
            position=_position(run, step.theirs, action.verb),
            verb=str(action.verb),
            quickbooks_id=step.theirs.id,
            name=step.theirs.display_name,
            reason=action.reason,
            customer_id=action.customer_id,
            # A new customer comes with its service location.
            changes=(*action.changes, *made),
            conflicts=action.conflicts,
            code=action.code,
        )


def _carried_out(
    run: Run, step: Step, look: Look, numbers: Numbers, ports: QuickBooksPorts
) -> Link | None:
    """Do a step; who edited the customer meanwhile is not overwritten, the step is planned anew."""
    for attempt in range(_ATTEMPTS):
        try:
            return _done(run, step, numbers, ports)
        except StaleVersion:
            if attempt == _ATTEMPTS - 1:
                raise
            planned = _planned(run, [step.theirs], look, ports)
            # Who was merged into it stands beside it.
            again = [one for one in planned if one.theirs.id == step.theirs.id]
            if not again:
                return None
            step = again[0]
            _reported(run, again, ports)
            _begin(run, again, ports)
        except RosterError as error:
            return _refused(run, step, error, ports)
    return None


def _done(run: Run, step: Step, numbers: Numbers, ports: QuickBooksPorts) -> Link | None:
    """Do the actions; what our rules refuse of an edit is told once, and the rest is done."""
    link = step.link
    done, said = [], []
    for action in step.actions:
        left: Action | None = action
        while left is not None:
            try:
                link = act(run, step, left, link, numbers, ports)
            except StaleVersion:
                raise
            except RosterError as error:
                if left.verb in (Verb.CREATE_HERE, Verb.LINK):
                    raise
                said.append(error_in_words(error))
                fits = without_refused(left, error)
                link = as_it_stays(link, left, fits)
                left = fits
            else:
                done.append(left)
                break
    if said:
        _reported(run, [told(step, done, said)], ports, instead_of=_positions(run, step))
    return link


def _positions(run: Run, step: Step) -> list[str]:
    return [_position(run, step.theirs, action.verb) for action in step.actions]


def _refused(run: Run, step: Step, error: RosterError, ports: QuickBooksPorts) -> Link | None:
    """One record that our rules refuse must not stop the others: it is skipped and reported."""
    reason = f"“{step.theirs.display_name}” could not be taken over: {error.detail}"
    skip = Action(verb=Verb.SKIP, reason=reason, code=Code.REFUSED_BY_ROSTER)
    skipped = replace(step, actions=(skip,))
    rows = list(rows_of(run, skipped))
    ports.state.add_rows(run, rows, instead_of=_positions(run, step))
    created = any(a.verb is Verb.CREATE_HERE for a in step.actions)
    if step.link is None or not created:
        return None
    return replace(step.link, status=LinkStatus.SKIPPED, customer_id=None, reason=reason)
