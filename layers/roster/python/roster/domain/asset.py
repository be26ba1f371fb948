"""Equipment: what a customer owns, and at whose location it is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from roster.domain.errors import FieldError
from roster.domain.events import Actor, Change
from roster.domain.record import Family, Record
from roster.domain.record_values import text_errors

MAX_TYPE = 60
_MAX = {
    "name": 200,
    "type": MAX_TYPE,
    "serial": 100,
    "model": 100,
    "manufacturer": 100,
    "notes": 10_000,
}


class AssetStatus(StrEnum):
    """In use, at the workshop, kept for later, or gone for good."""

    ACTIVE = "active"
    IN_SERVICE = "in_service"
    IN_STORAGE = "in_storage"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset(Record):
    """A piece of equipment in the partition of its owner.

    `location_customer_id` is the partition that holds the location: the owner's or another's.
    """

    family: ClassVar[Family] = Family.ASSET
    name: str
    type: str | None = None
    serial: str | None = None
    model: str | None = None
    manufacturer: str | None = None
    installed_on: date | None = None
    warranty_until: date | None = None
    status: AssetStatus = AssetStatus.ACTIVE
    location_id: str | None = None
    location_customer_id: str | None = None
    notes: str | None = None

    @property
    def shelf(self) -> str:
        """Its status."""
        return str(self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetChange:
    """One entry of an asset's history; what the notes said is not kept."""

    version: int
    verb: str
    at: datetime
    actor: Actor
    owner_id: str
    changes: tuple[Change, ...] = ()


# Beside the system's own fields, and told under the names the API has for them.
_TOLD = {"customer_id": "owner_id"} | {
    f.name: f.name
    for f in fields(Asset)
    if f.name
    not in ("id", "tenant", "version", "created_at", "updated_at", "created_by", "customer_id")
}


def check_asset(values: Mapping[str, Any]) -> list[FieldError]:
    """The rules that given values break; None and what is absent break none."""
    errors = text_errors(values, _MAX)
    installed, until = values.get("installed_on"), values.get("warranty_until")
    if installed and until and until < installed:
        detail = "a warranty does not end before the installation"
        errors.append(FieldError("/warranty_until", "before_installed_on", detail))
    return errors


def changes_of(before: Asset | None, after: Asset | None) -> tuple[Change, ...]:
    """The fields in which the two differ, as JSON values."""
    found = []
    for name, told in _TOLD.items():
        old, new = (_plain(getattr(one, name)) if one else None for one in (before, after))
        if old != new:
            hidden = told == "notes"
            found.append(Change(told, None if hidden else old, None if hidden else new))
    return tuple(found)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value and str(value)
