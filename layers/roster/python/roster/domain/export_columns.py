"""The columns of an exported list: everything the record holds, one customer a row."""

from collections.abc import Callable, Sequence
from datetime import datetime

from roster.domain.custom_fields import CustomField
from roster.domain.exports import ExportFormat, WholeCustomer
from roster.domain.imports import cell_values
from roster.domain.imports.headings import own_heading
from roster.domain.location import Address
from roster.domain.terms import TermKind
from roster.domain.vocabulary import Vocabulary, custom_text

type Cell = Callable[[WholeCustomer], str | None]
type Column = tuple[str, Cell]


def _own(name: str) -> Cell:
    return lambda whole: getattr(whole.customer, name)


def _word(name: str) -> Cell:
    return lambda whole: str(getattr(whole.customer, name))


def _flag(name: str) -> Cell:
    return lambda whole: cell_values.flag_text(getattr(whole.customer, name))


def _contact(part: str) -> Cell:
    return lambda whole: getattr(whole.customer.billing_contact, part, None)


def _served(part: str) -> Cell:
    return lambda whole: _part(whole.location.address if whole.location else None, part)


def _billed(part: str) -> Cell:
    return lambda whole: _part(whole.customer.billing_address, part)


def _part(address: Address | None, part: str) -> str | None:
    return getattr(address, part) if address else None


def _degrees(name: str) -> Cell:
    def cell(whole: WholeCustomer) -> str | None:
        position = whole.location.position if whole.location else None
        return f"{getattr(position, name):.6f}" if position and position.exact else None

    return cell


def moment_text(at: datetime) -> str:
    """A moment as the files write it, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# Headings our importer recognises. The id lets it know the customer again whatever else a
# spreadsheet program does to the row.
_READ_BACK: tuple[Column, ...] = (
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
    ("Tags", lambda whole: cell_values.tags_text(whole.customer.tags)),
    ("External ID", _own("external_id")),
    ("Kind", _word("kind")),
    ("Customer Role", _word("role")),
    ("Notes", _own("notes")),
    ("Location Name", lambda whole: whole.location.name if whole.location else None),
    ("Service Street", _served("street")),
    ("Service Unit", _served("unit")),
    ("Service City", _served("city")),
    ("Service State", _served("state")),
    ("Service Zip", _served("zip")),
    ("Service Country", _served("country")),
    ("Billing Same As Service", _flag("billing_same_as_service")),
    ("Billing Street", _billed("street")),
    ("Billing Unit", _billed("unit")),
    ("Billing City", _billed("city")),
    ("Billing State", _billed("state")),
    ("Billing Zip", _billed("zip")),
    ("Billing Country", _billed("country")),
    ("Billing Contact Name", _contact("name")),
    ("Billing Contact Email", _contact("email")),
    ("Billing Contact Phone", _contact("phone")),
    ("GSTIN", _own("gstin")),
    ("PAN", _own("pan")),
    ("Discount %", _own("default_discount_percent")),
    ("Verified", _flag("verified")),
    ("Portal Access", _flag("portal_access")),
)
# What a file tells and nobody sets by one: the importer leaves them out. A place on the map is
# found by validating its address, never taken from a cell.
_TOLD: tuple[Column, ...] = (
    ("Status", _word("status")),
    ("Source", _word("source")),
    ("QuickBooks", _own("quickbooks")),
    ("Latitude", _degrees("latitude")),
    ("Longitude", _degrees("longitude")),
    ("Locations", lambda whole: str(whole.locations_count)),
    ("Contacts", lambda whole: str(whole.contacts_count)),
    ("Created", lambda whole: moment_text(whole.customer.created_at)),
    ("Updated", lambda whole: moment_text(whole.customer.updated_at)),
)
TOLD = frozenset(heading for heading, _ in _TOLD)
_NOT_TYPED = frozenset({"Roster ID"})


def _term(kind: TermKind, name: str, words: Vocabulary) -> Cell:
    return lambda whole: words.text_of(kind, getattr(whole.customer, name))


def _custom(declared: CustomField) -> Column:
    name = declared.name
    return own_heading(declared), lambda whole: custom_text(whole.customer.custom.get(name))


def _set_by_file(words: Vocabulary) -> tuple[Column, ...]:
    return (
        *_READ_BACK,
        ("Tax Rate", _term(TermKind.TAX_RATE, "tax_rate_id", words)),
        ("Payment Terms", _term(TermKind.PAYMENT_TERM, "payment_term_id", words)),
        *map(_custom, words.custom_fields),
    )


def template_headings(words: Vocabulary) -> Sequence[str]:
    """The headings of a file to fill in: every field that an import can set."""
    return [heading for heading, _ in _set_by_file(words) if heading not in _NOT_TYPED]


class ExportColumns:
    """The columns of one export; `as_of` is the moment it tells of, None for now."""

    def __init__(self, words: Vocabulary, *, as_of: datetime | None = None) -> None:
        columns = [*_set_by_file(words), *_TOLD]
        if as_of is not None:
            text = moment_text(as_of)
            columns.append(("As Of", lambda _: text))
        self.headings = tuple(heading for heading, _ in columns)
        self._cells = tuple(cell for _, cell in columns)

    def row(self, whole: WholeCustomer, file_format: ExportFormat) -> Sequence[str]:
        """The customer's row, its texts guarded as the format needs it."""
        guard = cell_values.guarded if file_format is ExportFormat.CSV else cell_values.guarded_text
        return [guard(value) if (value := cell(whole)) else "" for cell in self._cells]
