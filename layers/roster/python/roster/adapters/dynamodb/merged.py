"""Rows of several partitions as one list, in the order of their sort keys."""

from collections.abc import Sequence

from roster.adapters.dynamodb.table import Item, Table
from roster.usecases.ports import Page


def merged_rows(
    table: Table,
    partitions: Sequence[str],
    *,
    share: int,
    after: str | None,
    between: tuple[str, str] | None = None,
    newest_first: bool = False,
) -> Page[Item]:
    """The next rows of all the partitions, of which `share` are read from each.

    What lies beyond the end of the partition that ends first has not been read everywhere, so the
    rows go up to there.
    """
    rows: list[Item] = []
    ends: list[str] = []
    for partition in partitions:
        part, last = table.query(
            partition, between=between, after=after, limit=share, forward=not newest_first
        )
        rows += part
        if last is not None:
            ends.append(last)
    rows.sort(key=_position, reverse=newest_first)
    if not ends:
        return Page(rows)
    edge = max(ends) if newest_first else min(ends)
    known = [r for r in rows if (_position(r) >= edge if newest_first else _position(r) <= edge)]
    return Page(known, edge)


def _position(row: Item) -> str:
    return str(row["sk"])
