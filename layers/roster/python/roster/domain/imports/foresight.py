"""What the rows of a file do to one another, learnt by planning the file once.

A row is judged by what the whole file says, not only by the rows above it. Otherwise the same file,
met by the customers that it has left behind, would do more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from roster.domain.imports.cards import name_hash
from roster.domain.matching import MatchCard

type Value = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What is known of a file before its first row is planned.

    `several` are customers of whom several rows speak, `contested` numbers and ids that a row takes
    from a customer for whom another asks, `named_late` customers whose first row does not name
    them while another does, `cards` customers as they will be, by their cards as they are.
    """

    several: frozenset[str] = frozenset()
    contested: frozenset[Value] = frozenset()
    named_late: frozenset[str] = frozenset()
    cards: Mapping[MatchCard, MatchCard] = field(default_factory=dict)


NOTHING = Foresight()


@dataclass(slots=True)
class Insight:
    """What a plan in the making learns, on top of what was foreseen."""

    foreseen: Foresight = NOTHING
    several: set[str] = field(default_factory=set)
    named_late: set[str] = field(default_factory=set)
    unnamed: set[str] = field(default_factory=set)
    cards: dict[MatchCard, MatchCard] = field(default_factory=dict)
    # Values that rows ask for though somebody has them, and values whose holders let go of them.
    wanted: set[Value] = field(default_factory=set)
    given_up: set[Value] = field(default_factory=set)
    # Hashes of names at which several rows looked.
    looked_at_twice: set[bytes] = field(default_factory=set)

    def foresight(self) -> Foresight:
        """What is known by now; equal to what was foreseen once there is no more to learn."""
        was, twice = self.foreseen, self.looked_at_twice
        return Foresight(
            several=frozenset(self.several),
            contested=was.contested | (self.wanted & self.given_up),
            named_late=was.named_late | self.named_late,
            cards={
                old: new
                for old, new in self.cards.items()
                if name_hash(old.name) in twice or name_hash(new.name) in twice
            },
        )
