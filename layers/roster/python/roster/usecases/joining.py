"""What hangs on a customer lies beside it, and beside each that was merged into it.

A merge moves nothing, so that it can be taken back: whoever reads joins.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from roster.domain.customer import Customer
from roster.domain.location import Location
from roster.domain.parts import joined
from roster.usecases.ports import Customers, Page


class ReadPage[T](Protocol):
    """One owner's page; `after` and the page's `next` are positions in the order of the list."""

    def __call__(self, owner: str, *, limit: int, after: str | None) -> Page[T]:
        """At most `limit` of what lies behind `after`."""


def owners(customer: Customer) -> tuple[str, ...]:
    """The ids beside which the customer's parts lie, its own first."""
    return (customer.id, *customer.absorbed)


def joined_page[T](
    customer: Customer,
    read: ReadPage[T],
    *,
    position: Callable[[T], str],
    limit: int,
    after: str | None,
    newest_first: bool = True,
) -> Page[T]:
    """A page of one list out of all owners' parts, in the order of `position`, such as their ids.

    One read for each owner. A merge or an undo between two pages shifts nothing else.
    """
    pages = [read(owner, limit=limit, after=after) for owner in owners(customer)]
    found = sorted((one for page in pages for one in page.items), key=position)
    cut = [page.next for page in pages if page.next is not None]
    if newest_first:
        found.reverse()
    if cut:
        # An owner's page that ends early ends the whole: what follows it has not been read.
        edge = max(cut) if newest_first else min(cut)
        found = [one for one in found if _is_within(position(one), edge, newest_first=newest_first)]
        return Page(found[:limit], position(found[limit - 1]) if len(found) >= limit else edge)
    return Page(found[:limit], position(found[limit - 1]) if len(found) > limit else None)


def _is_within(at: str, edge: str, *, newest_first: bool) -> bool:
    return at >= edge if newest_first else at <= edge


def joined_one[T](customer: Customer, get: Callable[[str], T | None]) -> T | None:
    """What `get` finds beside the first owner that has it: mostly one read."""
    return next((found for one in owners(customer) if (found := get(one)) is not None), None)


def joined_locations(customer: Customer, *, customers: Customers) -> list[Location]:
    """The customer's service locations and those of all it absorbed, one of them primary."""
    own, *others = (customers.locations(customer.tenant, owner) for owner in owners(customer))
    return joined(own, [place for some in others for place in some])


def survivors(
    tenant: str, found: Mapping[str, Customer], *, customers: Customers
) -> dict[str, Customer]:
    """By the ids of `found`, each customer or the one that it is a part of by now."""
    known = dict(found)
    while wanted := {c.merged_into for c in known.values() if c.merged_into} - known.keys():
        more = customers.get_many(tenant, wanted)
        if not more:
            break
        known |= more

    def end(customer: Customer) -> Customer:
        while customer.merged_into in known:
            customer = known[customer.merged_into]
        return customer

    return {customer_id: end(customer) for customer_id, customer in found.items()}
