"""Two sides that meet: who is linked, who is never, and what a person may decide."""

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from roster.domain.customer import Customer, Status
from roster.domain.sync.likely import likely_candidates
from roster.domain.sync.policy import MappingOption, Mode, Policy, Primary
from roster.domain.sync.pull import plan_pull
from roster.domain.sync.push import plan_push
from roster.domain.sync.steps import (
    Closeness,
    Decision,
    Here,
    Step,
    Verb,
    approved,
    fingerprint_of,
    plan_as_text,
)
from tests.support.sync_roster import REALM, TENANT, Line
from tests.support.sync_world import World

PULL, PUSH, BOTH = Mode.QUICKBOOKS_TO_ROSTER, Mode.ROSTER_TO_QUICKBOOKS, Mode.TWO_WAY


def company(mode: Mode, **more: Any) -> World:
    return World(Policy(mode=mode, **more))


def run(world: World) -> list[Line]:
    """A run in fair weather, later; returns what it reports."""
    world.now += timedelta(minutes=20)
    known = len(world.roster.report)
    world.sync(random.Random(0), rough=False)  # noqa: S311 — chance, not a secret
    return world.roster.report[known:]


def verbs(lines: Iterable[Line]) -> list[Verb]:
    return [line.action.verb for line in lines]


def enter(world: World, name: str, **values: Any) -> Customer:
    return world.roster.enter({"display_name": name, **values}, world.our_now)


def linked(world: World, record: str) -> str | None:
    link = world.roster.links.get(record)
    return link.customer_id if link and link.leads else None


def pull_plan(world: World, **here: Any) -> tuple[Step, ...]:
    mine = world.roster.here({})
    sides = {"customers": mine.customers, "names": mine.names, "links": mine.links, **here}
    page = world.books.listed(world.now, timedelta(0), None)
    policy = world.roster.policy
    return plan_pull(page, Here(**sides), policy, tenant=TENANT, realm=REALM)


@pytest.mark.shows("S4.044", "S4.046")
def test_one_of_the_same_name_on_each_side_is_linked_and_nothing_is_created() -> None:
    world = company(BOTH)
    ours = enter(world, "Café Zoë", email="zoe@x.example")
    theirs = world.books.add("CAFE ZOE", world.now, {"phone": "1"})
    run(world)
    assert linked(world, theirs) == ours.id
    assert (len(world.roster.customers), len(world.books.records)) == (1, 1)
    both = world.roster.customers[ours.id], world.books.records[theirs].now.values
    assert (both[0].phone, both[1]["email"]) == ("1", "zoe@x.example")


@pytest.mark.parametrize("primary", list(Primary))
def test_where_they_differ_at_their_first_meeting_the_primary_wins_and_it_is_told(
    primary: Primary,
) -> None:
    world = company(BOTH, primary=primary)
    ours = enter(world, "Acme", phone="2")
    theirs = world.books.add("Acme", world.now, {"phone": "3"})
    [conflict] = [o.action for o in run(world) if o.action.verb is Verb.CONFLICT]
    expected = "3" if primary is Primary.QUICKBOOKS else "2"
    assert world.roster.customers[ours.id].phone == expected
    assert world.books.records[theirs].now.values["phone"] == expected
    assert "Different on the two sides: phone" in conflict.reason


def test_two_of_that_name_here_are_never_guessed_between() -> None:
    world = company(BOTH)
    one, other = enter(world, "Acme"), enter(world, "ACME")
    record = world.books.add("Acme", world.now, {})
    [step] = pull_plan(world)
    assert [a.verb for a in step.actions] == [Verb.SKIP]
    assert {c.customer_id for c in step.candidates} == {one.id, other.id}
    assert {c.closeness for c in step.candidates} == {Closeness.AMBIGUOUS}
    run(world)
    assert (linked(world, record), len(world.books.records)) == (None, 1)


def test_two_of_that_name_there_are_never_guessed_between() -> None:
    world = company(BOTH)
    enter(world, "Cafe Zoe")
    world.books.add("Café Zoë", world.now, {})
    world.books.add("cafe zoe", world.now, {})
    steps = pull_plan(world)
    assert [a.verb for s in steps for a in s.actions] == [Verb.SKIP, Verb.SKIP]


def test_a_likely_one_under_another_name_waits_for_a_person() -> None:
    world = company(BOTH)
    ours = enter(world, "Amy's Bird Sanctuary", email="amy@birds.example", phone="5205550100")
    record = world.books.add(
        "Amys Birds Sanctuary",
        world.now,
        {"email": "amy@birds.example", "phone": "(520) 555-0100"},
    )
    found = likely_candidates(world.books.records[record].now, world.roster.customers.values())
    assert [(c.customer_id, c.closeness) for c in found] == [(ours.id, Closeness.LIKELY)]
    assert found[0].score > 0
    [step] = pull_plan(world, likely={record: found})
    assert ([a.verb for a in step.actions], step.candidates) == ([Verb.SKIP], found)
    create = Decision(option=MappingOption.CREATE)
    [step] = pull_plan(world, likely={record: found}, decisions={record: create})
    assert [a.verb for a in step.actions] == [Verb.CREATE_HERE]


