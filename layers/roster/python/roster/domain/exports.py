"""An export: a list of customers as a file that a spreadsheet program opens and we import again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter
from roster.domain.events import Actor
from roster.domain.location import Location

# Redelivered three times, a quarter of an hour apart: after that nobody works on it any more.
GIVEN_UP_AFTER = timedelta(hours=1)
# The bucket forgets the file after this long.
FILE_KEPT = timedelta(days=7)


class ExportFormat(StrEnum):
    """What the file is."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """What it is on the wire."""
        return _TYPES[self]


_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportStatus(StrEnum):
    """How an export stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


OPEN = frozenset({ExportStatus.QUEUED, ExportStatus.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export. `attempt` counts the workers that began it; the last of them is the one heard.

    `as_of`: the list as it stood at that moment, None for as it stands when it is written.
    """

    id: str
    tenant: str
    format: ExportFormat
    wanted: CustomerFilter
    as_of: datetime | None = None
    created_at: datetime
    created_by: Actor
    status: ExportStatus = ExportStatus.QUEUED
    updated_at: datetime
    attempt: int = 0
    rows_done: int = 0
    reason: str | None = None

    @property
    def filename(self) -> str:
        """What the file is called where it is saved."""
        then = f"-as-of-{self.as_of:%Y-%m-%dT%H%M%SZ}" if self.as_of else ""
        return f"customers-{self.created_at:%Y-%m-%d}{then}.{self.format}"

    def seen_at(self, now: datetime) -> "Export":
        """The export as a reader should see it: what nobody works on any more has failed."""
        if self.status in OPEN and now - self.updated_at > GIVEN_UP_AFTER:
            reason = "the export was interrupted too often: ask for it again"
            return replace(self, status=ExportStatus.FAILED, reason=reason)
        return self


@dataclass(frozen=True, slots=True)
class WholeCustomer:
    """A customer, its primary service location, and how many places and people hang on it."""

    customer: Customer
    location: Location | None
    locations_count: int = 0
    contacts_count: int = 0
