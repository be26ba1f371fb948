"""The planner: pure, deterministic, and quiet once its plan is carried out."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain import customer as rules
from roster.domain.customer import Customer, Origin, Status
from roster.domain.events import Actor, Source
from roster.domain.location import Address
from roster.domain.sync.policy import MappingOption, Policy
from roster.domain.sync.pull import plan_pull
from roster.domain.sync.records import Link, TheirCustomer
from roster.domain.sync.steps import Decision, Here, Step, Verb, plan_as_text
from roster.domain.text import fold

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
HOME = Address(street="1 Main St", city="Tucson")
SITE = Address(street="9 Site Rd", city="Tucson")


def theirs(id: str, name: str, **more: Any) -> TheirCustomer:
    values = {"display_name": name, **more.pop("values", {})}
    fixed: dict[str, Any] = {
        "sync_token": "0",
        "created_at": NOW,
        "last_updated": NOW,
        "is_job": "parent_id" in more,
    }
    return TheirCustomer(id=id, display_name=name, values=values, **(fixed | more))


class World:
    """Our side, as the plan's execution leaves it."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}
        self.customers: dict[str, Customer] = {}

    def here(self) -> Here:
        names: dict[str, tuple[str, ...]] = {}
        for customer in self.customers.values():
            key = fold(customer.display_name)
            names[key] = tuple(sorted((*names.get(key, ()), customer.id)))
        return Here(links=self.links, customers=self.customers, names=names)

    def enter(self, name: str) -> Customer:
        made = rules.new_customer(
            id=f"cus_{len(self.customers)}",
            tenant="t",
            values={"display_name": name},
            source=Origin.MANUAL,
            actor=Actor("olga"),
            now=NOW,
        )
        self.customers[made.id] = made
        return made

    def plan(self, page: Iterable[TheirCustomer], **policy: Any) -> tuple[Step, ...]:
        return plan_pull(page, self.here(), Policy(**policy), tenant="t", realm="1")

    def pull(self, page: Iterable[TheirCustomer]) -> tuple[Step, ...]:
        """Plan a page and carry it out."""
        steps = self.plan(page)
        for step in steps:
            for action in step.actions:
                self._act(step, action.verb, action.customer_id or "", action.changes)
            if step.link:
                self.links[step.theirs.id] = step.link
        return steps

    def _act(self, step: Step, verb: Verb, customer_id: str, changes: Any) -> None:
        values = {c.field: c.new for c in changes}
        if verb is Verb.CREATE_HERE:
            actor = Actor("quickbooks", Source.QUICKBOOKS)
            made = rules.new_customer(
                id=customer_id,
                tenant="t",
                values=values,
                source=Origin.QUICKBOOKS,
                actor=actor,
                now=NOW,
            )
            self.customers[customer_id] = replace(made, quickbooks=step.theirs.id)
        elif verb is Verb.UPDATE_HERE:
            before = self.customers[customer_id]
            values = {"display_name": before.display_name} | values
            self.customers[customer_id] = rules.edit(before, values, now=NOW)
        elif verb in (Verb.ACTIVATE_HERE, Verb.DEACTIVATE_HERE):
            status = Status.ACTIVE if verb is Verb.ACTIVATE_HERE else Status.INACTIVE
            self.customers[customer_id] = replace(self.customers[customer_id], status=status)


def verbs(steps: Iterable[Step]) -> list[str]:
    return [str(a.verb) for s in steps for a in s.actions]


_NAMES = st.sampled_from(["Acme", "ACME", "Birds", "Café Zoë", "cafe zoe", "D-Light", "Echo", "!"])
_PHONES = st.sampled_from([None, "1", "2"])


@st.composite
def books(draw: st.DrawFn) -> list[TheirCustomer]:
    """A QuickBooks book: customers and jobs of up to three levels, some inactive."""
    rows: list[TheirCustomer] = []
    for n in range(draw(st.integers(0, 9))):
        parent = draw(st.sampled_from([None, None, *(r.id for r in rows)]))
        phone = draw(_PHONES)
        more: dict[str, Any] = {"parent_id": parent} if parent else {}
        rows.append(
            theirs(
                str(n + 1),
                draw(_NAMES),
                active=draw(st.booleans()),
                values={"phone": phone} if phone else {},
                shipping_address=draw(st.sampled_from([None, HOME, SITE])),
                **more,
            )
        )
    return rows


@given(books(), st.booleans())
def test_planning_again_after_applying_writes_nothing(
    book: list[TheirCustomer],
    taken: bool,
) -> None:
    world = World()
    if taken:
        world.enter("acme")
    world.pull(book)
    before = dict(world.customers)
    again = world.pull(book)
    assert all(step.link is None for step in again)
    assert {a.verb for s in again for a in s.actions} <= {Verb.SKIP}
    assert world.customers == before


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_a_page_does_not_matter(
    book: list[TheirCustomer], shuffle: random.Random
) -> None:
    world = World()
    world.enter("Birds")
    mixed = list(book)
    shuffle.shuffle(mixed)
    assert plan_as_text(world.plan(book)) == plan_as_text(world.plan(mixed))


