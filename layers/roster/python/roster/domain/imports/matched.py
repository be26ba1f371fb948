"""A row that is a customer there is, before the customer has been looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roster.domain.imports.draft import Draft


@dataclass(frozen=True, slots=True)
class Matched:
    """A row that is a customer there is: what becomes of it, the customer as it is now says.

    Only the `first` row of a customer may change its fields: two of them would take turns for ever.
    Of `several` no one says all that the customer is.
    """

    draft: Draft
    customer_id: str
    first: int
    blank: Mapping[str, Any]
    several: bool = False

    @property
    def is_first(self) -> bool:
        """Whether the row says what the customer is, and is the first to do so."""
        return self.first == self.draft.line and not self.draft.is_child
