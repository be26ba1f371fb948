"""Every field that a column of a spreadsheet may feed, and what a person calls it."""

import re
from collections.abc import Mapping, Sequence

from roster.domain.custom_fields import CustomField

_OWN = "custom."
_ADDRESS = {
    "street": "street",
    "unit": "unit",
    "city": "city",
    "state": "state",
    "zip": "ZIP or postal code",
    "country": "country",
}
_FREE = {"lines": "lines, in order", "whole": "all of it in one cell"}
_PLACE = {
    "name": "name",
    **_ADDRESS,
    **_FREE,
    "is_billing": "bills go there (yes or no)",
}
_FIELDS = {
    "display_name": "Display name",
    "company_name": "Company name",
    "full_name": "Full name",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "mobile": "Mobile phone",
    "website": "Website",
    "external_id": "Id in another system",
    "external_id.of_property": "Id in another system of a customer and its property",
    "roster_id": "Roster id",
    "number": "Customer number",
    "kind": "Company or individual",
    "kind.is_company": "Is a company (yes or no)",
    "status": "Active or inactive",
    "status.is_active": "Is active (yes or no)",
    "status.is_inactive": "Is inactive (yes or no)",
    "parent.name": "Customer that the row is a part of: name",
    "parent.role": "Customer that the row is a part of: what part it is",
    "role": "End customer or distributor",
    "notes": "Notes",
    "note": "Kept in the notes under its heading",
    "tags": "Tags",
    **{f"service_location.{part}": f"Service location: {what}" for part, what in _PLACE.items()},
    "billing_same_as_service": "Billing address is the service address (yes or no)",
    **{
        f"billing_address.{part}": f"Billing address: {what}"
        for part, what in (_ADDRESS | _FREE).items()
    },
    "billing_contact.name": "Billing contact: name",
    "billing_contact.email": "Billing contact: e-mail",
    "billing_contact.phone": "Billing contact: phone",
    "gstin": "GSTIN",
    "pan": "PAN",
    "tax_rate_id": "Tax rate",
    "payment_term_id": "Payment term",
    "default_discount_percent": "Discount in percent",
    "verified": "Verified (yes or no)",
    "portal_access": "Portal access (yes or no)",
}
_PERSON = {
    "full_name": "full name",
    "first_name": "first name",
    "last_name": "last name",
    "title": "title",
    "role": "role",
    "email": "e-mail",
    "phone": "phone",
    "mobile": "mobile phone",
}
# So many are listed; a wide file may have more.
_LISTED, _MOST = 3, 100
_NUMBERED = re.compile(r"(service_location|contact)\[([1-9]\d{0,2})\]\.(\w+)")
NO_NAME = (
    "No column feeds a customer's name. Give a column to the display name, the company name, or "
    "a person's name."
)
NO_NAME_OR_KEY = (
    "No heading was found for what customers are matched by, nor for a customer's name. Say in the "
    "import's mapping which row holds the headings and what each column is."
)
NO_MATCH = (
    "The rows are to find customers by a value that no column feeds: all would be taken for new. "
    "Give a column to what they are matched by, or import the file with another match_by."
)
# Two ids of one row are two different things: the second column is no stand-in for the first.
_ONE_COLUMN_ONLY = frozenset({"roster_id", "external_id", "number", "kind", "role", "gstin", "pan"})


def target_fields(own: Sequence[CustomField]) -> dict[str, str]:
    """Labels by field, the company's own fields last.

    Further places and people are numbered: of each kind the first few stand for all.
    """
    places = {
        f"service_location[{number}].{part}": f"Service location {number}: {what}"
        for number in range(2, _LISTED + 1)
        for part, what in _PLACE.items()
    }
    people = {
        f"contact[{number}].{part}": f"Contact {number}: {what}"
        for number in range(1, _LISTED + 1)
        for part, what in _PERSON.items()
    }
    return _FIELDS | places | people | {f"{_OWN}{one.name}": one.label or one.name for one in own}


def is_target(field: str, own: Sequence[CustomField]) -> bool:
    """Whether a column may feed the field."""
    if field in _FIELDS or field in {f"{_OWN}{one.name}" for one in own}:
        return True
    match = _NUMBERED.fullmatch(field)
    if match is None or int(match[2]) > _MOST:
        return False
    if match[1] == "contact":
        return match[3] in _PERSON
    # The first place has no number.
    return match[3] in _PLACE and int(match[2]) > 1


def fed_twice(fields: Mapping[int, str | None]) -> Mapping[int, int]:
    """Columns whose field may have one column only and has an earlier one: which that is."""
    first: dict[str, int] = {}
    twice = {}
    for index in sorted(fields):
        field = fields[index]
        if field in _ONE_COLUMN_ONLY and first.setdefault(field, index) != index:
            twice[index] = first[field]
    return twice
