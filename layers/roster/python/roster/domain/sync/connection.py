"""A connection to a QuickBooks company: its tokens, its runs, and what can go wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from roster.domain.errors import Malformed, Unavailable, WrongState
from roster.domain.events import Change
from roster.domain.sync.outcomes import Chosen, Code, Result, result_of
from roster.domain.sync.policy import Policy
from roster.domain.sync.steps import Conflict

# An access token lives an hour; it is exchanged this long before its end.
REFRESH_BEFORE = timedelta(minutes=5)
# Longer than the token call's time-out and the write after it.
LEASE = timedelta(seconds=30)
STATE_LIFE = timedelta(minutes=10)
# QuickBooks' change feed reaches back 30 days and answers with at most 1000 records.
FEED_REACH = timedelta(days=29)
PAGE_SIZE = 1000
# The next look begins this much before the end of the last one: the feed may be late.
OVERLAP = timedelta(minutes=5)
CUSTOMER_KIND = "customer"


class ConnectionStatus(StrEnum):
    """Whether the connection can be used."""

    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Tokens:
    """The secrets of a connection; never shown, so the class has no readable form."""

    access: str
    access_expires: datetime
    refresh: str
    refresh_expires: datetime

    def usable(self, now: datetime) -> bool:
        """Whether the access token will live through the next calls."""
        return self.access_expires - REFRESH_BEFORE > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One company's connection to one QuickBooks company (`realm`, decimal digits).

    `cursor` is where the change feed is read from next, None until a first full pull is through;
    edits made here until `pushed` have gone out, and `polled` is when the lists of QuickBooks that
    no feed tells of were last read. `token_version` counts the token pairs, `run` is the run under
    way. `first_synced` is when a first whole run was through, `refused_realm` another company that
    somebody has tried to connect since, `former` those that were given up for this one and whose
    links have not ended yet.
    """

    tenant: str
    realm: str
    status: ConnectionStatus
    connected_at: datetime
    connected_by: str
    token_version: int
    tokens: Tokens | None = None
    cursor: datetime | None = None
    last_pull: datetime | None = None
    pushed: datetime | None = None
    polled: datetime | None = None
    run: str | None = None
    reason: str | None = None
    former: tuple[str, ...] = ()
    first_synced: datetime | None = None
    refused_realm: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls can be made."""
        return self.status is ConnectionStatus.CONNECTED


def why_closed(connection: Connection | None) -> str:
    """Why no call can be made, where the connection is not open."""
    return (connection.reason if connection else None) or "QuickBooks is not connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthState:
    """What an authorization that was begun is bound to; `anew` where it may be another company."""

    tenant: str
    user: str
    redirect_uri: str
    expires: datetime
    anew: bool = False


class Trigger(StrEnum):
    """Who asked for a run."""

    SCHEDULE = "schedule"
    REQUEST = "request"


class RunStatus(StrEnum):
    """How far a run has come; a paused one goes on when QuickBooks lets it."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"


class RunMode(StrEnum):
    """Everything page by page, what the change feed tells, or the lines that somebody chose."""

    FULL = "full"
    CHANGES = "changes"
    CHOSEN = "chosen"


