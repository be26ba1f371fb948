"""The rows of a plan on their way into its files: what is told of each, and what is loaded."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import orjson

from roster.domain.customer_fields import MAX_LENGTH
from roster.domain.imports.draft import Action, PlannedRow
from roster.domain.imports.job import PlanSummary
from roster.domain.imports.reading import RowIssue
from roster.usecases.imports import names
from roster.usecases.imports.entries import Entries
from roster.usecases.imports.errors import FailedRows

_FILES = (names.PLAN, names.errors(merged=False), names.warnings(merged=False))


class RowFiles:
    """Files of lines in a local folder, and the entries for the load, growing row by row.

    `paths` are the files by the name they get, `failed` the rows for the error file.
    """

    def __init__(self, folder: Path, entries: Entries) -> None:
        self.paths = {name: folder / f"lines-{i}" for i, name in enumerate(_FILES)}
        self.failed: FailedRows | None = None
        self._entries = entries
        self._counts = dict.fromkeys(Action, 0)
        self._digest = hashlib.sha256()
        self._opened: Sequence[IO[bytes]] = ()

    @contextmanager
    def opened(self, failed: FailedRows) -> Iterator[None]:
        """Take rows from here on."""
        with ExitStack() as stack:
            self._opened = [stack.enter_context(path.open("wb")) for path in self.paths.values()]
            self.failed = failed
            yield

    @property
    def summary(self) -> PlanSummary:
        """How many rows come to what."""
        return PlanSummary(**{str(action): n for action, n in self._counts.items()})

    def digest(self, *parts: str) -> str:
        """What stands for the plan: its rows, and `parts` that say of what they are a plan."""
        whole = self._digest.copy()
        for part in parts:
            whole.update(part.encode())
        return whole.hexdigest()

    def remark(self, remarks: Iterable[RowIssue]) -> None:
        """Add what is to be told of the file and of no row."""
        for one in remarks:
            self._opened[-1].write(orjson.dumps(asdict(one)) + b"\n")

    def write(self, row: PlannedRow) -> None:
        """Write a row down, and what the load is to do for it."""
        plan, errors, warnings = self._opened
        if row.action is Action.ERROR and self.failed is not None:
            self.failed.add(row)
        self._counts[row.action] += 1
        # Whose fields change, from which version, to what; and what is added to whom.
        told = (row.line, row.action, row.same_as, row.customer_id, row.version,
                row.values if row.version else None)  # fmt: skip
        self._digest.update(orjson.dumps(told))
        issues = [asdict(issue) for issue in row.issues]
        plan.write(orjson.dumps(_told(row, issues)) + b"\n")
        for issue in issues:
            into = errors if issue["severity"] == "error" else warnings
            into.write(orjson.dumps(issue) + b"\n")
        brought = {"line": row.line, "locations": row.locations, "contacts": row.contacts}
        if row.customer_id:
            brought |= {"customer_id": row.customer_id, "name": row.name}
        if row.action is Action.CREATE:
            n = self._counts[Action.CREATE] - 1
            self._entries.add({**brought, "n": n, "values": row.values, "cells": row.cells})
        elif row.action is Action.UPDATE:
            self._entries.add(
                {
                    **brought,
                    "update": row.customer_id,
                    "version": row.version,
                    "set": row.values,
                    "old": row.old,
                    "cells": row.cells,
                }
            )
        elif row.action is Action.JOIN and row.joins is not None:
            self._entries.join(row.joins, {**brought, "cells": row.cells}, row.values)


def _told(row: PlannedRow, issues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A row of the plan on the wire."""
    # A name of any length may stand in a row that is refused for it.
    called = row.name[: MAX_LENGTH["display_name"]]
    line = {"line": row.line, "action": row.action, "name": called}
    line |= {k: v for k in ("customer_id", "reason", "same_as") if (v := getattr(row, k))}
    return {
        **line,
        "changes": [asdict(change) for change in row.changes],
        "locations_added": len(row.locations),
        "contacts_added": len(row.contacts),
        "issues": issues,
    }
