"""Comparing QuickBooks' records with ours; what it takes is loaded when it is first asked for."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from roster.domain.customer import Customer
from roster.domain.sync.records import TheirCustomer
from roster.domain.sync.steps import Candidate

if TYPE_CHECKING:
    from roster.usecases.duplicate_ports import Duplicates
    from roster.usecases.quickbooks.likeness import Sieve


class LikelyCustomers:
    """Implements `quickbooks.likeness.Likeness`."""

    def __init__(self, known: "Callable[[], Duplicates]") -> None:
        self._known = known

    def sieve(self, theirs: Sequence[TheirCustomer]) -> "Sieve":
        """See `quickbooks.likeness.Likeness.sieve`."""
        from roster.domain.sync.likely import Sieve

        return Sieve(theirs)

    def near(self, tenant: str, theirs: TheirCustomer) -> Sequence[Customer]:
        """See `quickbooks.likeness.Likeness.near`: at most 15 read units."""
        values = theirs.values
        return self._known().near(
            tenant,
            name=theirs.display_name,
            email=values.get("email"),
            phone=values.get("phone") or values.get("mobile"),
        )

    def likely(self, theirs: TheirCustomer, customers: Iterable[Customer]) -> tuple[Candidate, ...]:
        """See `quickbooks.likeness.Likeness.likely`."""
        from roster.domain.sync.likely import likely_candidates

        return likely_candidates(theirs, customers)
