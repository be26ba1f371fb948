"""What our items ask of QuickBooks'."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roster.domain.events import Change
from roster.domain.item import Item, ItemKind
from roster.domain.sync.books import TheirItem, TheirItemType
from roster.domain.sync.chart import ACCOUNT_KINDS, Chart
from roster.domain.sync.items import (
    ACTIVE,
    TYPES,
    changes_of,
    our_item,
    taxability,
    without_accounts,
)
from roster.domain.sync.others import ITEM, OtherLink, OtherStep
from roster.domain.sync.steps import Verb
from roster.domain.text import fold

_FORBIDDEN = (":", "\t", "\n", '"')


def plan_items_out(
    ours: Iterable[Item],
    theirs: Sequence[TheirItem],
    links: Mapping[str, OtherLink],
    chart: Chart,
) -> list[OtherStep]:
    """What our items ask of QuickBooks'; `links` by our id, `theirs` all of them."""
    names: dict[str, list[TheirItem]] = {}
    for one in theirs:
        if one.active:
            names.setdefault(fold(one.name), []).append(one)
    linked = {link.quickbooks_id for link in links.values()}
    there = {one.id: one for one in theirs}
    steps: list[OtherStep] = []
    gone_by_name: set[str] = set()
    for item in sorted(ours, key=lambda one: one.id):
        link = links.get(item.id)
        if link is not None and link.quickbooks_id:
            if link.quickbooks_id in there:
                steps += taxability(item, there[link.quickbooks_id])
            steps += _followed_out(item, link, chart)
        elif item.active:
            same = names.get(fold(item.name), [])
            if fold(item.name) in gone_by_name or any(one.id in linked for one in same):
                steps.append(_stays(item, "another item has its name in QuickBooks"))
                continue
            gone_by_name.add(fold(item.name))
            steps += _met_out(item, same, chart, link)
    return steps


def plan_removed(links: Iterable[OtherLink]) -> list[OtherStep]:
    """What was deleted here becomes inactive there."""
    return [
        OtherStep(
            entity=ITEM,
            verb=Verb.DEACTIVATE_THERE,
            name=str(link.base_ours.get("name", "")),
            quickbooks_id=link.quickbooks_id or "",
            our_id=link.our_id,
            changes=changes_of({ACTIVE: True}, {ACTIVE: False}),
            values={ACTIVE: False},
            link=replace(link, base_ours={**link.base_ours, ACTIVE: False}),
            reason=f"Item “{link.base_ours.get('name', '')}” was deleted here.",
        )
        for link in links
    ]


def _followed_out(item: Item, link: OtherLink, chart: Chart) -> list[OtherStep]:
    values = our_item(item)
    moved = {
        name: values.get(name)
        for name in {*values, *link.base_ours}
        if values.get(name) != link.base_ours.get(name)
    }
    if not moved:
        return []
    if why := _unfit(item, chart) if set(moved) != {ACTIVE} else None:
        return [_stays(item, why, link)]
    was = link.base_ours.get("kind")
    if "kind" in moved and was and TYPES[ItemKind(was)] is not TYPES[item.kind]:
        return [_stays(item, "QuickBooks does not change the type of an item", link)]
    verb = Verb.UPDATE_THERE
    if set(moved) == {ACTIVE}:
        verb = Verb.ACTIVATE_THERE if item.active else Verb.DEACTIVATE_THERE
    elif ACTIVE not in moved:
        # Only what has moved is sent: what a person has changed there of the rest stays.
        moved.pop(ACTIVE, None)
    return [
        OtherStep(
            entity=ITEM, verb=verb, name=item.name, quickbooks_id=link.quickbooks_id or "",
            our_id=item.id, changes=changes_of(link.base_ours, moved), values=_sent(moved, chart),
            link=replace(link, base_ours=values),
            reason=f"Item “{item.name}” was changed here.",
        )
    ]  # fmt: skip


def _met_out(
    item: Item, same: Sequence[TheirItem], chart: Chart, known: OtherLink | None
) -> list[OtherStep]:
    if why := _unfit(item, chart):
        return [_stays(item, why)]
    values = our_item(item)
    link = replace(known or OtherLink(entity=ITEM, our_id=item.id), base_ours=values)
    if not same:
        sent = _sent(values, chart) | {"type": str(TYPES[item.kind])}
        if TYPES[item.kind] is TheirItemType.INVENTORY:
            sent["asset_account"] = chart.stock
        return [
            OtherStep(
                entity=ITEM, verb=Verb.CREATE_THERE, name=item.name, our_id=item.id,
                values=sent, link=link,
                changes=tuple(Change(name, None, value) for name, value in sorted(values.items())),
                reason=f"Item “{item.name}” is new here.",
            )
        ]  # fmt: skip
    if len(same) > 1:
        return [_stays(item, f"{len(same)} items in QuickBooks have its name")]
    if same[0].type is not TYPES[item.kind]:
        return [_stays(item, "QuickBooks has an item of its name that is of another type")]
    return [
        OtherStep(
            entity=ITEM, verb=Verb.LINK, name=item.name, quickbooks_id=same[0].id,
            our_id=item.id, values=_sent(values, chart),
            link=replace(link, quickbooks_id=same[0].id, sync_token=same[0].sync_token),
            reason=f"Item “{item.name}” is the same as the one of that name in QuickBooks.",
        )
    ]  # fmt: skip


def _unfit(item: Item, chart: Chart) -> str | None:
    """Why an item of ours cannot stand in QuickBooks."""
    if why := without_accounts(our_item(item)):
        return why
    for what in ("income_account", "expense_account"):
        name = getattr(item, what)
        if chart.id_of(what, name) is None:
            kinds = " or ".join(ACCOUNT_KINDS[what])
            return f"QuickBooks has no active account “{name}” of type {kinds}"
    if any(one in item.name for one in _FORBIDDEN):
        return "QuickBooks takes no colon, tab, line break or double quote in a name"
    if TYPES[item.kind] is TheirItemType.INVENTORY and chart.stock is None:
        return "QuickBooks has no account for the worth of inventory"
    return None


def _sent(values: Mapping[str, Any], chart: Chart) -> dict[str, Any]:
    """Our values with accounts as QuickBooks' ids; the type is said once, at the beginning."""
    sent = {name: value for name, value in values.items() if name != "kind"}
    for what in ("income_account", "expense_account"):
        if what in sent:
            sent[what] = chart.id_of(what, sent[what])
    return sent


def _stays(item: Item, why: str, link: OtherLink | None = None) -> OtherStep:
    return OtherStep(
        entity=ITEM, verb=Verb.SKIP, reason=f"Item “{item.name}” was left out: {why}.",
        name=item.name, quickbooks_id=(link.quickbooks_id or "") if link else "", our_id=item.id,
    )  # fmt: skip
