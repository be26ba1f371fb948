"""The search for duplicates on labelled sets; skipped where ROSTER_DATA does not hold them."""

from collections.abc import Callable

import pytest

from tests.support import duplicates
from tests.support.duplicates import SETS, Labelled, after_reviews, chicago
from tests.support.duplicates_before import LEAST_FOUND, check_before

pytestmark = pytest.mark.skipif(
    duplicates.folder() is None, reason="ROSTER_DATA holds no labelled duplicates"
)


@pytest.mark.parametrize(("load", "least"), [s[1:] for s in SETS], ids=[s[0] for s in SETS])
def test_one_setting_is_good_enough_for_every_set(load: object, least: float) -> None:
    found = duplicates.accuracy(load())  # type: ignore[operator]
    assert found.f1 >= least, found
    assert found.comparisons < duplicates.MOST_COMPARISONS


@pytest.mark.parametrize(("name", "load"), [s[:2] for s in SETS], ids=[s[0] for s in SETS])
def test_the_check_before_creating_shows_who_is_there(
    name: str, load: Callable[[], Labelled]
) -> None:
    checked = check_before(load())
    assert checked.asked > 200
    assert checked.found >= LEAST_FOUND[name], checked
    # A list nobody reads warns nobody.
    assert checked.shown < 12


def test_two_hundred_reviewed_pairs_teach_something() -> None:
    assert after_reviews(chicago()).f1 >= duplicates.LEARNED_F1
