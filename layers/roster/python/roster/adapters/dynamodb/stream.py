"""Records of the table's stream, as steps in the lives of customers and of what hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import import_keys, keys, record_keys
from roster.adapters.dynamodb.table import item_from_wire
from roster.domain.activities import Activity
from roster.domain.customer import Customer, creation_of
from roster.domain.events import Event
from roster.domain.imports.news import ImportEvent, news_of


@dataclass(frozen=True, slots=True)
class Step:
    """What one record tells: a new entry of history or timeline, a head or import that changed."""

    tenant: str
    event: Event | None = None
    activity: Activity | None = None
    before: Customer | None = None
    after: Customer | None = None
    imports: Sequence[ImportEvent] = ()


def step_of(record: dict[str, Any]) -> Step | None:
    """The step behind a stream record, or None where it is none of ours."""
    change = record["dynamodb"]
    key = item_from_wire(change["Keys"])
    tenant = key["pk"].split("#", 1)[0]
    if record["eventName"] == "REMOVE" or "NewImage" not in change:
        return None
    if key["sk"].startswith(keys.EVENT_PREFIX):
        # Only an erasure writes over an event, and that is no news.
        if record["eventName"] != "INSERT":
            return None
        return Step(tenant, event=items.event_from(item_from_wire(change["NewImage"])))
    if key["sk"].startswith(record_keys.ACTIVITY_PREFIX):
        return _activity(tenant, record)
    if key["pk"] == import_keys.imports_partition(tenant):
        return _import(tenant, change)
    if key["sk"] != keys.HEAD:
        return None
    after = items.customer_from(item_from_wire(change["NewImage"]))
    if record["eventName"] == "INSERT":
        return Step(tenant, event=creation_of(after, ()), after=after)
    return Step(tenant, before=items.customer_from(item_from_wire(change["OldImage"])), after=after)


def _activity(tenant: str, record: dict[str, Any]) -> Step | None:
    if record["eventName"] != "INSERT":
        return None
    # Read only where one comes by: pydantic is a third of this function's start.
    from roster.adapters.dynamodb.records import activity_from

    return Step(tenant, activity=activity_from(item_from_wire(record["dynamodb"]["NewImage"])))


def _import(tenant: str, change: dict[str, Any]) -> Step:
    # Few records are of imports: the others' start need not wait for this.
    from roster.adapters.dynamodb.imports import import_from

    before, after = change.get("OldImage"), import_from(item_from_wire(change["NewImage"]))
    stated = change.get("ApproximateCreationDateTime")
    at = datetime.fromtimestamp(float(stated), UTC) if stated else after.updated_at
    earlier = import_from(item_from_wire(before)) if before else None
    return Step(tenant, imports=tuple(news_of(earlier, after, at)))
