"""What both directions of items share: the two sides in the same words.

Items go one way or the other or not at all, by QuickBooks' ids; nothing is guessed. An item needs
both accounts, income and expense, to go anywhere (S4.099).
"""

from collections.abc import Iterable, Mapping, Sequence
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


# What a line of an invoice may stand on where it is on none of the company's own items.
_SERVICES = (TheirItemType.SERVICE, TheirItemType.NON_INVENTORY)
_MAX_NAME = 100


def item_name_rule(name: str) -> str | None:
    """The rule of QuickBooks' names of items that `name` breaks."""
    if not name.strip():
        return "an item has a name"
    if len(name) > _MAX_NAME:
        return f"QuickBooks' items have names of at most {_MAX_NAME} characters"
    if any(sign in name for sign in ":\t\n"):
        return "QuickBooks' items have no colon, tab or line break in their names"
    return None


def services(found: Iterable[TheirItem]) -> list[TheirItem]:
    """Those that lines can stand on."""
    return [one for one in found if one.active and one.type in _SERVICES]


def why_no_service(found: Sequence[TheirItem], name: str) -> str | None:
    """Why no line can stand on the item of that name, of which these were `found`."""
    if not found:
        return f"QuickBooks has no product or service named “{name}”"
    usable = services(found)
    if not usable:
        if not any(one.active for one in found):
            return f"“{name}” is inactive in QuickBooks"
        return f"“{name}” is neither a service nor a non-inventory item in QuickBooks"
    if not any(one.income_account_id for one in usable):
        return f"“{name}” has no income account in QuickBooks"
    return None


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
