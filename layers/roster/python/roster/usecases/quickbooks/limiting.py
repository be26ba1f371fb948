"""A run's plan: kept while it is only planned, and what a run that is limited to one may do."""

from collections.abc import Sequence
from dataclasses import replace

from roster.domain.sync.connection import Run
from roster.domain.sync.steps import Action, PushStep, Step, Verb, approved, fingerprint_of
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


def _told[S: (Step, PushStep)](step: S) -> S:
    customer_id = next((a.customer_id for a in step.actions if a.customer_id), None)
    said = Action(verb=Verb.SKIP, reason=_NOT_PLANNED, customer_id=customer_id)
    if isinstance(step, PushStep):
        return replace(step, actions=(said,), write=None, link=None)
    return replace(step, actions=(said,), link=None)
