"""What imports write of customers: many at once, whole, and again where an attempt was cut off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys, orders, part_items
from roster.adapters.dynamodb.customer_lookups import lookups
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer, Status
from roster.usecases.ports import NewCustomer

_ABSENT = "attribute_not_exists(pk)"


def claim_values(
    table: Table, new: Sequence[NewCustomer], fields: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Put the marks of values that must be a customer's alone; the fields lost, by customer."""
    wanted: dict[tuple[str, str], Item] = {}
    lost: dict[str, tuple[str, ...]] = {}

    def lose(customer_id: str, field: str) -> None:
        lost[customer_id] = (*lost.get(customer_id, ()), field)

    asked = [
        (customer.id, field, items.unique(customer.tenant, field, value, customer.id))
        for customer in (one.customer for one in new)
        for field, value in items.uniques(customer).items()
        if field in fields
    ]
    for customer_id, field, item in asked:
        # No two statements of one batch may be about the same item.
        first = wanted.setdefault((item["pk"], field), item)
        if first["customer"] != customer_id:
            lose(customer_id, field)
    marks = list(wanted.items())
    were_put = table.insert_batch([item for _, item in marks])
    refused = {at: i for (at, i), put in zip(marks, were_put, strict=True) if not put}
    # There already: by an earlier attempt of ours, or somebody else's.
    held = table.get_many(keys.of(item) for item in refused.values()) if refused else ()
    holders = {item["pk"]: item["customer"] for item in held}
    for (pk, field), item in refused.items():
        if holders.get(pk) != item["customer"]:
            lose(item["customer"], field)
    return lost


def load_first(
    table: Table,
    batches: Iterable[tuple[str | None, Sequence[NewCustomer]]],
    claimed: Sequence[str],
) -> None:
    """Write new customers whole, but for the marks of values that are claimed already."""

    def everything() -> Iterator[Item]:
        for batch, new in batches:
            named, entries = orders.loaded_together(new, batch)
            yield from entries
            for one in named:
                yield from _all_items(one, leave=claimed)

    table.write_batch(everything())


def load_again(
    table: Table, new: Sequence[NewCustomer], heads: Mapping[str, Customer], batch: str | None
) -> None:
    """Write what an earlier attempt left out; `heads` are those that it wrote, as they are now.

    A head that is not there is written conditionally with all that hangs on it; beside a head
    that is there, only what is missing is put, and it is derived from the head as it is now.
    """
    changed = [i for i, head in heads.items() if head.version > 1]
    named, entries = orders.loaded_together(new, batch, but=changed)
    table.write_batch(entries)
    for one in named:
        there = heads.get(one.customer.id)
        if there is None:
            _complete(table, one, head=True)
        else:
            _complete(table, replace(one, customer=there), head=False)


def _complete(table: Table, new: NewCustomer, *, head: bool) -> None:
    customer = new.customer
    wanted = [i for i in _all_items(new) if i["sk"] != keys.HEAD]
    if customer.status is Status.DELETED:
        return
    if head:
        table.put(items.head(customer), condition=_ABSENT)
    for item in wanted:
        table.put(item, condition=_ABSENT)


def _all_items(new: NewCustomer, *, leave: Sequence[str] = ()) -> Iterable[Item]:
    customer = new.customer
    yield items.head(customer)
    yield from items.list_rows(customer)
    yield from lookups(customer).values()
    for field, value in items.uniques(customer).items():
        if field not in leave:
            yield items.unique(customer.tenant, field, value, customer.id)
    yield from part_items.parts(new)
