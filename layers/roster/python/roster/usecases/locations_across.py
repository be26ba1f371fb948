"""The locations of all customers, customer after customer in the order of names (ADR 0020)."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from roster.domain import parts as rules
from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter
from roster.domain.location import Location
from roster.usecases.customers import read_customer
from roster.usecases.part_ports import Parts
from roster.usecases.parts import settled
from roster.usecases.ports import Customers, Page

# Customers with locations that one page looks into, and how many are read at once.
MAX_LOOKED_INTO = 50
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A location and the customer it belongs to now."""

    location: Location
    customer: Customer


@dataclass(frozen=True, slots=True)
class _Position:
    """After which customer to go on, and after which location of the next one if it is that."""

    after: str | None = None
    customer_id: str | None = None
    location_id: str = ""

    @classmethod
    def read(cls, position: str | None) -> "_Position":
        return cls(*json.loads(position)) if position else cls()

    def text(self) -> str:
        return json.dumps([self.after, self.customer_id, self.location_id])


def locations_across(
    tenant: str,
    *,
    customer_id: str | None,
    keeps: Callable[[Location], bool],
    limit: int,
    after: str | None,
    customers: Customers,
    locations: Parts[Location],
) -> Page[Place]:
    """A page of the locations that `keeps` lets pass: of active customers, or of one customer.

    One query a customer that has any, 50 at most: a page may be short and still go on.
    Raises NotFound or Gone for `customer_id`.
    """
    at = _Position.read(after)
    found: list[Place] = []
    looked_into = 0
    while True:
        if customer_id is None:
            page = customers.find(tenant, CustomerFilter(), limit=_AT_ONCE, after=at.after)
        else:
            page = Page([read_customer(tenant, customer_id, customers=customers)])
        for customer in page.items:
            begins = at.location_id if at.customer_id == customer.id else ""
            if customer.locations_count:
                if looked_into == MAX_LOOKED_INTO:
                    return Page(found, at.text())
                looked_into += 1
                for place in _places(tenant, customer, begins, customers, locations):
                    if len(found) == limit:
                        return Page(found, _Position(at.after, customer.id, begins).text())
                    begins = place.id
                    if keeps(place):
                        found.append(Place(place, customer))
            at = _Position(customers.position(customer))
        if page.next is None:
            return Page(found)


def _places(
    tenant: str,
    row: Customer,
    begins: str,
    customers: Customers,
    locations: Parts[Location],
) -> list[Location]:
    """The customer's locations behind `begins`, oldest first."""
    places = rules.joined(locations.all(tenant, row.id), [])
    if len(places) < row.locations_count:
        # The others came with those merged into it, whom its head knows and its row does not.
        places = settled(customers.get(tenant, row.id) or row, locations)
    return sorted((p for p in places if p.id > begins), key=lambda place: place.id)
