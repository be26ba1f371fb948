"""The second phase of a run: what was edited here, on its way to QuickBooks. No I/O.

At most one write for a customer, with only the fields that differ from what was agreed. A write's
answer is the new state of both sides, so nothing is read after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roster.domain.customer import Customer, Status
from roster.domain.events import Change
from roster.domain.sync.fields import create_changes, words_of
from roster.domain.sync.gone import deleted_step
from roster.domain.sync.known import resumed
from roster.domain.sync.outcomes import Code
from roster.domain.sync.outgoing import as_sent, name_rule, taken, why_not
from roster.domain.sync.policy import Policy, Primary
from roster.domain.sync.records import (
    ACTIVE,
    CHOSEN,
    COMPARED,
    MAPPED,
    TAX_RATE,
    Direction,
    Link,
    LinkKind,
    LinkStatus,
    TheirCustomer,
    our_values,
)
from roster.domain.sync.steps import Action, Conflict, NameHolder, PushStep, There, Verb, Write
from roster.domain.text import fold


def plan_push(ours: Iterable[Customer], there: There, policy: Policy) -> tuple[PushStep, ...]:
    """What to send of `ours`, who were created first going first; nobody is created twice there.

    `there` must hold the leading links of these customers (that of one merged in QuickBooks where
    none leads), and who has their names in QuickBooks, inactive ones, vendors and employees too.
    Of who was deleted here nothing is sent, and it is said.
    """
    if not policy.mode.pushes:
        return ()
    names = dict(there.names)
    steps = []
    for customer in sorted(ours, key=lambda c: (c.created_at, c.id)):
        link = there.links.get(customer.id)
        if customer.status is Status.MERGED:
            continue
        if customer.status is Status.DELETED:
            step = deleted_step(customer, link)
        elif link is None:
            step = _create(customer, there, names, policy)
        else:
            step = _update(customer, link, names, there.choices)
        if step is not None:
            _take_names(step, names)
            steps.append(step)
    return tuple(steps)


def _take_names(step: PushStep, names: dict[str, tuple[NameHolder, ...]]) -> None:
    """Later customers of the same plan find the name taken."""
    name = step.write.fields.get("display_name") if step.write else None
    if name:
        new = step.customer_id if step.quickbooks_id is None else None
        holder = NameHolder("customer", step.quickbooks_id or step.customer_id, name, coming=new)
        names[fold(name)] = (*names.get(fold(name), ()), holder)


def _skip(
    customer: Customer, reason: str, link: Link | None = None, code: Code | None = None
) -> PushStep:
    action = Action(verb=Verb.SKIP, reason=reason, customer_id=customer.id, code=code)
    return PushStep(
        customer_id=customer.id,
        name=customer.display_name,
        quickbooks_id=link.quickbooks_id if link else None,
        actions=(action,),
    )


def _create(
    customer: Customer,
    there: There,
    names: Mapping[str, Sequence[NameHolder]],
    policy: Policy,
) -> PushStep | None:
    name = customer.display_name
    if customer.quickbooks is not None:
        return _skip(
            customer,
            f"“{name}” belongs to QuickBooks customer {customer.quickbooks}, which has not been"
            " read yet.",
        )
    if customer.status is Status.INACTIVE and not policy.include_inactive:
        return _skip(customer, f"“{name}” is inactive in Roster and was never in QuickBooks.")
    if rule := why_not("display_name", name):
        return _skip(customer, f"“{name}” cannot go to QuickBooks: its name {rule}.")
    if holders := names.get(fold(name)):
        return _skip(customer, taken(name, holders[0]), code=Code.DUPLICATE)
    if likely := there.likely.get(customer.id):
        record = likely[0]
        reason = (
            f"“{name}” is likely in QuickBooks under another name, as “{record.name}”"
            f" ({record.quickbooks_id}); choose in the mapping."
        )
        return _skip(customer, reason, code=Code.DUPLICATE)
    ours = our_values(customer)
    refused = {field: rule for field in MAPPED if (rule := why_not(field, ours.get(field)))}
    refused |= _not_there({f: ours[f] for f in CHOSEN if ours.get(f)}, there.choices)
    fields = {f: as_sent(f, v) for f, v in ours.items() if f not in refused and f != ACTIVE}
    if customer.status is Status.INACTIVE:
        fields[ACTIVE] = False
    create = Action(
        verb=Verb.CREATE_THERE,
        reason=f"“{name}” is new in Roster.",
        customer_id=customer.id,
        changes=create_changes(fields),
    )
    return PushStep(
        customer_id=customer.id,
        name=name,
        quickbooks_id=None,
        actions=(create, *_refusals(customer, refused)),
        write=_write(
            customer, None, fields, [f for f in COMPARED if f not in refused], there.choices
        ),
    )


def _refusals(customer: Customer, refused: Mapping[str, str]) -> Iterable[Action]:
    if refused:
        rules = "; ".join(f"{words_of([field])} {rule}" for field, rule in refused.items())
        reason = f"Not all of “{customer.display_name}” could be sent: {rules}."
        yield Action(verb=Verb.SKIP, reason=reason, customer_id=customer.id)


def _update(
    customer: Customer,
    link: Link,
    names: Mapping[str, Sequence[NameHolder]],
    choices: Mapping[str, str],
) -> PushStep | None:
    if not link.leads:
        reason = (
            f"“{customer.display_name}” was merged in QuickBooks into {link.merged_into}: merge"
            " the two here, or unlink it."
        )
        return _skip(customer, reason, link)
    link, ours = resumed(link, customer), our_values(customer)
    edited = [f for f in COMPARED if f in link.owed or ours.get(f) != link.base_ours.get(f)]
    fields = {f: as_sent(f, ours.get(f)) for f in edited}
    fields = {f: v for f, v in fields.items() if v != link.base_theirs.get(f)}
    if fields and not link.active and fields.get(ACTIVE) is not True:
        reason = (
            f"“{customer.display_name}” is inactive in QuickBooks, which takes no edit of it:"
            f" {words_of(fields)} will go when it is active again."
        )
        return _skip(customer, reason, link)
    refused = _refused(fields, ours, link, names) | _not_there(fields, choices)
    fields = {f: v for f, v in fields.items() if f not in refused}
    actions = [*_said(customer, link, fields), *_refusals(customer, refused)]
    if fields.get(ACTIVE) is True:
        # QuickBooks hung " (deleted)" on it when it was made inactive.
        fields = {"display_name": link.base_theirs.get("display_name"), **fields}
    step = PushStep(
        customer_id=customer.id,
        name=customer.display_name,
        quickbooks_id=link.quickbooks_id,
        actions=tuple(actions),
    )
    if fields:
        settles = [f for f in edited if f not in refused]
        return replace(step, write=_write(customer, link, fields, settles, choices))
    # What the sides already have alike is agreed on without a write.
    same = {f: ours.get(f) for f in edited if f not in refused}
    after = replace(
        link,
        base_ours=_kept({**link.base_ours, **same}),
        left=tuple(f for f in link.left if f not in same),
        owed=tuple(f for f in link.owed if f not in same),
        to_push=False,
    )
    if not actions and after == link:
        return None
    return replace(step, link=None if after == link else after)


def _refused(
    fields: Mapping[str, Any],
    ours: Mapping[str, Any],
    link: Link,
    names: Mapping[str, Sequence[NameHolder]],
) -> dict[str, str]:
    refused = {field: rule for field in fields if (rule := why_not(field, ours.get(field)))}
    name = fields.get("display_name")
    if "display_name" in refused or name is None:
        name = link.base_theirs.get("display_name") if fields.get(ACTIVE) is True else None
    others = [h for h in names.get(fold(name), ()) if h.id != link.quickbooks_id] if name else []
    if others:
        rule = name_rule(others[0])
        refused |= {f: rule for f in ("display_name", ACTIVE) if fields.get(f)}
    return refused


def _not_there(fields: Mapping[str, Any], choices: Mapping[str, str]) -> dict[str, str]:
    """Why what was chosen of our lists cannot be chosen there."""
    refused = {}
    for field in CHOSEN:
        if field in fields and fields[field] is None and field == TAX_RATE:
            refused[field] = "cannot be taken away in QuickBooks, which has a default of its own"
        elif fields.get(field) and fields[field] not in choices:
            refused[field] = "is none of those in QuickBooks"
    return refused


def _said(customer: Customer, link: Link, fields: Mapping[str, Any]) -> Iterable[Action]:
    changes = tuple(Change(f, link.base_theirs.get(f), fields[f]) for f in MAPPED if f in fields)
    if changes:
        yield Action(
            verb=Verb.UPDATE_THERE,
            reason=f"Changed in Roster: {words_of(c.field for c in changes)}.",
            customer_id=customer.id,
            changes=changes,
        )
    if conflicts := tuple(_overwritten(customer, link, f) for f in link.left if f in fields):
        yield Action(
            verb=Verb.CONFLICT,
            reason=f"Changed on both sides: {words_of(c.field for c in conflicts)}. Roster leads,"
            " so its value goes to QuickBooks.",
            customer_id=customer.id,
            changes=tuple(Change(c.field, c.ours, c.theirs) for c in conflicts),
            conflicts=conflicts,
        )
    if ACTIVE in fields:
        on = bool(fields[ACTIVE])
        yield Action(
            verb=Verb.ACTIVATE_THERE if on else Verb.DEACTIVATE_THERE,
            reason=f"Made {'active again' if on else 'inactive'} in Roster.",
            customer_id=customer.id,
        )


def _overwritten(customer: Customer, link: Link, field: str) -> Conflict:
    """An edit of theirs that was left there, and now gives way to one of ours."""
    return Conflict(
        field=field,
        base=link.base_ours.get(field),
        ours=our_values(customer).get(field),
        theirs=link.base_theirs.get(field),
        winner=Primary.ROSTER,
        why="Roster leads",
    )


def _write(
    customer: Customer,
    link: Link | None,
    fields: Mapping[str, Any],
    settles: Iterable[str],
    choices: Mapping[str, str],
) -> Write:
    ours = our_values(customer)
    return Write(
        customer_id=customer.id,
        version=customer.version,
        quickbooks_id=link.quickbooks_id if link else None,
        sync_token=link.sync_token if link else None,
        fields=fields,
        ours={f: ours.get(f) for f in settles},
        choices={f: choices[one] for f in CHOSEN if (one := fields.get(f))},
    )


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def settled(write: Write, answer: TheirCustomer, link: Link | None) -> Link:
    """The link after QuickBooks answered `write` with the record as it then was.

    What was sent is agreed on, however QuickBooks spells it; what was not sent keeps its bases, so
    that an edit of theirs in the answer is still found.
    """
    before = link or _new_link(write, answer)
    # The answer has QuickBooks' ids of what it was told to choose.
    chosen = {f: write.fields.get(f, before.base_theirs.get(f)) for f in CHOSEN}
    answer = replace(answer, values=_kept({**answer.values, **chosen}), choices=None)
    theirs = dict(answer.base)
    if link is not None:
        theirs = {**link.base_theirs, **{f: theirs.get(f) for f in write.fields}}
    return replace(
        before,
        status=LinkStatus.LINKED,
        name=answer.display_name,
        full_name=answer.display_name,
        active=answer.active,
        sync_token=answer.sync_token,
        their_hash=answer.hash,
        base_theirs=_kept(theirs),
        base_ours=_kept({**before.base_ours, **write.ours}),
        left=tuple(f for f in before.left if f not in write.ours),
        owed=tuple(f for f in before.owed if f not in write.ours),
        to_push=False,
        looked=answer.last_updated,
        direction=Direction.TO_QUICKBOOKS,
        reason=None,
    )


def _new_link(write: Write, answer: TheirCustomer) -> Link:
    return Link(
        quickbooks_id=answer.id,
        kind=LinkKind.CUSTOMER,
        status=LinkStatus.LINKED,
        customer_id=write.customer_id,
        name=answer.display_name,
        full_name=answer.display_name,
        sync_token=answer.sync_token,
        their_hash=answer.hash,
        first_seen=answer.last_updated,
        created_at=answer.created_at,
    )
