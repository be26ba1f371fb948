"""Which of two edits is the newer one, if that can be known.

Ours have a time. QuickBooks tells only when a record last moved, and an invoice moves it too: an
edit there lies after our last look without it, and not after the record's time at our first sight
of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from roster.domain.sync.policy import Primary

# Clocks that are further apart order nothing.
MOST_SKEW = timedelta(minutes=5)
# QuickBooks' times are cut to whole seconds: an edit there may be this much later than its time.
_TICK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Newer:
    """The side whose edit is the newer one, None where that is not known, and why."""

    side: Primary | None
    why: str


def newer(
    ours: datetime | None,
    *,
    looked: datetime | None,
    first_seen: datetime | None,
    skew: timedelta | None,
) -> Newer:
    """Order our edit (by our clock) and theirs, made after `looked` and by `first_seen` (theirs).

    `skew` is their clock less ours.
    """
    if skew is None:
        return Newer(None, "it is not known how far the clocks of the two systems are apart")
    if abs(skew) > MOST_SKEW:
        return Newer(None, "the clocks of the two systems are too far apart to tell which was last")
    if ours is None:
        return Newer(None, "it is not known when it was edited in Roster")
    at = ours + skew
    if first_seen is not None and at >= first_seen + _TICK:
        return Newer(Primary.ROSTER, "it was edited in Roster last")
    if looked is not None and at <= looked:
        return Newer(Primary.QUICKBOOKS, "it was edited in QuickBooks last")
    return Newer(None, "it cannot be told which edit was last")
