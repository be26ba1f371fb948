"""Time as QuickBooks tells it: Pacific offsets, and an offset of our own that tests may move."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
_STAMP = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?"
)


class Clock:
    """Wall clock plus `offset` seconds."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """Seconds since the epoch, as the stand-in sees them."""
        return time.time() + self.offset


def stamp(moment: float) -> str:
    """Render epoch seconds as an entity carries them: `2026-05-05T03:08:49-07:00`."""
    return datetime.fromtimestamp(moment, PACIFIC).isoformat(timespec="seconds")


def stamp_ms(moment: float) -> str:
    """Render epoch seconds as an answer's `time`: `2026-05-05T02:05:12.193-07:00`."""
    return datetime.fromtimestamp(moment, PACIFIC).isoformat(timespec="milliseconds")


def parse_stamp(text: str) -> float | None:
    """Read a date or date-time; without an offset it is Pacific. None when it is neither."""
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        return None
    date, clock, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{clock or '00:00:00'}{offset or ''}")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)).timestamp()


def http_date(moment: float) -> str:
    """Render epoch seconds for a `Date` header."""
    return datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
