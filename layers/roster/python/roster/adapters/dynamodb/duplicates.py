"""Candidates through list rows and lookups, and the pairs to review, in the business table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import batched
from typing import Any

import orjson

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import encoding, keys
from roster.adapters.dynamodb.keys import LookupKind
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer, Status
from roster.domain.duplicate_evidence import UNCOUNTED_RARITY, words_evidence
from roster.domain.duplicate_facts import name_words, phone_tail, telling_words
from roster.domain.duplicates import Judgement, Pair, Reason, Verdict
from roster.domain.text import dialled_otherwise, digits, fold
from roster.usecases.duplicate_ports import Decision, Review, Scan, ScanStatus
from roster.usecases.ports import Page

# What a check before creating may read: one unit for each query, and one for each of these heads.
# A page of a query is kept below one unit of 4 KB.
_UNITS, _HEADS, _ROWS, _LOOKUPS = 15, 6, 12, 28
# A near name is found by the beginning of one of its words.
_BEGINNING, _SECOND_BEGINNING = 4, 2
_HEADS_AT_ONCE = 100
_MERGED = ""
# As many ways of dialling a number are looked for.
_NUMBERS = 4
# Of a thousandth of a bit nobody sees anything.
_DECIMALS = 3


class DynamoDuplicates:
    """Implements `duplicate_ports.Duplicates`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def near(
        self, tenant: str, *, name: str | None, email: str | None, phone: str | None
    ) -> Sequence[Customer]:
        """At most 15 read units, all consistent: who was written a moment ago is found."""
        ask = _Questions(self._table, _UNITS - _HEADS)
        found = {c.id: c for c in _near_rows(ask, tenant, name)} if name else {}
        ids: dict[str, None] = {}
        if email:
            ids |= _holders(ask, tenant, email.strip().casefold(), LookupKind.EMAIL)
        for number in _numbers(phone):
            ids |= _holders(ask, tenant, number, LookupKind.PHONE)
        if name:
            ids |= dict.fromkeys(_near_names(ask, tenant, name))
        wanted = [i for i in ids if i not in found][:_HEADS]
        heads = self._table.get_many(keys.customer(tenant, i) for i in wanted)
        return [*found.values(), *map(items.customer_from, heads)]

    def everyone(self, tenant: str) -> Iterator[Customer]:
        """Heads at half price, 100 at a time: list rows do not carry addresses."""
        for status in (Status.ACTIVE, Status.INACTIVE):
            rows = self._table.query_all(keys.list_partition(tenant, status))
            ids = (row["sk"].rsplit("#", 1)[1] for row in rows)
            for some in batched(ids, _HEADS_AT_ONCE, strict=False):
                wanted = (keys.customer(tenant, i) for i in some)
                for head in self._table.get_many(wanted, consistent=False):
                    customer = items.customer_from(head)
                    # Who changed sides meanwhile is met on one of them only.
                    if customer.status is status and customer.merged_into is None:
                        yield customer

    def last_scan(self, tenant: str) -> Scan | None:
        """The last search."""
        item = self._table.get(keys.duplicate_scan(tenant))
        return _scan_from(item) if item else None

    def save_scan(self, tenant: str, scan: Scan) -> None:
        """Write what the search came to, unless another has been begun."""
        self._table.put(
            {**keys.duplicate_scan(tenant), **_scan_item(scan)},
            condition="attribute_not_exists(pk) OR scan_id = :id",
            id=scan.id,
        )

    def begin_scan(self, tenant: str, scan: Scan, *, instead_of: Scan | None) -> bool:
        """Write the new search in place of the last one that was seen."""
        item = {**keys.duplicate_scan(tenant), **_scan_item(scan)}
        if instead_of is None:
            return self._table.put(item, condition="attribute_not_exists(pk)")
        return self._table.put(item, condition="scan_id = :last", last=instead_of.id)

    def reviews(self, tenant: str, *, limit: int, after: str | None) -> Page[Review]:
        """A page in the order of ids, which begin with how good a pair is."""
        found, last = self._table.query(keys.duplicates_partition(tenant), limit=limit, after=after)
        return Page([_review_from(item) for item in found], last)

    def review(self, tenant: str, review_id: str) -> Review | None:
        """One pair."""
        item = self._table.get(keys.duplicate(tenant, review_id))
        return _review_from(item) if item else None

    def replace_reviews(self, tenant: str, reviews: Iterable[Review]) -> None:
        """New ones first, then what is no longer: a crash leaves too many, never too few."""
        pages = self._table.query_all(keys.duplicates_partition(tenant))
        before = {item["sk"]: item for item in pages}
        after = {review.id: _review_item(tenant, review) for review in reviews}
        self._table.write_batch(puts=(i for sk, i in after.items() if before.get(sk) != i))
        gone = (keys.duplicate(tenant, sk) for sk in before if sk not in after)
        self._table.write_batch(deletes=gone)

    def dismissed(
        self, tenant: str, pairs: Iterable[tuple[str, str]] | None = None
    ) -> Mapping[tuple[str, str], str]:
        """All decisions of the company, or those on `pairs`."""
        found: Iterable[Item]
        if pairs is None:
            found = self._table.query_all(keys.no_duplicates_partition(tenant))
        else:
            found = self._table.get_many(keys.no_duplicate(tenant, *pair) for pair in pairs)
        return {_pair(item["sk"]): item["print"] for item in found}

    def dismiss(self, tenant: str, review: Review) -> None:
        """The decision first: without it a crash would bring the pair back."""
        decision = keys.no_duplicate(tenant, review.pair.one, review.pair.other)
        self._table.put({**decision, **_decided(review), "print": review.fingerprint})
        self._table.delete(keys.duplicate(tenant, review.id))

    def forget(self, customer: Customer) -> None:
        """Remove the pairs it is one of, reviewed ones included: they are few, so all are read."""
        reviews = self._table.query_all(keys.duplicates_partition(customer.tenant))
        gone = [item for item in reviews if customer.id in _of_review(item)]
        decided = self._table.query_all(keys.no_duplicates_partition(customer.tenant))
        gone += [item for item in decided if customer.id in _pair(item["sk"])]
        self._table.write_batch(deletes=[keys.of(i) for i in gone])

    def listed(self, tenant: str) -> Iterator[Review]:
        """Page by page."""
        yield from map(_review_from, self._table.query_all(keys.duplicates_partition(tenant)))

    def survivors(self, tenant: str, customer_ids: Iterable[str]) -> Mapping[str, str]:
        """Heads, those of who they lead to as well, until nobody leads any further."""
        leads: dict[str, str | None] = {}
        asked = set(customer_ids)
        while ahead := asked - set(leads):
            heads = self._table.get_many(keys.customer(tenant, i) for i in sorted(ahead))
            leads |= dict.fromkeys(ahead)
            leads |= {c.id: c.merged_into for c in map(items.customer_from, heads)}
            asked = {into for into in leads.values() if into}
        return {i: end for i in leads if (end := _end(leads, i)) != i}

    def keep_merged(self, tenant: str, reviews: Iterable[Review]) -> None:
        """A print that no pair ever has: a merge hides nothing once it is undone."""
        self._table.write_batch(
            puts=(
                {
                    **keys.no_duplicate(tenant, r.pair.one, r.pair.other),
                    **_decided(r),
                    "print": _MERGED,
                }
                for r in reviews
            )
        )

    def decisions(self, tenant: str) -> Iterator[Decision]:
        """In the order of ids, which is that of time; older ones kept no evidence."""
        for item in self._table.query_all(keys.no_duplicates_partition(tenant)):
            evidence = orjson.loads(item.get("doc", "{}"))
            yield Decision(*_pair(item["sk"]), evidence, is_dismissed=item["print"] != _MERGED)


