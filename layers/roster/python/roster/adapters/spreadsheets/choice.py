"""Which sheet of a workbook holds the customers, when it has several."""

from collections.abc import Iterable, Iterator
from itertools import islice

from roster.domain.imports.mapping import recognised_header
from roster.domain.imports.reading import SourceRow, UnreadableFile

_LOOK = 50
# Two headings are a table; one may be a word in an instruction.
_ENOUGH = 2


def best_sheet[T](sheets: Iterable[tuple[T, Iterator[SourceRow]]]) -> T | None:
    """The first sheet whose headings are recognised, else the first with a table; None: all empty.

    Reads no further than it must: the first sheet with good headings ends the search.
    """
    best: T | None = None
    best_rank = (0, 0)
    for sheet, rows in sheets:
        head = list(islice(rows, _LOOK))
        rank = _recognised(head), min(len(head), 2)
        if rank > best_rank:
            best, best_rank = sheet, rank
        if best_rank[0] == _ENOUGH:
            break
    return best


def _recognised(head: list[SourceRow]) -> int:
    try:
        columns = recognised_header(head).columns
    except UnreadableFile:
        return 0
    return min(sum(column.field is not None for column in columns), _ENOUGH)
