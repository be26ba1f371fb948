"""What one company may set for itself; a company that has set nothing has these defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from roster.domain.custom_fields import CustomField, check_declarations, fields_from
from roster.domain.customer_filter import StatusFilter
from roster.domain.errors import FieldError
from roster.domain.imports.options import BlankCells, ImportMode, MatchBy, Options
from roster.domain.letterhead import letterhead_errors
from roster.domain.places import country_code
from roster.domain.required_fields import Preset, check_own, required_fields

MAX_PREFIX, MAX_WIDTH = 10, 12
# As many as the widest number has digits.
MAX_NUMBER = 10**MAX_WIDTH - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSettings:
    """Preset `trade`: a name is enough. `number_width` pads with zeros ("C-00042").

    `country` (ISO 3166 alpha-2) is where phone numbers without a country code are dialled;
    `required_own` is what the preset `own` asks for. Quotes and invoices are in `currency` (ISO
    4217) and carry the texts; with a `gstin` of one's own, GST is split by state. `money_in` is the
    currency that money was written in: from then on there is no other.
    """

    auto_numbering: bool = True
    number_prefix: str = "C-"
    number_width: int = 5
    confirm_dropped_files: bool = False
    confirm_api_imports: bool = True
    import_mode: ImportMode = ImportMode.CREATE
    import_match_by: MatchBy = MatchBy.AUTO
    import_blank_cells: BlankCells = BlankCells.KEEP
    country: str = "US"
    required_preset: Preset = Preset.TRADE
    required_own: tuple[str, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    currency: str = "USD"
    gstin: str | None = None
    pan: str | None = None
    company_name: str | None = None
    company_address: str | None = None
    company_email: str | None = None
    company_phone: str | None = None
    company_website: str | None = None
    payment_instructions: str | None = None
    money_in: str | None = None

    @property
    def required_fields(self) -> tuple[str, ...]:
        """What saving a customer needs; see `roster.domain.required_fields`."""
        return required_fields(
            self.required_preset,
            self.required_own,
            auto_numbering=self.auto_numbering,
            declared=(field.name for field in self.custom_fields),
        )

    @property
    def default_list_status(self) -> StatusFilter:
        """Which customers a screen shows first (A-27): all in a trade, else those not archived."""
        return StatusFilter.ALL if self.required_preset is Preset.TRADE else StatusFilter.ACTIVE

    @property
    def import_options(self) -> Options:
        """How an import goes that does not say otherwise."""
        return Options(
            mode=self.import_mode,
            match_by=self.import_match_by,
            blank_cells=self.import_blank_cells,
        )

    def format_number(self, n: int) -> str:
        """The customer number that the counter's value `n` stands for."""
        return f"{self.number_prefix}{n:0{self.number_width}d}"


# Fields of a few words, by what they are when they come from the table.
_WORDS: Mapping[str, type[StrEnum]] = {
    "required_preset": Preset,
    "import_mode": ImportMode,
    "import_match_by": MatchBy,
    "import_blank_cells": BlankCells,
}
SETTABLE = tuple(f.name for f in fields(TenantSettings) if f.name != "money_in")


def settings_from(stored: Mapping[str, Any]) -> TenantSettings:
    """Settings from what is stored of them, as plain values."""
    known = {k: v for k, v in stored.items() if k in (*SETTABLE, "money_in")}
    known |= {name: kind(known[name]) for name, kind in _WORDS.items() if name in known}
    if "required_own" in known:
        known["required_own"] = tuple(known["required_own"])
    if "custom_fields" in known:
        known["custom_fields"] = fields_from(known["custom_fields"])
    return TenantSettings(**known)


def check_settings(values: Mapping[str, Any], before: TenantSettings) -> list[FieldError]:
    """Every rule that `values` (of SETTABLE, and `next_number`; None for the default) breaks."""
    errors = [*_number_errors(values)]
    country = values.get("country")
    if country is not None and country_code(country) != country:
        errors.append(FieldError("/country", "country", "an ISO 3166 code such as US"))
    errors += letterhead_errors(values, {"gstin": before.gstin, "pan": before.pan})
    declared = values.get("custom_fields")
    if declared is not None:
        errors += check_declarations(declared)
    names = (
        [field.name for field in before.custom_fields]
        if "custom_fields" not in values
        else [str(one.get("name")) for one in declared or ()]
    )
    return [*errors, *check_own(values.get("required_own") or (), names)]


def _number_errors(values: Mapping[str, Any]) -> list[FieldError]:
    errors = []
    prefix = values.get("number_prefix") or ""
    if len(prefix) > MAX_PREFIX or not prefix.isprintable():
        detail = f"at most {MAX_PREFIX} characters, none of them a control character"
        errors.append(FieldError("/number_prefix", "prefix", detail))
    width = values.get("number_width")
    if width is not None and not 1 <= width <= MAX_WIDTH:
        errors.append(FieldError("/number_width", "range", f"1 to {MAX_WIDTH}"))
    if "next_number" in values:
        number = values["next_number"]
        if number is None or not 1 <= number <= MAX_NUMBER:
            errors.append(FieldError("/next_number", "range", f"1 to {MAX_NUMBER}"))
    return errors
