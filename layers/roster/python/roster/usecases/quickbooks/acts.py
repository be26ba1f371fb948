"""Doing one action of a pull here: through the repository of customers, under all its rules."""

from dataclasses import replace

from roster.domain import customer as rules
from roster.domain.counts import placed
from roster.domain.customer import Customer, Origin, Status
from roster.domain.errors import StaleVersion, Taken, WrongState
from roster.domain.events import Actor, EventKind, Source
from roster.domain.sync.connection import Run
from roster.domain.sync.records import Link
from roster.domain.sync.steps import Action, Step, Verb
from roster.usecases.ports import NewCustomer
from roster.usecases.quickbooks.numbers import Numbers
from roster.usecases.quickbooks.places import keep_place
from roster.usecases.quickbooks.ports import QuickBooksPorts

_USER = "quickbooks"


def act(
    run: Run,
    step: Step,
    action: Action,
    link: Link | None,
    numbers: Numbers,
    ports: QuickBooksPorts,
) -> Link | None:
    """Do one action, as often as it is tried; returns the link of the step after it.

    Raises StaleVersion where the customer is no longer as it was planned for.
    """
    actor = Actor(_USER, Source.QUICKBOOKS, run.id)
    match action.verb:
        case Verb.CREATE_HERE:
            holder = _create(run, step, action, actor, numbers, ports)
            return replace(link, customer_id=holder) if link else None
        case Verb.UPDATE_HERE:
            _update(run.tenant, action, actor, ports)
        case Verb.ACTIVATE_HERE | Verb.DEACTIVATE_HERE:
            _set_status(run.tenant, action, actor, ports)
        case Verb.LINK | Verb.UNLINK:
            _link(run.tenant, action, step.theirs.id, actor, ports)
        case _:
            pass
    if action.verb in (Verb.ADD_LOCATION, Verb.LINK):
        keep_place(run, step, action, actor, ports)
    return link


def _create(
    run: Run,
    step: Step,
    action: Action,
    actor: Actor,
    numbers: Numbers,
    ports: QuickBooksPorts,
) -> str:
    """Create the customer, or find the one an earlier attempt created; returns its id.

    Nobody is looked for first: to be there already is rare, and the write itself tells.
    """
    fresh = rules.new_customer(
        id=action.customer_id or "",
        tenant=run.tenant,
        values={c.field: c.new for c in action.changes},
        source=Origin.QUICKBOOKS,
        actor=actor,
        now=ports.clock(),
        region=numbers.country,
    )
    status = Status.ACTIVE if step.theirs.active else Status.INACTIVE
    fresh = replace(fresh, quickbooks=step.theirs.id, status=status)
    locations = (action.location,) if action.location else ()
    while True:
        numbered = replace(fresh, number=numbers.take())
        try:
            new = NewCustomer(placed(numbered, locations), locations)
            return ports.customers.add(new).id
        except Taken as clash:
            if clash.field == "quickbooks" and clash.holder_id:
                if clash.holder_id == fresh.id:
                    keep_place(run, step, action, actor, ports)
                return clash.holder_id
            if clash.field != "number" or not numbers.may_retry():
                raise


def _current(tenant: str, customer_id: str | None, ports: QuickBooksPorts) -> Customer:
    customer = ports.customers.get(tenant, customer_id or "")
    if customer is None:
        raise StaleVersion("the customer is gone")
    return customer


def _update(tenant: str, action: Action, actor: Actor, ports: QuickBooksPorts) -> None:
    before = _current(tenant, action.customer_id, ports)
    for change in action.changes:
        # The plan was made on another state than this one: it is to be made again.
        if getattr(before, change.field) not in (change.old, change.new):
            raise StaleVersion(f"{change.field} was edited meanwhile")
    # The name is given even where it stays: one derived from the company would follow it.
    values = {"display_name": before.display_name} | {c.field: c.new for c in action.changes}
    region = rules.DEFAULT_REGION
    if values.keys() & {"phone", "mobile"}:
        region = ports.settings.get(tenant).country
    after = rules.edit(before, values, now=ports.clock(), region=region)
    if after is not before:
        event = rules.event_of(EventKind.EDITED, before, after, actor, action.reason)
        ports.customers.save(before, after, event)


def _set_status(tenant: str, action: Action, actor: Actor, ports: QuickBooksPorts) -> None:
    before = _current(tenant, action.customer_id, ports)
    on = action.verb is Verb.ACTIVATE_HERE
    try:
        move = rules.activate if on else rules.deactivate
        after = move(before, now=ports.clock())
    except WrongState:
        return
    kind = EventKind.ACTIVATED if on else EventKind.DEACTIVATED
    ports.customers.save(before, after, rules.event_of(kind, before, after, actor, action.reason))


def _link(
    tenant: str, action: Action, quickbooks_id: str, actor: Actor, ports: QuickBooksPorts
) -> None:
    before = _current(tenant, action.customer_id, ports)
    has, links = before.quickbooks == quickbooks_id, action.verb is Verb.LINK
    if has == links:
        return
    gone = before.status not in (Status.ACTIVE, Status.INACTIVE)
    if links and (gone or before.quickbooks is not None):
        raise StaleVersion("the customer was linked, merged or deleted meanwhile")
    wanted = quickbooks_id if links else None
    after = rules.link_quickbooks(before, wanted, now=ports.clock())
    event = rules.event_of(EventKind.EDITED, before, after, actor, action.reason)
    ports.customers.save(before, after, event)