class _Questions:
    """Queries of a page each, as many as may be asked; after that nothing is found."""

    def __init__(self, table: Table, left: int) -> None:
        self._table, self.left = table, left

    def page(self, pk: str, *, prefix: str, limit: int, after: str | None = None) -> list[Item]:
        """The first of what begins so, or of what comes after that."""
        if not self.left:
            return []
        self.left -= 1
        return self._table.query(pk, prefix=prefix, limit=limit, after=after)[0]


def _near_rows(ask: _Questions, tenant: str, name: str) -> Iterator[Customer]:
    """Whose display name begins alike: the first word whole, and a little of the second.

    Where many do, those from the name itself on as well: the same name is always found.
    """
    folded = fold(name)
    first, _, second = folded.partition(" ")
    beginning = f"{first} {second[:_SECOND_BEGINNING]}" if second else first
    for status in (Status.ACTIVE, Status.INACTIVE):
        partition = keys.list_partition(tenant, status)
        rows = ask.page(partition, prefix=beginning, limit=_ROWS)
        itself = keys.list_row(tenant, status, folded, "")["sk"]
        if len(rows) == _ROWS and rows[-1]["sk"] < itself:
            rows += ask.page(partition, prefix=beginning, limit=_ROWS, after=itself)
        yield from map(items.customer_from_row, rows)


