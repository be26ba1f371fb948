"""Which column of a file feeds which field: as told, as saved, by headings, by content."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any, Literal

from roster.domain.custom_fields import CustomField
from roster.domain.imports.foreign_words import in_english
from roster.domain.imports.formats import Format, columns_of
from roster.domain.imports.headings import NAME_FIELDS, Column, map_columns, normalise
from roster.domain.imports.reading import Header, SourceRow, UnreadableFile, find_header
from roster.domain.imports.suggesting import (
    STATUS_FIELDS,
    Suggestion,
    standing,
    suggestions,
    taken,
)
from roster.domain.imports.target_fields import is_target
from roster.domain.imports.told import Saved, Told

type Source = Literal["format", "heading", "content", "saved", "user"]

LOOK_FOR_HEADER = 50
SAMPLED_ROWS = 200
_SHOWN_VALUES, _SHOWN_CHARACTERS, _KEPT_CHARACTERS = 5, 100, 60
_LOOKED_AT = 1_000
# A word of another language may be one of ours by chance.
_TRANSLATED = _SURE = 0.9
_GUESSED_HEADER = "no_usable_header"


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the file and where its field comes from; `samples` are its first values."""

    column: Column
    source: Source | None
    samples: tuple[str, ...]
    alternatives: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class MappedSheet:
    """The header row of a sheet, by its `number`, and what each column feeds.

    `saved`: an earlier file's mapping was used.
    """

    number: int
    mapped: tuple[MappedColumn, ...]
    format: Format | None
    saved: bool

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns as rows are read by them."""
        return tuple(one.column for one in self.mapped)

    @property
    def header(self) -> Header:
        """The header as rows are read by it."""
        return Header(self.number, self.columns, self.format)

    @property
    def to_save(self) -> Saved:
        """The mapping for the next file with these headings.

        A column that nobody said anything about is left to be worked out again: by then a field of
        the company's own may go by its heading.
        """
        return {
            place: one.column.field
            for place, one in zip(_places([c.heading for c in self.columns]), self.mapped,
                                  strict=True)
            if place[0] and (one.column.field or one.source)
        }  # fmt: skip

    @property
    def signature(self) -> str:
        """What stands for the headings."""
        return signature([c.heading for c in self.columns])


def signature(headings: Sequence[str]) -> str:
    """The same for the same headings in any order and spelling; "" where there are none."""
    words = sorted(name for heading in headings if (name := _kept(heading)))
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:32] if words else ""


def _kept(heading: str) -> str:
    """A heading as it is known again; people have written novels into theirs."""
    name = normalise(heading[:_LOOKED_AT])
    if len(name) <= _KEPT_CHARACTERS:
        return name
    return name[:_KEPT_CHARACTERS] + hashlib.sha256(name.encode()).hexdigest()[:16]


def _places(headings: Sequence[str]) -> list[tuple[str, int]]:
    seen: Counter[str] = Counter()
    places = []
    for heading in headings:
        name = _kept(heading)
        seen[name] += 1
        places.append((name, seen[name]))
    return places


def header_of(
    head: Sequence[SourceRow],
    told: Told,
    *,
    own: Sequence[CustomField],
    known: Mapping[str, Any],
    naming: frozenset[str] = NAME_FIELDS,
) -> tuple[SourceRow, UnreadableFile | None]:
    """The row of headings among the first rows; with the refusal when it is only a guess.

    As told, else the first row whose headings are `known` by their signature, else the one whose
    headings are recognised best, in English or in another language.

    Raises UnreadableFile: "empty", "wrong_header_row".
    """
    if told.header_row is not None:
        return _told_header(head, told.header_row), None
    for row in head[:LOOK_FOR_HEADER]:
        if signature(row.cells) in known:
            return row, None
    try:
        header = recognised_header(head, own=own, naming=naming)
    except UnreadableFile as refusal:
        if refusal.code != _GUESSED_HEADER:
            raise
        return _likely_header(head), refusal
    return next(row for row in head if row.number == header.number), None


def recognised_header(
    head: Sequence[SourceRow],
    *,
    own: Sequence[CustomField] = (),
    naming: frozenset[str] = NAME_FIELDS,
) -> Header:
    """The best header in English, else in another language; raises as `find_header` does."""
    try:
        return find_header(head, LOOK_FOR_HEADER, own=own, naming=naming)
    except UnreadableFile as refusal:
        if refusal.code != _GUESSED_HEADER:
            raise
        translated = [_translated(row) for row in head]
        if translated == head:
            raise
        return find_header(translated, LOOK_FOR_HEADER, own=own, naming=naming)


def _told_header(head: Sequence[SourceRow], number: int) -> SourceRow:
    row = next((row for row in head if row.number == number), None)
    if row is None:
        detail = f"Row {number}, that was named as the row of headings, is empty or not there."
        raise UnreadableFile("wrong_header_row", detail)
    if head[-1] is row:
        detail = f"There is nothing below row {number}, that was named as the row of headings."
        raise UnreadableFile("wrong_header_row", detail)
    return row


def _translated(row: SourceRow) -> SourceRow:
    english = in_english(row.cells)
    return replace(row, cells=tuple(english.get(i, cell) for i, cell in enumerate(row.cells)))


def _likely_header(head: Sequence[SourceRow]) -> SourceRow:
    """The first row that is filled as widely as most are: above it stand titles."""
    widths = [sum(1 for cell in row.cells if cell.strip()) for row in head[:LOOK_FOR_HEADER]]
    usual = Counter(widths).most_common(1)[0][0]
    return next(row for row, width in zip(head, widths, strict=False) if width >= usual)


def map_sheet(
    header: SourceRow,
    below: Sequence[SourceRow],
    told: Told,
    *,
    own: Sequence[CustomField],
    saved: Saved | None,
) -> MappedSheet:
    """The columns under `header`; `below` are the first rows after it.

    Raises UnreadableFile: "wrong_columns" where a column was told that is not there.
    """
    user = dict(told.columns)
    widest = max((len(row.cells) for row in (header, *below)), default=0)
    beyond = [index for index in user if index >= widest]
    if beyond:
        detail = f"Column {max(beyond) + 1} was given a field, but the file has {widest} columns."
        raise UnreadableFile("wrong_columns", detail)
    width = max([len(header.cells), *(index + 1 for index in user)])
    headings = [*header.cells, *[""] * (width - len(header.cells))]
    columns, known = _by_headings(headings, own)
    if saved is not None:
        columns = list(_by_saved(columns, saved, own))
    columns = list(_by_user(columns, user, own))
    cells = [[row.cells[i] for row in below if i < len(row.cells) and row.cells[i].strip()]
             for i in range(width)]  # fmt: skip
    return MappedSheet(
        header.number, tuple(_by_content(columns, cells, own)), known, saved is not None
    )


type _Sourced = tuple[Column, Source | None]


def _by_headings(
    headings: Sequence[str], own: Sequence[CustomField]
) -> tuple[list[_Sourced], Format | None]:
    columns, known = columns_of(headings, own)
    if known is None:
        columns = _translated_columns(columns, headings, own)
        return [(column, "heading" if column.field else None) for column in columns], None
    sourced: list[_Sourced] = []
    for column in columns:
        said = known.field_of(normalise(column.heading)) if column.heading else None
        sourced.append((column, "format" if said else "heading" if column.field else None))
    return sourced, known


def _translated_columns(
    columns: tuple[Column, ...], headings: Sequence[str], own: Sequence[CustomField]
) -> tuple[Column, ...]:
    unknown = [c.heading if c.field is None else "" for c in columns]
    english = in_english([heading if unknown[i] or _plain_name(columns[i]) else ""
                          for i, heading in enumerate(headings)])  # fmt: skip
    if not english:
        return columns
    said = [english.get(i, heading) for i, heading in enumerate(headings)]
    return tuple(
        replace(column, heading=headings[column.index].strip(),
                confidence=min(column.confidence, _TRANSLATED))
        if column.index in english
        else column
        for column in map_columns(said, own)
    )  # fmt: skip


def _plain_name(column: Column) -> bool:
    return normalise(column.heading) == "name"


def _by_saved(
    columns: Sequence[_Sourced], saved: Saved, own: Sequence[CustomField]
) -> Iterator[_Sourced]:
    places = _places([column.heading for column, _ in columns])
    for (column, source), place in zip(columns, places, strict=True):
        if place not in saved:
            yield column, source
            continue
        wanted = saved[place]
        # A field of the company's own that it has given up since.
        field = wanted if wanted and is_target(wanted, own) else None
        yield (
            replace(column, field=field, confidence=1.0 if field else 0.0),
            "saved" if field == wanted else None,
        )


def _by_user(
    columns: Sequence[_Sourced], user: Mapping[int, str | None], own: Sequence[CustomField]
) -> Iterator[_Sourced]:
    for column, source in columns:
        if column.index not in user:
            yield column, source
            continue
        wanted = user[column.index]
        field = wanted if wanted and is_target(wanted, own) else None
        yield replace(column, field=field, confidence=1.0 if field else 0.0), "user"


def _by_content(
    columns: Sequence[_Sourced],
    cells: Sequence[Sequence[str]],
    own: Sequence[CustomField],
) -> Iterator[MappedColumn]:
    claimed = {column.field for column, _ in columns if column.field}
    for (said, by), values in zip(columns, cells, strict=True):
        doubtful = said.field is None or (by == "heading" and said.confidence < _SURE)
        found = suggestions(values, own) if doubtful else ()
        column, source = _unless_phones(said, by, found)
        if column is not said:
            claimed.discard(said.field)
        samples = tuple(value[:_SHOWN_CHARACTERS] for value in values[:_SHOWN_VALUES])
        nobodys = column.field is None and source is None and column.heading
        sure = _sure(column.heading, values, found, claimed) if nobodys else None
        if sure is None:
            others = tuple(one for one in found if one.field != column.field)
            yield MappedColumn(column, source, samples, others)
            continue
        claimed.add(sure.field)
        fed = replace(column, field=sure.field, confidence=sure.confidence)
        others = tuple(one for one in found if one.field != sure.field)
        yield MappedColumn(fed, "content", samples, others)


def _unless_phones(column: Column, source: Source | None, found: Sequence[Suggestion]) -> _Sourced:
    """The column; nobody's where it was taken for numbers of customers, and holds some to call."""
    if column.field == "number" and any(one.field == "phone" for one in found):
        return replace(column, field=None, confidence=0.0), None
    return column, source


def _sure(
    heading: str, values: Sequence[str], found: Sequence[Suggestion], claimed: AbstractSet[str]
) -> Suggestion | None:
    """What nobody has to confirm of a column that no heading claims."""
    if not claimed & STATUS_FIELDS and (active := standing(heading, values)):
        return active
    return taken(heading, found, frozenset(claimed))
