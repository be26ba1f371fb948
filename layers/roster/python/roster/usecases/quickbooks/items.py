"""Items of a run: carried the one way that the company has chosen, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roster.domain.errors import RosterError
from roster.domain.ids import derived_id
from roster.domain.item import Item, ItemKind
from roster.domain.money import decimal_text, exponent
from roster.domain.sync.books import TheirItem
from roster.domain.sync.chart import Chart
from roster.domain.sync.connection import FaultAction, QuickBooksFault, ReportRow
from roster.domain.sync.items import ACTIVE, our_item
from roster.domain.sync.items_in import plan_items_in
from roster.domain.sync.items_out import plan_items_out, plan_removed
from roster.domain.sync.others import ITEM, OtherLink, OtherStep
from roster.domain.sync.policy import ItemsDirection, Policy
from roster.domain.sync.records import fingerprint
from roster.domain.sync.steps import Verb
from roster.usecases.items import edit_item, write_item
from roster.usecases.quickbooks.money_calls import MoneyCall, propagates, row_of
from roster.usecases.quickbooks.money_ports import Row

_ATTEMPTS = 3
_PAGE = 200


def carry_items(
    call: MoneyCall, policy: Policy, rows: Sequence[Row] | None = None, *, dry: bool = False
) -> list[ReportRow]:
    """Carry what moved; `rows` are QuickBooks' items that changed, None has all of them fetched.

    The second time nothing moves; a `dry` one only tells. Raises QuickBooksFault where the run has
    to wait.
    """
    match policy.items:
        case ItemsDirection.QUICKBOOKS_TO_ROSTER:
            return _inwards(call, rows, dry=dry)
        case ItemsDirection.ROSTER_TO_QUICKBOOKS:
            return _outwards(call, rows, dry=dry)
        case _:
            return []


def _inwards(call: MoneyCall, rows: Sequence[Row] | None, *, dry: bool) -> list[ReportRow]:
    ports, run = call.ports, call.run
    if rows is not None and not rows:
        return []
    listed = [ports.wire.read_item(row) for row in (call.all_rows(ITEM) if rows is None else rows)]
    known = ports.links.all(run.tenant, run.realm, ITEM, by_theirs=True)
    links = {link.quickbooks_id: link for link in known if link.quickbooks_id}
    news = [one for one in listed if _is_news(one, links.get(one.id))]
    if not news:
        return []
    currency = ports.books.settings.get(run.tenant).currency
    # What has no accounts stays out anyway: the chart is not read for it.
    has_accounts = any(one.income_account_id and one.expense_account_id for one in news)
    chart = call.chart() if has_accounts else Chart()
    steps = plan_items_in(news, _all_items(call), links, chart, currency)
    return _reported(call, steps, _nothing if dry else lambda step: _take(call, step))


def _nothing(_: OtherStep) -> None:
    """What a dry run does."""


def _is_news(theirs: TheirItem, link: OtherLink | None) -> bool:
    """Sales move an item's time and its stock, and not its SyncToken."""
    return link is None or theirs.deleted or theirs.sync_token != link.sync_token


def _take(call: MoneyCall, step: OtherStep) -> None:
    """Do one step here. An item that was made before the link was kept is met by its name."""
    ports, run, link = call.ports, call.run, step.link
    if link is None:
        return
    our_id = step.our_id
    if step.verb == Verb.CREATE_HERE:
        our_id = derived_id("itm", run.started_at, run.tenant, run.realm, link.quickbooks_id or "")
        blank = Item(id=our_id, tenant=run.tenant, name="")
        write_item(blank, _ours(step.values), items=ports.books.items)
    elif our_id and step.changes:
        edit_item(
            run.tenant, our_id, _ours(step.values),
            items=ports.books.items, settings=ports.books.settings,
        )  # fmt: skip
    ports.links.save(run.tenant, run.realm, replace(link, our_id=our_id or link.our_id))


def _ours(values: Mapping[str, Any]) -> dict[str, Any]:
    kind = {"kind": ItemKind(values["kind"])} if values.get("kind") else {}
    return {**values, **kind}


def _outwards(call: MoneyCall, rows: Sequence[Row] | None, *, dry: bool) -> list[ReportRow]:
    ports, run = call.ports, call.run
    ours = {item.id: item for item in _all_items(call)}
    known = ports.links.all(run.tenant, run.realm, ITEM)
    links = {link.our_id: link for link in known if link.our_id}
    owed = {item.id for item in ours.values() if _is_owed(item, links.get(item.id), call)}
    removed = [i for i, link in links.items() if i not in ours and _stands_there(link)]
    if not owed and not removed and not rows:
        return []
    listed = [
        ports.wire.read_item(row)
        for row in (call.all_rows(ITEM) if owed or removed else rows or ())
    ]
    # Of the others only what QuickBooks says of them is looked at.
    looked = [item for item in ours.values() if item.id in owed or _has_link(links.get(item.id))]
    steps = plan_items_out(looked, listed, links, call.chart() if owed else Chart())
    steps += plan_removed(links[our_id] for our_id in sorted(removed))
    return _reported(
        call,
        steps,
        _nothing if dry else lambda step: _send(call, step, ours, listed),
        lambda step: _remember_refusal(call, step, ours, there=True),
    )


