"""What a sync asks of QuickBooks, counted exactly; `bench/first_pull.py` does it at full size."""

from dataclasses import replace

import pytest

from roster.adapters.quickbooks.client import QuickBooksClient
from roster.domain.sync.connection import RunStatus
from roster.domain.sync.policy import MappingOption, Mode
from tests.support.quickbooks import DirectPool
from tests.support.sync import Office

CUSTOMERS = 2_040


@pytest.fixture
def acme(acme: Office) -> Office:
    pool = DirectPool(acme.intuit.direct())
    client = QuickBooksClient(acme.intuit.base_url, http=pool, sleep=lambda _: None)
    acme.ports = replace(acme.ports, api=client)
    return acme


def calls(acme: Office) -> dict[str, int]:
    """What one run asks for, by kind of call."""
    acme.control.reset_counters()
    assert acme.pull().status is RunStatus.COMPLETED
    seen = acme.control.counters().items()
    return {name: n for name, n in seen if n and not name.startswith("_control")}


def test_a_first_pull_asks_once_a_thousand_and_a_quiet_one_once(acme: Office) -> None:
    acme.control.seed(CUSTOMERS, jobs=40)
    # Read for the mapping, so that the suite need not write them all.
    acme.choose(default_option=MappingOption.DONT_IMPORT, sync_taxes=False, sync_terms=False)
    assert calls(acme) == {"query": 3}
    assert calls(acme) == {"cdc": 1}
    assert calls(acme) == {"cdc": 1}


@pytest.mark.parametrize(("edits", "batches"), [(1, 1), (30, 1), (31, 2)])
def test_edits_here_go_thirty_in_a_call_and_nothing_is_read_after(
    acme: Office, edits: int, batches: int
) -> None:
    for n in range(31):
        acme.control.create(f"Customer {n}")
    acme.pull()
    kept = acme.ports.policies.get(acme.tenant).policy
    assert kept is not None
    acme.ports.policies.save(acme.tenant, replace(kept, mode=Mode.TWO_WAY), anew=False)
    acme.pull()
    ours = sorted(c.id for c in acme.customers().values())
    for one in ours[:edits]:
        acme.edit_id(one, {"phone": "206-555-0100"})
    assert calls(acme) == {"cdc": 1, "batch": batches}
    phones = [c.get("PrimaryPhone") for c in acme.control.book()["Customer"]]
    assert phones.count({"FreeFormNumber": "206-555-0100"}) == edits
    assert calls(acme) == {"cdc": 1}
