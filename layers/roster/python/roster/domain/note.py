"""Internal remarks about a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from roster.domain.errors import FieldError, Invalid
from roster.domain.record import Family, Record
from roster.domain.text import is_invisible

MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Record):
    """A remark; `text` is kept as it was typed."""

    family: ClassVar[Family] = Family.NOTE
    text: str


def check_note(values: Mapping[str, Any]) -> None:
    """Raise Invalid for a remark without words, or one that is too long."""
    text = values.get("text")
    if not isinstance(text, str) or is_invisible(text):
        raise Invalid([FieldError("/text", "required", "a note needs words")])
    if len(text) > MAX_TEXT:
        raise Invalid([FieldError("/text", "too_long", f"at most {MAX_TEXT} characters")])
