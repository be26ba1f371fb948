"""The first phase of a run: what QuickBooks has, compared with what is here. No I/O.

The same input gives the same bytes: the plan is the dry run, the report and the work list at once.
A record is known again by its QuickBooks id; only a field that differs from its base is an edit,
because QuickBooks moves `LastUpdatedTime` with every invoice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from roster.domain.customer import Customer, Status
from roster.domain.sync import meeting
from roster.domain.sync.fields import create_changes
from roster.domain.sync.gone import is_erased_here, left_behind, merged_step, why_alone
from roster.domain.sync.jobs import job_step, makes_its_own
from roster.domain.sync.known import (
    applied,
    begun,
    compared,
    field_actions,
    is_unchanged,
    link_of,
    other_actions,
    resumed,
    settled_link,
    site_of,
)
from roster.domain.sync.newcomers import Newcomer, refusal, welcome
from roster.domain.sync.outcomes import Code
from roster.domain.sync.policy import Policy
from roster.domain.sync.records import (
    ACTIVE,
    Link,
    LinkKind,
    LinkStatus,
    TheirCustomer,
    as_number,
    as_theirs,
    customer_id_for,
    our_values,
)
from roster.domain.sync.steps import Action, Closeness, Here, Look, Step, Verb
from roster.domain.sync.usable import Usable, usable
from roster.domain.text import fold


def plan_pull(
    theirs: Iterable[TheirCustomer],
    here: Here,
    policy: Policy,
    *,
    tenant: str,
    realm: str,
    run: str | None = None,
    look: Look = Look(),  # noqa: B008 — it cannot be changed
) -> tuple[Step, ...]:
    """What to do about each of `theirs`; records that need nothing have no step.

    `here` must hold the links of the records and of their parents, the customers of those links,
    those with the derived ids and those that have one of the names, and the ids by folded name.
    Under the id of a customer that was merged away stands the one that its record is synced with
    instead, if there is one. A customer that an earlier attempt of `run` created counts as created,
    so that a replay reports the same.
    """
    # Who was merged away lets go of its customer before the record that is left takes it.
    page = list(theirs)
    ordered = sorted(
        in_order([*page, *left_behind(page, here)]), key=lambda one: one.id not in here.merges
    )
    planner = _Planner(here, policy, tenant, realm, run, look, ordered)
    return tuple(step for one in ordered if (step := planner.step(one)))


def contested(theirs: Iterable[TheirCustomer], here: Here, policy: Policy) -> tuple[str, ...]:
    """The customers of which a field was edited on both sides: the times of our edits decide."""
    found = set()
    for one in in_order(theirs):
        link = here.links.get(one.id)
        customer = here.customers.get(link.customer_id or "") if link and link.leads else None
        if customer is None or link is None:
            continue
        verdicts = compared(usable(one), resumed(link, customer), customer, policy, Look(), {})
        if any(v.conflict for v in verdicts):
            found.add(customer.id)
    return tuple(sorted(found))


def in_order(theirs: Iterable[TheirCustomer]) -> list[TheirCustomer]:
    """Each record once (its newest state), parents before their jobs, then by id as a number."""
    newest: dict[str, TheirCustomer] = {}
    for one in sorted(theirs, key=lambda t: (as_number(t.sync_token), t.last_updated, t.active)):
        newest[one.id] = one
    return sorted(newest.values(), key=lambda t: (_depth(t, newest), as_number(t.id)))


def _depth(one: TheirCustomer, known: Mapping[str, TheirCustomer]) -> int:
    seen = {one.id}
    while (parent := known.get(one.parent_id or "")) is not None and parent.id not in seen:
        seen.add(parent.id)
        one = parent
    return len(seen)


class _Planner:
    """One pass over a page: what an earlier step decides, a later one sees."""

    def __init__(
        self,
        here: Here,
        policy: Policy,
        tenant: str,
        realm: str,
        run: str | None,
        look: Look,
        page: list[TheirCustomer],
    ) -> None:
        self._here, self._policy, self._look = here, policy, look
        self._customers = dict(here.customers)
        self._links = dict(here.links)
        self._names = dict(here.names)
        self._created: set[str] = set()
        self._homonyms = meeting.homonyms_of(page, here)
        self._tenant, self._realm, self._run = tenant, realm, run
        self._heirs = {
            winner: (loser, link.customer_id)
            for loser, winner in sorted(here.merges.items())
            if (link := here.links.get(loser)) and link.kind is LinkKind.CUSTOMER
            if link.customer_id and not self._leads(winner)
        }

    def _leads(self, quickbooks_id: str) -> bool:
        link = self._links.get(quickbooks_id)
        return link is not None and link.leads

    def step(self, theirs: TheirCustomer) -> Step | None:
        link = self._links.get(theirs.id)
        winner = self._here.merges.get(theirs.id)
        if is_erased_here(theirs, self._links, self._customers):
            return None
        if link is not None and self._is_stale(theirs, link):
            if winner is None:
                return None
            # However late the list, it was merged.
            theirs = as_theirs(link)
        if winner is not None:
            step = merged_step(theirs, link, winner, self._links.get(winner))
        elif link is not None and link.leads:
            step = self._known(theirs, link)
        elif link is not None and link.status is LinkStatus.MERGED:
            step = None
        elif theirs.is_job and not self._is_own(theirs):
            step = self._job(theirs, link)
        else:
            step = self._new(theirs, link)
        if step is not None and step.link is not None:
            self._links[theirs.id] = step.link
        return step

    def _is_stale(self, theirs: TheirCustomer, link: Link) -> bool:
        """Whether a list gave an older state than is known: read as news, it would undo edits."""
        return as_number(theirs.sync_token) < as_number(link.sync_token)

    def _is_own(self, theirs: TheirCustomer) -> bool:
        """Whether a job is a customer of its own here: somebody chose so, or it was one before.

        Of what it was, the link may be lost: it stays that.
        """
        if makes_its_own(self._here.decisions.get(theirs.id)):
            return True
        there = self._customers.get(customer_id_for(self._tenant, self._realm, theirs))
        known = there is not None and there.quickbooks == theirs.id
        return known or theirs.id in self._here.holders

    def _job(self, theirs: TheirCustomer, link: Link | None) -> Step | None:
        if not self._policy.mode.pulls:
            return None
        parent = self._links.get(theirs.parent_id or "")
        return job_step(theirs, link, parent, self._policy, self._realm)

    def _skip(
        self,
        theirs: TheirCustomer,
        old: Link | None,
        reason: str,
        code: Code | None = None,
        likely: tuple[str, ...] = (),
    ) -> Step:
        link = link_of(theirs, old, LinkStatus.SKIPPED, reason=reason)
        link = replace(link, likely=likely)
        if link.customer_id is None:
            # What the mapping shows of it, and what it is created from without being read again.
            link = replace(link, base_theirs=theirs.base)
        action = Action(verb=Verb.SKIP, reason=reason, customer_id=link.customer_id, code=code)
        return Step(theirs=theirs, actions=(action,), link=None if link == old else link)

    def _known(self, theirs: TheirCustomer, link: Link) -> Step | None:
        if is_unchanged(theirs, link):
            return None
        customer = self._customers.get(link.customer_id or "")
        if customer is None or customer.status in (Status.DELETED, Status.MERGED):
            state = (theirs.hash, theirs.active, theirs.sync_token)
            told = is_unchanged(theirs, replace(link, status=LinkStatus.LINKED))
            if told or (link.their_hash, link.active, link.sync_token) == state:
                return None
            return self._skip(theirs, link, why_alone(theirs, customer))
        found = usable(theirs)
        policy, edited = self._policy, self._here.edited.get(customer.id, {})
        stored, link = link, resumed(link, customer)
        verdicts = compared(found, link, customer, policy, self._look, edited)
        actions = [
            *_left_out(found, link),
            *field_actions(verdicts, customer, policy),
            *other_actions(theirs, link, customer, policy, self._realm),
        ]
        new = settled_link(theirs, link, customer.id, verdicts, policy)
        if not actions and new == stored:
            return None
        self._customers[link.customer_id or ""] = self._customers[customer.id] = applied(
            customer, actions
        )
        doing = begun(link, verdicts)
        return Step(theirs=theirs, actions=tuple(actions), begun=doing, link=new)

    def _new(self, theirs: TheirCustomer, old: Link | None) -> Step:
        found = usable(theirs)
        customer_id = customer_id_for(self._tenant, self._realm, theirs)
        newcomer = Newcomer(
            found=found,
            there=self._customers.get(customer_id),
            heir=self._heir(theirs),
            holder=self._customers.get(self._here.holders.get(theirs.id, "")),
            chosen=self._chosen(theirs),
            decision=self._here.decisions.get(theirs.id),
            created=frozenset(self._created),
            meeting=meeting.meet(theirs, self._here, self._names, self._customers, self._homonyms),
        )
        known = welcome(newcomer)
        if known is not None:
            return self._linked(found, old, known.customer, known.reason, again=known.again)
        if reason := refusal(newcomer, self._policy, self._names, self._customers):
            near = newcomer.meeting.candidates
            likely = tuple(c.customer_id for c in near if c.closeness is Closeness.LIKELY)
            step = self._skip(theirs, old, reason.text, reason.code, likely)
            actions = () if reason.silent else step.actions
            return replace(step, actions=actions, candidates=near)
        exact = self._customers.get(newcomer.meeting.exact or "")
        if exact is not None and newcomer.decision is None:
            reason_text = (
                f"“{theirs.display_name}” is in both systems and nothing else has that name."
            )
            return self._linked(found, old, exact, reason_text)
        name = newcomer.name
        self._names[fold(name)] = tuple(sorted((*self._names.get(fold(name), ()), customer_id)))
        self._created.add(customer_id)
        return self._create(found, old, customer_id, name)

    def _heir(self, theirs: TheirCustomer) -> Customer | None:
        """The customer of the record it took in, unless that is another's by now."""
        loser, customer_id = self._heirs.get(theirs.id, ("", ""))
        heir = self._customers.get(customer_id)
        return heir if heir is not None and heir.quickbooks in (None, loser) else None

    def _chosen(self, theirs: TheirCustomer) -> Customer | None:
        decision = self._here.decisions.get(theirs.id)
        return self._customers.get(decision.customer_id or "") if decision else None

    def _create(self, found: Usable, old: Link | None, customer_id: str, name: str) -> Step:
        theirs = found.record
        values = {**found.values, "display_name": name}
        link = replace(
            link_of(theirs, old, LinkStatus.LINKED),
            customer_id=customer_id,
            base_theirs=theirs.base,
            base_ours={**values, ACTIVE: theirs.active},
        )
        action = Action(
            verb=Verb.CREATE_HERE,
            reason=self._why_new(theirs) + found.note + ".",
            customer_id=customer_id,
            changes=create_changes(values),
            location=site_of(theirs, customer_id, self._realm),
        )
        return Step(theirs=theirs, actions=(action,), link=link)

    def _why_new(self, theirs: TheirCustomer) -> str:
        if not theirs.is_job:
            return f"“{theirs.display_name}” is new in QuickBooks"
        parent = self._links.get(theirs.parent_id or "")
        whose = f" of “{parent.name}”" if parent else ""
        return (
            f"“{theirs.display_name}” is a job{whose} in QuickBooks, and a customer of its own"
            " here, as the mapping says"
        )

    def _linked(
        self,
        found: Usable,
        old: Link | None,
        customer: Customer,
        reason: str,
        *,
        again: bool = False,
    ) -> Step:
        """Link it with a customer that is here; they may never have been compared."""
        theirs = found.record
        was = link_of(theirs, None, LinkStatus.LINKED)
        if again and customer.version == 1 and customer.quickbooks == theirs.id:
            # Nobody touched it since it came: what it holds is what QuickBooks had then.
            ours = our_values(customer)
            was = replace(was, base_ours=ours, base_theirs=ours)
        verdicts = compared(found, was, customer, self._policy, self._look, {})
        # What says to be it may be a part of `customer` by now.
        owner = self._here.holders.get(theirs.id, customer.id) if again else customer.id
        if again and self._run is not None and customer.created_by.run == self._run:
            # An attempt of this run died between customer and link: it is to report the same.
            first = self._create(found, old, owner, theirs.display_name).actions[0]
        else:
            site = site_of(theirs, customer.id, self._realm) if self._policy.mode.pulls else None
            first = Action(verb=Verb.LINK, reason=reason, customer_id=owner, location=site)
        # One that was created before said so then.
        left_out = () if again else _left_out(found, was)
        coming = field_actions(verdicts, customer, self._policy, first=True)
        actions = (first, *left_out, *coming)
        settled = settled_link(theirs, was, owner, verdicts, self._policy)
        if owner == customer.id:
            self._customers[owner] = replace(customer, quickbooks=theirs.id)
        return Step(theirs=theirs, actions=actions, link=settled)


def _left_out(found: Usable, link: Link) -> Iterable[Action]:
    """Say once what of an edit there cannot be ours."""
    theirs = found.record
    if any(theirs.values.get(f) != link.base_theirs.get(f) for f in found.left_out):
        reason = f"Not all of “{theirs.display_name}” could be taken over{found.note}."
        yield Action(verb=Verb.SKIP, reason=reason, customer_id=link.customer_id)
