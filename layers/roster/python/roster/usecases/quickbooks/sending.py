"""Sending a batch, and what each answer means for its link, its customer and the report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from roster.domain import customer as rules
from roster.domain.customer import Status
from roster.domain.errors import StaleVersion, Taken
from roster.domain.events import Actor, EventKind, Source
from roster.domain.sync.connection import FaultAction, QuickBooksFault, ReportRow, Run, Written
from roster.domain.sync.connection import Write as WireWrite
from roster.domain.sync.outcomes import Code
from roster.domain.sync.outgoing import taken
from roster.domain.sync.push import settled
from roster.domain.sync.records import Link, fingerprint
from roster.domain.sync.steps import Action, Look, NameHolder, PushStep, Verb, Write
from roster.usecases.quickbooks.apply import apply_page
from roster.usecases.quickbooks.lending import gone_from_lists
from roster.usecases.quickbooks.naming import learn_names, name_of
from roster.usecases.quickbooks.ports import Batch, QuickBooksPorts
from roster.usecases.quickbooks.tokens import asked

# Who is edited there between our read and our write so often is left to the next run.
MOST_TRIES = 3
_SAVES = 4
# These are about the connection, not about what was sent.
_PASSING = frozenset(
    {FaultAction.RETRY, FaultAction.REFRESH, FaultAction.RECONNECT, FaultAction.PAUSE}
)
_HOLDERS = {"Customer": "customer", "Vendor": "vendor", "Employee": "employee"}


@dataclass(frozen=True, slots=True)
class Sent:
    """The run with its calls counted, and the customers that are to be planned anew."""

    run: Run
    again: tuple[str, ...] = ()


def send(run: Run, batch: Batch, ports: QuickBooksPorts) -> Sent:
    """Send the batch, again if need be, and keep what QuickBooks says of each write."""
    if not batch.steps:
        return Sent(run)
    writes = [step.write for step in batch.steps if step.write is not None]
    items = [ports.wire.write(write, str(n)) for n, write in enumerate(writes)]
    ids = [write.request_id(run.tenant, run.realm) for write in writes]
    # Of its slice alone: QuickBooks repeats refusals too, and what it refused is tried anew later.
    request_id = fingerprint({"batch": ids, "of": (batch.run, batch.slice)})
    answers, calls = _answers(run, items, request_id, ports)
    sending = _Sending(replace(run, calls=run.calls + calls), ports)
    by_id = {answer.id: answer for answer in answers}
    sending.keep([(s, w, by_id[i.id]) for s, w, i in zip(batch.steps, writes, items, strict=True)])
    ports.outbox.drop(run.tenant, run.realm)
    return Sent(sending.run, tuple(sending.again))


def _answers(
    run: Run, items: Sequence[WireWrite], request_id: str, ports: QuickBooksPorts
) -> tuple[Sequence[Written], int]:
    """What became of each, and the calls; a refusal of the whole batch is one of every write.

    Or the next attempt, and each run after it, would begin with the same refusal.
    """

    def ask(token: str) -> tuple[Sequence[Written], int]:
        return ports.api.batch(run.realm, token, items, request_id=request_id)

    try:
        (answers, calls), in_vain = asked(run.tenant, ports, ask)
    except QuickBooksFault as fault:
        if fault.action in _PASSING:
            raise
        return [Written(id=item.id, fault=fault) for item in items], 1
    return answers, calls + in_vain


def rows_of(run: Run, step: PushStep, actions: Iterable[Action] | None = None) -> list[ReportRow]:
    """The lines of a step; their place depends on nothing but slice, customer and verb."""
    return [
        ReportRow(
            position=f"{run.slice:06d}#{step.customer_id}#{action.verb}",
            verb=str(action.verb),
            quickbooks_id=step.quickbooks_id or "",
            name=step.name,
            reason=action.reason,
            customer_id=step.customer_id,
            changes=action.changes,
            conflicts=action.conflicts,
            code=action.code,
        )
        for action in (step.actions if actions is None else actions)
    ]


class _Sending:
    """The answers to one batch."""

    def __init__(self, run: Run, ports: QuickBooksPorts) -> None:
        self.run, self.again = run, list[str]()
        self._ports = ports

    def keep(self, answered: Sequence[tuple[PushStep, Write, Written]]) -> None:
        state, tenant, realm = self._ports.state, self.run.tenant, self.run.realm
        ids = sorted({w.quickbooks_id for _, w, _ in answered if w.quickbooks_id})
        links = state.links(tenant, realm, ids)
        done = [(s, w, a) for s, w, a in answered if a.fault is None]
        new = [self._link(write, answer, links) for _, write, answer in done]
        names = [name_of(o.quickbooks_id, o.name, active=o.active) for o in new]
        learn_names(self.run, names, links, self._ports)
        state.save_links(tenant, realm, new)
        rows = []
        for (step, write, _), link in zip(done, new, strict=True):
            if write.quickbooks_id is None:
                self._note_id(step, link.quickbooks_id)
            known = step.quickbooks_id if self.run.dry else link.quickbooks_id
            rows += rows_of(self.run, replace(step, quickbooks_id=known))
        for step, write, answer in answered:
            if answer.fault is not None:
                link_there = links.get(write.quickbooks_id or "")
                said = self._refused(step, write, answer.fault, link_there)
                if said is not None:
                    reason, code = said
                    skip = Action(
                        verb=Verb.SKIP, reason=reason, customer_id=step.customer_id, code=code
                    )
                    rows += rows_of(self.run, step, [skip])
        state.add_rows(self.run, rows)

    def _link(self, write: Write, answer: Written, links: dict[str, Link]) -> Link:
        theirs = self._ports.wire.customer(answer.row or {})
        known = links.get(theirs.id)
        if known is None:
            known = self._ports.state.links(self.run.tenant, self.run.realm, [theirs.id]).get(
                theirs.id
            )
        if known is not None and known.leads:
            if known.looked is not None and known.looked >= theirs.last_updated:
                # An earlier attempt has kept this very answer.
                return known
            return settled(write, theirs, known)
        return settled(write, theirs, None)

    def _note_id(self, step: PushStep, quickbooks_id: str) -> None:
        """Write the id on the customer that was created there, whatever became of it meanwhile."""
        actor = Actor("quickbooks", Source.QUICKBOOKS, self.run.id)
        customers, reason = self._ports.customers, step.actions[0].reason
        for attempt in range(_SAVES):
            before = customers.get(self.run.tenant, step.customer_id)
            if before is None or before.status is Status.DELETED or before.quickbooks is not None:
                return
            after = rules.link_quickbooks(before, quickbooks_id, now=self._ports.clock())
            event = rules.event_of(EventKind.EDITED, before, after, actor, reason)
            try:
                customers.save(before, after, event)
            except Taken:
                # The next pull finds a record that two customers say to be, and tells.
                return
            except StaleVersion:
                if attempt == _SAVES - 1:
                    raise
            else:
                return

    def _refused(
        self, step: PushStep, write: Write, fault: QuickBooksFault, link: Link | None
    ) -> tuple[str, Code] | None:
        """What is said of a write that was refused; None where it is simply tried again."""
        name = step.name
        match fault.action:
            case FaultAction.REREAD | FaultAction.MISSING:
                # QuickBooks calls missing what was made inactive, too.
                return self._look_again(step, write, link)
            case FaultAction.NAME_TAKEN:
                holder = self._holder(fault.holder)
                sent = str(write.fields.get("display_name") or name)
                wanted = {step.customer_id: sent}
                self._ports.names.want(self.run.tenant, self.run.realm, wanted)
                if holder is not None:
                    return taken(sent, holder), Code.DUPLICATE
                return (
                    f"QuickBooks already has the name “{sent}”; nothing was changed there.",
                    Code.DUPLICATE,
                )
            case FaultAction.RESYNC if write.choices:
                gone_from_lists(self.run, write, self._ports)
                return self._once_more(step, fault)
            case FaultAction.PERMANENT | FaultAction.RESYNC | FaultAction.NUMBER_TAKEN:
                where = f" ({fault.field})" if fault.field else ""
                return (
                    f"QuickBooks does not take “{name}”{where}: {fault.detail}",
                    Code.REFUSED_BY_QUICKBOOKS,
                )
            case _:
                return self._once_more(step, fault)

    def _once_more(self, step: PushStep, fault: QuickBooksFault) -> tuple[str, Code] | None:
        self.again.append(step.customer_id)
        if self._is_last_try(step):
            reason = f"“{step.name}” was not sent: {fault.detail}. The next sync tries again."
            return reason, Code.NOT_ANSWERED
        return None

    def _is_last_try(self, step: PushStep) -> bool:
        return self.run.tries.get(step.customer_id, 0) + 1 >= MOST_TRIES

    def _look_again(
        self, step: PushStep, write: Write, link: Link | None
    ) -> tuple[str, Code] | None:
        """It was edited there since we looked: read it, and let the pull's rules decide."""
        row = self._read("Customer", write.quickbooks_id or "") if write.quickbooks_id else None
        if row is None:
            reason = f"“{step.name}” is gone from QuickBooks ({write.quickbooks_id})."
            if link is not None:
                flagged = [replace(link, reason=reason)]
                self._ports.state.save_links(self.run.tenant, self.run.realm, flagged)
            return reason, Code.GONE
        look = Look(self.run.looked, self.run.skew)
        apply_page(self.run, [self._ports.wire.customer(row)], look, ports=self._ports)
        self.again.append(step.customer_id)
        if self._is_last_try(step):
            return (
                f"“{step.name}” was edited in QuickBooks again and again while it was being sent."
                " The next sync tries again."
            ), Code.EDITED_MEANWHILE
        return None

    def _holder(self, holder_id: str) -> NameHolder | None:
        """Who has a name: QuickBooks gives the id and not whose."""
        if not holder_id:
            return None
        for entity, kind in _HOLDERS.items():
            row = self._read(entity, holder_id)
            if row is not None:
                name = self._ports.wire.name(kind, row)
                # A vendor or an employee is kept by the daily list, which also lets go of it.
                return NameHolder(kind=kind, id=name.id, name=name.name, active=name.active)
        return None

    def _read(self, entity: str, entity_id: str) -> dict[str, object] | None:
        def ask(token: str) -> dict[str, object] | None:
            row = self._ports.api.read(self.run.realm, token, entity, entity_id)
            return dict(row) if row is not None else None

        row, in_vain = asked(self.run.tenant, self._ports, ask)
        calls = 1 + in_vain
        self.run = replace(self.run, calls=self.run.calls + calls, reads=self.run.reads + calls)
        return row
