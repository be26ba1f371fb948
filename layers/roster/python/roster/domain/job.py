"""Jobs: work at a customer's location, as the mobile app shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from roster.domain.erasure import ERASED
from roster.domain.errors import FieldError, Invalid, WrongState
from roster.domain.location import Address, Location
from roster.domain.record import Family, Record
from roster.domain.record_values import text_errors, without_empty_texts

_TEXTS = {"title": 200, "assignee": 100, "description": 10_000}
_YEARS = range(1900, 2200)
# Sorts after every moment, and before what ends a range of keys.
_NOT_SCHEDULED = "~"


class JobStatus(StrEnum):
    """How far the work is."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (JobStatus.SCHEDULED, JobStatus.IN_PROGRESS)
# What may follow; what has ended is taken up again before it ends another way.
_NEXT = {
    JobStatus.SCHEDULED: {JobStatus.IN_PROGRESS, JobStatus.DONE, JobStatus.CANCELLED},
    JobStatus.IN_PROGRESS: {JobStatus.SCHEDULED, JobStatus.DONE, JobStatus.CANCELLED},
    JobStatus.DONE: {JobStatus.SCHEDULED, JobStatus.IN_PROGRESS},
    JobStatus.CANCELLED: {JobStatus.SCHEDULED, JobStatus.IN_PROGRESS},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Record):
    """A job as stored.

    `location_owner` is the customer the location lies with; `last_address` is what it was when the
    job was last written, for the day the location is no more.
    """

    family: ClassVar[Family] = Family.JOB
    title: str
    description: str | None = None
    status: JobStatus = JobStatus.SCHEDULED
    scheduled_at: datetime | None = None
    ends_at: datetime | None = None
    assignee: str | None = None
    location_id: str | None = None
    location_owner: str | None = None
    last_address: Address | None = None

    @property
    def shelf(self) -> str:
        """Its status."""
        return str(self.status)

    @property
    def sorted_by(self) -> str:
        """When it begins, in UTC; without a time it comes last."""
        return self.scheduled_at.isoformat()[:19] if self.scheduled_at else _NOT_SCHEDULED

    @property
    def open_by(self) -> str | None:
        """When it begins, until it has ended."""
        return self.sorted_by if self.status in OPEN else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs are wanted; None does not ask, days are in UTC and both included."""

    status: JobStatus | None = None
    assignee: str | None = None
    first_day: date | None = None
    last_day: date | None = None

    def fits(self, job: Job) -> bool:
        """Whether the job is wanted."""
        if self.status not in (None, job.status):
            return False
        if self.assignee is not None:
            assigned = (job.assignee or "").casefold()
            if assigned != self.assignee.strip().casefold():
                return False
        if job.scheduled_at is None:
            return self.first_day is None and self.last_day is None
        day = job.scheduled_at.date()
        return (self.first_day is None or self.first_day <= day) and (
            self.last_day is None or day <= self.last_day
        )


def edit_job(
    job: Job, values: Mapping[str, Any], place: Location | None, *, more: Sequence[FieldError] = ()
) -> Job:
    """The job with `values` merged in, at `place`; raises Invalid with every rule, `more` too.

    Raises WrongState for a status that cannot follow.
    """
    errors = [*more, *text_errors(values, _TEXTS, required="title")]
    moments = {name: values[name] for name in ("scheduled_at", "ends_at") if values.get(name)}
    out_of_range = [name for name, at in moments.items() if at.year not in _YEARS]
    errors += [FieldError(f"/{name}", "out_of_range", "no such year") for name in out_of_range]
    fields = without_empty_texts(values)
    if not out_of_range:
        fields |= {name: _in_milliseconds(at) for name, at in moments.items()}
        errors += _order_errors(
            fields.get("scheduled_at", job.scheduled_at), fields.get("ends_at", job.ends_at)
        )
    if errors:
        raise Invalid(errors)
    after = _at(replace(job, **fields), place)
    if after.status is not job.status and after.status not in _NEXT[job.status]:
        raise WrongState(f"a job that is {job.status} cannot become {after.status}")
    return after


def _at(job: Job, place: Location | None) -> Job:
    if job.location_id is None:
        return replace(job, location_owner=None, last_address=None)
    if place is None:
        return job
    return replace(job, location_owner=place.customer_id, last_address=place.address)


def _order_errors(begins: datetime | None, ends: datetime | None) -> list[FieldError]:
    if ends is None:
        return []
    if begins is None:
        return [FieldError("/ends_at", "no_begin", "say when it begins: scheduled_at")]
    if ends < begins:
        return [FieldError("/ends_at", "before_begin", "not before scheduled_at")]
    return []


def _in_milliseconds(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def refuse_removal(job: Job) -> None:
    """Raise WrongState for a job that was begun: it is cancelled, and stays on record."""
    if job.status is not JobStatus.SCHEDULED:
        raise WrongState(f"the job is {job.status}: only a scheduled one can be removed")


def redacted(job: Job) -> Job:
    """The job without what is personal: that there was work, when and by whom, stays."""
    bare = replace(
        job,
        title=ERASED,
        description=None,
        location_id=None,
        location_owner=None,
        last_address=None,
    )
    return job if bare == job else replace(bare, version=job.version + 1)
