"""Fields a company declares for itself, and which values they take."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Any

from roster.domain.errors import FieldError
from roster.domain.text import has_control_characters

MAX_FIELDS, MAX_CHOICES, MAX_TEXT, MAX_CHOICE = 50, 100, 1000, 100
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class CustomType(StrEnum):
    """What a field of the company's own holds; a date is written as in ISO 8601."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """A declared field; `choices` are the values a choice may have."""

    name: str
    type: CustomType
    label: str | None = None
    choices: tuple[str, ...] = ()


def fields_from(stored: Iterable[Mapping[str, Any]]) -> tuple[CustomField, ...]:
    """Declarations from plain values that `check_declarations` has let through."""
    return tuple(
        CustomField(
            name=one["name"],
            type=CustomType(one["type"]),
            label=one.get("label"),
            choices=tuple(one.get("choices") or ()),
        )
        for one in stored
    )


def check_declarations(declared: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Every rule that a list of declarations breaks."""
    if len(declared) > MAX_FIELDS:
        return [FieldError("/custom_fields", "too_many", f"at most {MAX_FIELDS} fields")]
    errors = []
    names = [str(one.get("name")) for one in declared]
    for i, one in enumerate(declared):
        at = f"/custom_fields/{i}"
        if not _NAME.fullmatch(names[i]):
            detail = "a small letter, then at most 39 small letters, digits and underscores"
            errors.append(FieldError(f"{at}/name", "name", detail))
        elif names[i] in names[:i]:
            errors.append(FieldError(f"{at}/name", "duplicate", "declared twice"))
        errors += _choice_errors(one, at)
    return errors


def _choice_errors(one: Mapping[str, Any], at: str) -> list[FieldError]:
    choices = one.get("choices") or ()
    if one.get("type") != CustomType.CHOICE:
        detail = "only a choice has choices"
        return [FieldError(f"{at}/choices", "choices", detail)] if choices else []
    fit = all(c and len(c) <= MAX_CHOICE and c.isprintable() for c in choices)
    if not 1 <= len(choices) <= MAX_CHOICES or len(set(choices)) < len(choices) or not fit:
        detail = f"1 to {MAX_CHOICES} different texts of at most {MAX_CHOICE} characters"
        return [FieldError(f"{at}/choices", "choices", detail)]
    return []


def check_values(given: Mapping[str, Any], declared: Iterable[CustomField]) -> list[FieldError]:
    """The rules that values of own fields break, each at /custom/<name>; None empties one."""
    known = {field.name: field for field in declared}
    errors = []
    for name, value in given.items():
        at = "/custom/" + name.replace("~", "~0").replace("/", "~1")
        if value is None:
            continue
        if name not in known:
            errors.append(FieldError(at, "unknown_field", "not declared in the settings"))
        elif detail := _wrong(known[name], value):
            errors.append(FieldError(at, str(known[name].type), detail))
    return errors


def _wrong(field: CustomField, value: Any) -> str | None:
    """What a value would have to be, where it is not."""
    match field.type:
        case CustomType.TEXT:
            fits = isinstance(value, str) and len(value) <= MAX_TEXT
            fits = fits and not has_control_characters(value)
            return None if fits else f"at most {MAX_TEXT} characters, no control characters"
        case CustomType.NUMBER:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            # What is larger does not survive JSON, nor the table.
            return None if number and isfinite(value) and abs(value) < 2**53 else "a number"
        case CustomType.DATE:
            return None if _is_date(value) else "a date as 2026-11-22"
        case CustomType.BOOLEAN:
            return None if isinstance(value, bool) else "true or false"
        case CustomType.CHOICE:
            return None if value in field.choices else "one of " + ", ".join(field.choices)


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
