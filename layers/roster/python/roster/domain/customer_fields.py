"""What each field of a customer may hold."""

from collections.abc import Mapping
from typing import Any

from roster.domain import customer_values as normal
from roster.domain.billing import BillingContact, check_contact
from roster.domain.errors import FieldError
from roster.domain.text import has_control_characters, is_invisible

MAX_LENGTH = {
    "display_name": 500,
    "number": 40,
    "company_name": 255,
    "full_name": 255,
    "first_name": 100,
    "last_name": 100,
    "email": 254,
    "phone": 50,
    "mobile": 50,
    "website": 1000,
    "notes": 4000,
    "external_id": 100,
    "gstin": 50,
    "pan": 50,
    "tax_rate_id": 50,
    "payment_term_id": 50,
}
_NAMES = ("display_name", "company_name", "full_name", "first_name", "last_name")
_FORMED = frozenset({"email", "website", "gstin", "pan"})
# Each tag is a shelf: the undo of a merge puts the rows of two customers in one transaction of 100.
MAX_TAGS, MAX_TAG_LENGTH, MAX_ADDRESS_PART = 40, 50, 255


def text_error(name: str, value: str) -> FieldError | None:
    """The first rule of one text field, one of MAX_LENGTH, that `value` breaks."""
    limit = MAX_LENGTH[name]
    if len(value) > limit:
        return FieldError(f"/{name}", "too_long", f"at most {limit} characters")
    # What is printable has neither; most values are, and many are looked at.
    has_breaks = not value.isprintable()
    if has_breaks and (has_control_characters(value) or (name != "notes" and "\n" in value)):
        return FieldError(f"/{name}", "control_character", "no control characters")
    if name in _NAMES and value and is_invisible(value):
        return FieldError(f"/{name}", "invisible", "a name must have something that can be seen")
    return _form_error(name, value) if value and name in _FORMED else None


def _form_error(name: str, value: str) -> FieldError | None:
    match name:
        case "email" if normal.email_normalized(value) is None:
            return FieldError("/email", "email", "not an e-mail address")
        case "website":
            return normal.website_error(value)
        case "gstin" if normal.gstin(value) is None:
            return FieldError("/gstin", "gstin", "not a GSTIN: 15 characters, the last a check")
        case "pan" if normal.pan(value) is None:
            return FieldError("/pan", "pan", "not a PAN: 5 letters, 4 digits and a letter")
    return None


def check_fields(values: Mapping[str, Any]) -> list[FieldError]:
    """Every rule that `values` (a subset of EDITABLE, None for empty) breaks, all at once."""
    errors = [
        error
        for name in MAX_LENGTH
        if isinstance(value := values.get(name), str) and (error := text_error(name, value))
    ]
    tags = values.get("tags") or ()
    if len(tags) > MAX_TAGS:
        errors.append(FieldError("/tags", "too_many", f"at most {MAX_TAGS} tags"))
    errors.extend(error for i, tag in enumerate(tags) if (error := _tag_error(i, tag)))
    discount = values.get("default_discount_percent")
    if discount is not None and normal.percent(discount) is None:
        errors.append(FieldError("/default_discount_percent", "percent", normal.PERCENT_RULE))
    if isinstance(contact := values.get("billing_contact"), BillingContact):
        errors.extend(check_contact(contact))
    return errors


def check_together(values: Mapping[str, Any]) -> list[FieldError]:
    """The rules that `values`, each of which is right by itself, break together."""
    gstin, pan = (values.get("gstin"), values.get("pan"))
    number, holder = (gstin and normal.gstin(gstin), pan and normal.pan(pan))
    if number and holder and number[2:12] != holder:
        return [FieldError("/pan", "gstin_pan", "characters 3 to 12 of the GSTIN are the PAN")]
    return []


def _tag_error(position: int, tag: str) -> FieldError | None:
    pointer = f"/tags/{position}"
    if len(tag) > MAX_TAG_LENGTH:
        return FieldError(pointer, "too_long", f"at most {MAX_TAG_LENGTH} characters")
    if has_control_characters(tag):
        return FieldError(pointer, "control_character", "no control characters")
    if is_invisible(tag):
        return FieldError(pointer, "invisible", "a tag must have something that can be seen")
    return None
