"""Customers by what they owe or have paid: those who have a place in that order, then the rest.

A place is written in the transaction of the money itself, so none is ever passed over. Who owes
nothing has none and follows by name: a look at the standing of each, 500 at most for a page.
"""

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.listing import page_by_name
from roster.adapters.dynamodb.orders import Order, Orders
from roster.adapters.dynamodb.standings import DynamoStandings
from roster.adapters.dynamodb.table import Table
from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter, Sort
from roster.usecases.narrowing import MAX_EVALUATED
from roster.usecases.ports import Page

_ORDERS = {Sort.OUTSTANDING: keys.OUTSTANDING_ORDER, Sort.REVENUE: keys.REVENUE_ORDER}
_ROWS_AT_FIRST = 25
# What a position begins with: among the places, or among the names.
_PLACED, _NAMED = "o:", "n:"


def page_by_money(
    table: Table, tenant: str, sort: Sort, wanted: CustomerFilter, *, limit: int, after: str | None
) -> Page[Customer]:
    """A page of customers as `wanted`, the largest sum first; it may be short and still go on."""
    name = _ORDERS[sort]
    found: list[Customer] = []
    by_name = after[len(_NAMED) :] if after and after.startswith(_NAMED) else None
    if by_name is None:
        order = Order({name: _ROWS_AT_FIRST}, holds=lambda *_: True, lags=lambda *_: False)
        placed = Orders(table).page(
            tenant,
            order,
            wanted.keeps,
            limit=limit,
            after=after.removeprefix(_PLACED) if after else None,
        )
        if placed.next is not None:
            return Page(placed.items, _PLACED + placed.next)
        found += placed.items
        if len(found) >= limit:
            return Page(found, _NAMED)
    standings = DynamoStandings(table)
    evaluated = 0
    while evaluated < MAX_EVALUATED:
        step = min(limit - len(found), MAX_EVALUATED - evaluated)
        rows = page_by_name(table, tenant, wanted, limit=step, after=by_name or None)
        evaluated += len(rows.items)
        held = standings.read(tenant, [row.id for row in rows.items]) if rows.items else {}
        found += [r for r in rows.items if r.id not in held or name not in held[r.id].places]
        by_name = rows.next
        if by_name is None:
            return Page(found)
        if len(found) >= limit or len(rows.items) < step:
            break
    return Page(found, f"{_NAMED}{by_name}")
