"""What QuickBooks' items ask of ours."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from roster.domain.events import Change
from roster.domain.item import Item, ItemKind
from roster.domain.sync.books import TheirItem, TheirItemType
from roster.domain.sync.chart import Chart
from roster.domain.sync.items import (
    ACTIVE,
    KINDS,
    changes_of,
    our_item,
    taxability,
    their_item,
    without_accounts,
)
from roster.domain.sync.others import ITEM, OtherLink, OtherStep
from roster.domain.sync.records import as_number
from roster.domain.sync.steps import Verb
from roster.domain.text import fold

_NOT_ITEMS = {
    TheirItemType.CATEGORY: "is a category",
    TheirItemType.GROUP: "is a bundle",
    TheirItemType.OTHER: "is of a type that Roster does not have",
}


def plan_items_in(
    theirs: Iterable[TheirItem],
    ours: Sequence[Item],
    links: Mapping[str, OtherLink],
    chart: Chart,
    currency: str,
) -> list[OtherStep]:
    """What QuickBooks' items ask of ours; `links` by QuickBooks id."""
    known = {item.id: item for item in ours}
    names = _by_name(ours, {link.our_id for link in links.values()})
    taken = {fold(known[link.our_id].name) for link in links.values() if link.our_id in known}
    steps = []
    listed = sorted(theirs, key=lambda one: as_number(one.id))
    doubles = Counter(fold(one.name) for one in listed if one.active and one.type in KINDS)
    for one in listed:
        link = links.get(one.id)
        here = known.get(link.our_id) if link and link.our_id else None
        if here is not None and link is not None:
            steps += _followed_in(one, here, link, chart, currency)
        elif one.deleted or not one.active:
            continue
        elif (why := _NOT_ITEMS.get(one.type)) is not None:
            steps.append(_said(Verb.SKIP, one, f"it {why}"))
        elif link is not None:
            continue
        elif fold(one.name) in taken or doubles[fold(one.name)] > 1:
            steps.append(_said(Verb.SKIP, one, "another item has its name"))
        else:
            steps += _met_in(one, names.get(fold(one.name), []), chart, currency)
    return steps


def _by_name(ours: Sequence[Item], linked: set[str | None]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in ours:
        if item.id not in linked:
            found.setdefault(fold(item.name), []).append(item)
    return found


def _followed_in(
    theirs: TheirItem, here: Item, link: OtherLink, chart: Chart, currency: str
) -> list[OtherStep]:
    if theirs.deleted or theirs.type not in KINDS:
        values = {**link.base_theirs, ACTIVE: False}
    else:
        values = their_item(theirs, chart, currency)
    moved = {
        name: values.get(name)
        for name in {*values, *link.base_theirs}
        if values.get(name) != link.base_theirs.get(name)
    }
    if moved.get("kind") == ItemKind.INVENTORY and here.kind is ItemKind.EQUIPMENT:
        moved.pop("kind")
    # What comes along below is not a difference any more.
    steps = [] if "taxable" in moved else taxability(here, theirs)
    after = replace(link, base_theirs=values, sync_token=theirs.sync_token)
    why = without_accounts(_accounts(theirs)) if not theirs.deleted else None
    if moved and why and set(moved) != {ACTIVE}:
        return [*steps, _said(Verb.SKIP, theirs, why, our_id=here.id)]
    changes = changes_of(our_item(here), moved)
    if not changes:
        return [*steps, *([_quiet(theirs, after)] if after != link else [])]
    verb = Verb.UPDATE_HERE
    if [change.field for change in changes] == [ACTIVE]:
        verb = Verb.ACTIVATE_HERE if moved[ACTIVE] else Verb.DEACTIVATE_HERE
    what = "was changed" if verb is Verb.UPDATE_HERE else "was made active or inactive"
    step = OtherStep(
        entity=ITEM, verb=verb, name=theirs.name or here.name, quickbooks_id=theirs.id,
        our_id=here.id, changes=changes, values=moved, link=after,
        reason=f"Item “{here.name}” {what} in QuickBooks.",
    )  # fmt: skip
    return [*steps, step]


def _accounts(theirs: TheirItem) -> dict[str, str | None]:
    return {
        "income_account": theirs.income_account_id,
        "expense_account": theirs.expense_account_id,
    }


def _met_in(
    theirs: TheirItem, same: Sequence[Item], chart: Chart, currency: str
) -> list[OtherStep]:
    values = their_item(theirs, chart, currency)
    if why := without_accounts(_accounts(theirs)):
        return [_said(Verb.SKIP, theirs, why)]
    if theirs.unit_price is not None and theirs.unit_price < 0:
        return [_said(Verb.SKIP, theirs, "its price is below nothing")]
    if len(same) > 1:
        return [_said(Verb.SKIP, theirs, f"{len(same)} items here have its name")]
    link = OtherLink(
        entity=ITEM, quickbooks_id=theirs.id, sync_token=theirs.sync_token, base_theirs=values
    )
    if not same:
        changes = tuple(Change(name, None, value) for name, value in sorted(values.items()))
        return [
            OtherStep(
                entity=ITEM, verb=Verb.CREATE_HERE, name=theirs.name, quickbooks_id=theirs.id,
                changes=changes, values=values, link=link,
                reason=f"Item “{theirs.name}” is new in QuickBooks.",
            )
        ]  # fmt: skip
    here = same[0]
    if here.kind is ItemKind.EQUIPMENT and values["kind"] == ItemKind.INVENTORY:
        values = {name: value for name, value in values.items() if name != "kind"}
    return [
        OtherStep(
            entity=ITEM, verb=Verb.LINK, name=theirs.name, quickbooks_id=theirs.id,
            our_id=here.id, changes=changes_of(our_item(here), values), values=values,
            link=replace(link, our_id=here.id),
            reason=f"Item “{theirs.name}” is the same as the one of that name in QuickBooks.",
        )
    ]  # fmt: skip


def _quiet(theirs: TheirItem, link: OtherLink) -> OtherStep:
    """A link that moves on, of which there is nothing to tell."""
    return OtherStep(entity=ITEM, verb="", reason="", name=theirs.name, link=link)


def _said(verb: Verb, theirs: TheirItem, why: str, *, our_id: str | None = None) -> OtherStep:
    reason = f"Item “{theirs.full_name or theirs.name}” was left out: {why}."
    return OtherStep(
        entity=ITEM, verb=verb, reason=reason, name=theirs.name, quickbooks_id=theirs.id,
        our_id=our_id,
    )  # fmt: skip
