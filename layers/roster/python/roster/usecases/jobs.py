"""Jobs for customers: work at one of their locations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from roster.domain.customer import Customer
from roster.domain.errors import FieldError
from roster.domain.job import Job, JobFilter, JobStatus, edit_job, refuse_removal
from roster.domain.location import Location
from roster.domain.record import Family, record_id
from roster.usecases import record_keeping as keeping
from roster.usecases.customers import read_customer
from roster.usecases.joining import owners
from roster.usecases.narrowing import narrowed
from roster.usecases.part_ports import Parts
from roster.usecases.parts import primary_of
from roster.usecases.ports import Customers, Page
from roster.usecases.record_keeping import Call, Listed
from roster.usecases.record_ports import Records

_VERBS = {
    JobStatus.SCHEDULED: "reopened",
    JobStatus.IN_PROGRESS: "started",
    JobStatus.DONE: "completed",
    JobStatus.CANCELLED: "cancelled",
}


class Places(Protocol):
    """Locations by where they lie."""

    def find(self, tenant: str, wanted: Iterable[tuple[str, str]]) -> Mapping[str, Location]:
        """Those of the locations (customer id, location id) that exist, by location id."""


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job with its customer and its location as they are now; None where that is no more."""

    job: Job
    customer: Customer
    place: Location | None


def add_job(
    call: Call[Job],
    values: Mapping[str, Any],
    *,
    places: Places,
    locations: Parts[Location],
    request_key: str | None,
) -> Job:
    """A new job, at the primary location unless another is given; raises Invalid."""

    def make(customer: Customer, now: datetime) -> Job:
        blank = Job(
            id=record_id(Family.JOB, now),
            tenant=call.tenant,
            customer_id=customer.id,
            created_at=now,
            updated_at=now,
            created_by=call.actor,
            title="",
            status=values.get("status", JobStatus.SCHEDULED),
        )
        given = {"title": None, **values}
        if "location_id" not in values:
            place = primary_of(customer, locations)
            return edit_job(replace(blank, location_id=place.id if place else None), given, place)
        place, errors = _place(customer, values["location_id"], places)
        return edit_job(blank, given, place, more=errors)

    return keeping.add(call, make, verb="created", request_key=request_key)


def _place(
    customer: Customer, location_id: str | None, places: Places
) -> tuple[Location | None, list[FieldError]]:
    if not location_id:
        return None, []
    found = places.find(customer.tenant, [(owner, location_id) for owner in owners(customer)])
    if location_id not in found:
        detail = "not one of the customer's locations"
        return None, [FieldError("/location_id", "unknown", detail)]
    return found[location_id], []


def change_job(
    call: Call[Job],
    job_id: str,
    values: Mapping[str, Any],
    *,
    if_version: int | None,
    places: Places,
) -> Job:
    """Merge `values` into the job; raises Invalid, WrongState for a status that cannot follow."""

    def step(job: Job, _: datetime) -> Job:
        wanted = values.get("location_id", job.location_id) or None
        if wanted == job.location_id:
            place = _places_of([job], places).get(wanted or "")
            return edit_job(job, values, place)
        customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
        place, errors = _place(customer, wanted, places)
        return edit_job(job, values, place, more=errors)

    return keeping.change(call, job_id, step, if_version=if_version, verbs=_told)


def _told(before: Job, after: Job) -> Sequence[str]:
    verbs = [] if after.status is before.status else [_VERBS[after.status]]
    rest = replace(
        after, status=before.status, version=before.version, updated_at=before.updated_at
    )
    return verbs if rest == before else [*verbs, "edited"]


def remove_job(call: Call[Job], job_id: str, *, if_version: int | None) -> None:
    """Remove a job that was not begun; raises WrongState for any other."""
    keeping.remove(call, job_id, if_version=if_version, check=refuse_removal)


def read_job(call: Call[Job], job_id: str, *, places: Places) -> ShownJob:
    """One job of the customer; raises NotFound or Gone."""
    customer, job = keeping.find(call, job_id)
    return _shown([Listed(job, customer)], places)[0]


def show_job(call: Call[Job], job: Job, *, places: Places) -> ShownJob:
    """A job that was just written, as it is shown."""
    customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
    return _shown([Listed(job, customer)], places)[0]


def jobs_of_customer(
    call: Call[Job], wanted: JobFilter, *, limit: int, after: str | None, places: Places
) -> Page[ShownJob]:
    """The customer's jobs that are wanted, newest first; raises NotFound or Gone."""
    customer = read_customer(call.tenant, call.customer_id, customers=call.customers)
    return _of(customer, wanted, call.records, limit, after, places)


def _of(
    customer: Customer,
    wanted: JobFilter,
    records: Records[Job],
    limit: int,
    after: str | None,
    places: Places,
) -> Page[ShownJob]:
    page = narrowed(
        lambda size, position: records.page(
            customer.tenant, owners(customer), limit=size, after=position
        ),
        wanted.fits,
        lambda job: job.id,
        limit=limit,
        after=after,
    )
    return Page(_shown([Listed(job, customer) for job in page.items], places), page.next)


def all_jobs(
    tenant: str,
    wanted: JobFilter,
    *,
    customer_id: str | None,
    limit: int,
    after: str | None,
    customers: Customers,
    records: Records[Job],
    places: Places,
) -> Page[ShownJob]:
    """The company's jobs by when they begin; of one customer, if asked, the newest first."""
    if customer_id is not None:
        customer = read_customer(tenant, customer_id, customers=customers)
        return _of(customer, wanted, records, limit, after, places)
    since = wanted.first_day.isoformat() if wanted.first_day else ""
    until = wanted.last_day.isoformat() if wanted.last_day else ""
    if until and since > until:
        return Page([])
    page = keeping.across(
        tenant,
        [str(status) for status in JobStatus if wanted.status in (None, status)],
        customer_id=None,
        limit=limit,
        after=after,
        customers=customers,
        records=records,
        since=since,
        until=until,
        newest_first=False,
        keeps=wanted.fits,
    )
    return Page(_shown(page.items, places), page.next)


def _shown(listed: Sequence[Listed[Job]], places: Places) -> list[ShownJob]:
    """One read of all the locations."""
    found = _places_of([one.record for one in listed], places)
    return [
        ShownJob(one.record, one.customer, found.get(one.record.location_id or ""))
        for one in listed
    ]


def _places_of(jobs: Sequence[Job], places: Places) -> Mapping[str, Location]:
    wanted = [
        (job.location_owner, job.location_id)
        for job in jobs
        if job.location_owner is not None and job.location_id is not None
    ]
    return places.find(jobs[0].tenant, wanted) if wanted else {}
