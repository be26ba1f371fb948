"""Products and services a company sells, from which lines of quotes and invoices are filled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from roster.domain.errors import FieldError, Invalid
from roster.domain.record_values import text_errors

MAX_PRICE = 10**12
_MAX = {
    "name": 100,
    "sku": 100,
    "description": 4000,
    "income_account": 100,
    "expense_account": 100,
}
_REQUIRED = ("name", "kind", "unit_price", "taxable", "active")


class ItemKind(StrEnum):
    """What is sold, in the words of the books."""

    SERVICE = "service"
    NON_INVENTORY = "non_inventory"
    INVENTORY = "inventory"
    EQUIPMENT = "equipment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product or service. `unit_price` is in minor units of the company's currency.

    `used` once a quote or an invoice has named it: such a one is kept when it is deleted, as
    inactive. `version` counts its changes from 1.
    """

    id: str
    tenant: str
    version: int = 1
    name: str
    sku: str | None = None
    description: str | None = None
    kind: ItemKind = ItemKind.SERVICE
    unit_price: int = 0
    taxable: bool = True
    tax_rate_id: str | None = None
    income_account: str | None = None
    expense_account: str | None = None
    active: bool = True
    used: bool = False


def edited_item(item: Item, values: Mapping[str, Any]) -> Item:
    """`item` with `values` merged in: absent keeps, None clears; itself if nothing moved.

    Raises Invalid with every broken rule.
    """
    given: dict[str, Any] = {k: v if v != "" else None for k, v in values.items()}
    errors = [
        FieldError(f"/{name}", "required", f"{name} cannot be empty")
        for name in _REQUIRED
        if given.get(name, getattr(item, name)) in (None, "")
    ]
    errors += check_item(given)
    if errors:
        raise Invalid(errors)
    after = replace(item, **given)
    return item if after == item else replace(after, version=item.version + 1)


def check_item(values: Mapping[str, Any]) -> list[FieldError]:
    """The rules that given values break; None and what is absent break none."""
    errors = text_errors(values, _MAX)
    price = values.get("unit_price")
    if price is not None and not 0 <= price <= MAX_PRICE:
        errors.append(FieldError("/unit_price", "range", f"0 to {MAX_PRICE}, in minor units"))
    return errors
