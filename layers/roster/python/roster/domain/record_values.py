"""What the typed values of a record may be, whichever family it is of."""

from collections.abc import Mapping
from typing import Any

from roster.domain.errors import FieldError
from roster.domain.text import has_control_characters, is_invisible


def text_errors(
    values: Mapping[str, Any], limits: Mapping[str, int], *, required: str | None = None
) -> list[FieldError]:
    """The rules that texts in `values` break; `limits` are characters at most, by field.

    `required` names the field that may be absent from a patch, but never empty.
    """
    errors: list[FieldError] = []
    for name, most in limits.items():
        value = values.get(name)
        if not value:
            if name == required and name in values:
                errors.append(FieldError(f"/{name}", "required", f"it needs a {name}"))
        elif len(value) > most:
            errors.append(FieldError(f"/{name}", "too_long", f"at most {most} characters"))
        elif has_control_characters(value) or is_invisible(value):
            detail = "no control characters, and something that can be seen"
            errors.append(FieldError(f"/{name}", "text", detail))
    return errors


def without_empty_texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with None where a text is empty."""
    return {name: None if value == "" else value for name, value in values.items()}
