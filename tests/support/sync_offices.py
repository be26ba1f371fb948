"""A firm in this process: the use cases on moto, the stand-in, and a worker that dies."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from roster.domain.customer import Customer, Status
from roster.domain.customer_filter import CustomerFilter, StatusFilter
from roster.domain.errors import StaleVersion
from roster.domain.sync.connection import QuickBooksFault, RunStatus
from roster.domain.sync.records import TheirCustomer, mapped_values
from roster.usecases.customers import activate_customer, deactivate_customer
from roster.usecases.quickbooks.runs import message_of, sync_slice
from tests.support.sync import Office
from tests.support.sync_firm import Line, Ours, Quiet
from tests.support.sync_ports import Dying, Killed

_PORTS = {
    "state": ("add_rows", "save_links", "checkpoint", "count_rows"),
    "outbox": ("keep", "drop", "settle"),
    "customers": ("add", "save"),
    "names": ("save",),
    "api": ("batch", "changes", "page"),
    "connections": ("end_run",),
}
_FAULTS = ("drop", "half_body", "json_429", "xml_429", "html_502", "5010", "10000", "empty")


class OfficeFirm:
    """Implements `sync_firm.Firm` over an office of `tests.support.sync`."""

    def __init__(self, office: Office) -> None:
        self.office, self.control = office, office.control
        self._runs: list[str] = []

    def choose(self, **settings: Any) -> None:
        """See `sync_firm.Firm.choose`."""
        self.office.choose(**settings)

    def connect(self) -> None:
        """See `sync_firm.Firm.connect`."""
        self.office.connect()

    def ours(self) -> list[Ours]:
        """See `sync_firm.Firm.ours`."""
        everybody = CustomerFilter(status=StatusFilter.ALL)
        customers, tenant = self.office.ports.customers, self.office.tenant
        page = customers.find(tenant, everybody, limit=500, after=None)
        found = customers.get_many(tenant, [c.id for c in page.items]).values()
        return [_told(c) for c in sorted(found, key=lambda c: (c.created_at, c.id))]

    def theirs(self) -> dict[str, TheirCustomer]:
        """See `sync_firm.Firm.theirs`."""
        rows = self.control.book()["Customer"]
        return {row["Id"]: self.office.ports.wire.customer(row) for row in rows}

    def enter(self, values: Mapping[str, Any]) -> Ours:
        """See `sync_firm.Firm.enter`."""
        rest = {name: value for name, value in values.items() if name != "display_name"}
        return _told(self.office.create(values["display_name"], **rest))

    def edit(self, customer_id: str, values: Mapping[str, Any]) -> Ours:
        """See `sync_firm.Firm.edit`."""
        return _told(self.office.edit_id(customer_id, dict(values)))

    def set_active(self, customer_id: str, *, active: bool) -> None:
        """See `sync_firm.Firm.set_active`."""
        office = self.office
        found = office.ports.customers.get(office.tenant, customer_id)
        assert found is not None
        move = activate_customer if active else deactivate_customer
        move(
            office.tenant, customer_id, if_version=None, actor=found.created_by,
            customers=office.ports.customers, clock=office.clock,
        )  # fmt: skip

    def pass_time(self, minutes: float) -> None:
        """See `sync_firm.Firm.pass_time`."""
        self.office.clock.advance(minutes=minutes)
        self.control.clock(advance=minutes * 60)

    def rough_sync(self, rng: random.Random, meanwhile: Callable[[], None]) -> None:
        """Faults, deaths between any two steps, messages that come twice, people at work."""
        office = self.office
        if rng.random() < 0.5:
            fault, times, skip = rng.choice(_FAULTS), rng.randint(1, 4), rng.randrange(3)
            self.control.fail(fault, times=times, skip=skip, path="/v3")
        run = office.start()
        self._runs.append(run.id)
        for _ in range(60):
            run = office.run(run.id)
            if run.is_over:
                break
            if run.not_before is not None and run.not_before > office.clock():
                self.pass_time((run.not_before - office.clock()).total_seconds() / 60 + 1)
            ports = office.ports
            if rng.random() < 0.4:
                port = rng.choice(sorted(_PORTS))
                dying = Dying(
                    getattr(ports, port), rng.choice(_PORTS[port]), at=rng.randint(1, 2),
                    after=rng.random() < 0.5,
                )  # fmt: skip
                made: dict[str, Any] = {port: dying}
                ports = replace(ports, **made)
            try:
                sync_slice(message_of(run), ports=ports)
                if rng.random() < 0.2:
                    sync_slice(message_of(run), ports=office.ports)
            except (Killed, StaleVersion, QuickBooksFault):
                pass
            if rng.random() < 0.3:
                meanwhile()
        self.control.heal()
        assert office.run(run.id).is_over

    def quiet_sync(self) -> Quiet:
        """See `sync_firm.Firm.quiet_sync`."""
        self.pass_time(20)
        before = self._writes()
        run = self.office.pull()
        assert run.status is RunStatus.COMPLETED, run.reason
        self._runs.append(run.id)
        return Quiet(run.counts, self._writes() - before)

    def report(self) -> list[Line]:
        """See `sync_firm.Firm.report`."""
        rows = [row for run in self._runs for row in self.office.report(self.office.run(run))]
        return [
            Line(
                row.verb, row.quickbooks_id, row.customer_id,
                tuple((change.field, change.old) for change in row.changes),
            )
            for row in rows
        ]  # fmt: skip

    def _writes(self) -> int:
        counters = self.control.counters()
        return counters["write"] + counters["batch"]


def _told(customer: Customer) -> Ours:
    active = customer.status is Status.ACTIVE
    return Ours(customer.id, customer.quickbooks, active, mapped_values(customer))
