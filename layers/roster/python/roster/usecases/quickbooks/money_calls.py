"""A run's calls about items, invoices and payments: with one token, and counted."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from roster.domain.events import Actor, Source
from roster.domain.sync.books import TheirCompany
from roster.domain.sync.chart import Chart
from roster.domain.sync.connection import (
    PAGE_SIZE,
    FaultAction,
    QuickBooksFault,
    ReportRow,
    Run,
    Trigger,
)
from roster.domain.sync.others import OtherStep
from roster.domain.sync.records import fingerprint
from roster.domain.sync.steps import Verb
from roster.usecases.quickbooks.money_ports import MoneyPorts, Row

_WAITS = (FaultAction.RETRY, FaultAction.PAUSE, FaultAction.REFRESH, FaultAction.RECONNECT)


def propagates(fault: QuickBooksFault) -> bool:
    """Whether the run has to wait or end, rather than this one record."""
    return fault.action in _WAITS


class MoneyCall:
    """One run's dealings with QuickBooks' books; `reads` are metered, `writes` are not.

    `keep` is given each line of the report as it is told.
    """

    def __init__(
        self,
        run: Run,
        token: str,
        ports: MoneyPorts,
        keep: Callable[[ReportRow], None] = lambda _: None,
    ) -> None:
        self.run, self.ports, self.keep = run, ports, keep
        self._token = token
        self.reads = self.writes = 0

    @property
    def actor(self) -> Actor:
        """Who does what this run does."""
        return Actor("quickbooks", Source.QUICKBOOKS, self.run.id)

    @property
    def tries_again(self) -> bool:
        """Whether what was refused lately is tried again: a person has asked for the run."""
        return self.run.trigger is Trigger.REQUEST

    def all_rows(self, entity: str) -> list[Row]:
        """All of an entity, inactive ones too."""
        rows: dict[str, Row] = {}
        position = 1
        while True:
            page, _, calls = self.ports.api.rows(self.run.realm, self._token, entity, position)
            self.reads += calls
            rows |= {str(row.get("Id") or position): row for row in page}
            if len(page) < PAGE_SIZE:
                return list(rows.values())
            position += len(page)

    def by_ids(self, entity: str, ids: Sequence[str]) -> list[Row]:
        """Those of some ids that are there."""
        found: list[Row] = []
        for start in range(0, len(ids), PAGE_SIZE):
            some = ids[start : start + PAGE_SIZE]
            page, _, calls = self.ports.api.by_ids(self.run.realm, self._token, entity, some)
            self.reads += calls
            found += page
        return found

    def matching(self, entity: str, field: str, value: str) -> Sequence[Row]:
        """Those of which a field has just this value."""
        rows, _, calls = self.ports.api.matching(self.run.realm, self._token, entity, field, value)
        self.reads += calls
        return rows

    def read(self, entity: str, entity_id: str) -> Row | None:
        """One as it is now."""
        self.reads += 1
        return self.ports.api.read(self.run.realm, self._token, entity, entity_id)

    def write(
        self, entity: str, body: Mapping[str, Any], *, request_id: str, operation: str = ""
    ) -> Row:
        """Write one."""
        self.writes += 1
        return self.ports.api.write(
            self.run.realm, self._token, entity, body, request_id=request_id, operation=operation
        )

    @cached_property
    def company(self) -> TheirCompany:
        """The company and its preferences; two reads, once."""
        company = self.all_rows("CompanyInfo")
        preferences = self.all_rows("Preferences")
        return self.ports.wire.read_company(next(iter(company), {}), next(iter(preferences), {}))

    @cached_property
    def _chart(self) -> Chart:
        rows = self.all_rows("Account")
        return Chart(tuple(self.ports.wire.read_account(row) for row in rows))

    def chart(self) -> Chart:
        """The accounts; read once."""
        return self._chart


def row_of(call: MoneyCall, step: OtherStep) -> ReportRow:
    """A step's line of the report, kept.

    Its place depends on nothing but the slice, the record and what is told of it.
    """
    of = f"{step.entity.lower()}-{step.quickbooks_id or step.our_id}"
    told = fingerprint({"told": step.reason})[:6]
    row = ReportRow(
        position=f"{call.run.slice:06d}#{of}#{step.verb}#{told}",
        kind=step.entity.lower(),
        verb=str(step.verb),
        quickbooks_id=step.quickbooks_id,
        name=step.name,
        reason=step.reason,
        customer_id=step.customer_id,
        changes=step.changes,
    )
    call.keep(row)
    return row


def told(
    call: MoneyCall,
    entity: str,
    verb: Verb,
    name: str,
    reason: str,
    *,
    quickbooks_id: str = "",
    our_id: str | None = None,
    customer_id: str | None = None,
) -> ReportRow:
    """A line of the report about what was done or left."""
    return row_of(
        call,
        OtherStep(
            entity=entity, verb=verb, name=name, reason=reason, quickbooks_id=quickbooks_id,
            our_id=our_id, customer_id=customer_id,
        ),
    )  # fmt: skip
