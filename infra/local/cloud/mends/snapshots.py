"""The state is saved while the local cloud runs, not only when it is asked to stop.

Unmended, ``kill -9`` or a flat battery loses everything since the start. The state is read on the
event loop, where requests are answered too, so a snapshot never holds half a transaction; the
files are written beside it. What never changes, the content of layers, is written once.
"""

import asyncio
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc

from infra.local.cloud.mends.source import redefine, replaced, source_of

SHORTEST_PAUSE_S = 2.0
# A large table takes a while to write down: never more than a twentieth of the time.
PAUSE_PER_SECOND_TAKEN = 20
# But never so seldom that a crash loses more than a person can remember having done.
LONGEST_PAUSE_S = 10.0

# Layer contents by identity, with the file each is in: hashing 20 MB takes a while too.
_written: dict[int, tuple[str, bytes]] = {}
_CONTENT = "_zip_data"
_REFERENCE = "roster_layer_file"
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
    _keep_layers_apart()


def _keep_layers_apart() -> None:
    """Tens of megabytes of layers would be encoded and written again every few seconds."""
    save, load = lambda_svc.get_state, lambda_svc.load_persisted_state
    _written.clear()

    def mended_save() -> dict[str, Any]:
        # The copy shares the bytes, which are then taken out of it.
        state: dict[str, Any] = save()
        for version in _layer_versions(state["layers"]):
            content = version.get(_CONTENT)
            if isinstance(content, bytes):
                version[_CONTENT] = {_REFERENCE: _layer_file(content)}
        return state

    def mended_load(state: dict[str, Any]) -> None:
        for version in _layer_versions(state.get("layers") or {}):
            content = version.get(_CONTENT)
            if isinstance(content, dict) and _REFERENCE in content:
                version[_CONTENT] = (_layer_folder() / content[_REFERENCE]).read_bytes()
        load(state)

    lambda_svc.get_state, lambda_svc.load_persisted_state = mended_save, mended_load


def _layer_versions(layers: Any) -> Iterator[dict[str, Any]]:
    # Nothing saved yet: an ordinary dict, and empty.
    for _, layer in layers.all_items() if isinstance(layers, AccountRegionScopedDict) else ():
        yield from layer.get("versions", [])


def _layer_folder() -> Path:
    return Path(persistence.STATE_DIR) / "roster-layers"


def _layer_file(content: bytes) -> str:
    """The name of the file that holds the content, written when it is new."""
    known = _written.get(id(content))
    if known is not None and known[1] is content:
        return known[0]
    name = hashlib.sha256(content).hexdigest()
    path = _layer_folder() / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".tmp")
        half.write_bytes(content)
        half.replace(path)
    # Held, so that its identity stays its own.
    _written[id(content)] = (name, content)
    return name


async def _take_snapshots() -> None:
    saved_at = -1
    while True:
        await asyncio.sleep(SHORTEST_PAUSE_S)
        if _Requests.seen == saved_at:
            continue
        saved_at = _Requests.seen
        longest = await _snapshot()
        await asyncio.sleep(min(longest * PAUSE_PER_SECOND_TAKEN, LONGEST_PAUSE_S))


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
