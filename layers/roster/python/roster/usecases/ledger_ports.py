"""What the use cases of invoices and payments need from the outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from roster.domain.activities import Activity
from roster.domain.customer import Customer
from roster.domain.invoice import Invoice
from roster.domain.payment import Payment
from roster.domain.quote import Quote
from roster.domain.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Everything that one movement of money changes: each record before (None: new) and after.

    `customer` must live. `others` are those to whom further invoices belong now, living or not.
    """

    customer: Customer
    today: date
    others: tuple[Customer, ...] = ()
    invoices: Sequence[tuple[Invoice | None, Invoice]] = ()
    payments: Sequence[tuple[Payment | None, Payment]] = ()
    quotes: Sequence[tuple[Quote, Quote]] = ()
    activities: Sequence[Activity] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """The record that the same request made before, and with whom it lies."""

    owner: str
    record_id: str


class Ledger(Protocol):
    """The records of money together with the standings they add up to."""

    def standings(self, tenant: str, owners: Sequence[str]) -> Mapping[str, Standing]:
        """The standing of each owner that has one, strongly consistent."""

    def post(self, posting: Posting, *, request_key: str | None = None) -> Earlier | None:
        """Write all of it, standings and places in the orders included, or nothing.

        Raises StaleVersion when a record or a customer moved since it was read. With `request_key`
        it happens once: the same key again says what it made.
        """
