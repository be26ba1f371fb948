"""What a plan was made from and what it decided, kept so that it can be made again. No I/O.

The engine is pure: from the same inputs it decides the same, to the byte. What differs later is
the engine's own doing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from roster.domain.customer import Customer
from roster.domain.sync.gone import is_erased_here
from roster.domain.sync.policy import Policy
from roster.domain.sync.pull import plan_pull
from roster.domain.sync.push import plan_push
from roster.domain.sync.records import TheirCustomer, canonical
from roster.domain.sync.steps import Here, Look, PushStep, Step, There


@dataclass(frozen=True, slots=True, kw_only=True)
class PullInputs:
    """All that a plan of records from QuickBooks is made from."""

    theirs: tuple[TheirCustomer, ...]
    here: Here
    policy: Policy
    look: Look
    tenant: str
    realm: str
    run: str | None = None

    def decide(self) -> tuple[Step, ...]:
        """The plan."""
        return plan_pull(
            self.theirs, self.here, self.policy,
            tenant=self.tenant, realm=self.realm, run=self.run, look=self.look,
        )  # fmt: skip

    @property
    def size(self) -> int:
        """How many records it is about."""
        return len(self.theirs)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushInputs:
    """All that a plan of customers of ours is made from."""

    ours: tuple[Customer, ...]
    there: There
    policy: Policy

    def decide(self) -> tuple[PushStep, ...]:
        """The plan."""
        return plan_push(self.ours, self.there, self.policy)

    @property
    def size(self) -> int:
        """How many customers it is about."""
        return len(self.ours)


type Inputs = PullInputs | PushInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A plan as it was kept: by which engine, from what, and its steps, as plain JSON values."""

    slice: int
    engine: str
    inputs: Inputs
    steps: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What was decided about a record then and what would be now; None is nothing.

    `record` is a QuickBooks id in a pull and a customer's id in a push. Where only the order of
    the steps differs, it is empty, and both sides are the records in their order.
    """

    slice: int
    record: str
    then: Mapping[str, Any] | None
    now: Mapping[str, Any] | None


def without_the_erased(theirs: Iterable[TheirCustomer], here: Here) -> tuple[TheirCustomer, ...]:
    """Those a plan may be about: nobody plans, or keeps, anything of who was erased here."""
    return tuple(t for t in theirs if not is_erased_here(t, here.links, here.customers))


def impersonal(customer: Customer) -> Customer:
    """The customer without its tax numbers, by which the engine does not go."""
    if customer.gstin is None and customer.pan is None:
        return customer
    return replace(customer, gstin=None, pan=None)


def plain(step: Step | PushStep) -> dict[str, Any]:
    """A step as plain JSON values, without the record that stands in its inputs anyway."""
    values = asdict(step)
    values.pop("theirs", None)
    if isinstance(step, Step):
        values["record"] = step.theirs.id
    found: dict[str, Any] = json.loads(canonical(values))
    return found


def differences(kept: Kept) -> tuple[Difference, ...]:
    """Plan again with today's engine, and say where it decides otherwise than it did."""
    now = [plain(step) for step in kept.inputs.decide()]
    if _text(now) == _text(kept.steps):
        return ()
    before, after = _by_record(kept.steps), _by_record(now)
    found = tuple(
        Difference(slice=kept.slice, record=record, then=before.get(record), now=after.get(record))
        for record in dict.fromkeys((*before, *after))
        if _text(before.get(record)) != _text(after.get(record))
    )
    if found:
        return found
    then = {"order": list(before)}
    return (Difference(slice=kept.slice, record="", then=then, now={"order": list(after)}),)


def _by_record(steps: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(step.get("record") or step["customer_id"]): step for step in steps}


def _text(steps: object) -> str:
    return canonical(steps)
