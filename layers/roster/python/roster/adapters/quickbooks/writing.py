"""Our customers → QuickBooks' wire: only fields we own, sparse, so that nothing else is blanked.

A cleared field is sent as an empty text. Lengths and forbidden characters were checked before
(`domain.sync`); what QuickBooks keeps beyond these fields is never written back, a masked tax
number least of all.
"""

from collections.abc import Mapping
from typing import Any

from roster.domain.location import Address
from roster.domain.sync.connection import Write as WireWrite
from roster.domain.sync.records import ACTIVE
from roster.domain.sync.steps import Write

_TEXTS = {
    "display_name": "DisplayName",
    "company_name": "CompanyName",
    "first_name": "GivenName",
    "last_name": "FamilyName",
}
_INSIDE = {
    "phone": ("PrimaryPhone", "FreeFormNumber"),
    "mobile": ("Mobile", "FreeFormNumber"),
    "email": ("PrimaryEmailAddr", "Address"),
    "website": ("WebAddr", "URI"),
}
_ADDRESS = {
    "street": "Line1",
    "unit": "Line2",
    "city": "City",
    "state": "CountrySubDivisionCode",
    "zip": "PostalCode",
    "country": "Country",
}


def customer_write(write: Write, item_id: str) -> WireWrite:
    """A write of a customer as an item of a batch, under that id."""
    fields = {name: value for name, value in write.fields.items() if name != ACTIVE}
    active = write.fields.get(ACTIVE)
    if write.quickbooks_id is None:
        body = new_customer(fields)
        if active is not None:
            body["Active"] = active
        return WireWrite(id=item_id, operation="create", entity="Customer", body=body)
    body = changed_customer(write.quickbooks_id, write.sync_token or "0", fields, active=active)
    return WireWrite(id=item_id, operation="update", entity="Customer", body=body)


def new_customer(values: Mapping[str, Any]) -> dict[str, Any]:
    """The body that creates a customer of `values`, keyed as `domain.sync.records.MAPPED`."""
    return _fields({name: value for name, value in values.items() if value})


def changed_customer(
    quickbooks_id: str,
    sync_token: str,
    values: Mapping[str, Any],
    *,
    active: bool | None = None,
) -> dict[str, Any]:
    """The sparse body that sets `values` (None clears) and nothing else.

    Making a customer active again sends its name too, which QuickBooks changed when it was not.
    """
    body = {"Id": quickbooks_id, "SyncToken": sync_token, "sparse": True, **_fields(values)}
    return body if active is None else {**body, "Active": active}


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in values.items():
        if name in _TEXTS:
            body[_TEXTS[name]] = value or ""
        elif name in _INSIDE:
            outer, inner = _INSIDE[name]
            body[outer] = {inner: value or ""}
        elif name == "billing_address":
            body["BillAddr"] = _address(value)
        else:
            raise ValueError(f"{name} is not a field that QuickBooks gets from us")
    return body


def _address(address: Address | None) -> dict[str, str]:
    # All parts, with the lines that ours has none for: what is left out would stay as it was.
    parts = {wire: getattr(address, part, None) or "" for part, wire in _ADDRESS.items()}
    return {**parts, "Line3": "", "Line4": "", "Line5": ""}
