"""What is remembered of a record in QuickBooks that is no customer: an item, invoice or payment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from roster.domain.events import Change

ITEM, INVOICE, PAYMENT = "Item", "Invoice", "Payment"
# The mark of an invoice whose first write has not been answered.
ON_THE_WAY = "OnTheWay"
# What QuickBooks refused for good is tried once a day: it may be its own lists that have changed.
REFUSAL_HOLDS = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLink:
    """The same thing on both sides, by either id; one of them may not be known yet.

    `base_theirs` and `base_ours` are as in a customer's link. `content` is what the other side was
    told last, or told us; `sending` what a first write holds that was not answered yet, `attempt`
    how many were refused. `refused` is the content that QuickBooks does not take. `customer_id` is
    whom an invoice was written for. `parts` are the
    payments here, each with its customer, that one payment there has become.
    """

    entity: str
    our_id: str | None = None
    quickbooks_id: str | None = None
    sync_token: str = "0"  # noqa: S105 — a version
    base_theirs: Mapping[str, Any] = field(default_factory=dict)
    base_ours: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""
    sending: str = ""
    attempt: int = 0
    refused: str = ""
    refused_at: datetime | None = None
    customer_id: str | None = None
    gone: bool = False
    parts: tuple[tuple[str, str], ...] = ()

    def is_refused(self, content: str, now: datetime) -> bool:
        """Whether QuickBooks has refused just this, and lately."""
        return (
            self.refused == content
            and self.refused_at is not None
            and now - self.refused_at < REFUSAL_HOLDS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherStep:
    """What is done about one of them: verb and reason as in a report, and the link then.

    `values` is what is written, on the side that the verb names.
    """

    entity: str
    verb: str
    reason: str
    name: str
    quickbooks_id: str = ""
    our_id: str | None = None
    customer_id: str | None = None
    changes: tuple[Change, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    link: OtherLink | None = None
