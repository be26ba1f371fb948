"""The history of a customer: its events, and its creation, which the head keeps."""

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Table
from roster.domain.customer import Customer, creation_id, creation_of
from roster.domain.events import Event
from roster.usecases.ports import Page


def page(
    table: Table,
    tenant: str,
    customer_id: str,
    *,
    limit: int,
    after: str | None,
    head: Customer | None = None,
) -> Page[Event]:
    """The events, newest first; the creation, kept in the head, comes last."""
    if after == creation_id(customer_id):
        return Page([])
    partition = keys.customer_partition(tenant, customer_id)
    found, last = table.query(
        partition,
        prefix=keys.EVENT_PREFIX,
        after=keys.EVENT_PREFIX + after if after else None,
        limit=limit,
        forward=False,
    )
    events = [items.event_from(item) for item in found]
    if events and (last is not None or len(events) == limit):
        return Page(events, events[-1].id)
    customer = head or _head(table, tenant, customer_id)
    if customer is not None:
        later = events if after is None else _all_events(table, partition)
        events.append(creation_of(customer, later))
    return Page(events)


def entry(table: Table, tenant: str, customer_id: str, event_id: str) -> Event | None:
    """One entry of the history; the creation is taken from the head."""
    found = table.get(keys.event(tenant, customer_id, event_id))
    if found is not None:
        return items.event_from(found)
    customer = _head(table, tenant, customer_id)
    if customer is None or event_id != creation_id(customer_id):
        return None
    return creation_of(customer, _all_events(table, keys.customer_partition(tenant, customer_id)))


def _all_events(table: Table, partition: str) -> list[Event]:
    found = table.query_all(partition, prefix=keys.EVENT_PREFIX, forward=False)
    return [items.event_from(item) for item in found]


def _head(table: Table, tenant: str, customer_id: str) -> Customer | None:
    found = table.get(keys.customer(tenant, customer_id))
    return items.customer_from(found) if found else None
