"""Random histories of a firm: people at work on both sides, runs in bad weather, another mode."""

import contextlib
import random
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks.remote import ControlFailed
from roster.adapters.quickbooks.mapping import read_customer
from roster.domain.sync.policy import Mode, Primary
from roster.domain.sync.records import ACTIVE, TheirCustomer
from tests.support.sync_firm import Firm, Ours, Quiet, wire
from tests.support.sync_firm_verdict import HERE, THERE, Written, check

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_RUNS = 6


class History:
    """What happens to one firm, from a seed."""

    def __init__(self, firm: Firm, seed: int) -> None:
        self.firm = firm
        self.rng = random.Random(seed)  # noqa: S311 — chance, not a secret
        self.written = Written()
        self.mode = Mode.TWO_WAY
        self._names = 0

    def choose(self) -> None:
        """Somebody chooses a mode, the first or another one."""
        self.mode = self.rng.choice(list(Mode))
        primary = {Mode.ROSTER_TO_QUICKBOOKS: Primary.ROSTER}.get(self.mode)
        primary = primary or self.rng.choice(list(Primary))
        inactive = self.rng.random() < 0.5
        self.firm.choose(mode=self.mode, primary=primary, include_inactive=inactive)

    def happen(self) -> None:
        """One thing, some time later."""
        self.firm.pass_time(self.rng.choice((1, 40, 200)))
        what = self.rng.choice(
            (
                self._enter_here, self._enter_here, self._enter_there, self._enter_there,
                self._edit_here, self._edit_here, self._edit_here, self._edit_there,
                self._edit_there, self._edit_there, self._edit_both, self._status_here,
                self._status_there, self._invoice_there, self._job_there, self._vendor_there,
                self._rough_sync, self._rough_sync, self._rough_sync,
            )
        )  # fmt: skip
        what()

    def rest(self) -> None:
        """Everybody goes home, and runs go on until one has nothing to do; it is the last but one.

        AssertionError when there is no end to it, or when the last one writes.
        """
        for _ in range(_MOST_RUNS):
            if self._is_at_rest(self.firm.quiet_sync()):
                break
        before = (self.firm.ours(), self.firm.control.book())
        last = self.firm.quiet_sync()
        assert self._is_at_rest(last), last
        assert (self.firm.ours(), self.firm.control.book()) == before

    def check(self) -> None:
        """Nobody is there twice, both sides agree as the mode has it, nothing is lost unsaid."""
        check(self.firm, self.mode, self.written)

    def _is_at_rest(self, run: Quiet) -> bool:
        return run.writes == 0 and set(run.counts) <= {"skip"}

    def _name(self) -> str:
        if self._names and self.rng.random() < 0.15:
            return f"Customer {self.rng.randrange(self._names)}"
        self._names += 1
        return f"Customer {self._names - 1}"

    def _values(self) -> dict[str, Any]:
        n = self.rng.randrange(10**6)
        fields: dict[str, Any] = {
            "phone": f"555-{n:06d}",
            "email": f"m{n}@example.com",
            "company_name": f"Company {n}",
            "first_name": f"Given {n}",
            "billing_address": {"street": f"{n} Main St", "city": "Tucson"},
        }
        return dict(self.rng.sample(sorted(fields.items()), self.rng.randint(1, 3)))

    def _enter_here(self) -> None:
        self.written.entered_here(self.firm.enter({"display_name": self._name(), **self._values()}))

    def _enter_there(self) -> None:
        fields = wire({"display_name": self._name(), **self._values()})
        # A name that is taken there is refused, as it is to a person.
        with contextlib.suppress(ControlFailed):
            row = self.firm.control.create(fields.pop("DisplayName"), **fields)
            self.written.entered_there(read_customer(row))

    def _job_there(self) -> None:
        parent = self._one_there(job=False)
        if parent and parent.active:
            self.firm.control.create(
                f"Job {self.rng.randrange(10**6)}", Job=True, ParentRef={"value": parent.id},
                ShipAddr={"Line1": f"{self.rng.randrange(100)} Site Rd"},
            )  # fmt: skip

    def _vendor_there(self) -> None:
        # Customers and vendors share their names.
        with contextlib.suppress(ControlFailed):
            self.firm.control.vendor(self._name())

    def _edit_here(self) -> None:
        if ours := self._one_here():
            self._change_here(ours.id, self._edited())

    def _edit_there(self) -> None:
        theirs = self._one_there()
        if theirs and theirs.active:
            self._change_there(theirs.id, self._edited())

    def _edit_both(self) -> None:
        """The same fields on both sides of a link, the one soon after the other."""
        linked = [c for c in self.firm.ours() if c.quickbooks]
        if not linked:
            return
        one = self.rng.choice(linked)
        fields = sorted(self._values())
        edits: list[Callable[[], None]] = [
            lambda: self._change_here(one.id, self._other_values(fields)),
            lambda: self._change_there(str(one.quickbooks), self._other_values(fields)),
        ]
        if not self.firm.theirs()[str(one.quickbooks)].active:
            return
        self.rng.shuffle(edits)
        for edit in edits:
            edit()
            self.firm.pass_time(self.rng.choice((0, 4)))

    def _other_values(self, fields: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not set(fields) <= set(found):
            found |= self._values()
        return {name: found[name] for name in fields}

    def _edited(self) -> dict[str, Any]:
        if self.rng.random() < 0.2:
            return {"display_name": f"Renamed {self.rng.randrange(10**6)}"}
        return self._values()

    def _change_here(self, customer_id: str, values: dict[str, Any]) -> None:
        self.written.edited_here(self.firm.edit(customer_id, values), values)

    def _change_there(self, quickbooks_id: str, values: dict[str, Any]) -> None:
        with contextlib.suppress(ControlFailed):
            row = self.firm.control.edit(quickbooks_id, **wire(values))
            self.written.edited_there(read_customer(row), values)

    def _status_here(self) -> None:
        if one := self._one_here():
            self.firm.set_active(one.id, active=not one.active)
            self.written.note(HERE, one.id, ACTIVE, not one.active)

    def _status_there(self) -> None:
        if one := self._one_there():
            control = self.firm.control
            with contextlib.suppress(ControlFailed):
                (control.inactivate if one.active else control.activate)(one.id)
                self.written.note(THERE, one.id, ACTIVE, not one.active)

    def _invoice_there(self) -> None:
        if one := self._one_there():
            self.firm.control.touch(one.id)

    def _rough_sync(self) -> None:
        self.firm.rough_sync(self.rng, self._meanwhile)

    def _meanwhile(self) -> None:
        self.rng.choice((self._edit_here, self._edit_there, self._enter_here))()

    def _one_here(self) -> Ours | None:
        ours = self.firm.ours()
        return self.rng.choice(ours) if ours else None

    def _one_there(self, *, job: bool | None = None) -> TheirCustomer | None:
        theirs = [t for t in self.firm.theirs().values() if job in (None, t.is_job)]
        return self.rng.choice(theirs) if theirs else None
