"""Both sides and the people on them: random histories, and what must hold once it is quiet."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from roster.domain.customer import Customer, Status
from roster.domain.location import Address
from roster.domain.sync.outgoing import why_not
from roster.domain.sync.policy import MappingOption, Mode, Policy, Primary, looks_anew
from roster.domain.sync.records import ACTIVE, COMPARED, Link, TheirCustomer, our_values
from roster.domain.sync.steps import Decision, Verb
from roster.domain.text import fold
from tests.support.sync_books import LATE, Books, NameTaken, sent_as
from tests.support.sync_roster import Roster
from tests.support.sync_run import Died, Run, Weather

_START = datetime(2026, 11, 22, 5, tzinfo=UTC)
_NAMES = ("Acme", "ACME", "Birds", "Café Zoë", "cafe zoe", "D-Light", "Echo", "Fern: Co", 'G "G"')
_HOME, _SITE = Address(street="1 Main St", city="Tucson"), Address(street="9 Site Rd")
_VALUES: dict[str, tuple[Any, ...]] = {
    "company_name": (None, "Acme Inc", "Acme  Inc", "B" * 120, "Fern Co"),
    "first_name": (None, "Ann", "Bob", "C:D"),
    "last_name": (None, "Ames", "Burr"),
    "email": (None, "a@x.example", "b@x.example"),
    "phone": (None, "520 555 0100", "520 555 0199", "520 555 0100 ask for Mary at the desk"),
    "mobile": (None, "520 555 0111"),
    "website": (None, "https://x.example"),
    "billing_address": (None, _HOME, _SITE),
}
_BAD_EMAIL = "nobody at all"
LENGTH = 40


class World:
    """A Roster company and a QuickBooks company, and one clock that is the truth."""

    def __init__(self, policy: Policy, *, skew: timedelta = timedelta(0)) -> None:
        self.now = _START
        self.skew = skew
        self.books = Books()
        self.roster = Roster(policy)
        self.fuse: int | None = None
        self.busy = 0.0
        self.rng = random.Random(0)  # noqa: S311
        self.late = False

    @property
    def our_now(self) -> datetime:
        """The time by Roster's clock."""
        return self.now - self.skew

    def tick(self) -> None:
        """Between two steps of a run: the worker may die, somebody may do something."""
        self.now += timedelta(seconds=1)
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                raise Died
        if self.busy and self.rng.random() < self.busy:
            self.do(self.rng, self.rng.choice(EDITS))

    def sync(self, rng: random.Random, *, rough: bool) -> Run | None:
        """A run; a rough one may die, be late, see a shuffled list, or lose an answer."""
        self.rng = rng
        self.fuse = rng.randrange(25) if rough and rng.random() < 0.5 else None
        self.busy = 0.15 if rough and rng.random() < 0.4 else 0.0
        late = LATE * rng.random() if rough else timedelta(0)
        weather = Weather(
            tick=self.tick,
            now=lambda: self.now,
            late=lambda: late,
            lose_answer=lambda: rough and rng.random() < 0.05,
            shuffle=lambda rows: _mixed(rows, rng) if rough else rows,
            skew=self.skew,
        )
        run = Run(self.roster, self.books, weather)
        try:
            run.go()
        except Died:
            return None
        finally:
            self.fuse, self.busy = None, 0.0
        return run

    def set_policy(self, policy: Policy) -> None:
        """Somebody changes the settings."""
        self.roster.anew = self.roster.anew or looks_anew(self.roster.policy, policy)
        self.roster.policy = policy

    def do(self, rng: random.Random, what: Callable[["World", random.Random], None]) -> None:
        """Somebody does something, some time later."""
        self.now += timedelta(seconds=rng.choice((1, 20, 90, 600)))
        what(self, rng)

    def rest(self, runs: int) -> None:
        """Nobody does anything any more, while runs go on."""
        for _ in range(runs):
            self.now += timedelta(minutes=20)
            assert self.sync(self.rng, rough=False) is not None


def _mixed(rows: list[TheirCustomer], rng: random.Random) -> list[TheirCustomer]:
    """Doubled and out of order."""
    mixed = rows + [row for row in rows if rng.random() < 0.2]
    rng.shuffle(mixed)
    return mixed


def _some(rng: random.Random, *fields: str) -> dict[str, Any]:
    return {f: rng.choice(_VALUES[f]) for f in fields}


def _enter_here(world: World, rng: random.Random) -> None:
    values = _some(rng, "company_name", "email", "phone", "first_name")
    world.roster.enter({"display_name": rng.choice(_NAMES), **values}, world.our_now)


def _enter_there(world: World, rng: random.Random) -> None:
    name = rng.choice(_NAMES[:-2])
    if not world.books.has_name(name):
        shipping = rng.choice((None, None, _SITE))
        values = _some(rng, "company_name", "email", "phone", "billing_address")
        world.books.add(name, world.now, values, shipping_address=shipping)


def _enter_job(world: World, rng: random.Random) -> None:
    parents = list(world.books.records)
    if parents:
        parent, values = rng.choice(parents), {"billing_address": rng.choice((_HOME, _SITE))}
        name = f"Job {len(parents)}"
        world.books.add(name, world.now, values, parent_id=parent, is_job=True)


def _enter_vendor(world: World, rng: random.Random) -> None:
    name = rng.choice(_NAMES[:-2])
    if not world.books.has_name(name):
        world.books.add_other(rng.choice(("vendor", "employee")), name)


def _one_here(world: World, rng: random.Random, *status: Status) -> Customer | None:
    some = [c for c in world.roster.living() if not status or c.status in status]
    return rng.choice(some) if some else None


