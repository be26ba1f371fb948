"""Which customers may be one, and which never are by this alone."""

import pytest

from roster.domain import duplicate_learning
from roster.domain.duplicate_blocks import BLOCK_CAP, block_keys, candidate_pairs
from roster.domain.duplicate_facts import Facts, facts, name_words
from roster.domain.duplicate_learning import (
    LIKELY,
    Learned,
    Lesson,
    learn,
    weights_from,
)
from roster.domain.duplicates import Reason, Verdict, find_pairs, judge


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Plumbing, Inc.", "ACME PLUMBING LLC"),
        ("Müller & Söhne GmbH", "Muller und Sohne"),
        ("Shree Ganesh Pvt. Ltd.", "Shree Ganesh"),
        ("St. Mary's School", "Saint Marys School"),
        ("The O'Brien Company", "OBrien"),
    ],
)
def test_what_does_not_tell_names_apart(one: str, other: str) -> None:
    assert set(name_words(one)) == set(name_words(other))


def test_a_name_of_legal_forms_alone_keeps_them() -> None:
    assert name_words("The Limited Company") == ("the", "limited", "company")


def acme(**more: object) -> Facts:
    values: dict[str, object] = {"id": "1", "names": ["Acme Plumbing Inc"], **more}
    return facts(**values)  # type: ignore[arg-type]


def test_the_same_name_and_phone_are_exact() -> None:
    one = acme(phones=["+1 (415) 555-0100"])
    other = acme(id="2", names=["ACME Plumbing"], phones=["415.555.0100"])
    judgement = judge(one, other)
    assert judgement is not None
    assert judgement.verdict is Verdict.EXACT
    assert judgement.reasons == (Reason.SAME_NAME, Reason.SAME_PHONE)


def test_a_typing_error_and_the_same_address_are_likely() -> None:
    one = acme(street="12 North Main Street", zip="94110")
    other = acme(id="2", names=["Acme Plumbign"], street="12 N. Main St", zip="94110")
    judgement = judge(one, other)
    assert judgement is not None
    assert judgement.verdict is Verdict.LIKELY
    assert Reason.SIMILAR_NAME in judgement.reasons
    assert Reason.SAME_ADDRESS in judgement.reasons


@pytest.mark.parametrize("shared", [{"phones": ["4155550100"]}, {"emails": ["us@home.example"]}])
def test_a_household_is_never_likely_one_customer(shared: dict[str, list[str]]) -> None:
    home = {"street": "12 Main Street", "zip": "94110", "city": "Springfield", **shared}
    ann = facts(id="1", names=["Ann Wojciechowska"], given="Ann", **home)  # type: ignore[arg-type]
    bob = facts(id="2", names=["Bob Wojciechowska"], given="Bob", **home)  # type: ignore[arg-type]
    judgement = judge(ann, bob)
    assert judgement is not None
    assert judgement.verdict is Verdict.POSSIBLE
    assert Reason.OTHER_NAME in judgement.reasons


def test_two_firms_of_one_switchboard_are_never_likely_one() -> None:
    one = acme(phones=["4155550100"], street="1 Mall Road", zip="94110")
    other = acme(id="2", names=["Bistro Roma"], phones=["4155550100"], street="1 Mall Road",
                 zip="94110")  # fmt: skip
    judgement = judge(one, other, support=100.0)
    assert judgement is not None
    assert judgement.verdict is Verdict.POSSIBLE


def test_first_names_that_changed_places_are_one_person() -> None:
    one = facts(id="1", names=["Ann Lee"], given="Ann", phones=["4155550100"])
    other = facts(id="2", names=["Lee Ann"], given="Lee", phones=["4155550100"])
    judgement = judge(one, other)
    assert judgement is not None
    assert judgement.verdict is Verdict.EXACT


def test_two_of_the_same_name_and_nothing_else_are_not_exact() -> None:
    one, other = acme(), acme(id="2")
    judgement = judge(one, other)
    assert judgement is None or judgement.verdict is not Verdict.EXACT


