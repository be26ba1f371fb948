"""How an import goes: what it does with rows of customers there are, and how it tells them."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from roster.domain.imports.headings import NAME_FIELDS


class ImportMode(StrEnum):
    """What an import may do with a row: make a customer, change the one there is, or either."""

    CREATE = "create"
    UPDATE = "update"
    BOTH = "both"


class MatchBy(StrEnum):
    """What tells that a row is a customer: `auto` is all that is known, else that one value."""

    AUTO = "auto"
    NUMBER = "number"
    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    NAME = "name"


class BlankCells(StrEnum):
    """What a blank cell says of a customer that is changed: nothing, or that the field is empty."""

    KEEP = "keep"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for, defaults included."""

    mode: ImportMode = ImportMode.CREATE
    match_by: MatchBy = MatchBy.AUTO
    blank_cells: BlankCells = BlankCells.KEEP

    @property
    def naming(self) -> frozenset[str]:
        """The fields of which a file must have one: a name, or what a change finds customers by."""
        if self.mode is not ImportMode.UPDATE or self.match_by is MatchBy.NAME:
            return NAME_FIELDS
        return NAME_FIELDS | {"roster_id" if self.match_by is MatchBy.AUTO else str(self.match_by)}

    def finds_by(self, fields: AbstractSet[str | None]) -> bool:
        """Whether rows with these fields can find customers as they are asked to."""
        if self.match_by in (MatchBy.AUTO, MatchBy.NAME):
            return True
        return not fields.isdisjoint({"roster_id", str(self.match_by)})

    @property
    def updates(self) -> bool:
        """Whether customers that are there may be changed."""
        return self.mode is not ImportMode.CREATE
