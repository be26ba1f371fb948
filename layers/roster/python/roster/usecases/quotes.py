"""Quotes for a customer: written from what is known of it, sent, answered."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from roster.domain import quote as rules
from roster.domain.customer import Customer
from roster.domain.errors import FieldError, Invalid
from roster.domain.quote import Quote, QuoteStatus
from roster.domain.record import Family, record_id
from roster.domain.text import has_control_characters
from roster.usecases import record_keeping as keeping
from roster.usecases import sales
from roster.usecases.customers import read_customer
from roster.usecases.ports import Page
from roster.usecases.record_keeping import Call, Listed
from roster.usecases.sales import Books

_OWN = ("valid_until",)


def draft_quote(
    call: Call[Quote], values: Mapping[str, Any], *, books: Books, request_key: str | None
) -> Quote:
    """A new draft; what `values` leave out comes from the customer. Raises Invalid."""
    # Taken once what is said is right, and kept while others move the customer.
    taken: list[int] = []

    def make(customer: Customer, now: datetime) -> Quote:
        ours = books.settings.get(call.tenant)
        today = now.date()
        start = Quote(
            id=record_id(Family.QUOTE, now),
            tenant=call.tenant,
            customer_id=customer.id,
            created_at=now,
            updated_at=now,
            created_by=call.actor,
            number="",
            date=today,
            currency=ours.currency,
            seller_gstin=ours.gstin,
            **sales.from_the_customer(customer, customers=call.customers),
        )
        quote = _written(start, values, books=books)
        if "valid_until" not in values:
            quote = replace(quote, valid_until=quote.date + rules.VALID_FOR)
        if not taken:
            taken.append(books.numbers.take(call.tenant, rules.SERIES))
        return replace(quote, number=rules.number_text(taken[0]))

    return keeping.add(call, make, verb="drafted", label=_number, request_key=request_key)


def edit_quote(
    call: Call[Quote],
    quote_id: str,
    values: Mapping[str, Any],
    *,
    if_version: int | None,
    books: Books,
) -> Quote:
    """Merge `values` into a draft and price it again; raises Invalid or WrongState."""

    def step(quote: Quote, _: datetime) -> Quote:
        rules.check_draft(quote)
        return _written(quote, values, books=books)

    return keeping.change(call, quote_id, step, if_version=if_version, label=_number)


def delete_quote(call: Call[Quote], quote_id: str, *, if_version: int | None) -> None:
    """Delete a draft; raises WrongState for any other."""
    keeping.remove(call, quote_id, if_version=if_version, check=rules.check_draft, label=_number)


def send_quote(call: Call[Quote], quote_id: str, *, valid_until: date | None) -> Quote:
    """Mark it as sent, valid until another date if one is given; raises WrongState."""
    return _step(call, quote_id, "sent", lambda quote, now: rules.send(quote, valid_until, now))


def answer_quote(
    call: Call[Quote], quote_id: str, status: QuoteStatus, *, reason: str | None = None
) -> Quote:
    """Note that the customer accepts or rejects it; raises WrongState or Invalid."""
    if reason and (len(reason) > rules.MAX_REASON or has_control_characters(reason)):
        detail = f"at most {rules.MAX_REASON} characters"
        raise Invalid([FieldError("/reason", "text", detail)])
    return _step(
        call,
        quote_id,
        str(status),
        lambda quote, now: rules.answer(quote, status, reason or None, now),
    )


def list_quotes(
    call: Call[Quote],
    *,
    status: QuoteStatus | None,
    since: date | None,
    until: date | None,
    limit: int,
    after: str | None,
) -> Page[Listed[Quote]]:
    """Quotes of the call's customer if it names one, else of the company by date, newest first.

    Their status is that of today.
    """
    if call.customer_id:
        customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
        page = quotes_of_customer(
            call, status=status, since=since, until=until, limit=limit, after=after
        )
        return Page([Listed(quote, customer) for quote in page.items], page.next)
    return keeping.across(
        call.tenant,
        rules.shelves_of(status),
        customer_id=None,
        limit=limit,
        after=after,
        customers=call.customers,
        records=call.records,
        since=str(since or ""),
        until=str(until or ""),
        keeps=_status_is(status, call.clock().date()),
    )


def quotes_of_customer(
    call: Call[Quote],
    *,
    status: QuoteStatus | None,
    since: date | None,
    until: date | None,
    limit: int,
    after: str | None,
) -> Page[Quote]:
    """The customer's quotes, newest first; raises NotFound or Gone."""
    if status is None and since is None and until is None:
        return keeping.of_customer(call, limit=limit, after=after)
    has_status = _status_is(status, call.clock().date())

    def keeps(quote: Quote) -> bool:
        return (since or date.min) <= quote.date <= (until or date.max) and has_status(quote)

    return keeping.narrowed(call, keeps, limit=limit, after=after)


def _status_is(status: QuoteStatus | None, today: date) -> Callable[[Quote], bool]:
    return lambda quote: status is None or quote.status_on(today) is status


def _written(quote: Quote, values: Mapping[str, Any], *, books: Books) -> Quote:
    shared = {name: value for name, value in values.items() if name not in _OWN}
    own = {name: values[name] for name in _OWN if name in values}
    errors: list[FieldError] = []
    after = replace(quote, **own)
    try:
        after = sales.written(after, shared, books=books)
    except Invalid as refused:
        errors += refused.errors
    if errors := [*errors, *rules.date_errors(after)]:
        raise Invalid(errors)
    return after


def _step(
    call: Call[Quote], quote_id: str, verb: str, take: Callable[[Quote, datetime], Quote]
) -> Quote:
    return keeping.change(
        call, quote_id, take, if_version=None, verbs=lambda _b, _a: (verb,), label=_number
    )


def _number(quote: Quote) -> str:
    return quote.number
