"""What a company's own reviews teach: each field's weight moved from the fixed one, a little.

A logistic regression over the fields' evidence, for and against apart, drawn towards the fixed
setting. Deterministic: the same reviews give the same weights.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from roster.domain.duplicate_evidence import FIELDS

# Bits from which two customers are likely one; a score below is for people to decide.
LIKELY = 16.0

# How far a weight may wander: the pull towards the fixed setting, per unit squared.
_PULL, _STEPS = 0.3, 400
_BITS = 0.35 * log(2)
# A logistic curve bends by no more than this, per squared unit of evidence.
_CURVE = 0.25 * _BITS**2

# Fewer teach nothing that can be told from chance; more cost seconds and tell little more.
ENOUGH, ENOUGH_OF_A_KIND, MOST_OF_A_KIND = 20, 5, 500

type Features = tuple[float, ...]
type Evidence = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Learned:
    """Factors of each field's evidence, first for, then against, and a constant in bits."""

    factors: Features = (1.0,) * (2 * len(FIELDS))
    constant: float = 0.0

    def score(self, found: Evidence) -> float:
        """The score in bits, on the fixed setting's scale: LIKELY is still likely."""
        weighed = zip(self.factors, _features(found), strict=True)
        return self.constant + sum(factor * bits for factor, bits in weighed)


def _features(found: Evidence) -> Features:
    values = [found.get(field, 0.0) for field in FIELDS]
    return (*(max(v, 0.0) for v in values), *(min(v, 0.0) for v in values))


@dataclass(frozen=True, slots=True)
class Lesson:
    """A pair that somebody decided: what spoke for and against it then, and whether it was one."""

    evidence: Evidence
    is_one: bool


def weights_from(lessons: Iterable[Lesson]) -> tuple[Learned, int]:
    """The weights that a company's decisions suggest, and how many of them were learned from.

    The fixed setting and 0 until there are enough of both kinds; `lessons` come oldest first, and
    of very many the newest count.
    """
    by_kind: dict[bool, list[Lesson]] = {True: [], False: []}
    for lesson in lessons:
        by_kind[lesson.is_one].append(lesson)
    same, other = by_kind[True], by_kind[False]
    if len(same) + len(other) < ENOUGH or min(len(same), len(other)) < ENOUGH_OF_A_KIND:
        return Learned(), 0
    taught = [*same[-MOST_OF_A_KIND:], *other[-MOST_OF_A_KIND:]]
    return learn([(lesson.evidence, lesson.is_one) for lesson in taught]), len(taught)


def learn(reviews: Sequence[tuple[Evidence, bool]]) -> Learned:
    """The weights that reviewed pairs suggest: each pair's evidence, and whether it was one."""
    if not reviews:
        return Learned()
    rows = [(_features(found), float(same)) for found, same in reviews]
    factors, constant = list(Learned().factors), 0.0
    # Steps that cannot overshoot: each as long as the curvature it shares with all others allows.
    size = [1.0 + sum(map(abs, row)) for row, _ in rows]
    curve = [
        _PULL + _CURVE * sum(abs(row[i]) * s for (row, _), s in zip(rows, size, strict=True))
        for i in range(len(factors))
    ]
    all_curve = _PULL + _CURVE * sum(size)
    for _ in range(_STEPS):
        slope, all_slope = [_PULL * (f - 1.0) for f in factors], _PULL * constant
        for row, same in rows:
            bits = constant + sum(f * x for f, x in zip(factors, row, strict=True)) - LIKELY
            miss = (1 / (1 + exp(-_BITS * max(-300.0, min(300.0, bits))))) - same
            all_slope += miss * _BITS
            for i, x in enumerate(row):
                if x:
                    slope[i] += miss * _BITS * x
        # What speaks for two being one never comes to speak against it, nor the other way.
        factors = [max(0.0, f - s / c) for f, s, c in zip(factors, slope, curve, strict=True)]
        constant -= all_slope / all_curve
    return Learned(tuple(factors), constant)
