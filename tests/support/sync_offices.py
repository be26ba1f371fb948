"""Random histories over the use cases: two offices at work, faults, and a worker that dies."""

import random
from dataclasses import replace
from typing import Any

from roster.domain.customer import Customer, Status
from roster.domain.customer_filter import CustomerFilter, StatusFilter
from roster.domain.errors import StaleVersion
from roster.domain.sync.connection import QuickBooksFault, Run, RunStatus
from roster.domain.sync.policy import Mode, Primary
from roster.domain.sync.records import COMPARED, TheirCustomer, our_values
from roster.usecases.customers import activate_customer, deactivate_customer
from roster.usecases.quickbooks.runs import message_of, sync_slice
from tests.support.sync import Office
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


class History:
    """What happens to one company, from a seed."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.rng = random.Random(seed)  # noqa: S311 — chance, not a secret
        self.names = 0

    def choose(self) -> None:
        """Somebody chooses a mode, the first or another one."""
        mode = self.rng.choice(list(Mode))
        primary = {Mode.ROSTER_TO_QUICKBOOKS: Primary.ROSTER}.get(mode)
        primary = primary or self.rng.choice(list(Primary))
        self.office.choose(mode, primary=primary, include_inactive=self.rng.random() < 0.5)

    def happen(self) -> None:
        """One thing, some time later."""
        self.pass_time(self.rng.choice((1, 40, 200)))
        what = self.rng.choice(
            (
                self._enter_here, self._enter_here, self._enter_there, self._enter_there,
                self._edit_here, self._edit_here, self._edit_here, self._edit_there,
                self._edit_there, self._edit_there, self._status_here, self._status_there,
                self._invoice_there, self._rough_sync, self._rough_sync, self._rough_sync,
            )
        )  # fmt: skip
        what()

    def pass_time(self, minutes: float) -> None:
        """Let time go by on both sides."""
        self.office.clock.advance(minutes=minutes)
        self.office.control.clock(advance=minutes * 60)

    def ours(self) -> list[Customer]:
        """Everybody here."""
        everybody = CustomerFilter(status=StatusFilter.ALL)
        customers = self.office.ports.customers
        page = customers.find(self.office.tenant, everybody, limit=500, after=None)
        found = customers.get_many(self.office.tenant, [c.id for c in page.items])
        return sorted(found.values(), key=lambda c: (c.created_at, c.id))

    def theirs(self) -> dict[str, TheirCustomer]:
        """Everybody there, by id."""
        rows = self.office.control.book()["Customer"]
        return {row["Id"]: self.office.ports.wire.customer(row) for row in rows}

    def _name(self) -> str:
        if self.names and self.rng.random() < 0.15:
            return f"Customer {self.rng.randrange(self.names)}"
        self.names += 1
        return f"Customer {self.names - 1}"

    def _values(self) -> dict[str, str]:
        n = self.rng.randrange(1000)
        fields = {
            "phone": f"555-{n:04d}",
            "email": f"m{n}@example.com",
            "company_name": f"Company {n}",
            "first_name": f"Given {n}",
        }
        return dict(self.rng.sample(sorted(fields.items()), self.rng.randint(1, 3)))

    def _enter_here(self) -> None:
        self.office.create(self._name(), **self._values())

    def _enter_there(self) -> None:
        name = self._name()
        if name not in {t.display_name for t in self.theirs().values()}:
            self.office.control.create(name, **wire(self._values()))

    def _edit_here(self) -> None:
        if ours := self.ours():
            values = self._values()
            if self.rng.random() < 0.2:
                values = {"display_name": f"Renamed {self.rng.randrange(10**6)}"}
            self.office.edit_id(self.rng.choice(ours).id, values)

    def _edit_there(self) -> None:
        if theirs := sorted(self.theirs()):
            fields = wire(self._values())
            if self.rng.random() < 0.2:
                fields = {"DisplayName": f"Renamed {self.rng.randrange(10**6)}"}
            one = self.rng.choice(theirs)
            if self.theirs()[one].active:
                self.office.control.edit(one, **fields)

    def _status_here(self) -> None:
        if ours := self.ours():
            one = self.rng.choice(ours)
            move = deactivate_customer if one.status is Status.ACTIVE else activate_customer
            move(
                self.office.tenant, one.id, if_version=None, actor=one.created_by,
                customers=self.office.ports.customers, clock=self.office.clock,
            )  # fmt: skip

    def _status_there(self) -> None:
        if theirs := sorted(self.theirs()):
            one = self.rng.choice(theirs)
            control = self.office.control
            (control.inactivate if self.theirs()[one].active else control.activate)(one)

    def _invoice_there(self) -> None:
        if theirs := sorted(self.theirs()):
            self.office.control.touch(self.rng.choice(theirs))

    def _rough_sync(self) -> None:
        """A run in bad weather: faults, deaths, messages that come twice, people at work."""
        office, rng = self.office, self.rng
        if rng.random() < 0.5:
            fault, times, skip = rng.choice(_FAULTS), rng.randint(1, 4), rng.randrange(3)
            office.control.fail(fault, times=times, skip=skip, path="/v3")
        run = office.start()
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
                rng.choice((self._edit_here, self._edit_there, self._enter_here))()
        office.control.heal()
        assert office.run(run.id).is_over

    def quiet_sync(self) -> Run:
        """A run that nobody disturbs."""
        self.pass_time(20)
        run = self.office.pull()
        assert run.status is RunStatus.COMPLETED, run.reason
        return run

    def rest(self) -> Run:
        """Everybody goes home, and runs go on; the last one, which has nothing left to do."""
        for _ in range(5):
            self.quiet_sync()
        before = (self.ours(), self.office.control.book())
        self.office.control.reset_counters()
        run = self.quiet_sync()
        assert (self.ours(), self.office.control.book()) == before
        counters = self.office.control.counters()
        assert (counters["write"], counters["batch"]) == (0, 0)
        return run

    def check(self) -> None:
        """Nobody is there twice, and where the mode says so, both sides agree."""
        ours, theirs = self.ours(), self.theirs()
        ids = [c.quickbooks for c in ours if c.quickbooks]
        assert len(ids) == len(set(ids))
        names = [t.display_name.casefold() for t in theirs.values()]
        assert len(names) == len(set(names))
        policy = self.office.ports.policies.get(self.office.tenant).policy
        assert policy is not None
        if policy.mode is not Mode.TWO_WAY:
            return
        for customer in ours:
            if customer.quickbooks is None or not theirs[customer.quickbooks].active:
                # QuickBooks takes no edit of who is inactive.
                continue
            here, there = our_values(customer), theirs[customer.quickbooks].base
            differing = {f for f in COMPARED if here.get(f) != there.get(f)}
            clash = names.count(customer.display_name.casefold()) and "display_name" in differing
            told = {f: (here.get(f), there.get(f)) for f in sorted(differing)}
            assert not differing or clash, (customer.display_name, customer.quickbooks, told)


def wire(values: dict[str, str]) -> dict[str, Any]:
    """Values as QuickBooks spells them."""
    spelled: dict[str, Any] = {
        "phone": ("PrimaryPhone", "FreeFormNumber"), "email": ("PrimaryEmailAddr", "Address"),
        "company_name": ("CompanyName", None), "first_name": ("GivenName", None),
    }  # fmt: skip
    return {
        spelled[name][0]: {spelled[name][1]: value} if spelled[name][1] else value
        for name, value in values.items()
    }
