"""Loading and taking back the rows of a chunk that hang on customers, whatever they are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import orjson

from roster.domain.imports.job import Import, ImportKind, Tally
from roster.domain.imports.touching import KeptCode
from roster.usecases.imports import names
from roster.usecases.imports.ports import ImportFiles


class Unwritten(Exception):
    """A row that cannot be loaded any more: a stable `rule`, and a sentence for a person."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule, self.detail = rule, detail


def gone() -> Unwritten:
    """The customer of a row was deleted since the plan was made."""
    return Unwritten("customer_gone", "the customer was deleted since the plan was made")


class RecordRows(Protocol):
    """The rows of one kind; `planned` is an entry of a chunk. Every step is harmless twice."""

    def write(self, job: Import, planned: Mapping[str, Any]) -> None:
        """Add what the row holds to its customer; what was changed or removed since stays so.

        Raises Unwritten.
        """

    def is_there(self, job: Import, planned: Mapping[str, Any]) -> bool:
        """Whether what the row has added is there now."""

    def remove(self, job: Import, planned: Mapping[str, Any]) -> str | None:
        """Remove what the row has added, as if it never was; its id if it was changed since."""


type RowsOf = Callable[[ImportKind], RecordRows]


def load_records(
    job: Import,
    chunk: int,
    planned: Sequence[Mapping[str, Any]],
    *,
    rows: RecordRows,
    files: ImportFiles,
) -> tuple[Tally, int]:
    """Load the chunk's rows; what is to be counted, and how many issues were written down."""
    issues: list[dict[str, Any]] = []
    for one in planned:
        try:
            rows.write(job, one)
        except Unwritten as why:
            issues.append(
                {
                    "line": one["line"],
                    "column": None,
                    "value": one["name"] or one["customer_id"],
                    "rule": why.rule,
                    "detail": why.detail,
                    "severity": "error",
                    "suggestion": None,
                }
            )
    if issues:
        files.write(job, names.result(chunk), orjson.dumps(issues))
    created = len(planned) - len(issues)
    return Tally(created=created, failed=len(issues), chunks=1), len(issues)


def take_back_records(
    job: Import,
    chunk: int,
    planned: Sequence[Mapping[str, Any]],
    *,
    rows: RecordRows,
    files: ImportFiles,
) -> tuple[int, list[dict[str, Any]]]:
    """Remove what the chunk's rows have added: how many were there, and those that stay.

    Which were there is written down before the first goes: a later attempt could not tell.
    """
    content = files.read(job, names.found(chunk, job.undo_round))
    if content is None:
        content = orjson.dumps([one["line"] for one in planned if rows.is_there(job, one)])
        files.write(job, names.found(chunk, job.undo_round), content)
    there = set(orjson.loads(content))
    kept = []
    for one in planned:
        stays = rows.remove(job, one)
        if stays is not None and one["line"] in there:
            kept.append(
                {
                    "line": one["line"],
                    "customer_id": one["customer_id"],
                    "record_id": stays,
                    "name": one["name"],
                    "code": KeptCode.EDITED,
                    "detail": "changed since",
                }
            )
    return len(there), kept
