"""A run carries out what was decided in the mapping, of records that did not change since.

It goes by what the links remember of them, so nothing is read of QuickBooks for it.
"""

from roster.domain import customer as rules
from roster.domain.errors import StaleVersion
from roster.domain.events import Actor, EventKind, Source
from roster.domain.sync.connection import Run
from roster.domain.sync.jobs import makes_its_own
from roster.domain.sync.records import Link, LinkKind, as_theirs
from roster.domain.sync.steps import Action, Look, Step, Verb
from roster.usecases.quickbooks.apply import apply_page, rows_of
from roster.usecases.quickbooks.decisions import Choice, ends_link, parted
from roster.usecases.quickbooks.limiting import allowed
from roster.usecases.quickbooks.ports import QuickBooksPorts

_AT_ONCE = 1000
_ATTEMPTS = 4


def settle_decided(run: Run, *, ports: QuickBooksPorts) -> None:
    """Carry out the decisions that wait, after the pull; what is done is done if the worker dies.

    A decision over a record of which only the name is known waits for the page that brings it.
    """
    after: str | None = None
    while True:
        page = ports.decisions.waiting(run.tenant, run.realm, limit=_AT_ONCE, after=after)
        ids = [mark.quickbooks_id for mark in page.items]
        choices = ports.decisions.saved(run.tenant, run.realm, ids)
        links = ports.state.links(run.tenant, run.realm, ids)
        for one, link in list(links.items()):
            choice = choices.get(one)
            if choice is not None and ends_link(link, choice):
                links[one] = _unlinked(run, link, choice, ports)
        known = [as_theirs(link) for one, link in links.items() if _is_open(link, choices.get(one))]
        if run.policy.mode.pushes:
            # Whom a record may have been goes to QuickBooks by itself now, if it is not that.
            freed = {i for link in links.values() for i in link.likely}
            ports.outbox.owe(run.tenant, run.realm, sorted(freed))
        if known:
            apply_page(run, known, Look(), ports=ports)
        if run.plan is None:
            # What stands outside an approved plan waits for a run that is not limited to one.
            ports.decisions.carried_out(run.tenant, run.realm, page.items)
        after = page.next
        if after is None:
            return


def _is_open(link: Link, choice: Choice | None) -> bool:
    """Whether it has no customer of its own to have one, and everything of it is known."""
    if link.kind is LinkKind.JOB:
        return choice is not None and makes_its_own(choice.decision)
    return link.customer_id is None and bool(link.base_theirs)


def _unlinked(run: Run, link: Link, choice: Choice, ports: QuickBooksPorts) -> Link:
    """End the relationship on both its ends, the customer's first: tried again, it goes on."""
    reason = f"“{link.name}” was unlinked in the mapping by {choice.by}."
    action = Action(verb=Verb.UNLINK, reason=reason, customer_id=link.customer_id)
    after = parted(link)
    planned = Step(theirs=as_theirs(link), actions=(action,), link=after)
    [step] = allowed(run, [planned], ports)
    ports.state.add_rows(run, list(rows_of(run, step)))
    if step != planned:
        return link
    forgotten_on_customer(run, link, reason, ports)
    ports.state.save_links(run.tenant, run.realm, [after])
    return after


def forgotten_on_customer(run: Run, link: Link, reason: str, ports: QuickBooksPorts) -> None:
    """Take the link's QuickBooks id from its customer, whoever else is at it."""
    for attempt in range(_ATTEMPTS):
        try:
            _forget_on_customer(run, link, reason, ports)
        except StaleVersion:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def _forget_on_customer(run: Run, link: Link, reason: str, ports: QuickBooksPorts) -> None:
    before = ports.customers.get(run.tenant, link.customer_id or "")
    if before is None or before.quickbooks != link.quickbooks_id:
        return
    after = rules.link_quickbooks(before, None, now=ports.clock())
    actor = Actor("quickbooks", Source.QUICKBOOKS, run.id)
    event = rules.event_of(EventKind.EDITED, before, after, actor, reason)
    ports.customers.save(before, after, event)
