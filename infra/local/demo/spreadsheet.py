"""A spreadsheet dropped into the bucket, and the import that comes of it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from infra.local import aws
from infra.local.demo.api import Api
from infra.local.deploy import outputs
from infra.local.home import CannotRunError, Home
from infra.local.identity import check_tenant

BUNDLED = Path(__file__).parent / "customers.xlsx"
# States in which nothing more happens by itself.
_SETTLED = frozenset(
    {
        "completed",
        "completed_with_errors",
        "rejected",
        "failed",
        "cancelled",
        "awaiting_confirmation",
        "undone",
    }
)
_ROWS = (
    "rows_total", "rows_read", "done", "created", "updated", "joined", "skipped", "failed",
    "cancelled",
)  # fmt: skip
_SEEN_WITHIN_S = 60.0
# A large file on a slow laptop; without any progress for this long something is wrong.
_MOVES_WITHIN_S = 180.0
_POLL_S = 0.3


def drop(home: Home, file: Path, *, tenant: str) -> str:
    """Put a file where a person with the AWS console would; its address in the bucket."""
    check_tenant(tenant)
    if not file.is_file():
        raise CannotRunError(f"FILE={file} is not a file: name a spreadsheet (xlsx, csv or tsv)")
    bucket = outputs(home)["ImportsBucketName"]
    key = f"{tenant}/inbox/{file.name}"
    with file.open("rb") as content:
        aws.s3(home).put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"


def load(home: Home, file: Path, *, tenant: str) -> dict[str, Any]:
    """Drop a file and show its import until it has settled; the import."""
    api = Api(home, tenant=tenant, role="office")
    before = {found["id"] for found in _imports(api)}
    drop(home, file, tenant=tenant)
    started = _first_new(api, before, file.name)
    with tqdm(desc=f"Importing {file.name}", unit=" rows", leave=True) as bar:
        for state in _states(api, started["id"]):
            rows = counts(state)
            bar.total = rows["rows_total"] or None
            bar.n = rows["done"]
            bar.refresh()
    return state


def counts(state: dict[str, Any]) -> dict[str, int]:
    """How far an import is, in rows; rows_total is 0 until they are counted."""
    return {name: int(state["progress"][name] or 0) for name in _ROWS}


def _imports(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/imports", limit=50)["data"]
    return found


def _first_new(api: Api, before: set[str], name: str) -> dict[str, Any]:
    deadline = time.monotonic() + _SEEN_WITHIN_S
    while time.monotonic() < deadline:
        for found in _imports(api):
            if found["id"] not in before and found["filename"] == name:
                return found
        time.sleep(_POLL_S)
    raise CannotRunError(
        f"no import of {name} began within {_SEEN_WITHIN_S:.0f} s: see 'make logs'"
    )


def _states(api: Api, import_id: str) -> Iterator[dict[str, Any]]:
    """The import again and again until it has settled; its last state comes last."""
    last: tuple[Any, ...] = ()
    moved = time.monotonic()
    while True:
        state: dict[str, Any] = api.get(f"/imports/{import_id}")
        yield state
        if state["status"] in _SETTLED:
            return
        now = (state["status"], *sorted(counts(state).items()))
        if now != last:
            last, moved = now, time.monotonic()
        elif time.monotonic() - moved > _MOVES_WITHIN_S:
            raise CannotRunError(f"the import stands still at {state['status']}: see 'make logs'")
        time.sleep(_POLL_S)
