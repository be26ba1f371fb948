"""The lists of QuickBooks that no feed tells of, read by some runs only: taxes, terms, names."""

from dataclasses import replace

from roster.domain.sync.connection import ReportRow, Run
from roster.domain.sync.policy import Policy
from roster.domain.sync.terms import TermStep
from roster.usecases.quickbooks.naming import learn_list
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.terms import Rows, all_rows, fetched_choices, follow
from roster.usecases.quickbooks.tokens import asked

# Those that share the customers' names.
_OTHERS = {"Vendor": "vendor", "Employee": "employee"}


def has_lists(policy: Policy) -> bool:
    """Whether there is anything to read."""
    return policy.mode.pushes or policy.sync_taxes or policy.sync_terms


def lists_slice(run: Run, ports: QuickBooksPorts) -> Run:
    """Follow taxes and terms, and learn the names of vendors and employees where we push."""
    (choices, calls), in_vain = asked(
        run.tenant,
        ports,
        lambda token: fetched_choices(
            run.realm, token, run.policy, books=ports.api, read=ports.wire
        ),
    )
    polls = run.polls + calls + in_vain
    settings, at = ports.settings, run.started_at
    for term_kind, theirs in choices.items():
        place = (run.tenant, run.realm, term_kind, theirs)
        # The lines first: done again, what is done already is asked for no more.
        steps = follow(*place, at=at, settings=settings, dry=True)
        ports.state.add_rows(run, [_row(run, step) for step in steps])
        if not run.dry:
            follow(*place, at=at, settings=settings)
    if run.policy.mode.pushes:
        for entity, kind in _OTHERS.items():
            rows, calls = _listed(run, entity, ports)
            polls += calls
            names = [ports.wire.name(kind, row) for row in rows]
            learn_list(run, kind, names, ports)
    return replace(run, polls=polls)


def _listed(run: Run, entity: str, ports: QuickBooksPorts) -> tuple[Rows, int]:
    def ask(token: str) -> tuple[Rows, int]:
        return all_rows(run.realm, token, entity, ports.api)

    (rows, calls), in_vain = asked(run.tenant, ports, ask)
    return rows, calls + in_vain


def _row(run: Run, step: TermStep) -> ReportRow:
    return ReportRow(
        position=f"{run.slice:06d}#{step.kind}#{step.quickbooks_id:0>20}#{step.verb}",
        verb=str(step.verb),
        kind=step.kind.name.lower(),
        quickbooks_id=step.quickbooks_id,
        name=step.name,
        reason=step.reason,
        changes=step.changes,
    )
