"""Lists that show only some of what they read, within a bound on what a page may read."""

from collections.abc import Callable

from roster.domain.record import Record
from roster.usecases.ports import Page

_READ_AT_ONCE, _LOOKED_AT = 100, 500


def narrowed[R: Record](
    read: Callable[[int, str | None], Page[R]],
    keeps: Callable[[R], bool],
    *,
    limit: int,
    after: str | None,
) -> Page[R]:
    """Of what `read(limit, after)` gives by id, what `keeps` wants; 500 are looked at at most.

    So a page may be short and still go on.
    """
    found: list[R] = []
    looked_at, size = 0, limit
    while True:
        page = read(size, after)
        for position, record in enumerate(page.items):
            after = record.id
            looked_at += 1
            if keeps(record):
                found.append(record)
            if len(found) == limit or looked_at == _LOOKED_AT:
                goes_on = page.next is not None or position + 1 < len(page.items)
                return Page(found, after if goes_on else None)
        if page.next is None:
            return Page(found)
        after, size = page.next, _READ_AT_ONCE
