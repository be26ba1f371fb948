"""Read what a client sent: every refusal that needs no look at the book."""

from __future__ import annotations

import re
from datetime import date as calendar_day
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, fields

if TYPE_CHECKING:
    from infra.local.quickbooks.schema import Schema

_FORBIDDEN = re.compile(r"[:\t\r\n]")


def changes(body: dict[str, Any], schema: Schema = fields.CUSTOMER) -> dict[str, Any]:
    """Return the writable attributes of `body`, cleaned; None stands for "clear this".

    A JSON null counts as not sent. Raises ServiceFault 2010, 2030, 2040, 2050, 2080, 2170, 2210.
    """
    for name in body:
        if name not in schema.names:
            raise faults.unknown_property(name, schema.name, schema.known)
    return {
        name: _value(schema, name, value)
        for name, value in body.items()
        if value is not None and name not in schema.unwritten
    }


def identity(body: dict[str, Any]) -> tuple[int, int]:
    """Return the Id and SyncToken an update names; ServiceFault 2020, 2030 or 2080."""
    entity_id = number_of(body["Id"])
    token = body.get("SyncToken")
    if token is None or token == "":
        raise faults.missing("SyncToken")
    text = str(token)
    if not (text.isascii() and text.isdigit()):
        raise faults.wrong_type("SyncToken", "number", token)
    return entity_id, int(text)


def number_of(value: object) -> int:
    """Return an Id as a whole number; ServiceFault 2030 when it is none."""
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise faults.invalid_id(value)
    return int(text)


def amount(name: str, value: object) -> int:
    """Return money as whole cents; ServiceFault 2080 when it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise faults.wrong_type(name, "number", value)
    try:
        return round(float(value) * 100)
    except (ValueError, OverflowError) as error:
        raise faults.wrong_type(name, "number", value) from error


def date(name: str, value: object) -> str | None:
    """Return a day as `2026-11-22`; ServiceFault 2080 when it is none. Empty is None."""
    if value == "":
        return None
    try:
        return calendar_day.fromisoformat(str(value)[:10]).isoformat()
    except ValueError as error:
        raise faults.wrong_type(name, "date", value) from error


def number(name: str, value: object, low: float, high: float) -> int | float | None:
    """Return a number as JSON has it; ServiceFault 2080 or 2090 when it is none or out of range."""
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise faults.wrong_type(name, "number", value)
    try:
        found = float(value)
    except ValueError as error:
        raise faults.wrong_type(name, "number", value) from error
    if not low <= found <= high:
        raise faults.out_of_range(name, low, high, value)
    return int(found) if found.is_integer() else found


def reference(value: object) -> dict[str, str] | None:
    """Return a `…Ref` as `{"value": …}`; None when it names nothing."""
    inside = _object(value)
    for key in inside:
        if key not in {"value", "name", "type"}:
            raise faults.unknown_property(key, "ReferenceType", ("value", "name", "type"))
    target = inside.get("value")
    return {"value": str(target)} if target not in (None, "", "0", 0) else None


def _value(schema: Schema, name: str, value: object) -> Any:
    if name in schema.text:
        return _text(name, value, schema.text[name], plain=name in schema.no_colon)
    if name in schema.flags:
        return _flag(name, value)
    if name in schema.choices:
        if not isinstance(value, str) or value not in schema.choices[name]:
            raise faults.wrong_choice(name, value)
        return value
    if name in schema.references:
        return reference(value)
    if name in schema.numbers:
        return number(name, value, *schema.numbers[name])
    if name in schema.dates:
        return date(name, value)
    if name in schema.whole:
        return value
    return _part(name, value, *schema.parts[name])


def _text(name: str, value: object, limit: int, *, plain: bool) -> str | None:
    if isinstance(value, dict | list):
        raise faults.unreadable("failed to parse json object; a property")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text.strip(" ")
    if plain and _FORBIDDEN.search(text):
        raise faults.illegal_characters(name, text)
    if len(text) > limit:
        raise faults.wrong_length(name, limit, len(text))
    return text or None


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise faults.wrong_type(name, "boolean", value)


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise faults.unreadable("failed to parse json object; a property")
    return value


def _part(name: str, value: object, schema: str, limits: dict[str, int]) -> dict[str, str] | None:
    known = (*limits, *fields.PARTS_IGNORED.get(schema, ()))
    kept: dict[str, str] = {}
    for key, inner in _object(value).items():
        if key not in known:
            raise faults.unknown_property(key, schema, known)
        if key in limits and inner is not None:
            text = _text(key, inner, limits[key], plain=False)
            if text is not None:
                kept[key] = text
    if schema == "PhysicalAddress":
        total = sum(len(text) for key, text in kept.items() if key.startswith("Line"))
        if total > fields.ADDRESS_TOTAL:
            raise faults.wrong_length(name, fields.ADDRESS_TOTAL, total)
    if schema == "EmailAddress" and kept and not _emails(kept["Address"]):
        raise faults.bad_email(name)
    return kept or None


def _emails(text: str) -> bool:
    return all("@" in part[1:-1] and "." in part for part in map(str.strip, text.split(",")))
