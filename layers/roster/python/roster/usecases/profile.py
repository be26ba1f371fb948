"""The page of a customer: everything that hangs on it, in short, with the way to the rest."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from roster.domain.counts import Breakdown, Counts, breakdown
from roster.domain.customer import Customer
from roster.domain.document import Document
from roster.domain.invoice import Invoice
from roster.domain.project import Phase, Project, ProjectCounts
from roster.domain.quote import Quote
from roster.domain.standing import Standing
from roster.domain.task import Task
from roster.usecases.customers import read_customer
from roster.usecases.joining import joined_page, owners
from roster.usecases.ports import Clock, Customers, Documents, Page, Settings
from roster.usecases.projects import all_phases
from roster.usecases.record_ports import Activities, Records
from roster.usecases.standings import StandingNow, standing_now
from roster.usecases.timeline import Entry, timeline_of

SHOWN = 5
# One more than is shown tells whether there are more.
_READ = SHOWN + 1
# Whatever a section needs is one limited query (for each customer merged into this one).
_SIDE_BY_SIDE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What one customer and those merged into it come to, each as stored."""

    standings: Sequence[Standing]
    counts: Sequence[Counts]
    projects: Sequence[ProjectCounts]


class ReadSums(Protocol):
    """Everything that is summed up beside customers."""

    def read(self, tenant: str, owners: Sequence[str]) -> Sums:
        """The sums of these customers, strongly consistent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a profile is read from."""

    customers: Customers
    settings: Settings
    sums: ReadSums
    tasks: Records[Task]
    quotes: Records[Quote]
    invoices: Records[Invoice]
    projects: Records[Project]
    documents: Documents
    activities: Activities
    clock: Clock


@dataclass(frozen=True, slots=True)
class Section[T]:
    """The first of a list, and whether there are more."""

    data: Sequence[T]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The page; what the caller may not see is None."""

    customer: Customer
    standing: StandingNow | None
    quotes: Section[Quote] | None
    invoices: Section[Invoice] | None
    tasks: Section[Task] | None
    projects: Section[Project] | None
    phases: Mapping[Phase, int] | None
    figures: Breakdown | None
    documents: Section[Document]
    timeline: Section[Entry]


def read_profile(
    tenant: str, customer_id: str, *, sees_money: bool, sees_work: bool, sources: Sources
) -> Profile:
    """The page of a customer: its head, then limited queries side by side.

    Raises NotFound or Gone. What it costs does not depend on how much there is.
    """
    customer = read_customer(tenant, customer_id, customers=sources.customers)
    ids = owners(customer)

    asked: dict[str, Callable[[], Any]] = {
        "documents": lambda: _documents(customer, sources),
        "timeline": lambda: _timeline(customer, sources),
    }
    if sees_money or sees_work:
        asked["sums"] = lambda: sources.sums.read(tenant, ids)
    if sees_money:
        asked["currency"] = lambda: sources.settings.get(tenant).currency
        asked |= {
            "quotes": lambda: _page(sources.quotes.page(tenant, ids, limit=_READ, after=None)),
            "invoices": lambda: _page(sources.invoices.page(tenant, ids, limit=_READ, after=None)),
        }
    if sees_work:
        asked |= {
            "tasks": lambda: _first(sources.tasks.open(tenant, ids, limit=_READ)),
            "projects": lambda: _first(sources.projects.open(tenant, ids, limit=_READ)),
        }
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        running = {name: pool.submit(ask) for name, ask in asked.items()}
    found = {name: one.result() for name, one in running.items()}
    today = sources.clock().date()
    sums: Sums | None = found.get("sums")
    standing = None
    if sums and sees_money:
        standing = standing_now(sums.standings, found["currency"], today)
    return Profile(
        customer=customer,
        standing=standing,
        quotes=found.get("quotes"),
        invoices=found.get("invoices"),
        tasks=found.get("tasks"),
        projects=found.get("projects"),
        phases=all_phases(sums.projects, today) if sums and sees_work else None,
        figures=breakdown(customer, sums.counts) if sums and sees_work else None,
        documents=found["documents"],
        timeline=found["timeline"],
    )


def _documents(customer: Customer, sources: Sources) -> Section[Document]:
    def read(owner: str, *, limit: int, after: str | None) -> Page[Document]:
        return sources.documents.list(customer.tenant, owner, limit=limit, after=after)

    page = joined_page(
        customer, read, position=lambda document: document.id, limit=_READ, after=None
    )
    return _page(page)


def _timeline(customer: Customer, sources: Sources) -> Section[Entry]:
    page = timeline_of(
        customer,
        limit=SHOWN,
        after=None,
        customers=sources.customers,
        activities=sources.activities,
    )
    return Section(page.items, page.next is not None)


def _page[T](page: Page[T]) -> Section[T]:
    return Section(page.items[:SHOWN], len(page.items) > SHOWN or page.next is not None)


def _first[T](found: Sequence[T]) -> Section[T]:
    return Section(found[:SHOWN], len(found) > SHOWN)
