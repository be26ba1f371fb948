"""An export: a list of customers as a file that a spreadsheet program opens and we import again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from roster.domain import cell_values
from roster.domain.customer import Customer
from roster.domain.customer_filter import CustomerFilter
from roster.domain.events import Actor
from roster.domain.location import Address, Location

# Redelivered three times, a quarter of an hour apart: after that nobody works on it any more.
GIVEN_UP_AFTER = timedelta(hours=1)
# The bucket forgets the file after this long.
FILE_KEPT = timedelta(days=7)


class ExportFormat(StrEnum):
    """What the file is."""

    CSV = "csv"
    XLSX = "xlsx"


class ExportStatus(StrEnum):
    """How an export stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


OPEN = frozenset({ExportStatus.QUEUED, ExportStatus.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export. `attempt` counts the workers that began it; the last of them is the one heard."""

    id: str
    tenant: str
    format: ExportFormat
    wanted: CustomerFilter
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
        return f"customers-{self.created_at:%Y-%m-%d}.{self.format}"

    def as_of(self, now: datetime) -> "Export":
        """The export as a reader should see it: what nobody works on any more has failed."""
        if self.status in OPEN and now - self.updated_at > GIVEN_UP_AFTER:
            reason = "the export was interrupted too often: ask for it again"
            return replace(self, status=ExportStatus.FAILED, reason=reason)
        return self


@dataclass(frozen=True, slots=True)
class WholeCustomer:
    """A customer and its primary service location."""

    customer: Customer
    location: Location | None


type Cell = Callable[[WholeCustomer], str | None]


def _own(name: str) -> Cell:
    return lambda whole: getattr(whole.customer, name)


def _served(part: str) -> Cell:
    return lambda whole: _part(whole.location.address if whole.location else None, part)


def _billed(part: str) -> Cell:
    return lambda whole: _part(whole.customer.billing_address, part)


def _part(address: Address | None, part: str) -> str | None:
    return getattr(address, part) if address else None


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# Headings our importer recognises, but for the last five, which it leaves out. The id lets it
# know the customer again whatever else a spreadsheet program does to the row.
COLUMNS: tuple[tuple[str, Cell], ...] = (
    ("Roster ID", _own("id")),
    ("Customer Number", _own("number")),
    ("Display Name", _own("display_name")),
    ("Company Name", _own("company_name")),
    ("Full Name", _own("full_name")),
    ("First Name", _own("first_name")),
    ("Last Name", _own("last_name")),
    ("Email", _own("email")),
    ("Phone", _own("phone")),
    ("Mobile", _own("mobile")),
    ("Website", _own("website")),
    ("Tags", lambda whole: ", ".join(whole.customer.tags)),
    ("External ID", _own("external_id")),
    ("Kind", lambda whole: str(whole.customer.kind)),
    ("Notes", _own("notes")),
    ("Location Name", lambda whole: whole.location.name if whole.location else None),
    ("Service Street", _served("street")),
    ("Service Unit", _served("unit")),
    ("Service City", _served("city")),
    ("Service State", _served("state")),
    ("Service Zip", _served("zip")),
    ("Service Country", _served("country")),
    ("Billing Street", _billed("street")),
    ("Billing Unit", _billed("unit")),
    ("Billing City", _billed("city")),
    ("Billing State", _billed("state")),
    ("Billing Zip", _billed("zip")),
    ("Billing Country", _billed("country")),
    ("Status", lambda whole: str(whole.customer.status)),
    ("Role", lambda whole: str(whole.customer.role)),
    ("QuickBooks", _own("quickbooks")),
    ("Created", lambda whole: _moment(whole.customer.created_at)),
    ("Updated", lambda whole: _moment(whole.customer.updated_at)),
)
HEADINGS = tuple(heading for heading, _ in COLUMNS)


def cells_of(whole: WholeCustomer, file_format: ExportFormat) -> Sequence[str]:
    """The customer's row, its texts guarded as the format needs it."""
    guard = cell_values.guarded if file_format is ExportFormat.CSV else cell_values.guarded_text
    return [guard(value) if (value := cell(whole)) else "" for _, cell in COLUMNS]
