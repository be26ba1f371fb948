"""A company with people at work in Roster and in QuickBooks, however its sync is carried out."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from infra.local.quickbooks.remote import Control
from roster.domain.sync.records import TheirCustomer

# What people write in these histories: ours, and QuickBooks' name and inner name.
WIRE: dict[str, tuple[str, str | None]] = {
    "display_name": ("DisplayName", None),
    "company_name": ("CompanyName", None),
    "first_name": ("GivenName", None),
    "phone": ("PrimaryPhone", "FreeFormNumber"),
    "email": ("PrimaryEmailAddr", "Address"),
    "billing_address": ("BillAddr", None),
}
_PARTS = {"street": "Line1", "city": "City"}


@dataclass(frozen=True, slots=True)
class Ours:
    """A customer of ours as the sync compares it: `values` by field, without empties."""

    id: str
    quickbooks: str | None
    active: bool
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its display name."""
        return str(self.values["display_name"])


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a report; `changes` are (field, old) with what the field lost."""

    verb: str
    quickbooks_id: str
    customer_id: str | None
    changes: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """A run that nobody disturbed: what it did, and what was asked of QuickBooks meanwhile."""

    counts: Mapping[str, int]
    writes: int


class Firm(Protocol):
    """Both sides of a company; `control` is the door of its QuickBooks company and no other."""

    control: Control

    def choose(self, **settings: Any) -> None:
        """Choose how the sync goes."""

    def connect(self) -> None:
        """Connect the company's QuickBooks."""

    def ours(self) -> list[Ours]:
        """Everybody here, in an order that stays."""

    def theirs(self) -> dict[str, TheirCustomer]:
        """Everybody there, by id, jobs too."""

    def enter(self, values: Mapping[str, Any]) -> Ours:
        """Somebody enters a customer here."""

    def edit(self, customer_id: str, values: Mapping[str, Any]) -> Ours:
        """Somebody edits one here."""

    def set_active(self, customer_id: str, *, active: bool) -> None:
        """Somebody changes a status here."""

    def pass_time(self, minutes: float) -> None:
        """Let time go by on both sides, as far as that is ours to say."""

    def rough_sync(self, rng: random.Random, meanwhile: Callable[[], None]) -> None:
        """A run in bad weather, with people at work; it is over at the end, for better or worse."""

    def quiet_sync(self) -> Quiet:
        """A run that nobody disturbs, once none is under way; AssertionError unless it succeeds."""

    def report(self) -> list[Line]:
        """Every line of every run so far."""


def wire(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as QuickBooks spells them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        outer, inner = WIRE[name]
        if name == "billing_address":
            value = {_PARTS[part]: text for part, text in value.items()}  # noqa: PLW2901
        found[outer] = {inner: value} if inner else value
    return found
