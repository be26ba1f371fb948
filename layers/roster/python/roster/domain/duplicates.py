"""Which customers may be one, how sure that is, and why. Nothing is ever merged by this alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from roster.domain.duplicate_blocks import candidate_pairs
from roster.domain.duplicate_evidence import (
    UNCOUNTED_RARITY,
    Rarity,
    alike,
    evidence,
    rarity_of,
)
from roster.domain.duplicate_facts import Facts
from roster.domain.duplicate_learning import LIKELY, Evidence, Learned

POSSIBLE = 8.0
# Names that say this much against each other are other names.
_OTHER_NAME = -2.0
# Two that are both surely the same as a third are more likely the same: worth this, and no more
# than this, for a whole chain of likenesses is far from always one customer.
_SURE, _SUPPORT = 20.0, 6.0
_SAME_NAME, _SAME_ADDRESS = 0.0, 10.0
_FIXED = Learned()


class Verdict(StrEnum):
    """How sure it is that two customers are one."""

    EXACT = "exact"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Reason(StrEnum):
    """What speaks for two customers being one, and `other_name`, which speaks against."""

    SAME_NAME = "same_name"
    SIMILAR_NAME = "similar_name"
    SAME_EMAIL = "same_email"
    SAME_PHONE = "same_phone"
    SAME_ADDRESS = "same_address"
    SIMILAR_ADDRESS = "similar_address"
    SAME_IDENTIFIER = "same_identifier"
    SHARED_LIKENESS = "shared_likeness"
    OTHER_NAME = "other_name"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure it is that two are one; `score` is in bits, comparable within a company.

    `evidence` is what each field said, before any weight that was learned.
    """

    verdict: Verdict
    score: float
    reasons: tuple[Reason, ...]
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers that may be one, the smaller id first."""

    one: str
    other: str
    judgement: Judgement


def judge(
    one: Facts,
    other: Facts,
    rarity: Rarity = UNCOUNTED_RARITY,
    *,
    learned: Learned = _FIXED,
    support: float = 0.0,
    least: float = POSSIBLE,
) -> Judgement | None:
    """The judgement of two customers; None when less than `least` bits say that they are one."""
    found = evidence(one, other, rarity)
    guarded = _is_household(one, other, found)
    total = learned.score(found) + support
    if guarded:
        total = min(total, LIKELY - 0.1)
    reasons = _reasons(one, other, found, other_name=guarded, supported=support > 0)
    if not guarded and _is_exact(one, other, reasons):
        return Judgement(Verdict.EXACT, round(max(total, LIKELY), 1), reasons, found)
    if total < least:
        return None
    verdict = Verdict.LIKELY if total >= LIKELY else Verdict.POSSIBLE
    return Judgement(verdict, round(total, 1), reasons, found)


def _is_household(one: Facts, other: Facts, found: Mapping[str, float]) -> bool:
    """Whether two share a phone or an e-mail address, and are called otherwise."""
    if found["phone"] <= 0 and found["email"] <= 0:
        return False
    return found["name"] < _OTHER_NAME or _other_person(one, other)


def _other_person(one: Facts, other: Facts) -> bool:
    """Whether two people have first names that neither's other words explain."""
    return bool(
        one.given
        and other.given
        and not any(alike(one.given, word) for word in (other.given, *other.name))
        and not any(alike(other.given, word) for word in (one.given, *one.name))
    )


def _is_exact(one: Facts, other: Facts, reasons: Sequence[Reason]) -> bool:
    """The same name, and something of their own that both have; nothing contradicts."""
    contradict = (one.emails and other.emails and not one.emails & other.emails) or (
        one.house and other.house and one.house != other.house
    )
    certain = {Reason.SAME_EMAIL, Reason.SAME_PHONE, Reason.SAME_ADDRESS, Reason.SAME_IDENTIFIER}
    return Reason.SAME_NAME in reasons and not contradict and bool(certain & set(reasons))


def _reasons(
    one: Facts, other: Facts, found: Mapping[str, float], *, other_name: bool, supported: bool
) -> tuple[Reason, ...]:
    address = found["place"] + found["house"]
    same_place = one.place == other.place and one.house == other.house
    said = {
        Reason.SAME_NAME: bool(one.name) and set(one.name) == set(other.name),
        Reason.SIMILAR_NAME: found["name"] > _SAME_NAME and set(one.name) != set(other.name),
        Reason.SAME_EMAIL: bool(one.emails & other.emails),
        Reason.SAME_PHONE: found["phone"] > 0 and not one.phones.isdisjoint(other.phones),
        Reason.SAME_ADDRESS: bool(one.place and one.house) and same_place and found["zip"] >= 0,
        Reason.SIMILAR_ADDRESS: address >= _SAME_ADDRESS and not same_place,
        Reason.SAME_IDENTIFIER: bool(one.extra) and one.extra == other.extra,
        Reason.SHARED_LIKENESS: supported,
        Reason.OTHER_NAME: other_name,
    }
    return tuple(reason for reason, holds in said.items() if holds)


@dataclass(frozen=True, slots=True)
class Findings:
    """The pairs to review, best first, and how many were compared for them."""

    pairs: Sequence[Pair]
    compared: int


def find_pairs(records: Iterable[Facts], *, learned: Learned = _FIXED) -> Findings:
    """Every two of `records` that may be one; never all pairs are compared."""
    all_facts = sorted(records, key=lambda facts: facts.id)
    rarity = rarity_of(all_facts)
    found: dict[tuple[int, int], Judgement] = {}
    compared = 0
    for pair in candidate_pairs(all_facts):
        compared += 1
        one, other = (all_facts[i] for i in pair)
        if judgement := judge(one, other, rarity, learned=learned):
            found[pair] = judgement
    supported = _supported(found)
    compared += sum(pair not in found for pair in supported)
    for pair in supported:
        one, other = (all_facts[i] for i in pair)
        judgement = judge(one, other, rarity, learned=learned, support=_SUPPORT)
        if judgement:
            found[pair] = judgement
    pairs = [Pair(all_facts[a].id, all_facts[b].id, j) for (a, b), j in found.items()]
    pairs.sort(key=lambda p: (-p.judgement.score, p.one, p.other))
    return Findings(pairs, compared)


def _supported(found: Mapping[tuple[int, int], Judgement]) -> list[tuple[int, int]]:
    """Those that are not surely the same, and are both surely the same as one other."""
    sure: defaultdict[int, list[int]] = defaultdict(list)
    for (one, other), judgement in found.items():
        if judgement.score >= _SURE:
            sure[one].append(other)
            sure[other].append(one)
    pairs = {pair for near in sure.values() for pair in combinations(sorted(near), 2)}
    return sorted(p for p in pairs if p not in found or found[p].score < _SURE)
