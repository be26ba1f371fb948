"""What a company sets for itself."""

from collections.abc import Mapping
from typing import Any

from roster.domain import letterhead
from roster.domain import settings as rules
from roster.domain.errors import FieldError, Invalid
from roster.domain.required_fields import Preset
from roster.domain.settings import TenantSettings
from roster.usecases.ports import Settings


def read_settings(tenant: str, *, settings: Settings) -> tuple[TenantSettings, int]:
    """The company's settings and the number its next customer gets."""
    return settings.get(tenant), settings.next_number(tenant)


def edit_settings(
    tenant: str, values: Mapping[str, Any], *, settings: Settings
) -> tuple[TenantSettings, int]:
    """Merge `values` in (absent keeps, None is the default again); what holds then.

    Raises Invalid, with nothing set, for broken rules and for a `next_number` that goes back.
    """
    values = letterhead.normalized(_with_own_list(values))
    if errors := rules.check_settings(values, settings.get(tenant)):
        raise Invalid(errors)
    _refuse_other_currency(values, settings.get(tenant))
    number = values.get("next_number")
    # The counter first: it may still refuse.
    if number is not None and not settings.raise_next_number(tenant, number):
        least = settings.next_number(tenant)
        detail = f"numbers are never given again: at least {least}"
        raise Invalid([FieldError("/next_number", "only_raises", detail)])
    if not settings.save(tenant, values):
        _refuse_other_currency(values, settings.get(tenant))
    return read_settings(tenant, settings=settings)


def _refuse_other_currency(values: Mapping[str, Any], before: TenantSettings) -> None:
    """Raise Invalid for another currency than there is money in."""
    wanted = values.get("currency") or TenantSettings().currency
    if "currency" in values and before.money_in not in (None, wanted):
        detail = f"invoices and payments are in {before.money_in} already"
        raise Invalid([FieldError("/currency", "money_written", detail)])


def _with_own_list(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """`values` as stored: a list of required fields is the preset `own`, null none of one's own."""
    if "required_fields" not in values:
        return values
    listed = values["required_fields"]
    preset = values.get("required_preset") or Preset.OWN
    if listed is not None and preset != Preset.OWN:
        detail = f"the preset {preset} has its own fields; a list goes with {Preset.OWN}"
        raise Invalid([FieldError("/required_fields", "required_preset", detail)])
    given = {k: v for k, v in values.items() if k != "required_fields"}
    if listed is not None:
        given["required_preset"] = Preset.OWN
    return {**given, "required_own": listed}
