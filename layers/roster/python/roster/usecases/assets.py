"""What a company does with equipment: whose it is, and at whose location it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from roster.domain import counts
from roster.domain.asset import Asset, AssetChange, AssetStatus, check_asset
from roster.domain.customer import Customer
from roster.domain.errors import FieldError, Gone, Invalid, NotFound, StaleVersion
from roster.domain.events import Actor
from roster.domain.location import Location
from roster.domain.record import Family, moved, record_id
from roster.usecases.asset_planning import plan_step
from roster.usecases.asset_ports import Assets, AssetStep, Relation
from roster.usecases.customers import read_customer
from roster.usecases.joining import owners
from roster.usecases.part_ports import Parts
from roster.usecases.ports import Clock, Customers, Page
from roster.usecases.record_keeping import refuse_stale

# Others may move one of the customers meanwhile, which is no reason to refuse.
_ATTEMPTS = 8
_PLACING = ("owner_id", "location_id", "location_customer_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Through which customer, who asks, and what it takes."""

    tenant: str
    customer_id: str
    actor: Actor
    customers: Customers
    assets: Assets
    locations: Parts[Location]
    clock: Clock


def add_asset(call: Call, values: Mapping[str, Any], *, request_key: str | None = None) -> Asset:
    """A new asset, of the customer unless `owner_id` names another; raises Invalid."""

    def step(here: Customer, now: datetime) -> AssetStep:
        blank = Asset(
            id=record_id(Family.ASSET, now),
            tenant=call.tenant,
            customer_id=here.id,
            created_at=now,
            updated_at=now,
            created_by=call.actor,
            name="",
        )
        return _planned(call, None, _edited(call, blank, values), now)

    return _tried(call, step, request_key)


def change_asset(
    call: Call, asset_id: str, values: Mapping[str, Any], *, if_version: int | None
) -> Asset:
    """Merge `values` into the asset; another owner or place moves it. Raises Invalid."""

    def step(here: Customer, now: datetime) -> AssetStep | Asset:
        before = _found(call, here, asset_id)
        refuse_stale(before, if_version)
        after = moved(before, _edited(call, before, values), now)
        return before if after is before else _planned(call, before, after, now)

    return _tried(call, step)


def remove_asset(call: Call, asset_id: str, *, if_version: int | None) -> None:
    """Remove an asset; its history and the timelines keep that it was there."""

    def step(here: Customer, now: datetime) -> AssetStep:
        before = _found(call, here, asset_id)
        refuse_stale(before, if_version)
        return _planned(call, before, None, now)

    _tried(call, step)


def _tried(
    call: Call,
    step: Callable[[Customer, datetime], AssetStep | Asset],
    request_key: str | None = None,
) -> Asset:
    for _ in range(_ATTEMPTS):
        here = read_customer(call.tenant, call.customer_id, customers=call.customers)
        planned = step(here, call.clock())
        if isinstance(planned, Asset):
            return planned
        try:
            return call.assets.commit(planned, request_key=request_key)
        except StaleVersion:
            continue
    raise StaleVersion("the asset or one of its customers keeps changing")


def read_asset(call: Call, asset_id: str) -> Asset:
    """An asset that the customer owns or that is at one of its locations; raises NotFound, Gone."""
    here = read_customer(call.tenant, call.customer_id, customers=call.customers)
    return _found(call, here, asset_id)


def _found(call: Call, here: Customer, asset_id: str) -> Asset:
    found = call.assets.get(call.tenant, owners(here), asset_id)
    found = found or call.assets.placed(call.tenant, owners(here), asset_id)
    if found is None:
        raise NotFound(f"the customer has no asset {asset_id}")
    return found


def list_assets(
    call: Call,
    relation: Relation,
    *,
    limit: int,
    after: str | None,
    keeps: Callable[[Asset], bool],
) -> Page[Asset]:
    """The assets so related to the customer, newest first; raises NotFound, Gone."""
    here = read_customer(call.tenant, call.customer_id, customers=call.customers)
    return call.assets.related(
        call.tenant, owners(here), relation, limit=limit, after=after, keeps=keeps
    )


def asset_changes(call: Call, asset_id: str, *, limit: int, after: str | None) -> Page[AssetChange]:
    """What became of the asset, newest first; raises NotFound, Gone."""
    read_asset(call, asset_id)
    return call.assets.changes(call.tenant, asset_id, limit=limit, after=after)


def read_counts(customer: Customer, *, customers: Customers) -> counts.Breakdown:
    """The customer's assets and sites by type and status, those of all merged into it included."""
    stored = customers.counts(customer.tenant, owners(customer))
    return counts.breakdown(customer, stored.values())


def _planned(call: Call, before: Asset | None, after: Asset | None, now: datetime) -> AssetStep:
    return plan_step(
        call.tenant, before, after, actor=call.actor, now=now, customers=call.customers
    )


def _edited(call: Call, before: Asset, values: Mapping[str, Any]) -> Asset:
    """`before` with `values` merged in, owner and place looked up; raises Invalid."""
    fields = {k: v for k, v in values.items() if k not in _PLACING}
    if fields.get("status", "") is None:
        fields["status"] = AssetStatus.ACTIVE
    merged = {name: getattr(before, name) for name in ("installed_on", "warranty_until")} | fields
    errors = check_asset(merged)
    if not fields.get("name", before.name):
        errors.append(FieldError("/name", "required", "an asset needs a name"))
    given: dict[str, Any] = {k: v or None for k, v in fields.items() if k != "name"}
    after = replace(before, **given, name=fields.get("name") or before.name)
    if values.get("owner_id", "") is None:
        errors.append(FieldError("/owner_id", "required", "an asset has an owner"))
    elif "owner_id" in values:
        owner = _customer(call, values["owner_id"], "/owner_id", errors)
        if owner is not None and after.customer_id not in owners(owner):
            after = replace(after, customer_id=owner.id)
    after = _placed(call, before, after, values, errors)
    if errors:
        raise Invalid(errors)
    return after


def _placed(
    call: Call, before: Asset, after: Asset, values: Mapping[str, Any], errors: list[FieldError]
) -> Asset:
    """`after` at the location that `values` names, found with its owner unless told where."""
    whose = values.get("location_customer_id")
    if "location_id" not in values:
        if whose is not None:
            detail = "names the customer of a location: send location_id with it"
            errors.append(FieldError("/location_customer_id", "without_location_id", detail))
        return after
    wanted = values["location_id"]
    if wanted is None:
        return replace(after, location_id=None, location_customer_id=None)
    if whose is not None:
        places = [_customer(call, whose, "/location_customer_id", errors)]
    else:
        near = [after.customer_id, before.location_customer_id, call.customer_id]
        places = [_customer(call, i, "/location_id", errors) for i in dict.fromkeys(near) if i]
    for place in places:
        location = place and call.locations.get(call.tenant, owners(place), wanted)
        if location:
            return replace(
                after, location_id=location.id, location_customer_id=location.customer_id
            )
    if None not in places:
        detail = "none of the customer's locations; name its customer as location_customer_id"
        errors.append(FieldError("/location_id", "unknown_location", detail))
    return after


def _customer(
    call: Call, customer_id: str, pointer: str, errors: list[FieldError]
) -> Customer | None:
    try:
        return read_customer(call.tenant, customer_id, customers=call.customers)
    except NotFound:
        errors.append(FieldError(pointer, "unknown_customer", "there is no such customer"))
    except Gone:
        errors.append(FieldError(pointer, "deleted_customer", "that customer has been deleted"))
    return None
