"""QuickBooks' customer on the wire → ours. Unknown fields are ignored; absent means empty."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from roster.domain.location import Address, address_from
from roster.domain.sync.records import PAYMENT_TERM, TheirCustomer

# QuickBooks renames what it makes inactive; the suffix is never part of a name.
_DELETED = re.compile(r" \(deleted(?: \d+)?\)$", re.IGNORECASE)
_TEXTS = {"CompanyName": "company_name", "GivenName": "first_name", "FamilyName": "last_name"}
_PHONES = {"PrimaryPhone": "phone", "Mobile": "mobile"}


def read_customer(wire: Mapping[str, Any]) -> TheirCustomer:
    """One customer, sub-customer or project; address ids and coordinates are left behind."""
    stamps = wire.get("MetaData") or {}
    parent = (wire.get("ParentRef") or {}).get("value")
    term = (wire.get("SalesTermRef") or {}).get("value")
    name = plain_name(wire.get("DisplayName") or wire.get("FullyQualifiedName") or "")
    return TheirCustomer(
        id=str(wire["Id"]),
        sync_token=str(wire.get("SyncToken", "0")),
        display_name=name,
        parent_id=str(parent) if parent else None,
        is_job=bool(wire.get("Job") or parent),
        is_project=bool(wire.get("IsProject")),
        active=bool(wire.get("Active", True)),
        values=_values(wire, name),
        shipping_address=_address(wire.get("ShipAddr")),
        choices={PAYMENT_TERM: str(term)} if term else {},
        created_at=moment(stamps.get("CreateTime")),
        last_updated=moment(stamps.get("LastUpdatedTime")),
    )


def plain_name(name: str) -> str:
    """The name without what QuickBooks hangs on an inactive one."""
    return _DELETED.sub("", name.strip()).strip()


def _values(wire: Mapping[str, Any], name: str) -> dict[str, Any]:
    values: dict[str, Any] = {"display_name": name}
    values |= {ours: _text(wire.get(theirs)) for theirs, ours in _TEXTS.items()}
    for theirs, ours in _PHONES.items():
        values[ours] = _text((wire.get(theirs) or {}).get("FreeFormNumber"))
    values["email"] = _first_address((wire.get("PrimaryEmailAddr") or {}).get("Address"))
    values["website"] = _text((wire.get("WebAddr") or {}).get("URI"))
    values["billing_address"] = _address(wire.get("BillAddr"))
    return {name: value for name, value in values.items() if value}


def _text(value: object) -> str | None:
    """One line of text, or None."""
    return " ".join(str(value).split()) or None if value else None


def _first_address(value: object) -> str | None:
    """The first of several e-mail addresses: the field may hold a list, ours holds one."""
    text = _text(value)
    return text.split(",")[0].split(";")[0].strip() or None if text else None


def _address(wire: Mapping[str, Any] | None) -> Address | None:
    if not wire:
        return None
    lines = [line for n in range(1, 6) if (line := _text(wire.get(f"Line{n}")))]
    return address_from(
        {
            "street": lines[0] if lines else None,
            "unit": ", ".join(lines[1:]) or None,
            "city": _text(wire.get("City")),
            "state": _text(wire.get("CountrySubDivisionCode")),
            "zip": _text(wire.get("PostalCode")),
            "country": _text(wire.get("Country")),
        }
    )


def moment(text: object) -> datetime:
    """An aware moment; a record without one counts as very old."""
    if not text:
        return datetime.fromtimestamp(0, UTC)
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