def test_keys_that_many_share_compare_nobody() -> None:
    crowd = [facts(id=str(i), names=["John Smith"]) for i in range(BLOCK_CAP + 1)]
    assert not list(candidate_pairs(crowd))
    assert find_pairs(crowd).compared == 0


def test_a_customer_has_few_keys() -> None:
    full = acme(street="12 Main Street", unit="Floor 3", city="Springfield", zip="94110",
                phones=["4155550100"], emails=["a@b.example"])  # fmt: skip
    assert 8 <= len(block_keys(full)) <= 30
    assert not block_keys(facts(id="1"))


def test_the_order_of_customers_does_not_matter() -> None:
    customers = [
        facts(id=str(i), names=[f"Acme {n} Inc"], phones=[f"41555501{i // 2:02}"])
        for i, n in enumerate(["North", "Nort", "South", "Sooth", "West", "West"])
    ]
    assert find_pairs(customers).pairs == find_pairs(reversed(customers)).pairs


def test_a_review_moves_the_score_its_way_and_no_review_nothing() -> None:
    assert learn([]) == Learned()
    found = {"name": 10.0, "phone": 8.0}
    assert Learned().score(found) == 18.0 > LIKELY
    assert learn([(found, False)]).score(found) < LIKELY
    assert learn([(found, True)]).score(found) > 18.0


def test_what_speaks_for_two_never_comes_to_speak_against_them() -> None:
    # The name is shared by those that are two, and the phone by those that are one.
    two, one = ({"name": 10.0, "phone": 3.0}, {"name": 8.0, "phone": 5.0})
    taught = learn([(two, False)] * 14 + [(one, True)] * 12)
    assert min(taught.factors) >= 0.0
    assert taught.score(two) < Learned().score(two) < LIKELY
    assert taught.score(one) > LIKELY


@pytest.mark.parametrize(
    ("same", "other", "count"), [(4, 40, 0), (40, 4, 0), (9, 10, 0), (5, 15, 20)]
)
def test_few_decisions_or_decisions_of_one_kind_teach_nothing(
    same: int, other: int, count: int
) -> None:
    lessons = [Lesson({"phone": 5.0}, is_one=True)] * same
    lessons += [Lesson({"name": 9.0}, is_one=False)] * other
    learned, learned_from = weights_from(lessons)
    assert learned_from == count
    assert (learned != Learned()) == bool(count)


def test_of_very_many_decisions_the_newest_count(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 20
    monkeypatch.setattr(duplicate_learning, "MOST_OF_A_KIND", most)
    old = [Lesson({"phone": 5.0}, is_one=False)] * 3
    new = [Lesson({"name": 9.0}, is_one=n % 2 == 0) for n in range(2 * most)]
    assert weights_from(old + new) == weights_from(new)
    assert weights_from(new)[1] == 2 * most


def test_two_that_agree_in_everything_are_found_in_a_company_of_six() -> None:
    place = {"street": "12 Elm Street", "city": "Albany", "zip": "12207"}
    reach = {"emails": ["info@mh.example"], "phones": ["2125557711"]}
    one = facts(id="1", names=["Müller Heizung GmbH"], **reach, **place)
    other = facts(id="2", names=["Mueller Heizung"], **reach, **place)
    others = [facts(id=name, names=[name]) for name in ("Oak", "Birch", "Willow", "Hazel")]
    (pair,) = find_pairs([one, other, *others]).pairs
    assert (pair.one, pair.other) == ("1", "2")
    assert pair.judgement.verdict is Verdict.LIKELY


def test_a_word_that_many_of_a_small_company_share_says_little() -> None:
    plumbers = [
        facts(id=f"{i:02}", names=[f"{name} Plumbing"])
        for i, name in enumerate(
            ["Adams", "Baker", "Clark", "Davis", "Evans", "Frank", "Green", "Hills"]
        )
    ]
    assert not find_pairs(plumbers).pairs
