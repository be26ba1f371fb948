"""Jobs on the wire."""

from dataclasses import asdict
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from functions.records_api.record_schemas import CustomerRef, RecordIn, RecordOut
from roster.domain.job import JobStatus
from roster.runtime.moments import Moment
from roster.usecases.jobs import ShownJob


class JobPatch(RecordIn):
    """A merge patch of a job; `location_id` is one of the customer's locations."""

    title: str = ""
    description: str | None = None
    status: JobStatus = JobStatus.SCHEDULED
    scheduled_at: Moment | None = None
    ends_at: Moment | None = None
    assignee: str | None = None
    location_id: str | None = None


class JobIn(JobPatch):
    """A new job; it is at the customer's primary location unless `location_id` says otherwise."""

    title: str


class ServiceLocation(BaseModel):
    """Where a job is done, as the location is now.

    `removed`: the location is no more, and this is what it was.
    """

    name: str | None
    street: str | None
    unit: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    latitude: float | None
    longitude: float | None
    removed: bool

    @classmethod
    def of(cls, shown: ShownJob) -> Self | None:
        """The wire form of a job's location; None for a job without one."""
        place, job = shown.place, shown.job
        if place is not None:
            position = place.position
            return cls(
                name=place.name,
                latitude=position.latitude if position else None,
                longitude=position.longitude if position else None,
                removed=False,
                **asdict(place.address),
            )
        if job.last_address is None:
            return None
        nowhere = {"name": None, "latitude": None, "longitude": None}
        return cls(removed=True, **nowhere, **asdict(job.last_address))


class JobRow(RecordOut):
    """A job as a list shows it, with what whoever goes there needs."""

    customer: CustomerRef
    contact_phone: str | None
    title: str
    status: JobStatus
    scheduled_at: datetime | None
    ends_at: datetime | None
    assignee: str | None
    location_id: str | None
    service_location: ServiceLocation | None

    @classmethod
    def shown(cls, shown: ShownJob) -> Self:
        """The wire form of a job."""
        return cls.of(
            shown.job,
            customer=CustomerRef.of(shown.customer),
            contact_phone=shown.customer.phone or shown.customer.mobile,
            service_location=ServiceLocation.of(shown),
        )


class JobOut(JobRow):
    """A job as stored."""

    description: str | None


class JobPage(BaseModel):
    """A page of jobs; `next_cursor` is null at the end."""

    data: list[JobRow]
    next_cursor: str | None