@pytest.mark.parametrize("mode", list(Mode))
def test_the_mapping_has_the_word(mode: Mode) -> None:
    world = company(mode)
    ours = enter(world, "Smith & Sons")
    away = world.books.add("Away", world.now, {})
    other = world.books.add("Smith", world.now, {})
    again = world.books.add("Smith and Sons", world.now, {})
    world.roster.decisions = {
        away: Decision(option=MappingOption.DONT_IMPORT),
        other: Decision(option=MappingOption.EXISTING, customer_id=ours.id),
        again: Decision(option=MappingOption.CREATE, name="Smith & Sons (2)"),
    }
    run(world)
    assert (linked(world, away), linked(world, other)) == (None, ours.id)
    made = world.roster.customers[linked(world, again) or ""]
    assert made.display_name == "Smith & Sons (2)"
    run(world)
    assert len(world.roster.customers) == 2


def test_a_chosen_customer_that_is_linked_already_is_not_taken_away() -> None:
    world = company(BOTH)
    first = world.books.add("Acme", world.now, {})
    run(world)
    second = world.books.add("Birds", world.now, {})
    chosen = linked(world, first)
    world.roster.decisions = {
        second: Decision(option=MappingOption.EXISTING, customer_id=chosen),
    }
    [line] = run(world)
    assert (line.action.verb, linked(world, second)) == (Verb.SKIP, None)


@pytest.mark.parametrize("mode", [PUSH, BOTH])
@pytest.mark.shows("S4.037", "S4.038", "S4.039", "S4.054", "S4.055")
def test_of_two_abc_plumbing_the_first_goes_and_the_second_is_skipped_and_told(mode: Mode) -> None:
    world = company(mode)
    first, second = enter(world, "ABC Plumbing"), enter(world, "ABC Plumbing")
    third = enter(world, "Zeta")
    lines = run(world)
    assert [(o.action.verb, o.action.customer_id) for o in lines] == [
        (Verb.CREATE_THERE, first.id),
        (Verb.SKIP, second.id),
        (Verb.CREATE_THERE, third.id),
    ]
    assert "ABC Plumbing" in lines[1].action.reason
    assert sorted(r.now.display_name for r in world.books.records.values()) == [
        "ABC Plumbing",
        "Zeta",
    ]


@pytest.mark.parametrize("holder", ["vendor", "employee", "inactive customer"])
@pytest.mark.parametrize("mode", [PUSH, BOTH])
def test_a_name_that_anybody_has_in_quickbooks_is_not_sent(mode: Mode, holder: str) -> None:
    world = company(mode)
    if holder == "inactive customer":
        world.books.add("Acme", world.now, {}, active=False)
    else:
        world.books.add_other(holder, "ACME")
    ours = enter(world, "Acme")
    told = [o.action for o in run(world) if o.action.customer_id == ours.id]
    assert ([a.verb for a in told], world.books.writes) == ([Verb.SKIP], 0)
    assert holder in told[0].reason


@pytest.mark.parametrize(
    ("name", "rule"), [("A: B", "a colon"), ("A\tB", "a tab"), ('The "A"', "a double quote")]
)
def test_a_name_quickbooks_does_not_take_is_not_sent_and_the_rule_is_told(
    name: str, rule: str
) -> None:
    world = company(PUSH)
    enter(world, name)
    [line] = run(world)
    assert (line.action.verb, rule in line.action.reason) == (Verb.SKIP, True)
    assert world.books.writes == 0


def test_a_field_quickbooks_does_not_take_stays_and_the_others_go() -> None:
    world = company(PUSH)
    long = "a" * 60 + "@" + "b" * 50 + ".example"
    enter(world, "Acme", email=long, phone="1")
    create, skip = run(world)
    assert verbs([create, skip]) == [Verb.CREATE_THERE, Verb.SKIP]
    assert "e-mail is longer than QuickBooks' 100 characters" in skip.action.reason
    [record] = world.books.records.values()
    assert record.now.values == {"display_name": "Acme", "phone": "1"}


