"""Taking the person out of a deleted customer: what is left says that it was, not who."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from roster.domain import customer as rules
from roster.domain.customer import Customer, Status
from roster.domain.errors import WrongState
from roster.domain.events import Change, Event
from roster.domain.history import typed
from roster.domain.sync.records import Link

ERASED = "[erased]"
# Invoices and books name these; whatever else a customer has is taken for personal.
KEPT = frozenset(
    {"number", "kind", "role", "external_id", "quickbooks", "status", "merged_into", "absorbed"}
)


def is_erased(customer: Customer) -> bool:
    """Whether nothing personal is left."""
    return customer.status is Status.DELETED and customer.display_name == ERASED


def erase(customer: Customer, *, now: datetime) -> Customer:
    """The customer without anything personal: a deleted one, or one merged into a deleted one.

    Raises WrongState for one that lives.
    """
    if customer.status not in (Status.DELETED, Status.MERGED):
        raise WrongState("only a deleted customer can be erased: delete it first")
    empty: dict[str, Any] = {n: typed(n, None) for n in rules.TRACKED if n not in KEPT}
    return replace(
        customer,
        **{**empty, "display_name": ERASED, "phone_e164": None, "mobile_e164": None},
        primary_location=None,
        locations_count=0,
        first_place=None,
        status=Status.DELETED,
        version=customer.version + 1,
        updated_at=now,
    )


def emptied(link: Link) -> Link:
    """The link without what it says of the person; whose it is and what it leads to stay."""
    return replace(
        link,
        name=ERASED,
        full_name=ERASED,
        base_theirs={},
        base_ours={},
        left=(),
        owed=(),
        taking={},
        to_push=False,
        address=None,
        reason=None,
        their_hash=ERASED,
        likely=(),
    )


def redact(event: Event) -> Event:
    """The event with its personal values replaced; what changed, when and by whom stays."""
    return replace(
        event,
        changes=tuple(_redacted(change) for change in event.changes),
        reason=ERASED if event.reason else None,
    )


def _redacted(change: Change) -> Change:
    if change.field in KEPT:
        return change
    return Change(change.field, _mark(change.old), _mark(change.new))


def _mark(value: Any) -> str | None:
    return None if value in (None, "", [], (), {}) else ERASED
