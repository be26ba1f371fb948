"""A record and the customer it is linked with: the fields, the status, the site, the bases."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from roster.domain.customer import Customer, Status
from roster.domain.events import Change
from roster.domain.location import Location
from roster.domain.sync.fields import (
    Bases,
    Ruling,
    Verdict,
    agreed,
    own_address,
    verdicts,
    words_of,
)
from roster.domain.sync.order import Newer, newer
from roster.domain.sync.policy import Mode, Policy, Primary
from roster.domain.sync.records import (
    ACTIVE,
    MAPPED,
    SHIPPING,
    Direction,
    Link,
    LinkKind,
    LinkStatus,
    TheirCustomer,
    location_id_for,
    our_values,
)
from roster.domain.sync.steps import Action, Look, Verb
from roster.domain.sync.usable import Usable


def is_unchanged(theirs: TheirCustomer, link: Link) -> bool:
    """Whether QuickBooks has nothing new, nor anything that was left there: most of a full list."""
    return (
        link.status is LinkStatus.LINKED
        and not link.left
        and not link.taking
        and link.sync_token == theirs.sync_token
        and (link.parent_id, link.is_project) == (theirs.parent_id, theirs.is_project)
        and link.base_theirs == theirs.base
    )


def resumed(link: Link, customer: Customer) -> Link:
    """The link as it would be, had a worker not died between the customer and the link.

    What of `taking` the customer has was agreed on when it came. Taken for an edit of ours, it
    would go to QuickBooks over what somebody has put there since.
    """
    if not link.taking:
        return link
    ours = our_values(customer)
    came = {name: value for name, value in link.taking.items() if ours.get(name) == value}
    if not came:
        return replace(link, taking={})
    return replace(
        link,
        base_ours=_with(link.base_ours, came),
        base_theirs=_with(link.base_theirs, came),
        # What QuickBooks has now was first seen after that.
        their_hash="",
        left=tuple(name for name in link.left if name not in came),
        owed=tuple(name for name in link.owed if name not in came),
        taking={},
    )


def _with(base: Mapping[str, Any], came: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**base, **came}.items() if value is not None}


def begun(link: Link, found: Iterable[Verdict]) -> Link | None:
    """The link while the verdicts are carried out here; None where they change no field."""
    taking = {v.field: v.theirs for v in found if v.ruling is Ruling.TO_HERE}
    return replace(link, taking=taking) if taking else None


def link_of(
    theirs: TheirCustomer, old: Link | None, status: LinkStatus, *, reason: str | None = None
) -> Link:
    """The link of a record that is (or may become) a customer, with the bases it had."""
    edited = old is None or old.their_hash != theirs.hash
    was = old if old is not None and old.kind is LinkKind.CUSTOMER else None
    return Link(
        quickbooks_id=theirs.id,
        kind=LinkKind.CUSTOMER,
        status=status,
        customer_id=was.customer_id if was else None,
        name=theirs.display_name,
        full_name=theirs.display_name,
        parent_id=theirs.parent_id,
        is_project=theirs.is_project,
        active=theirs.active,
        sync_token=theirs.sync_token,
        their_hash=theirs.hash,
        base_theirs=was.base_theirs if was else {},
        base_ours=was.base_ours if was else {},
        left=was.left if was else (),
        owed=was.owed if was else (),
        # QuickBooks took no edits while it was inactive: what was held back may go now.
        to_push=was is not None and (was.to_push or (theirs.active and not was.active)),
        first_seen=theirs.last_updated if edited or old is None else old.first_seen,
        looked=was.looked if was else None,
        created_at=theirs.created_at,
        direction=was.direction if was else Direction.FROM_QUICKBOOKS,
        reason=reason,
    )


def compared(
    usable: Usable,
    link: Link,
    customer: Customer,
    policy: Policy,
    look: Look,
    edited: Mapping[str, datetime],
) -> tuple[Verdict, ...]:
    """The verdict on every field; where the `link` has no bases the two have never met."""
    theirs = usable.record
    bases = Bases.of(link)

    def order(name: str) -> Newer:
        if not bases.theirs:
            return Newer(None, "the two records had never been compared before")
        fresh = theirs.hash != link.their_hash or name == ACTIVE
        looked = _latest(look.since, link.looked) if name not in link.left else None
        return newer(
            edited.get(name),
            looked=looked,
            first_seen=theirs.last_updated if fresh else link.first_seen,
            skew=look.skew,
        )

    return verdicts(
        bases, our_values(customer), theirs.base, policy, order, unusable=usable.left_out
    )


def _latest(*times: datetime | None) -> datetime | None:
    return max((t for t in times if t is not None), default=None)


def settled_link(
    theirs: TheirCustomer,
    old: Link | None,
    customer_id: str,
    found: Iterable[Verdict],
    policy: Policy,
) -> Link:
    """The link after the verdicts were carried out here."""
    link = link_of(theirs, old, LinkStatus.LINKED)
    seen = theirs.base
    if not policy.mode.pulls:
        # Its place was not taken over; to remember it would hide it from a later mode.
        seen = {k: v for k, v in seen.items() if k != SHIPPING}
        seen |= {k: v for k, v in link.base_theirs.items() if k == SHIPPING}
    after = agreed(Bases.of(link), found, seen, to_push=link.to_push)
    came = any(v.ruling is Ruling.TO_HERE for v in found)
    return replace(
        link,
        customer_id=link.customer_id or customer_id,
        base_ours=after.base_ours,
        base_theirs=after.base_theirs,
        left=after.left,
        owed=after.owed,
        to_push=after.to_push,
        direction=Direction.FROM_QUICKBOOKS if came else link.direction,
    )


def field_actions(
    found: Iterable[Verdict], customer: Customer, policy: Policy, *, first: bool = False
) -> Iterable[Action]:
    """What the verdicts do here, and what they say of edits on both sides."""
    coming = {v.field: v for v in found if v.ruling is Ruling.TO_HERE}
    changes = tuple(Change(n, coming[n].ours, coming[n].theirs) for n in MAPPED if n in coming)
    if changes:
        what = "Taken from QuickBooks" if first else "Changed in QuickBooks"
        yield Action(
            verb=Verb.UPDATE_HERE,
            reason=f"{what}: {words_of(c.field for c in changes)}.",
            customer_id=customer.id,
            changes=changes,
        )
    if (status := coming.get(ACTIVE)) is not None:
        verb = Verb.ACTIVATE_HERE if status.theirs else Verb.DEACTIVATE_HERE
        state = "active again" if status.theirs else "inactive"
        reason = f"Made {state} in QuickBooks."
        yield Action(verb=verb, reason=reason, customer_id=customer.id)
    if conflict := _conflict(tuple(found), customer, policy, first=first):
        yield conflict


def applied(customer: Customer, actions: Iterable[Action]) -> Customer:
    """The customer as these actions leave it: another record of the page may be about it too."""
    for action in actions:
        match action.verb:
            case Verb.UPDATE_HERE:
                values: dict[str, Any] = {c.field: c.new for c in action.changes}
                customer = replace(customer, **values)
            case Verb.ACTIVATE_HERE:
                customer = replace(customer, status=Status.ACTIVE)
            case Verb.DEACTIVATE_HERE:
                customer = replace(customer, status=Status.INACTIVE)
    return customer


def _conflict(
    found: tuple[Verdict, ...], customer: Customer, policy: Policy, *, first: bool
) -> Action | None:
    conflicts = tuple(v.conflict for v in found if v.conflict is not None)
    if not conflicts:
        return None
    taken = [c.field for c in conflicts if c.winner is Primary.QUICKBOOKS]
    kept = [c.field for c in conflicts if c.winner is Primary.ROSTER]
    what = "Different on the two sides" if first else "Changed on both sides since the last sync"
    said = [f"{what}: {words_of(c.field for c in conflicts)}."]
    if policy.mode is Mode.TWO_WAY:
        said += [f"{words_of([c.field])}: {c.why}." for c in conflicts]
    elif taken:
        said.append("QuickBooks leads, so its value was taken.")
    else:
        said.append("Roster leads, so its value goes to QuickBooks.")
    if policy.mode is Mode.TWO_WAY and taken:
        said.append(f"Taken from QuickBooks: {words_of(taken)}.")
    if policy.mode is Mode.TWO_WAY and kept:
        said.append(f"Kept from Roster: {words_of(kept)}.")
    return Action(
        verb=Verb.CONFLICT,
        reason=" ".join(said),
        customer_id=customer.id,
        changes=tuple(Change(c.field, c.ours, c.theirs) for c in conflicts),
        conflicts=conflicts,
    )


def site_of(theirs: TheirCustomer, customer_id: str, realm: str) -> Location | None:
    """The service location that the record's shipping address is, if it is a place of its own."""
    address = own_address(theirs.shipping_address, theirs.values.get("billing_address"))
    if address is None:
        return None
    return Location(id=location_id_for(realm, theirs), customer_id=customer_id, address=address)


def other_actions(
    theirs: TheirCustomer, link: Link, customer: Customer, policy: Policy, realm: str
) -> Iterable[Action]:
    """A new shipping address, and a customer that became a job."""
    # Beside the linked one even where that was merged into `customer`: an undo parts them.
    site = site_of(theirs, link.customer_id or customer.id, realm)
    moved = link.base_theirs.get(SHIPPING) != theirs.shipping_address
    if policy.mode.pulls and site is not None and moved:
        yield Action(
            verb=Verb.ADD_LOCATION,
            reason="The shipping address changed in QuickBooks.",
            customer_id=customer.id,
            changes=(Change("address", link.base_theirs.get(SHIPPING), theirs.shipping_address),),
            location=site,
        )
    if theirs.is_job and link.parent_id != theirs.parent_id:
        yield Action(
            verb=Verb.CONFLICT,
            reason=f"“{theirs.display_name}” became a job in QuickBooks; here it stays the"
            " customer it was.",
            customer_id=link.customer_id,
        )
