"""Two full sides meet: which customer here is the one that QuickBooks has, if that is sure.

Known by link, then by the QuickBooks id it says it has, then by exactly the same folded name
(A-15). A single exact one is linked; two are never a guess, and a likely one is for a person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from roster.domain.customer import Customer, Status
from roster.domain.sync.records import TheirCustomer
from roster.domain.sync.steps import Candidate, Closeness, Here
from roster.domain.text import fold

_EXACT_BITS = 100.0


@dataclass(frozen=True, slots=True)
class Meeting:
    """Who may be the record; `exact` is the one to link, and None unless it is sure."""

    exact: str | None
    candidates: tuple[Candidate, ...] = ()
    name_taken: bool = False


def meet(
    theirs: TheirCustomer,
    here: Here,
    names: Mapping[str, tuple[str, ...]],
    customers: Mapping[str, Customer],
    homonyms: Mapping[str, int],
) -> Meeting:
    """Who here may be `theirs`; `homonyms` counts QuickBooks' unlinked records by folded name."""
    holders = names.get(fold(theirs.display_name), ())
    free = [h for h in holders if is_free(customers.get(h))]
    sure = len(holders) == 1 and len(free) == 1 and homonyms[fold(theirs.display_name)] <= 1
    closeness = Closeness.EXACT if sure else Closeness.AMBIGUOUS
    found = [
        Candidate(
            customer_id=holder,
            quickbooks_id=theirs.id,
            closeness=closeness,
            score=_EXACT_BITS,
            reasons=("same_name",),
        )
        for holder in free
    ]
    known = {c.customer_id for c in found}
    likely = [
        c
        for c in here.likely.get(theirs.id, ())
        if c.customer_id not in known and is_free(customers.get(c.customer_id))
    ]
    candidates = tuple(sorted((*found, *likely), key=lambda c: (-c.score, c.customer_id)))
    return Meeting(holders[0] if sure else None, candidates, name_taken=bool(holders))


def homonyms_of(theirs: Iterable[TheirCustomer], here: Here) -> Counter[str]:
    """How many of the records that could be linked by name have each folded name."""
    return Counter(
        fold(t.display_name)
        for t in theirs
        if not t.is_job and not ((link := here.links.get(t.id)) and link.leads)
    )


def is_free(customer: Customer | None) -> bool:
    """Whether it can be linked: it lives, and no other record leads it."""
    return (
        customer is not None
        and customer.status in (Status.ACTIVE, Status.INACTIVE)
        and customer.quickbooks is None
    )
