"""What our rules refuse of an edit there: the rest is done, and it is told until neither moves."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from roster.domain.errors import Invalid, RosterError
from roster.domain.sync.fields import words_of
from roster.domain.sync.outcomes import Code
from roster.domain.sync.records import ACTIVE, Link
from roster.domain.sync.steps import Action, Step, Verb


def error_in_words(error: RosterError) -> str:
    """Each field that is refused with its rule, or why all of it is."""
    if not isinstance(error, Invalid):
        return error.detail
    return "; ".join(f"{words_of([_field(e.pointer)])}: {e.detail}" for e in error.errors)


def _field(pointer: str) -> str:
    return pointer.strip("/").partition("/")[0]


def without_refused(action: Action, error: RosterError) -> Action | None:
    """The action without the fields that were refused; None where nothing of it is left."""
    refused = {_field(e.pointer) for e in error.errors} if isinstance(error, Invalid) else set()
    kept = tuple(change for change in action.changes if change.field not in refused)
    return replace(action, changes=kept) if kept and kept != action.changes else None


def as_it_stays(link: Link | None, action: Action, left: Action | None) -> Link | None:
    """The link where of `action` only what is `left` is done: the rest is as it was here.

    What QuickBooks has now is its base all the same, so that only a further edit brings it again.
    """
    if link is None:
        return None
    kept = {change.field for change in left.changes} if left else set()
    stays = {c.field: c.old for c in action.changes if c.field not in kept}
    if action.verb in (Verb.ACTIVATE_HERE, Verb.DEACTIVATE_HERE):
        stays[ACTIVE] = action.verb is Verb.DEACTIVATE_HERE
    ours = {**link.base_ours, **stays}
    return replace(link, base_ours={k: v for k, v in ours.items() if v is not None})


def told(step: Step, done: Iterable[Action], said: Sequence[str]) -> Step:
    """The step as it was done, with one line that says what was not."""
    acted = [action for action in done if action.verb is not Verb.SKIP]
    before = [action.reason for action in step.actions if action.verb is Verb.SKIP]
    name = step.theirs.display_name
    reason = f"Not all of “{name}” could be taken over (left out: {'; '.join(said)})."
    customer_id = next((a.customer_id for a in step.actions if a.customer_id), None)
    line = Action(
        verb=Verb.SKIP,
        reason=" ".join([*before, reason]),
        customer_id=customer_id,
        code=Code.REFUSED_BY_ROSTER,
    )
    return replace(step, actions=(*acted, line))
