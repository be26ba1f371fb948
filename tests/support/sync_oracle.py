"""What no run may do, told from both sides' true past and not from the engine's own records."""

from datetime import datetime, timedelta
from typing import Any

from roster.domain.sync.records import ACTIVE, our_values
from roster.domain.sync.steps import Action, Step, Verb, Write
from roster.domain.text import fold
from tests.support.sync_books import Books, sent_as
from tests.support.sync_roster import Roster


class Oracle:
    """Asked before anything is written; `skew` is QuickBooks' clock less ours."""

    def __init__(self, roster: Roster, books: Books, skew: timedelta, began: datetime) -> None:
        self.roster, self.books, self.skew, self.began = roster, books, skew, began

    def order(self, step: Step, action: Action) -> None:
        """Who is said to have edited last did so in truth."""
        record = self.books.records[step.theirs.id]
        for conflict in action.conflicts:
            edits = self.roster.edited.get(action.customer_id or "", {})
            ours, theirs = edits.get(conflict.field), record.edits.get(conflict.field)
            # A late list shows a state from before the last edit.
            seen = record.now.sync_token == step.theirs.sync_token
            here = self.roster.customers.get(action.customer_id or "")
            seen = (
                seen and here is not None and our_values(here).get(conflict.field) == conflict.ours
            )
            if ours is None or theirs is None or not seen:
                continue
            lead = ours + self.skew - theirs
            if conflict.why == "it was edited in Roster last":
                assert lead >= timedelta(0), conflict
            if conflict.why == "it was edited in QuickBooks last":
                assert lead <= timedelta(0), conflict

    def here(self, step: Step, action: Action) -> None:
        """What a person wrote here is only overwritten with a conflict that says so."""
        writes = {Verb.CREATE_HERE, Verb.UPDATE_HERE, Verb.ACTIVATE_HERE, Verb.DEACTIVATE_HERE}
        if action.verb not in writes:
            return
        assert (
            self.roster.policy.mode.pulls
            or action.verb is not Verb.CREATE_HERE
            or (step.theirs.id in self.roster.decisions)
        ), "Roster leads"
        customer = self.roster.customers.get(action.customer_id or "")
        if customer is None or action.verb is Verb.CREATE_HERE:
            return
        assert self.roster.policy.mode.pulls, "Roster leads, and a customer was changed"
        status = (ACTIVE,) if action.verb is not Verb.UPDATE_HERE else ()
        ours = our_values(customer)
        said = {(c.field, repr(c.ours)) for a in step.actions for c in a.conflicts}
        record = self.books.records[step.theirs.id]
        for name in (*status, *(c.field for c in action.changes)):
            old = ours.get(name)
            known = any(
                state.base.get(name) in (old, sent_as(name, old)) for _, state in record.states
            )
            if (customer.id, name) in self.roster.by_person and not known and old is not None:
                if old in [c.new for c in action.changes if c.field == name]:
                    continue
                planned = [c.old for c in action.changes if c.field == name]
                if planned and planned[0] != old:
                    continue  # The executor will find that it moved.
                assert (name, repr(old)) in said, f"{name}: {old!r} was overwritten silently"

    def there(self, write: Write, *, resent: bool) -> None:
        """What a person wrote there is only overwritten with a conflict that says so.

        A write that is `resent` was decided before an earlier run died: who has been entered since
        under its name could not be known, and QuickBooks refuses the name while that one is active.
        """
        record = self.books.records.get(write.quickbooks_id or "")
        if record is None:
            known = self._known_name(write.fields["display_name"])
            assert resent or not known, "created beside its namesake"
        if record is None or record.now.sync_token != write.sync_token:
            return
        base = record.now.base
        said = {
            (c.field, repr(c.theirs))
            for line in self.roster.report
            if line.quickbooks_id == write.quickbooks_id
            for c in line.action.conflicts
        }
        updates = {
            (c.field, repr(c.old))
            for line in self.roster.report
            if line.quickbooks_id == write.quickbooks_id and line.action.verb is Verb.UPDATE_THERE
            for c in line.action.changes
        }
        for name, new in write.fields.items():
            old = base.get(name)
            if old == new or name == ACTIVE:
                continue
            assert (name, repr(old)) in updates, f"{name}: {old!r} left QuickBooks unreported"
            if name in record.edits and old is not None:
                known = self.roster.seen(write.customer_id, name, old)
                assert known or (name, repr(old)) in said or _is_unusable(name, old), (
                    f"{name}: {old!r} was overwritten in QuickBooks without a conflict"
                )

    def _known_name(self, name: str) -> bool:
        """Whether a record had that name, active or not, since before the run began."""
        return any(
            moment <= self.began and all(fold(t.display_name) == fold(name) for _, t in states)
            for states in (record.states for record in self.books.records.values())
            for moment, _ in states[:1]
        )


def _is_unusable(name: str, value: Any) -> bool:
    return name == "email" and "@" not in str(value)
