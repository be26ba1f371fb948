"""Records that lost their other side: merged in QuickBooks, merged or deleted here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from roster.domain.customer import Customer, Status
from roster.domain.erasure import is_erased
from roster.domain.sync.known import link_of
from roster.domain.sync.records import Link, LinkKind, LinkStatus, TheirCustomer, as_theirs
from roster.domain.sync.steps import Action, Here, PushStep, Step, Verb


def merged_step(
    theirs: TheirCustomer, link: Link | None, winner: str, survivor: Link | None
) -> Step | None:
    """QuickBooks merged it into `winner`; the customer here is never made inactive by that.

    Where the survivor has a customer here too, a person is asked whether to merge the two; where it
    has none, it inherits this one, and its own step links them.
    """
    reason = f"“{theirs.display_name}” was merged into another customer in QuickBooks ({winner})."
    if link is None or link.customer_id is None:
        gone = link_of(theirs, link, LinkStatus.MERGED, reason=reason)
        gone = replace(gone, merged_into=winner)
        return None if gone == link else Step(theirs=theirs, link=gone)
    if link.status is LinkStatus.MERGED and link.merged_into == winner:
        return None
    other = survivor.customer_id if survivor and survivor.leads else None
    verb = Verb.UNLINK
    if link.kind is LinkKind.JOB or other == link.customer_id:
        verb = Verb.SKIP
    elif other is not None:
        verb = Verb.CONFLICT
        reason += f" Merge these two here as well? ({link.customer_id}, {other})"
    token = theirs.sync_token
    after = replace(link, status=LinkStatus.MERGED, merged_into=winner, sync_token=token)
    action = Action(verb=verb, reason=reason, customer_id=link.customer_id)
    return Step(theirs=theirs, actions=(action,), link=after)


def left_behind(page: Sequence[TheirCustomer], here: Here) -> list[TheirCustomer]:
    """Those merged into records of the page that are not on it and still have a customer here.

    What is left of them in QuickBooks may never come, and whoever is asked for alone comes alone.
    """
    ids = {one.id for one in page}
    losers = (i for i, into in sorted(here.merges.items()) if into in ids and i not in ids)
    links = (here.links.get(i) for i in losers)
    return [
        as_theirs(link)
        for link in links
        if link is not None and link.customer_id and link.status is not LinkStatus.MERGED
    ]


def why_alone(theirs: TheirCustomer, customer: Customer | None) -> str:
    """Why a record whose customer is gone here is left alone."""
    if customer is not None and customer.status is Status.MERGED:
        return (
            f"“{theirs.display_name}” was merged into another customer here, which follows"
            " another QuickBooks record; QuickBooks still has both."
        )
    return f"“{theirs.display_name}” was deleted here; QuickBooks still has it."


def deleted_step(customer: Customer, link: Link | None) -> PushStep | None:
    """Say once of a customer that was deleted here that QuickBooks goes on with it.

    Nothing is deleted or made inactive there by a deletion here (S4.027). One that was made
    inactive there before needs no word.
    """
    if link is None or not link.leads or not link.active or is_erased(customer):
        return None
    if link.status is LinkStatus.SKIPPED:
        return None
    reason = (
        f"“{link.name}” was deleted here and is still active in QuickBooks; make it inactive there"
        " if it is not to be used any more."
    )
    action = Action(verb=Verb.SKIP, reason=reason, customer_id=customer.id)
    return PushStep(
        customer_id=customer.id,
        name=link.name,
        quickbooks_id=link.quickbooks_id,
        actions=(action,),
        link=replace(link, status=LinkStatus.SKIPPED, reason=reason, to_push=False),
    )


def is_erased_here(
    theirs: TheirCustomer, links: Mapping[str, Link], customers: Mapping[str, Customer]
) -> bool:
    """Whether it was erased here, or its parent: not even a report names it again."""
    both = (links.get(theirs.id), links.get(theirs.parent_id or ""))
    ids = {link.customer_id for link in both if link is not None and link.customer_id}
    return any(is_erased(c) for i in ids if (c := customers.get(i)))