@pytest.mark.shows("S4.027")
def test_who_is_deleted_here_stays_in_quickbooks_and_does_not_come_back() -> None:
    world = company(BOTH)
    record = world.books.add("Acme", world.now, {})
    run(world)
    world.set_policy(Policy(mode=PUSH))
    run(world)
    key = linked(world, record) or ""
    world.roster.set_status(key, Status.INACTIVE, world.our_now)
    world.roster.set_status(key, Status.DELETED, world.our_now)
    [said] = run(world)
    assert (said.quickbooks_id, said.action.verb) == (record, Verb.SKIP)
    assert "deleted here and is still active in QuickBooks" in said.action.reason
    assert world.books.records[record].now.active
    world.roster.anew = True
    assert run(world) == []
    world.set_policy(Policy(mode=BOTH))
    world.books.edit(record, world.now, {"phone": "9"}, person=True)
    assert verbs(run(world)) == [Verb.SKIP]
    assert [c.status for c in world.roster.customers.values()] == [Status.DELETED]


def test_of_who_was_inactive_there_before_it_was_deleted_here_nothing_is_said() -> None:
    world = company(BOTH)
    record = world.books.add("Acme", world.now, {})
    run(world)
    key = linked(world, record) or ""
    world.roster.set_status(key, Status.INACTIVE, world.our_now)
    assert verbs(run(world)) == [Verb.DEACTIVATE_THERE]
    world.roster.set_status(key, Status.DELETED, world.our_now)
    assert run(world) == []


def test_a_merge_there_of_two_that_are_here_asks_and_makes_nobody_inactive() -> None:
    world = company(BOTH)
    one, other = (world.books.add(name, world.now, {}) for name in ("Acme", "Birds"))
    run(world)
    world.books.merge(one, other, world.now)
    asked = run(world)
    assert verbs(asked) == [Verb.CONFLICT, Verb.SKIP]
    assert "Merge these two here as well?" in asked[0].action.reason
    assert {c.status for c in world.roster.customers.values()} == {Status.ACTIVE}
    assert verbs(run(world)) == []


def test_a_merge_there_into_one_that_is_not_here_hands_the_customer_on() -> None:
    world = company(BOTH)
    one = world.books.add("Acme", world.now, {})
    run(world)
    ours = linked(world, one)
    other = world.books.add("Acme Corp", world.now, {"phone": "7"})
    world.books.merge(one, other, world.now)
    run(world)
    assert (linked(world, one), linked(world, other)) == (None, ours)
    [customer] = world.roster.customers.values()
    assert (customer.quickbooks, customer.status, customer.phone) == (other, Status.ACTIVE, "7")


def test_a_lost_answer_makes_no_second_customer_there() -> None:
    world = company(BOTH)
    ours = enter(world, "Acme")
    world.dies = lambda: bool(world.books.records)
    world.now += timedelta(minutes=20)
    assert world.sync(random.Random(0), rough=False) is None  # noqa: S311 — chance, not a secret
    assert (len(world.books.records), world.roster.links, len(world.roster.outbox)) == (1, {}, 1)
    world.dies = lambda: False
    world.roster.edit(ours.id, {"display_name": "Acme Ltd"}, world.our_now)
    run(world)
    [record] = world.books.records.values()
    assert (record.now.display_name, world.books.created[ours.id]) == ("Acme Ltd", 1)
    assert [c.quickbooks for c in world.roster.customers.values()] == [record.now.id]


def test_a_step_keeps_its_fingerprint_until_it_does_something_else() -> None:
    world = company(PULL)
    record = world.books.add("Acme", world.now, {"phone": "1"})
    before = {fingerprint_of(step) for step in pull_plan(world)}
    world.now += timedelta(minutes=1)
    world.books.invoice(record, world.now)
    world.books.add("Birds", world.now, {})
    steps = pull_plan(world)
    assert [s.theirs.id for s in approved(steps, before)] == [record]
    world.books.edit(record, world.now, {"phone": "2"}, person=True)
    assert approved(pull_plan(world), before) == []


def test_a_push_plan_is_the_same_bytes_in_any_order() -> None:
    world = company(PUSH)
    some = [enter(world, name) for name in ("Acme", "Birds", "acme", "Café", "cafe")]
    texts = set()
    for _ in range(5):
        random.Random(1).shuffle(some)  # noqa: S311 — chance, not a secret
        there = world.roster.there(world.books, some)
        texts.add(plan_as_text(plan_push(some, there, world.roster.policy)))
    assert len(texts) == 1


def test_jobs_and_their_sites_come_with_their_parent_in_every_mode_that_pulls() -> None:
    for mode in (PULL, BOTH, PUSH):
        world = company(mode)
        parent = world.books.add("Acme", world.now, {})
        sites = [
            world.books.add(
                name, world.now, {"company_name": "Acme"}, parent_id=parent, is_job=True
            )
            for name in ("North", "South")
        ]
        run(world)
        assert len(world.roster.customers) == (1 if mode.pulls else 0)
        kept = [world.roster.links[s].customer_id for s in sites if s in world.roster.links]
        assert kept == ([linked(world, parent)] * 2 if mode.pulls else [])
