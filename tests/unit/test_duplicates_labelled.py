"""The search for duplicates on labelled sets; skipped where ROSTER_DATA does not hold them."""

import pytest

from tests.support import duplicates
from tests.support.duplicates import SETS, after_reviews, chicago

pytestmark = pytest.mark.skipif(
    duplicates.folder() is None, reason="ROSTER_DATA holds no labelled duplicates"
)


@pytest.mark.parametrize(("load", "least"), [s[1:] for s in SETS], ids=[s[0] for s in SETS])
def test_one_setting_is_good_enough_for_every_set(load: object, least: float) -> None:
    found = duplicates.accuracy(load())  # type: ignore[operator]
    assert found.f1 >= least, found
    assert found.comparisons < duplicates.MOST_COMPARISONS


def test_two_hundred_reviewed_pairs_teach_something() -> None:
    assert after_reviews(chicago()).f1 >= duplicates.LEARNED_F1
