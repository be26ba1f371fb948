"""`make bench`: print what Roster costs and keep it in docs/performance.md; 1 when over budget."""

import contextlib
import io
from collections.abc import Callable, Sequence

from bench import handlers, quickbooks, sheets, starts, units
from bench.report import Table, keep

# Those that measure processes come first: Linux counts a parent's memory towards its children.
PARTS: Sequence[tuple[str, Callable[[], Table]]] = (
    ("Import of each handler in a fresh process", starts.table),
    ("Reading spreadsheets", sheets.reading),
    ("Importing a spreadsheet", sheets.loading),
    ("CPU per request", handlers.table),
    ("Requests and request units", units.table),
    ("Requests to QuickBooks per pull", quickbooks.table),
)


def main() -> int:
    """Measure everything, one part after the other."""
    over: list[str] = []
    for title, measure in PARTS:
        # Functions log to stdout; it is the tables that are wanted.
        with contextlib.redirect_stdout(io.StringIO()):
            table = measure()
        print(f"\n{title}\n\n{table.text()}", flush=True)
        keep(table)
        over += table.over
    print("\n" + "\n".join(f"Over budget: {line}" for line in over) if over else "\nBudgets met.")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
