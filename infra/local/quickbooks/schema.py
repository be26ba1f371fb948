"""What attributes an entity has and what each one takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Read by the service, or sent back by clients that echo what they read, but never stored.
COMMON_READ_ONLY = (
    "Id",
    "SyncToken",
    "MetaData",
    "sparse",
    "domain",
    "status",
    "FullyQualifiedName",
    "Level",
    "CustomField",
    "AttachableRef",
    "NameAndId",
)


@dataclass(frozen=True)
class Schema:
    """`text` holds the longest value in characters, `numbers` the lowest and the highest.

    `parts` are small objects: class on Intuit's side, and what can be written inside. `whole`
    are objects and lists their own module reads. A name in `no_colon` holds no colon, tab or
    line break.
    """

    name: str
    text: Mapping[str, int] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    references: frozenset[str] = frozenset()
    parts: Mapping[str, tuple[str, dict[str, int]]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    dates: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    no_colon: frozenset[str] = frozenset()
    read_only: tuple[str, ...] = COMMON_READ_ONLY

    @cached_property
    def known(self) -> tuple[str, ...]:
        """Every attribute a client may send, in the order a refusal lists them."""
        return (
            *self.read_only,
            *self.text,
            *sorted(self.flags),
            *self.choices,
            *sorted(self.references),
            *self.parts,
            *self.numbers,
            *sorted(self.dates),
            *sorted(self.whole),
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """`known`, for looking up."""
        return frozenset(self.known)

    @cached_property
    def unwritten(self) -> frozenset[str]:
        """`read_only`, for looking up."""
        return frozenset(self.read_only)
