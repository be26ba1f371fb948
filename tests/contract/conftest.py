"""What the contract tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.quickbooks import Api, StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def quickbooks() -> Iterator[StandIn]:
    """A fresh stand-in for QuickBooks Online with one empty company."""
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def api(quickbooks: StandIn) -> Api:
    """A plain HTTP client of that company."""
    return quickbooks.session()
