"""Tax rates and payment terms that follow QuickBooks: in place, one for one, never doubled."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain.sync.books import (
    TaxedOn,
    TheirCodeRate,
    TheirTaxCode,
    TheirTaxRate,
    TheirTerm,
)
from roster.domain.sync.terms import (
    TermVerb,
    TheirChoice,
    plan_choices,
    tax_choices,
    term_choices,
)
from roster.domain.terms import Term, TermKind
from roster.domain.text import fold

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TAX, TERM = TermKind.TAX_RATE, TermKind.PAYMENT_TERM


def synced(
    theirs: Sequence[TheirChoice],
    ours: Sequence[Term] = (),
    kind: TermKind = TAX,
    *,
    at: datetime = NOW,
) -> tuple[list[str], list[Term]]:
    """The verbs, and ours after them; a second look must find nothing to do."""
    steps = plan_choices(kind, theirs, ours, tenant="acme", realm="1", now=at)
    after = {term.id: term for term in ours}
    after |= {step.term.id: step.term for step in steps if step.term}
    again = plan_choices(kind, theirs, after.values(), tenant="acme", realm="1", now=at)
    assert [step for step in again if step.verb is not TermVerb.SKIP] == []
    return [step.verb for step in steps], list(after.values())


def rate(id: str, percent: str, name: str = "VAT", *, active: bool = True) -> TheirTaxRate:
    return TheirTaxRate(
        id=id, name=name, percent=Decimal(percent), agency_id="1", active=active, created_at=NOW
    )


def code(id: str, *rates: str, name: str = "Texas", active: bool = True) -> TheirTaxCode:
    parts = tuple(TheirCodeRate(rate_id=r) for r in rates)
    return TheirTaxCode(id=id, name=name, active=active, sales_rates=parts)


@pytest.mark.shows("S4.111", "S4.112")
def test_an_edited_tax_changes_in_place_whichever_way_quickbooks_edits_it() -> None:
    verbs, first = synced(tax_choices([code("3", "10")], [rate("10", "8.25")]))
    assert verbs == ["create_here"]
    # Its screens retire the rate and put a new id into the code.
    rates = [rate("10", "8.25", active=False), rate("28", "8.5")]
    verbs, second = synced(tax_choices([code("3", "28")], rates), first)
    assert (verbs, [(t.id, t.value) for t in second]) == (["update_here"], [(first[0].id, "8.5")])
    # Renamed under the same id.
    verbs, third = synced(tax_choices([code("3", "28", name="Texas 2027")], rates), second)
    assert [(t.id, t.name, t.value) for t in third] == [(first[0].id, "Texas 2027", "8.5")]
    # A whole new code of the same name takes the old one's place.
    codes = [code("3", "28", name="Texas 2027", active=False), code("9", "28", name="Texas 2027")]
    verbs, fourth = synced(tax_choices(codes, rates), third)
    assert verbs == ["update_here"]
    assert [(t.id, t.quickbooks, t.active) for t in fourth] == [(first[0].id, "9", True)]
    assert [(p.name, p.value) for p in fourth[0].past] == [("Texas", "8.5"), ("Texas", "8.25")]


@pytest.mark.shows("S4.113", "S4.114")
def test_a_deleted_term_is_flagged_kept_and_no_longer_to_be_chosen() -> None:
    net = TheirTerm(id="4", name="Net 30", due_days=30)
    _, first = synced(term_choices([net]), kind=TERM)
    for gone in ([], [TheirTerm(id="4", name="Net 30", due_days=30, active=False)]):
        verbs, after = synced(term_choices(gone), first, kind=TERM)
        assert verbs == ["deactivate_here"]
        assert [(t.id, t.active, t.gone_there) for t in after] == [(first[0].id, False, True)]
        back_verbs, back = synced(term_choices([net]), after, kind=TERM)
        assert back_verbs == ["activate_here"]
        assert [(t.active, t.gone_there) for t in back] == [(True, False)]


def test_the_codes_of_automatic_taxes_are_no_rates() -> None:
    pseudo = [TheirTaxCode(id=i, name=i) for i in ("TAX", "NON", "CustomSalesTax")]
    assert tax_choices(pseudo, []) == []


def test_rates_on_rates_come_to_what_a_bill_shows() -> None:
    parts = (
        TheirCodeRate(rate_id="1"),
        TheirCodeRate(rate_id="2", on=TaxedOn.AMOUNT_PLUS_TAX),
        TheirCodeRate(rate_id="3", on=TaxedOn.TAX),
    )
    both = TheirTaxCode(id="5", name="Both", sales_rates=parts[:2])
    # 5 of the amount, then 10 of 105 is 10.5.
    assert tax_choices([both], [rate("1", "5"), rate("2", "10")])[0].value == "15.5"
    three = TheirTaxCode(id="5", name="Three", sales_rates=parts)
    # And 2 percent of those 10.5.
    rates = [rate("1", "5"), rate("2", "10"), rate("3", "2")]
    assert tax_choices([three], rates)[0].value == "15.71"


def test_a_code_whose_rate_is_missing_is_left_out_and_said() -> None:
    verbs, after = synced(tax_choices([code("3", "10")], []))
    assert (verbs, after) == (["skip"], [])


def test_what_is_there_already_is_linked_not_doubled() -> None:
    ours = [
        Term(id="term_1", kind=TERM, name="net 30", value=30),
        Term(id="term_2", kind=TERM, name="Two weeks", value=14),
        Term(id="term_3", kind=TERM, name="On sight", value=0),
        Term(id="term_4", kind=TERM, name="At once", value=0),
    ]
    theirs = [
        TheirTerm(id="1", name="Due on receipt", due_days=0),
        TheirTerm(id="2", name="Net 14", due_days=14),
        TheirTerm(id="3", name="Net 30", due_days=30),
        TheirTerm(id="4", name="On the 5th", day_of_month=5),
        TheirTerm(id="5", name="Old", due_days=7, active=False),
    ]
    verbs, after = synced(term_choices(theirs), ours, kind=TERM)
    linked = {term.quickbooks: term.id for term in after if term.quickbooks}
    assert (linked["2"], linked["3"]) == ("term_2", "term_1")
    # Two of ours are due at once: which one is meant cannot be told, so neither is taken.
    assert verbs == ["create_here", "link", "link", "create_here"]
    assert [term.name for term in after if term.id == "term_2"] == ["Net 14"]
    assert "5" not in linked


def test_of_two_new_ones_that_might_follow_the_old_none_is_taken_for_it() -> None:
    _, first = synced([TheirChoice(id="3", name="Texas", value="8")])
    theirs = [TheirChoice(id=i, name="Texas", value="9") for i in ("8", "9")]
    verbs, after = synced(theirs, first)
    assert sorted(verbs) == ["create_here", "create_here", "deactivate_here"]
    assert {t.quickbooks: t.active for t in after} == {"3": False, "8": True, "9": True}


NAMES = st.sampled_from(["Texas", "TEXAS", "Net 30", "Net 15", "é", "A: B"])
CHOICES = st.lists(
    st.builds(
        TheirChoice,
        id=st.integers(1, 9).map(str),
        name=NAMES,
        value=st.sampled_from(["5", "8.25", "0"]),
        active=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(st.lists(CHOICES, min_size=1, max_size=6), st.lists(NAMES, max_size=4))
def test_through_any_history_each_of_theirs_is_one_of_ours(
    history: list[list[TheirChoice]], names: list[str]
) -> None:
    ours = [Term(id=f"tax_{i}", kind=TAX, name=n, value="5") for i, n in enumerate(names)]
    before = {term.id for term in ours}
    for day, theirs in enumerate(history):
        _, ours = synced(theirs, ours, at=NOW + timedelta(days=day))
        linked = [term.quickbooks for term in ours if term.quickbooks]
        assert len(linked) == len(set(linked))
        for one in theirs:
            if one.active:
                followers = [t for t in ours if t.quickbooks == one.id]
                assert [(t.name, t.value, t.active) for t in followers] == [
                    (one.name, one.value, True)
                ]
        there = {one.id for one in theirs if one.active}
        assert all(t.gone_there and not t.active for t in ours
                   if t.quickbooks and t.quickbooks not in there)  # fmt: skip
        # Nothing of ours is ever removed.
        assert before <= {term.id for term in ours}
        before = {term.id for term in ours}
        assert all(fold(term.name) for term in ours)
