"""``make run``: everything, in front of you, until Ctrl-C."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from infra.local import stack
from infra.local.demo import quickbooks, spreadsheet, summary
from infra.local.demo.api import Api
from infra.local.home import CannotRunError, Home
from infra.local.identity import DEMO_TENANT

_LOOK_EVERY_S = 1.0


def run(home: Home, file: Path | None) -> None:
    """Start, show the doors at work, stay up; stops only what it started itself."""
    chosen = file or spreadsheet.BUNDLED
    if not chosen.is_file():
        raise CannotRunError(f"FILE={chosen} is not a file: name a spreadsheet (xlsx, csv or tsv)")
    # In a script's background SIGINT is ignored unless asked for.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    ours = not stack.is_running(home)
    try:
        stack.up(home)
        _show(home, chosen)
        print("\nCtrl-C stops it; the data stays." if ours else "\nCtrl-C leaves it running.")
        _stay(home)
    except KeyboardInterrupt:
        print()
    finally:
        if ours:
            stack.down(home)


def _show(home: Home, file: Path) -> None:
    imported = _attempt(lambda: _imported(home, file))
    print(f"\n{summary.table([(file.name, imported)])}", flush=True)
    quickbooks.show(home, tenant=DEMO_TENANT)
    rows = [("Customers", _attempt(lambda: _customers(home)))]
    print("\n".join(["", summary.table(rows), "", summary.how_to_go_on(home)]), flush=True)


def _attempt(step: Callable[[], str]) -> str:
    """What a step says, or why it could not: one door that fails leaves the others open."""
    try:
        return step()
    except CannotRunError as refusal:
        return str(refusal)


def _imported(home: Home, file: Path) -> str:
    state = spreadsheet.load(home, file, tenant=DEMO_TENANT)
    return summary.of_import(state, spreadsheet.counts(state))


def _customers(home: Home) -> str:
    """How many there are, counted as a client would: page by page."""
    api = Api(home, tenant=DEMO_TENANT, role="viewer")
    number, cursor = 0, None
    while True:
        page = api.get("/customers", limit=200, **({"cursor": cursor} if cursor else {}))
        number += len(page["data"])
        cursor = page["next_cursor"]
        if cursor is None:
            return f"{number} active"
        if number >= 5000:
            return f"more than {number}"


def _stay(home: Home) -> None:
    while True:
        time.sleep(_LOOK_EVERY_S)
        if stack.cloud(home).pid() is None:
            raise CannotRunError("the local cloud has ended: see 'make logs'")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
