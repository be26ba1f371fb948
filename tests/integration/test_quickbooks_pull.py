"""The pull, from QuickBooks' wire to customers in the table."""

from collections.abc import Iterator

import pytest

from roster.domain.customer import Status
from roster.domain.quickbooks import RunMode, RunStatus
from tests.support.sync import Office, office


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with office(monkeypatch) as one:
        one.connect()
        yield one


@pytest.mark.shows("S0.03")
def test_a_customer_added_in_quickbooks_arrives_with_the_next_pull(acme: Office) -> None:
    acme.control.create("Amy's Bird Sanctuary", PrimaryEmailAddr={"Address": "amy@birds.example"})
    run = acme.pull()
    assert (run.status, run.mode, run.counts) == (
        RunStatus.COMPLETED,
        RunMode.FULL,
        {"create_here": 1},
    )
    amy = acme.customers()["Amy's Bird Sanctuary"]
    assert (amy.email, amy.number, amy.status) == ("amy@birds.example", "C-00001", Status.ACTIVE)
    assert amy.quickbooks is not None
