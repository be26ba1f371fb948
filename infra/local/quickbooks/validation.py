"""Read a client's Customer: every refusal that needs no look at the book."""

from __future__ import annotations

import re
from typing import Any

from infra.local.quickbooks import faults, fields

_FORBIDDEN = re.compile(r"[:\t\r\n]")


def changes(body: dict[str, Any]) -> dict[str, Any]:
    """Return the writable attributes of `body`, cleaned; None stands for "clear this".

    A JSON null counts as not sent. Raises ServiceFault 2010, 2030, 2040, 2050, 2080, 2170, 2210.
    """
    for name in body:
        if name not in fields.CUSTOMER:
            raise faults.unknown_property(name, "Customer", fields.CUSTOMER)
    return {
        name: _value(name, value)
        for name, value in body.items()
        if value is not None and name not in fields.READ_ONLY
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


def _value(name: str, value: object) -> Any:
    if name in fields.TEXT:
        return _text(name, value, fields.TEXT[name])
    if name in fields.FLAGS:
        return _flag(name, value)
    if name in fields.CHOICES:
        if not isinstance(value, str) or value not in fields.CHOICES[name]:
            raise faults.wrong_choice(name, value)
        return value
    if name in fields.REFERENCES:
        return _reference(value)
    return _part(name, value)


def _text(name: str, value: object, limit: int) -> str | None:
    if isinstance(value, dict | list):
        raise faults.unreadable("failed to parse json object; a property")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text.strip(" ")
    if name in fields.NO_COLON and _FORBIDDEN.search(text):
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


def _reference(value: object) -> dict[str, str] | None:
    inside = _object(value)
    for key in inside:
        if key not in {"value", "name", "type"}:
            raise faults.unknown_property(key, "ReferenceType", ("value", "name", "type"))
    target = inside.get("value")
    return {"value": str(target)} if target not in (None, "", "0", 0) else None


def _part(name: str, value: object) -> dict[str, str] | None:
    schema, limits = fields.PARTS[name]
    known = (*limits, *fields.PARTS_IGNORED[schema])
    kept: dict[str, str] = {}
    for key, inner in _object(value).items():
        if key not in known:
            raise faults.unknown_property(key, schema, known)
        if key in limits and inner is not None:
            text = _text(key, inner, limits[key])
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
