"""What a run that is limited may do: to a plan that was approved, or to lines that were chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from roster.domain.sync.connection import Run
from roster.domain.sync.outcomes import Code
from roster.domain.sync.steps import Action, PushStep, Step, Verb, approved, fingerprint_of
from roster.domain.text import fold
from roster.usecases.quickbooks.ports import QuickBooksPorts

_NOT_PLANNED = "Not in the approved plan: it came up, or changed, since that was made."


def allowed[S: (Step, PushStep)](run: Run, steps: Sequence[S], ports: QuickBooksPorts) -> list[S]:
    """The steps, kept as a plan where the run is dry; those outside an approved one only told."""
    if not run.dry and run.plan is None:
        return list(steps)
    fingerprints = {fingerprint_of(step) for step in steps}
    if run.dry:
        ports.rehearsals.plan(run, fingerprints)
    if run.plan is None:
        return list(steps)
    known = ports.rehearsals.planned(run.tenant, run.plan, fingerprints)
    kept = approved(steps, known)
    return [step if step in kept else _told(step) for step in steps]


def limited(
    run: Run, steps: Sequence[PushStep], customer_ids: Collection[str]
) -> Sequence[PushStep]:
    """In a run that tries lines again, only the steps of whom it is about.

    Namesakes that were here first are planned with them, for they go first; they are left to the
    next whole run.
    """
    if run.redrives is None:
        return steps
    first = {fold(s.name): s for s in steps if s.customer_id not in customer_ids and s.write}
    return [
        _waits(step, first[fold(step.name)]) if _is_behind(step, first) else step
        for step in steps
        if step.customer_id in customer_ids
    ]


def _is_behind(step: PushStep, first: Mapping[str, PushStep]) -> bool:
    return fold(step.name) in first and any(a.code is Code.DUPLICATE for a in step.actions)


def _waits(step: PushStep, first: PushStep) -> PushStep:
    reason = (
        f"“{step.name}” was here after another customer of that name ({first.customer_id}), which"
        " goes to QuickBooks first."
    )
    said = Action(
        verb=Verb.SKIP, reason=reason, customer_id=step.customer_id, code=Code.WAITS_FOR_NAMESAKE
    )
    return replace(step, actions=(said,))


def _told[S: (Step, PushStep)](step: S) -> S:
    customer_id = next((a.customer_id for a in step.actions if a.customer_id), None)
    said = Action(
        verb=Verb.SKIP, reason=_NOT_PLANNED, customer_id=customer_id, code=Code.NOT_IN_PLAN
    )
    if isinstance(step, PushStep):
        return replace(step, actions=(said,), write=None, link=None)
    # What is not done is not begun either.
    return replace(step, actions=(said,), begun=None, link=None)