@given(books(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_pages_in_any_order_end_the_same(
    book: list[TheirCustomer], shuffle: random.Random, size: int
) -> None:
    # Of homonyms the first to come is taken; they are the one thing an order decides.
    book = [replace(b, values=b.values | {"display_name": b.id}, display_name=b.id) for b in book]
    first, second = World(), World()
    first.pull(book)
    pages = [book[n : n + size] for n in range(0, len(book), size)]
    shuffle.shuffle(pages)
    for page in [*pages, *pages, *pages]:
        second.pull(page)
    assert first.customers == second.customers
    assert {k: v.customer_id for k, v in first.links.items()} == {
        k: v.customer_id for k, v in second.links.items()
    }


@given(books())
def test_no_job_becomes_a_customer(book: list[TheirCustomer]) -> None:
    world = World()
    world.pull(book)
    jobs = {t.id for t in book if t.is_job}
    assert not {c.quickbooks for c in world.customers.values()} & jobs


def test_only_a_changed_hash_is_an_edit() -> None:
    world = World()
    world.pull([theirs("1", "Acme")])
    later = theirs("1", "Acme", last_updated=NOW + timedelta(days=1))
    assert world.plan([later]) == ()
    [step] = world.plan([theirs("1", "Acme", sync_token="4")])
    assert (step.actions, step.link and step.link.sync_token) == ((), "4")


def test_first_seen_keeps_the_time_of_the_edit() -> None:
    world = World()
    world.pull([theirs("1", "Acme")])
    inflated = theirs("1", "Acme", sync_token="1", last_updated=NOW + timedelta(days=1))
    world.pull([inflated])
    assert world.links["1"].first_seen == NOW
    world.pull([theirs("1", "Acme Ltd", sync_token="2", last_updated=NOW + timedelta(days=2))])
    assert world.links["1"].first_seen == NOW + timedelta(days=2)


@pytest.mark.shows("S4.040", "S4.041")
def test_homonyms_are_skipped_whoever_was_first() -> None:
    world = World()
    ours = world.enter("ABC Plumbing")
    steps = world.pull([theirs("1", "abc plumbing"), theirs("2", "Birds"), theirs("3", "BIRDS")])
    assert verbs(steps) == ["skip", "create_here", "skip"]
    assert ours.id in steps[0].actions[0].reason
    assert "Another QuickBooks customer" in steps[2].actions[0].reason
    assert len(world.customers) == 2


def test_a_customer_deleted_here_is_not_created_again() -> None:
    world = World()
    world.pull([theirs("1", "Acme")])
    [customer] = world.customers.values()
    world.customers[customer.id] = replace(customer, status=Status.DELETED)
    [step] = world.pull([theirs("1", "Acme Ltd", sync_token="1")])
    assert verbs([step]) == ["skip"]
    assert world.plan([theirs("1", "Acme Ltd", sync_token="1")]) == ()
    world.links.clear()
    assert verbs(world.plan([theirs("1", "Acme")])) == ["skip"]


def test_a_status_set_here_survives_until_quickbooks_moves() -> None:
    world = World()
    world.pull([theirs("1", "Acme")])
    [customer] = world.customers.values()
    world.customers[customer.id] = replace(customer, status=Status.INACTIVE)
    changed = theirs("1", "Acme", sync_token="1", values={"phone": "2"})
    assert verbs(world.pull([changed])) == ["update_here"]
    assert world.customers[customer.id].status is Status.INACTIVE


def test_a_crash_between_customer_and_link_heals() -> None:
    world = World()
    world.pull([theirs("1", "Acme")])
    world.links.clear()
    assert verbs(world.pull([theirs("1", "Acme")])) == ["link"]
    assert world.plan([theirs("1", "Acme")]) == ()


def test_two_records_of_a_page_about_one_customer_see_each_other() -> None:
    world = World()
    first = theirs("1", "Acme", values={"email": "a@x.example"})
    world.pull([first])
    [merged] = world.customers.values()
    survivor = replace(world.enter("Ember"), company_name="Ember Co", absorbed=(merged.id,))
    gone = replace(merged, status=Status.MERGED, merged_into=survivor.id)
    world.customers = {gone.id: survivor, survivor.id: survivor}
    moved = theirs("1", "Acme", sync_token="1", values={"company_name": "Acme Co"})
    chosen = theirs("2", "Ember", values={"company_name": "Ember Co"})
    decision = Decision(option=MappingOption.EXISTING, customer_id=survivor.id)
    here = replace(world.here(), decisions={"2": decision})
    steps = plan_pull([moved, chosen], here, Policy(), tenant="t", realm="1")
    changes = [c for s in steps for a in s.actions for c in a.changes if a.verb == "update_here"]
    company = [(c.old, c.new) for c in changes if c.field == "company_name"]
    assert company == [("Ember Co", "Acme Co"), ("Acme Co", "Ember Co")]


def merged_there(*, holder: Customer | None = None, heir_has: str | None = "1") -> tuple[Step, ...]:
    """QuickBooks merged Acme (1) into Birds (2), which some customer here may have had before."""
    world = World()
    world.pull([theirs("1", "Acme")])
    [heir] = world.customers.values()
    world.customers[heir.id] = replace(heir, quickbooks=heir_has)
    page = [theirs("1", "Acme", sync_token="1", active=False), theirs("2", "Birds")]
    holders = {"2": holder.id} if holder else {}
    here = replace(world.here(), merges={"1": "2"}, holders=holders)
    if holder:
        here = replace(here, customers={**here.customers, holder.id: holder})
    return plan_pull(page, here, Policy(), tenant="t", realm="1")


def test_who_took_in_a_record_inherits_its_customer() -> None:
    assert verbs(merged_there())[:2] == [Verb.UNLINK, Verb.LINK]


@pytest.mark.parametrize("late", ["listed late", "not listed", "listed last"])
def test_who_was_merged_away_lets_go_of_its_customer_first(late: str) -> None:
    world = World()
    world.pull([theirs("9", "Acme", sync_token="2")])
    [ours] = world.customers.values()
    loser = theirs("9", "Acme", sync_token="1" if late == "listed late" else "3", active=False)
    page = [theirs("2", "Birds"), *([] if late == "not listed" else [loser])]
    here = replace(world.here(), merges={"9": "2"})
    unlink, link = plan_pull(page, here, Policy(), tenant="t", realm="1")
    assert [(s.theirs.id, s.actions[0].verb) for s in (unlink, link)] == [
        ("9", Verb.UNLINK), ("2", Verb.LINK),
    ]  # fmt: skip
    assert unlink.link is not None
    assert (unlink.link.merged_into, int(unlink.link.sync_token) >= 2) == ("2", True)
    assert link.actions[0].customer_id == ours.id


def test_a_record_that_a_deleted_customer_has_inherits_no_other() -> None:
    deleted = replace(World().enter("Birds"), id="cus_old", status=Status.DELETED, quickbooks="2")
    steps = merged_there(holder=deleted)
    assert verbs(steps) == [Verb.UNLINK, Verb.SKIP]
    assert "left alone" in steps[1].actions[0].reason


def test_a_customer_that_follows_another_record_by_now_is_not_inherited() -> None:
    assert Verb.LINK not in verbs(merged_there(heir_has="9"))


def test_nested_jobs_belong_to_the_customer_at_the_top() -> None:
    world = World()
    page = [
        theirs("3", "Roof", parent_id="2", shipping_address=SITE),
        theirs("2", "House", parent_id="1"),
        theirs("1", "Acme", values={"billing_address": HOME}),
    ]
    steps = world.pull(page)
    assert verbs(steps) == ["create_here", "keep_job", "keep_job", "add_location"]
    assert world.links["3"].full_name == "Acme:House:Roof"
    [customer] = world.customers.values()
    assert world.links["3"].customer_id == customer.id
    assert steps[-1].actions[-1].location is not None


def test_a_customer_that_became_a_job_there_stays_a_customer_here() -> None:
    world = World()
    world.pull([theirs("1", "Acme"), theirs("2", "Birds")])
    demoted = theirs("2", "Birds", parent_id="1", sync_token="1")
    assert verbs(world.pull([demoted])) == ["conflict"]
    assert len(world.customers) == 2
    assert world.plan([demoted]) == ()


def test_an_inactive_one_comes_only_when_asked_for() -> None:
    gone = theirs("1", "Acme", active=False)
    assert verbs(World().plan([gone])) == ["skip"]
    assert verbs(World().plan([gone], include_inactive=True)) == ["create_here"]


def test_a_job_that_became_a_customer_there_becomes_one_here() -> None:
    world = World()
    world.pull([theirs("1", "Acme", values={"phone": "1"}), theirs("2", "House", parent_id="1")])
    promoted = theirs("2", "House", sync_token="1", values={"phone": "2"})
    assert verbs(world.pull([promoted])) == ["create_here"]
    assert sorted(c.phone or "" for c in world.customers.values()) == ["1", "2"]
    assert world.plan([promoted]) == ()


def test_a_promoted_job_that_is_skipped_never_edits_its_former_parent() -> None:
    world = World()
    world.enter("House")
    world.pull([theirs("1", "Acme"), theirs("2", "House", parent_id="1")])
    assert verbs(world.pull([theirs("2", "House", sync_token="1")])) == ["skip"]
    edited = theirs("2", "House", sync_token="2", values={"phone": "9"})
    assert verbs(world.pull([edited])) == ["skip"]
    assert {c.phone for c in world.customers.values()} == {None}


def test_a_value_that_is_none_of_ours_is_told_once_and_changes_nothing() -> None:
    world = World()
    world.pull([theirs("1", "Acme", values={"email": "a@x.example"})])
    broken = theirs("1", "Acme", sync_token="1", values={"email": "nobody at all"})
    assert verbs(world.pull([broken])) == ["skip"]
    assert world.plan([broken]) == ()
    [customer] = world.customers.values()
    assert customer.email == "a@x.example"
