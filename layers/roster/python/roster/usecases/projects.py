"""Projects of a customer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from roster.domain.customer import Customer
from roster.domain.errors import FieldError, Invalid
from roster.domain.location import Location
from roster.domain.project import Phase, Project, ProjectCounts, check_project, phases
from roster.domain.record import Family, record_id
from roster.usecases import record_keeping as keeping
from roster.usecases.joining import owners
from roster.usecases.part_ports import Parts
from roster.usecases.ports import Page
from roster.usecases.record_ports import Records


class Projects(Records[Project], Protocol):
    """Projects, and how many there are."""

    def counts(self, tenant: str, owners: Sequence[str]) -> Sequence[ProjectCounts]:
        """What is counted in the partition of each of the owners that has any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(keeping.Call[Project]):
    """Whose projects, who asks, what it takes; and where the customer's locations are."""

    locations: Parts[Location]


def add_project(call: Call, values: Mapping[str, Any], *, request_key: str | None) -> Project:
    """A new project; raises Invalid."""

    def make(customer: Customer, now: datetime) -> Project:
        blank = Project(
            id=record_id(Family.PROJECT, now),
            tenant=call.tenant,
            customer_id=customer.id,
            created_at=now,
            updated_at=now,
            created_by=call.actor,
            name="",
        )
        return _edited(call, customer, blank, values)

    return keeping.add(call, make, verb="added", request_key=request_key)


def edit_project(
    call: Call, project_id: str, values: Mapping[str, Any], *, if_version: int | None
) -> Project:
    """Merge `values` into the project; raises Invalid."""
    customer = keeping.find(call, project_id)[0]

    def step(project: Project, _: datetime) -> Project:
        return _edited(call, customer, project, values)

    def verbs(before: Project, after: Project) -> Sequence[str]:
        if before.closed == after.closed:
            return ("edited",)
        return ("closed" if after.closed else "reopened",)

    return keeping.change(call, project_id, step, if_version=if_version, verbs=verbs)


def of_customer(call: Call, phase: Phase | None, *, limit: int, after: str | None) -> Page[Project]:
    """The customer's projects, newest first, in one phase if asked; at most 500 are looked at."""
    if phase is None:
        return keeping.of_customer(call, limit=limit, after=after)
    today = call.clock().date()
    return keeping.narrowed(
        call, lambda project: project.phase(today) is phase, limit=limit, after=after
    )


def read_phases(customer: Customer, today: date, *, projects: Projects) -> Mapping[Phase, int]:
    """How many projects are upcoming, active and past, however many there are."""
    return all_phases(projects.counts(customer.tenant, owners(customer)), today)


def all_phases(counts: Iterable[ProjectCounts], today: date) -> Mapping[Phase, int]:
    """How many projects are in each phase, of a customer and all that were merged into it."""
    found = dict.fromkeys(Phase, 0)
    for one in counts:
        for phase, n in phases(one, today).items():
            found[phase] += n
    return found


def project_of(customer: Customer, project_id: str, *, projects: Records[Project]) -> Project:
    """The customer's project of that id; raises Invalid at /project_id where it has none."""
    found = projects.get(customer.tenant, owners(customer), project_id)
    if found is None:
        detail = "none of the customer's projects"
        raise Invalid([FieldError("/project_id", "unknown_project", detail)])
    return found


def _edited(call: Call, customer: Customer, project: Project, values: Mapping[str, Any]) -> Project:
    dates = {name: getattr(project, name) for name in ("start_date", "end_date")}
    errors = check_project({**dates, **values})
    if not values.get("name", project.name):
        errors.append(FieldError("/name", "required", "a project needs a name"))
    place = values.get("location_id")
    if place and call.locations.get(call.tenant, owners(customer), place) is None:
        detail = "none of the customer's locations"
        errors.append(FieldError("/location_id", "unknown_location", detail))
    if errors:
        raise Invalid(errors)
    given: dict[str, Any] = {k: v or None for k, v in values.items() if k not in ("name", "closed")}
    return replace(
        project,
        **given,
        name=values.get("name", project.name),
        closed=bool(values.get("closed", project.closed)),
    )
