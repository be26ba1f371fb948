"""Keeping any family of records: what adding, reading, listing, changing and removing share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from roster.domain.activities import Activity, activity
from roster.domain.customer import Customer, Status
from roster.domain.errors import NotFound, StaleVersion
from roster.domain.events import Actor
from roster.domain.record import Record, moved
from roster.usecases import narrowing
from roster.usecases.customers import read_customer
from roster.usecases.joining import owners, survivors
from roster.usecases.ports import Clock, Customers, Page
from roster.usecases.record_ports import Records

# Others may move the customer or the record meanwhile, which is no reason to refuse.
_ATTEMPTS = 8

type Telling[R: Record] = Callable[[R, R], Sequence[str]]
type Step[R: Record] = Callable[[R, datetime], R]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call[R: Record]:
    """Whose records, who asks, and what it takes to change them."""

    tenant: str
    customer_id: str
    actor: Actor
    customers: Customers
    records: Records[R]
    clock: Clock


@dataclass(frozen=True, slots=True)
class Listed[R: Record]:
    """A record in a list across customers, and the customer it hangs on."""

    record: R
    customer: Customer


def add[R: Record](
    call: Call[R],
    make: Callable[[Customer, datetime], R],
    *,
    verb: str,
    label: Callable[[R], str] = lambda _: "",
    request_key: str | None = None,
) -> R:
    """A new record that `make` builds from the customer as it is; told on the timeline as `verb`.

    Raises NotFound, Gone, and whatever `make` raises.
    """
    for _ in range(_ATTEMPTS):
        now = call.clock()
        customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
        record = make(customer, now)
        told = activity(record, verb, call.actor, now, label=label(record))
        try:
            return call.records.add(customer, record, [told], request_key=request_key)
        except StaleVersion:
            continue
    raise StaleVersion(f"customer {call.customer_id} keeps changing")


def find[R: Record](call: Call[R], record_id: str) -> tuple[Customer, R]:
    """The customer and its record as they are now; raises NotFound or Gone."""
    customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
    record = call.records.get(call.tenant, owners(customer), record_id)
    if record is None:
        raise NotFound(f"the customer has no such record: {record_id}")
    return customer, record


def read[R: Record](call: Call[R], record_id: str) -> R:
    """One record of the customer; raises NotFound or Gone."""
    return find(call, record_id)[1]


def of_customer[R: Record](call: Call[R], *, limit: int, after: str | None) -> Page[R]:
    """The customer's records, newest first; raises NotFound or Gone."""
    customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
    return call.records.page(call.tenant, owners(customer), limit=limit, after=after)


def narrowed[R: Record](
    call: Call[R], keeps: Callable[[R], bool], *, limit: int, after: str | None
) -> Page[R]:
    """Those of the customer's records that `keeps` keeps, newest first.

    At most 500 are looked at, so a page may be short and still go on. Raises NotFound or Gone.
    """
    customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
    return narrowing.narrowed(
        lambda size, start: call.records.page(
            call.tenant, owners(customer), limit=size, after=start
        ),
        keeps,
        lambda record: record.id,
        limit=limit,
        after=after,
    )


def across[R: Record](
    tenant: str,
    shelves: Sequence[str],
    *,
    customer_id: str | None,
    limit: int,
    after: str | None,
    customers: Customers,
    records: Records[R],
    since: str = "",
    until: str = "",
    newest_first: bool = True,
    keeps: Callable[[R], bool] = lambda _: True,
) -> Page[Listed[R]]:
    """The company's records of some shelves, each with its customer; of one customer if asked.

    What hangs on a deleted customer is not shown. Raises NotFound or Gone for `customer_id`.
    """
    own: frozenset[str] | None = None
    if customer_id is not None:
        own = frozenset(owners(read_customer(tenant, customer_id, customers=customers)))
    page = records.across(
        tenant,
        shelves,
        limit=limit,
        after=after,
        since=since,
        until=until,
        newest_first=newest_first,
        keeps=lambda record: (own is None or record.customer_id in own) and keeps(record),
    )
    heads = living(tenant, {record.customer_id for record in page.items}, customers)
    shown = [Listed(r, heads[r.customer_id]) for r in page.items if r.customer_id in heads]
    return Page(shown, page.next)


def living(tenant: str, wanted: Iterable[str], customers: Customers) -> dict[str, Customer]:
    """Of each id the customer it leads to now, unless that was deleted."""
    heads = customers.get_many(tenant, wanted)
    ends = survivors(tenant, heads, customers=customers)
    return {i: end for i, end in ends.items() if end.status is not Status.DELETED}


def change[R: Record](
    call: Call[R],
    record_id: str,
    step: Step[R],
    *,
    if_version: int | None,
    verbs: Telling[R] = lambda _before, _after: ("edited",),
    label: Callable[[R], str] = lambda _: "",
) -> R:
    """Take one step with a record; the timeline tells it by `verbs`. None moved, none written.

    `if_version` None means whatever version. Raises StaleVersion, NotFound, Gone, and whatever
    `step` raises.
    """
    for _ in range(_ATTEMPTS):
        now = call.clock()
        customer, before = find(call, record_id)
        refuse_stale(before, if_version)
        after = moved(before, step(before, now), now)
        if after is before:
            return before
        told: list[Activity] = [
            activity(after, verb, call.actor, now, label=label(after))
            for verb in verbs(before, after)
        ]
        try:
            call.records.save(customer, before, after, told)
        except StaleVersion:
            continue
        return after
    raise StaleVersion(f"{record_id} keeps changing")


def remove[R: Record](
    call: Call[R],
    record_id: str,
    *,
    if_version: int | None,
    check: Callable[[R], None] = lambda _: None,
    label: Callable[[R], str] = lambda _: "",
) -> None:
    """Remove a record that `check` does not refuse; the timeline keeps that it was there."""
    for _ in range(_ATTEMPTS):
        now = call.clock()
        customer, before = find(call, record_id)
        refuse_stale(before, if_version)
        check(before)
        told = activity(before, "removed", call.actor, now, label=label(before))
        try:
            call.records.save(customer, before, None, [told])
        except StaleVersion:
            continue
        return
    raise StaleVersion(f"{record_id} keeps changing")


def refuse_stale(record: Record, if_version: int | None) -> None:
    """Raise StaleVersion unless the record is at that version."""
    if if_version is not None and record.version != if_version:
        raise StaleVersion(f"{record.id} is at version {record.version}, not {if_version}")
