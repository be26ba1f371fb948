"""Calls to QuickBooks per pull, counted by the stand-in: nothing, one or many changes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.report import Table, figure
from roster.domain.sync.connection import RunStatus, Trigger
from tests.support import aws
from tests.support.sync import Office, office

# More than one page of 1,000, and changes up to what the feed says at once.
CUSTOMERS = 1_040
CHANGES = (0, 1, 1_000)


def table() -> Table:
    """Requests of each kind that QuickBooks saw."""
    rows = []
    with _connected(CUSTOMERS) as one:
        rows.append(_pull(one, f"first pull, {CUSTOMERS:,} customers"))
        for changes in CHANGES:
            book = [c for c in one.control.book()["Customer"] if c.get("Active", True)]
            for customer in book[:changes]:
                one.control.edit(customer["Id"], PrimaryPhone={"FreeFormNumber": f"5{changes}"})
            rows.append(_pull(one, f"{changes:,} changes"))
        one.choose()
        _a_while_later(one)
        assert one.pull().status is RunStatus.COMPLETED
        for trigger, by in ((Trigger.SCHEDULE, "the schedule"), (Trigger.REQUEST, "a person")):
            _a_while_later(one)
            rows.append(_pull(one, f"0 changes, with taxes and terms, asked for by {by}", trigger))
    return Table("quickbooks", ["pull", "queries", "change feed", "all requests"], rows)


def _a_while_later(one: Office) -> None:
    one.clock.advance(minutes=15)
    one.control.clock(advance=15 * 60)


@contextmanager
def _connected(customers: int) -> Iterator[Office]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.ENVIRONMENT.items():
            patch.setenv(name, value)
        with office(patch) as one:
            one.connect()
            one.control.seed(customers)
            yield one


def _pull(one: Office, name: str, trigger: Trigger = Trigger.SCHEDULE) -> list[str]:
    one.control.reset_counters()
    run = one.pull(trigger)
    assert run.status is RunStatus.COMPLETED, run
    seen = one.control.counters()
    total = sum(count for key, count in seen.items() if not key.startswith("_control"))
    return [name, figure(seen.get("query", 0)), figure(seen.get("cdc", 0)), figure(total)]
