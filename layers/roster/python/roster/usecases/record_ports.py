"""What the use cases of records need from the outside."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from roster.domain.activities import Activity
from roster.domain.customer import Customer
from roster.domain.record import Family, Record
from roster.usecases.ports import Page


class Records[R: Record](Protocol):
    """One family of records. `owners` are a customer's id and those of all merged into it.

    Records of lists come without what the family leaves out of them (the lines of an invoice):
    they are to be shown, and only what `get` returns is to be saved.
    """

    def get(self, tenant: str, owners: Sequence[str], record_id: str) -> R | None:
        """The record of one of the owners, strongly consistent."""

    def page(self, tenant: str, owners: Sequence[str], *, limit: int, after: str | None) -> Page[R]:
        """The owners' records, newest first."""

    def open(self, tenant: str, owners: Sequence[str], *, limit: int) -> Sequence[R]:
        """The first of the owners' open records, by what the family sorts them by."""

    def across(
        self,
        tenant: str,
        shelves: Sequence[str],
        *,
        limit: int,
        after: str | None,
        since: str = "",
        until: str = "",
        newest_first: bool = True,
        keeps: Callable[[R], bool] = lambda _: True,
    ) -> Page[R]:
        """The company's records of some shelves, in the order of what they are sorted by.

        `since` and `until` (both included) bound what they are sorted by. A page may be short and
        still go on.
        """

    def add(
        self,
        customer: Customer,
        record: R,
        activities: Sequence[Activity],
        *,
        request_key: str | None = None,
    ) -> R:
        """Write a new record of a customer that lives; raises StaleVersion when it moved.

        With `request_key` it happens once: the same key again returns the first record.
        """

    def add_once(self, customer: Customer, record: R, told: Activity) -> None:
        """Write a new record of an import and its entry, unless the entry is there already.

        So what somebody removed since stays removed. Raises StaleVersion when `customer`, beside
        whom the record is read, does not live.
        """

    def take_back(self, record: R, told_id: str) -> None:
        """Remove what `add_once` wrote, as if it never was; raises StaleVersion if it moved."""

    def save(
        self, customer: Customer, before: R, after: R | None, activities: Sequence[Activity]
    ) -> None:
        """Write `after` (None removes) if the stored version is still `before`'s.

        Raises StaleVersion otherwise, and when the customer was deleted or merged meanwhile.
        """


class Activities(Protocol):
    """The timeline's own entries."""

    def page(
        self, tenant: str, customer_id: str, *, limit: int, after: str | None
    ) -> Page[Activity]:
        """The entries of one customer, newest first; `after` is the id of an entry."""


class OpenWork(Protocol):
    """What is not done yet."""

    def counts(self, tenant: str, owners: Sequence[str]) -> Mapping[Family, int]:
        """How many open records of each family the owners have; 500 of each owner are counted."""
