"""How records of QuickBooks are compared with customers here, as protocols."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from roster.domain.customer import Customer
from roster.domain.sync.records import TheirCustomer
from roster.domain.sync.steps import Candidate


class Sieve(Protocol):
    """Finds, among many customers shown once, who is worth comparing with some records."""

    def show(self, customer: Customer) -> None:
        """Look at a customer as lists show it."""

    def kept(self) -> Mapping[str, Sequence[str]]:
        """The ids of those worth it, the nearest first, by QuickBooks id."""


class Likeness(Protocol):
    """Who here is likely a QuickBooks record under another name; comparing names loads much."""

    def sieve(self, theirs: Sequence[TheirCustomer]) -> Sieve:
        """A sieve for these records."""

    def near(self, tenant: str, theirs: TheirCustomer) -> Sequence[Customer]:
        """Some customers near one record, within a bounded number of reads."""

    def likely(self, theirs: TheirCustomer, customers: Iterable[Customer]) -> tuple[Candidate, ...]:
        """Those of the customers that are likely the record, the surest first."""
