"""Search by the beginnings of words, over lookups first and heads after.

The lookups are read consistently, so a customer is found in the request after the one that wrote
it. Heads are read at half price and read again, consistently, where one is missing; a lookup
whose customer is gone or has moved on is passed over.
"""

from collections.abc import Sequence

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer, Status
from roster.domain.text import digits, words
from roster.usecases.ports import Page

# Lookups looked at for one page, however narrow the other words are.
_EVALUATED = 500
_HEADS_READ = 25
_PHONE_DIGITS = 4


class Search:
    """Pages of customers by the words of their names."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def page(
        self, tenant: str, query: str, statuses: Sequence[Status], *, limit: int, after: str | None
    ) -> Page[Customer]:
        """A page may be short and still go on: other words and statuses narrow what was read."""
        wanted = _tokens(query)
        if not wanted:
            return Page([])
        partition = keys.lookup_partition(tenant, wanted[0])
        found: list[Customer] = []
        evaluated, budget = 0, max(limit, _HEADS_READ)
        while True:
            hits, last = self._table.query(
                partition, prefix=keys.lookup_prefix(wanted[0]), after=after, limit=limit
            )
            evaluated += len(hits)
            matching = [hit for hit in hits if _has_words(hit["name"], wanted)]
            kept, after, budget = self._take(
                tenant, matching, statuses, limit - len(found), last, budget, wanted[0]
            )
            found += kept
            if after is None or len(found) >= limit or evaluated >= _EVALUATED or budget <= 0:
                return Page(found, after)

    def _take(
        self,
        tenant: str,
        hits: list[Item],
        statuses: Sequence[Status],
        room: int,
        last: str | None,
        budget: int,
        prefix: str,
    ) -> tuple[list[Customer], str | None, int]:
        """Up to `room` customers behind the hits, where to go on, and the heads still payable."""
        by_hit = [(hit, keys.lookup_parts(hit["sk"])) for hit in hits]
        heads = self._heads(tenant, [parts[2] for _, parts in by_hit])
        kept: list[Customer] = []
        for position, (hit, (_, _, customer_id)) in enumerate(by_hit):
            customer = heads.get(customer_id)
            if customer and customer.status in statuses and _still_holds(hit, customer, prefix):
                kept.append(customer)
                if len(kept) == room and position < len(by_hit) - 1:
                    return kept, hit["sk"], budget - len(heads)
        return kept, last, budget - len(heads)

    def _heads(self, tenant: str, ids: Sequence[str]) -> dict[str, Customer]:
        wanted = {i: keys.customer(tenant, i) for i in ids}
        found = self._table.get_many(wanted.values(), consistent=False)
        heads = {c.id: c for c in map(items.customer_from, found)}
        missing = [key for i, key in wanted.items() if i not in heads]
        heads |= {c.id: c for c in map(items.customer_from, self._table.get_many(missing))}
        return heads


def _tokens(query: str) -> list[str]:
    """What to look for, the longest first: an address, a phone number's digits, or words."""
    if "@" in query:
        return [query.strip().casefold()]
    if not any(c.isalpha() for c in query) and len(digits(query)) >= _PHONE_DIGITS:
        return [digits(query)]
    return sorted(words(query), key=len, reverse=True)


def _has_words(name: str, wanted: Sequence[str]) -> bool:
    return all(any(word.startswith(w) for word in name.split()) for w in wanted[1:])


def _still_holds(hit: Item, customer: Customer, prefix: str) -> bool:
    """Whether this is the first of the customer's lookups to match, so that it is shown once."""
    matching = (sk for sk in items.lookups(customer) if sk.startswith(prefix))
    return bool(hit["sk"] == min(matching, default=None))