def _holders(ask: _Questions, tenant: str, token: str, kind: LookupKind) -> dict[str, None]:
    """Who has exactly this e-mail address or number."""
    key = keys.lookup(tenant, token, kind, "")
    hits = ask.page(key["pk"], prefix=key["sk"], limit=_HEADS)
    return {keys.lookup_parts(hit["sk"])[2]: None for hit in hits}


def _near_names(ask: _Questions, tenant: str, name: str) -> list[str]:
    """Ids of those with a word that begins as one of the name's does, the nearest first."""
    wanted = name_words(name)
    typed = telling_words(name)
    words = dict.fromkeys([*typed[:1], *sorted(typed[1:], key=len, reverse=True)])
    near: dict[str, float] = {}
    for word in words:
        partition, beginning = keys.lookup_partition(tenant, word), word[:_BEGINNING]
        hits = ask.page(partition, prefix=beginning, limit=_LOOKUPS)
        itself = keys.lookup(tenant, word, LookupKind.NAME, "")["sk"]
        if len(hits) == _LOOKUPS and hits[-1]["sk"] < itself:
            # Many words begin so: this one is further on.
            hits += ask.page(partition, prefix=beginning, limit=_LOOKUPS, after=itself)
        for hit in hits:
            _, kind, customer_id = keys.lookup_parts(hit["sk"])
            if kind == LookupKind.NAME:
                near[customer_id] = words_evidence(
                    "name", wanted, name_words(hit["name"]), UNCOUNTED_RARITY
                )
    likely = [i for i, bits in near.items() if bits > 0]
    return sorted(likely, key=lambda i: (-near[i], i))


def _of_review(item: Item) -> tuple[str, str]:
    doc = orjson.loads(item["doc"])
    return doc["one"], doc["other"]


def _numbers(phone: str | None) -> list[str]:
    """A number's digits as typed, their tail, and as they are dialled within the country."""
    found = digits(phone or "")
    others = dialled_otherwise(found) if found else ()
    return list(dict.fromkeys(n for n in (found, phone_tail(found), *others) if n))[:_NUMBERS]


def _pair(sk: str) -> tuple[str, str]:
    one, _, other = sk.partition("#")
    return one, other


def _end(leads: Mapping[str, str | None], customer_id: str) -> str:
    while into := leads.get(customer_id):
        customer_id = into
    return customer_id


def _decided(review: Review) -> dict[str, str]:
    return {"doc": encoding.dump(review.pair.judgement.evidence)}


def _review_item(tenant: str, review: Review) -> Item:
    judgement = review.pair.judgement
    doc = {
        "one": review.pair.one,
        "other": review.pair.other,
        "verdict": judgement.verdict,
        "score": judgement.score,
        "reasons": judgement.reasons,
        "evidence": {k: round(v, _DECIMALS) for k, v in judgement.evidence.items() if v},
    }
    key = keys.duplicate(tenant, review.id)
    return {**key, "print": review.fingerprint, "doc": encoding.dump(doc)}


def _review_from(item: Item) -> Review:
    doc = orjson.loads(item["doc"])
    reasons = tuple(Reason(reason) for reason in doc["reasons"])
    evidence = doc.get("evidence", {})
    judgement = Judgement(Verdict(doc["verdict"]), doc["score"], reasons, evidence)
    return Review(item["sk"], Pair(doc["one"], doc["other"], judgement), item["print"])


def _scan_item(scan: Scan) -> dict[str, Any]:
    values = asdict(scan)
    finished = values["finished_at"]
    values["started_at"] = encoding.milliseconds(scan.started_at)
    values["finished_at"] = encoding.milliseconds(finished) if finished else None
    return {"scan_id": scan.id, "doc": encoding.dump(values)}


def _scan_from(item: Item) -> Scan:
    values = orjson.loads(item["doc"])
    finished = values.pop("finished_at")
    return Scan(
        status=ScanStatus(values.pop("status")),
        started_at=encoding.moment(values.pop("started_at")),
        finished_at=encoding.moment(finished) if finished else None,
        **values,
    )
