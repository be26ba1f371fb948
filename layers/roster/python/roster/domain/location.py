"""Addresses, and the service locations of a customer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from roster.domain.errors import FieldError
from roster.domain.text import has_control_characters

REQUIRED_OF_A_LOCATION = ("street", "city", "state", "zip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address as typed. `state` and `zip` keep their letters and leading zeros."""

    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None


ADDRESS_FIELDS = tuple(f.name for f in fields(Address))


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place where services are provided; it belongs to exactly one customer."""

    id: str
    customer_id: str
    address: Address
    name: str | None = None
    primary: bool = True
    quickbooks_id: str | None = None


def address_from(values: Mapping[str, Any]) -> Address | None:
    """The address in `values` (keys as ADDRESS_FIELDS), or None when nothing is given."""
    given = {k: v for k in ADDRESS_FIELDS if (v := values.get(k))}
    return Address(**given) if given else None


def merged_address(before: Address | None, patch: Mapping[str, Any]) -> Address | None:
    """`before` with the parts in `patch` set: an absent one keeps, None clears (RFC 7396)."""
    return address_from({**(asdict(before) if before else {}), **patch})


def check_part(part: str, value: str) -> list[FieldError]:
    """The rules that one typed part of an address breaks."""
    if has_control_characters(value):
        return [FieldError(f"/{part}", "control_character", "no control characters")]
    return []


def missing_parts(address: Address, at: str) -> list[FieldError]:
    """What a service address lacks, as errors that point below `at` ("/service_location")."""
    return [
        FieldError(f"{at}/{part}", "required", f"a service location needs its {part}")
        for part in REQUIRED_OF_A_LOCATION
        if not getattr(address, part)
    ]
