"""Exports on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from roster.domain.customer_fields import MAX_TAG_LENGTH
from roster.domain.customer_filter import CustomerFilter, QuickBooksFilter, StatusFilter
from roster.domain.exports import Export, ExportFormat, ExportStatus
from roster.runtime.moments import Moment, is_date, moment
from roster.usecases.ports import Download


class ExportFilters(BaseModel):
    """Which customers: the filters of the list, under their names there."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    status: StatusFilter = StatusFilter.ACTIVE
    q: Annotated[str | None, Field(max_length=200)] = None
    tag: Annotated[str | None, Field(min_length=1, max_length=MAX_TAG_LENGTH)] = None
    quickbooks: QuickBooksFilter | None = None
    portal: bool | None = None
    updated_since: Moment | None = None
    inactive_since: Moment | None = None

    def wanted(self) -> CustomerFilter:
        """The filter these are."""
        return CustomerFilter(
            status=self.status,
            query=self.q,
            tag=self.tag,
            quickbooks=self.quickbooks,
            portal=self.portal,
            updated_since=self.updated_since,
            inactive_since=self.inactive_since,
        )

    @classmethod
    def of(cls, wanted: CustomerFilter) -> Self:
        """The filter on the wire."""
        return cls(
            status=wanted.status,
            q=wanted.query,
            tag=wanted.tag,
            quickbooks=wanted.quickbooks,
            portal=wanted.portal,
            updated_since=wanted.updated_since,
            inactive_since=wanted.inactive_since,
        )


class ExportIn(BaseModel):
    """What to export, and as what."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    format: ExportFormat
    filters: ExportFilters = ExportFilters()
    as_of: Annotated[
        str | None,
        Field(
            max_length=40,
            description="The list as it stood then: RFC 3339, or a date for its end in UTC",
        ),
    ] = None

    def moment(self, now: datetime) -> datetime | None:
        """The moment asked for; of today, what there is of it so far. Raises Invalid."""
        if self.as_of is None:
            return None
        then = moment(self.as_of, "/as_of")
        return min(then, now) if is_date(self.as_of) and then.date() == now.date() else then


class ExportProgress(BaseModel):
    """How far it is. How many rows there will be is known at the end: `percent` is null or 100."""

    rows_done: int
    percent: int | None


class ExportLink(BaseModel):
    """Where the file is fetched from, without a token, until `expires_at`; ask again for more."""

    url: str
    expires_at: datetime


class ExportRow(BaseModel):
    """An export in the list; `rows` is null until it is completed."""

    id: str
    status: ExportStatus
    format: ExportFormat
    filename: str
    filters: ExportFilters
    as_of: datetime | None
    created_at: datetime
    updated_at: datetime
    created_by: str
    progress: ExportProgress
    rows: int | None
    reason: str | None

    @classmethod
    def values(cls, export: Export) -> dict[str, Any]:
        """What every view of an export holds."""
        is_done = export.status is ExportStatus.COMPLETED
        return {
            "id": export.id,
            "status": export.status,
            "format": export.format,
            "filename": export.filename,
            "filters": ExportFilters.of(export.wanted),
            "as_of": export.as_of,
            "created_at": export.created_at,
            "updated_at": export.updated_at,
            "created_by": export.created_by.user,
            "progress": ExportProgress(
                rows_done=export.rows_done, percent=100 if is_done else None
            ),
            "rows": export.rows_done if is_done else None,
            "reason": export.reason,
        }

    @classmethod
    def of(cls, export: Export) -> Self:
        """The row of an export."""
        return cls(**cls.values(export))


class ExportOut(ExportRow):
    """An export; `link` is null until it is completed, and after a week."""

    link: ExportLink | None

    @classmethod
    def whole(cls, export: Export, link: Download | None) -> Self:
        """All of an export."""
        found = ExportLink(url=link.url, expires_at=link.expires_at) if link else None
        return cls(**cls.values(export), link=found)


class ExportPage(BaseModel):
    """A page of exports, newest first."""

    data: Sequence[ExportRow]
    next_cursor: str | None
