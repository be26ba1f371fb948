"""The seeded book: the same for the same seed, and good for a demo."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.quickbooks import StandIn

SECOND = "9341450000000002"


def written(row: dict[str, Any]) -> dict[str, Any]:
    skipped = {"MetaData", "V4IDPseudonym"}
    return {name: value for name, value in row.items() if name not in skipped}


def test_the_same_seed_gives_the_same_book(quickbooks: StandIn) -> None:
    control = quickbooks.control
    control.open_company(SECOND)
    assert control.seed(60, 20, 7) == control.seed(60, 20, 7, realm=SECOND)
    first, second = control.book(), control.book(realm=SECOND)
    assert list(map(written, first["Customer"])) == list(map(written, second["Customer"]))
    control.open_company(SECOND)
    control.seed(60, 20, 8, realm=SECOND)
    other = control.book(realm=SECOND)["Customer"]
    assert list(map(written, other)) != list(map(written, first["Customer"]))


def test_the_book_has_what_a_real_one_has(quickbooks: StandIn) -> None:
    made = quickbooks.control.seed(400, 100)
    rows = quickbooks.control.book()["Customer"]
    names = [row["FullyQualifiedName"] for row in rows]

    assert made["customers"] + made["jobs"] == len(rows) == len(set(names)) == 500
    assert sum(not row["Active"] for row in rows) == made["inactive"] > 0
    assert all(name.endswith("(deleted)") for row, name in zip(rows, names, strict=True)
               if not row["Active"])  # fmt: skip
    assert sum("ParentRef" in row for row in rows) == 100
    assert any(not name.isascii() for name in names)
    assert any("'" in name for name in names)
    assert any(row["Balance"] > 0 for row in rows)
    assert len({row["MetaData"]["LastUpdatedTime"] for row in rows}) > 300


def test_ten_thousand_customers_take_seconds(quickbooks: StandIn) -> None:
    started = time.monotonic()
    assert quickbooks.control.seed(10_000, 1_000)["customers"] == 10_000
    assert time.monotonic() - started < 10


def test_seeding_twice_adds(quickbooks: StandIn) -> None:
    quickbooks.control.seed(50, seed=1)
    quickbooks.control.seed(50, 5, seed=1)
    assert len(quickbooks.control.book()["Customer"]) == 105
