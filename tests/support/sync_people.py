"""The people on both sides of a sync, and what they do."""

import random
from datetime import timedelta
from typing import Any

from roster.domain.customer import Customer, Status
from roster.domain.location import Address
from roster.domain.sync.policy import MappingOption, Mode, Policy, Primary
from roster.domain.sync.records import ACTIVE
from roster.domain.sync.steps import Decision
from tests.support.sync_books import NameTaken
from tests.support.sync_roster import TERMS
from tests.support.sync_world import World

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
    "payment_term_id": (None, *TERMS),
}
BAD_EMAIL = "nobody at all"


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
            values["email"] = BAD_EMAIL
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

    def there() -> None:
        world.books.edit(link.quickbooks_id, world.now, _some(rng, field), person=True)

    def here() -> None:
        if customer in world.roster.living():
            world.roster.edit(customer.id, _some(rng, field), world.our_now)

    edits = [there, here]
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
