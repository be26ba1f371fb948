"""What a preflight asks QuickBooks: a dozen questions at most, none of which writes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roster.domain.sync.books import TheirName
from roster.domain.sync.connection import PAGE_SIZE
from roster.domain.sync.items import KINDS, without_accounts
from roster.domain.sync.jobs import place_of
from roster.domain.sync.policy import ItemsDirection
from roster.domain.sync.preflight.facts import Counted, Looked, Standing, Theirs
from roster.domain.sync.preflight.words import Example
from roster.domain.sync.records import as_number
from roster.usecases.quickbooks.money_ports import Row
from roster.usecases.quickbooks.questions import Questions

# Those that share the customers' names.
_OTHERS = {"Vendor": "vendor", "Employee": "employee"}


def their_side(to: Questions, standing: Standing) -> Theirs:
    """What QuickBooks says, the most important first; only what is of use to the policy."""
    policy, wire = standing.policy, to.ports.money.wire
    pulls = policy is None or policy.mode.pulls
    pushes = policy is None or policy.mode.pushes
    items_come = policy is None or policy.items is ItemsDirection.QUICKBOOKS_TO_ROSTER
    card = to.ask(lambda api, token: api.read(to.realm, token, "CompanyInfo", to.realm))
    preferences = to.ask(lambda api, token: api.rows(to.realm, token, "Preferences")[0])
    company = None
    if card is not None and preferences is not None:
        company = wire.read_company(card, next(iter(preferences), {}))
    jobs = _count(to, "Customer", Job=True) if pulls else None
    customers = _tops(to, jobs) if jobs is not None else None
    found = Theirs(
        company=company,
        customers=customers,
        items=_both(to, "Item") if items_come else None,
        jobs=jobs,
        sites=_sites(to, jobs) if jobs is not None else None,
        holders=_holders(to, standing) if pushes else None,
        without_accounts=_without_accounts(to) if items_come and policy is not None else None,
    )
    return replace(found, silence=to.silence, refused=to.refused, ended=to.ended)


def _count(to: Questions, entity: str, **is_: bool) -> int | None:
    answer = to.ask(lambda api, token: api.count(to.realm, token, entity, **is_))
    return None if answer is None else answer[0]


def _both(to: Questions, entity: str) -> Counted | None:
    active, inactive = _count(to, entity, Active=True), _count(to, entity, Active=False)
    if active is None or inactive is None:
        return None
    return Counted(active=active, inactive=inactive)


def _tops(to: Questions, jobs: int) -> Counted | None:
    """Customers without their jobs, which are counted by themselves."""
    everyone, retired = _both(to, "Customer"), _count(to, "Customer", Job=True, Active=False)
    if everyone is None or retired is None:
        return None
    return Counted(active=everyone.active - jobs, inactive=everyone.inactive - retired)


def _sites(to: Questions, jobs: int) -> Looked[Example] | None:
    """The customers of active jobs that have no address of their own."""
    if not jobs:
        return Looked()
    rows = to.ask(lambda api, token: api.jobs(to.realm, token)[0])
    if rows is None:
        return None
    theirs = [to.ports.wire.customer(row) for row in rows]
    ids = sorted({one.parent_id for one in theirs if one.parent_id}, key=as_number)
    above = to.ask(lambda api, token: api.by_ids(to.realm, token, "Customer", ids)[0])
    if above is None:
        return None
    parents = {one.id: one for one in map(to.ports.wire.customer, above)}
    without: dict[str, list[str]] = {}
    for job in theirs:
        parent = parents.get(job.parent_id or "")
        if parent is not None and place_of(job, parent.base) is None:
            without.setdefault(parent.id, []).append(job.display_name)
    found = [
        Example(name=parents[i].display_name, quickbooks_id=i, why=_jobs_of(names))
        for i, names in sorted(without.items(), key=lambda one: as_number(one[0]))
    ]
    return Looked(found=found, at=len(rows), whole=len(rows) >= jobs)


def _jobs_of(names: Sequence[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"has the job “{names[0]}”{more}"


def _holders(to: Questions, standing: Standing) -> Looked[TheirName] | None:
    """Vendors and employees: as they were listed last, else the first page of each."""
    connection = standing.connection
    if connection is not None and connection.polled is not None:
        kinds = _OTHERS.values()
        names = to.ports.names
        listed = [name for kind in kinds for name in names.listed(to.tenant, to.realm, kind)]
        # Who has only ever pulled has no list of them.
        if listed:
            return Looked(found=listed, at=len(listed))
    found: list[TheirName] = []
    whole = True
    for entity, kind in _OTHERS.items():
        rows = _page(to, entity)
        if rows is None:
            return None
        found += [to.ports.wire.name(kind, row) for row in rows]
        whole = whole and len(rows) < PAGE_SIZE
    return Looked(found=found, at=len(found), whole=whole)


def _page(to: Questions, entity: str) -> Sequence[Row] | None:
    return to.ask(lambda api, token: api.rows(to.realm, token, entity)[0])


def _without_accounts(to: Questions) -> Looked[Example] | None:
    rows = _page(to, "Item")
    if rows is None:
        return None
    items = [to.ports.money.wire.read_item(row) for row in rows]
    sold = [one for one in items if one.active and one.type in KINDS]
    found = [
        Example(name=one.full_name or one.name, quickbooks_id=one.id, why=why)
        for one in sold
        if (why := _missing(one.income_account_id, one.expense_account_id))
    ]
    return Looked(found=found, at=len(sold), whole=len(rows) < PAGE_SIZE)


def _missing(income: str | None, expense: str | None) -> str | None:
    values: Mapping[str, Any] = {"income_account": income, "expense_account": expense}
    return without_accounts(values)
