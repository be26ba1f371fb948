"""What is looked at in every cell takes no longer for the longest cell there may be."""

import time

import pytest

from roster.adapters.spreadsheets.limits import MAX_CELL_CHARS
from roster.domain.imports.reading import LOOKS_LIKE_DATA


@pytest.mark.parametrize("text", ["42", "(212) 555-0101", "€ 1.500,00", "a@b.co", "@@x.y", "@a@b.c",
                                  "http://x", "_7_"])  # fmt: skip
def test_data_is_told_from_headings(text: str) -> None:
    assert LOOKS_LIKE_DATA.fullmatch(text)


@pytest.mark.parametrize("text", ["", "Name", "Street 2a", "a@b", "@b.co", "a@.b", "a b@c.de", "²"])
def test_headings_are_told_from_data(text: str) -> None:
    assert not LOOKS_LIKE_DATA.fullmatch(text)


@pytest.mark.parametrize("atom", ["1", "1.", "a@", "@.", "a@a.", "_", "- "])
def test_the_longest_cell_is_told_at_once(atom: str) -> None:
    begun = time.process_time()
    assert not LOOKS_LIKE_DATA.fullmatch(atom * (MAX_CELL_CHARS // len(atom)) + " a")
    assert time.process_time() - begun < 1
