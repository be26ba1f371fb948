"""Trying again what a run could not do, when what stood in its way is gone."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from roster.domain.errors import FieldError, Invalid, WrongState
from roster.domain.ids import new_id
from roster.domain.sync.connection import (
    CUSTOMER_KIND,
    ReportRow,
    Run,
    RunMode,
    RunStatus,
    Trigger,
)
from roster.domain.sync.outcomes import Chosen, Code, Result
from roster.domain.sync.steps import Verb
from roster.usecases.ports import Page
from roster.usecases.quickbooks import connecting
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.runs import message_of, required_policy

# So many lines a run that tries them again may be about: they travel with it.
MOST_LINES = 200
_LOOKED_AT = 5000
# They are written with each slice of the run; a name of 500 characters need not be.
_NAME = 100
_PAGE = 200
# A report's page that shows only some lines looks at so many.
_MOST_READ = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Which lines of a report are meant; what is not said does not matter.

    `reason` is a part of what their reason says. Without ids they may be about anybody.
    """

    verb: Verb | None = None
    result: Result | None = None
    code: Code | None = None
    reason: str | None = None
    quickbooks_ids: Collection[str] = ()
    customer_ids: Collection[str] = ()

    @property
    def is_any(self) -> bool:
        """Whether every line is meant."""
        return self == Lines()

    def fits(self, row: ReportRow) -> bool:
        """Whether the line is one of them."""
        if self.verb not in (None, row.verb) or self.code not in (None, row.code):
            return False
        if self.result not in (None, row.result):
            return False
        if self.reason is not None and self.reason.casefold() not in row.reason.casefold():
            return False
        if not self.quickbooks_ids and not self.customer_ids:
            return True
        return row.quickbooks_id in self.quickbooks_ids or row.customer_id in self.customer_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Redriven:
    """How many lines are tried again, where the report goes on, and the run that does it.

    Lines of other things than customers are not among them: those are in `left_out`.
    """

    lines: int = 0
    left_out: int = 0
    next: str | None = None
    run: Run | None = None


def redrive_rows(
    tenant: str, run_id: str, positions: Sequence[str], *, ports: QuickBooksPorts
) -> Redriven:
    """Try the lines at these positions again, in a run of their own.

    Raises NotFound, NotConnected, Invalid for lines that are not there or are not of customers,
    WrongState for a run that is not over, was dry, or was of another company, and while another
    run is under way.
    """
    run = _finished(tenant, run_id, ports)
    found = ports.state.rows(tenant, run_id, positions)
    errors = []
    for n, position in enumerate(positions):
        row = found.get(position)
        if row is None:
            errors.append(FieldError(f"/rows/{n}", "not_found", "the run has no such line"))
        elif not _is_of_customer(row):
            what = row.kind.replace("_", " ")
            detail = f"only lines of customers are tried again, this is one of a {what}"
            errors.append(FieldError(f"/rows/{n}", "not_a_customer", detail))
    if errors:
        raise Invalid(errors)
    lines = _chosen(found[p] for p in positions)
    return Redriven(lines=len(lines), run=_started(run, lines, ports))


def redrive(
    tenant: str, run_id: str, lines: Lines, *, after: str | None, ports: QuickBooksPorts
) -> Redriven:
    """Try those of a report's lines again that fit, as many as one run takes; raises as above.

    `next` is where the report goes on: there may be more that fit.
    """
    run = _finished(tenant, run_id, ports)
    page = fitting_lines(
        tenant, run_id, lines, limit=MOST_LINES, after=after, ports=ports, most=_LOOKED_AT
    )
    of_customers = [row for row in page.items if _is_of_customer(row)]
    chosen = _chosen(of_customers)
    return Redriven(
        lines=len(chosen),
        left_out=len(page.items) - len(of_customers),
        next=page.next,
        run=_started(run, chosen, ports) if chosen else None,
    )


def _is_of_customer(row: ReportRow) -> bool:
    return row.kind == CUSTOMER_KIND and bool(row.quickbooks_id or row.customer_id)


def _chosen(rows: Iterable[ReportRow]) -> list[Chosen]:
    """Whom the lines are about, each once."""
    some = (
        Chosen(record=row.quickbooks_id, customer=row.customer_id or "", name=row.name[:_NAME])
        for row in rows
    )
    return list({(one.record, one.customer): one for one in some}.values())


def _finished(tenant: str, run_id: str, ports: QuickBooksPorts) -> Run:
    run = connecting.run(tenant, run_id, ports=ports)
    connection = connecting.connected(tenant, ports=ports)
    if not run.is_over:
        raise WrongState("the run is not over", code="run_under_way")
    if run.dry:
        raise WrongState("the run only planned: start a run instead")
    if run.realm != connection.realm:
        raise WrongState("the run was of another QuickBooks company")
    return run


def _started(before: Run, lines: Sequence[Chosen], ports: QuickBooksPorts) -> Run:
    """Begin a run that looks at these lines of another one's report, and at nothing else."""
    now = ports.clock()
    run = Run(
        id=new_id("run", now),
        tenant=before.tenant,
        realm=before.realm,
        trigger=Trigger.REQUEST,
        status=RunStatus.RUNNING,
        mode=RunMode.CHOSEN,
        # What became of the lines is what was asked for.
        policy=replace(required_policy(ports.policies.get(before.tenant)), report=True),
        started_at=now,
        touched_at=now,
        kept=0,
        redrives=before.id,
        chosen=tuple(lines),
    )
    if not ports.connections.begin_run(run):
        raise WrongState("a run is under way: try again when it is over", code="run_under_way")
    ports.queue.send(message_of(run))
    return run


def fitting_lines(
    tenant: str,
    run_id: str,
    lines: Lines,
    *,
    limit: int,
    after: str | None,
    ports: QuickBooksPorts,
    most: int = _MOST_READ,
) -> Page[ReportRow]:
    """Some of a report's lines that fit; having looked at `most`, a page is short and goes on."""
    if lines.is_any:
        return ports.state.report(tenant, run_id, limit=limit, after=after)
    found: list[ReportRow] = []
    looked = 0
    while looked < most and len(found) < limit:
        some = min(_PAGE, limit - len(found)) if looked == 0 else _PAGE
        page = ports.state.report(tenant, run_id, limit=some, after=after)
        looked += some
        for row in page.items:
            if lines.fits(row):
                found.append(row)
                if len(found) == limit:
                    break
        else:
            after = page.next
            if after is None:
                return Page(found, None)
            continue
        after = found[-1].position
    return Page(found, after)
