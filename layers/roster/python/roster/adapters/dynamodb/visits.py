"""What fences saw: sightings by location and device, and the crossings they come to, by day.

Of a track nothing is kept but the side of the fence at each moment: neither coordinates nor a way
of somebody between two customers.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import orjson

from roster.adapters.dynamodb import keys, visit_keys
from roster.adapters.dynamodb.encoding import dump, milliseconds, moment
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer
from roster.domain.geofence import Crossing, Side
from roster.usecases.part_ports import Visit
from roster.usecases.ports import Page

# Sightings only serve to put late ones in their place; the crossings stay.
_SIGHTINGS_KEPT = timedelta(days=120)


class DynamoSightings:
    """Sightings in the business table; implements `part_ports.Sightings`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def mark(self, tenant: str, location_id: str, device: str) -> int:
        """See `part_ports.Sightings.mark`."""
        found = self._table.get(visit_keys.sightings_mark(tenant, location_id, device))
        count: int = found["v"] if found else 0
        return count

    def note(
        self,
        tenant: str,
        customer_id: str,
        location_id: str,
        device: str,
        seen: Sequence[tuple[datetime, Side]],
    ) -> int:
        """Of two writers of one moment the first wins, as long as they do not write at once.

        Beside the customer stands on which days there was something: an erasure starts from that.
        """
        wanted = {
            (key := visit_keys.sighting(tenant, location_id, device, milliseconds(at)))["sk"]: {
                **key,
                "side": str(side),
                "ttl": int((at + _SIGHTINGS_KEPT).timestamp()),
            }
            for at, side in reversed(seen)
        }
        known = {item["sk"] for item in self._table.get_many(map(keys.of, wanted.values()))}
        fresh = [item for sk, item in wanted.items() if sk not in known]
        moments = (moment(visit_keys.sighting_moment(str(item["sk"]))) for item in fresh)
        days = {at.date().isoformat() for at in moments}
        marks = [{**visit_keys.seen(tenant, customer_id, day, location_id, device)} for day in days]
        self._table.write_batch(marks)
        self._table.write_batch(fresh)
        return len(fresh)

    def around(
        self, tenant: str, location_id: str, device: str, first: datetime, last: datetime
    ) -> tuple[Side | None, Sequence[tuple[datetime, Side]]]:
        """See `part_ports.Sightings.around`."""
        partition = visit_keys.sightings_partition(tenant, location_id, device)
        start, end = milliseconds(first), milliseconds(last)
        earlier, _ = self._table.query(
            partition,
            prefix=visit_keys.SIGHTING_PREFIX,
            after=visit_keys.sighting(tenant, location_id, device, start)["sk"],
            limit=1,
            forward=False,
        )
        seen: list[tuple[datetime, Side]] = []
        after: str | None = visit_keys.sighting(tenant, location_id, device, start - 1)["sk"]
        while after is not None and not (seen and milliseconds(seen[-1][0]) > end):
            found, after = self._table.query(
                partition, prefix=visit_keys.SIGHTING_PREFIX, after=after, limit=101
            )
            for item in found:
                ms = visit_keys.sighting_moment(item["sk"])
                seen.append((moment(ms), Side(item["side"])))
                if ms > end:
                    break
        return (Side(earlier[0]["side"]) if earlier else None), seen

    def redraw(
        self,
        tenant: str,
        location_id: str,
        device: str,
        *,
        moments: Iterable[datetime],
        visits: Sequence[Visit],
    ) -> None:
        """Puts of what is, deletes of what is not: harmless twice."""
        puts = {(item := _item(tenant, visit))["sk"]: item for visit in visits}
        there = self._table.get_many(_key(tenant, at, location_id, device) for at in moments)
        gone = [keys.of(item) for item in there if item["sk"] not in puts]
        self._table.write_batch(puts.values(), gone)

    def settle(self, tenant: str, location_id: str, device: str, mark: int) -> bool:
        """See `part_ports.Sightings.settle`."""
        item = {**visit_keys.sightings_mark(tenant, location_id, device), "v": mark + 1}
        if mark:
            return self._table.put(item, condition="v = :v", v=mark)
        return self._table.put(item, condition="attribute_not_exists(pk)")

    def forget(self, customer: Customer) -> None:
        """Remove sightings and crossings at the customer's locations, and the marks of them last.

        A day's crossings are one partition of the company: it is read once for each day.
        """
        partition = keys.customer_partition(customer.tenant, customer.id)
        marks = list(self._table.query_all(partition, prefix=visit_keys.SEEN_PREFIX))
        days: dict[str, set[tuple[str, str]]] = {}
        for mark in marks:
            day, location_id, device = visit_keys.seen_parts(mark["sk"])
            days.setdefault(day, set()).add((location_id, device))
        for seen in {one for found in days.values() for one in found}:
            there = self._table.query_all(visit_keys.sightings_partition(customer.tenant, *seen))
            self._table.write_batch(deletes=[keys.of(item) for item in there])
        for day, seen_then in days.items():
            ends = tuple(visit_keys.crossing_end(*one) for one in seen_then)
            there = self._table.query_all(visit_keys.crossings_partition(customer.tenant, day))
            gone = [keys.of(item) for item in there if item["sk"].endswith(ends)]
            self._table.write_batch(deletes=gone)
        self._table.write_batch(deletes=[keys.of(mark) for mark in marks])


class DynamoVisits:
    """Crossings by day; implements `part_ports.Visits`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of_day(self, tenant: str, day: date, *, limit: int, after: str | None) -> Page[Visit]:
        """One query, in the order of time."""
        found, last = self._table.query(
            visit_keys.crossings_partition(tenant, day.isoformat()), after=after, limit=limit
        )
        return Page([_visit(item) for item in found], last)


def _key(tenant: str, at: datetime, location_id: str, device: str) -> keys.Key:
    day = at.astimezone(UTC).date().isoformat()
    return visit_keys.crossing(tenant, day, milliseconds(at), location_id, device)


def _item(tenant: str, visit: Visit) -> Item:
    stored = {
        "kind": visit.crossing,
        "customer": visit.customer_id,
        **({"approximate": True} if visit.approximate else {}),
    }
    return {**_key(tenant, visit.at, visit.location_id, visit.device), "doc": dump(stored)}


def _visit(item: Item) -> Visit:
    stored = orjson.loads(item["doc"])
    ms, location_id, device = item["sk"].split("#", 2)
    return Visit(
        at=moment(int(ms)),
        crossing=Crossing(stored["kind"]),
        customer_id=stored["customer"],
        location_id=location_id,
        device=device,
        approximate=stored.get("approximate", False),
    )
