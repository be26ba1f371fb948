"""What people decided about QuickBooks' customers, and how a run carries it out.

Nothing happens when a decision is made: the runs of a company are one after another, so only they
move its links.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from roster.domain.sync.policy import MappingOption
from roster.domain.sync.records import Link, LinkStatus
from roster.domain.sync.steps import Decision
from roster.usecases.ports import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose for one QuickBooks customer, as a draft or saved.

    `generation` is that of the default it was made over; a later default takes its place where the
    record has no customer. `instead_of` is the customer whose link it ends.
    """

    quickbooks_id: str
    option: MappingOption
    customer_id: str | None = None
    name: str | None = None
    generation: int = 0
    instead_of: str | None = None
    by: str
    at: datetime

    @property
    def decision(self) -> Decision:
        """What a plan goes by."""
        return Decision(option=self.option, customer_id=self.customer_id, name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The default that is not saved yet, and which generations of choices count beside it."""

    draft: MappingOption | None = None
    generation: int = 0
    saved_generation: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """That a record's decision waits for a run; `of` tells it from one that is saved later."""

    quickbooks_id: str
    of: str


class Decisions(Protocol):
    """Where choices are kept, by company and realm."""

    def defaults(self, tenant: str, realm: str) -> Defaults:
        """The default, strongly consistent."""

    def choose_default(self, tenant: str, realm: str, option: MappingOption) -> Defaults:
        """Keep a draft of the default; drafts made before it count no longer."""

    def default_saved(self, tenant: str, realm: str, was: Defaults) -> None:
        """The draft of the default is saved, unless another was chosen meanwhile."""

    def draft(self, tenant: str, realm: str, choice: Choice) -> None:
        """Keep a draft."""

    def drafts(self, tenant: str, realm: str, ids: Iterable[str] | None = None) -> Sequence[Choice]:
        """The drafts of these records, or all."""

    def drop_drafts(self, tenant: str, realm: str, choices: Iterable[Choice]) -> None:
        """Take drafts away, unless they were changed meanwhile."""

    def save(self, tenant: str, realm: str, choices: Sequence[Choice]) -> None:
        """Keep decisions, and have the next run carry them out."""

    def saved(self, tenant: str, realm: str, ids: Iterable[str]) -> Mapping[str, Choice]:
        """What was saved for these records, by id."""

    def in_force(self, tenant: str, realm: str, ids: Iterable[str]) -> Mapping[str, Decision]:
        """What counts for those of these records that have no customer, by id."""

    def waiting(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[Mark]:
        """Some of the decisions that no run has carried out."""

    def carried_out(self, tenant: str, realm: str, marks: Iterable[Mark]) -> None:
        """A run has carried these out, or has said why not; what was saved since still waits."""


def ends_link(link: Link, choice: Choice) -> bool:
    """Whether the saved choice ends the relationship that it was made over."""
    return link.leads and choice.instead_of is not None and choice.instead_of == link.customer_id


def parted(link: Link) -> Link:
    """The link without its customer: the record is known, and nothing is agreed on."""
    return replace(
        link,
        status=LinkStatus.SKIPPED,
        customer_id=None,
        base_ours={},
        left=(),
        owed=(),
        taking={},
        to_push=False,
        looked=None,
        reason=f"“{link.name}” was unlinked in the mapping.",
    )
