"""Moments and versions as callers write them in a query."""

import re
from datetime import UTC, date, datetime, time

from roster.domain.errors import FieldError, Invalid

# A plus sign that was not encoded arrives as a space.
_LOST_PLUS = re.compile(r"(T[0-9:.]+) (\d\d:\d\d)\Z")
_VERSION = re.compile(r"\d{1,9}\Z")


def moment(text: str, parameter: str) -> datetime:
    """A moment from RFC 3339; a date means the end of that day in UTC. Raises Invalid."""
    try:
        if len(text) == len("2025-12-31"):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        found = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    detail = "a date as 2025-12-31, or a time with its offset as 2025-12-31T17:00:00Z"
    raise Invalid([FieldError(f"?{parameter}", "date_time", detail)])


def point(text: str, parameter: str) -> int | datetime:
    """A version by its number, or a moment. Raises Invalid."""
    return int(text) if _VERSION.match(text) else moment(text, parameter)
