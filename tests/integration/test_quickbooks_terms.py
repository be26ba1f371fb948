"""Taxes and terms of a run: QuickBooks' own where it leads, in place, and never a second one."""

from typing import Any

import pytest

from roster.domain.sync.connection import Run, RunStatus, Trigger
from roster.domain.sync.policy import Mode, Primary
from roster.domain.terms import Term, TermKind
from tests.support.api import Api
from tests.support.sync import Office

SETTINGS = Api("settings_api", role="admin")
_MODES: list[dict[str, Any]] = [
    {"mode": Mode.QUICKBOOKS_TO_ROSTER},
    {"mode": Mode.TWO_WAY, "primary": Primary.QUICKBOOKS},
    {"mode": Mode.TWO_WAY, "primary": Primary.ROSTER},
]
in_each_mode_that_pulls = pytest.mark.parametrize("chosen", _MODES, ids=str)


@pytest.fixture
def acme(unconnected: Office) -> Office:
    return unconnected


def a_day_later(acme: Office) -> Run:
    acme.clock.advance(hours=25)
    acme.control.clock(advance=25 * 3600)
    acme.control.reset_counters()
    run = acme.pull()
    assert run.status is RunStatus.COMPLETED, run.reason
    return run


def ours(acme: Office, kind: TermKind) -> dict[str, Term]:
    """Ours by name; of one name there is one."""
    terms = acme.ports.settings.terms(acme.tenant, kind)
    found = {term.name: term for term in terms}
    assert len(found) == len(terms), terms
    return found


@pytest.mark.shows("S4.068", "S4.075", "S4.111", "S4.112")
@in_each_mode_that_pulls
def test_a_tax_edited_there_is_the_same_tax_here(acme: Office, chosen: dict[str, Any]) -> None:
    acme.choose(**chosen)
    acme.connect()
    a_day_later(acme)
    before = ours(acme, TermKind.TAX_RATE)
    old = before["California"]
    # QuickBooks makes a rate with a new id of it and retires the old one.
    acme.control.change("taxrates", "1", Name="California 9", RateValue=9)
    run = a_day_later(acme)
    after = ours(acme, TermKind.TAX_RATE)
    assert len(after) == len(before)
    changed = next(term for term in after.values() if term.id == old.id)
    assert (float(changed.value), changed.active) == (9.0, True)
    rows = [r for r in acme.report(run) if r.kind == "tax_rate"]
    assert [(r.verb, r.name) for r in rows] == [("update_here", changed.name)]
    assert not [k for k in a_day_later(acme).counts if k.endswith("_tax_rate")]


@pytest.mark.shows("S4.113", "S4.114")
@in_each_mode_that_pulls
def test_a_term_deleted_there_stays_and_cannot_be_chosen(
    acme: Office, chosen: dict[str, Any]
) -> None:
    acme.choose(**chosen)
    acme.connect()
    a_day_later(acme)
    kept = ours(acme, TermKind.PAYMENT_TERM)["Net 30"]
    acme.create("Chose It", payment_term_id=kept.id)
    acme.control.retire("terms", kept.quickbooks or "")
    run = a_day_later(acme)
    gone = ours(acme, TermKind.PAYMENT_TERM)["Net 30"]
    assert (gone.id, gone.active, gone.gone_there) == (kept.id, False, True)
    assert acme.customers()["Chose It"].payment_term_id == kept.id
    [row] = [r for r in acme.report(run) if r.kind == "payment_term"]
    assert row.verb == "deactivate_here"
    refused = Api("customers_api", role="office").post(
        "/v1/customers", {"company_name": "Too Late", "payment_term_id": kept.id}
    )
    assert refused.status == 422
    assert "payment_term_id" in refused.text


@in_each_mode_that_pulls
def test_what_was_just_added_there_comes_when_somebody_asks_and_costs_the_schedule_nothing(
    acme: Office, chosen: dict[str, Any]
) -> None:
    acme.choose(**chosen)
    acme.connect()
    a_day_later(acme)
    lists = 5 if chosen["mode"] is Mode.TWO_WAY else 3
    acme.control.enter("terms", Name="Net 7", Type="STANDARD", DueDays=7)

    def asked_for() -> dict[str, int]:
        assert Api("quickbooks_api").post("/v1/quickbooks/runs", None).status == 202
        return worked()

    def worked() -> dict[str, int]:
        acme.control.reset_counters()
        assert acme.work() == []
        [run, *_] = acme.ports.state.runs(acme.tenant, limit=1, after=None).items
        assert run.status is RunStatus.COMPLETED, run.reason
        seen = acme.control.counters()
        return {"cdc": seen["cdc"], "query": seen["query"], "polls": run.polls}

    quiet = {"cdc": 1, "query": 0, "polls": 0}
    later(acme)
    acme.dispatch()
    assert worked() == quiet
    assert "Net 7" not in ours(acme, TermKind.PAYMENT_TERM)
    assert asked_for() == {"cdc": 1, "query": lists, "polls": lists}
    assert ours(acme, TermKind.PAYMENT_TERM)["Net 7"].value == 7
    # Who asks again at once gets what came a moment ago.
    assert asked_for() == quiet


