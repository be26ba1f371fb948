"""Moments as callers write them."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from roster.domain.errors import FieldError, Invalid

# A plus sign that was not encoded arrives as a space.
_LOST_PLUS = re.compile(r"(T[0-9:.]+) (\d\d:\d\d)\Z")
_NUMBER = re.compile(r"\s*[+-]?[0-9.]+\s*")


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) or (
        isinstance(given, str) and _NUMBER.fullmatch(given) is not None
    )


def _no_number(given: Any) -> Any:
    if _is_number(given):
        raise PydanticCustomError("date_time", "a time with its offset, as a text")
    return given


def _no_number_of_days(given: Any) -> Any:
    if _is_number(given):
        raise PydanticCustomError("date", "a date as 2026-11-30, as a text")
    return given


# A time in a body: RFC 3339. A bare number would be taken for seconds since 1970.
type Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]
# A day in a body.
type Day = Annotated[date, BeforeValidator(_no_number_of_days)]


def moment(text: str, pointer: str) -> datetime:
    """A moment from RFC 3339; a date means the end of that day in UTC. Raises Invalid."""
    try:
        if is_date(text):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        found = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    detail = "a date as 2025-12-31, or a time with its offset as 2025-12-31T17:00:00Z"
    raise Invalid([FieldError(pointer, "date_time", detail)])


def is_date(text: str) -> bool:
    """Whether the text is as long as a date, and so no time of day."""
    return len(text) == len("2025-12-31")
