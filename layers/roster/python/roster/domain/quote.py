"""Quotes: what work would cost, until a date, and what the customer says to it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from roster.domain.erasure import ERASED
from roster.domain.errors import FieldError, Invalid, WrongState
from roster.domain.record import Family
from roster.domain.sales import LAST_DAY, SalesDocument

SERIES, NUMBER_PREFIX, NUMBER_WIDTH = "quote", "Q-", 5
VALID_FOR = timedelta(days=30)
MAX_REASON = 500


class QuoteStatus(StrEnum):
    """How far a quote is; `expired` is never stored, a sent one is expired from the day after."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote(SalesDocument):
    """A quote as stored. Without `valid_until` it does not expire."""

    family: ClassVar[Family] = Family.QUOTE

    status: QuoteStatus = QuoteStatus.DRAFT
    valid_until: date | None = None
    sent_at: datetime | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    invoice_id: str | None = None

    @property
    def shelf(self) -> str:
        """The stored status."""
        return str(self.status)

    def status_on(self, day: date) -> QuoteStatus:
        """The status as people see it on that day."""
        over = self.valid_until is not None and self.valid_until < day
        return QuoteStatus.EXPIRED if over and self.status is QuoteStatus.SENT else self.status


def number_text(n: int) -> str:
    """The quote number that the counter's value `n` stands for."""
    return f"{NUMBER_PREFIX}{n:0{NUMBER_WIDTH}d}"


def shelves_of(status: QuoteStatus | None) -> tuple[str, ...]:
    """The shelves on which quotes of that status stand; of None, all."""
    match status:
        case None:
            return tuple(str(s) for s in QuoteStatus if s is not QuoteStatus.EXPIRED)
        case QuoteStatus.EXPIRED:
            return (str(QuoteStatus.SENT),)
        case _:
            return (str(status),)


def date_errors(quote: Quote) -> list[FieldError]:
    """What is wrong with a quote that would be over before it is written."""
    if quote.valid_until is None or quote.date <= quote.valid_until <= LAST_DAY:
        return []
    detail = f"from the date of the quote, {quote.date}, to {LAST_DAY}"
    return [FieldError("/valid_until", "range", detail)]


def check_draft(quote: Quote) -> None:
    """Raise WrongState unless the quote may still be changed or deleted."""
    if quote.status is not QuoteStatus.DRAFT:
        detail = f"only a draft can be changed or deleted; {quote.number} is {quote.status}"
        raise WrongState(detail, code="not_a_draft")


def send(quote: Quote, valid_until: date | None, now: datetime) -> Quote:
    """The quote as sent; again, with a later `valid_until`, for one that has not been answered.

    Raises WrongState for one that was answered, has no lines or would be expired at once.
    """
    if quote.status not in (QuoteStatus.DRAFT, QuoteStatus.SENT):
        raise WrongState(f"{quote.number} is {quote.status} already", code="already_answered")
    if not quote.lines:
        raise WrongState(f"{quote.number} has no lines yet", code="no_lines")
    after = replace(quote, valid_until=valid_until or quote.valid_until)
    if errors := date_errors(after):
        raise Invalid(errors)
    if after.valid_until is not None and after.valid_until < now.date():
        detail = f"{quote.number} was valid until {after.valid_until}: send a later valid_until"
        raise WrongState(detail, code="expired")
    if after == quote and quote.status is QuoteStatus.SENT:
        return quote
    return replace(after, status=QuoteStatus.SENT, sent_at=now)


def answer(quote: Quote, status: QuoteStatus, reason: str | None, now: datetime) -> Quote:
    """The quote accepted or rejected; the same answer again changes nothing.

    Raises WrongState unless it is sent and not expired.
    """
    if quote.status is status:
        return quote
    seen = quote.status_on(now.date())
    if seen is not QuoteStatus.SENT:
        detail = f"only a sent quote is answered; {quote.number} is {seen}"
        raise WrongState(detail, code="expired" if seen is QuoteStatus.EXPIRED else "not_sent")
    return replace(quote, status=status, reason=reason, decided_at=now)


def check_convertible(quote: Quote) -> None:
    """Raise WrongState unless the quote may become an invoice."""
    if quote.status is not QuoteStatus.ACCEPTED:
        detail = f"only an accepted quote becomes an invoice; {quote.number} is {quote.status}"
        raise WrongState(detail, code="not_accepted")


def redacted(quote: Quote) -> Quote:
    """The quote without what is personal: no book needs more than its number, date and amounts."""
    bare = replace(
        quote,
        customer_name=ERASED,
        lines=tuple(replace(line, description=ERASED) for line in quote.lines),
        email=None,
        phone=None,
        billing_address=None,
        gstin=None,
        pan=None,
        reference=None,
        notes=None,
        reason=None,
    )
    return quote if bare == quote else replace(bare, version=quote.version + 1)
