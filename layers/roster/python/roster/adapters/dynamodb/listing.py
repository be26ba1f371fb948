"""Pages of customers in the order of names: of a list or one of its shelves, narrowed row by row.

A shelf holds just those that have a tag, a link or the portal, so it costs what the list costs.
Whatever else a filter leaves out was read and paid for, so a request looks at no more than 500
rows: a page may be short, even empty, and still go on.
"""

from collections.abc import Callable
from dataclasses import replace

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.merged import merged_rows
from roster.adapters.dynamodb.table import Table
from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter, QuickBooksFilter
from roster.domain.text import fold
from roster.usecases.narrowing import narrowed
from roster.usecases.ports import Page

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
        page = narrowed(
            lambda size, start: merged_rows(
                table, partitions, share=size // len(partitions), after=start
            ),
            lambda row: rest.keeps(items.customer_from_row(row)),
            lambda row: str(row["sk"]),
            limit=limit,
            after=after,
            at_once=_READ_AT_ONCE,
        )
        return Page([items.customer_from_row(row) for row in page.items], page.next)
    rows = merged_rows(table, partitions, share=limit, after=after)
    shown = rows.items[:limit]
    more = rows.next is not None or len(rows.items) > limit
    return Page(
        [items.customer_from_row(row) for row in shown], shown[-1]["sk"] if more and shown else None
    )
