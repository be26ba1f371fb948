"""A company with any number of customers, on moto in this process."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from roster import bootstrap
from roster.domain import customer as rules
from roster.domain.customer import Customer, Origin
from roster.domain.events import Actor
from roster.domain.ids import new_id
from roster.domain.location import Address, Location
from roster.usecases.ports import NewCustomer
from tests.support import aws
from tests.support.api import Api

TENANT = "acme"
_FIRST = ("Blue", "North", "River", "Grand", "Silver", "Harbor", "Summit", "Cedar", "Apex", "Royal")
_SECOND = ("Valley", "Stone", "Bridge", "Field", "Lake", "Point", "Hill")
_THIRD = ("Fire Services", "Heating", "Electric", "Plumbing")
_SLICE = 25


@contextmanager
def company() -> Iterator[Api]:
    """An empty cloud, and the customers function as office staff call it."""
    os.environ.update(aws.ENVIRONMENT)
    with aws.cloud(as_allowed=False):
        yield Api("customers_api", tenant=TENANT)


def values(n: int) -> dict[str, Any]:
    """The n-th customer as somebody types it: what most records hold, about 600 bytes."""
    name = f"{_FIRST[n % 10]} {_SECOND[n % 7]}{n} {_THIRD[n % 4]}"
    return {
        "company_name": name,
        "full_name": f"Ann Lee{n}",
        "email": f"office{n}@{name.split(maxsplit=1)[0].lower()}{n}.example",
        "phone": f"+1 555 {n:07}",
        "website": f"https://{n}.example",
        "notes": "Gate on the left, ring twice.",
        "tags": ["vip"] if n % 5 == 0 else [],
        "billing_address": {"street": f"{n} Main St", "city": "Tulsa", "state": "OK",
                            "zip": "74103", "country": "US"},
    }  # fmt: skip


def fill(count: int, *, change: Callable[[int, Customer], Customer] | None = None) -> None:
    """Load the first `count` customers, as an import does, each as `change` makes it."""
    repository = bootstrap.customers()
    first = repository.reserve_numbers(TENANT, count)
    for start in range(0, count, _SLICE):
        numbers = range(start, min(start + _SLICE, count))
        # As an import has it, they are created at one moment.
        now = datetime.now(UTC)
        some = [_new(n, f"C-{first + n:05}", now) for n in numbers]
        if change is not None:
            changed = zip(numbers, some, strict=True)
            some = [replace(one, customer=change(n, one.customer)) for n, one in changed]
        repository.load_first(some)


def _new(n: int, number: str, now: datetime) -> NewCustomer:
    given = values(n) | {"number": number}
    address = Address(**given["billing_address"])
    customer = rules.new_customer(
        id=new_id("cus", now),
        tenant=TENANT,
        values=given | {"billing_address": address},
        source=Origin.IMPORT,
        actor=Actor("bench"),
        now=now,
    )
    place = Location(id=new_id("loc", now), customer_id=customer.id, address=address)
    return NewCustomer(customer, (place,))
