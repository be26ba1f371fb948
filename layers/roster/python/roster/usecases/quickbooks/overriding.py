"""What was edited here and stays here, because QuickBooks leads (A-17)."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from roster.domain.customer import Customer, Status
from roster.domain.sync.fields import overrides
from roster.domain.sync.policy import Mode
from roster.domain.sync.records import ACTIVE, Link, our_values
from roster.usecases.quickbooks.policies import Policies

_STATUS = {True: Status.ACTIVE, False: Status.INACTIVE}


class Links(Protocol):
    """Where links are kept."""

    def links(self, tenant: str, realm: str, ids: Iterable[str]) -> Mapping[str, Link]:
        """Links by QuickBooks id."""


def local_overrides(customer: Customer, *, links: Links, policies: Policies) -> dict[str, Any]:
    """By our name of each such field what QuickBooks has in it, None where it has nothing.

    Nothing in the other modes: what is edited there is on its way to QuickBooks.
    """
    if customer.quickbooks is None:
        return {}
    now = policies.get(customer.tenant)
    leads = now.policy is not None and now.policy.mode is Mode.QUICKBOOKS_TO_ROSTER
    if not now.connected or now.realm is None or not leads:
        return {}
    link = links.links(customer.tenant, now.realm, [customer.quickbooks]).get(customer.quickbooks)
    if link is None or not link.leads:
        return {}
    found = {name: link.base_theirs.get(name) for name in overrides(link, our_values(customer))}
    if ACTIVE in found:
        found["status"] = _STATUS[bool(found.pop(ACTIVE))]
    return found
