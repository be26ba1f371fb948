"""Search by the beginnings of words, over lookups first and heads after.

The lookups are read consistently, so a customer is found in the request after the one that wrote
it. Heads are read at half price and read again, consistently, where one is missing; a lookup
whose customer is gone or has moved on is passed over.
"""

import re
from collections.abc import Iterable, Sequence
from math import ceil

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import customer_lookups, keys
from roster.adapters.dynamodb.heads import cheap_heads
from roster.adapters.dynamodb.listing import Keeps
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer
from roster.domain.text import dialled_otherwise, digits, words
from roster.usecases.ports import Page

# What a page may cost, in read units for 25 rows: the budget is 15, and one goes into the question
# whose number it is.
_UNITS_OF_A_PAGE, _ROWS_OF_A_PAGE = 14.0, 25
_UNIT_BYTES, _LOOKUP_BYTES, _HEAD_UNITS = 4096, 140, 0.5
# Further words narrow what the first one finds, so more of it is looked at in one request.
_NARROWED = 100
# A word is rare when one request's page holds all its lookups; as many words are tried.
_PROBED_WORDS = 3
_PHONE_DIGITS = 4
_PHONE = keys.LookupKind.PHONE
# What is left of a number without its country's code may be too little to look for.
_TRUNK_DIGITS = 2
# A GSTIN or a PAN as people group it: "27 AAPFU 0939 F 1ZV".
_TAX_NUMBER = re.compile(r"(\d{2})?[a-z]{5}\d{4}[a-z]([0-9a-z]{3})?")


