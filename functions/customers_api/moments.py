"""Moments and versions as callers write them in a query."""

import re
from datetime import datetime

from roster.runtime import moments

_VERSION = re.compile(r"\d{1,9}\Z")


def moment(text: str, parameter: str) -> datetime:
    """A moment from RFC 3339; a date means the end of that day in UTC. Raises Invalid."""
    return moments.moment(text, f"?{parameter}")


def point(text: str, parameter: str) -> int | datetime:
    """A version by its number, or a moment. Raises Invalid."""
    return int(text) if _VERSION.match(text) else moment(text, parameter)
