"""Dates as people type them."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain.imports.dates import typed_moment

NOON = 12


@pytest.mark.parametrize(
    ("text", "month_first", "expected"),
    [
        ("2024-03-05", True, (2024, 3, 5, NOON)),
        ("2024-03-05T14:30:00", True, (2024, 3, 5, 14, 30)),
        ("2024-03-05 14:30", True, (2024, 3, 5, 14, 30)),
        ("2024-03-05T14:30:00+02:00", True, (2024, 3, 5, 12, 30)),
        ("2024-03-05T14:30:00Z", True, (2024, 3, 5, 14, 30)),
        ("3/4/2024", True, (2024, 3, 4, NOON)),
        ("3/4/2024", False, (2024, 4, 3, NOON)),
        ("25/12/2024", True, (2024, 12, 25, NOON)),
        ("12/25/24", False, (2024, 12, 25, NOON)),
        ("05.03.2024", True, (2024, 3, 5, NOON)),
        ("2024/3/5", False, (2024, 3, 5, NOON)),
        ("5-Mar-24", True, (2024, 3, 5, NOON)),
        ("March 5th, 2024", False, (2024, 3, 5, NOON)),
        ("5 Mar 2024 at 2:05 pm", False, (2024, 3, 5, 14, 5)),
        ("3/4/2024 2:05:09 PM", True, (2024, 3, 4, 14, 5, 9)),
        ("1/2/70", True, (1970, 1, 2, NOON)),
    ],
)
def test_a_date_is_read_as_its_country_writes_it(
    text: str, month_first: bool, expected: tuple[int, ...]
) -> None:
    year, month, day, *clock = expected
    assert typed_moment(text, month_first=month_first) == datetime(
        year, month, day, *clock, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "31/31/2024",
        "2024-02-30",
        "3/4",
        "12:30",
        "45000",
        "0/0/2024",
        "5 Mai",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert typed_moment(text, month_first=True) is None


@given(st.text(max_size=30), st.booleans())
def test_no_text_raises(text: str, month_first: bool) -> None:
    found = typed_moment(text, month_first=month_first)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize("text", ["," * 131_072, "1 " * 65_536, "at " * 40_000 + "1:00"])
def test_a_cell_full_of_breaks_names_no_moment_and_takes_no_time(text: str) -> None:
    begun = time.process_time()
    assert typed_moment(text, month_first=True) is None
    assert time.process_time() - begun < 1
