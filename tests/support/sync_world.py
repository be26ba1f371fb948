"""Both sides of a sync, the clock they share, and the weather."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from roster.domain.sync.policy import Policy, looks_anew
from roster.domain.sync.records import TheirCustomer
from tests.support.sync_books import LATE, Books
from tests.support.sync_roster import Roster
from tests.support.sync_run import Died, Run, Weather

_START = datetime(2026, 11, 22, 5, tzinfo=UTC)


class World:
    """A Roster company and a QuickBooks company, and one clock that is the truth."""

    def __init__(
        self,
        policy: Policy,
        *,
        skew: timedelta = timedelta(0),
        people: "Sequence[Operation]" = (),
    ) -> None:
        self.people = people
        self.now = _START
        self.skew = skew
        self.books = Books()
        self.roster = Roster(policy)
        self.fuse: int | None = None
        self.dies: Callable[[], bool] = lambda: False
        self.busy = 0.0
        self.rng = random.Random(0)  # noqa: S311 — chance, not a secret
        self.late = False

    @property
    def our_now(self) -> datetime:
        """The time by Roster's clock."""
        return self.now - self.skew

    def tick(self) -> None:
        """Between two steps of a run: the worker may die, somebody may do something."""
        self.now += timedelta(seconds=1)
        if self.fuse is not None:
            self.fuse -= 1
        if self.dies() or (self.fuse is not None and self.fuse < 0):
            raise Died
        if self.people and self.rng.random() < self.busy:
            self.do(self.rng, self.rng.choice(self.people))

    def sync(self, rng: random.Random, *, rough: bool) -> Run | None:
        """A run; a rough one may die, be late, see a shuffled list, or lose an answer."""
        self.rng = rng
        self.fuse = rng.randrange(25) if rough and rng.random() < 0.5 else None
        self.busy = 0.15 if rough and rng.random() < 0.4 else 0.0
        late = LATE * rng.random() if rough else timedelta(0)
        weather = Weather(
            tick=self.tick,
            now=lambda: self.now,
            late=lambda: late,
            lose_answer=lambda: rough and rng.random() < 0.05,
            shuffle=lambda rows: _mixed(rows, rng) if rough else rows,
            skew=self.skew,
        )
        run = Run(self.roster, self.books, weather)
        try:
            run.go()
        except Died:
            return None
        finally:
            self.fuse, self.busy = None, 0.0
        return run

    def set_policy(self, policy: Policy) -> None:
        """Somebody changes the settings."""
        self.roster.anew = self.roster.anew or looks_anew(self.roster.policy, policy)
        self.roster.policy = policy

    def do(self, rng: random.Random, what: "Operation") -> None:
        """Somebody does something, some time later."""
        self.now += timedelta(seconds=rng.choice((1, 20, 90, 600)))
        what(self, rng)

    def rest(self, runs: int) -> None:
        """Nobody does anything any more, while runs go on."""
        for _ in range(runs):
            self.now += timedelta(minutes=20)
            assert self.sync(self.rng, rough=False) is not None


def _mixed(rows: list[TheirCustomer], rng: random.Random) -> list[TheirCustomer]:
    """Doubled and out of order."""
    mixed = rows + [row for row in rows if rng.random() < 0.2]
    rng.shuffle(mixed)
    return mixed


type Operation = Callable[[World, random.Random], None]
