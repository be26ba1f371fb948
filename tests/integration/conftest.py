"""The company `acme` with a QuickBooks of its own, as most tests of the sync begin.

A file that begins elsewhere says so: by `usefixtures`, or by an `acme` made of one of these.
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
def acme(unconnected: "Office") -> "Office":
    """It is connected."""
    unconnected.connect()
    return unconnected


@pytest.fixture
def timed_doors(unconnected: "Office", monkeypatch: pytest.MonkeyPatch) -> None:
    """Its doors have the time of its clock."""
    monkeypatch.setattr(bootstrap, "clock", unconnected.clock)


@pytest.fixture
def both_ways(acme: "Office", timed_doors: None) -> None:
    """It works on both sides; QuickBooks' word is the last."""
    from tests.support.sync_doors import choose

    choose(mode="two_way", primary="quickbooks")
