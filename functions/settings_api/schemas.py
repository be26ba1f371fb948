"""The caller and the company's settings on the wire."""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from roster.domain.custom_fields import CustomType
from roster.domain.customer_filter import StatusFilter
from roster.domain.imports.options import BlankCells, ImportMode, MatchBy
from roster.domain.required_fields import Preset
from roster.domain.settings import TenantSettings
from roster.domain.terms import VALUE_FIELD, Term
from roster.runtime.callers import Module

type Flag = Annotated[bool | None, Field(strict=True)]
type Whole = Annotated[int | None, Field(strict=True)]


class ModuleOut(BaseModel):
    """A part of Roster, and whether the caller may open it; their role says what for."""

    name: Module
    available: bool


class Me(BaseModel):
    """Who the token stands for, and which parts of Roster they may open."""

    tenant: str
    role: Literal["viewer", "office", "admin"]
    user: str
    modules: list[ModuleOut]


class CustomFieldIn(BaseModel):
    """A field of the company's own on every customer; `choices` are for the type choice."""

    model_config = ConfigDict(extra="forbid")

    name: str
    type: CustomType
    label: Annotated[str | None, Field(max_length=100)] = None
    choices: list[str] | None = None


class SettingsPatch(BaseModel):
    """What to set; an absent field keeps, null is the default again.

    `next_number` only ever rises: a number that was given is never given again. `country` is where
    phone numbers without a country code are dialled. `required_fields` is a list of one's own
    (preset `own`), such as "email", "service_location.street", "custom.gate_code". `currency`
    (ISO 4217) is that of all quotes, invoices and payments, whose papers carry the `company_…`
    texts, `gstin`, `pan` and, on invoices, `payment_instructions`. The `import_…` fields are what
    an import does that does not say otherwise.
    """

    model_config = ConfigDict(extra="forbid")

    auto_numbering: Flag = None
    number_prefix: str | None = None
    number_width: Whole = None
    next_number: Whole = None
    confirm_dropped_files: Flag = None
    confirm_api_imports: Flag = None
    import_mode: ImportMode | None = None
    import_match_by: MatchBy | None = None
    import_blank_cells: BlankCells | None = None
    country: str | None = None
    required_preset: Preset | None = None
    required_fields: list[str] | None = None
    custom_fields: list[CustomFieldIn] | None = None
    currency: str | None = None
    gstin: str | None = None
    pan: str | None = None
    company_name: str | None = None
    company_address: str | None = None
    company_email: str | None = None
    company_phone: str | None = None
    company_website: str | None = None
    payment_instructions: str | None = None

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        return self.model_dump(exclude_unset=True)


class CustomFieldOut(BaseModel):
    """A field of the company's own."""

    name: str
    type: CustomType
    label: str | None
    choices: list[str]


class SettingsOut(BaseModel):
    """What the company has set, defaults included.

    `required_fields` are what a new customer needs now; `a|b` means that either will do.
    `default_list_status` is the `status` that a screen of customers asks for at first.
    """

    auto_numbering: bool
    number_prefix: str
    number_width: int
    next_number: int
    confirm_dropped_files: bool
    confirm_api_imports: bool
    import_mode: ImportMode
    import_match_by: MatchBy
    import_blank_cells: BlankCells
    country: str
    required_preset: Preset
    required_fields: list[str]
    default_list_status: StatusFilter
    custom_fields: list[CustomFieldOut]
    currency: str
    gstin: str | None
    pan: str | None
    company_name: str | None
    company_address: str | None
    company_email: str | None
    company_phone: str | None
    company_website: str | None
    payment_instructions: str | None

    @classmethod
    def of(cls, settings: TenantSettings, next_number: int) -> Self:
        """The wire form of settings."""
        values = asdict(settings)
        shown = {name: values[name] for name in cls.model_fields if name in values}
        required = list(settings.required_fields)
        return cls(
            **shown,
            required_fields=required,
            default_list_status=settings.default_list_status,
            next_number=next_number,
        )


class TaxRatePatch(BaseModel):
    """What to set of a tax rate; an absent field keeps. `rate_percent` goes from 0 to 100."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str | None = None
    rate_percent: Decimal | None = None
    active: Flag = None

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        return self.model_dump(exclude_unset=True)


class TaxRateIn(TaxRatePatch):
    """A new tax rate: a name and its percentage."""


class _TermOut(BaseModel):
    """What tax rates and payment terms share; an inactive one is not to be chosen any more.

    `quickbooks` is the id of what it follows there. One `deleted_in_quickbooks` stays with the
    customers that have it, and cannot be chosen for others.
    """

    id: str
    name: str
    active: bool
    quickbooks: str | None
    deleted_in_quickbooks: bool

    @classmethod
    def of(cls, term: Term) -> Self:
        """The wire form of a term."""
        return cls(
            id=term.id,
            name=term.name,
            active=term.active,
            quickbooks=term.quickbooks,
            deleted_in_quickbooks=term.gone_there,
            **{VALUE_FIELD[term.kind]: term.value},
        )


class TaxRateOut(_TermOut):
    """A tax rate in percent."""

    rate_percent: str


class PaymentTermPatch(BaseModel):
    """What to set of a payment term; an absent field keeps. `due_days` goes from 0 to 999."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str | None = None
    due_days: Whole = None
    active: Flag = None

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        return self.model_dump(exclude_unset=True)


class PaymentTermIn(PaymentTermPatch):
    """A new payment term: a name and the days until an invoice is due."""


class PaymentTermOut(_TermOut):
    """A payment term."""

    due_days: int


class TaxRatePage(BaseModel):
    """All tax rates by name, on one page."""

    data: list[TaxRateOut]
    next_cursor: None = None


class PaymentTermPage(BaseModel):
    """All payment terms by name, on one page."""

    data: list[PaymentTermOut]
    next_cursor: None = None