def _has_link(link: OtherLink | None) -> bool:
    return link is not None and link.quickbooks_id is not None


def _stands_there(link: OtherLink) -> bool:
    return _has_link(link) and bool(link.base_ours.get(ACTIVE))


def _is_owed(item: Item, link: OtherLink | None, call: MoneyCall) -> bool:
    values = our_item(item)
    is_refused = link is not None and link.is_refused(fingerprint(values), call.ports.clock())
    if is_refused and not call.tries_again:
        return False
    if link is None or not link.quickbooks_id:
        return item.active
    return dict(link.base_ours) != values


def _send(
    call: MoneyCall, step: OtherStep, ours: Mapping[str, Item], listed: Sequence[TheirItem]
) -> None:
    ports, run, link = call.ports, call.run, step.link
    if step.verb == Verb.SKIP and step.our_id:
        _remember_refusal(call, step, ours)
    if link is None:
        return
    values = _priced(step.values, call)
    place = (run.tenant, run.realm, ITEM, step.our_id or "")
    if link.quickbooks_id is None:
        # Without the values: an answer that was lost is found again, whatever moved since.
        request = fingerprint({"of": place, "new": link.attempt})
        if values.get("asset_account"):
            values["stock_since"] = f"{ports.clock().date()}"
        row = call.write(ITEM, ports.wire.new_item(values), request_id=request)
        theirs = ports.wire.read_item(row)
    else:
        theirs = _updated(call, link, values, place, listed)
    # What is written is not asked for: the answer is the item as it is now.
    link = replace(
        link, quickbooks_id=theirs.id, sync_token=theirs.sync_token, refused="", refused_at=None
    )
    ports.links.save(run.tenant, run.realm, link)


def _remember_refusal(
    call: MoneyCall, step: OtherStep, ours: Mapping[str, Item], *, there: bool = False
) -> None:
    """So that it is told once a day and not with every run, unless the item changes.

    `there` where QuickBooks itself said no: then a first write is over and can be tried anew.
    """
    ports, run, our_id = call.ports, call.run, step.our_id or ""
    item = ours.get(our_id)
    if item is None:
        return
    known = ports.links.by_ours(run.tenant, run.realm, ITEM, [our_id])
    before = known.get(our_id) or OtherLink(entity=ITEM, our_id=our_id)
    tried = before.attempt + 1 if there else before.attempt
    refused = replace(
        before, attempt=tried, refused=fingerprint(our_item(item)), refused_at=ports.clock()
    )
    ports.links.save(run.tenant, run.realm, refused)


def _updated(
    call: MoneyCall,
    link: OtherLink,
    values: dict[str, Any],
    place: tuple[str, ...],
    listed: Sequence[TheirItem],
) -> TheirItem:
    wire, quickbooks_id = call.ports.wire, link.quickbooks_id or ""
    seen = {one.id: one.sync_token for one in listed}
    token = seen.get(quickbooks_id, link.sync_token)
    if values.get("active") and "name" not in values:
        # An inactive item's name was changed by QuickBooks.
        values = {**values, "name": link.base_ours["name"]}
    for attempt in range(_ATTEMPTS):
        request = fingerprint({"of": place, "to": quickbooks_id, "at": token, "set": values})
        body = wire.changed_item(quickbooks_id, token, values)
        try:
            return wire.read_item(call.write(ITEM, body, request_id=request))
        except QuickBooksFault as fault:
            if fault.action is not FaultAction.REREAD or attempt == _ATTEMPTS - 1:
                raise
        row = call.read(ITEM, quickbooks_id)
        if row is None:
            raise QuickBooksFault(FaultAction.MISSING, "QuickBooks has no such item any more")
        token = wire.read_item(row).sync_token
    raise AssertionError("unreachable")


def _priced(values: Mapping[str, Any], call: MoneyCall) -> dict[str, Any]:
    places = exponent(call.ports.books.settings.get(call.run.tenant).currency)
    priced = dict(values)
    if priced.get("unit_price") is not None:
        priced["unit_price"] = decimal_text(priced["unit_price"], places)
    return priced


def _reported(
    call: MoneyCall,
    steps: Sequence[OtherStep],
    do: Callable[[OtherStep], None],
    refused: Callable[[OtherStep], None] = lambda _: None,
) -> list[ReportRow]:
    """Do the steps one by one; one that is refused does not stop the others."""
    rows = []
    for step in steps:
        try:
            do(step)
        except QuickBooksFault as fault:
            if propagates(fault):
                raise
            refused(step)
            reason = f"Item “{step.name}” was not taken by QuickBooks: {fault.detail}"
            rows.append(row_of(call, replace(step, verb=Verb.SKIP, changes=(), reason=reason)))
        except RosterError as error:
            reason = f"Item “{step.name}” could not be taken over: {error.detail}"
            rows.append(row_of(call, replace(step, verb=Verb.SKIP, changes=(), reason=reason)))
        else:
            rows += [row_of(call, step)] if step.verb else []
    return rows


def _all_items(call: MoneyCall) -> list[Item]:
    found: list[Item] = []
    after = None
    while True:
        page = call.ports.books.items.page(
            call.run.tenant, active=None, name="", limit=_PAGE, after=after
        )
        found += page.items
        if page.next is None:
            return found
        after = page.next
