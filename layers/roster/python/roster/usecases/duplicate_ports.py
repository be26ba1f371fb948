"""What the use cases around duplicates need from the outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from roster.domain.customer import Customer
from roster.domain.duplicates import Pair
from roster.usecases.ports import Page


class ScanStatus(StrEnum):
    """How far a search of all customers is."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The last search of all customers for duplicates; the counts are those of its end.

    `learned_from` is the number of decided pairs its weights come from, 0 for the fixed setting.
    """

    id: str
    status: ScanStatus
    started_at: datetime
    finished_at: datetime | None = None
    customers: int = 0
    compared: int = 0
    pairs: int = 0
    learned_from: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """A pair to review: `fingerprint` stands for what the two were when they were compared."""

    id: str
    pair: Pair
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A pair that somebody decided on, with the evidence they decided by.

    `is_dismissed`: they said that the two are not one; else the two were merged.
    """

    one: str
    other: str
    evidence: Mapping[str, float]
    is_dismissed: bool


class Duplicates(Protocol):
    """Candidates, pairs to review, decisions, and the last search."""

    def near(
        self, tenant: str, *, name: str | None, email: str | None, phone: str | None
    ) -> Sequence[Customer]:
        """Customers that share the e-mail address or phone, or have a near name; not many."""

    def everyone(self, tenant: str) -> Iterable[Customer]:
        """Every customer that is not deleted."""

    def last_scan(self, tenant: str) -> Scan | None:
        """The last search."""

    def save_scan(self, tenant: str, scan: Scan) -> None:
        """Keep the state of the search."""

    def begin_scan(self, tenant: str, scan: Scan, *, instead_of: Scan | None) -> bool:
        """Keep a new search if the last one still is as it was; whether it was."""

    def reviews(self, tenant: str, *, limit: int, after: str | None) -> Page[Review]:
        """Pairs to review, the best first."""

    def review(self, tenant: str, review_id: str) -> Review | None:
        """One pair to review."""

    def replace_reviews(self, tenant: str, reviews: Iterable[Review]) -> None:
        """Let these be the pairs to review, and no others."""

    def dismissed(
        self, tenant: str, pairs: Iterable[tuple[str, str]] | None = None
    ) -> Mapping[tuple[str, str], str]:
        """What was dismissed (of those pairs): by the two ids, the fingerprint they had then."""

    def dismiss(self, tenant: str, review: Review) -> None:
        """Keep that the two are not one, and take them out of the review."""

    def listed(self, tenant: str) -> Iterable[Review]:
        """All pairs to review."""

    def survivors(self, tenant: str, customer_ids: Iterable[str]) -> Mapping[str, str]:
        """Of those customers that were merged away, who each one is now."""

    def keep_merged(self, tenant: str, reviews: Iterable[Review]) -> None:
        """Keep that these were merged, with their evidence."""

    def decisions(self, tenant: str) -> Iterable[Decision]:
        """What was decided, pairs of customers that came first before those that came later."""


class ScanStarter(Protocol):
    """Starts the search in the background."""

    def start(self, tenant: str, scan_id: str) -> None:
        """Start it, or raise Unavailable."""
