"""Random histories of both sides through the use cases: they come to rest, and agree."""

import pytest

from tests.support.sync import Office
from tests.support.sync_firm_history import History
from tests.support.sync_offices import OfficeFirm

_SEEDS = range(24)
_LENGTH = 25


@pytest.fixture
def acme(unconnected: Office) -> OfficeFirm:
    return OfficeFirm(unconnected)


@pytest.mark.shows("S4.044", "S4.046", "S4.048", "S4.061")
@pytest.mark.parametrize("seed", _SEEDS)
def test_both_sides_come_to_rest_and_agree(acme: OfficeFirm, seed: int) -> None:
    history = History(acme, seed)
    history.choose()
    acme.connect()
    for _ in range(_LENGTH):
        if history.rng.random() < 0.04:
            history.choose()
        history.happen()
    history.rest()
    history.check()
