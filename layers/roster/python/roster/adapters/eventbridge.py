"""Publishing what happened to the company's event bus."""

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from roster.usecases.ports import Announcement

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

_BATCH = 10
_ATTEMPTS = 4
SOURCE = "roster.customers"


class NotPublished(Exception):
    """The bus kept refusing some entries; `count` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} events were not taken by the bus")
        self.count = count


class EventBridge:
    """An event bus; implements `ports.Announcements`."""

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        self._client, self._bus = client, bus

    def publish(self, announcements: Sequence[Announcement]) -> None:
        """Publish all, trying again those the bus did not take; raises NotPublished."""
        for start in range(0, len(announcements), _BATCH):
            self._publish_some(announcements[start : start + _BATCH])

    def _publish_some(self, some: Sequence[Announcement]) -> None:
        pending = [
            {
                "EventBusName": self._bus,
                "Source": SOURCE,
                "DetailType": one.kind,
                "Time": one.at,
                "Resources": [one.subject],
                "Detail": orjson.dumps(one.detail).decode(),
            }
            for one in some
        ]
        for attempt in range(_ATTEMPTS):
            answer = self._client.put_events(Entries=pending)  # type: ignore[arg-type]
            if not answer["FailedEntryCount"]:
                return
            taken = zip(pending, answer["Entries"], strict=True)
            pending = [entry for entry, result in taken if result.get("ErrorCode")]
            time.sleep(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 — jitter
        raise NotPublished(len(pending))
