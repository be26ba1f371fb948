"""Lists that show only some of what they read, within a bound on what a page may read."""

from collections.abc import Callable

from roster.usecases.ports import Page

MAX_EVALUATED = 500
_READ_AT_ONCE = 100


def narrowed[T](
    read: Callable[[int, str | None], Page[T]],
    keeps: Callable[[T], bool],
    position: Callable[[T], str],
    *,
    limit: int,
    after: str | None,
    at_once: int = _READ_AT_ONCE,
) -> Page[T]:
    """Of what `read(limit, after)` gives, what `keeps` wants; at most 500 are looked at.

    `position` is where to go on after one of them, as `read` takes it. So a page may be short,
    even empty, and still go on.
    """
    found: list[T] = []
    evaluated = 0
    while True:
        page = read(min(at_once, MAX_EVALUATED - evaluated), after)
        for index, one in enumerate(page.items):
            after = position(one)
            evaluated += 1
            if keeps(one):
                found.append(one)
            if len(found) == limit or evaluated == MAX_EVALUATED:
                goes_on = page.next is not None or index + 1 < len(page.items)
                return Page(found, after if goes_on else None)
        if page.next is None:
            return Page(found)
        after = page.next
