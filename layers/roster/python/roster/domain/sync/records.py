"""What two sides say about the same customers: their record, and the link between.

`roster.domain.sync.pull` and `push` decide; this module and `steps` are the words they decide in.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from roster.domain.customer import Customer, Status
from roster.domain.ids import derived_id
from roster.domain.location import Address

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
    "payment_term_id",
    "tax_rate_id",
)
# Those of them that are ids, of our own lists; QuickBooks has other ones for the same.
PAYMENT_TERM, TAX_RATE = CHOSEN = ("payment_term_id", "tax_rate_id")
SHIPPING = "shipping_address"
# Whether it is active is one more field, under the same rule as the others.
ACTIVE = "active"
COMPARED = (*MAPPED, ACTIVE)


class LinkKind(StrEnum):
    """What a QuickBooks customer record is to us."""

    CUSTOMER = "customer"
    JOB = "job"


class LinkStatus(StrEnum):
    """How far a QuickBooks record has come.

    `waiting` is a job whose parent is not here; `merged` was merged into another in QuickBooks.
    """

    LINKED = "linked"
    WAITING = "waiting"
    SKIPPED = "skipped"
    MERGED = "merged"


class Direction(StrEnum):
    """The way the last difference went."""

    FROM_QUICKBOOKS = "from_quickbooks"
    TO_QUICKBOOKS = "to_quickbooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirCustomer:
    """A customer, sub-customer or project as QuickBooks has it.

    `values` has the keys of MAPPED that are not empty; " (deleted)" is stripped from every name.
    `last_updated` is an upper bound of the last edit, never the edit's time: invoices move it.
    `choices` are QuickBooks' ids of what it chose, None once they are in our ids among the values;
    `untold` fields are not known of it.
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
    choices: Mapping[str, str] | None = None
    untold: tuple[str, ...] = ()
    created_at: datetime
    last_updated: datetime

    @property
    def base(self) -> dict[str, Any]:
        """Everything that comes here, as a link remembers it."""
        shipping = {SHIPPING: self.shipping_address} if self.shipping_address else {}
        return {**self.values, **shipping, ACTIVE: self.active}

    @property
    def hash(self) -> str:
        """Moves when a field that comes here moves, and only then."""
        base = {name: value for name, value in self.base.items() if name != ACTIVE}
        return fingerprint({**base, "parent": self.parent_id, "project": self.is_project})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What Roster remembers of one QuickBooks record, whether or not it became something here.

    `base_theirs` is QuickBooks' side as last seen, `base_ours` ours as last agreed on: what differs
    from its base has been edited since, once there is a customer. `left` are the fields edited
    there that stayed there because Roster leads; `owed` those that ours won and that have not been
    sent, whatever they hold by now. `taking` is what a pull is giving the customer: whoever finds
    it still there comes after a worker that died, and what the customer has of it came from
    QuickBooks. `to_push` has the next push look at it though nobody touched
    the customer lately. `created_at` is QuickBooks' own and never moves; `first_seen` is its
    LastUpdatedTime when `their_hash` was first seen, `looked` that of our last write: what it has
    otherwise was edited after that. `full_name` is "Parent:Child". `likely` are the customers that
    it may be under another name, which is why it has none.
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
    base_theirs: Mapping[str, Any] = field(default_factory=dict)
    base_ours: Mapping[str, Any] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()
    taking: Mapping[str, Any] = field(default_factory=dict)
    to_push: bool = False
    first_seen: datetime
    looked: datetime | None = None
    created_at: datetime
    address: Address | None = None
    direction: Direction = Direction.FROM_QUICKBOOKS
    reason: str | None = None
    merged_into: str | None = None
    likely: tuple[str, ...] = ()

    @property
    def leads(self) -> bool:
        """Whether the record is what its customer here is compared with."""
        return (
            self.kind is LinkKind.CUSTOMER
            and self.customer_id is not None
            and self.status is not LinkStatus.MERGED
        )


def as_theirs(link: Link) -> TheirCustomer:
    """The record as the link remembers it, whose lists' values are in our ids."""
    values = {k: v for k, v in link.base_theirs.items() if k in MAPPED}
    return TheirCustomer(
        id=link.quickbooks_id,
        sync_token=link.sync_token,
        display_name=link.name,
        parent_id=link.parent_id,
        is_job=link.kind is LinkKind.JOB or link.parent_id is not None,
        is_project=link.is_project,
        active=link.active,
        values=values,
        shipping_address=link.base_theirs.get("shipping_address"),
        untold=tuple(field for field in CHOSEN if field not in values),
        created_at=link.created_at,
        last_updated=link.first_seen,
    )


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


def our_values(customer: Customer) -> dict[str, Any]:
    """Our side of everything that is compared."""
    return {**mapped_values(customer), ACTIVE: customer.status is Status.ACTIVE}


def customer_id_for(tenant: str, realm: str, theirs: TheirCustomer) -> str:
    """The one id this QuickBooks customer gets here, however often its creation is tried."""
    return derived_id("cus", theirs.created_at, tenant, realm, theirs.id)


def location_id_for(realm: str, theirs: TheirCustomer) -> str:
    """The one id of the service location that comes from this QuickBooks record's address."""
    return derived_id("loc", theirs.created_at, realm, theirs.id, "ship")


def as_number(text: str) -> tuple[int, str]:
    """Orders ids and SyncTokens: by number where they are numbers."""
    return (int(text), "") if text.isascii() and text.isdigit() else (0, text)
