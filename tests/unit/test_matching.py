"""When two descriptions are the same customer."""

import pytest

from roster.domain.matching import find_same, is_same, match_card

ANN = {"full_name": "Ann Lee", "email": "ann@lee.example", "phone": "+1 (415) 555-0100"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({}, ANN, True),
        (ANN, ANN, True),
        (ANN, {"email": "ANN@lee.example"}, True),
        (ANN, {"phone": "415 555 0100"}, True),
        (ANN, {"phone": "0100"}, False),
        (ANN, {**ANN, "phone": "+49 30 1234567"}, True),
        (ANN, {**ANN, "email": "new@lee.example"}, True),
        (ANN, {"email": "other@lee.example", "phone": "+49 30 1234567"}, False),
        (ANN, {"email": "other@lee.example"}, False),
        (ANN, {**ANN, "full_name": "Bob Lee"}, False),
        ({**ANN, "external_id": "1"}, {**ANN, "external_id": "2"}, False),
        ({**ANN, "number": "1"}, {**ANN, "number": "2"}, False),
        ({"external_id": "1"}, {"number": "2"}, True),
    ],
)
def test_the_same_name_and_nothing_that_says_otherwise(
    one: dict[str, str], other: dict[str, str], *, same: bool
) -> None:
    first, second = (
        match_card(id=i, display_name="Acme", **v) for i, v in (("a", one), ("b", other))
    )
    assert is_same(first, second) is same
    assert is_same(second, first) is same


def test_another_name_is_another_customer() -> None:
    assert not is_same(match_card(id="a", display_name="Acme", **ANN),
                       match_card(id="b", display_name="Acme East", **ANN))  # fmt: skip
    assert is_same(match_card(id="a", display_name="Café Müller"),
                   match_card(id="b", display_name="CAFE MULLER"))  # fmt: skip


def test_of_several_the_one_that_shares_most() -> None:
    bare = match_card(id="bare", display_name="Acme")
    near = match_card(id="near", display_name="Acme", email="ann@lee.example")
    wanted = match_card(id="", display_name="acme", **ANN)
    assert find_same(wanted, [bare, near]) is near
    assert find_same(wanted, []) is None
