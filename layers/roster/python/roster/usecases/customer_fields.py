"""What a company's settings say to the fields of a customer that is about to be saved."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from roster.domain.custom_fields import check_values
from roster.domain.customer import EDITABLE, Customer
from roster.domain.errors import FieldError
from roster.domain.location import Address
from roster.domain.required_fields import GST_TIP, Preset, is_of_a_location, missing_fields
from roster.domain.settings import TenantSettings
from roster.domain.terms import CUSTOMER_FIELD
from roster.usecases.joining import joined_locations
from roster.usecases.ports import Customers, Settings

_NAMES = ("/company_name", "/full_name")


def missing_of_new(
    values: Mapping[str, Any], place: Mapping[str, Any] | None, ours: TenantSettings
) -> list[FieldError]:
    """The required fields that a new customer lacks."""
    return list(missing_fields(ours.required_fields, values, place).values())


def emptied_by(before: Customer, after: Customer, ours: TenantSettings) -> list[FieldError]:
    """The required fields that a change empties; what was missing before may stay so."""
    required = [name for name in ours.required_fields if not is_of_a_location(name)]
    lacked = missing_fields(required, _values(before))
    lacks = missing_fields(required, _values(after))
    return [error for name, error in lacks.items() if name not in lacked]


def _values(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in EDITABLE}


def wrong_choices(
    tenant: str,
    values: Mapping[str, Any],
    before: Customer | None,
    *,
    ours: TenantSettings,
    settings: Settings,
) -> list[FieldError]:
    """Errors of own fields, and of tax rates and payment terms that are not to be chosen."""
    errors = check_values(values.get("custom") or {}, ours.custom_fields)
    for kind, field in CUSTOMER_FIELD.items():
        chosen = values.get(field)
        # Who has a rate that was retired since keeps it.
        if not chosen or (before is not None and chosen == getattr(before, field)):
            continue
        if not settings.use_term(tenant, kind, chosen):
            what = kind.name.lower().replace("_", " ")
            errors.append(FieldError(f"/{field}", "unknown", f"no {what} to choose: {chosen}"))
    return errors


def at_once(*groups: Iterable[FieldError]) -> list[FieldError]:
    """All errors, each field once for each rule; a missing name under its required field only."""
    found = list(dict.fromkeys(error for group in groups for error in group))
    distinct = list({(e.pointer, e.code): e for e in reversed(found)}.values())[::-1]
    if any(e.pointer in _NAMES and e.code == "required" for e in distinct):
        distinct = [e for e in distinct if (e.pointer, e.code) != ("/display_name", "required")]
    return distinct


def tips(customer: Customer, ours: TenantSettings) -> list[str]:
    """What would make the record more useful, and is no reason to refuse it."""
    complete = customer.gstin and customer.pan
    return [GST_TIP] if ours.required_preset is Preset.GST and not complete else []


def service_address(customer: Customer, *, customers: Customers) -> Address | None:
    """The address of the customer's primary location, of one merged into it if it has none."""
    places = joined_locations(customer, customers=customers)
    first = next((place for place in places if place.primary), None)
    return first.address if first else None


def with_billing(customer: Customer, *, customers: Customers) -> Customer:
    """The customer as it is shown: billing the same as service is that address, as it is now."""
    if not customer.billing_same_as_service:
        return customer
    return replace(customer, billing_address=service_address(customer, customers=customers))


def unlinked(customer: Customer, values: Mapping[str, Any], *, customers: Customers) -> Customer:
    """What an edit starts from: clearing the link copies the last address."""
    cleared = "billing_same_as_service" in values and not values["billing_same_as_service"]
    return with_billing(customer, customers=customers) if cleared else customer
