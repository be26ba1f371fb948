"""How many projects are in which phase: the same as counting them, on any day from now on."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from roster.domain.events import Actor
from roster.domain.project import Phase, Project, ProjectCounts, counts_moved, phases

FIRST = date(2026, 1, 1)
AT = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS = st.none() | st.integers(0, 30).map(lambda n: FIRST + timedelta(days=n))
_STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), _DAYS, _DAYS, st.booleans(), st.booleans()),
    max_size=20,
)


@given(steps=_STEPS, later=st.integers(0, 20))
def test_figures_are_what_counting_comes_to(
    steps: list[tuple[int, int, date | None, date | None, bool, bool]], later: int
) -> None:
    counts, there, today = ProjectCounts(), dict[int, Project](), FIRST
    for passed, which, start, end, closed, stays in steps:
        today += timedelta(days=passed)
        before = there.pop(which, None)
        after = None
        if stays:
            after = replace(before or project(which), start_date=start, end_date=end, closed=closed)
            there[which] = after
        if before or after:
            counts = counts_moved(counts, before, after, today)
    day = today + timedelta(days=later)
    expected = Counter(one.phase(day) for one in there.values())
    assert phases(counts, day) == {phase: expected[phase] for phase in Phase}


def test_what_went_by_takes_no_room() -> None:
    counts = ProjectCounts()
    for n in range(1000):
        day = FIRST + timedelta(days=n)
        counts = counts_moved(counts, None, replace(project(n), start_date=day, end_date=day), day)
    assert (counts.past, len(counts.spans)) == (999, 1)


def project(n: int) -> Project:
    return Project(
        id=f"prj_{n}", tenant="acme", customer_id="cus_1", created_at=AT, updated_at=AT,
        created_by=Actor("olga"), name="x",
    )  # fmt: skip
