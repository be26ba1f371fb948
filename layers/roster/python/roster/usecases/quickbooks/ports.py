"""What the QuickBooks use cases need from the outside, as protocols."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from roster.domain.sync.connection import (
    Answer,
    Connection,
    OAuthState,
    ReportRow,
    Run,
    SliceMessage,
    Tokens,
)
from roster.domain.sync.records import Link, TheirCustomer
from roster.usecases.ports import Clock, Customers, Page, Settings
from roster.usecases.quickbooks.decisions import Decisions
from roster.usecases.quickbooks.policies import Policies

type Sleep = Callable[[float], None]


class Connections(Protocol):
    """The connections, one per company, and the authorizations that were begun."""

    def get(self, tenant: str) -> Connection | None:
        """The connection with its tokens, strongly consistent."""

    def save_state(self, state: str, bound: OAuthState) -> None:
        """Remember an authorization that was begun."""

    def take_state(self, state: str) -> OAuthState | None:
        """Use up a `state`: the second to ask gets None."""

    def connect(self, connection: Connection) -> bool:
        """Store a (new or renewed) connection; False when another realm is connected."""

    def close(self, tenant: str, status: str, reason: str | None) -> None:
        """Make the connection unusable and forget its tokens."""

    def take_lease(self, tenant: str, now: datetime, until: datetime) -> bool:
        """Take the right to refresh; False while another worker holds it."""

    def save_tokens(self, tenant: str, tokens: Tokens, *, seen_version: int) -> bool:
        """Store a new pair and give back the lease; False when the pair moved meanwhile."""

    def release_lease(self, tenant: str) -> None:
        """Give back the lease without new tokens."""

    def begin_run(self, run: Run) -> bool:
        """Store the run as the one under way; False when one is, or nothing is connected."""

    def end_run(self, run: Run, *, cursor: datetime | None, due: datetime) -> None:
        """Store the run as it ended, where the next one reads on (None: unchanged), and when."""

    def look_again(self, tenant: str, at: datetime) -> None:
        """Have the dispatcher look at the connection at that time."""

    def due(self, now: datetime) -> Sequence[str]:
        """Tenants whose connection is due, or whose run is to be looked at."""


class SyncState(Protocol):
    """Links, runs and their reports."""

    def links(self, tenant: str, realm: str, ids: Iterable[str]) -> dict[str, Link]:
        """Links by QuickBooks id."""

    def known(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[Link]:
        """Some of all links, by their QuickBooks ids as texts."""

    def waiting(self, tenant: str, realm: str) -> Sequence[Link]:
        """Jobs whose parent was not here."""

    def save_links(self, tenant: str, realm: str, links: Sequence[Link]) -> None:
        """Write links; the same link twice is one."""

    def save_conflicts(self, run: Run, rows: Sequence[ReportRow]) -> None:
        """Put what was edited on both sides into the inbox: one entry for a record's field."""

    def run(self, tenant: str, run_id: str) -> Run | None:
        """A run, strongly consistent."""

    def runs(self, tenant: str, *, limit: int, after: str | None) -> Page[Run]:
        """The runs, newest first."""

    def checkpoint(self, before: Run, after: Run) -> bool:
        """Move the run on if its slice is still `before`'s; False otherwise."""

    def add_rows(
        self, run: Run, rows: Sequence[ReportRow], *, instead_of: Iterable[str] = ()
    ) -> None:
        """Write lines of the report, and take away those at the positions `instead_of`.

        The same line twice is one.
        """

    def count_rows(self, run: Run, prefix: str) -> Mapping[str, int]:
        """How many lines of each verb there are whose position begins with `prefix`."""

    def report(self, tenant: str, run_id: str, *, limit: int, after: str | None) -> Page[ReportRow]:
        """The lines of a run's report."""


class OAuth(Protocol):
    """Intuit's authorization server."""

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """The address a person visits to let us in."""

    def exchange(self, code: str, realm: str, redirect_uri: str) -> Tokens:
        """Tokens for an authorization code; raises GrantRefused or QuickBooksFault."""

    def refresh(self, refresh_token: str) -> Tokens:
        """A new pair; raises GrantRefused, or QuickBooksFault when there was no clear answer."""

    def revoke(self, refresh_token: str) -> None:
        """End the grant; raises QuickBooksFault when Intuit could not be told."""


class QuickBooksApi(Protocol):
    """The accounting API, as far as the pull needs it; raises QuickBooksFault."""

    def page(self, realm: str, token: str, position: int) -> Answer:
        """Up to a page of all customers in the order of their ids, active and inactive."""

    def changes(self, realm: str, token: str, since: datetime) -> Answer:
        """The customers that changed since then, as far as one answer holds them."""


class SliceQueue(Protocol):
    """The queue of slices: in order for each connection."""

    def send(self, message: SliceMessage, *, attempt: str = "") -> None:
        """Put a slice in the queue; raises Unavailable when it is not taken.

        Equal messages within five minutes are one, unless their `attempt` differs.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickBooksPorts:
    """Everything the QuickBooks use cases work with."""

    connections: Connections
    state: SyncState
    policies: Policies
    decisions: Decisions
    customers: Customers
    settings: Settings
    oauth: OAuth
    api: QuickBooksApi
    queue: SliceQueue
    read: Callable[[Mapping[str, Any]], TheirCustomer]
    clock: Clock
    sleep: Sleep
