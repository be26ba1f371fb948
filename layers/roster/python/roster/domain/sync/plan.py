"""The planner of the sync: both sides in, steps out. No I/O; the same input gives the same bytes.

The plan is the dry run, the report and the work list at once. A record is known again by its
QuickBooks id; only a changed hash of the mapped fields counts as an edit, because QuickBooks moves
`LastUpdatedTime` with every invoice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

from roster.domain.customer import Customer, Status
from roster.domain.customer_fields import check_fields
from roster.domain.erasure import is_erased
from roster.domain.location import Location
from roster.domain.sync.fields import create_changes, differences, merged, own_address, words_of
from roster.domain.sync.jobs import job_step
from roster.domain.sync.records import (
    Action,
    Here,
    Link,
    LinkKind,
    LinkStatus,
    Policy,
    Step,
    TheirCustomer,
    Verb,
    canonical,
    customer_id_for,
    fingerprint,
    location_id_for,
    mapped_values,
)
from roster.domain.text import fold


def plan(
    theirs: Iterable[TheirCustomer],
    here: Here,
    policy: Policy,
    *,
    tenant: str,
    realm: str,
    run: str | None = None,
) -> tuple[Step, ...]:
    """What to do about each of `theirs`; records that need nothing have no step.

    `here` must hold the links of the records and of their parents, the customers of those links
    and those with the derived ids, and the ids by folded name. Under the id of a customer that was
    merged away stands the one that its record is synced with instead, if there is one. A customer
    that an earlier attempt of `run` created counts as created, so that a replay reports the same.
    """
    planner = _Planner(here, policy, tenant, realm, run)
    return tuple(step for one in in_order(theirs) if (step := planner.step(one)))


def plan_as_text(steps: Iterable[Step]) -> str:
    """The plan as canonical JSON: byte-identical for identical plans."""
    return canonical([asdict(step) for step in steps])


def in_order(theirs: Iterable[TheirCustomer]) -> list[TheirCustomer]:
    """Each record once (its newest state), parents before their jobs, then by id as a number."""
    newest: dict[str, TheirCustomer] = {}
    for one in sorted(theirs, key=lambda t: (_number(t.sync_token), t.last_updated, t.active)):
        newest[one.id] = one
    return sorted(newest.values(), key=lambda t: (_depth(t, newest), _number(t.id)))


def _number(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isascii() and text.isdigit() else (0, text)


def _depth(one: TheirCustomer, known: Mapping[str, TheirCustomer]) -> int:
    seen = {one.id}
    while (parent := known.get(one.parent_id or "")) is not None and parent.id not in seen:
        seen.add(parent.id)
        one = parent
    return len(seen)


class _Planner:
    """One pass over a page: what an earlier step decides, a later one sees."""

    def __init__(
        self, here: Here, policy: Policy, tenant: str, realm: str, run: str | None
    ) -> None:
        self._customers, self._policy = here.customers, policy
        self._links = dict(here.links)
        self._names = dict(here.names)
        self._created: set[str] = set()
        self._tenant, self._realm, self._run = tenant, realm, run

    def step(self, theirs: TheirCustomer) -> Step | None:
        link = self._links.get(theirs.id)
        if self._is_erased(theirs, link):
            return None
        ours = link is not None and link.kind is LinkKind.CUSTOMER and link.customer_id is not None
        if link is not None and ours:
            step = self._known(_usable(theirs)[0], link)
        elif theirs.is_job:
            parent = self._links.get(theirs.parent_id or "")
            step = job_step(theirs, link, parent, self._policy, self._realm)
        else:
            step = self._new(theirs, link)
        if step is not None and step.link is not None:
            self._links[theirs.id] = step.link
        return step

    def _is_erased(self, theirs: TheirCustomer, link: Link | None) -> bool:
        """Whether it was erased here, or its parent: not even a report names it again."""
        parent = self._links.get(theirs.parent_id or "")
        ids = {one.customer_id for one in (link, parent) if one is not None and one.customer_id}
        return any(is_erased(c) for i in ids if (c := self._customers.get(i)))

    def _link(
        self, theirs: TheirCustomer, old: Link | None, status: LinkStatus, **more: object
    ) -> Link:
        edited = old is None or old.their_hash != theirs.hash
        link = Link(
            quickbooks_id=theirs.id,
            kind=LinkKind.CUSTOMER,
            status=status,
            customer_id=old.customer_id if old else None,
            name=theirs.display_name,
            full_name=theirs.display_name,
            parent_id=theirs.parent_id,
            is_project=theirs.is_project,
            active=theirs.active,
            sync_token=theirs.sync_token,
            their_hash=theirs.hash,
            our_hash=old.our_hash if old else None,
            base=theirs.base,
            first_seen=theirs.last_updated if edited or old is None else old.first_seen,
            created_at=theirs.created_at,
        )
        return replace(link, **more)  # type: ignore[arg-type]

    def _skip(self, theirs: TheirCustomer, old: Link | None, reason: str) -> Step:
        link = self._link(theirs, old, LinkStatus.SKIPPED, reason=reason)
        action = Action(verb=Verb.SKIP, reason=reason, customer_id=link.customer_id)
        return Step(theirs=theirs, actions=(action,), link=None if link == old else link)

    def _new(self, raw: TheirCustomer, old: Link | None) -> Step:
        theirs, notes = _usable(raw)
        name, customer_id = (
            theirs.display_name,
            customer_id_for(self._tenant, self._realm, theirs),
        )
        there = self._customers.get(customer_id)
        if there is not None and _is_linked(there, theirs):
            return self._adopt(theirs, old, there, notes)
        if there is not None:
            return self._skip(
                theirs,
                old,
                f"“{name}” came from QuickBooks before and was deleted"
                " or unlinked here, so it is left alone.",
            )
        if not theirs.active and not self._policy.include_inactive:
            return self._skip(theirs, old, f"“{name}” is inactive in QuickBooks.")
        if "display_name" not in theirs.values:
            return self._skip(theirs, old, f"“{name}” cannot be a customer's name here{notes}.")
        if holders := self._names.get(fold(name)):
            return self._skip(theirs, old, self._name_taken(name, holders))
        self._names[fold(name)] = (customer_id,)
        self._created.add(customer_id)
        return self._create(theirs, old, customer_id, notes)

    def _name_taken(self, name: str, holders: tuple[str, ...]) -> str:
        holder = self._customers.get(holders[0])
        from_quickbooks = holders[0] in self._created or (holder and holder.quickbooks)
        if not from_quickbooks:
            return (
                f"A customer named “{name}” already exists in Roster ({holders[0]}); QuickBooks'"
                " was neither added nor merged."
            )
        return (
            f"Another QuickBooks customer named “{name}” is already here ({holders[0]}); this one"
            " was neither added nor merged."
        )

    def _create(
        self, theirs: TheirCustomer, old: Link | None, customer_id: str, notes: str
    ) -> Step:
        link = self._link(
            theirs,
            old,
            LinkStatus.LINKED,
            customer_id=customer_id,
            our_hash=fingerprint(theirs.values),
        )
        action = Action(
            verb=Verb.CREATE_HERE,
            reason=f"“{theirs.display_name}” is new in QuickBooks{notes}.",
            customer_id=customer_id,
            changes=create_changes(theirs.values),
            location=self._site(theirs, customer_id),
        )
        return Step(theirs=theirs, actions=(action,), link=link)

    def _adopt(self, theirs: TheirCustomer, old: Link | None, there: Customer, notes: str) -> Step:
        """The customer is here but its link is not: an attempt died between the two."""
        created = self._create(theirs, old, there.id, notes)
        if self._run is None or there.created_by.run != self._run:
            action = Action(
                verb=Verb.LINK,
                reason=f"“{theirs.display_name}” was already here and is linked again.",
                customer_id=there.id,
            )
            created = replace(created, actions=(action,))
        # Its location may not have been written, and to write it again does no harm.
        our_hash = fingerprint(mapped_values(there))
        return replace(created, link=replace(created.link, our_hash=our_hash))  # type: ignore[type-var]

    def _site(self, theirs: TheirCustomer, customer_id: str) -> Location | None:
        address = own_address(theirs.shipping_address, theirs.values.get("billing_address"))
        if address is None:
            return None
        return Location(
            id=location_id_for(self._realm, theirs), customer_id=customer_id, address=address
        )

    def _known(self, theirs: TheirCustomer, link: Link) -> Step | None:
        same_edit = link.their_hash == theirs.hash and link.active == theirs.active
        if same_edit and link.sync_token == theirs.sync_token:
            return None
        customer = self._customers.get(link.customer_id or "")
        if customer is not None and customer.status is Status.MERGED:
            return self._skip(
                theirs,
                link,
                f"“{theirs.display_name}” was merged into another customer here, which follows"
                " another QuickBooks record; QuickBooks still has both.",
            )
        if customer is None or customer.status is Status.DELETED:
            return self._skip(
                theirs, link, f"“{theirs.display_name}” was deleted here; QuickBooks still has it."
            )
        actions = (
            []
            if same_edit
            else [
                *self._field_actions(theirs, link, customer),
                *self._status_actions(theirs, link, customer),
                *self._demotion(theirs, link),
            ]
        )
        changes = [c for a in actions if a.verb is Verb.UPDATE_HERE for c in a.changes]
        our_hash = fingerprint(merged(mapped_values(customer), changes))
        new = self._link(theirs, link, LinkStatus.LINKED, our_hash=our_hash)
        return Step(theirs=theirs, actions=tuple(actions), link=new)

    def _field_actions(
        self, theirs: TheirCustomer, link: Link, customer: Customer
    ) -> Iterable[Action]:
        diff = differences(link.base, theirs.values, mapped_values(customer))
        if diff.updates:
            yield Action(
                verb=Verb.UPDATE_HERE,
                reason=f"Changed in QuickBooks: {words_of(diff.updates)}.",
                customer_id=customer.id,
                changes=diff.updates,
            )
        if diff.conflicts:
            yield Action(
                verb=Verb.CONFLICT,
                reason=f"Changed on both sides since the last sync: {words_of(diff.conflicts)}."
                " QuickBooks leads, so its value was taken.",
                customer_id=customer.id,
                changes=diff.conflicts,
            )
        # Beside the linked one even where that was merged into `customer`: an undo parts them.
        site = self._site(theirs, link.customer_id or customer.id)
        if site is not None and link.base.get("shipping_address") != theirs.shipping_address:
            yield Action(
                verb=Verb.ADD_LOCATION,
                reason="The shipping address changed in QuickBooks.",
                customer_id=customer.id,
                location=site,
            )

    def _status_actions(
        self, theirs: TheirCustomer, link: Link, customer: Customer
    ) -> Iterable[Action]:
        wanted = Status.ACTIVE if theirs.active else Status.INACTIVE
        if theirs.active == link.active or customer.status is wanted:
            return
        verb = Verb.ACTIVATE_HERE if theirs.active else Verb.DEACTIVATE_HERE
        state = "active again" if theirs.active else "inactive"
        yield Action(verb=verb, reason=f"Made {state} in QuickBooks.", customer_id=customer.id)

    def _demotion(self, theirs: TheirCustomer, link: Link) -> Iterable[Action]:
        if theirs.is_job and link.parent_id != theirs.parent_id:
            yield Action(
                verb=Verb.CONFLICT,
                reason=f"“{theirs.display_name}” became a job in QuickBooks; here it stays the"
                " customer it was.",
                customer_id=link.customer_id,
            )


def _is_linked(customer: Customer, theirs: TheirCustomer) -> bool:
    return customer.status is not Status.DELETED and customer.quickbooks == theirs.id


def _usable(theirs: TheirCustomer) -> tuple[TheirCustomer, str]:
    """The record without the values our own rules refuse, and a note that says which."""
    broken = check_fields(theirs.values)
    if not broken:
        return theirs, ""
    fields = sorted({error.pointer.strip("/") for error in broken})
    kept = {name: value for name, value in theirs.values.items() if name not in fields}
    details = "; ".join(f"{e.pointer.strip('/')} {e.detail}" for e in broken)
    return replace(theirs, values=kept), f" (left out: {details})"
