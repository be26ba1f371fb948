"""A QuickBooks company connected to the demo tenant, and a run of its sync."""

import time
from typing import Any

import requests

from infra.local.demo.api import Api
from infra.local.home import CannotRunError, Home

CUSTOMERS, JOBS = 25, 6
_ENDS_WITHIN_S = 180.0
_POLL_S = 0.3
_ENDED = frozenset({"completed", "failed"})


def sync(home: Home, *, tenant: str) -> dict[str, Any]:
    """Connect the stand-in's company unless it is connected, run a sync; the run."""
    api = Api(home, tenant=tenant, role="admin")
    if api.get("/quickbooks/status")["status"] != "connected":
        _fill(home)
        _connect(api)
    if api.get("/quickbooks/settings")["mode"] is None:
        api.put("/quickbooks/settings", mode="two_way", primary="quickbooks")
    under_way = [run for run in _runs(api) if run["status"] not in _ENDED]
    started = under_way[0] if under_way else api.post("/quickbooks/runs")
    return _ended(api, started["id"])


def _fill(home: Home) -> None:
    """Give the stand-in's company customers to bring; a book that has some is left alone."""
    door = f"{home.standin_url}/_control"
    realm = requests.get(f"{door}/health", timeout=10).json()["realms"][0]
    book = requests.get(f"{door}/realms/{realm}/book", timeout=10).json()
    if not book["Customer"]:
        requests.post(
            f"{door}/realms/{realm}/seed", json={"customers": CUSTOMERS, "jobs": JOBS}, timeout=30
        ).raise_for_status()


def _connect(api: Api) -> None:
    """Do what a person does in the browser: visit the address and be sent back."""
    address = api.post("/quickbooks/connect")["authorize_url"]
    answer = requests.get(address, timeout=30)
    if not answer.ok:
        raise CannotRunError(
            f"QuickBooks could not be connected: {answer.status_code} at {answer.url}"
        )


def _runs(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/quickbooks/runs", limit=5)["data"]
    return found


def _ended(api: Api, run_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + _ENDS_WITHIN_S
    while True:
        run: dict[str, Any] = api.get(f"/quickbooks/runs/{run_id}")
        if run["status"] in _ENDED:
            return run
        if time.monotonic() > deadline:
            raise CannotRunError(f"the sync is still {run['status']}: see 'make logs'")
        time.sleep(_POLL_S)