def _one_there(world: World, rng: random.Random, *, job: bool | None = None) -> str | None:
    some = [i for i, r in world.books.records.items() if job is None or r.now.is_job == job]
    some = [i for i in some if i not in world.books.merges]
    return rng.choice(some) if some else None


def _edit_here(world: World, rng: random.Random) -> None:
    if one := _one_here(world, rng):
        fields = rng.sample(sorted(_VALUES), rng.randint(1, 3))
        world.roster.edit(one.id, _some(rng, *fields), world.our_now)


def _edit_there(world: World, rng: random.Random) -> None:
    if one := _one_there(world, rng):
        fields = rng.sample(sorted(_VALUES), rng.randint(1, 3))
        values = _some(rng, *fields)
        if rng.random() < 0.05:
            values["email"] = _BAD_EMAIL
        world.books.edit(one, world.now, values, person=True)


def _edit_both(world: World, rng: random.Random) -> None:
    """The same field on both sides of a link, one shortly after the other."""
    pairs = [o for o in world.roster.links.values() if o.leads and o.customer_id]
    pairs = [o for o in pairs if o.quickbooks_id not in world.books.merges]
    if not pairs:
        return
    link = rng.choice(pairs)
    customer = world.roster.customers[link.customer_id or ""]
    field = rng.choice(sorted(_VALUES))
    edits: list[Callable[[], None]] = [
        lambda: world.books.edit(link.quickbooks_id, world.now, _some(rng, field), person=True)
    ]
    if customer in world.roster.living():
        edits.append(lambda: world.roster.edit(customer.id, _some(rng, field), world.our_now))
    rng.shuffle(edits)
    for edit in edits:
        edit()
        world.now += timedelta(seconds=rng.choice((2, 200, 900)))


def _rename_here(world: World, rng: random.Random) -> None:
    if one := _one_here(world, rng):
        world.roster.edit(one.id, {"display_name": rng.choice(_NAMES)}, world.our_now)


def _rename_there(world: World, rng: random.Random) -> None:
    name = rng.choice(_NAMES[:-2])
    if one := _one_there(world, rng):
        _try_there(world, one, {"display_name": name})


def _status_here(world: World, rng: random.Random) -> None:
    if one := _one_here(world, rng):
        on = one.status is Status.ACTIVE
        status = Status.INACTIVE if on else rng.choice((Status.ACTIVE, Status.DELETED))
        world.roster.set_status(one.id, status, world.our_now)


def _status_there(world: World, rng: random.Random) -> None:
    if one := _one_there(world, rng):
        _try_there(world, one, {ACTIVE: not world.books.records[one].now.active})


def _try_there(world: World, key: str, fields: dict[str, Any]) -> None:
    try:
        world.books.edit(key, world.now, fields, person=True)
    except NameTaken:
        return


def _invoice(world: World, rng: random.Random) -> None:
    if one := _one_there(world, rng):
        world.books.invoice(one, world.now)


def _move_job(world: World, rng: random.Random) -> None:
    """A customer becomes a job, a job a customer."""
    one, parent = _one_there(world, rng), _one_there(world, rng, job=False)
    if one and parent and one != parent:
        job = not world.books.records[one].now.is_job
        world.books.move(one, world.now, is_job=job, parent_id=parent if job else None)


def _merge_here(world: World, rng: random.Random) -> None:
    one, other = _one_here(world, rng), _one_here(world, rng)
    if one and other and one.id != other.id:
        world.roster.merge(one.id, other.id, world.our_now)


def _merge_there(world: World, rng: random.Random) -> None:
    one, other = _one_there(world, rng, job=False), _one_there(world, rng, job=False)
    if one and other and one != other and world.books.records[other].now.active:
        world.books.merge(one, other, world.now)


def _decide(world: World, rng: random.Random) -> None:
    one = _one_there(world, rng, job=False)
    if one is None or ((link := world.roster.links.get(one)) and link.leads):
        return
    option = rng.choice(tuple(MappingOption))
    chosen = _one_here(world, rng) if option is MappingOption.EXISTING else None
    customer = chosen.id if chosen else None
    world.roster.decisions[one] = Decision(option=option, customer_id=customer)
    world.roster.anew = True


def _switch(world: World, rng: random.Random) -> None:
    world.set_policy(any_policy(rng))


def any_policy(rng: random.Random) -> Policy:
    """Some settings."""
    return Policy(
        mode=rng.choice((*Mode, Mode.TWO_WAY)),
        primary=rng.choice(tuple(Primary)),
        include_inactive=rng.random() < 0.2,
    )


def skew_of(rng: random.Random) -> timedelta:
    """How far QuickBooks' clock is ahead of ours."""
    return timedelta(seconds=rng.choice((0, 0, -40, 90, 200, 1000)))


EDITS = (
    *(_enter_here, _enter_there, _edit_here, _edit_there, _edit_both) * 3,
    *(_enter_job, _enter_vendor, _rename_here, _rename_there, _status_here, _status_there),
    *(_invoice, _move_job, _merge_here, _merge_there, _decide),
)
OPERATIONS = (*EDITS, _switch)


def history(seed: int) -> World:
    """One history: two sides that fill, are edited and synced in bad weather, and come to rest."""
    rng = random.Random(seed)  # noqa: S311
    world = World(any_policy(rng), skew=skew_of(rng))
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
    for _ in range(6):
        roster.anew = True
        world.rest(1)
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
                assert by_us or filled, f"{name}: {other!r} did not arrive, here is {one!r}"
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
    if sent_as(name, ours) == theirs or why_not(name, ours) or theirs == _BAD_EMAIL:
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
