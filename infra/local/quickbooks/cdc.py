"""Change data capture: what moved since a moment, entity by entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, wire
from infra.local.quickbooks.clock import parse_stamp
from infra.local.quickbooks.company import KINDS
from infra.local.quickbooks.search import EMPTY_ENTITIES

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company

LOOK_BACK = 30 * 86_400
MOST_OBJECTS = 1000
_UNSUPPORTED = frozenset({"journalcode", "taxagency", "timeactivity", "taxcode", "taxrate"})


def answer(company: Company, entities: str, since: str, now: float) -> dict[str, Any]:
    """Return `{"CDCResponse": [{"QueryResponse": [one object per entity]}]}`.

    `entities` is a comma-separated list; `since` a date-time at most 30 days back. At most 1000
    objects come back, the longest unchanged first. ServiceFault 2020 or 4001 when refused.
    """
    if not entities.strip():
        raise faults.missing("entities")
    if not since.strip():
        raise faults.missing("changedSince")
    moment = parse_stamp(since)
    if moment is None:
        raise faults.query_invalid(f"invalid date in changedSince: {since}")
    if moment < now - LOOK_BACK:
        raise faults.query_invalid("changedSince can be at most 30 days in the past")
    left, blocks = MOST_OBJECTS, []
    for name in entities.split(","):
        block = _block(company, name.strip(), moment, left)
        left -= block.get("maxResults", 0)
        blocks.append(block)
    return {"CDCResponse": [{"QueryResponse": blocks}]}


def _block(company: Company, name: str, moment: float, left: int) -> dict[str, Any]:
    if name.lower() in _UNSUPPORTED:
        raise faults.query_invalid(f"Entity {name} does not support change data capture")
    for kind in KINDS:
        if kind.lower() == name.lower():
            # Inactivated names come as ordinary rows with Active false.
            moved = sorted(
                (entry for entry in company.of_kind(kind) if entry.updated >= moment),
                key=lambda entry: (entry.updated, entry.id),
            )[:left]
            if not moved:
                return {}
            rows = [wire.entity(company, entry, "list") for entry in moved]
            return {kind: rows, "startPosition": 1, "maxResults": len(rows)}
    if name.lower() not in EMPTY_ENTITIES:
        raise faults.query_invalid(f"invalid context declaration: {name}")
    return {}
