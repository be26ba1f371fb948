"""Internal remarks about a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from roster.domain.errors import FieldError, Invalid
from roster.domain.record import Family, Record
from roster.domain.text import is_invisible

MAX_TEXT = 10_000
MAX_AUTHOR = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Record):
    """A remark; `text` is kept as it was typed.

    `author` is who wrote one that was brought in from elsewhere, as it was told there.
    """

    family: ClassVar[Family] = Family.NOTE
    text: str
    author: str | None = None


def check_note(values: Mapping[str, Any]) -> None:
    """Raise Invalid for a remark without words, or one that is too long."""
    text = values.get("text")
    if not isinstance(text, str) or is_invisible(text):
        raise Invalid([FieldError("/text", "required", "a note needs words")])
    if len(text) > MAX_TEXT:
        raise Invalid([FieldError("/text", "too_long", f"at most {MAX_TEXT} characters")])
