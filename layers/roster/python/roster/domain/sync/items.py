"""What both directions of items share: the two sides in the same words.

Items go one way or the other or not at all, by QuickBooks' ids; nothing is guessed. An item needs
both accounts, income and expense, to go anywhere (S4.099).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from roster.domain.events import Change
from roster.domain.item import Item, ItemKind
from roster.domain.money import minor_units
from roster.domain.sync.books import TheirItem, TheirItemType
from roster.domain.sync.chart import Chart
from roster.domain.sync.others import ITEM, OtherStep
from roster.domain.sync.steps import Verb

ACTIVE = "active"
KINDS = {
    TheirItemType.SERVICE: ItemKind.SERVICE,
    TheirItemType.NON_INVENTORY: ItemKind.NON_INVENTORY,
    TheirItemType.INVENTORY: ItemKind.INVENTORY,
}
# Equipment stands in QuickBooks as inventory (S4.098).
TYPES = {ours: theirs for theirs, ours in KINDS.items()} | {
    ItemKind.EQUIPMENT: TheirItemType.INVENTORY
}


def our_item(item: Item) -> dict[str, Any]:
    """Our side of what is carried, without empties."""
    names = ("name", "sku", "description", "income_account", "expense_account")
    texts = {name: getattr(item, name) for name in names}
    rest = {
        "kind": str(item.kind),
        "unit_price": item.unit_price,
        "taxable": item.taxable,
        ACTIVE: item.active,
    }
    return {name: value for name, value in (texts | rest).items() if value is not None}


def their_item(theirs: TheirItem, chart: Chart, currency: str) -> dict[str, Any]:
    """QuickBooks' side, in our words; what it does not say is not in it."""
    price = theirs.unit_price or Decimal(0)
    values = {
        "name": theirs.name,
        "sku": theirs.sku,
        "description": theirs.description,
        "income_account": chart.name_of(theirs.income_account_id),
        "expense_account": chart.name_of(theirs.expense_account_id),
        "kind": str(KINDS[theirs.type]),
        "unit_price": minor_units(price, currency),
        "taxable": theirs.taxable,
        ACTIVE: theirs.active,
    }
    return {name: value for name, value in values.items() if value is not None}


def without_accounts(values: Mapping[str, Any]) -> str | None:
    """Which accounts an item lacks, in words; None where it has both."""
    missing = [what for what in ("income", "expense") if not values.get(f"{what}_account")]
    return f"it has no {' and no '.join(missing)} account" if missing else None


def taxability(item: Item, theirs: TheirItem) -> list[OtherStep]:
    """A line of the report where ours is not taxable and theirs is (S4.097)."""
    if item.taxable or not theirs.taxable or not item.active or not theirs.active:
        return []
    reason = (
        f"Item “{item.name}” is not taxable here and is taxable in QuickBooks: make it the same"
        " on both sides, or invoices will not agree."
    )
    return [
        OtherStep(
            entity=ITEM, verb=Verb.CONFLICT, reason=reason, name=item.name,
            quickbooks_id=theirs.id, our_id=item.id,
        )
    ]  # fmt: skip


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What of `after` differs from `before`."""
    return tuple(
        Change(name, before.get(name), after[name])
        for name in sorted(after)
        if before.get(name) != after[name]
    )
