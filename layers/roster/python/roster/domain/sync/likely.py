"""Who here is likely a QuickBooks customer under another name, for a person to decide.

Apart from the plans, which take what is found here as given: comparing names loads much.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from roster.domain.customer import Customer
from roster.domain.duplicate_facts import Facts, facts, facts_of
from roster.domain.duplicates import Verdict, judge
from roster.domain.location import Address
from roster.domain.sync.meeting import is_free
from roster.domain.sync.records import TheirCustomer
from roster.domain.sync.steps import Candidate, Closeness


def likely_candidates(
    theirs: TheirCustomer, customers: Iterable[Customer]
) -> tuple[Candidate, ...]:
    """Those of `customers` that are likely the record under another name, the surest first."""
    record = _facts(theirs)
    found = []
    for customer in customers:
        if not is_free(customer):
            continue
        judgement = judge(record, facts_of(customer))
        if judgement is None or judgement.verdict is Verdict.POSSIBLE:
            continue
        found.append(
            Candidate(
                customer_id=customer.id,
                quickbooks_id=theirs.id,
                closeness=Closeness.LIKELY,
                score=judgement.score,
                reasons=tuple(str(reason) for reason in judgement.reasons),
            )
        )
    return tuple(sorted(found, key=lambda c: (-c.score, c.customer_id)))


def _facts(theirs: TheirCustomer) -> Facts:
    values: Mapping[str, Any] = theirs.values
    address = values.get("billing_address") or Address()
    return facts(
        id=theirs.id,
        names=[theirs.display_name],
        street=address.street,
        unit=address.unit,
        city=address.city,
        zip=address.zip,
        emails=[values.get("email")],
        phones=[values.get("phone"), values.get("mobile")],
        given=values.get("first_name"),
    )
