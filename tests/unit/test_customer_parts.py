"""One part is the primary whatever happens, and the history tells it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain import parts as rules
from roster.domain.contact import Contact
from roster.domain.errors import NotFound, StaleVersion, WrongState

verbs = st.lists(
    st.tuples(st.sampled_from(["add", "edit", "remove"]), st.integers(0, 4), st.booleans()),
    max_size=25,
)


def contact(number: int, *, primary: bool = False) -> Contact:
    return Contact(id=f"con_{number:03d}", customer_id="cus_1", primary=primary, first_name="Ann")


@given(verbs)
def test_one_is_the_primary_as_long_as_there_is_any(
    steps: list[tuple[str, int, bool]],
) -> None:
    parts: list[Contact] = []
    for number, (verb, position, primary) in enumerate(steps):
        before, stood = list(parts), position < len(parts)
        try:
            if verb == "add":
                parts = rules.with_part(parts, contact(number, primary=primary))
            elif stood and verb == "edit":
                parts = rules.with_edited(parts, replace(parts[position], primary=primary))
            elif stood:
                parts = rules.without(parts, parts[position])
        except WrongState:
            assert before[position].primary, "only what would leave none"
        assert [part.primary for part in parts].count(True) == min(1, len(parts))
        kept = {part.id: part for part in before}
        for part in parts:
            old = kept.get(part.id, part)
            assert (part == old) is (part.version == old.version)
        told = rules.changes("contacts", before, parts)
        assert bool(told) is (before != parts)


@given(st.lists(st.booleans(), max_size=6))
def test_what_others_wrote_is_read_with_one_primary(flags: list[bool]) -> None:
    stored = [contact(i, primary=flag) for i, flag in enumerate(flags)]
    read = rules.with_one_primary(stored[::-1])
    assert [part.id for part in read] == [part.id for part in stored]
    assert [part.primary for part in read].count(True) == min(1, len(flags))
    if any(flags):
        assert read[flags.index(True)].primary


def test_a_part_is_found_by_its_id_and_version() -> None:
    one = contact(1, primary=True)
    assert rules.find([one], one.id, 1) is one
    with pytest.raises(StaleVersion):
        rules.find([one], one.id, 2)
    with pytest.raises(NotFound):
        rules.find([one], "con_2", None)


def test_there_are_not_more_than_so_many() -> None:
    many = [contact(i, primary=i == 0) for i in range(rules.MAX_PARTS)]
    with pytest.raises(WrongState):
        rules.with_part(many, contact(999))
