"""How many calls a company may make before it is throttled."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infra.local.quickbooks import faults

if TYPE_CHECKING:
    from infra.local.quickbooks.settings import Settings

_MINUTE = 60.0


@dataclass
class Limits:
    """The times of the latest calls, in epoch seconds, by realm."""

    calls: dict[str, deque[float]] = field(default_factory=dict)
    batches: dict[str, deque[float]] = field(default_factory=dict)

    def admit(self, realm: str, settings: Settings, now: float, *, batch: bool) -> None:
        """Count a call; GatewayFault 429 when it is one too many."""
        if settings.per_second or settings.per_minute:
            times = _since(self.calls, realm, now - _MINUTE)
            last_second = sum(1 for one in times if one > now - 1)
            if 0 < settings.per_minute <= len(times) or 0 < settings.per_second <= last_second:
                raise faults.throttled()
            times.append(now)
        if batch and settings.batches_per_minute:
            times = _since(self.batches, realm, now - _MINUTE)
            if len(times) >= settings.batches_per_minute:
                raise faults.throttled()
            times.append(now)


def _since(known: dict[str, deque[float]], realm: str, moment: float) -> deque[float]:
    times = known.setdefault(realm, deque())
    while times and times[0] <= moment:
        times.popleft()
    return times
