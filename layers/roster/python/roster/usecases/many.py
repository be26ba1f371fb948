"""One verb for many customers: each item succeeds or fails by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

from roster.domain.customer import Customer
from roster.domain.errors import RosterError, StaleVersion
from roster.domain.events import Actor
from roster.usecases.customers import (
    activate_customer,
    deactivate_customer,
    edit_customer,
    own_customer,
)
from roster.usecases.deleting import delete_customer
from roster.usecases.ports import Clock, Customers, Settings
from roster.usecases.record_ports import OpenWork

# Who edits a customer in the same moment makes one try of ours fail.
_ATTEMPTS = 3


class BulkAction(StrEnum):
    """What can be done to many customers at once."""

    DEACTIVATE = "deactivate"
    ACTIVATE = "activate"
    DELETE = "delete"
    TAG = "tag"
    UNTAG = "untag"


_VERBS: Mapping[BulkAction, Callable[..., object]] = {
    BulkAction.DEACTIVATE: deactivate_customer,
    BulkAction.ACTIVATE: activate_customer,
}


def change_many(
    tenant: str,
    action: BulkAction,
    ids: Sequence[str],
    *,
    tags: Sequence[str] = (),
    leaves_open_work: bool = False,
    actor: Actor,
    customers: Customers,
    settings: Settings,
    work: OpenWork,
    tell_sync: Callable[[Customer], None],
    clock: Clock,
) -> Iterator[tuple[str, RosterError | None]]:
    """Do it to each, in order, whatever version it is at; yields the refusal of each, if any."""
    for customer_id in ids:
        change = _change(
            tenant,
            action,
            customer_id,
            tags=tags,
            leaves_open_work=leaves_open_work,
            actor=actor,
            customers=customers,
            settings=settings,
            work=work,
            tell_sync=tell_sync,
            clock=clock,
        )
        yield customer_id, _refusal(change)


def _refusal(change: Callable[[], object]) -> RosterError | None:
    for attempt in range(_ATTEMPTS):
        try:
            change()
        except StaleVersion as stale:
            if attempt == _ATTEMPTS - 1:
                return stale
        except RosterError as refusal:
            return refusal
        else:
            return None
    return None


def _change(
    tenant: str,
    action: BulkAction,
    customer_id: str,
    *,
    tags: Sequence[str],
    leaves_open_work: bool,
    actor: Actor,
    customers: Customers,
    settings: Settings,
    work: OpenWork,
    tell_sync: Callable[[Customer], None],
    clock: Clock,
) -> Callable[[], object]:
    def retag() -> Customer:
        before = own_customer(tenant, customer_id, if_version=None, customers=customers)
        if action is BulkAction.TAG:
            after = list(dict.fromkeys([*before.tags, *tags]))
        else:
            after = [tag for tag in before.tags if tag not in tags]
        return edit_customer(
            tenant,
            customer_id,
            {"tags": after},
            if_version=before.version,
            actor=actor,
            customers=customers,
            settings=settings,
            clock=clock,
        )

    if action in (BulkAction.TAG, BulkAction.UNTAG):
        return retag
    if action is BulkAction.DELETE:
        return lambda: delete_customer(
            tenant,
            customer_id,
            if_version=None,
            leaves_open_work=leaves_open_work,
            actor=actor,
            customers=customers,
            work=work,
            tell_sync=tell_sync,
            clock=clock,
        )
    return lambda: _VERBS[action](
        tenant, customer_id, if_version=None, actor=actor, customers=customers, clock=clock
    )
