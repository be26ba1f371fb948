"""Carries notices to the configured address, over HTTP and in the background."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from infra.local.quickbooks.hooks.webhooks import SECONDS_TO_ANSWER

if TYPE_CHECKING:
    from infra.local.quickbooks.hooks.webhooks import Notice
    from infra.local.quickbooks.world import World

_LOOK_EVERY = 0.05


class Courier(threading.Thread):
    """Delivers what is due, one notice after the other, until `stop()`."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        self._world, self._stopping = world, threading.Event()

    def run(self) -> None:
        """Look for due notices again and again."""
        while not self._stopping.wait(_LOOK_EVERY):
            while not self._stopping.is_set() and self._deliver_one():
                pass

    def stop(self) -> None:
        """Finish the delivery under way and end."""
        self._stopping.set()
        self.join(2 * SECONDS_TO_ANSWER)

    def _deliver_one(self) -> bool:
        world = self._world
        with world.lock:
            world.hooks.flush(world.clock.now())
            notice = world.hooks.take(world.clock.now())
            endpoint = world.hooks.endpoint
        if notice is None:
            return False
        status = _post(endpoint.url, notice, endpoint.verifier)
        with world.lock:
            world.hooks.settle(notice, status, world.clock.now())
        world.changed.set()
        return True


def _post(url: str, notice: Notice, verifier: str) -> int | None:
    body, headers = notice.body.encode(), notice.headers(verifier)
    request = Request(url, data=body, headers=headers, method="POST")
    try:
        with urlopen(request, timeout=SECONDS_TO_ANSWER) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None
