"""Runs of the sync as a user asks for them: start one, wait, read all that it says."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.local.demo.api import Api, Refused
from infra.local.home import CannotRunError

_ENDS_WITHIN_S = 180.0
_POLL_S = 0.3
_ENDED = frozenset({"completed", "failed"})
_UNDER_WAY = 409


@dataclass(frozen=True)
class Ran:
    """A run that is over, and the report of it and of those of the schedule just before it."""

    run: dict[str, Any]
    rows: list[dict[str, Any]]
    schedule_was_first: bool


def every(api: Api, path: str, **query: Any) -> Iterator[dict[str, Any]]:
    """Everything in a list, page after page."""
    cursor = None
    while True:
        page = api.get(path, **query, **({"cursor": cursor} if cursor else {}))
        yield from page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def run(api: Api, path: str = "/quickbooks/runs", **body: Any) -> Ran:
    """Start a run, as soon as none is under way, and wait until it is over."""
    before = known_runs(api)
    deadline = time.monotonic() + _ENDS_WITHIN_S
    while True:
        try:
            started = api.post(path, **body)
            break
        except Refused as refusal:
            if refusal.status != _UNDER_WAY or time.monotonic() > deadline:
                raise
        time.sleep(_POLL_S)
    return ended(api, started["id"], before)


def ended(api: Api, run_id: str, before: set[str]) -> Ran:
    """Wait for a run; its report begins with those of other runs that were not there `before`."""
    deadline = time.monotonic() + _ENDS_WITHIN_S
    while (found := api.get(f"/quickbooks/runs/{run_id}"))["status"] not in _ENDED:
        if time.monotonic() > deadline:
            raise CannotRunError(f"the sync is still {found['status']}: see 'make logs'")
        time.sleep(_POLL_S)
    if found["status"] != "completed":
        raise CannotRunError(f"the sync failed: {found['reason']}")
    others = [one["id"] for one in _latest(api) if one["id"] not in before and not one["dry"]]
    ids = [one for one in reversed(others) if one != run_id]
    rows = [row for one in (*ids, run_id) for row in report(api, one)]
    return Ran(found, rows, bool(ids))


def known_runs(api: Api) -> set[str]:
    """The ids of the latest runs."""
    return {one["id"] for one in _latest(api)}


def report(api: Api, run_id: str) -> list[dict[str, Any]]:
    """Every line of a run's report."""
    return list(every(api, f"/quickbooks/runs/{run_id}/report", limit=200))


def _latest(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/quickbooks/runs", limit=10)["data"]
    return found