def later(acme: Office) -> None:
    acme.clock.advance(minutes=16)
    acme.control.clock(advance=16 * 60)


@pytest.mark.shows("S4.110", "S4.113")
def test_where_roster_leads_taxes_and_terms_are_left_alone(acme: Office) -> None:
    made = SETTINGS.post("/v1/tax-rates", {"name": "Ours", "rate_percent": "7"})
    assert made.status == 201, made.text
    acme.choose(Mode.ROSTER_TO_QUICKBOOKS)
    acme.connect()
    a_day_later(acme)
    acme.control.change("taxrates", "1", RateValue=9)
    run = a_day_later(acme)
    assert run.counts == {}
    assert set(ours(acme, TermKind.TAX_RATE)) == {"Ours"}
    assert ours(acme, TermKind.PAYMENT_TERM) == {}


def wanting_a_term_that_went(acme: Office) -> tuple[Term, str]:
    """Our Net 30, QuickBooks' of which has just been deleted, and its id there."""
    ours_30 = ours(acme, TermKind.PAYMENT_TERM)["Net 30"]
    assert ours_30.quickbooks is not None
    acme.control.retire("terms", ours_30.quickbooks)
    acme.create("Wants It", payment_term_id=ours_30.id, phone="520 555 0100")
    return ours_30, ours_30.quickbooks


@pytest.mark.shows("S4.113", "S4.114")
@pytest.mark.parametrize("chosen", _MODES[1:], ids=str)
def test_a_term_deleted_there_since_the_lists_were_read_holds_up_no_customer(
    acme: Office, chosen: dict[str, Any]
) -> None:
    acme.choose(**chosen)
    acme.connect()
    a_day_later(acme)
    term, _ = wanting_a_term_that_went(acme)
    acme.clock.advance(minutes=20)
    run = acme.pull(Trigger.SCHEDULE)
    assert run.status is RunStatus.COMPLETED, run.reason
    assert sorted(r.verb for r in acme.report(run)) == ["create_there", "skip"]
    [there] = acme.control.book()["Customer"]
    assert (there["DisplayName"], "SalesTermRef" in there) == ("Wants It", False)
    assert acme.customers()["Wants It"].payment_term_id == term.id
    gone = ours(acme, TermKind.PAYMENT_TERM)["Net 30"]
    assert (gone.id, gone.active, gone.gone_there) == (term.id, False, True)


@pytest.mark.shows("S4.073", "S4.113")
def test_where_roster_leads_a_term_deleted_there_is_told_and_arrives_when_it_is_back(
    acme: Office,
) -> None:
    acme.choose(Mode.ROSTER_TO_QUICKBOOKS)
    acme.connect()
    made = SETTINGS.post("/v1/payment-terms", {"name": "Net 30", "due_days": 30}).json
    acme.create("First", payment_term_id=made["id"])
    a_day_later(acme)
    _, there = wanting_a_term_that_went(acme)
    run = a_day_later(acme)
    assert sorted(r.verb for r in acme.report(run)) == ["create_there", "skip", "skip"]
    [said] = [r for r in acme.report(run) if r.kind == "payment_term"]
    assert "was deleted in QuickBooks, which keeps the name" in said.reason
    acme.control.change("terms", there, Active=True)
    acme.edit("Wants It", {"phone": "520 555 0199"})
    a_day_later(acme)
    book = {c["DisplayName"]: c for c in acme.control.book()["Customer"]}
    assert set(book) == {"First", "Wants It"}
    assert book["Wants It"]["SalesTermRef"]["value"] == there
    assert book["Wants It"]["PrimaryPhone"]["FreeFormNumber"] == "520 555 0199"


def test_the_schedule_reads_the_lists_once_a_day_and_they_are_counted_apart(acme: Office) -> None:
    acme.choose(Mode.TWO_WAY, primary=Primary.ROSTER)
    acme.connect()
    first = a_day_later(acme)
    # Codes and rates, terms, vendors, employees; and one page of no customers.
    assert (first.polls, first.calls, first.reads) == (5, 1, 1)
    assert acme.control.counters()["query"] == 6
    acme.clock.advance(minutes=20)
    again = acme.pull(Trigger.SCHEDULE)
    assert (again.polls, again.calls) == (0, 1)
    found = Api("quickbooks_api", role="viewer").get("/v1/quickbooks/status").json
    assert found["reads_this_month"] == 7


def test_a_run_that_died_over_the_lists_adds_nothing_twice(acme: Office) -> None:
    acme.choose(Mode.TWO_WAY, primary=Primary.ROSTER)
    acme.connect()
    acme.control.fail("drop", times=3, skip=3, path="/query")
    run = acme.start()
    with pytest.raises(Exception, match="could not be reached"):
        acme.finish_run(run)
    acme.finish_run(run)
    over = acme.run(run.id)
    assert over.status is RunStatus.COMPLETED
    names = {r.name for r in acme.report(over) if r.kind == "payment_term"}
    assert names == set(ours(acme, TermKind.PAYMENT_TERM))
