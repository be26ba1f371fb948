"""What speaks for and against two customers being one, field by field, in bits.

Every field adds what its agreement is worth, more for a rare value than for a common one, and takes
away what a contradiction is worth; what is not known says nothing. The weights are one fixed
setting for every company; a company's own reviews can weigh them anew (`duplicate_learning`).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log2

from roster.domain.duplicate_facts import Facts, Words

_SIMILAR = 0.86
_FEW_LETTERS = 3
# A misspelt word is rare because it is misspelt: this much at most.
_MISSPELT = 8.0


@dataclass(frozen=True, slots=True)
class Weight:
    """What a field is worth at most, what a contradiction in it costs at most; in bits.

    `share` is how much of what contradicts counts, `slip` what one letter's difference is worth.
    """

    agree: float
    differ: float
    share: float = 0.6
    slip: float = 0.0


WEIGHTS = {
    "name": Weight(14, 10, share=0.7),
    "place": Weight(10, 4),
    "house": Weight(6, 5, slip=0.0),
    "city": Weight(5, 2),
    "zip": Weight(7, 3, slip=3),
    "email": Weight(12, 1, slip=4),
    "phone": Weight(9, 1.5, slip=3),
    "born": Weight(10, 4, slip=4),
    "extra": Weight(14, 4, slip=5),
}
FIELDS = tuple(WEIGHTS)
# Where nobody counted, a shared word is worth this, and any other shared value all it can be.
_UNCOUNTED_WORD = 7.0
_WORDS = ("name", "place", "city")
# Among fewer customers than this, that two share a value would say nothing: two of six are a third.
_FEW = 500


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many bits it is worth that two customers share a value."""

    customers: int
    counts: Counter[tuple[str, str]]

    def bits(self, field: str, value: str) -> float:
        """The rarer, the more; what nobody counted is as rare as can be."""
        if not self.customers:
            return _UNCOUNTED_WORD if field in _WORDS else WEIGHTS[field].agree
        holders, customers = float(self.counts[field, value]), self.customers
        if customers < _FEW:
            # The company as it would be with more customers: the two, and others in proportion.
            others = max(0.0, holders - 2) * _FEW / customers
            holders, customers = min(holders, 2) + others, _FEW
        return max(0.3, log2(customers / max(1.0, holders)))


UNCOUNTED_RARITY = Rarity(0, Counter())


def rarity_of(records: Iterable[Facts]) -> Rarity:
    """How rare each value is among `records`."""
    counts: Counter[tuple[str, str]] = Counter()
    customers = 0
    for one in records:
        customers += 1
        for field in _WORDS:
            counts.update((field, word) for word in getattr(one, field))
        for field in ("house", "zip", "born", "extra"):
            if value := getattr(one, field):
                counts[field, value] += 1
        counts.update(("email", email) for email in one.emails)
        counts.update(("phone", phone) for phone in one.phones)
    return Rarity(max(customers, 2), counts)


@lru_cache(maxsize=1 << 16)
def alike(one: str, other: str) -> float:
    """How alike two words are, from 0 to 1."""
    import jellyfish

    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return 0.6 if long.startswith(short) else 0.0
    found = jellyfish.jaro_winkler_similarity(one, other)
    if found >= _SIMILAR and len(short) > _FEW_LETTERS:
        return found
    near = jellyfish.damerau_levenshtein_distance(one, other) == 1
    return 0.8 if near and len(short) >= _FEW_LETTERS else 0.0


def words_evidence(
    field: str, one: Words, other: Words, rarity: Rarity, common: frozenset[str] = frozenset()
) -> float:
    """What two lists of words say: shared ones for, left over on both sides against.

    Words in `common` say nothing, such as the town's in a name.
    """
    one = tuple(w for w in one if w not in common) or one
    other = tuple(w for w in other if w not in common) or other
    if not one or not other:
        return 0.0
    shared = set(one) & set(other)
    left, right = [w for w in one if w not in shared], [w for w in other if w not in shared]
    matched = sum(rarity.bits(field, word) for word in sorted(shared))
    for likeness, a, b in sorted(
        ((s, a, b) for a in left for b in right if (s := alike(a, b))), reverse=True
    ):
        if a in left and b in right:
            left.remove(a)
            right.remove(b)
            matched += likeness * min(rarity.bits(field, a), rarity.bits(field, b), _MISSPELT)
    if left and right and (run := _run_together(left, right)):
        matched += run * _MISSPELT
        left, right = [], []
    weight = WEIGHTS[field]
    against = min(
        sum(rarity.bits(field, word) for word in left),
        sum(rarity.bits(field, word) for word in right),
    )
    return min(weight.agree, matched) - min(weight.differ, against * weight.share)


def _run_together(left: Words | list[str], right: Words | list[str]) -> float:
    """The likeness of what is left when spaces do not count: "pridhamstreet"."""
    a, b = "".join(left), "".join(right)
    return alike(a, b) if min(len(a), len(b)) > _FEW_LETTERS else 0.0


def _value_evidence(field: str, one: str, other: str, rarity: Rarity) -> float:
    if not one or not other:
        return 0.0
    weight = WEIGHTS[field]
    if one == other:
        return min(weight.agree, rarity.bits(field, one))
    return weight.slip if _one_slip(one, other) else -weight.differ


@lru_cache(maxsize=1 << 16)
def _one_slip(one: str, other: str) -> bool:
    """Whether one letter more, less, other or exchanged makes the one the other."""
    import jellyfish

    return (
        min(len(one), len(other)) >= _FEW_LETTERS
        and abs(len(one) - len(other)) <= 1
        and jellyfish.damerau_levenshtein_distance(one, other) == 1
    )


def _sets_evidence(field: str, one: frozenset[str], other: frozenset[str], rarity: Rarity) -> float:
    if not one or not other:
        return 0.0
    weight = WEIGHTS[field]
    if shared := _shared(field, one, other):
        return max(min(weight.agree, rarity.bits(field, value)) for value in shared)
    if any(_one_slip(a, b) for a in one for b in other):
        return weight.slip
    return -weight.differ


def _shared(field: str, one: frozenset[str], other: frozenset[str]) -> set[str]:
    if field != "phone":
        return set(one & other)
    return {max(a, b, key=len) for a in one for b in other if a.endswith(b) or b.endswith(a)}


def evidence(one: Facts, other: Facts, rarity: Rarity) -> dict[str, float]:
    """What each field says, in bits; nothing for what is not known of both."""
    towns = frozenset(one.city + other.city)
    found = {
        "name": words_evidence("name", one.name, other.name, rarity, towns),
        "place": words_evidence("place", one.place, other.place, rarity, towns),
        "city": words_evidence("city", one.city, other.city, rarity),
    }
    found |= {
        f: _value_evidence(f, getattr(one, f), getattr(other, f), rarity)
        for f in ("house", "zip", "born", "extra")
    }
    found["email"] = _sets_evidence("email", one.emails, other.emails, rarity)
    found["phone"] = _sets_evidence("phone", one.phones, other.phones, rarity)
    unit = words_evidence("place", one.unit, other.unit, rarity, towns)
    if unit > 0:
        # A named building or a locality is a second witness beside the street.
        found["place"] += min(4.0, unit)
        found["house"] = max(found["house"], -2.0)
    elif found["house"] < 0 < found["place"]:
        # Two houses of one street: a street has many.
        found["place"] *= 0.5
    return found
