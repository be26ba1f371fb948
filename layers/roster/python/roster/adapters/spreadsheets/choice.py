"""Which sheet of a workbook holds the customers, when it has several."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from roster.domain.imports.mapping import recognised_header
from roster.domain.imports.reading import SourceRow, UnreadableFile

_LOOK = 50
_MOST = 1_000
# Two headings are a table; one may be a word in an instruction.
_ENOUGH = 2


def best_sheet[T](
    sheets: Iterable[tuple[T, Iterator[SourceRow]]],
) -> tuple[T | None, Sequence[T]]:
    """The first sheet whose headings are recognised, else the first with a table; None: all empty.

    Beside it the further sheets whose headings are recognised. None is read beyond its first rows.
    """
    best: T | None = None
    best_rank = (0, 0)
    others: list[T] = []
    for sheet, rows in islice(sheets, _MOST):
        if best_rank[0] == _ENOUGH:
            if _is_list(rows):
                others.append(sheet)
            continue
        head = list(islice(rows, _LOOK))
        rank = _recognised(head), min(len(head), 2)
        if rank > best_rank:
            best, best_rank = sheet, rank
    return best, others


def _is_list(rows: Iterator[SourceRow]) -> bool:
    try:
        return _recognised(list(islice(rows, _LOOK))) == _ENOUGH
    except UnreadableFile:
        return False


def _recognised(head: list[SourceRow]) -> int:
    try:
        columns = recognised_header(head).columns
    except UnreadableFile:
        return 0
    return min(sum(column.field is not None for column in columns), _ENOUGH)
