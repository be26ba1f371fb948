"""Change data capture: what moved since a moment, entity by entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import entities, faults
from infra.local.quickbooks.clock import parse_stamp
from infra.local.quickbooks.sales.rendering import tombstone
from infra.local.quickbooks.search import EMPTY_ENTITIES
from infra.local.quickbooks.shelf import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.quickbooks.company import Company, Entry

LOOK_BACK = 30 * 86_400
MOST_OBJECTS = 1000
_UNCAPTURED = frozenset(kind.lower() for kind in entities.UNCAPTURED)


def answer(company: Company, wanted: str, since: str, now: float) -> dict[str, Any]:
    """Return `{"CDCResponse": [{"QueryResponse": [one object per entity]}]}`.

    `wanted` is a comma-separated list; `since` a date-time at most 30 days back. At most 1000
    objects come back, the longest unchanged first. ServiceFault 2020 or 4001 when refused.
    """
    if not wanted.strip():
        raise faults.missing("entities")
    if not since.strip():
        raise faults.missing("changedSince")
    moment = parse_stamp(since)
    if moment is None:
        raise faults.query_invalid(f"invalid date in changedSince: {since}")
    if moment < now - LOOK_BACK:
        raise faults.query_invalid("changedSince can be at most 30 days in the past")
    left, blocks = MOST_OBJECTS, []
    for name in wanted.split(","):
        block = _block(company, name.strip(), moment, left)
        left -= block.get("maxResults", 0)
        blocks.append(block)
    return {"CDCResponse": [{"QueryResponse": blocks}]}


def _block(company: Company, name: str, moment: float, left: int) -> dict[str, Any]:
    if name.lower() in _UNCAPTURED:
        raise faults.query_invalid(f"Entity {name} does not support change data capture")
    kind = entities.KINDS.get(name.lower())
    if kind is None:
        if name.lower() not in EMPTY_ENTITIES:
            raise faults.query_invalid(f"invalid context declaration: {name}")
        return {}
    # What was inactivated comes as an ordinary row with Active false.
    moved = sorted(
        (one for one in _all(company, kind) if one.updated >= moment),
        key=lambda one: (one.updated, int(one.id)),
    )[:left]
    if not moved:
        return {}
    rows = [_row(company, one) for one in moved]
    return {kind: rows, "startPosition": 1, "maxResults": len(rows)}


def _all(company: Company, kind: str) -> Iterable[Entry | Record]:
    if kind in entities.NAMES:
        return company.of_kind(kind)  # type: ignore[arg-type] # one of NAMES
    return company.shelf(kind).records.values()


def _row(company: Company, one: Entry | Record) -> dict[str, Any]:
    if isinstance(one, Record) and one.deleted:
        return tombstone(company, one)
    return entities.show(company, one, "list")
