"""The state is saved while the local cloud runs, not only when it is asked to stop.

Unmended, ``kill -9`` or a flat battery loses everything since the start. The state is read on the
event loop, where requests are answered too, so a snapshot never holds half a transaction; the
files are written beside it.
"""

import asyncio
import json
import logging
import os
import time
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import dynamodb

from infra.local.cloud.mends.source import redefine, replaced, source_of

SHORTEST_PAUSE_S = 2.0
# A large table takes a while to write down: never more than a twentieth of the time.
PAUSE_PER_SECOND_TAKEN = 20

_TABLE = "{k: v for k, v in table.items() if k != _INDEX_MEMBERS}"
_COPIED_TABLE = f"copy.deepcopy(\n            {_TABLE})"

logger = logging.getLogger("roster.local_cloud")
# The running task, or the event loop would forget it.
_running: set["asyncio.Task[None]"] = set()


class _Requests:
    """How many requests came in: nothing changes without one."""

    seen = 0


def apply() -> None:
    """Count requests, start the snapshots with the server, and make saving cheap."""
    serve, when_ready = app.app, app._run_ready_scripts

    async def counting(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/_ministack/"):
            _Requests.seen += 1
        await serve(scope, receive, send)

    async def mended_when_ready() -> None:
        task = asyncio.get_running_loop().create_task(_take_snapshots())
        _running.add(task)
        await when_ready()

    app.app, app._run_ready_scripts = counting, mended_when_ready
    persistence.save_state = _save_state
    redefine(
        dynamodb,
        dynamodb,
        "get_state",
        # Written down at once on the thread that owns it: no copy needed.
        replaced(source_of(dynamodb.get_state), (_COPIED_TABLE, _TABLE)),
    )


async def _take_snapshots() -> None:
    saved_at = -1
    while True:
        await asyncio.sleep(SHORTEST_PAUSE_S)
        if _Requests.seen == saved_at:
            continue
        saved_at = _Requests.seen
        longest = await _snapshot()
        await asyncio.sleep(longest * PAUSE_PER_SECOND_TAKEN)


async def _snapshot() -> float:
    """Save every service once; the longest the event loop was held, in seconds."""
    longest = 0.0
    services = app._build_persistence_save_dict()
    # Tables before functions: stream positions may then only lie too far ahead, which the
    # restart corrects, and never point into records that were not kept.
    for name in sorted(services, key=lambda service: service != "dynamodb"):
        begin = time.monotonic()
        try:
            text = _as_text(name, services[name]())
        except Exception:
            # One service that cannot be saved now must not cost the others their snapshot.
            logger.exception("no snapshot of %s", name)
            continue
        longest = max(longest, time.monotonic() - begin)
        if text is not None:
            await asyncio.to_thread(_write, name, text)
    return longest


def _as_text(service: str, state: Any) -> str | None:
    if state is None:
        return None
    wrapped = {
        "__ministack_format__": persistence._state_format_version(service),
        "payload": state,
    }
    # dumps and not dump: only dumps is written in C.
    return json.dumps(wrapped, default=persistence._json_default)


def _write(service: str, text: str) -> None:
    folder = Path(persistence.STATE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{service}.json"
    # A name of its own: the snapshot and the save at the end may meet.
    half = folder / f"{service}.{os.getpid()}.{time.monotonic_ns()}.tmp"
    half.write_text(text)
    half.replace(path)


def _save_state(service: str, state: dict[str, Any]) -> None:
    """In place of ministack's own: the same file, several times faster."""
    if not persistence.PERSIST_STATE:
        return
    try:
        text = _as_text(service, state)
        if text is not None:
            _write(service, text)
    except Exception:
        logger.exception("cannot save the state of %s", service)
