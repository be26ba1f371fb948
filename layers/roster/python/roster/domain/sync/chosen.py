"""What a customer has chosen of its company's lists: payment terms and a tax rate, by our ids.

QuickBooks names its own. Terms go both ways. The tax goes there and never comes: QuickBooks' lists
leave a customer's tax code out, and where it works out sales tax by itself it sets the code, so
what it has is nobody's choice.
"""

from collections.abc import Mapping
from dataclasses import replace

from roster.domain.sync.records import PAYMENT_TERM, TAX_RATE, Link, TheirCustomer


def in_our_ids(
    theirs: TheirCustomer, link: Link | None, known: Mapping[str, str], *, terms_told: bool
) -> TheirCustomer:
    """The record with what it chose in our ids, which `known` has by QuickBooks'.

    What is not known here, or not `terms_told`, is untold: it counts as it was when last seen.
    """
    if theirs.choices is None:
        return theirs
    base = link.base_theirs if link is not None else {}
    there = theirs.choices.get(PAYMENT_TERM)
    untold = [TAX_RATE]
    values = dict(theirs.values)
    if not terms_told or (there is not None and there not in known):
        untold.append(PAYMENT_TERM)
    elif there is not None:
        values[PAYMENT_TERM] = known[there]
    values |= {field: base[field] for field in untold if base.get(field)}
    return replace(theirs, values=values, choices=None, untold=tuple(untold))
