"""Who here may be a QuickBooks record that is not linked: by its name, or under another one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roster.domain.customer_filter import CustomerFilter, StatusFilter
from roster.domain.sync.connection import Run
from roster.domain.sync.meeting import is_free
from roster.domain.sync.policy import MappingOption, Policy
from roster.domain.sync.records import TheirCustomer
from roster.domain.sync.steps import Candidate
from roster.domain.text import fold
from roster.usecases.quickbooks.ports import QuickBooksPorts

_ANYBODY = CustomerFilter(status=StatusFilter.ALL)
# From here on one pass over all customers is cheaper than queries for each record.
_MANY_NEW = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Customer ids by folded name, and likely candidates by QuickBooks id."""

    names: Mapping[str, tuple[str, ...]]
    likely: Mapping[str, tuple[Candidate, ...]]

    @property
    def customers(self) -> set[str]:
        """The ids of all of them."""
        named = {i for ids in self.names.values() for i in ids}
        return named | {c.customer_id for found in self.likely.values() for c in found}


def meetings(
    run: Run,
    new: Sequence[TheirCustomer],
    unknown: Sequence[TheirCustomer],
    ports: QuickBooksPorts,
) -> Met:
    """Who has the name of one of the `new`, and who is likely one of those `unknown` here.

    Of the latter only those are compared of which that decides something.
    """
    wanted = {folded: t.display_name for t in new if (folded := fold(t.display_name))}
    compared = [t for t in unknown if _is_compared(t, run.policy)]
    if len(wanted) > _MANY_NEW:
        return _in_one_pass(run.tenant, wanted, compared, ports)
    found = {
        folded: {card.id for card in ports.customers.same_name(run.tenant, name)}
        for folded, name in wanted.items()
    }
    names = _sorted(found)
    open_ = [t for t in compared if fold(t.display_name) not in names]
    if open_ and _is_empty(run.tenant, ports):
        open_ = []
    around = {t.id: ports.likeness.near(run.tenant, t) for t in open_}
    likely = {t.id: ports.likeness.likely(t, around[t.id]) for t in open_}
    return Met(names=names, likely=likely)


def _is_empty(tenant: str, ports: QuickBooksPorts) -> bool:
    """Whether nobody is here to be compared with: one page of one row tells."""
    return not ports.customers.find(tenant, _ANYBODY, limit=1, after=None).items


def _is_compared(theirs: TheirCustomer, policy: Policy) -> bool:
    """Whether it would be created here, or a customer that it may be could go there beside it."""
    creates = policy.mode.pulls and policy.default_option is MappingOption.CREATE
    return (creates or policy.mode.pushes) and (theirs.active or policy.include_inactive)


def _in_one_pass(
    tenant: str,
    wanted: Mapping[str, str],
    compared: Sequence[TheirCustomer],
    ports: QuickBooksPorts,
) -> Met:
    found: dict[str, set[str]] = {}
    sieve = ports.likeness.sieve(compared)
    for customer in ports.customers.listed(tenant):
        folded = fold(customer.display_name)
        if folded in wanted:
            found.setdefault(folded, set()).add(customer.merged_into or customer.id)
        if is_free(customer):
            sieve.show(customer)
    names = _sorted(found)
    near = sieve.kept()
    open_ = [t for t in compared if t.id in near and fold(t.display_name) not in names]
    # Rows of lists lack the address, which says much.
    heads = ports.customers.get_many(tenant, sorted({i for t in open_ for i in near[t.id]}))
    likely = {
        t.id: ports.likeness.likely(t, [heads[i] for i in near[t.id] if i in heads]) for t in open_
    }
    return Met(names=names, likely=likely)


def _sorted(found: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(ids)) for name, ids in found.items() if ids}
