"""`make bench`: print what Roster costs and keep it in docs/performance.md; 1 when over budget.

`python -m bench units handlers …` measures only these.
"""

import contextlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence

from bench import (
    duplicates,
    exports,
    finding,
    first_pull,
    handlers,
    importing,
    preflight,
    profile,
    quickbooks,
    sheets,
    starts,
    units,
    updating,
)
from bench.report import Table, keep

# Those that measure processes come first: Linux counts a parent's memory towards its children.
PARTS: Mapping[str, tuple[str, Callable[[], Table | None]]] = {
    "starts": ("Import of each handler in a fresh process", starts.table),
    "reading": ("Reading spreadsheets", sheets.reading),
    "importing": ("A large import beside a straightforward script", importing.table),
    "updating": ("Read units of plans that may change customers", updating.table),
    "loading": ("Importing a spreadsheet", sheets.loading),
    "exports": ("Exporting customers", exports.table),
    "handlers": ("CPU per request", handlers.table),
    "units": ("Requests and request units", units.table),
    "finding": ("Read units of lists, search and options", finding.table),
    "profile": ("Read units of a customer's page", profile.table),
    "quickbooks": ("Requests to QuickBooks per pull", quickbooks.table),
    "quickbooks-large": ("Syncing a large QuickBooks", first_pull.table),
    "preflight": ("A look before a sync", preflight.table),
    "duplicates": ("Duplicates found in labelled sets", duplicates.table),
    "duplicates-before": ("Duplicates found before creating", duplicates.before_table),
}


def main(wanted: Sequence[str]) -> int:
    """Measure all that is wanted, or everything, one part after the other."""
    over: list[str] = []
    for title, measure in [PARTS[name] for name in wanted or PARTS]:
        # Functions log to stdout; it is the tables that are wanted.
        with contextlib.redirect_stdout(io.StringIO()):
            table = measure()
        if table is None:
            print(f"\n{title}: skipped, ROSTER_DATA names no folder that holds what it needs")
            continue
        print(f"\n{title}\n\n{table.text()}", flush=True)
        keep(table)
        over += table.over
    print("\n" + "\n".join(f"Over budget: {line}" for line in over) if over else "\nBudgets met.")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
