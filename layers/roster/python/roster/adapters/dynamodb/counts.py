"""What is counted in a customer's partition, as one item."""

from collections.abc import Iterable

import orjson

from roster.adapters.dynamodb import encoding, record_keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.counts import Counts, Tally


def read(table: Table, tenant: str, owners: Iterable[str]) -> dict[str, Counts]:
    """The counts of each partition, those that nothing was written of included."""
    wanted = list(owners)
    found = table.get_many(record_keys.counts(tenant, owner) for owner in wanted)
    stored = {one.customer_id: one for one in map(counts_from, found)}
    return {owner: stored.get(owner) or Counts(customer_id=owner) for owner in wanted}


def put_action(table: Table, tenant: str, after: Counts) -> Item:
    """Writing counts a version later, as a part of a transaction."""
    doc = {
        name: [[*kind, n] for kind, n in getattr(after, name).items()]
        for name in ("owned", "on_location", "sites")
    }
    item = {
        **record_keys.counts(tenant, after.customer_id),
        "v": after.version,
        "doc": encoding.dump({name: rows for name, rows in doc.items() if rows}),
    }
    if after.version == 1:
        return table.put_action(item, condition="attribute_not_exists(pk)")
    return table.put_action(item, condition="v = :v", v=after.version - 1)


def counts_from(item: Item) -> Counts:
    """Counts back from their item."""
    doc: dict[str, list[list[object]]] = orjson.loads(item["doc"])
    return Counts(
        customer_id=item["pk"].split("#", 2)[2],
        version=item["v"],
        **{name: _tally(rows) for name, rows in doc.items()},
    )


def _tally(rows: list[list[object]]) -> Tally:
    return {(str(kind), str(status)): int(str(n)) for kind, status, n in rows}
