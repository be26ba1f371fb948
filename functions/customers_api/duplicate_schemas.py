"""Duplicates on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from roster.domain.customer import Customer, Status
from roster.domain.duplicates import Reason, Verdict
from roster.usecases.duplicate_ports import Scan, ScanStatus
from roster.usecases.duplicates import Found, ReviewedPair


class PossibleDuplicate(BaseModel):
    """A customer that may be the one about to be created; `score` is in bits."""

    id: str
    display_name: str
    status: Status
    verdict: Verdict
    score: float
    reasons: list[Reason]

    @classmethod
    def of(cls, found: Found) -> Self:
        """From what the check found."""
        return cls(
            id=found.customer.id,
            display_name=found.customer.display_name,
            status=found.customer.status,
            verdict=found.judgement.verdict,
            score=found.judgement.score,
            reasons=list(found.judgement.reasons),
        )


class QuickBooksName(BaseModel):
    """A customer, vendor or employee in QuickBooks that has the name."""

    kind: str
    id: str
    name: str
    active: bool


class PossibleDuplicates(BaseModel):
    """What the check before creating found, the best first; and who has the name in QuickBooks."""

    data: list[PossibleDuplicate]
    quickbooks: list[QuickBooksName]


class PairCustomer(BaseModel):
    """One customer of a pair, as it is now."""

    id: str
    display_name: str
    number: str | None
    status: Status
    email: str | None
    phone: str | None

    @classmethod
    def of(cls, customer: Customer) -> Self:
        """From the customer."""
        return cls(
            id=customer.id,
            display_name=customer.display_name,
            number=customer.number,
            status=customer.status,
            email=customer.email,
            phone=customer.phone,
        )


class DuplicatePair(BaseModel):
    """Two customers that may be one; `score` is in bits, comparable within a company."""

    id: str
    verdict: Verdict
    score: float
    reasons: list[Reason]
    customers: list[PairCustomer] = Field(min_length=2, max_length=2)

    @classmethod
    def of(cls, pair: ReviewedPair) -> Self:
        """From a pair to review."""
        judgement = pair.review.pair.judgement
        return cls(
            id=pair.review.id,
            verdict=judgement.verdict,
            score=judgement.score,
            reasons=list(judgement.reasons),
            customers=[PairCustomer.of(customer) for customer in pair.customers],
        )


class DuplicatePage(BaseModel):
    """Pairs to review, the best first."""

    data: list[DuplicatePair]
    next_cursor: str | None


class ScanOut(BaseModel):
    """The last search of all customers; the counts are there when it is completed.

    `learned_from` is how many of the company's own reviews its weights were learned from, 0 for
    the fixed setting: too few pairs were dismissed or merged.
    """

    id: str
    status: ScanStatus
    started_at: datetime
    finished_at: datetime | None
    customers: int
    compared: int
    pairs: int
    learned_from: int

    @classmethod
    def of(cls, scan: Scan) -> Self:
        """From the search."""
        return cls(
            id=scan.id,
            status=scan.status,
            started_at=scan.started_at,
            finished_at=scan.finished_at,
            customers=scan.customers,
            compared=scan.compared,
            pairs=scan.pairs,
            learned_from=scan.learned_from,
        )
