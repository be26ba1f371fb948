"""Pages of customers in the order of names, narrowed row by row.

Whatever a filter leaves out was read and paid for, so a request looks at no more than 500 rows: a
page may be short, even empty, and still go on.
"""

from collections.abc import Callable, Sequence

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer, Status
from roster.usecases.ports import Page

MAX_EVALUATED = 500
# One request reads at most a megabyte, which is more than this many rows.
_READ_AT_ONCE = 250

type Keeps = Callable[[Customer], bool]


def narrowed_page(
    table: Table,
    tenant: str,
    statuses: Sequence[Status],
    keeps: Keeps,
    *,
    limit: int,
    after: str | None,
) -> Page[Customer]:
    """Up to `limit` customers that `keeps` lets pass, after the list's position `after`."""
    found: list[Customer] = []
    evaluated = 0
    while evaluated < MAX_EVALUATED:
        rows, more = _merged(table, tenant, statuses, min(_READ_AT_ONCE, MAX_EVALUATED), after)
        for position, row in enumerate(rows):
            customer = items.customer_from_row(row)
            after = row["sk"]
            evaluated += 1
            if keeps(customer):
                found.append(customer)
            if len(found) == limit or evaluated == MAX_EVALUATED:
                goes_on = more or position + 1 < len(rows)
                return Page(found, after if goes_on else None)
        if not more:
            return Page(found)
    return Page(found, after)


def _merged(
    table: Table, tenant: str, statuses: Sequence[Status], limit: int, after: str | None
) -> tuple[list[Item], bool]:
    """The next rows of all the statuses by name, and whether there are any after them."""
    # Each list is read for its share of what may be looked at; the merge is good up to where the
    # first of the unfinished lists ends.
    share = limit // len(statuses)
    rows: list[Item] = []
    ends: list[str] = []
    for status in statuses:
        part, last = table.query(keys.list_partition(tenant, status), after=after, limit=share)
        rows += part
        if last is not None:
            ends.append(last)
    rows.sort(key=lambda row: str(row["sk"]))
    if not ends:
        return rows, False
    known = min(ends)
    return [row for row in rows if row["sk"] <= known], True
