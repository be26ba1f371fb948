"""A QuickBooks customer that is not linked yet: who welcomes it, or why it stays away."""

from collections.abc import Mapping
from dataclasses import dataclass

from roster.domain.customer import Customer, Status
from roster.domain.sync.meeting import Meeting, is_free
from roster.domain.sync.outcomes import Code
from roster.domain.sync.policy import MappingOption, Mode, Policy
from roster.domain.sync.steps import Closeness, Decision
from roster.domain.sync.usable import Usable
from roster.domain.text import fold

_LIVING = (Status.ACTIVE, Status.INACTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Everything known of it: who has its derived id, inherits it, says to be it, was chosen."""

    found: Usable
    there: Customer | None
    heir: Customer | None
    holder: Customer | None
    chosen: Customer | None
    decision: Decision | None
    created: frozenset[str]
    meeting: Meeting

    @property
    def name(self) -> str:
        """The name it is to have here."""
        return (self.decision and self.decision.name) or self.found.record.display_name

    @property
    def option(self) -> MappingOption | None:
        """What a person decided, if anybody did."""
        return self.decision.option if self.decision else None


@dataclass(frozen=True, slots=True)
class Known:
    """The customer to link it with, and why; `again` where it was linked before."""

    customer: Customer
    reason: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it stays away; a silent one is not worth a line in the report."""

    text: str
    silent: bool = False
    code: Code | None = None


def welcome(new: Newcomer) -> Known | None:
    """Who it is, where that is known without looking at names."""
    theirs = new.found.record
    name = theirs.display_name
    again = f"“{name}” was already here and is linked again."
    # What says to be it may be a part of another customer by now, which then stands in its place.
    if new.holder is not None and new.holder.status in _LIVING:
        return Known(new.holder, again, again=True)
    if new.there is not None and new.there.status in _LIVING and new.there.quickbooks == theirs.id:
        return Known(new.there, again, again=True)
    if new.holder is not None:
        return None
    if new.heir is not None and new.heir.status in _LIVING:
        return Known(new.heir, f"“{name}” took in the record that “{new.heir.display_name}” had.")
    if new.option is MappingOption.EXISTING and is_free(new.chosen) and new.chosen:
        return Known(new.chosen, f"“{name}” was chosen in the mapping.")
    return None


def refusal(
    new: Newcomer,
    policy: Policy,
    names: Mapping[str, tuple[str, ...]],
    customers: Mapping[str, Customer],
) -> Refusal | None:
    """Why it is neither created nor linked by its name; None when it may be."""
    theirs = new.found.record
    name, option = theirs.display_name, new.option
    if option is MappingOption.EXISTING and new.holder is not None:
        return Refusal(
            f"“{name}” is that of {new.holder.id}, which was deleted or merged here: before it is"
            " linked with another, that has to be undone."
        )
    if option is MappingOption.EXISTING:
        return Refusal(f"“{name}” was to be linked with a customer that is gone or linked already.")
    if option is MappingOption.DONT_IMPORT:
        return Refusal(f"“{name}” is not to be imported, says the mapping.")
    if new.there is not None or new.holder is not None:
        return Refusal(
            f"“{name}” came from QuickBooks before and was deleted"
            " or unlinked here, so it is left alone."
        )
    if "display_name" in new.found.left_out:
        return Refusal(f"“{name}” cannot be a customer's name here{new.found.note}.")
    if option is MappingOption.CREATE:
        return None
    if not policy.mode.pulls:
        return Refusal(f"“{name}” stays in QuickBooks: Roster leads.", silent=True)
    if not theirs.active and not policy.include_inactive:
        return Refusal(f"“{name}” is inactive in QuickBooks.")
    links_alone = policy.default_option is MappingOption.EXISTING
    if new.meeting.exact and (policy.mode is Mode.TWO_WAY or links_alone):
        return None
    if policy.default_option is not MappingOption.CREATE:
        return Refusal(f"“{name}” waits for a decision in the mapping.")
    if new.meeting.name_taken:
        return Refusal(_name_taken(new, names, customers), code=Code.DUPLICATE)
    return _perhaps_known(new, customers)


def _name_taken(
    new: Newcomer, names: Mapping[str, tuple[str, ...]], customers: Mapping[str, Customer]
) -> str:
    name = new.found.record.display_name
    holders = names.get(fold(name), ())
    holder = customers.get(holders[0])
    if new.meeting.candidates and new.meeting.candidates[0].closeness is Closeness.AMBIGUOUS:
        who = ", ".join(holders)
        return (
            f"More than one customer is named “{name}” ({who}); which of them this is must be"
            " chosen in the mapping."
        )
    from_quickbooks = holders[0] in new.created or (holder and holder.quickbooks)
    if not from_quickbooks:
        return (
            f"A customer named “{name}” already exists in Roster ({holders[0]}); QuickBooks'"
            " was neither added nor merged."
        )
    return (
        f"Another QuickBooks customer named “{name}” is already here ({holders[0]}); this one"
        " was neither added nor merged."
    )


def _perhaps_known(new: Newcomer, customers: Mapping[str, Customer]) -> Refusal | None:
    if not new.meeting.candidates:
        return None
    first = new.meeting.candidates[0]
    words = (reason.replace("_", " ").replace("email", "e-mail") for reason in first.reasons)
    shared = ", ".join(words)
    return Refusal(
        f"“{new.found.record.display_name}” is likely “{customers[first.customer_id].display_name}”"
        f" ({first.customer_id}: {shared}), which is here already; choose in the mapping.",
        code=Code.DUPLICATE,
    )
