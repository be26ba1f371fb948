"""The people one reaches a customer through."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from roster.domain import customer as rules
from roster.domain.errors import FieldError, Invalid
from roster.domain.text import has_control_characters, is_invisible

MAX_TITLE = 100
# One of these is needed, or there is nobody to speak of.
_ENOUGH = ("first_name", "last_name", "email", "phone", "mobile")
CONTACT_FIELDS = ("first_name", "last_name", "title", "email", "phone", "mobile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at a customer; `version` counts its own changes from 1 and is its ETag."""

    id: str
    customer_id: str
    version: int = 1
    primary: bool = True
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None


def check_contact(values: Mapping[str, Any]) -> list[FieldError]:
    """Every rule that `values` (a subset of CONTACT_FIELDS, None for empty) breaks, at once."""
    errors = rules.check_fields({k: v for k, v in values.items() if k in _ENOUGH})
    title = values.get("title")
    if title:
        if len(title) > MAX_TITLE:
            errors.append(FieldError("/title", "too_long", f"at most {MAX_TITLE} characters"))
        elif has_control_characters(title) or "\n" in title:
            errors.append(FieldError("/title", "control_character", "no control characters"))
        elif is_invisible(title):
            errors.append(FieldError("/title", "invisible", "a title must be seen"))
    return errors


def edit_contact(contact: Contact, values: Mapping[str, Any]) -> Contact:
    """`contact` with `values` (CONTACT_FIELDS, `primary`) merged in; raises Invalid."""
    given: dict[str, Any] = {k: v if v != "" else None for k, v in values.items()}
    errors = check_contact(given)
    after = replace(contact, **given)
    if not any(getattr(after, name) for name in _ENOUGH):
        detail = "a contact needs a name, an e-mail address or a number"
        errors.append(FieldError("/first_name", "required", detail))
    if errors:
        raise Invalid(errors)
    return after
