"""What a preflight goes by: how things stand, our book, and QuickBooks as far as it answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from roster.domain.sync.books import TheirCompany, TheirName
from roster.domain.sync.connection import Connection, Run
from roster.domain.sync.policy import Policy
from roster.domain.sync.preflight.words import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the sync stands: None for what is not there, or was not chosen, yet."""

    now: datetime
    connection: Connection | None = None
    policy: Policy | None = None
    backup_at: datetime | None = None
    run: Run | None = None

    @property
    def has_synced(self) -> bool:
        """Whether a first sync is through."""
        return self.connection is not None and self.connection.cursor is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many records of a list are active and inactive."""

    active: int
    inactive: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked[T]:
    """What was found among the first `at` of a list; `whole` where that was all of it."""

    found: Sequence[T] = ()
    at: int = 0
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What was found among the names of our active and inactive customers.

    `refused` and `shortened` carry the rule of QuickBooks; `twice` are groups of one folded name;
    `free` those that no record of QuickBooks is linked to, by folded name.
    """

    at: int = 0
    whole: bool = True
    refused: Sequence[Example] = ()
    shortened: Sequence[Example] = ()
    twice: Sequence[Sequence[Example]] = ()
    free: Mapping[str, Example] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Our side: names, active items with an account missing, and what waits for a person.

    `undecided` and `conflicts` are None where no company was ever connected.
    """

    currency: str
    names: Names
    items: Looked[Example] = field(default_factory=Looked)
    undecided: Looked[Example] | None = None
    conflicts: Looked[Example] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """QuickBooks' side; None for what it was not asked, or did not answer, and then `silence` says
    why.

    `sites` are customers with a job that has no address of its own, among the jobs looked at.
    `refused` is set where QuickBooks wants a person to sign in again, `ended` where it says that
    the subscription is over.
    """

    company: TheirCompany | None = None
    customers: Counted | None = None
    items: Counted | None = None
    jobs: int | None = None
    sites: Looked[Example] | None = None
    holders: Looked[TheirName] | None = None
    without_accounts: Looked[Example] | None = None
    silence: str = "QuickBooks is not connected"
    refused: bool = False
    ended: bool = False
