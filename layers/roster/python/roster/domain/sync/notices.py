"""What QuickBooks tells by itself: that something of a company changed. It never says what."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Told after that, it is no news: QuickBooks gives up repeating itself long before.
NEWS_FOR = timedelta(days=2)
# What a run reads; the rest (bills, vendors, time) is none of our business.
WATCHED = frozenset(
    {
        "companyinfo", "customer", "invoice", "item", "payment", "paymentmethod", "preferences",
        "taxagency", "term",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """That an entity (in lower case) of a QuickBooks company was touched, and when.

    A merge names the `loser` too: `id` is the one that stays.
    """

    realm: str
    entity: str
    id: str
    at: datetime | None = None
    loser: str | None = None

    def is_news(self, now: datetime) -> bool:
        """Whether a run has anything to read because of it."""
        return self.entity in WATCHED and (self.at is None or now - self.at < NEWS_FOR)
