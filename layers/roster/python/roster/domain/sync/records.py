"""What two sides say about the same customers: their record, the link between, and what to do.

`roster.domain.sync.plan` decides; this module is the words it decides in.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from roster.domain.customer import Customer
from roster.domain.events import Change
from roster.domain.ids import derived_id
from roster.domain.location import Address, Location

# The fields both sides have, by our names. Notes and attachments are not carried (S4.089).
MAPPED = (
    "display_name",
    "company_name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "website",
    "billing_address",
)
SHIPPING = "shipping_address"


class Mode(StrEnum):
    """Which side a difference moves to."""

    QUICKBOOKS_TO_ROSTER = "quickbooks_to_roster"


class Verb(StrEnum):
    """What is done about one record."""

    CREATE_HERE = "create_here"
    UPDATE_HERE = "update_here"
    ACTIVATE_HERE = "activate_here"
    DEACTIVATE_HERE = "deactivate_here"
    LINK = "link"
    KEEP_JOB = "keep_job"
    ADD_LOCATION = "add_location"
    SKIP = "skip"
    CONFLICT = "conflict"


class LinkKind(StrEnum):
    """What a QuickBooks customer record is to us."""

    CUSTOMER = "customer"
    JOB = "job"


class LinkStatus(StrEnum):
    """How far a QuickBooks record has come; `waiting` is a job whose parent is not here."""

    LINKED = "linked"
    WAITING = "waiting"
    SKIPPED = "skipped"


class Direction(StrEnum):
    """The way the last difference went."""

    FROM_QUICKBOOKS = "from_quickbooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a company wants its pull: inactive records that are not here yet stay away."""

    mode: Mode = Mode.QUICKBOOKS_TO_ROSTER
    include_inactive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirCustomer:
    """A customer, sub-customer or project as QuickBooks has it.

    `values` has the keys of MAPPED that are not empty; " (deleted)" is stripped from every name.
    `last_updated` is an upper bound of the last edit, never the edit's time: invoices move it.
    """

    id: str
    sync_token: str
    display_name: str
    parent_id: str | None = None
    is_job: bool = False
    is_project: bool = False
    active: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)
    shipping_address: Address | None = None
    created_at: datetime
    last_updated: datetime

    @property
    def base(self) -> dict[str, Any]:
        """Everything mapped, as a link remembers it."""
        shipping = {SHIPPING: self.shipping_address} if self.shipping_address else {}
        return {**self.values, **shipping}

    @property
    def hash(self) -> str:
        """Moves when a mapped field moves, and only then."""
        return fingerprint({**self.base, "parent": self.parent_id, "project": self.is_project})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What Roster remembers of one QuickBooks record, whether or not it became something here.

    `base` is QuickBooks' side when last synced: what differs from it has been edited since.
    `created_at` is QuickBooks' own and never moves; `first_seen` is the LastUpdatedTime at which
    `their_hash` was first seen, so that a later two-way sync can order a real edit against ours.
    `full_name` is "Parent:Child".
    """

    quickbooks_id: str
    kind: LinkKind
    status: LinkStatus
    customer_id: str | None
    name: str
    full_name: str
    parent_id: str | None = None
    is_project: bool = False
    active: bool = True
    sync_token: str
    their_hash: str
    our_hash: str | None = None
    base: Mapping[str, Any] = field(default_factory=dict)
    first_seen: datetime
    created_at: datetime
    address: Address | None = None
    direction: Direction = Direction.FROM_QUICKBOOKS
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to do, with a reason a bookkeeper understands; a conflict has both values."""

    verb: Verb
    reason: str
    customer_id: str | None = None
    changes: tuple[Change, ...] = ()
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is done about one QuickBooks record: its actions in order, and then its link."""

    theirs: TheirCustomer
    actions: tuple[Action, ...] = ()
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Our side of a plan: links by QuickBooks id, customers by id, ids by folded name."""

    links: Mapping[str, Link] = field(default_factory=dict)
    customers: Mapping[str, Customer] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def canonical(value: Any) -> str:
    """One text per value, whatever the order of its keys; absent and None are the same."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, datetime) else value


def fingerprint(values: Mapping[str, Any]) -> str:
    """A short hash of `values`."""
    return hashlib.sha256(canonical(values).encode()).hexdigest()[:32]


def mapped_values(customer: Customer) -> dict[str, Any]:
    """Our side of the mapped fields, without empties."""
    return {name: value for name in MAPPED if (value := getattr(customer, name))}


def customer_id_for(tenant: str, realm: str, theirs: TheirCustomer) -> str:
    """The one id this QuickBooks customer gets here, however often its creation is tried."""
    return derived_id("cus", theirs.created_at, tenant, realm, theirs.id)


def location_id_for(realm: str, theirs: TheirCustomer) -> str:
    """The one id of the service location that comes from this QuickBooks record's address."""
    return derived_id("loc", theirs.created_at, realm, theirs.id, "ship")
