"""Locations that stand in the head of their customer: the first one of a customer of an import.

It has no item of its own until somebody changes it or assets are counted at it; from then on that
item says what it is, or that it is gone, and the head's word counts no more (ADR 0028).
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys, part_items
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.location import Location


def head_and_locations(table: Table, tenant: str, customer_id: str) -> Iterator[Item]:
    """The head and the location items of a customer: `locations_from` reads them."""
    partition = keys.customer_partition(tenant, customer_id)
    after: str | None = None
    while True:
        found, after = table.query(partition, between=keys.HEAD_AND_LOCATIONS, after=after)
        yield from found
        if after is None:
            return


def locations_from(found: Iterable[Item]) -> list[Location]:
    """The locations, oldest first, of a customer's head and location items, in any order.

    What stands in an item of its own says more than the head: it was written later.
    """
    places: dict[str, Location] = {}
    gone: set[str] = set()
    for item in sorted(found, key=lambda one: str(one["sk"])):
        if item["sk"] == keys.HEAD:
            if first := items.customer_from(item).first_place:
                places[first.id] = first
        elif "gone" in item:
            gone.add(item["sk"].removeprefix(keys.LOCATION_PREFIX))
        else:
            place = part_items.location_from(item)
            places[place.id] = place
    return [places[i] for i in sorted(places) if i not in gone]


def find(table: Table, tenant: str, wanted: Iterable[tuple[str, str]]) -> dict[str, Location]:
    """The locations by id, wanted as customer and location; heads are read for those missing."""
    pairs = list(dict.fromkeys(wanted))
    own = list(table.get_many(keys.location(tenant, *pair) for pair in pairs))
    there = {item["sk"].removeprefix(keys.LOCATION_PREFIX) for item in own}
    owners = dict.fromkeys(owner for owner, location_id in pairs if location_id not in there)
    heads = table.get_many(keys.customer(tenant, owner) for owner in owners) if owners else ()
    asked = {location_id for _, location_id in pairs}
    found = {place.id: place for place in locations_from(own)}
    for head in heads:
        for place in locations_from([head]):
            if place.id in asked and place.id not in there:
                found[place.id] = place
    return found


def stand_alone(table: Table, tenant: str, wanted: Iterable[tuple[str, str]]) -> None:
    """Give the locations items of their own, so that a transaction can count on them."""
    pairs = list(dict.fromkeys(wanted))
    known = {item["sk"] for item in table.get_many(keys.location(tenant, *p) for p in pairs)}
    missing = [pair for pair in pairs if keys.LOCATION_PREFIX + pair[1] not in known]
    for place in find(table, tenant, missing).values() if missing else ():
        head = keys.customer(tenant, place.customer_id)
        put = table.put_action(
            part_items.location(tenant, place), condition="attribute_not_exists(pk)"
        )
        # Who lost against the removal of either finds it gone in the transaction that follows.
        with suppress(TransactionRefused):
            table.transact([table.check_action(head, "attribute_exists(pk)"), put])
