"""The second half of a run: what was edited here goes to QuickBooks, in batches of 30.

A batch is kept before it is sent, with where its slice would end. Whatever dies after that, the
very same batch goes out again and gets its first answer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from roster.domain.customer import Customer, Status
from roster.domain.customer_filter import CustomerFilter, Sort, StatusFilter
from roster.domain.sync.connection import Phase, Run
from roster.domain.sync.replays import PushInputs
from roster.domain.sync.steps import PushStep
from roster.domain.text import fold
from roster.usecases.joining import survivors
from roster.usecases.quickbooks.gathering import there_for
from roster.usecases.quickbooks.keeping import keep
from roster.usecases.quickbooks.lending import lend_choices
from roster.usecases.quickbooks.limiting import allowed, limited
from roster.usecases.quickbooks.ports import Batch, QuickBooksPorts
from roster.usecases.quickbooks.sending import MOST_TRIES, rows_of, send

BATCH = 30
# A slice ends after so many, whether or not there is anything to send.
_LOOKED_AT = 600
_EVERYBODY = CustomerFilter(status=StatusFilter.ALL)


def push_slice(run: Run, ports: QuickBooksPorts) -> Run:
    """Send up to a batch of writes; the run as it goes on, or is through (`is_through`)."""
    batch = ports.outbox.batch(run.tenant, run.realm)
    if batch is None or (batch.run, batch.slice) != (run.id, run.slice):
        run, batch = _planned(run, ports)
        if batch.steps:
            ports.outbox.keep(run.tenant, run.realm, batch)
    sent = send(run, batch, ports)
    tries = dict(run.tries)
    for customer_id in sent.again:
        tries[customer_id] = tries.get(customer_id, 0) + 1
    given_up = [i for i in sent.again if tries[i] >= MOST_TRIES]
    again = dict.fromkeys((*batch.again, *(i for i in sent.again if tries[i] < MOST_TRIES)))
    # Who is tried again stays marked until that is through: a worker may die in between.
    ports.outbox.owe(run.tenant, run.realm, given_up)
    done = [i for i in batch.owed if i not in again and i not in given_up]
    ports.outbox.settle(run.tenant, run.realm, done)
    moved = replace(sent.run, after=batch.after, again=tuple(again), tries=tries)
    if moved.phase is Phase.OWED and is_through(moved):
        return replace(moved, phase=Phase.CHANGED, after="")
    return moved


def is_through(run: Run) -> bool:
    """Whether nobody is left to look at in the run's phase."""
    return not run.again and run.after is None


def settle_old_batch(run: Run, ports: QuickBooksPorts) -> Run:
    """Have the answer to what an earlier run died over, before anything is looked at."""
    batch = ports.outbox.batch(run.tenant, run.realm)
    if batch is None or batch.run == run.id:
        return run
    sent = send(run, batch, ports)
    ports.outbox.owe(run.tenant, run.realm, sent.again)
    return sent.run


@dataclass(frozen=True, slots=True)
class _Some:
    """Customers to look at, the marks that led to them, and where it goes on."""

    customers: Sequence[Customer]
    marks: Sequence[str] = ()
    next: str | None = None


def _planned(run: Run, ports: QuickBooksPorts) -> tuple[Run, Batch]:
    """Plan until there is a batch, the list ends, or enough were looked at; and the run."""
    steps: dict[str, PushStep] = {}
    owed: list[str] = []
    waiting = list(run.again)
    after, looked = run.after, 0
    while len(steps) < BATCH and looked < _LOOKED_AT and (waiting or after is not None):
        room = BATCH - len(steps)
        if waiting:
            some = _Some(list(_unmerged(run, waiting[:room], ports)))
            waiting = waiting[room:]
        else:
            some = _page(run, after or None, room, ports)
            after = some.next
        looked += room
        owed += some.marks
        living = [c for c in some.customers if c.status is not Status.DELETED]
        run = lend_choices(run, living, ports)
        planned = _steps(run, some.customers, ports)
        ports.state.add_rows(run, [r for s in planned if s.write is None for r in rows_of(run, s)])
        links = [s.link for s in planned if s.link is not None]
        ports.state.save_links(run.tenant, run.realm, links)
        writes = [s for s in planned if s.write is not None and s.customer_id not in steps]
        steps |= {s.customer_id: s for s in writes[:room]}
        waiting += [s.customer_id for s in writes[room:]]
    batch = Batch(
        run=run.id, slice=run.slice, at=ports.clock(), steps=tuple(steps.values()),
        after=after, again=tuple(waiting), owed=tuple(owed),
    )  # fmt: skip
    return run, batch


def _page(run: Run, after: str | None, limit: int, ports: QuickBooksPorts) -> _Some:
    tenant = run.tenant
    if run.phase is Phase.OWED:
        marks = ports.outbox.owed(tenant, run.realm, limit=limit, after=after)
        return _Some(list(_unmerged(run, marks.items, ports)), marks.items, marks.next)
    if run.edited_since is None:
        rows = ports.customers.find(tenant, _EVERYBODY, limit=limit, after=after)
        # By name, a customer holds no more than its row shows.
        heads = ports.customers.get_many(tenant, [row.id for row in rows.items])
        return _Some([heads[row.id] for row in rows.items if row.id in heads], next=rows.next)
    wanted = replace(_EVERYBODY, updated_since=run.edited_since)
    page = ports.customers.find(tenant, wanted, limit=limit, after=after, sort=Sort.LATELY_CHANGED)
    return _Some(page.items, next=page.next)


def _unmerged(run: Run, ids: Sequence[str], ports: QuickBooksPorts) -> Iterator[Customer]:
    """The customers of those ids, deleted or not, or whom they were merged into."""
    found = ports.customers.get_many(run.tenant, ids)
    merged = {i: c for i, c in found.items() if c.merged_into}
    found |= survivors(run.tenant, merged, customers=ports.customers)
    yield from {c.id: c for i in ids if (c := found.get(i)) and not c.merged_into}.values()


def _steps(run: Run, customers: Sequence[Customer], ports: QuickBooksPorts) -> list[PushStep]:
    some = {c.id: c for c in customers}
    some |= {c.id: c for c in _earlier_namesakes(run, customers, ports) if c.id not in some}
    there = there_for(run, some.values(), ports)
    wanted = {
        c.id: c.display_name
        for c in some.values()
        if c.status is not Status.DELETED
        if (link := there.links.get(c.id)) is None or link.name != c.display_name
        if {h.id for h in there.names.get(fold(c.display_name), ())} - {link and link.quickbooks_id}
    }
    ports.names.want(run.tenant, run.realm, wanted)
    inputs = PushInputs(ours=tuple(some.values()), there=there, policy=run.policy)
    steps = inputs.decide()
    keep(run, inputs, steps, ports)
    return allowed(run, limited(run, steps, {c.id for c in customers}), ports)


def _earlier_namesakes(
    run: Run, customers: Iterable[Customer], ports: QuickBooksPorts
) -> Iterator[Customer]:
    """Those of the same name that were here first and are not in QuickBooks either: they go first.

    QuickBooks has room for one of them (S4.054).
    """
    for customer in customers:
        if customer.quickbooks is not None or customer.status is not Status.ACTIVE:
            continue
        cards = ports.customers.same_name(run.tenant, customer.display_name)
        others = {card.id for card in cards} - {customer.id}
        for other in (
            ports.customers.get_many(run.tenant, sorted(others)).values() if others else ()
        ):
            before = (other.created_at, other.id) < (customer.created_at, customer.id)
            if before and other.quickbooks is None and other.status is Status.ACTIVE:
                yield other
