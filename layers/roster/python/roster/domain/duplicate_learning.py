"""What a company's own reviews teach: each field's weight moved from the fixed one, a little.

A logistic regression over the fields' evidence, for and against apart, drawn towards the fixed
setting. Deterministic: the same reviews give the same weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from roster.domain.duplicate_evidence import FIELDS

# Bits from which two customers are likely one; a score below is for people to decide.
LIKELY = 16.0

# How far a weight may wander: the pull towards the fixed setting, per unit squared.
_PULL, _STEPS, _RATE = 0.3, 400, 0.5
_BITS = 0.35 * log(2)

type Features = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """Factors of each field's evidence, first for, then against, and a constant in bits."""

    factors: Features = (1.0,) * (2 * len(FIELDS))
    constant: float = 0.0

    def score(self, found: Mapping[str, float]) -> float:
        """The score in bits, on the fixed setting's scale: LIKELY is still likely."""
        weighed = zip(self.factors, _features(found), strict=True)
        return self.constant + sum(factor * bits for factor, bits in weighed)


def _features(found: Mapping[str, float]) -> Features:
    values = [found.get(field, 0.0) for field in FIELDS]
    return (*(max(v, 0.0) for v in values), *(min(v, 0.0) for v in values))


def learn(reviews: Sequence[tuple[Mapping[str, float], bool]]) -> Learned:
    """The weights that reviewed pairs suggest: each pair's evidence, and whether it was one."""
    if not reviews:
        return Learned()
    rows = [(_features(found), float(same)) for found, same in reviews]
    factors, constant = list(Learned().factors), 0.0
    # Steps as long as each feature allows: a diagonal bound of the curvature.
    curve = [
        _PULL + 0.25 * _BITS**2 * sum(row[i] ** 2 for row, _ in rows) for i in range(len(factors))
    ]
    for _ in range(_STEPS):
        slope, all_slope = [_PULL * (f - 1.0) for f in factors], _PULL * constant
        for row, same in rows:
            bits = constant + sum(f * x for f, x in zip(factors, row, strict=True)) - LIKELY
            miss = (1 / (1 + exp(-_BITS * max(-300.0, min(300.0, bits))))) - same
            all_slope += miss * _BITS
            for i, x in enumerate(row):
                if x:
                    slope[i] += miss * _BITS * x
        factors = [f - _RATE * s / c for f, s, c in zip(factors, slope, curve, strict=True)]
        constant -= _RATE * all_slope / (_PULL + 0.25 * _BITS**2 * len(rows))
    return Learned(tuple(max(0.0, f) for f in factors), constant)
