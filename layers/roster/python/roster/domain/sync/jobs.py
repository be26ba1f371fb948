"""Sub-customers and projects: they are jobs of their parent, and never customers of their own.

Read as customers they would be doubles: a QuickBooks job carries its parent's company name, e-mail,
phone and usually its address (S4.020–S4.023).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from roster.domain.events import Change
from roster.domain.location import Address, Location
from roster.domain.sync.fields import own_address
from roster.domain.sync.policy import Policy
from roster.domain.sync.records import (
    SHIPPING,
    Link,
    LinkKind,
    LinkStatus,
    TheirCustomer,
    location_id_for,
)
from roster.domain.sync.steps import Action, Step, Verb


def job_step(
    theirs: TheirCustomer, old: Link | None, parent: Link | None, policy: Policy, realm: str
) -> Step | None:
    """Keep a job with its parent's customer; without one it waits, and is tried again later."""
    link = _link(theirs, old, parent)
    was_here = old is not None and old.kind is LinkKind.JOB and old.customer_id is not None
    if not theirs.active and not policy.include_inactive and not was_here:
        return _aside(link, LinkStatus.SKIPPED, theirs, old, "is inactive in QuickBooks")
    if link.customer_id is None:
        return _aside(link, LinkStatus.WAITING, theirs, old, _why_waiting(parent))
    if link == old:
        return None
    site = _site(theirs, link, realm)
    actions = []
    if old is None or not was_here or _moved(old, link):
        actions.append(Action(verb=Verb.KEEP_JOB, reason=_why(link), customer_id=link.customer_id))
    if site is not None and (
        old is None or old.address != link.address or old.customer_id != link.customer_id
    ):
        actions.append(
            Action(
                verb=Verb.ADD_LOCATION,
                reason=f"Job “{link.full_name}” has an address of its own.",
                customer_id=link.customer_id,
                changes=(Change("address", old.address if old else None, link.address),),
                location=site,
            )
        )
    return Step(theirs=theirs, actions=tuple(actions), link=link)


def _link(theirs: TheirCustomer, old: Link | None, parent: Link | None) -> Link:
    customer_id = parent.customer_id if parent and parent.status is LinkStatus.LINKED else None
    if customer_id is None and old is not None and old.parent_id == theirs.parent_id:
        customer_id = old.customer_id
    edited = old is None or old.their_hash != theirs.hash
    prefix = f"{parent.full_name}:" if parent else ""
    return Link(
        quickbooks_id=theirs.id,
        kind=LinkKind.JOB,
        status=LinkStatus.LINKED,
        customer_id=customer_id,
        name=theirs.display_name,
        full_name=prefix + theirs.display_name,
        parent_id=theirs.parent_id,
        is_project=theirs.is_project,
        active=theirs.active,
        sync_token=theirs.sync_token,
        their_hash=theirs.hash,
        base_theirs=theirs.base,
        first_seen=theirs.last_updated if edited or old is None else old.first_seen,
        created_at=theirs.created_at,
        address=_address(theirs, parent),
    )


def _address(theirs: TheirCustomer, parent: Link | None) -> Address | None:
    return place_of(theirs, parent.base_theirs if parent else {})


def place_of(theirs: TheirCustomer, parent: Mapping[str, Any]) -> Address | None:
    """The address that is the job's own and not its parent's, of which `parent` has the values."""
    parents = (parent.get("billing_address"), parent.get(SHIPPING))
    return own_address(theirs.shipping_address, *parents) or own_address(
        theirs.values.get("billing_address"), *parents
    )


def _site(theirs: TheirCustomer, link: Link, realm: str) -> Location | None:
    if link.address is None or link.customer_id is None:
        return None
    return Location(
        id=location_id_for(realm, theirs),
        customer_id=link.customer_id,
        address=link.address,
        name=link.name,
        primary=False,
        quickbooks_id=link.quickbooks_id,
    )


def _moved(old: Link, new: Link) -> bool:
    return (old.their_hash, old.active, old.customer_id) != (
        new.their_hash,
        new.active,
        new.customer_id,
    )


def _why(link: Link) -> str:
    kind = "Project" if link.is_project else "Job"
    state = "" if link.active else " (inactive in QuickBooks)"
    return f"{kind} “{link.full_name}” is kept with its customer{state}."


def _why_waiting(parent: Link | None) -> str:
    if parent is None:
        return "waits for its parent, which has not come from QuickBooks yet"
    return f"waits for its parent “{parent.name}”, which was skipped"


def _aside(
    link: Link, status: LinkStatus, theirs: TheirCustomer, old: Link | None, why: str
) -> Step | None:
    reason = f"Job “{theirs.display_name}” {why}."
    aside = replace(link, status=status, customer_id=None, reason=reason)
    if aside == old and status is LinkStatus.WAITING:
        return None
    action = Action(verb=Verb.SKIP, reason=reason)
    return Step(theirs=theirs, actions=(action,), link=None if aside == old else aside)
