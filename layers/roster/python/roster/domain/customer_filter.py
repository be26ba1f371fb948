"""Which customers a list, a search or an export is about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roster.domain.customer import Customer, Status
from roster.domain.text import fold


class StatusFilter(StrEnum):
    """Which customers a list shows; none of them shows a deleted one."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    ALL = "all"


class QuickBooksFilter(StrEnum):
    """Whether the customer is linked to QuickBooks."""

    LINKED = "linked"
    UNLINKED = "unlinked"


class Sort(StrEnum):
    """In which order a list is."""

    NAME = "display_name"
    NEWEST = "-created_at"
    LATELY_CHANGED = "-updated_at"


_STATUSES = {
    StatusFilter.ACTIVE: (Status.ACTIVE,),
    StatusFilter.INACTIVE: (Status.INACTIVE,),
    StatusFilter.ALL: (Status.ACTIVE, Status.INACTIVE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """What a customer must be to be shown; None asks for nothing.

    `inactive_since`: nothing about the customer's record has changed since that moment.
    """

    status: StatusFilter = StatusFilter.ACTIVE
    query: str | None = None
    tag: str | None = None
    quickbooks: QuickBooksFilter | None = None
    portal: bool | None = None
    updated_since: datetime | None = None
    inactive_since: datetime | None = None

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses that are shown."""
        return _STATUSES[self.status]

    @property
    def narrows(self) -> bool:
        """Whether anything of what is read may have to be left out."""
        narrowing = (
            self.tag, self.quickbooks, self.portal, self.updated_since, self.inactive_since
        )  # fmt: skip
        return any(asked is not None for asked in narrowing)

    @property
    def usual_sort(self) -> Sort:
        """The order where none is asked for: by name, but who has been quiet by when it began."""
        by_name = (
            self.query
            or self.tag is not None
            or self.portal
            or self.quickbooks is QuickBooksFilter.LINKED
        )
        if self.inactive_since is None or by_name:
            return Sort.NAME
        return Sort.LATELY_CHANGED

    def keeps(self, customer: Customer) -> bool:
        """Whether the customer is shown, as far as its own values say."""
        return (
            customer.status in self.statuses
            and (self.tag is None or fold(self.tag) in map(fold, customer.tags))
            and (self.quickbooks is None or self.quickbooks is _link_of(customer))
            and (self.portal is None or self.portal is customer.portal_access)
            and (self.updated_since is None or customer.updated_at >= self.updated_since)
            and (self.inactive_since is None or customer.updated_at < self.inactive_since)
        )


def _link_of(customer: Customer) -> QuickBooksFilter:
    return QuickBooksFilter.LINKED if customer.quickbooks else QuickBooksFilter.UNLINKED
