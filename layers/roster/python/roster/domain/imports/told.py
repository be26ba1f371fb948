"""What people have said about how files are to be read."""

from collections.abc import Mapping
from dataclasses import dataclass

# What an earlier file with the same headings was mapped to: (heading, which of its namesakes).
type Saved = Mapping[tuple[str, int], str | None]

# Codes of files that were refused for what somebody told of them.
WRONGLY_TOLD = frozenset({"wrong_encoding", "wrong_sheet", "wrong_header_row", "wrong_columns"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a person says the file is to be read; None, or no column: it is worked out.

    `columns` are pairs of a 0-based index and the field it feeds, None for none; they are `save`d
    for the next file with these headings as soon as this one could be read by them.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    columns: tuple[tuple[int, str | None], ...] = ()
    save: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nobody said anything."""
        return self == Told()
