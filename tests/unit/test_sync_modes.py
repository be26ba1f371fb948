"""What each mode moves, who wins where both sides edited, and what is said of it."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from roster.domain.customer import Customer, Status
from roster.domain.sync.fields import overrides
from roster.domain.sync.policy import Mode, Policy, Primary, looks_anew
from roster.domain.sync.pull import contested
from roster.domain.sync.records import ACTIVE, our_values
from roster.domain.sync.steps import Action, Verb
from tests.support.sync_world import World

PULL, PUSH, BOTH = Mode.QUICKBOOKS_TO_ROSTER, Mode.ROSTER_TO_QUICKBOOKS, Mode.TWO_WAY
MINUTE = timedelta(minutes=1)


class Company(World):
    """One customer in both systems, linked, and quiet."""

    def __init__(
        self, mode: Mode, primary: Primary = Primary.QUICKBOOKS, *, skew: timedelta = timedelta(0)
    ) -> None:
        super().__init__(Policy(mode=BOTH, primary=primary), skew=skew)
        self.record = self.books.add("Acme", self.now, {"phone": "1", "email": "a@x.example"})
        self.run()
        self.set_policy(Policy(mode=mode, primary=primary))
        self.run()

    def run(self, *, after: timedelta = 20 * MINUTE) -> list[Action]:
        """A run in fair weather, later; returns what it reports."""
        self.now += after
        known = len(self.roster.report)
        self.sync(random.Random(0), rough=False)  # noqa: S311 — chance, not a secret
        return [line.action for line in self.roster.report[known:]]

    def die_once(self, dies: Callable[[], bool]) -> None:
        """A run in fair weather whose worker dies as soon as that holds."""
        self.dies = dies
        assert self.sync(random.Random(0), rough=False) is None  # noqa: S311 — chance, not a secret
        self.dies = lambda: False

    @property
    def customer(self) -> Customer:
        """The customer here."""
        return self.roster.customers[self.roster.links[self.record].customer_id or ""]

    def here(self, **values: Any) -> None:
        """Somebody edits it here."""
        self.roster.edit(self.customer.id, values, self.our_now)

    def there(self, **values: Any) -> None:
        """Somebody edits it there."""
        self.books.edit(self.record, self.now, values, person=True)

    def value(self, field: str) -> tuple[Any, Any]:
        """What the field holds here and there."""
        theirs = self.books.records[self.record].now.base
        return our_values(self.customer).get(field), theirs.get(field)


def verbs(actions: list[Action]) -> list[Verb]:
    return [action.verb for action in actions]


@pytest.mark.parametrize(
    ("mode", "after"), [(PULL, ("2", "2")), (PUSH, ("1", "2")), (BOTH, ("2", "2"))]
)
@pytest.mark.shows("S4.032", "S4.033", "S4.034", "S4.057", "S4.060")
def test_an_edit_in_quickbooks_comes_where_quickbooks_may_write(
    mode: Mode, after: tuple[str, str]
) -> None:
    acme = Company(mode)
    acme.there(phone="2")
    acme.run()
    assert acme.value("phone") == after


@pytest.mark.parametrize(
    ("mode", "after"), [(PULL, ("2", "1")), (PUSH, ("2", "2")), (BOTH, ("2", "2"))]
)
@pytest.mark.shows("S4.058", "S4.059", "S4.061")
def test_an_edit_here_goes_where_roster_may_write(mode: Mode, after: tuple[str, str]) -> None:
    acme = Company(mode)
    acme.here(phone="2")
    acme.run()
    assert acme.value("phone") == after


def test_a_local_override_stays_until_quickbooks_edits_that_field_and_the_loss_is_told() -> None:
    acme = Company(PULL)
    acme.here(phone="2")
    acme.there(email="b@x.example")
    assert verbs(acme.run()) == [Verb.UPDATE_HERE]
    link = acme.roster.links[acme.record]
    assert overrides(link, our_values(acme.customer)) == ("phone",)
    acme.there(phone="3")
    update, conflict = acme.run()
    assert (update.verb, acme.value("phone")) == (Verb.UPDATE_HERE, ("3", "3"))
    [one] = conflict.conflicts
    assert (one.base, one.ours, one.theirs, one.winner) == ("1", "2", "3", Primary.QUICKBOOKS)
    assert not overrides(acme.roster.links[acme.record], our_values(acme.customer))


def test_an_edit_there_gives_way_to_one_here_where_roster_leads_and_that_is_told() -> None:
    acme = Company(PUSH)
    acme.there(phone="3")
    assert acme.run() == []
    acme.here(phone="2")
    update, conflict = acme.run()
    assert (update.verb, acme.value("phone")) == (Verb.UPDATE_THERE, ("2", "2"))
    [change], [one] = update.changes, conflict.conflicts
    assert (change.old, change.new) == ("3", "2")
    assert (one.base, one.ours, one.theirs, one.winner) == ("1", "2", "3", Primary.ROSTER)


@pytest.mark.parametrize("primary", list(Primary))
@pytest.mark.shows("S4.047", "S4.048", "S4.049", "S4.062")
def test_the_newer_of_two_edits_wins_field_by_field(primary: Primary) -> None:
    acme = Company(BOTH, primary)
    # QuickBooks' e-mail is the newer one: our edit was made before our last look at theirs.
    acme.here(email="here@x.example")
    run_before_push_dies(acme)
    acme.now += 20 * MINUTE
    acme.there(email="there@x.example", phone="3")
    acme.now += MINUTE
    acme.here(phone="2")
    said = acme.run()
    assert acme.value("email") == ("there@x.example", "there@x.example")
    assert acme.value("phone") == ("2", "2")
    winners = {c.field: c.winner for a in said for c in a.conflicts}
    assert winners == {"email": Primary.QUICKBOOKS, "phone": Primary.ROSTER}
    [conflict] = [a for a in said if a.verb is Verb.CONFLICT]
    assert "e-mail: it was edited in QuickBooks last" in conflict.reason
    assert "phone: it was edited in Roster last" in conflict.reason


def run_before_push_dies(acme: Company) -> None:
    """Our edit stays unsent while QuickBooks is looked at without a difference."""
    acme.now += 20 * MINUTE
    acme.set_policy(Policy(mode=PULL, primary=acme.roster.policy.primary))
    acme.run()
    acme.set_policy(Policy(mode=BOTH, primary=acme.roster.policy.primary))
    acme.roster.anew = False


@pytest.mark.parametrize("primary", list(Primary))
@pytest.mark.parametrize(
    ("skew", "why"), [(0, "cannot be told which edit was last"), (600, "too far apart")]
)
def test_the_primary_wins_where_the_order_is_not_known(
    primary: Primary, skew: int, why: str
) -> None:
    acme = Company(BOTH, primary, skew=timedelta(seconds=skew))
    acme.here(phone="2")
    acme.now += MINUTE
    acme.there(phone="3")
    said = acme.run()
    expected = "3" if primary is Primary.QUICKBOOKS else "2"
    assert acme.value("phone") == (expected, expected)
    [one] = [c for a in said for c in a.conflicts]
    assert (one.winner, why in one.why) == (primary, True)
    assert "is the primary system" in one.why


def test_an_invoice_makes_no_edit_look_newer() -> None:
    acme = Company(BOTH, Primary.ROSTER)
    acme.there(phone="3")
    acme.now += MINUTE
    acme.here(phone="2")
    acme.now += MINUTE
    acme.books.invoice(acme.record, acme.now)
    said = acme.run()
    [one] = [c for a in said for c in a.conflicts]
    assert one.why.startswith("it cannot be told")


def test_the_same_edit_on_both_sides_is_no_conflict() -> None:
    acme = Company(BOTH)
    acme.here(phone="2")
    acme.there(phone="2")
    assert acme.run() == []
    acme.there(phone="3")
    assert verbs(acme.run()) == [Verb.UPDATE_HERE]


@pytest.mark.shows("S4.091")
def test_the_status_follows_both_ways_and_the_name_comes_back_with_it() -> None:
    acme = Company(BOTH)
    acme.roster.set_status(acme.customer.id, Status.INACTIVE, acme.our_now)
    assert verbs(acme.run()) == [Verb.DEACTIVATE_THERE]
    acme.roster.set_status(acme.customer.id, Status.ACTIVE, acme.our_now)
    acme.run()
    assert (acme.value(ACTIVE), acme.value("display_name")) == ((True, True), ("Acme", "Acme"))
    acme.there(active=False)
    assert verbs(acme.run()) == [Verb.DEACTIVATE_HERE]
    assert acme.customer.status is Status.INACTIVE


def test_who_cannot_have_the_name_again_stays_inactive_there() -> None:
    acme = Company(BOTH)
    acme.there(active=False)
    acme.run()
    acme.books.add_other("vendor", "Acme")
    acme.roster.set_status(acme.customer.id, Status.ACTIVE, acme.our_now)
    [skip] = acme.run()
    assert (skip.verb, acme.value(ACTIVE)) == (Verb.SKIP, (True, False))
    assert "vendor “Acme”" in skip.reason


@pytest.mark.shows("S4.029")
def test_another_mode_takes_up_what_the_old_one_left() -> None:
    acme = Company(PUSH)
    acme.there(phone="3")
    acme.run()
    assert acme.value("phone") == ("1", "3")
    acme.set_policy(Policy(mode=PULL))
    acme.run()
    assert acme.value("phone") == ("3", "3")
    acme.here(phone="4")
    acme.run()
    acme.set_policy(Policy(mode=BOTH))
    acme.run()
    assert acme.value("phone") == ("4", "4")


def test_only_settings_that_move_customers_need_a_look_at_everything() -> None:
    assert looks_anew(Policy(mode=PULL), Policy(mode=BOTH))
    assert looks_anew(None, Policy())
    assert not looks_anew(Policy(), Policy(report=False, primary=Primary.ROSTER))


def test_what_quickbooks_cuts_does_not_go_back_and_forth() -> None:
    acme = Company(BOTH)
    long = "520 555 0100, ask for Mary at the desk"
    acme.here(phone=long, company_name="Two  spaces")
    acme.run()
    assert acme.value("phone") == (long, long[:30].strip())
    assert acme.value("company_name") == ("Two  spaces", "Two spaces")
    acme.roster.anew = True
    assert acme.run() == []
    acme.there(phone="3")
    assert verbs(acme.run()) == [Verb.UPDATE_HERE]
    assert acme.value("phone") == ("3", "3")


def died_owing() -> Company:
    """Ours won, the run died before it was sent, and then it was taken back here."""
    acme = Company(BOTH, Primary.ROSTER)
    acme.here(phone="2")
    acme.there(phone="3")
    acme.now += 20 * MINUTE
    acme.die_once(lambda: bool(acme.roster.links[acme.record].owed))
    acme.here(phone="1")
    return acme


def test_a_value_that_ours_won_is_sent_even_if_it_is_what_it_was_before() -> None:
    acme = died_owing()
    acme.run()
    assert acme.value("phone") == ("1", "1")


def test_an_edit_there_of_a_field_that_ours_won_is_a_conflict_again() -> None:
    acme = died_owing()
    acme.there(phone="4")
    [conflict] = [a for a in acme.run() if a.verb is Verb.CONFLICT]
    assert [(c.ours, c.theirs) for c in conflict.conflicts] == [("1", "4")]
    assert acme.value("phone") == ("1", "1")


@pytest.mark.parametrize("primary", list(Primary))
@pytest.mark.parametrize("later", ["1", "3", None])
def test_what_a_dead_worker_took_from_quickbooks_is_no_edit_of_ours(
    primary: Primary, later: str | None
) -> None:
    acme = Company(BOTH, primary)
    acme.there(phone="2")
    acme.now += 20 * MINUTE
    acme.die_once(lambda: acme.customer.phone == "2")
    acme.there(phone=later)
    assert verbs(acme.run()) == [Verb.UPDATE_HERE]
    assert acme.value("phone") == (later, later)
    assert acme.run() == []


def test_an_edit_of_ours_over_what_a_dead_worker_took_goes_to_quickbooks() -> None:
    acme = Company(BOTH)
    acme.there(phone="2")
    acme.now += 20 * MINUTE
    acme.die_once(lambda: acme.customer.phone == "2")
    acme.now += 20 * MINUTE
    acme.here(phone="3")
    acme.run()
    assert acme.value("phone") == ("3", "3")


def test_a_stale_list_does_not_undo_what_was_sent() -> None:
    acme = Company(BOTH)
    stale = acme.books.records[acme.record].now
    acme.here(phone="2")
    acme.run()
    acme.books.records[acme.record].states.append((acme.now, stale))
    acme.roster.anew = True
    assert acme.run() == []
    assert acme.value("phone")[0] == "2"


def test_only_customers_edited_on_both_sides_need_the_times_of_their_edits() -> None:
    acme = Company(BOTH)
    acme.there(phone="3")
    page = [acme.books.records[acme.record].now]
    policy = acme.roster.policy
    assert contested(page, acme.roster.here({}), policy) == ()
    acme.here(email="b@x.example")
    assert contested(page, acme.roster.here({}), policy) == ()
    acme.here(phone="2")
    assert contested(page, acme.roster.here({}), policy) == (acme.customer.id,)
