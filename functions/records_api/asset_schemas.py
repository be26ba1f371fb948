"""Assets on the wire."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from functions.records_api.record_schemas import CustomerRef, RecordIn, RecordOut
from roster.domain.asset import Asset, AssetChange, AssetStatus, check_asset
from roster.domain.customer import Customer


class AssetPatch(RecordIn):
    """What may be set on an asset; in a merge patch an absent field keeps, null clears.

    `owner_id` is the customer of the path unless it names another. `location_id` is one of the
    owner's locations, or of the customer that `location_customer_id` names.
    """

    name: str | None = None
    type: str | None = None
    serial: str | None = None
    model: str | None = None
    manufacturer: str | None = None
    installed_on: date | None = None
    warranty_until: date | None = None
    status: AssetStatus | None = None
    owner_id: str | None = None
    location_id: str | None = None
    location_customer_id: str | None = None
    notes: str | None = None

    @field_validator("*", mode="after")
    @classmethod
    def _keeps_the_rules(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name == "name" and not value:
            raise PydanticCustomError("required", "name cannot be empty")
        # With the fields before it: dates have an order.
        for error in check_asset({**info.data, str(info.field_name): value}):
            if error.pointer == f"/{info.field_name}":
                raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
        return value


class AssetIn(AssetPatch):
    """A new asset; a name is enough."""

    name: str


class AssetRow(RecordOut):
    """An asset as a list shows it: its owner, and whose location it is at."""

    name: str
    type: str | None
    serial: str | None
    model: str | None
    manufacturer: str | None
    installed_on: date | None
    warranty_until: date | None
    status: AssetStatus
    owner_id: str
    owner: CustomerRef | None
    location_id: str | None
    location_customer_id: str | None
    location_customer: CustomerRef | None

    @classmethod
    def shown(cls, asset: Asset, living: Mapping[str, Customer]) -> Self:
        """The wire form; `living` holds, by id, the customers that the asset's lead to."""
        owner = living.get(asset.customer_id)
        host = living.get(asset.location_customer_id or "")
        owner_id = owner.id if owner else asset.customer_id
        return cls.of(
            asset,
            customer_id=owner_id,
            owner_id=owner_id,
            owner=CustomerRef.of(owner) if owner else None,
            location_customer_id=host.id if host else asset.location_customer_id,
            location_customer=CustomerRef.of(host) if host else None,
        )


class AssetOut(AssetRow):
    """An asset as stored."""

    notes: str | None


class AssetPage(BaseModel):
    """A page of assets, newest first; `next_cursor` is null at the end."""

    data: list[AssetRow]
    next_cursor: str | None


class AssetChangeOut(BaseModel):
    """One field's step from old to new; what notes said is not kept."""

    field: str
    old: str | None
    new: str | None


class AssetEntry(BaseModel):
    """One entry of an asset's history: added, edited, moved or removed."""

    version: int
    verb: str
    at: datetime
    by: str
    changes: list[AssetChangeOut]

    @classmethod
    def of(cls, change: AssetChange) -> Self:
        """The wire form of an entry."""
        return cls(
            version=change.version,
            verb=change.verb,
            at=change.at,
            by=change.actor.user,
            changes=[AssetChangeOut(field=c.field, old=c.old, new=c.new) for c in change.changes],
        )


class AssetHistory(BaseModel):
    """What became of an asset, newest first; `next_cursor` is null at the end."""

    data: list[AssetEntry]
    next_cursor: str | None
