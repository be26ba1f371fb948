"""What a company does with its products and services."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from roster.domain.errors import FieldError, Invalid, NotFound, StaleVersion
from roster.domain.ids import new_id
from roster.domain.item import Item, edited_item
from roster.domain.terms import TermKind
from roster.usecases.ports import Clock, Page, Settings

_ATTEMPTS = 8


class Items(Protocol):
    """The company's products and services."""

    def get(self, tenant: str, item_id: str) -> Item | None:
        """The item as of now."""

    def page(
        self, tenant: str, *, active: bool | None, name: str, limit: int, after: str | None
    ) -> Page[Item]:
        """Items by name, of which the name begins as `name` does; `active` None is all."""

    def add(self, item: Item, *, request_key: str | None) -> Item:
        """Write a new one; with `request_key` once, the same key again returns the first."""

    def save(self, before: Item, after: Item) -> None:
        """Write `after` if the stored version is still `before`'s; raises StaleVersion."""

    def remove(self, item: Item) -> None:
        """Remove it if it is still of that version and unused; raises StaleVersion."""


def list_items(
    tenant: str,
    *,
    active: bool | None,
    name: str,
    limit: int,
    after: str | None,
    items: Items,
) -> Page[Item]:
    """A page of the company's items by name."""
    return items.page(tenant, active=active, name=name, limit=limit, after=after)


def read_item(tenant: str, item_id: str, *, items: Items) -> Item:
    """One of them, inactive or not; raises NotFound."""
    found = items.get(tenant, item_id)
    if found is None:
        raise NotFound(f"there is no item {item_id}")
    return found


def define_item(
    tenant: str,
    values: Mapping[str, Any],
    *,
    items: Items,
    settings: Settings,
    clock: Clock,
    request_key: str | None,
) -> Item:
    """Define a new one; raises Invalid."""
    blank = Item(id=new_id("itm", clock()), tenant=tenant, name="")
    item = _edited(blank, values, settings)
    return items.add(replace(item, version=1), request_key=request_key)


def edit_item(
    tenant: str, item_id: str, values: Mapping[str, Any], *, items: Items, settings: Settings
) -> Item:
    """Merge `values` in (absent keeps, None clears); raises Invalid or NotFound."""
    for _ in range(_ATTEMPTS):
        before = read_item(tenant, item_id, items=items)
        after = _edited(before, values, settings)
        if after is before:
            return before
        try:
            items.save(before, after)
        except StaleVersion:
            continue
        return after
    raise StaleVersion(f"{item_id} keeps changing")


def write_item(item: Item, values: Mapping[str, Any], *, items: Items) -> Item:
    """Write a new item under the id it has; once it is there it stays as it is. Raises Invalid."""
    first = items.get(item.tenant, item.id)
    return first or items.add(replace(edited_item(item, values), version=1), request_key=None)


def delete_item(tenant: str, item_id: str, *, items: Items) -> None:
    """Delete it; one that a quote or an invoice has named stays, inactive."""
    for _ in range(_ATTEMPTS):
        item = read_item(tenant, item_id, items=items)
        try:
            if not item.used:
                items.remove(item)
            elif item.active:
                items.save(item, edited_item(item, {"active": False}))
        except StaleVersion:
            continue
        return
    raise StaleVersion(f"{item_id} keeps changing")


def item_of(tenant: str, item_id: str, *, items: Items) -> Item | None:
    """The item for a line of a quote or an invoice, noted as used; None where it is not to be had.

    An inactive one is not to be had: a line that names it already keeps what it was filled with.
    """
    for _ in range(_ATTEMPTS):
        item = items.get(tenant, item_id)
        if item is None or not item.active or item.used:
            return item if item is not None and item.active else None
        used = replace(item, used=True, version=item.version + 1)
        try:
            items.save(item, used)
        except StaleVersion:
            continue
        return used
    raise StaleVersion(f"{item_id} keeps changing")


def _edited(item: Item, values: Mapping[str, Any], settings: Settings) -> Item:
    errors: list[FieldError] = []
    rate = values.get("tax_rate_id")
    # Noted as chosen, so that deleting the rate keeps it.
    if (
        rate
        and rate != item.tax_rate_id
        and not settings.use_term(item.tenant, TermKind.TAX_RATE, rate)
    ):
        detail = "there is no active tax rate of that id"
        errors.append(FieldError("/tax_rate_id", "unknown_tax_rate", detail))
    try:
        after = edited_item(item, values)
    except Invalid as invalid:
        raise Invalid([*invalid.errors, *errors]) from None
    if errors:
        raise Invalid(errors)
    return after