class Phase(StrEnum):
    """What a run's next slice does: lists no feed tells of, the pull, what is owed, what changed.

    The last but one are the push; it begins when the pull is through. Invoices go in the end.
    Before all of them the links with companies that were given up end.
    """

    PARTING = "parting"
    LISTS = "lists"
    PULL = "pull"
    OWED = "owed"
    CHANGED = "changed"
    BOOKS = "books"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One sync. `slice` is the next one to do, `position` where its page starts (from 1).

    `began` is QuickBooks' own time of the first answer: the next run reads on from there. `looked`
    is where the run before it began, by the same clock, and `skew` that clock less ours. The push
    takes up what was edited here since `edited_since` (None: everything) behind `after`, and first
    the customers that are to be tried `again`, whose attempts are counted by `tries`. `former` are
    the companies that were given up and are to be parted from first, `lent` the terms and rates of
    ours that were looked for there. `reads` are those of the `calls` that QuickBooks meters;
    `polls`, the reads of whole lists, come on top.

    `kept` is of how many plans the inputs were kept, None of a run before any were. A `dry` run
    only plans, and `plan_hash` is the same for the same plan; one with a `plan` (the id of such a
    run) carries out what stood in that and no more. One that `redrives` another (its id) looks at
    the `chosen` lines of that one's report and at nothing else.
    """

    id: str
    tenant: str
    realm: str
    trigger: Trigger
    status: RunStatus
    mode: RunMode
    started_at: datetime
    touched_at: datetime
    finished_at: datetime | None = None
    policy: Policy = Policy()  # noqa: RUF009 — it cannot be changed
    phase: Phase = Phase.PULL
    anew: bool = False
    lists: bool = False
    dry: bool = False
    plan: str | None = None
    plan_hash: str = ""
    slice: int = 1
    position: int = 1
    since: datetime | None = None
    began: datetime | None = None
    looked: datetime | None = None
    skew: timedelta | None = None
    edited_since: datetime | None = None
    after: str | None = None
    again: tuple[str, ...] = ()
    tries: Mapping[str, int] = field(default_factory=dict)
    former: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()
    calls: int = 0
    reads: int = 0
    polls: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    pauses: int = 0
    not_before: datetime | None = None
    reason: str | None = None
    kept: int | None = None
    redrives: str | None = None
    chosen: tuple[Chosen, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it looks at everything that is due, so that the next one may read on from it."""
        return not self.dry and self.plan is None and self.redrives is None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.status in (RunStatus.COMPLETED, RunStatus.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One line of a run's report; `position` orders the lines, changes go from old to new.

    `kind` is what the record is to us: a customer, or "tax_rate", "payment_term"; `code` says why,
    where a program may want to know.
    """

    position: str
    verb: str
    kind: str = CUSTOMER_KIND
    quickbooks_id: str
    name: str
    reason: str
    customer_id: str | None = None
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    code: Code | None = None

    @property
    def result(self) -> Result:
        """How it went."""
        return result_of(self.verb, self.code)

    @property
    def counted_as(self) -> str:
        """The name it is counted by: the verb, with the kind unless that is a customer."""
        return self.verb if self.kind == CUSTOMER_KIND else f"{self.verb}_{self.kind}"


@dataclass(frozen=True, slots=True)
class SliceMessage:
    """What the queue carries: a slice of a run."""

    tenant: str
    realm: str
    run: str
    slice: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One page from QuickBooks: raw customers, QuickBooks' own clock, and the calls it took.

    Of what the change feed brought, `others` are the rows of other entities, by entity, and `gone`
    the ids of customers it calls deleted, of which it says nothing else.
    """

    customers: list[dict[str, Any]]
    time: datetime
    calls: int = 1
    others: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One item of a batch: `id` names it in the answer (at most 10 characters).

    `operation` is "create", "update", "delete" or "void", `body` an entity on the wire.
    """

    id: str
    operation: str
    entity: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of one item: the entity as it is now, or why not."""

    id: str
    row: Mapping[str, Any] | None = None
    fault: "QuickBooksFault | None" = None


class FaultAction(StrEnum):
    """What to do when QuickBooks refuses."""

    RETRY = "retry"
    REFRESH = "refresh"
    RECONNECT = "reconnect"
    PAUSE = "pause"
    PERMANENT = "permanent"
    # These are about one record: the others of a run go on.
    MISSING = "missing"
    RESYNC = "resync"
    REREAD = "reread"
    NUMBER_TAKEN = "number_taken"
    NAME_TAKEN = "name_taken"


class QuickBooksFault(Unavailable):
    """QuickBooks refused or could not be reached; `action` says what helps.

    `fault_code` is QuickBooks' own code, `tid` the id Intuit's support asks for, `field` the one
    it complains of, `holder` the id of who has the name already: a customer, vendor or employee.
    """

    code = "quickbooks_fault"

    def __init__(
        self,
        action: FaultAction,
        detail: str,
        *,
        fault_code: str = "",
        status: int = 0,
        tid: str = "",
        wait: timedelta | None = None,
        field: str = "",
        holder: str = "",
    ) -> None:
        super().__init__(detail)
        self.action, self.fault_code, self.status, self.tid = action, fault_code, status, tid
        self.wait, self.field, self.holder = wait, field, holder


class GrantRefused(Malformed):
    """QuickBooks no longer takes the refresh token or the authorization code."""

    code = "quickbooks_grant_refused"


class NotConnected(WrongState):
    """There is no connection that could be used."""

    code = "quickbooks_not_connected"


class OtherCompany(WrongState):
    """The company was connected to another QuickBooks company before."""

    code = "quickbooks_other_company"


class BadState(Malformed):
    """The `state` of a callback is not one of ours, has been used, or is too old."""

    code = "quickbooks_bad_state"
