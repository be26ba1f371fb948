"""Trying again what a run could not do, when what stood in its way is gone."""

from collections.abc import Collection
from dataclasses import dataclass

from roster.domain.errors import WrongState
from roster.domain.sync.connection import ReportRow, Run, Trigger
from roster.domain.sync.steps import Verb
from roster.usecases.quickbooks import connecting
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.runs import message_of, start_run

_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Which lines of a report are meant: their verb, what their reason says, whom they are about.

    Without ids it is everybody.
    """

    verb: Verb = Verb.SKIP
    reason: str | None = None
    quickbooks_ids: Collection[str] = ()
    customer_ids: Collection[str] = ()

    def fits(self, row: ReportRow) -> bool:
        """Whether the line is one of them."""
        if row.verb != self.verb:
            return False
        if self.reason is not None and self.reason.casefold() not in row.reason.casefold():
            return False
        if not self.quickbooks_ids and not self.customer_ids:
            return True
        return row.quickbooks_id in self.quickbooks_ids or row.customer_id in self.customer_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Redriven:
    """How many are tried again, where the report goes on, and the run that was begun for them.

    Without a run, the one under way or the next one does it.
    """

    records: int
    customers: int
    next: str | None
    run: Run | None


def redrive(
    tenant: str, run_id: str, lines: Lines, *, limit: int, after: str | None, ports: QuickBooksPorts
) -> Redriven:
    """Have the next run look again at what `limit` lines of a report are about.

    QuickBooks' records are read by their ids, ours planned anew; nobody is done twice. Raises
    NotFound, NotConnected, or WrongState for a run that is not over, was dry, or was of another
    company.
    """
    run = connecting.run(tenant, run_id, ports=ports)
    connection = connecting.connected(tenant, ports=ports)
    if not run.is_over:
        raise WrongState("the run is not over", code="run_under_way")
    if run.dry:
        raise WrongState("the run only planned: start a run instead")
    if run.realm != connection.realm:
        raise WrongState("the run was of another QuickBooks company")
    records: set[str] = set()
    customers: set[str] = set()
    looked = 0
    while looked < limit:
        page = ports.state.report(tenant, run_id, limit=min(limit - looked, _PAGE), after=after)
        looked, after = looked + _PAGE, page.next
        for row in filter(lines.fits, page.items):
            records |= {row.quickbooks_id} if row.quickbooks_id else set()
            customers |= {row.customer_id} if row.customer_id else set()
        if after is None:
            break
    if not records and not customers:
        return Redriven(records=0, customers=0, next=after, run=None)
    ports.decisions.ask_again(tenant, run.realm, records)
    ports.outbox.owe(tenant, run.realm, customers)
    begun = start_run(tenant, trigger=Trigger.REQUEST, ports=ports)
    if begun is not None:
        ports.queue.send(message_of(begun))
    return Redriven(records=len(records), customers=len(customers), next=after, run=begun)
