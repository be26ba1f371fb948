"""Time as QuickBooks tells it: Pacific offsets, and an offset of our own that tests may move."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

# 2026-06-01T00:00:00Z
FROZEN_AT = 1_780_272_000.0
PACIFIC = ZoneInfo("America/Los_Angeles")
_STAMP = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?"
)


class Clock:
    """Wall clock plus `offset` seconds; frozen, it moves with `offset` alone."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset
        self._frozen: float | None = None

    def freeze(self, at: float = FROZEN_AT) -> None:
        """Stand still at a moment, in epoch seconds."""
        self._frozen, self.offset = at, 0.0

    def now(self) -> float:
        """Seconds since the epoch, as the stand-in sees them."""
        return (time.time() if self._frozen is None else self._frozen) + self.offset


@lru_cache(maxsize=100_000)
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


def day(moment: float) -> str:
    """Render epoch seconds as the company's calendar day: `2026-05-05`."""
    return datetime.fromtimestamp(moment, PACIFIC).date().isoformat()


def http_date(moment: float) -> str:
    """Render epoch seconds for a `Date` header."""
    return datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
