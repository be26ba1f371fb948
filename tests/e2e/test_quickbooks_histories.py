"""Random histories over the deployed functions: people at work on both sides, and bad weather.

Each has a tenant and a QuickBooks company of its own. Workers are killed, whosever slice they are
at, so nothing else may run meanwhile.
"""

import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.quickbooks.remote import Control
from infra.local.stack import QUICKBOOKS_APPLICATION
from tests.e2e.test_door3_quickbooks import consented, new_realm
from tests.support.e2e import Deployed, new_tenant
from tests.support.sync_deployed import DeployedFirm
from tests.support.sync_firm_history import History

SEEDS = range(36)
_LENGTH = 12
# Most of a history is waiting, for QuickBooks or for a pause to end.
_AT_ONCE = 12
_SKEW_S = 90.0


@pytest.fixture
def weather(deployed: Deployed, standin: Control) -> Iterator[Control]:
    """QuickBooks whose clock is ahead, and whose notices come twice, in disorder, or not."""
    url = f"{deployed.url}/v1/quickbooks/webhook"
    verifier = QUICKBOOKS_APPLICATION["webhook_verifier_token"]
    standin.tell(
        url=url, verifier=verifier, shape="cloudevents", gather=0.2, duplicate=True, reorder=True,
        lose=20,
    )  # fmt: skip
    standin.clock(offset=_SKEW_S)
    yield standin
    standin.clock(offset=0)
    standin.call("DELETE", "/webhooks")


def end_of(firm: DeployedFirm, seed: int) -> str | None:
    """How a history ended, None where all was well."""
    try:
        history = History(firm, seed)
        history.choose()
        firm.connect()
        for _ in range(_LENGTH):
            if history.rng.random() < 0.1:
                history.choose()
            history.happen()
        history.rest()
        history.check()
    except Exception:  # noqa: BLE001  # told with its seed, after the others
        return f"seed {seed}, {firm.tenant}:\n{traceback.format_exc()}"
    return None


@pytest.mark.restarts
@pytest.mark.shows("S4.044", "S4.046", "S4.048", "S4.061")
def test_both_sides_come_to_rest_and_agree(deployed: Deployed, weather: Control) -> None:
    met: Counter[str] = Counter()

    def end(seed: int) -> str | None:
        control = Control(weather.base_url, new_realm(weather))
        firm = DeployedFirm(deployed, control, new_tenant(), consented)
        ended = end_of(firm, seed)
        print(f"seed {seed}, {firm.tenant}: {dict(firm.met)}")
        met.update(firm.met)
        return ended

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ends = list(pool.map(end, SEEDS))
    assert not any(ends), "\n".join(end for end in ends if end)
    # The weather was bad, and QuickBooks' notices were heard.
    assert {"killed", "handed over again", "drop", "half_body", "html_502"} <= set(met), met
    told = weather.told()["log"]
    statuses = {one["status"] for one in told if "status" in one}
    # On a busy machine one may go unanswered within QuickBooks' three seconds.
    assert {200} <= statuses <= {200, None}
    assert any("lost" in one for one in told)
