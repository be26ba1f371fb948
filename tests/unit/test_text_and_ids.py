"""How names are folded and ids made."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain.ids import derived_id, new_id
from roster.domain.text import digits, fold, words

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café-Bar", "cafe bar"),
        ("STRASSE Straße", "strasse strasse"),
        ("  O'Brien & Sons, Inc. ", "o brien sons inc"),
        ("Łódź Ørsted", "lodz orsted"),
        ("東京 電力", "東京 電力"),
        ("snake_case", "snake case"),
        ("!! !", "!!!"),
        ("#1 Heating", "1 heating"),
        (" # ", "♯"),
        (" ", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=60))
def test_folding_is_done_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert all(word and " " not in word and "#" not in word for word in words(text))


def test_digits() -> None:
    assert digits("+1 (415) 555-0100 x٣") == "14155550100"


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_ids_are_ordered_by_time(one: int, other: int) -> None:
    first, second = (new_id("cus", NOW + timedelta(milliseconds=n)) for n in (one, other))
    assert len(first) == len("cus_") + 26
    if one != other:
        assert (first < second) == (one < other)


def test_a_derived_id_is_always_the_same() -> None:
    assert derived_id("cus", NOW, "imp_1", "7") == derived_id("cus", NOW, "imp_1", "7")
    assert derived_id("cus", NOW, "imp_1", "7") != derived_id("cus", NOW, "imp_1", "8")
    assert derived_id("cus", NOW, "a", "b") != derived_id("cus", NOW, "ab")
