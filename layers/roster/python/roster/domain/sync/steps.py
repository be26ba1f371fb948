"""What is to be done: the dry run, the report and the work list are all made of these."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from roster.domain.customer import Customer
from roster.domain.events import Change
from roster.domain.location import Location
from roster.domain.sync.outcomes import Code
from roster.domain.sync.policy import MappingOption, Primary
from roster.domain.sync.records import Link, TheirCustomer, canonical, fingerprint


class Verb(StrEnum):
    """What is done about one record."""

    CREATE_HERE = "create_here"
    UPDATE_HERE = "update_here"
    ACTIVATE_HERE = "activate_here"
    DEACTIVATE_HERE = "deactivate_here"
    CREATE_THERE = "create_there"
    UPDATE_THERE = "update_there"
    ACTIVATE_THERE = "activate_there"
    DEACTIVATE_THERE = "deactivate_there"
    LINK = "link"
    UNLINK = "unlink"
    KEEP_JOB = "keep_job"
    ADD_LOCATION = "add_location"
    SKIP = "skip"
    CONFLICT = "conflict"
    UNCHANGED = "unchanged"


# Verbs that only say something: a plan without any other writes nothing.
SAID = frozenset({Verb.SKIP, Verb.CONFLICT, Verb.UNCHANGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field edited on both sides: what was agreed on, what each has now, who won and why."""

    field: str
    base: Any
    ours: Any
    theirs: Any
    winner: Primary
    why: str


class Closeness(StrEnum):
    """How near a customer here comes to one in QuickBooks; only a single exact one is linked."""

    EXACT = "exact"
    LIKELY = "likely"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A customer that may be the same as the record; `score` is in bits, the higher the surer."""

    customer_id: str
    quickbooks_id: str
    closeness: Closeness
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person chose for a QuickBooks customer in the mapping; `name` is its name here."""

    option: MappingOption
    customer_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to do, with a reason a bookkeeper understands; changes go from old to new."""

    verb: Verb
    reason: str
    customer_id: str | None = None
    changes: tuple[Change, ...] = ()
    location: Location | None = None
    conflicts: tuple[Conflict, ...] = ()
    code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is done about one QuickBooks record: its actions in order, and then its link.

    `begun` is the link while they are being done, where they change what it compares.
    """

    theirs: TheirCustomer
    actions: tuple[Action, ...] = ()
    begun: Link | None = None
    link: Link | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One sparse update of a QuickBooks record, or a new one where `quickbooks_id` is None.

    `fields` is what is sent (None empties a field), `ours` what we had in these fields then, and
    `choices` QuickBooks' ids of what of it is chosen from lists. To be kept until it is answered:
    sent again as it is, it is answered as it was the first time.
    """

    customer_id: str
    version: int
    quickbooks_id: str | None
    sync_token: str | None
    fields: Mapping[str, Any]
    ours: Mapping[str, Any]
    choices: Mapping[str, str] = field(default_factory=dict)

    def request_id(self, tenant: str, realm: str) -> str:
        """QuickBooks' `requestid`: the same for the same write, and for no other."""
        sent = {name: [value] for name, value in self.fields.items()}
        place = (tenant, realm, self.customer_id, self.version, self.quickbooks_id, self.sync_token)
        return fingerprint({"of": place, "sent": sent})


@dataclass(frozen=True, slots=True, kw_only=True)
class PushStep:
    """What is done about one customer of ours: its actions, the one write they take, the link.

    A write's link is made of its answer, by `push.settled`.
    """

    customer_id: str
    name: str
    quickbooks_id: str | None
    actions: tuple[Action, ...] = ()
    write: Write | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Our side of a pull.

    Links by QuickBooks id, customers by id, ids by folded name and by the QuickBooks id they say
    they have, decisions and likely candidates by QuickBooks id, the times of our last edits by
    customer and field, and QuickBooks' merges, from the loser to the survivor.
    """

    links: Mapping[str, Link] = field(default_factory=dict)
    customers: Mapping[str, Customer] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    holders: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    likely: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    edited: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    merges: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """When we looked: edits of theirs that show now were made after `since`, by their clock.

    `skew` is their clock less ours, None where it is not known.
    """

    since: datetime | None = None
    skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class NameHolder:
    """Who has a name in QuickBooks: `kind` is customer, vendor or employee.

    `coming` is the id of a customer of ours that is only on its way there, by that name.
    """

    kind: str
    id: str
    name: str
    active: bool = True
    coming: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """QuickBooks' side of a push: the leading links by customer id, holders by folded name.

    `likely` are the records without a customer that may be one of ours, by customer id. `choices`
    are its ids of our payment terms and tax rates, by ours.
    """

    links: Mapping[str, Link] = field(default_factory=dict)
    names: Mapping[str, tuple[NameHolder, ...]] = field(default_factory=dict)
    likely: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)


def plan_as_text(steps: Iterable[Step | PushStep]) -> str:
    """The plan as canonical JSON: byte-identical for identical plans."""
    return canonical([asdict(step) for step in steps])


def fingerprint_of(step: Step | PushStep) -> str:
    """What a step does, as a short text; an invoice in between does not make it another step."""
    record = step.theirs.id if isinstance(step, Step) else step.quickbooks_id
    ours = step.customer_id if isinstance(step, PushStep) else None
    actions = [asdict(action) for action in step.actions]
    return fingerprint({"theirs": record, "ours": ours, "actions": actions})


def approved[S: (Step, PushStep)](steps: Iterable[S], fingerprints: Collection[str]) -> list[S]:
    """Those of `steps` that were approved; who only says something does so anyway."""
    return [
        step
        for step in steps
        if all(a.verb in SAID for a in step.actions) or fingerprint_of(step) in fingerprints
    ]
