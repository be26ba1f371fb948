"""Who gets a customer's bills."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from roster.domain.customer_values import email_normalized
from roster.domain.errors import FieldError
from roster.domain.text import has_control_characters

_LIMITS = {"name": 255, "email": 254, "phone": 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingContact:
    """The person or office bills go to, as typed."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


CONTACT_FIELDS = tuple(f.name for f in fields(BillingContact))


def contact_from(values: Mapping[str, Any]) -> BillingContact | None:
    """The contact in `values` (keys as CONTACT_FIELDS), or None when nothing is given."""
    given = {k: v for k in CONTACT_FIELDS if (v := values.get(k))}
    return BillingContact(**given) if given else None


def merged_contact(
    before: BillingContact | None, patch: Mapping[str, Any]
) -> BillingContact | None:
    """`before` with the parts in `patch` set: an absent one keeps, None clears (RFC 7396)."""
    return contact_from({**(asdict(before) if before else {}), **patch})


def check_contact_part(part: str, value: str) -> list[FieldError]:
    """The rules that one part of a billing contact breaks."""
    at = f"/billing_contact/{part}"
    if len(value) > _LIMITS[part]:
        return [FieldError(at, "too_long", f"at most {_LIMITS[part]} characters")]
    if has_control_characters(value):
        return [FieldError(at, "control_character", "no control characters")]
    if part == "email" and email_normalized(value) is None:
        return [FieldError(at, "email", "not an e-mail address")]
    return []


def check_contact(contact: BillingContact) -> list[FieldError]:
    """The rules that a billing contact breaks."""
    given = ((part, getattr(contact, part)) for part in CONTACT_FIELDS)
    return [error for part, value in given if value for error in check_contact_part(part, value)]
