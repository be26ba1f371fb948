"""A run of the sync between the two sides in memory: the pure plans, carried out in small steps.

Between any two steps the run may die, and people go on working.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from roster.domain.sync.pull import contested
from roster.domain.sync.push import settled, taken
from roster.domain.sync.records import (
    MAPPED,
    SHIPPING,
    Link,
    LinkStatus,
    TheirCustomer,
)
from roster.domain.sync.replays import Inputs, PullInputs, PushInputs
from roster.domain.sync.steps import (
    Action,
    Look,
    NameHolder,
    PushStep,
    Step,
    Verb,
    Write,
)
from tests.support.sync_books import Books, NameTaken, Stale
from tests.support.sync_oracle import Oracle
from tests.support.sync_roster import REALM, TENANT, Line, Moved, Roster

_PAGE, _BATCH, _OVERLAP, _TRIES = 3, 3, timedelta(minutes=5), 3


class Died(Exception):
    """The worker is gone."""


@dataclass
class Weather:
    """What goes on around a run; `tick` is called between any two of its steps."""

    tick: Callable[[], None]
    now: Callable[[], datetime]
    late: Callable[[], timedelta]
    lose_answer: Callable[[], bool]
    shuffle: Callable[[list[TheirCustomer]], list[TheirCustomer]]
    skew: timedelta = timedelta(0)

    @property
    def our_now(self) -> datetime:
        """The time by our clock."""
        return self.now() - self.skew


class Run:
    """One run: settle the outbox, pull completely, push, and only then move the cursor."""

    def __init__(self, roster: Roster, books: Books, weather: Weather) -> None:
        self.roster, self.books, self.weather = roster, books, weather
        self.oracle = Oracle(roster, books, weather.skew, began=weather.now())
        self.acted = 0

    @staticmethod
    def planned(inputs: Inputs, steps: Sequence[Step | PushStep]) -> None:
        """Called with every plan: a test may look at it."""

    def go(self) -> None:
        """The whole run; raises Died where it dies."""
        roster, weather = self.roster, self.weather
        mode = roster.policy.mode
        for request in sorted(roster.outbox):
            self._resend(request)
        began, upto, anew = weather.now(), roster.changes, roster.anew
        since = None if anew else roster.cursor
        page = weather.shuffle(self.books.listed(began, weather.late(), since))
        for start in range(0, len(page), _PAGE):
            self._pull(page[start : start + _PAGE], roster.cursor)
        self._settle_waiting()
        weather.tick()
        if mode.pushes:
            dirty = roster.dirty(upto, everything=anew)
            for start in range(0, len(dirty), _BATCH):
                self._push([c.id for c in dirty[start : start + _BATCH]])
        weather.tick()
        roster.cursor, roster.watermark = began - _OVERLAP, upto
        if roster.policy.mode is mode:
            roster.anew = False

    def _settle_waiting(self) -> None:
        waiting = [o for o in self.roster.links.values() if o.status is LinkStatus.WAITING]
        while waiting:
            self._pull([_as_theirs(link) for link in waiting], None)
            left = [o for o in self.roster.links.values() if o.status is LinkStatus.WAITING]
            if len(left) == len(waiting):
                return
            waiting = left

    def _plan_pull(self, theirs: list[TheirCustomer], since: datetime | None) -> tuple[Step, ...]:
        roster = self.roster
        here = roster.here(self.books.merges)
        look = Look(since, self.weather.skew)
        needed = contested(theirs, here, roster.policy)
        here = replace(here, edited={i: roster.edited.get(i, {}) for i in needed})
        inputs = PullInputs(
            theirs=tuple(theirs), here=here, policy=roster.policy, look=look,
            tenant=TENANT, realm=REALM,
        )  # fmt: skip
        steps = inputs.decide()
        self.planned(inputs, steps)
        return steps

    def _pull(self, theirs: list[TheirCustomer], since: datetime | None) -> None:
        links = []
        steps = self._plan_pull(theirs, since)
        self._begin(steps)
        for planned in steps:
            step: Step | None = planned
            for _ in range(_TRIES):
                try:
                    links.append(self._carry_out(step) if step else None)
                    break
                except Moved:
                    again = self._plan_pull([planned.theirs], since)
                    self._begin(again)
                    step = again[0] if again else None
        self.weather.tick()
        for link in links:
            if link is not None:
                self.roster.links[link.quickbooks_id] = link

    def _begin(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if step.begun is not None:
                self.weather.tick()
                self.roster.links[step.theirs.id] = step.begun

    def _carry_out(self, step: Step) -> Link | None:
        link = step.link
        for action in step.actions:
            self.roster.report.append(Line(step.theirs.id, action))
            self.oracle.order(step, action)
        for action in step.actions:
            self.weather.tick()
            self.oracle.here(step, action)
            made = self.roster.act(step.theirs, action, self.weather.our_now)
            self.acted += action.verb not in (Verb.SKIP, Verb.CONFLICT)
            if made is not None and link is not None:
                link = replace(link, customer_id=made)
        return link

    def _push(self, some: list[str]) -> None:
        roster = self.roster
        for step in self._plan_push(some):
            self.weather.tick()
            for action in step.actions:
                roster.report.append(Line(step.quickbooks_id, action))
            if step.link is not None:
                roster.links[step.link.quickbooks_id] = step.link
            if step.write is not None:
                request = step.write.request_id(TENANT, REALM)
                roster.outbox[request] = step.write
                self.weather.tick()
                self._send(request, step)

    def _plan_push(self, some: list[str]) -> tuple[PushStep, ...]:
        ours = [self.roster.customers[i] for i in dict.fromkeys(some)]
        there = self.roster.there(self.books, ours)
        inputs = PushInputs(ours=tuple(ours), there=there, policy=self.roster.policy)
        steps = inputs.decide()
        self.planned(inputs, steps)
        return steps

    def _send(self, request: str, step: PushStep, tries: int = 0) -> None:
        write = self.roster.outbox[request]
        try:
            answer = self._write(request, write)
        except NameTaken:
            del self.roster.outbox[request]
            reason = taken(step.name, NameHolder("customer", "?", step.name))
            skip = Action(verb=Verb.SKIP, reason=reason, customer_id=step.customer_id)
            self.roster.report.append(Line(step.quickbooks_id, skip))
        except Stale:
            del self.roster.outbox[request]
            if write.quickbooks_id is None or tries == _TRIES:
                return
            self._pull([self.books.records[write.quickbooks_id].now], self.roster.cursor)
            self._mark(write)
            self._push_again(step.customer_id, tries + 1)
        else:
            self._settle(request, write, answer)

    def _mark(self, write: Write) -> None:
        """What was to be sent still is, whatever else comes between."""
        link = self.roster.links[write.quickbooks_id or ""]
        self.roster.links[link.quickbooks_id] = replace(link, to_push=True)

    def _push_again(self, customer_id: str, tries: int) -> None:
        for step in self._plan_push([customer_id]):
            for action in step.actions:
                self.roster.report.append(Line(step.quickbooks_id, action))
            if step.link is not None:
                self.roster.links[step.link.quickbooks_id] = step.link
            if step.write is not None:
                request = step.write.request_id(TENANT, REALM)
                self.roster.outbox[request] = step.write
                self.weather.tick()
                self._send(request, step, tries)

    def _resend(self, request: str) -> None:
        """An earlier run died before it had the answer: the same request has the same answer."""
        write = self.roster.outbox[request]
        self.weather.tick()
        try:
            answer = self._write(request, write, resent=True)
        except (Stale, NameTaken):
            # It never arrived; the record, or the name, is looked at anew.
            del self.roster.outbox[request]
            if write.quickbooks_id is not None:
                self._mark(write)
            else:
                self.roster.moved[write.customer_id] = self.roster.changes = self.roster.changes + 1
        else:
            self._settle(request, write, answer)

    def _write(self, request: str, write: Write, *, resent: bool = False) -> TheirCustomer:
        replayed = request in self.books.replies
        if not replayed:
            self.oracle.there(write, resent=resent)
        at = self.weather.now()
        fields = write.fields
        sent = write.request_id(TENANT, REALM)
        answer = self.books.write(
            write.quickbooks_id, write.sync_token, fields, at, sent, write.customer_id
        )
        if self.weather.lose_answer():
            raise Died
        self.acted += not replayed
        return answer

    def _settle(self, request: str, write: Write, answer: TheirCustomer) -> None:
        self.weather.tick()
        roster = self.roster
        link = roster.links.get(answer.id)
        if link is None or link.looked is None or link.looked < answer.last_updated:
            old = link if link is not None and link.leads else None
            roster.links[answer.id] = settled(write, answer, old)
        if write.quickbooks_id is None:
            self.weather.tick()
            roster.link(write.customer_id, answer.id, self.weather.our_now)
        del roster.outbox[request]


def _as_theirs(link: Link) -> TheirCustomer:
    return TheirCustomer(
        id=link.quickbooks_id,
        sync_token=link.sync_token,
        display_name=link.name,
        parent_id=link.parent_id,
        is_job=True,
        is_project=link.is_project,
        active=link.active,
        values={k: v for k, v in link.base_theirs.items() if k in MAPPED},
        shipping_address=link.base_theirs.get(SHIPPING),
        created_at=link.created_at,
        last_updated=link.first_seen,
    )
