"""The page of a customer in one answer."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Self

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel

from functions.records_api.books import StandingOut
from functions.records_api.invoice_schemas import InvoiceRow
from functions.records_api.projects import ProjectRow
from functions.records_api.quotes import QuoteRow
from functions.records_api.schemas import DocumentRow
from functions.records_api.task_schemas import TaskRow
from roster import bootstrap
from roster.bootstrap import whole
from roster.domain.counts import Tally, total
from roster.runtime.callers import VIEWER, Module, Modules, caller
from roster.runtime.wire.customer import CustomerOut
from roster.runtime.wire.timeline import TimelineEntry
from roster.usecases import customer_fields
from roster.usecases import profile as usecases
from roster.usecases.profile import Profile, Section
from roster.usecases.standings import StandingNow

router = APIGatewayHttpRouter()


class ProfileSection[T](BaseModel):
    """The first of a list; `more` says that `all` leads to further ones."""

    data: list[T]
    more: bool
    all: str


class ProfileProjects(ProfileSection[ProjectRow]):
    """Projects that are not closed, the first to start first, and how many there are by phase."""

    upcoming: int
    active: int
    past: int


class FigureRow(BaseModel):
    """How many there are of one type and status; what has no type counts under null."""

    type: str | None
    status: str
    count: int


class Figures(BaseModel):
    """How many there are in all, and by type and status."""

    count: int
    data: list[FigureRow]
    more: bool = False
    all: str

    @classmethod
    def of(cls, tally: Tally, path: str) -> Self:
        """The wire form."""
        rows = [
            FigureRow(type=kind or None, status=status, count=n)
            for (kind, status), n in sorted(tally.items())
        ]
        return cls(count=total(tally), data=rows, all=path)


class ProfileAssets(BaseModel):
    """Assets at the customer's locations, whoever owns them, and assets that it owns."""

    on_location: Figures
    owned: Figures


class BillingSummary(BaseModel):
    """What was billed for all of the customer's projects, and what came in, in minor units."""

    billed: int
    received: int
    outstanding: int
    currency: str

    @classmethod
    def of(cls, standing: StandingNow) -> Self:
        """The part of a standing that invoices for projects make up."""
        return cls(
            billed=standing.project_billed,
            received=standing.project_received,
            outstanding=standing.project_billed - standing.project_received,
            currency=standing.currency,
        )


class ProfileOut(BaseModel):
    """The page of a customer; a section of a module that the caller does not have is null.

    `standing` is the customer's value too: `revenue` over its lifetime, and what is outstanding.
    """

    customer: CustomerOut
    standing: StandingOut | None
    tasks: ProfileSection[TaskRow] | None
    quotes: ProfileSection[QuoteRow] | None
    invoices: ProfileSection[InvoiceRow] | None
    projects: ProfileProjects | None
    assets: ProfileAssets | None
    sites: Figures | None
    billing: BillingSummary | None
    documents: ProfileSection[DocumentRow]
    timeline: ProfileSection[TimelineEntry]


@router.get("/v1/customers/<customer_id>/profile", middlewares=VIEWER, tags=["customers"])
def read_profile(customer_id: str) -> ProfileOut:
    """The whole page of a customer: its record, how it stands, and the first of what hangs on it.

    Up to five of each list, with the path of the rest. Tasks are the open ones by due date.
    """
    who = caller(router)
    found = usecases.read_profile(
        who.tenant,
        customer_id,
        sees_money=Module.MONEY in who.modules,
        sees_work=Module.WORK in who.modules,
        sources=whole.profile_sources(),
    )
    return _shown(found, who.modules)


def _shown(found: Profile, modules: Modules) -> ProfileOut:
    customer = customer_fields.with_billing(found.customer, customers=bootstrap.customers())
    path = f"/v1/customers/{customer.id}"
    today = bootstrap.clock().date()
    figures, standing = found.figures, found.standing
    return ProfileOut(
        customer=CustomerOut.of(customer),
        standing=StandingOut.model_validate(asdict(standing)) if standing else None,
        tasks=_section(found.tasks, TaskRow.of, f"{path}/tasks") if found.tasks else None,
        quotes=_section(
            found.quotes,
            lambda quote: QuoteRow.of(quote, status=quote.status_on(today)),
            f"{path}/quotes",
        )
        if found.quotes
        else None,
        invoices=_section(
            found.invoices, lambda invoice: InvoiceRow.on(invoice, today), f"{path}/invoices"
        )
        if found.invoices
        else None,
        projects=_projects(found, f"{path}/projects"),
        assets=ProfileAssets(
            on_location=Figures.of(figures.on_location, f"{path}/assets?relation=on_location"),
            owned=Figures.of(figures.owned, f"{path}/assets?relation=owned"),
        )
        if figures
        else None,
        sites=Figures.of(figures.sites, f"{path}/locations") if figures else None,
        billing=BillingSummary.of(standing) if standing else None,
        documents=_section(found.documents, DocumentRow.of, f"{path}/documents"),
        timeline=_section(
            found.timeline, lambda entry: TimelineEntry.of(entry, modules), f"{path}/timeline"
        ),
    )


def _section[R, T](found: Section[R], show: Callable[[R], T], path: str) -> ProfileSection[T]:
    return ProfileSection(data=[show(one) for one in found.data], more=found.more, all=path)


def _projects(found: Profile, path: str) -> ProfileProjects | None:
    if found.projects is None or found.phases is None:
        return None
    return ProfileProjects(
        data=[ProjectRow.today(project) for project in found.projects.data],
        more=found.projects.more,
        all=path,
        **{str(phase): n for phase, n in found.phases.items()},
    )