class Search:
    """Pages of customers by the words of their names."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def page(
        self, tenant: str, query: str, keeps: Keeps, *, limit: int, after: str | None
    ) -> Page[Customer]:
        """A page may be short and still go on: other words and filters narrow what was read.

        Whoever has the query for its customer number, or absorbed who has, comes first, and on no
        later page.
        """
        chain, spent_on_number = self._of_numbers(tenant, _numbers(query))
        first = chain[-1] if chain else None
        shown = [first] if after is None and first is not None and keeps(first) else []

        def others(customer: Customer) -> bool:
            return not (first and customer.id == first.id) and keeps(customer)

        readings = _readings(query)
        if shown and limit == 1:
            # The words begin on the next page: this is the place before the first of them.
            return Page(shown, keys.lookup_prefix(readings[0][0]) if readings else None)
        if after is not None:
            readings = _gone_on_with(readings, after)
        for reading in readings:
            wanted, spent = reading, spent_on_number
            fits = _dialling(query, reading, others)
            if after is None:
                wanted, probes = self._rarest_first(tenant, reading)
                spent += probes
            page = self._page_of(
                tenant, wanted, fits, limit=limit - len(shown), after=after, spent=spent
            )
            if page.items or page.next or after:
                return Page([*shown, *page.items], page.next)
        return Page(shown)

    def _of_numbers(self, tenant: str, numbers: Iterable[str]) -> tuple[Sequence[Customer], int]:
        """The chain of the first of the numbers that is anybody's, and the units it took."""
        misses = 0
        for number in numbers:
            if chain := self._of_number(tenant, number):
                return chain, misses + len(chain)
            misses += 1
        return (), misses - 1

    def _of_number(self, tenant: str, number: str) -> Sequence[Customer]:
        """Whose number it is, and after it whom it was merged into, one read each."""
        holder = self._table.get(keys.unique(tenant, "number", number))
        chain: list[Customer] = []
        following: str | None = holder["customer"] if holder else None
        while following is not None:
            found = self._table.get(keys.customer(tenant, following))
            if found is None:
                return ()
            chain.append(items.customer_from(found))
            following = chain[-1].merged_into
        return chain if chain and chain[0].number == number else ()

    def _rarest_first(self, tenant: str, wanted: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
        """The words with a rare one first, if there is one, and the units it took to find out."""
        probed = wanted[:_PROBED_WORDS] if len(wanted) > 1 else ()
        for spent, word in enumerate(probed, 1):
            _, last = self._table.query(
                keys.lookup_partition(tenant, word),
                prefix=keys.lookup_prefix(word),
                limit=_ROWS_OF_A_PAGE,
            )
            if last is None:
                return _with_first(wanted, word), spent
        return wanted, len(probed)

    def _page_of(
        self,
        tenant: str,
        wanted: Sequence[str],
        keeps: Keeps,
        *,
        limit: int,
        after: str | None,
        spent: int,
    ) -> Page[Customer]:
        found: list[Customer] = []
        payable = _UNITS_OF_A_PAGE * max(1, limit / _ROWS_OF_A_PAGE) - spent
        while True:
            hits, last = self._table.query(
                keys.lookup_partition(tenant, wanted[0]),
                prefix=keys.lookup_prefix(wanted[0]),
                after=after,
                limit=limit if len(wanted) == 1 else max(limit, _NARROWED),
            )
            payable -= max(1, ceil(len(hits) * _LOOKUP_BYTES / _UNIT_BYTES))
            fitting = [hit for hit in hits if _has_words(hit["name"], wanted)]
            while fitting and len(found) < limit and payable >= _HEAD_UNITS:
                some = fitting[: min(limit - len(found), int(payable / _HEAD_UNITS))]
                found += self._customers(tenant, some, keeps, wanted[0])
                payable -= len(some) * _HEAD_UNITS
                fitting, after = fitting[len(some) :], some[-1]["sk"]
            if fitting:
                return Page(found, after)
            after = last
            if last is None or len(found) >= limit or payable < 1:
                return Page(found, last)

    def _customers(
        self, tenant: str, hits: Sequence[Item], keeps: Keeps, prefix: str
    ) -> list[Customer]:
        """The customers behind the hits, as far as they are there, wanted and not shown before."""
        ids = [keys.lookup_parts(hit["sk"])[2] for hit in hits]
        heads = cheap_heads(self._table, tenant, ids)
        return [
            customer
            for hit, i in zip(hits, ids, strict=True)
            if (customer := heads.get(i))
            and keeps(customer)
            and _still_holds(hit, customer, prefix)
        ]


def _numbers(query: str) -> list[str]:
    """The customer numbers that may be meant: as typed, then in capitals and in small letters."""
    typed = query.strip()
    if " " in typed or not any(c.isdigit() for c in typed):
        return [typed]
    return list(dict.fromkeys((typed, typed.upper(), typed.lower())))


def _gone_on_with(readings: list[tuple[str, ...]], after: str) -> list[tuple[str, ...]]:
    """The one reading that a cursor came from, the word it came from first; none for another's."""
    own = [
        _with_first(reading, word)
        for reading in readings
        for word in reading
        if after.startswith(keys.lookup_prefix(word))
    ]
    return [max(own, key=lambda reading: len(reading[0]))] if own else []


def _readings(query: str) -> list[tuple[str, ...]]:
    """What to look for, as a person may have meant it, the likeliest first.

    An address, a phone number's digits, a tax number, or words, the longest of them first.
    """
    grouped = "".join(c for c in query.casefold() if c.isalnum())
    readings = [tuple(sorted(words(query), key=len, reverse=True))]
    if "@" in query:
        readings.insert(0, (query.strip().casefold(),))
    elif numbers := _numbers_of(query):
        readings[:0] = [(number,) for number in numbers]
    elif _TAX_NUMBER.fullmatch(grouped):
        readings.insert(0, (grouped,))
    elif len(readings[0]) > 1 and len(query.split()) == 1:
        # "jane.doe" may be the beginning of an address; names come first.
        readings.append((query.strip().casefold(),))
    return [reading for reading in dict.fromkeys(readings) if reading]


def _numbers_of(query: str) -> list[str]:
    """The digits of a phone number as typed, and as else they may have been; none of a text."""
    dialled = digits(query)
    if any(c.isalpha() for c in query) or len(dialled) < _PHONE_DIGITS:
        return []
    others = dialled_otherwise(dialled, surely=query.strip().startswith("+"))
    return [dialled, *(number for number in others if len(number) > _TRUNK_DIGITS)]


def _dialling(query: str, reading: Sequence[str], keeps: Keeps) -> Keeps:
    """`keeps`, and for a number turned into another: the customer's own may begin as typed."""
    dialled = digits(query)
    if len(reading) > 1 or reading[0] not in _numbers_of(query)[1:]:
        return keeps

    def fits(customer: Customer) -> bool:
        known = [
            token
            for token, kind in customer_lookups.tokens(customer, before=True)
            if kind == _PHONE
        ]
        forms = (form for token in known for form in (token, *dialled_otherwise(token)))
        return any(form.startswith(dialled) for form in forms) and keeps(customer)

    return fits


def _with_first(wanted: Sequence[str], first: str) -> tuple[str, ...]:
    return (first, *(word for word in wanted if word != first))


def _has_words(name: str, wanted: Sequence[str]) -> bool:
    return all(any(word.startswith(w) for word in name.split()) for w in wanted[1:])


def _still_holds(hit: Item, customer: Customer, prefix: str) -> bool:
    """Whether this is the first of the customer's lookups to match, so that it is shown once.

    Sort keys hold the beginnings of long tokens only, so the tokens themselves are compared. One
    from before ADR 0028 counts where none that every customer has does.
    """
    first = _first_matching(customer, prefix) or _first_matching(customer, prefix, before=True)
    return bool(hit["sk"] == first)


def _first_matching(customer: Customer, prefix: str, *, before: bool = False) -> str | None:
    matching = (
        keys.lookup(customer.tenant, token, kind, customer.id)["sk"]
        for token, kind in customer_lookups.tokens(customer, before=before)
        if token.startswith(prefix)
    )
    return min(matching, default=None)
