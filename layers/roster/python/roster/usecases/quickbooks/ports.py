"""What the QuickBooks use cases need from the outside, as protocols."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from roster.domain.customer import Customer
from roster.domain.sync.books import TheirName, TheirTaxCode, TheirTaxRate, TheirTerm
from roster.domain.sync.connection import (
    Answer,
    Connection,
    OAuthState,
    ReportRow,
    Run,
    SliceMessage,
    Tokens,
    Written,
)
from roster.domain.sync.connection import Write as WireWrite
from roster.domain.sync.records import Link, TheirCustomer
from roster.domain.sync.replays import Inputs, Kept
from roster.domain.sync.steps import NameHolder, PushStep, Step, Write
from roster.usecases.ports import Clock, Customers, Page, Settings
from roster.usecases.quickbooks.decisions import Decisions
from roster.usecases.quickbooks.likeness import Likeness
from roster.usecases.quickbooks.money_ports import BooksApi, MoneyPorts
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

    def connect(self, connection: Connection, *, instead_of_another: bool = False) -> bool:
        """Store a (new or renewed) connection; False when another realm is connected.

        Unless it is to stand in that one's place, which is remembered as `former`.
        """

    def parted(self, tenant: str, realm: str) -> None:
        """The links with a former realm have ended."""

    def note_refused(self, tenant: str, realm: str) -> None:
        """Remember that another company was to be connected, until the right one is."""

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

    def resembling(self, tenant: str, realm: str, customer_id: str) -> Sequence[str]:
        """The QuickBooks ids whose links said, or say, that they may be the customer."""

    def holders(self, tenant: str, ids: Iterable[str]) -> dict[str, str]:
        """The customers here that say they have these QuickBooks ids, by QuickBooks id."""

    def save_conflicts(self, run: Run, rows: Sequence[ReportRow]) -> None:
        """Put what was edited on both sides into the inbox: one entry for a record's field."""

    def digest(self, run: Run, prefix: str) -> str:
        """A hash of the lines whose position begins with `prefix`: the same for the same lines."""

    def reads(self, tenant: str, month: str) -> int:
        """What runs have read of QuickBooks in a month (2026-11)."""

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

    def rows(self, tenant: str, run_id: str, positions: Sequence[str]) -> Mapping[str, ReportRow]:
        """The lines at these positions, as far as they are there."""

    def report(self, tenant: str, run_id: str, *, limit: int, after: str | None) -> Page[ReportRow]:
        """The lines of a run's report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Writes that are sent in one call, by the step each belongs to, and the slice they are of.

    With them goes where the slice would end: behind `after`, with these to be tried `again`, and
    the `owed` looked at.
    """

    run: str
    slice: int
    at: datetime
    steps: tuple[PushStep, ...]
    after: str | None = None
    again: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()


