"""One list out of the parts of several customers."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from roster.domain.customer import Customer
from roster.domain.events import Actor
from roster.usecases.joining import joined_one, joined_page, owners
from roster.usecases.ports import Page

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def customer(absorbed: int) -> Customer:
    return Customer(
        id="cus_0", tenant="acme", created_at=NOW, updated_at=NOW, created_by=Actor("olga"),
        display_name="Acme", absorbed=tuple(f"cus_{n + 1}" for n in range(absorbed)),
    )  # fmt: skip


@given(
    st.lists(st.sets(st.integers(0, 99), max_size=12), min_size=1, max_size=4),
    st.integers(1, 7),
    st.integers(1, 7),
    st.booleans(),
)
def test_the_pages_hold_everything_once_and_in_order(
    lists: list[set[int]], limit: int, most_at_once: int, newest_first: bool
) -> None:
    one = customer(len(lists) - 1)
    beside = {
        owner: sorted((f"{n:02d}{owner}" for n in found), reverse=newest_first)
        for owner, found in zip(owners(one), lists, strict=True)
    }

    def read(owner: str, *, limit: int, after: str | None) -> Page[str]:
        rest = [
            x for x in beside[owner]
            if after is None or (x < after if newest_first else x > after)
        ]  # fmt: skip
        # A table may stop a page before it is full.
        page = rest[: min(limit, most_at_once)]
        return Page(page, page[-1] if page and len(page) < len(rest) else None)

    seen: list[str] = []
    after: str | None = None
    while True:
        page = joined_page(
            one, read, position=str, limit=limit, after=after, newest_first=newest_first
        )
        assert len(page.items) <= limit
        seen += page.items
        if (after := page.next) is None:
            break
    assert seen == sorted((x for found in beside.values() for x in found), reverse=newest_first)


def test_one_part_is_found_beside_whoever_has_it() -> None:
    there = {"cus_2": "part"}
    assert joined_one(customer(3), there.get) == "part"
    assert joined_one(customer(1), there.get) is None
