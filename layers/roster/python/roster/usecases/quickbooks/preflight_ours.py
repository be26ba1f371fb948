"""What a preflight looks at here, up to bounds that it tells."""

from dataclasses import replace

from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter, StatusFilter
from roster.domain.sync.items import our_item, without_accounts
from roster.domain.sync.outgoing import as_sent, why_not
from roster.domain.sync.policy import ItemsDirection, Policy
from roster.domain.sync.preflight.facts import Looked, Names, Ours, Standing
from roster.domain.sync.preflight.words import Example
from roster.domain.sync.records import Link, LinkKind, LinkStatus, as_number
from roster.domain.text import fold
from roster.usecases.quickbooks.conflicts import Conflicts
from roster.usecases.quickbooks.ports import QuickBooksPorts

MOST_NAMES, MOST_ITEMS, MOST_LINKS, MOST_CONFLICTS = 10_000, 2_000, 500, 500
_NAMES_AT_ONCE, _ITEMS_AT_ONCE = 1_000, 200
_SHORTENED = ("company_name", "first_name", "last_name")


def our_side(tenant: str, standing: Standing, conflicts: Conflicts, ports: QuickBooksPorts) -> Ours:
    """Names, items, and what waits for a person."""
    realm = standing.connection.realm if standing.connection else None
    out = standing.policy is not None and (
        standing.policy.items is ItemsDirection.ROSTER_TO_QUICKBOOKS
    )
    return Ours(
        currency=ports.settings.get(tenant).currency,
        names=_names(tenant, ports),
        items=_items(tenant, ports) if out else Looked(),
        undecided=_undecided(tenant, realm, standing.policy, ports) if realm else None,
        conflicts=_conflicts(tenant, realm, conflicts) if realm else None,
    )


def _names(tenant: str, ports: QuickBooksPorts) -> Names:
    """The names of the list, in its order, so that those that are alike stand together."""
    refused, shortened = list[Example](), list[Example]()
    groups: dict[str, list[Example]] = {}
    free: dict[str, Example] = {}
    at, after = 0, None
    while at < MOST_NAMES:
        limit = min(_NAMES_AT_ONCE, MOST_NAMES - at)
        everyone = CustomerFilter(status=StatusFilter.ALL)
        page = ports.customers.find(tenant, everyone, limit=limit, after=after)
        for customer in page.items:
            folded, shown = fold(customer.display_name), _customer(customer)
            groups.setdefault(folded, []).append(shown)
            if customer.quickbooks is None:
                free.setdefault(folded, shown)
            if rule := why_not("display_name", customer.display_name):
                refused.append(replace(shown, why=rule))
            if cut := [f for f in _SHORTENED if _is_cut(f, getattr(customer, f))]:
                words = ", ".join(name.replace("_", " ") for name in cut)
                shortened.append(replace(shown, why=f"is too long: {words}"))
        at += len(page.items)
        after = page.next
        if after is None:
            break
    twice = [group for group in groups.values() if len(group) > 1]
    return Names(
        at=at, whole=after is None, refused=refused, shortened=shortened, twice=twice, free=free
    )


def _is_cut(field: str, value: str | None) -> bool:
    return value is not None and as_sent(field, value) != value


def _customer(customer: Customer) -> Example:
    return Example(
        name=customer.display_name,
        customer_id=customer.id,
        quickbooks_id=customer.quickbooks,
        href=f"/v1/customers/{customer.id}",
    )


def _items(tenant: str, ports: QuickBooksPorts) -> Looked[Example]:
    found = list[Example]()
    at, after = 0, None
    while at < MOST_ITEMS:
        page = ports.money.books.items.page(
            tenant, active=True, name="", limit=_ITEMS_AT_ONCE, after=after
        )
        found += [
            Example(name=item.name, href=f"/v1/items/{item.id}", why=why)
            for item in page.items
            if (why := without_accounts(our_item(item)))
        ]
        at += len(page.items)
        after = page.next
        if after is None:
            break
    return Looked(found=found, at=at, whole=after is None)


def _undecided(
    tenant: str, realm: str, policy: Policy | None, ports: QuickBooksPorts
) -> Looked[Example]:
    page = ports.state.known(tenant, realm, limit=MOST_LINKS, after=None)
    waiting = [link for link in page.items if _waits(link, policy)]
    decided = ports.decisions.in_force(tenant, realm, [link.quickbooks_id for link in waiting])
    return Looked(
        found=[
            Example(name=link.name, quickbooks_id=link.quickbooks_id, why=link.reason)
            for link in sorted(waiting, key=lambda one: as_number(one.quickbooks_id))
            if link.quickbooks_id not in decided
        ],
        at=len(page.items),
        whole=page.next is None,
    )


def _waits(link: Link, policy: Policy | None) -> bool:
    """Whether a record has nobody here though it would come if it could."""
    if link.kind is not LinkKind.CUSTOMER or link.status is not LinkStatus.SKIPPED:
        return False
    if policy is not None and not policy.mode.pulls:
        return False
    inactive_too = policy is not None and policy.include_inactive
    return link.customer_id is None and (link.active or inactive_too)


def _conflicts(tenant: str, realm: str, conflicts: Conflicts) -> Looked[Example]:
    page = conflicts.page(tenant, realm, limit=MOST_CONFLICTS, after=None)
    return Looked(
        found=[
            Example(
                name=entry.name,
                customer_id=entry.customer_id,
                quickbooks_id=entry.quickbooks_id,
                href=f"/v1/customers/{entry.customer_id}" if entry.customer_id else None,
                why=f"{entry.field.replace('_', ' ')}: {entry.conflict.why}",
            )
            for entry in page.items
            if entry.is_open
        ],
        at=len(page.items),
        whole=page.next is None,
    )
