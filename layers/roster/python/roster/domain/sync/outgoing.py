"""What QuickBooks takes in each field, checked before anything is sent (A-26), and its names."""

from dataclasses import replace
from typing import Any

from roster.domain.location import Address
from roster.domain.sync.steps import NameHolder

_LENGTHS = {
    "display_name": 500,
    "company_name": 100,
    "first_name": 100,
    "last_name": 100,
    "phone": 30,
    "mobile": 30,
}
_NAMES = ("display_name", "first_name", "last_name")
_FORBIDDEN = {":": "a colon", "\t": "a tab", "\n": "a line break", "\r": "a line break"}
_EMAIL_LENGTH, _WEBSITE_LENGTH, _ZIP_LENGTH = 100, 1000, 30


def why_not(field: str, value: Any) -> str | None:
    """The rule of QuickBooks that `value` breaks, as the end of a sentence; None if none."""
    if value is None:
        return "cannot be empty in QuickBooks" if field == "display_name" else None
    if field in _NAMES:
        found = [word for sign, word in _FORBIDDEN.items() if sign in value]
        if field == "display_name" and '"' in value:
            found.append("a double quote")
        if found:
            return f"has {found[0]}, which QuickBooks does not take in a name"
    if field == "email" and len(value) > _EMAIL_LENGTH:
        return f"is longer than QuickBooks' {_EMAIL_LENGTH} characters"
    if field == "website" and len(value) > _WEBSITE_LENGTH:
        return f"is longer than QuickBooks' {_WEBSITE_LENGTH} characters"
    return None


def as_sent(field: str, value: Any) -> Any:
    """`value` as it goes to QuickBooks: cut where only the end is lost."""
    if isinstance(value, str) and field in _LENGTHS:
        return value[: _LENGTHS[field]].strip()
    if isinstance(value, Address) and value.zip and len(value.zip) > _ZIP_LENGTH:
        return replace(value, zip=value.zip[:_ZIP_LENGTH].strip())
    return value


def taken(name: str, holder: NameHolder) -> str:
    """Why a name cannot go to QuickBooks: who has it there."""
    if holder.coming is not None:
        return (
            f"Another customer here named “{holder.name}” ({holder.coming}) goes to QuickBooks"
            f" first, so “{name}” was neither added nor merged."
        )
    state = "" if holder.active else "inactive "
    return (
        f"QuickBooks already has the {state}{holder.kind} “{holder.name}” ({holder.id}), so"
        f" “{name}” was neither added nor merged."
    )


def name_rule(holder: NameHolder) -> str:
    """What stands against a name that somebody else has there."""
    if holder.coming is not None:
        return f"is that of another customer here ({holder.coming}), which goes to QuickBooks first"
    return f"is that of the {holder.kind} “{holder.name}” ({holder.id}) in QuickBooks"
