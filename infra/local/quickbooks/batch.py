"""Several operations in one call: each succeeds or faults alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import entities, faults, query, search
from infra.local.quickbooks.entities import Write

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.faults import ServiceFault

MOST_ITEMS = 30
_LONGEST_ID = 10
Fields = dict[str, Any]


def answer(
    company: Company,
    body: Fields,
    now: float,
    *,
    strike: Callable[[str], ServiceFault | None],
    replayed: bool,
) -> Fields:
    """Return `{"BatchItemResponse": […]}`, one entry per item, in the order they came.

    `strike` may name a fault for an item (`customer/update`). With `replayed`, a bId is at
    most 10 characters. ServiceFault 2010 or 2050 when the whole batch is refused.
    """
    items = body.get("BatchItemRequest")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise faults.unreadable("failed to parse json object; a property")
    if len(items) > MOST_ITEMS:
        raise faults.ServiceFault(
            "1040",
            "Batch limit exceeded",
            f"The number of items in the batch is {len(items)}. Maximum allowed is {MOST_ITEMS}.",
        )
    for one in items:
        if replayed and len(str(one.get("bId", ""))) > _LONGEST_ID:
            raise faults.wrong_length("bId", _LONGEST_ID, len(str(one["bId"])))
    return {"BatchItemResponse": [_item(company, one, now, strike) for one in items]}


def _item(
    company: Company, one: Fields, now: float, strike: Callable[[str], ServiceFault | None]
) -> Fields:
    mark = {"bId": one["bId"]} if "bId" in one else {}
    try:
        return _carried_out(company, one, now, strike) | mark
    except faults.ServiceFault as fault:
        return {"Fault": {"Error": [fault.error()], "type": fault.kind}} | mark


def _carried_out(
    company: Company, one: Fields, now: float, strike: Callable[[str], ServiceFault | None]
) -> Fields:
    if "Query" in one:
        struck = strike("query")
        if struck is not None:
            raise struck
        return search.answer(company, query.parse(str(one["Query"])))
    names = [name for name in one if name.lower() in entities.KINDS]
    if len(names) != 1 or not isinstance(one[names[0]], dict):
        raise faults.missing("entity")
    kind, operation = entities.KINDS[names[0].lower()], str(one.get("operation", ""))
    if not operation:
        raise faults.missing("operation")
    if operation.lower() not in {"create", "update", "delete"}:
        # Voiding is an update with `optionsData`.
        raise faults.unsupported(operation)
    struck = strike(f"{kind.lower()}/{operation}")
    if struck is not None:
        raise struck
    options = {part.strip() for part in str(one.get("optionsData", "")).split(",")}
    return entities.write(company, Write(kind, one[names[0]], operation, options), now)