class Outbox(Protocol):
    """What is on its way to QuickBooks."""

    def batch(self, tenant: str, realm: str) -> Batch | None:
        """The batch that has not been answered yet, whichever run it was of."""

    def keep(self, tenant: str, realm: str, batch: Batch) -> None:
        """Keep a batch before it is sent."""

    def drop(self, tenant: str, realm: str) -> None:
        """The batch has been answered, and the answer is kept."""

    def owe(self, tenant: str, realm: str, customer_ids: Iterable[str]) -> None:
        """Have the next push look at these customers though nobody edits them."""

    def settle(self, tenant: str, realm: str, customer_ids: Iterable[str]) -> None:
        """These customers have been looked at."""

    def owed(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[str]:
        """Some of those that are owed a look."""


class Names(Protocol):
    """Who has which name in QuickBooks."""

    def save(self, tenant: str, realm: str, names: Iterable[TheirName]) -> None:
        """Keep the names of customers; what a customer was called before may stay."""

    def list_again(self, tenant: str, realm: str, kind: str, names: Sequence[TheirName]) -> None:
        """Keep all names of a kind ("vendor", "employee"), in the place of those known so far."""

    def listed(self, tenant: str, realm: str, kind: str) -> Sequence[TheirName]:
        """All names of a kind as they were listed last."""

    def want(self, tenant: str, realm: str, wanted: Mapping[str, str]) -> None:
        """Remember the customers (by id) that cannot have a name because it is taken."""

    def wanting(self, tenant: str, realm: str, names: Iterable[str]) -> Mapping[str, str]:
        """Those that could not have one of these names."""

    def forget_wanted(self, tenant: str, realm: str, wanted: Mapping[str, str]) -> None:
        """They are looked at again: they may have their name now."""

    def holders(
        self, tenant: str, realm: str, names: Iterable[str]
    ) -> Mapping[str, tuple[NameHolder, ...]]:
        """By folded name who has it, or had it."""


class Rehearsals(Protocol):
    """What would be after a run that only plans."""

    def save_links(self, run: Run, links: Sequence[Link]) -> None:
        """Keep links as they would be."""

    def links(self, run: Run, ids: Iterable[str]) -> dict[str, Link]:
        """Those of the links that would be otherwise."""

    def waiting(self, run: Run) -> Sequence[Link]:
        """The jobs that would wait."""

    def resembling(self, run: Run, customer_id: str) -> Sequence[str]:
        """The QuickBooks ids whose links would say that they may be the customer."""

    def save_customer(self, run: Run, customer: Customer) -> None:
        """Keep a customer as it would be."""

    def customers(self, run: Run, ids: Iterable[str]) -> dict[str, Customer]:
        """Those of the customers that would be otherwise."""

    def named(self, run: Run, name: str) -> Sequence[str]:
        """The ids of customers that would have a name; of all that would be otherwise for ""."""

    def holders(self, run: Run, ids: Iterable[str]) -> dict[str, str]:
        """The customers that would have these QuickBooks ids."""

    def owed(self, run: Run, *, limit: int, after: str | None) -> Page[str]:
        """The customers that would be owed a look."""

    def take_names(self, run: Run, holders: Iterable[NameHolder]) -> None:
        """Keep who would have which name in QuickBooks."""

    def takers(self, run: Run, name: str) -> Sequence[NameHolder]:
        """Who would have a name in QuickBooks."""

    def plan(self, run: Run, fingerprints: Iterable[str]) -> None:
        """Keep the steps of the plan."""

    def planned(self, tenant: str, run_id: str, fingerprints: Iterable[str]) -> set[str]:
        """Those of the steps that stood in the plan of that run."""


class KeptInputs(Protocol):
    """What plans were made from, for ninety days."""

    def keep(self, run: Run, inputs: Inputs, steps: Sequence[Step | PushStep]) -> str:
        """Keep a plan of the run's slice before it is carried out; returns its name.

        The same plan made again has the same name, another one of the slice stands beside it.
        """

    def names(self, tenant: str, run_id: str) -> Sequence[str]:
        """The names of a run's plans, slice by slice."""

    def read(self, tenant: str, run_id: str, name: str) -> Kept | None:
        """A plan; None once it is gone."""

    def engine(self) -> str:
        """What tells one version of the rules from another."""


class Merges(Protocol):
    """What was heard of merges in QuickBooks."""

    def merges(self, tenant: str, realm: str) -> Mapping[str, str]:
        """From the loser to the survivor."""


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


class QuickBooksApi(BooksApi, Protocol):
    """The accounting API; raises QuickBooksFault."""

    def batch(
        self, realm: str, token: str, writes: Sequence[WireWrite], *, request_id: str
    ) -> tuple[Sequence[Written], int]:
        """Up to 30 writes in one call, each of which succeeds or fails by itself; and the calls."""

    def page(self, realm: str, token: str, position: int) -> Answer:
        """Up to a page of all customers in the order of their ids, active and inactive."""

    def changes(
        self, realm: str, token: str, since: datetime, entities: Sequence[str] = ("Customer",)
    ) -> Answer:
        """What changed since then of these entities, as far as one answer holds it."""

    def count(self, realm: str, token: str, entity: str, **is_: bool) -> tuple[int, int]:
        """How many of an entity have these flags (`Active=True`), and the calls it took."""

    def jobs(self, realm: str, token: str) -> tuple[Sequence[Mapping[str, Any]], int]:
        """A page of the active customers that stand below another, and the calls it took."""

    def hurried(self, seconds: float) -> "QuickBooksApi":
        """The same for whom somebody waits: each call is made once and lasts no longer."""


class SliceQueue(Protocol):
    """The queue of slices: in order for each connection."""

    def send(self, message: SliceMessage, *, attempt: str = "") -> None:
        """Put a slice in the queue; raises Unavailable when it is not taken.

        Equal messages within five minutes are one, unless their `attempt` differs.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """QuickBooks' rows as records, and a write as it goes over the wire under an id."""

    customer: Callable[[Mapping[str, Any]], TheirCustomer]
    code: Callable[[Mapping[str, Any]], TheirTaxCode]
    rate: Callable[[Mapping[str, Any]], TheirTaxRate]
    term: Callable[[Mapping[str, Any]], TheirTerm]
    name: Callable[[str, Mapping[str, Any]], TheirName]
    write: Callable[[Write, str], WireWrite]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickBooksPorts:
    """Everything the QuickBooks use cases work with."""

    connections: Connections
    state: SyncState
    policies: Policies
    decisions: Decisions
    outbox: Outbox
    names: Names
    merges: Merges
    likeness: Likeness
    rehearsals: Rehearsals
    kept: KeptInputs
    customers: Customers
    settings: Settings
    money: MoneyPorts
    oauth: OAuth
    api: QuickBooksApi
    queue: SliceQueue
    wire: Wire
    clock: Clock
    sleep: Sleep
