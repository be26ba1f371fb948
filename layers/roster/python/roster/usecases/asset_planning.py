"""What follows from a change of an asset: the figures, histories and lists that move with it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from roster.domain import counts
from roster.domain.activities import activity
from roster.domain.asset import Asset, AssetChange, changes_of
from roster.domain.customer import Customer
from roster.domain.events import Actor, Change, Event, EventKind, event_id
from roster.usecases.asset_ports import AssetStep, Standing
from roster.usecases.customers import read_customer
from roster.usecases.merging import Step
from roster.usecases.ports import Customers

_KINDS = {
    "added": EventKind.ASSET_ADDED,
    "moved": EventKind.ASSET_MOVED,
    "removed": EventKind.ASSET_REMOVED,
}


def plan_step(
    tenant: str,
    before: Asset | None,
    after: Asset | None,
    *,
    actor: Actor,
    now: datetime,
    customers: Customers,
) -> AssetStep:
    """The step from `before` (None for a new asset) to `after` (None for one that goes)."""
    both = [one for one in (before, after) if one is not None]
    asset = both[-1]
    verb = _verb(before, after)
    partitions = {one.customer_id for one in both}
    partitions |= {one.location_customer_id for one in both if one.location_customer_id}
    known = customers.counts(tenant, sorted(partitions))
    later = [counts.with_asset_moved(one, before, after) for one in known.values()]
    living = {i: read_customer(tenant, i, customers=customers) for i in sorted(partitions)}
    figures = _figures(before, after, living)
    heads = [
        _head_step(customer, figures[customer.id], verb, before, after, actor, now)
        for customer in {one.id: one for one in living.values()}.values()
        if customer.id in figures
    ]
    owner = living[asset.customer_id]
    told = [] if owner.id in figures else [activity(asset, verb, actor, now)]
    return AssetStep(
        before=before,
        after=after,
        entry=AssetChange(
            version=after.version if after else asset.version + 1,
            verb=verb,
            at=now,
            actor=actor,
            owner_id=asset.customer_id,
            changes=changes_of(before, after),
        ),
        heads=heads,
        living=[] if owner.id in figures else [owner],
        counts=[one for one in later if one is not known[one.customer_id]],
        places=list(_standings(before, after)),
        told=told,
    )


def _place(asset: Asset | None) -> tuple[str, str] | None:
    if asset is None or asset.location_id is None or asset.location_customer_id is None:
        return None
    return asset.location_customer_id, asset.location_id


def _verb(before: Asset | None, after: Asset | None) -> str:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    stays = before.customer_id == after.customer_id and _place(before) == _place(after)
    return "edited" if stays else "moved"


def _standings(before: Asset | None, after: Asset | None) -> Iterator[Standing]:
    old, new = _place(before), _place(after)
    if old == new:
        return
    for place, by in ((old, -1), (new, 1)):
        if place is not None:
            yield Standing(customer_id=place[0], location_id=place[1], by=by)


def _figures(
    before: Asset | None, after: Asset | None, living: Mapping[str, Customer]
) -> dict[str, tuple[int, int]]:
    """By customer that is touched, how many more it owns, and has on location.

    Touched is who owned or owns it, where that moves, and whose location it leaves or comes to,
    were it from one to another of the same customer: locations are kept by the head's version.
    """
    found: dict[str, tuple[int, int]] = {}

    def count(customer_id: str, owned: int, here: int) -> None:
        one = living[customer_id].id
        known = found.get(one, (0, 0))
        found[one] = (known[0] + owned, known[1] + here)

    if _owner(before) != _owner(after):
        for asset, by in ((before, -1), (after, 1)):
            if asset is not None:
                count(asset.customer_id, by, 0)
    for standing in _standings(before, after):
        count(standing.customer_id, 0, standing.by)
    return found


def _owner(asset: Asset | None) -> str | None:
    return asset.customer_id if asset else None


def _head_step(
    customer: Customer,
    more: tuple[int, int],
    verb: str,
    before: Asset | None,
    after: Asset | None,
    actor: Actor,
    now: datetime,
) -> Step:
    later = replace(
        customer,
        version=customer.version + 1,
        updated_at=now,
        assets_owned=customer.assets_owned + more[0],
        assets_on_location=customer.assets_on_location + more[1],
    )
    asset = after or before
    told = ("owner_id", "location_id")
    event = Event(
        id=event_id(later.version, now),
        kind=_KINDS[verb],
        customer_id=customer.id,
        version=later.version,
        at=now,
        actor=actor,
        changes=tuple(
            Change(f"assets/{asset.id}/{change.field}", change.old, change.new)
            for change in changes_of(before, after)
            if asset is not None and change.field in told
        ),
    )
    return Step(customer, later, event)
