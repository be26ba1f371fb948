"""Random histories of a sync, and what must hold once everybody is quiet."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from roster.domain.customer import Customer, Status
from roster.domain.sync.outgoing import why_not
from roster.domain.sync.policy import Mode
from roster.domain.sync.records import ACTIVE, COMPARED, Link, our_values
from roster.domain.sync.steps import Verb
from roster.domain.text import fold
from tests.support.sync_books import sent_as
from tests.support.sync_people import BAD_EMAIL, EDITS, OPERATIONS, any_policy, skew_of
from tests.support.sync_world import World

LENGTH = 40


def history(seed: int) -> World:
    """One history: two sides that fill, are edited and synced in bad weather, and come to rest."""
    rng = random.Random(seed)  # noqa: S311 — chance, not a secret
    world = World(any_policy(rng), skew=skew_of(rng), people=EDITS)
    for _ in range(rng.randint(4, LENGTH)):
        if rng.random() < 0.3:
            world.sync(rng, rough=True)
        else:
            world.do(rng, rng.choice(OPERATIONS))
    return world


def check(world: World) -> None:
    """Let it come to rest, and look: agreement, no doubles, and a last run without a write."""
    roster, books = world.roster, world.books
    world.rest(2)
    _agree_everywhere(world, [name for name in COMPARED if name not in (ACTIVE, "display_name")])
    # A look at everything finds what no feed tells, such as a name that has become free.
    for _ in range(8):
        links, written = dict(roster.links), books.writes
        roster.anew = True
        world.rest(1)
        if (links, written) == (roster.links, books.writes):
            break
    before = (dict(roster.customers), dict(roster.links), books.writes)
    roster.anew = True
    run = world.sync(world.rng, rough=False)
    assert run is not None
    assert run.acted == 0, _last(world)
    assert (roster.customers, roster.links, books.writes) == before, _moved(before[1], roster.links)
    assert not roster.outbox
    _no_doubles(world)
    _agree_everywhere(world, COMPARED)


def _agree_everywhere(world: World, fields: Sequence[str]) -> None:
    for link in world.roster.links.values():
        if link.leads:
            _agree(world, link, fields)


def _no_doubles(world: World) -> None:
    roster, books = world.roster, world.books
    leading = [o for o in roster.links.values() if o.leads]
    assert max(Counter(o.customer_id for o in leading).values(), default=0) <= 1
    claimed = Counter(c.quickbooks for c in roster.customers.values() if c.quickbooks)
    assert max(claimed.values(), default=0) <= 1
    jobs = {i for i, r in books.records.items() if r.now.is_job}
    kept = {i for i, o in roster.links.items() if o.kind == "job"}
    assert not kept & {c.quickbooks for c in roster.living()} & jobs
    assert max(books.created.values(), default=0) <= 1
    made = [i for i, r in books.records.items() if not r.edits]
    assert {i for i in made if i not in roster.links} == set(), "created there and forgotten"


def _agree(world: World, link: Link, fields: Sequence[str]) -> None:
    """Every field is the same on both sides, or may differ under the mode, by whom edited last."""
    roster = world.roster
    customer = roster.here({}).customers.get(link.customer_id or "")
    if customer is None or customer.status not in (Status.ACTIVE, Status.INACTIVE):
        return
    record = world.books.records[link.quickbooks_id]
    ours, theirs = our_values(customer), record.now.base
    for name in fields:
        one, other = ours.get(name), theirs.get(name)
        if one == other or _cannot_agree(world, link, customer, name, one, other):
            continue
        by_us = (customer.id, name) in roster.by_person
        match roster.policy.mode:
            case Mode.QUICKBOOKS_TO_ROSTER:
                filled = _was_linked(world, link) and other is None
                # Ours had won while both led, and is shown as an override.
                won = name in link.owed
                assert by_us or filled or won, f"{name}: {other!r} did not arrive, here is {one!r}"
            case Mode.ROSTER_TO_QUICKBOOKS:
                assert name in record.edits, f"{name}: {one!r} did not arrive, there is {other!r}"
            case Mode.TWO_WAY:
                raise AssertionError(f"{name}: {one!r} here, {other!r} there, {link}")


def _was_linked(world: World, link: Link) -> bool:
    """Whether both sides were there before they met: what only one had stays."""
    lines = [o for o in world.roster.report if o.quickbooks_id == link.quickbooks_id]
    return any(line.action.verb is Verb.LINK for line in lines)


def _cannot_agree(
    world: World, link: Link, customer: Customer, name: str, ours: Any, theirs: Any
) -> bool:
    """Whether one of the sides cannot hold, or must refuse, what the other has."""
    if sent_as(name, ours) == theirs or why_not(name, ours) or theirs == BAD_EMAIL:
        return True
    if not world.books.records[link.quickbooks_id].now.active:
        return True
    if customer.id != link.customer_id or link.status == "skipped":
        return True
    if name in ("display_name", ACTIVE):
        holders = world.books.holders()
        names = {customer.display_name, world.books.records[link.quickbooks_id].now.display_name}
        return any(h.id != link.quickbooks_id for n in names for h in holders.get(fold(n), ()))
    return False


def _moved(before: dict[str, Link], after: dict[str, Link]) -> str:
    return "\n".join(f"{before.get(i)}\n{after[i]}" for i in after if before.get(i) != after[i])


def _last(world: World) -> str:
    lines = world.roster.report[-6:]
    return "\n".join(f"{o.quickbooks_id} {o.action}" for o in lines if o.action.verb != Verb.SKIP)
