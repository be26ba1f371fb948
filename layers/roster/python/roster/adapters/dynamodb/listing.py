"""Pages of customers in the order of names: of a list or one of its shelves, narrowed row by row.

A shelf holds just those that have a tag, a link or the portal, so it costs what the list costs.
Whatever else a filter leaves out was read and paid for, so a request looks at no more than 500
rows: a page may be short, even empty, and still go on.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter, QuickBooksFilter
from roster.domain.text import fold
from roster.usecases.ports import Page

MAX_EVALUATED = 500
# One request reads at most a megabyte, which is more than this many rows.
_READ_AT_ONCE = 250

type Keeps = Callable[[Customer], bool]


def shelf_of(wanted: CustomerFilter) -> tuple[str | None, CustomerFilter]:
    """The shelf to read for a filter, if there is one, and what is left to narrow by."""
    if wanted.tag is not None:
        return keys.tag_shelf(fold(wanted.tag)), replace(wanted, tag=None)
    if wanted.portal:
        return keys.PORTAL_SHELF, replace(wanted, portal=None)
    if wanted.quickbooks is QuickBooksFilter.LINKED:
        return keys.LINKED_SHELF, replace(wanted, quickbooks=None)
    return None, wanted


def page_by_name(
    table: Table, tenant: str, wanted: CustomerFilter, *, limit: int, after: str | None
) -> Page[Customer]:
    """The customers that are as `wanted` by name; a page may be short where more than one narrows.

    One query per status, merged: two request units a page of 25 in one status.
    """
    shelf, rest = shelf_of(wanted)
    partitions = [keys.list_partition(tenant, status, shelf) for status in wanted.statuses]
    if rest.narrows:
        return _narrowed_page(table, partitions, rest.keeps, limit=limit, after=after)
    rows: list[Item] = []
    more = False
    for partition in partitions:
        found, last = table.query(partition, after=after, limit=limit)
        rows += found
        more = more or last is not None
    rows.sort(key=lambda row: str(row["sk"]))
    page = rows[:limit]
    more = more or len(rows) > limit
    return Page(
        [items.customer_from_row(row) for row in page], page[-1]["sk"] if more and page else None
    )


def _narrowed_page(
    table: Table,
    partitions: Sequence[str],
    keeps: Keeps,
    *,
    limit: int,
    after: str | None,
) -> Page[Customer]:
    """Up to `limit` customers that `keeps` lets pass, after the list's position `after`."""
    found: list[Customer] = []
    evaluated = 0
    while evaluated < MAX_EVALUATED:
        rows, more = _merged(table, partitions, min(_READ_AT_ONCE, MAX_EVALUATED), after)
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
    table: Table, partitions: Sequence[str], limit: int, after: str | None
) -> tuple[list[Item], bool]:
    """The next rows of all the statuses by name, and whether there are any after them."""
    # Each list is read for its share of what may be looked at; the merge is good up to where the
    # first of the unfinished lists ends.
    share = limit // len(partitions)
    rows: list[Item] = []
    ends: list[str] = []
    for partition in partitions:
        part, last = table.query(partition, after=after, limit=share)
        rows += part
        if last is not None:
            ends.append(last)
    rows.sort(key=lambda row: str(row["sk"]))
    if not ends:
        return rows, False
    known = min(ends)
    return [row for row in rows if row["sk"] <= known], True
