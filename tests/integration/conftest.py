"""The company `acme` with a QuickBooks of its own, as most tests of the sync begin.

A file that begins elsewhere has an `acme` of its own, made of one of these.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from roster import bootstrap

if TYPE_CHECKING:
    from tests.support.sync import Office


@pytest.fixture
def unconnected(monkeypatch: pytest.MonkeyPatch) -> Iterator["Office"]:
    """It has not asked for a connection yet."""
    # Here, not above: the stand-in and the whole sync are much to load for other tests.
    from tests.support.sync import office

    with office(monkeypatch) as one:
        yield one


@pytest.fixture
def timed(unconnected: "Office", monkeypatch: pytest.MonkeyPatch) -> "Office":
    """Its doors have the time of its clock."""
    monkeypatch.setattr(bootstrap, "clock", unconnected.clock)
    return unconnected


@pytest.fixture
def timed_and_connected(timed: "Office") -> "Office":
    """It is connected, and its doors have the time of its clock."""
    timed.connect()
    return timed


@pytest.fixture
def both_ways(timed_and_connected: "Office") -> "Office":
    """It works on both sides, and QuickBooks' word is the last."""
    from tests.support.sync_doors import choose

    choose(mode="two_way", primary="quickbooks")
    return timed_and_connected


@pytest.fixture
def acme(unconnected: "Office") -> "Office":
    """It is connected."""
    unconnected.connect()
    return unconnected
