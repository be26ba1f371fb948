"""Hearing of changes in QuickBooks: the next run is brought forward, once, however many tell."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from roster.domain.sync.notices import Notice
from roster.usecases.ports import Clock

# Those that come within it are read by one run, with one call.
COALESCED_FOR = timedelta(seconds=60)


class Hints(Protocol):
    """What is remembered of what was heard."""

    def companies(self, realm: str) -> Sequence[str]:
        """The tenants connected to this QuickBooks company."""

    def hurry(self, tenant: str, at: datetime) -> None:
        """Have the next run begin at that time, unless one is to begin earlier."""

    def merged(self, tenant: str, realm: str, losers: Mapping[str, str]) -> None:
        """Remember which customers were merged in QuickBooks, from the loser to the survivor."""


def hear(notices: Iterable[Notice], *, hints: Hints, clock: Clock) -> int:
    """Take notices of whatever companies, new or not, in any order; how many were news.

    They may be lost, doubled or late: a run reads what changed, and runs come without them too.
    """
    now = clock()
    by_realm: dict[str, list[Notice]] = {}
    for notice in notices:
        if notice.is_news(now):
            by_realm.setdefault(notice.realm, []).append(notice)
    for realm, heard in by_realm.items():
        losers = {n.loser: n.id for n in heard if n.loser and n.entity == "customer"}
        for tenant in hints.companies(realm):
            if losers:
                hints.merged(tenant, realm, losers)
            hints.hurry(tenant, now + COALESCED_FOR)
    return sum(map(len, by_realm.values()))
