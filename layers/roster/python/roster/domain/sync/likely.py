"""Who here is likely a QuickBooks customer under another name, for a person to decide.

Apart from the plans, which take what is found here as given: comparing names loads much.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from roster.domain.customer import Customer
from roster.domain.duplicate_blocks import BLOCK_CAP, sound
from roster.domain.duplicate_facts import Facts, facts, facts_of
from roster.domain.duplicates import Verdict, judge
from roster.domain.location import Address
from roster.domain.sync.meeting import is_free
from roster.domain.sync.records import TheirCustomer
from roster.domain.sync.steps import Candidate, Closeness


def likely_candidates(
    theirs: TheirCustomer, customers: Iterable[Customer]
) -> tuple[Candidate, ...]:
    """Those of `customers` that are likely the record under another name, the surest first."""
    record = _facts(theirs)
    found = []
    for customer in customers:
        if not is_free(customer):
            continue
        judgement = judge(record, facts_of(customer))
        if judgement is None or judgement.verdict is Verdict.POSSIBLE:
            continue
        found.append(
            Candidate(
                customer_id=customer.id,
                quickbooks_id=theirs.id,
                closeness=Closeness.LIKELY,
                score=judgement.score,
                reasons=tuple(str(reason) for reason in judgement.reasons),
            )
        )
    return tuple(sorted(found, key=lambda c: (-c.score, c.customer_id)))


def _facts(theirs: TheirCustomer) -> Facts:
    values: Mapping[str, Any] = theirs.values
    address = values.get("billing_address") or Address()
    return facts(
        id=theirs.id,
        names=[theirs.display_name],
        street=address.street,
        unit=address.unit,
        city=address.city,
        zip=address.zip,
        emails=[values.get("email")],
        phones=[values.get("phone"), values.get("mobile")],
        given=values.get("first_name"),
    )


# So many customers are compared whole with one record, at most.
_KEPT = 6
_PHONE_TAIL, _NAME_WORDS = 7, 4
# Less than this without an address is not made likely by one.
_LEAST = 0.0


class Sieve:
    """Finds, among customers shown once each, those worth comparing with one of some records.

    Who shares an e-mail address, a number or how a word of the name sounds; a word that very many
    share says little, and is passed over. Memory goes with the records, not with the customers.
    """

    def __init__(self, theirs: Iterable[TheirCustomer]) -> None:
        self._facts = {one.id: _facts(one) for one in theirs}
        self._meets: defaultdict[str, list[str]] = defaultdict(list)
        for one, found in self._facts.items():
            for key in set(_meeting_keys(found)):
                self._meets[key].append(one)
        self._shown: defaultdict[str, list[Facts]] = defaultdict(list)

    def show(self, customer: Customer) -> None:
        """Look at a customer as lists show it: its address does not matter."""
        if not self._meets:
            return
        found = facts_of(customer)
        for key in set(_meeting_keys(found)):
            if key in self._meets and len(self._shown[key]) <= BLOCK_CAP:
                self._shown[key].append(found)

    def kept(self) -> Mapping[str, Sequence[str]]:
        """The ids of those worth comparing, the nearest first, by QuickBooks id."""
        near: defaultdict[str, dict[str, Facts]] = defaultdict(dict)
        for key, shown in self._shown.items():
            if len(shown) <= BLOCK_CAP:
                for one in self._meets[key]:
                    near[one] |= {facts.id: facts for facts in shown}
        return {one: kept for one, shown in near.items() if (kept := self._nearest(one, shown))}

    def _nearest(self, one: str, shown: Mapping[str, Facts]) -> list[str]:
        scores = {
            i: judgement.score
            for i, other in shown.items()
            if (judgement := judge(self._facts[one], other, least=_LEAST))
        }
        return sorted(scores, key=lambda i: (-scores[i], i))[:_KEPT]


def _meeting_keys(one: Facts) -> Iterator[str]:
    yield from (f"e:{email}" for email in one.emails)
    yield from (f"p:{phone[-_PHONE_TAIL:]}" for phone in one.phones)
    sounds = sorted({sound(word) for word in one.name[:_NAME_WORDS]})
    yield from (f"n:{word}" for word in sounds)
    yield from (f"n:{'|'.join(pair)}" for pair in combinations(sounds, 2))
