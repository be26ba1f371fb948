"""Labelled sets of duplicates from ROSTER_DATA, and how well duplicates are found in them."""

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from roster.domain.duplicate_evidence import evidence, rarity_of
from roster.domain.duplicate_facts import Facts, facts
from roster.domain.duplicate_learning import Learned, learn
from roster.domain.duplicates import Findings, Verdict, find_pairs

type Pairs = frozenset[tuple[str, str]]

REVIEWED, _SCORES_REVIEWED = 200, (8.0, 30.0)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Customers of which it is known which are the same.

    `typed` is what somebody types who creates them: their names, e-mail and phone, by id.
    """

    customers: Sequence[Facts]
    same: Pairs
    typed: Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What was found, against what is true; comparisons are per customer."""

    precision: float
    recall: float
    comparisons: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def folder() -> Path | None:
    """Where the labelled sets are, or None."""
    root = os.environ.get("ROSTER_DATA")
    found = Path(root) / "duplicates" if root else None
    return found if found and found.is_dir() else None


def accuracy(
    labelled: Labelled, learned: Learned | None = None, ignored: Pairs = frozenset()
) -> Accuracy:
    """How well exact and likely pairs match the truth; `ignored` pairs do not count."""
    findings = find_pairs(labelled.customers, learned=learned or Learned())
    found = {
        (p.one, p.other) for p in findings.pairs if p.judgement.verdict is not Verdict.POSSIBLE
    } - ignored
    true = labelled.same - ignored
    right = len(found & true)
    compared = findings.compared / len(labelled.customers)
    return Accuracy(right / len(found), right / len(true), compared)


def after_reviews(labelled: Labelled) -> Accuracy:
    """The accuracy on all other pairs once 200 pairs of the review list have been decided.

    They are taken evenly from those in doubt, from the doubtful to the nearly certain.
    """
    low, high = _SCORES_REVIEWED
    findings: Findings = find_pairs(labelled.customers)
    doubtful = [(p.one, p.other) for p in findings.pairs if low <= p.judgement.score <= high]
    reviewed = [doubtful[i * len(doubtful) // REVIEWED] for i in range(REVIEWED)]
    by_id = {one.id: one for one in labelled.customers}
    rarity = rarity_of(labelled.customers)
    learned = learn(
        [(evidence(by_id[a], by_id[b], rarity), (a, b) in labelled.same) for a, b in reviewed]
    )
    return accuracy(labelled, learned, frozenset(reviewed))


def _rows(name: str) -> list[dict[str, str]]:
    root = folder()
    assert root is not None
    with (root / name).open(encoding="utf-8", newline="") as text:
        return [{k.strip(): (v or "").strip() for k, v in r.items()} for r in csv.DictReader(text)]


def _same_key(keys: Mapping[str, str]) -> Pairs:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for one, key in keys.items():
        groups[key].append(one)
    return _ordered(pair for group in groups.values() for pair in combinations(group, 2))


def _ordered(pairs: Iterable[tuple[str, str]]) -> Pairs:
    return frozenset((min(pair), max(pair)) for pair in pairs)


def _febrl(name: str, *, identifiers: bool) -> Labelled:
    rows = _rows(name)
    customers = [
        facts(
            id=row["rec_id"],
            names=[f"{row['given_name']} {row['surname']}"],
            street=f"{row['street_number']} {row['address_1']}",
            unit=row["address_2"],
            city=row["suburb"],
            zip=row["postcode"],
            born=row["date_of_birth"] if identifiers else None,
            extra=row["soc_sec_id"] if identifiers else None,
        )
        for row in rows
    ]
    same = _same_key({r["rec_id"]: r["rec_id"].split("-")[1] for r in rows})
    names = ("given_name", "surname")
    typed = {r["rec_id"]: {"company_name": " ".join(r[n] for n in names).strip()} for r in rows}
    return Labelled(customers, same, typed)


def febrl1() -> Labelled:
    """1,000 people, each entered twice, with all their fields."""
    return _febrl("febrl_dataset1.csv", identifiers=True)


def febrl3() -> Labelled:
    """5,000 people, some entered up to six times, with names and addresses only."""
    return _febrl("febrl_dataset3.csv", identifiers=False)


def chicago() -> Labelled:
    """3,337 entries of sites of early childhood education, from real lists."""
    rows = _rows("dedupe_csv_example_input_with_true_ids.csv")
    customers = [
        facts(
            id=str(at),
            names=[row["Site name"]],
            street=row["Address"],
            zip=row["Zip"],
            phones=[row["Phone"]],
            emails=[row["Email Address"]],
        )
        for at, row in enumerate(rows)
    ]
    same = _same_key({str(at): r["True Id"] for at, r in enumerate(rows)})
    typed = {
        str(at): {
            "company_name": " ".join(row["Site name"].split()),
            "email": row["Email Address"],
            "phone": row["Phone"],
        }
        for at, row in enumerate(rows)
    }
    return Labelled(customers, same, typed)


def restaurants() -> Labelled:
    """863 entries of two restaurant guides, Fodor's and Zagat's."""
    rows = _rows("hpi_restaurants_fodors_zagat.csv")
    customers = [
        facts(
            id=row["id"],
            names=[row["name"]],
            street=row["addr"],
            city=row["city"],
            phones=[row["phone"]],
        )
        for row in rows
    ]
    typed = {row["id"]: {"company_name": row["name"], "phone": row["phone"]} for row in rows}
    gold = _rows("hpi_restaurants_gold.csv")
    return Labelled(customers, _ordered((row["p1"], row["p2"]) for row in gold), typed)


# Name, set, the least F1 that is good enough.
SETS: Sequence[tuple[str, Callable[[], Labelled], float]] = (
    ("FEBRL 1, all fields", febrl1, 0.99),
    ("FEBRL 3, names and addresses", febrl3, 0.99),
    ("Chicago sites", chicago, 0.92),
    ("Fodor's and Zagat's restaurants", restaurants, 0.95),
)
LEARNED_F1, MOST_COMPARISONS = 0.96, 50
